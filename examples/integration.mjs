// The complete integration example of the Realtime Translation API, unchanged but for host and key. Below it stands
// what it leaves open: a "microphone" that is a file, and what becomes of the results.
//
//   DRAGOMAN_URL=http://127.0.0.1:8090 DRAGOMAN_API_KEY=… node integration.mjs speech.pcm translated.pcm
//
// Both files are PCM16, 24 kHz, mono: ffmpeg -i talk.mp3 -ar 24000 -ac 1 -f s16le speech.pcm
import { io } from 'socket.io-client';

const socket = io(`${process.env.DRAGOMAN_URL}/api/realtime-translator`, {
  transports: ['websocket'],
  query: { apiKey: process.env.DRAGOMAN_API_KEY },
});

// ─── Listen for server events ───────────────────────────────────────
socket.on('session_initializing', () => {
  console.log('Session is being prepared...');
});
socket.on('translation_ready', () => {
  console.log('Session connected. Waiting for activation...');
});
socket.on('ready_for_audio', () => {
  console.log('Ready! Start streaming audio chunks now.');
  startMicrophone(); // begin capturing and sending audio
});
socket.on('output_audio', ({ delta }) => {
  // delta is a base64-encoded PCM16 audio chunk
  playAudioChunk(atob(delta));
});
socket.on('output_transcript', ({ delta }) => {
  // Append translated text delta to your UI
  appendToTranscript('translated', delta);
});
socket.on('input_transcript', ({ delta }) => {
  // Append recognized source speech to your UI
  appendToTranscript('original', delta);
});
socket.on('translation_closed', () => {
  console.log('Session ended.');
  stopMicrophone();
});
socket.on('translation_error', ({ message }) => {
  console.error('Error:', message);
  stopMicrophone();
});
socket.on('insufficient_tokens', ({ message, remainingTokens }) => {
  console.warn('Out of tokens:', message, 'remaining:', remainingTokens);
  stopMicrophone();
  showUpgradePrompt();
});

// ─── Start a session ────────────────────────────────────────────────
socket.emit('translation_start', { targetLanguage: 'es' });

// ─── Stream audio chunks ────────────────────────────────────────────
function onAudioData(pcm16Base64) {
  socket.emit('audio_chunk', { audioData: pcm16Base64 });
}

// ─── Stop the session ───────────────────────────────────────────────
function stopSession() {
  socket.emit('translation_stop');
}

// ═══ What the document leaves open ══════════════════════════════════
const [, , speech, translated] = process.argv;
const transcripts = { original: '', translated: '' };
const played = [];
let microphone;

async function startMicrophone() {
  const { readFileSync } = await import('node:fs');
  const audio = readFileSync(speech);
  const began = performance.now();
  let sent = 0;
  microphone = setInterval(() => {
    const heard = Math.min(audio.length, Math.floor((performance.now() - began) / 100) * 4800);
    for (; sent < heard; sent += 4800) onAudioData(audio.subarray(sent, sent + 4800).toString('base64'));
    if (sent >= audio.length) {
      clearInterval(microphone);
      stopSession();
    }
  }, 50);
}

async function stopMicrophone() {
  clearInterval(microphone);
  socket.disconnect();
  const { writeFileSync } = await import('node:fs');
  writeFileSync(translated, Buffer.concat(played));
  console.log(transcripts);
}

function playAudioChunk(bytes) {
  played.push(Buffer.from(bytes, 'latin1'));
}

function appendToTranscript(which, delta) {
  transcripts[which] += delta;
}

function showUpgradePrompt() {
  console.warn('dragoman accounts grant NAME TOKENS');
}
