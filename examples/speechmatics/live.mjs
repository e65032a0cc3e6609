// Transcribes and translates speech while it is being said: a recording at the pace of a microphone. The server's key
// stays here; the session gets a temporary one, as a page in a browser would.
//
//   npm install @speechmatics/real-time-client @speechmatics/auth
//   DRAGOMAN_URL=http://127.0.0.1:8090 DRAGOMAN_API_KEY=… node live.mjs speech.pcm es fr
//
// The file is PCM16, 16 kHz, mono: ffmpeg -i talk.mp3 -ar 16000 -ac 1 -f s16le speech.pcm
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { createSpeechmaticsJWT } from '@speechmatics/auth';
import { RealtimeClient } from '@speechmatics/real-time-client';

const [, , recording, ...languages] = process.argv;
const server = process.env.DRAGOMAN_URL;

const key = await createSpeechmaticsJWT({
  type: 'rt',
  apiKey: process.env.DRAGOMAN_API_KEY,
  managementPlatformURL: `${server}/v1`,
});

const client = new RealtimeClient({ url: `${server.replace('http', 'ws')}/v2` });
client.addEventListener('receiveMessage', ({ data }) => {
  if (data.message === 'AddTranscript') {
    const text = data.metadata.transcript.trim();
    if (text) console.log(`   ${text}`);
  } else if (data.message === 'AddTranslation') {
    console.log(`${data.language} ${data.results.map(({ content }) => content).join(' ')}`);
  } else if (data.message === 'Warning' || data.message === 'Error') {
    console.error(`${data.type}: ${data.reason}`);
  }
});

await client.start(key, {
  audio_format: { type: 'raw', encoding: 'pcm_s16le', sample_rate: 16000 },
  transcription_config: { language: 'en', max_delay: 2 },
  translation_config: { target_languages: languages },
});

const audio = readFileSync(recording);
const began = performance.now();
for (let sent = 0; sent < audio.length; sent += 3200) {
  await setTimeout(began + sent / 32 - performance.now());
  client.sendAudio(audio.subarray(sent, sent + 3200));
}
await client.stopRecognition();
process.exit();
