"""One recording with the library speechmatics-batch: prints what it gets as one JSON object, or how it failed.

python batch_client.py '{"url": "http://127.0.0.1:8090/v2", "key": "...", "audio": "speech.wav"}'

What else a plan may hold: "asynchronous", "transcription" (its configuration, by the fields of the library's class),
"beside" (whether to ask for everything else, too), "translation" (languages), "fetch" (an address in place of the
audio), "wait", "management" (address at which the client makes itself a temporary key).
"""

import asyncio
import inspect
import json
import sys
import warnings

from speechmatics.batch import (
    AsyncClient,
    AutoChaptersConfig,
    Client,
    FetchData,
    FormatType,
    JobConfig,
    JobType,
    JWTAuth,
    OutputConfig,
    SentimentAnalysisConfig,
    SummarizationConfig,
    TopicDetectionConfig,
    TranscriptionConfig,
    TranslationConfig,
)
from speechmatics.batch._models import TrackingConfig

BESIDE = {
    "tracking": TrackingConfig(title="title", reference="reference", tags=["tag"]),
    "output_config": OutputConfig(srt_overrides={"max_lines": 1}),
    "summarization_config": SummarizationConfig(),
    "sentiment_analysis_config": SentimentAnalysisConfig(),
    "topic_detection_config": TopicDetectionConfig(topics=["Sports"]),
    "auto_chapters_config": AutoChaptersConfig(),
}


def configuration(plan):
    translation = TranslationConfig(target_languages=plan["translation"]) if "translation" in plan else None
    return JobConfig(
        type=JobType.TRANSCRIPTION,
        transcription_config=TranscriptionConfig(**{"language": "en"} | plan.get("transcription", {})),
        translation_config=translation,
        fetch_data=FetchData(url=plan["fetch"]) if "fetch" in plan else None,
        **(BESIDE if plan.get("beside") else {}),
    )


async def done(result):
    """Of either client."""
    return await result if inspect.isawaitable(result) else result


async def work(client, plan):
    audio = None if "fetch" in plan else plan["audio"]
    job = await done(client.submit_job(audio, config=configuration(plan), wait=plan.get("wait")))
    found = {"submitted": job.status.value, "with_it": job.transcript is not None}
    transcript = await done(client.wait_for_completion(job.id, polling_interval=0.5))
    info = await done(client.get_job_info(job.id))
    found |= {
        "id": job.id,
        "text": transcript.transcript_text,
        "translations": transcript.translations,
        "status": info.status.value,
        "config": info.config.to_dict(),
        "srt": await done(client.get_transcript(job.id, format_type=FormatType.SRT)),
        "listed": [each.id for each in await done(client.list_jobs(limit=10))],
    }
    await done(client.delete_job(job.id))
    found["left"] = [each.id for each in await done(client.list_jobs())]
    return found


async def asynchronous(plan, access):
    async with AsyncClient(**access) as client:
        return await work(client, plan)


def synchronous(plan, access):
    with Client(**access) as client:
        try:
            work(client, plan).send(None)  # nothing in it waits
        except StopIteration as end:
            return end.value


warnings.simplefilter("ignore")
plan = json.loads(sys.argv[1])
credential = (
    {"auth": JWTAuth(plan["key"], mp_url=plan["management"])} if "management" in plan else {"api_key": plan["key"]}
)
access = {"url": plan["url"], **credential}
try:
    said = asyncio.run(asynchronous(plan, access)) if plan["asynchronous"] else synchronous(plan, access)
except Exception as error:  # noqa: BLE001  whatever the library raises is what its user sees
    said = {"ended": type(error).__name__, "because": str(error)}
print(json.dumps(said))
