// One recording with the npm library @speechmatics/batch-client: prints what it gets as one JSON object.
//
// node batch_client.mjs '{"url": "http://127.0.0.1:8090", "key": "...", "audio": "speech.wav"}'
//
// What else a plan may hold: "config" (the job's), "fetch" (an address in place of the audio), "format".
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BatchClient } from '@speechmatics/batch-client';

const plan = JSON.parse(process.argv[2]);
const client = new BatchClient({ apiKey: plan.key, appId: 'test', apiUrl: plan.url });
const said = {};
try {
  const audio = plan.fetch ? { url: plan.fetch } : new File([await readFile(plan.audio)], basename(plan.audio));
  const config = { transcription_config: { language: 'en' }, ...plan.config };
  said.result = await client.transcribe(audio, config, plan.format ?? 'json-v2', 60_000);
  const { jobs } = await client.listJobs({ limit: 1 });
  said.job = (await client.getJob(jobs[0].id)).job;
  said.features = await client.getFeatureDiscovery();
  said.deleted = (await client.deleteJob(jobs[0].id)).job.status;
  said.left = (await client.listJobs()).jobs.length;
} catch (error) {
  said.ended = error.name;
  said.because = error.message;
  said.answer = error.response;
}
console.log(JSON.stringify(said));
