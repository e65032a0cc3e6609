// node load.mjs PORT STREAMS SECONDS: that many streams on bare WebSockets, each with a chunk of 100 ms every 100 ms, and
// how long the answers took. The first two seconds do not count.
import WebSocket from 'ws';

const [port, streams, seconds] = process.argv.slice(2).map(Number);
const WARM_UP = 2;
const NAMESPACE = '/api/realtime-translator';
const chunk = Buffer.alloc(4800);
for (let i = 0; i < 2400; i++) chunk.writeInt16LE(Math.round(8000 * Math.sin(i / 9)), 2 * i);
const frame = `42${NAMESPACE},["audio_chunk",{"audioData":"${chunk.toString('base64')}"}]`;
const latencies = [];
let [sent, answered, counting] = [0, 0, false];

function open() {
  return new Promise((connected, failed) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket&apiKey=k`, {
      perMessageDeflate: false,
    });
    const waiting = [];
    socket.on('error', failed);
    socket.on('message', (data) => {
      if (data.length > 5000) {
        const [since, counts] = waiting.shift();
        if (counts) answered += latencies.push(performance.now() - since) && 1;
      } else if (data[0] === 48) socket.send(`40${NAMESPACE},`);
      else if (data[0] === 50) socket.send('3');
      else if (data.includes('"sid"')) socket.send(`42${NAMESPACE},["translation_start",{"targetLanguage":"es"}]`);
      else if (data.includes('ready_for_audio')) connected({ socket, waiting });
    });
  });
}

const clients = [];
while (clients.length < streams) {
  const batch = Math.min(50, streams - clients.length);
  clients.push(...(await Promise.all(Array.from({ length: batch }, open))));
}

// Streams are spread evenly over the 100 ms.
let next = 0;
const began = performance.now();
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - began) / 100) * streams);
  for (; next < due; next++) {
    const { socket, waiting } = clients[next % streams];
    waiting.push([performance.now(), counting]);
    sent += counting ? 1 : 0;
    socket.send(frame);
  }
}, 1);
setTimeout(() => {
  counting = true;
  console.log('connected');
}, WARM_UP * 1000);
setTimeout(() => (counting = false), (WARM_UP + seconds) * 1000);
setTimeout(() => {
  clearInterval(timer);
  latencies.sort((a, b) => a - b);
  const at = (share) => Number((latencies[Math.floor(latencies.length * share)] ?? Infinity).toFixed(2));
  console.log(JSON.stringify({ answers: answered, lost: sent - answered, p50_ms: at(0.5), p99_ms: at(0.99) }));
  process.exit();
}, (WARM_UP + seconds) * 1000 + 500);
