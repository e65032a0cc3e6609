// node live_face.mjs PLAN: sessions that stream recordings at the pace of a microphone, and starts one after another, with
// the npm client. Prints one JSON object: when each chunk was sent and when each event came, in milliseconds.
//
//   {"url", "key", "sessions": [{"pcm", "after_ms"}], "starts": null | {"count", "every_ms", "after_ms"}}
//
// Sessions stop at the end of their recording; with starts the program ends after the last of them.
import { readFileSync } from 'node:fs';
import { io } from 'socket.io-client';

const CHUNK = 4800; // bytes in 100 ms
const plan = JSON.parse(process.argv[2]);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function connect() {
  return new Promise((connected, failed) => {
    const socket = io(`${plan.url}/api/realtime-translator`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      query: { apiKey: plan.key },
    });
    socket.on('connect', () => connected(socket));
    socket.on('connect_error', failed);
  });
}

const next = (socket, names) =>
  new Promise((got) => {
    const listen = (name, payload) => {
      if (!names.includes(name)) return;
      socket.offAny(listen);
      got([name, payload]);
    };
    socket.onAny(listen);
  });

const samples = (base64) => (Buffer.byteLength(base64, 'base64')) / 2;

async function session({ pcm, after_ms }) {
  const audio = readFileSync(pcm);
  await sleep(after_ms);
  const socket = await connect();
  const found = { started: performance.now(), ready: null, sent: [], events: [], stopped: null, closed: null };
  socket.onAny((name, payload) => {
    const what = name === 'output_audio' ? samples(payload.delta) : (payload?.delta ?? payload?.code ?? null);
    found.events.push([name, performance.now(), what]);
  });
  const closed = next(socket, ['translation_closed']);
  const ready = next(socket, ['ready_for_audio']);
  socket.emit('translation_start', { targetLanguage: 'es' });
  await ready;
  found.ready = performance.now();
  for (let sent = 0; sent < audio.length; sent += CHUNK) {
    // A chunk is complete, and goes, when its last sample has been spoken.
    await sleep(found.ready + (Math.min(audio.length, sent + CHUNK) / CHUNK) * 100 - performance.now());
    socket.emit('audio_chunk', { audioData: audio.toString('base64', sent, sent + CHUNK) });
    found.sent.push(performance.now());
  }
  socket.emit('translation_stop');
  found.stopped = performance.now();
  await closed;
  found.closed = performance.now();
  socket.disconnect();
  return found;
}

async function starts({ count, every_ms, after_ms }) {
  await sleep(after_ms);
  const socket = await connect();
  const found = [];
  for (let i = 0; i < count; i++) {
    const answer = next(socket, ['ready_for_audio', 'translation_error']);
    const began = performance.now();
    socket.emit('translation_start', { targetLanguage: 'es' });
    const [name, payload] = await answer;
    found.push([payload?.code ?? name, performance.now() - began]);
    if (name === 'ready_for_audio') {
      const closed = next(socket, ['translation_closed']);
      socket.emit('translation_stop');
      await closed;
    }
    await sleep(every_ms);
  }
  return found;
}

const running = plan.sessions.map(session);
const found = plan.starts
  ? { sessions: [], starts: await starts(plan.starts) }
  : { sessions: await Promise.all(running), starts: [] };
process.stdout.write(JSON.stringify({ ...found, cpu_s: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 }), () =>
  process.exit(),
);
