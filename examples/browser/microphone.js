// Two ways from the microphone to audio_chunk events. Both return a function that stops.

// The snippet of the Realtime Translation API's document, unchanged. ScriptProcessor is deprecated, and works.
export async function withScriptProcessor(socket) {
  // Capture PCM16 audio from the browser microphone
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const audioContext = new AudioContext({ sampleRate: 24000 });
  const source = audioContext.createMediaStreamSource(stream);
  const processor = audioContext.createScriptProcessor(4096, 1, 1);
  processor.onaudioprocess = (e) => {
    const float32 = e.inputBuffer.getChannelData(0);
    // Convert Float32 → Int16 PCM
    const int16 = new Int16Array(float32.length);
    for (let i = 0; i < float32.length; i++) {
      int16[i] = Math.max(-32768, Math.min(32767, float32[i] * 32768));
    }
    // Base64-encode and send
    const base64 = btoa(String.fromCharCode(...new Uint8Array(int16.buffer)));
    socket.emit('audio_chunk', { audioData: base64 });
  };
  source.connect(processor);
  processor.connect(audioContext.destination);
  return () => release(stream, audioContext);
}

// The same with an AudioWorklet: off the page's own thread, in chunks of 100 ms, without base64.
export async function withWorklet(socket) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const audioContext = new AudioContext({ sampleRate: 24000 });
  await audioContext.audioWorklet.addModule('worklet.js');
  const chunks = new AudioWorkletNode(audioContext, 'chunks', { numberOfOutputs: 0 });
  chunks.port.onmessage = ({ data }) => socket.emit('audio_chunk', { audioData: data });
  audioContext.createMediaStreamSource(stream).connect(chunks);
  return () => release(stream, audioContext);
}

function release(stream, audioContext) {
  for (const track of stream.getTracks()) track.stop();
  if (audioContext.state !== 'closed') audioContext.close();
}
