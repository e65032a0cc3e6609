// One session with the npm client: prints what it gets, one JSON line per message, then how it ended.
//
//   node rt_client.mjs '{"url": "ws://127.0.0.1:8090/v2", "key": "…", "audio": "speech.wav"}'
import { readFileSync } from 'node:fs';
import { createSpeechmaticsJWT } from '@speechmatics/auth';
import { RealtimeClient } from '@speechmatics/real-time-client';

const plan = JSON.parse(process.argv[2]);
const say = (message) => console.log(JSON.stringify(message));

function configuration() {
  const config = { transcription_config: { language: 'en', ...plan.transcription } };
  if (plan.format) config.audio_format = { type: 'raw', ...plan.format, chunk_size: undefined };
  if (plan.translation) config.translation_config = plan.translation;
  return config;
}

async function transcribe() {
  const client = new RealtimeClient({ url: plan.url, appId: plan.app });
  const closed = new Promise((resolve) =>
    client.addEventListener('socketStateChange', ({ socketState }) => socketState === 'closed' && resolve()),
  );
  client.addEventListener('receiveMessage', ({ data }) => say(data));
  const key = plan.management
    ? await createSpeechmaticsJWT({ type: 'rt', apiKey: plan.key, ttl: plan.ttl, managementPlatformURL: `${plan.management}/v1` })
    : plan.key;
  await client.start(key, configuration());
  const audio = readFileSync(plan.audio);
  const chunk = plan.format?.chunk_size ?? 4096;
  for (let sent = 0; sent < audio.length; sent += chunk) client.sendAudio(audio.subarray(sent, sent + chunk));
  if (plan.speakers) await client.getSpeakers();
  await client.stopRecognition();
  await closed;
}

try {
  await transcribe();
  say({ ended: 'well' });
} catch (error) {
  say({ ended: error.type ?? error.name ?? 'error event', because: error.message });
}
process.exit(); // the client's timers would hold it for ten seconds more
