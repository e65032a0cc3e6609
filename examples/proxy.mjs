// A backend that holds the API key, so that the browser never sees it, and serves the page in browser/.
//
//   npm install && DRAGOMAN_URL=http://127.0.0.1:8090 DRAGOMAN_API_KEY=… node proxy.mjs 3000
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

const client = createRequire(import.meta.url).resolve('socket.io-client/package.json');
const page = new URL('browser/', import.meta.url);
const FILES = {
  '/': [new URL('index.html', page), 'text/html'],
  '/app.js': [new URL('app.js', page), 'text/javascript'],
  '/microphone.js': [new URL('microphone.js', page), 'text/javascript'],
  '/worklet.js': [new URL('worklet.js', page), 'text/javascript'],
  '/client.js': [client.replace('package.json', 'dist/socket.io.esm.min.js'), 'text/javascript'],
};

const server = createServer(async (request, response) => {
  const file = FILES[request.url.split('?')[0]];
  if (!file) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': `${file[1]}; charset=utf-8` }).end(await readFile(file[0]));
});

new Server(server).on('connection', (browserSocket) => {
  const socket = io(`${process.env.DRAGOMAN_URL}/api/realtime-translator`, {
    transports: ['websocket'],
    query: { apiKey: process.env.DRAGOMAN_API_KEY },
  });
  // Proxy events between the browser client and the translation API
  browserSocket.on('translation_start', (data) => socket.emit('translation_start', data));
  browserSocket.on('audio_chunk', (chunk) => socket.emit('audio_chunk', chunk));
  browserSocket.on('translation_stop', () => socket.emit('translation_stop'));
  socket.on('output_audio', (data) => browserSocket.emit('output_audio', data));
  socket.on('output_transcript', (data) => browserSocket.emit('output_transcript', data));
  socket.on('input_transcript', (data) => browserSocket.emit('input_transcript', data));

  const status = ['session_initializing', 'translation_ready', 'ready_for_audio', 'translation_closed'];
  for (const event of [...status, 'translation_error', 'insufficient_tokens']) {
    socket.on(event, (data) => browserSocket.emit(event, data));
  }
  socket.on('connect_error', ({ message }) => browserSocket.emit('translation_error', { message }));
  socket.on('disconnect', () => browserSocket.disconnect());
  browserSocket.on('disconnect', () => socket.disconnect());
});

server.listen(Number(process.argv[2] ?? 3000), '127.0.0.1');
