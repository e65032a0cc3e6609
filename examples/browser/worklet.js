// Cuts the microphone's signal into chunks of 100 ms of PCM16.
const SAMPLES = 2400;

registerProcessor(
  'chunks',
  class extends AudioWorkletProcessor {
    chunk = new Int16Array(SAMPLES);
    filled = 0;

    process([[samples]]) {
      for (const sample of samples ?? []) {
        this.chunk[this.filled++] = Math.max(-32768, Math.min(32767, sample * 32768));
        if (this.filled === SAMPLES) {
          this.port.postMessage(this.chunk.buffer, [this.chunk.buffer]);
          this.chunk = new Int16Array(SAMPLES);
          this.filled = 0;
        }
      }
      return true;
    }
  },
);
