// Runs sessions on a server with the npm client, all at once, and prints what each gets, one JSON line per event:
// [session, seconds since the start of the program, event, payload].
//
//   node sessions.mjs '{"url": "http://127.0.0.1:8090", "sessions": [{"options": {"query": {"apiKey": "…"}},
//     "start": {"targetLanguage": "es"}, "pcm": "speech.pcm"}]}'
//
// A session streams its file of PCM16 at 24 kHz at the pace of a microphone, then stops; without "stop" it goes on.
import { readFileSync } from 'node:fs';
import { io } from 'socket.io-client';

const CHUNK = 4800; // bytes in 100 ms
const plan = JSON.parse(process.argv[2]);
const began = performance.now();

plan.sessions.forEach((session, who) => {
  const say = (event, payload) =>
    console.log(JSON.stringify([who, (performance.now() - began) / 1000, event, payload ?? null]));
  const socket = io(`${plan.url}${session.namespace ?? '/api/realtime-translator'}`, {
    transports: ['websocket'],
    reconnection: false,
    ...session.options,
  });
  const audio = session.pcm ? readFileSync(session.pcm) : Buffer.alloc(0);
  let timer;
  socket.onAny(say);
  socket.on('connect', () => socket.emit('translation_start', session.start));
  socket.on('ready_for_audio', () => {
    const ready = performance.now();
    let sent = 0;
    timer = setInterval(() => {
      const due = Math.min(audio.length, Math.floor((performance.now() - ready) / 100) * CHUNK);
      for (; sent < due; sent += CHUNK) {
        socket.emit('audio_chunk', { audioData: audio.subarray(sent, sent + CHUNK).toString('base64') });
      }
      if (sent >= audio.length) {
        clearInterval(timer);
        say('(stop)');
        socket.emit('translation_stop');
      }
    }, 20);
  });
  socket.on('translation_closed', () => socket.disconnect());
  socket.on('translation_error', () => timer ?? socket.disconnect());
  socket.on('connect_error', (error) => {
    say('connect_error', { message: error.message, data: error.data });
    socket.disconnect();
  });
  socket.on('disconnect', (reason) => {
    clearInterval(timer);
    say('disconnect', { reason });
  });
});
