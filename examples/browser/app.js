// The page's side: it talks to the backend that it came from, which holds the key.
import { io } from './client.js';
import { withScriptProcessor, withWorklet } from './microphone.js';

const show = (id, text) => (document.getElementById(id).textContent = text);
const append = (id, text) => (document.getElementById(id).textContent += text);
const [start, stop] = [document.getElementById('start'), document.getElementById('stop')];
// The modern way to the microphone, or the document's: ?scriptprocessor
const startMicrophone = location.search.includes('scriptprocessor') ? withScriptProcessor : withWorklet;

const socket = io({ transports: ['websocket'] });
let stopMicrophone = () => {};
let player;

socket.on('session_initializing', () => show('status', 'Starting…'));
socket.on('ready_for_audio', async () => {
  show('status', 'Listening');
  stopMicrophone = await startMicrophone(socket);
});
socket.on('input_transcript', ({ delta }) => append('original', delta));
socket.on('output_transcript', ({ delta }) => append('translated', delta));
socket.on('output_audio', ({ delta }) => player.play(delta));
socket.on('translation_error', ({ message }) => show('status', message));
socket.on('insufficient_tokens', ({ message }) => show('status', message));
socket.on('translation_closed', () => {
  show('status', `Ended after ${player.seconds.toFixed(1)} s of speech`);
  finish();
});
socket.on('disconnect', finish);

start.onclick = () => {
  player = makePlayer();
  show('original', '');
  show('translated', '');
  [start.disabled, stop.disabled] = [true, false];
  socket.emit('translation_start', { targetLanguage: document.getElementById('language').value });
};
stop.onclick = () => {
  stopMicrophone();
  socket.emit('translation_stop');
};

function finish() {
  stopMicrophone();
  [start.disabled, stop.disabled] = [false, true];
}

// Plays each piece when the one before it ends.
function makePlayer() {
  const context = new AudioContext({ sampleRate: 24000 });
  let free = 0;
  return {
    seconds: 0,
    play(base64) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const samples = Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / 32768);
      const buffer = context.createBuffer(1, samples.length, 24000);
      buffer.copyToChannel(samples, 0);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(context.destination);
      free = Math.max(free, context.currentTime + 0.05);
      source.start(free);
      free += buffer.duration;
      this.seconds += buffer.duration;
    },
  };
}
