// Node's own Socket.IO server, doing the same: each chunk decoded, encoded and sent back.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
new Server(http, { transports: ['websocket'] }).of('/api/realtime-translator').on('connection', (socket) => {
  socket.on('translation_start', () => socket.emit('ready_for_audio'));
  socket.on('audio_chunk', ({ audioData }) => {
    const pcm = Buffer.from(audioData, 'base64');
    socket.emit('output_audio', { delta: pcm.toString('base64') });
  });
});
http.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
