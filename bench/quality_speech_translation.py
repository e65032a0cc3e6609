"""Speech into English: what the pipeline gives, and Whisper's own translation of the audio, against human English.

The pipeline takes a text translator where one reads the language, and Whisper's translation where none does. Clips with
an English reference are few (FLEURS 5 a language, IWSLT autodub 18), so differences below 5 points mean nothing.

    .venv/bin/python bench/quality_speech_translation.py

Reads speech/ of the shared data (DRAGOMAN_SHARED_DATA); writes bench/records/quality_speech_translation.json.
"""

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import anyio
import sacrebleu
from record import SHARED_DATA, write_record

from dragoman.app import Dragoman, open_dragoman
from dragoman.core.audio import AudioChunk, join
from dragoman.core.events import FinalTranslation
from dragoman.core.options import RunOptions
from dragoman.engines import registry
from dragoman.engines.speech_translation import SpeechTranslator
from dragoman.media.decode import open_media
from dragoman.media.resample import resampled


def clips() -> dict[tuple[str, str], list[tuple[Path, str]]]:
    """Return file and English reference of each clip, by language and corpus."""
    lines = (SHARED_DATA / "speech" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    found = defaultdict(list)
    for entry in map(json.loads, lines):
        english = entry.get("translations", {}).get("en")
        if english and entry["language"] != "en":
            found[entry["language"], entry["corpus"]].append((SHARED_DATA / entry["file"], english))
    return dict(found)


async def decoded(path: Path) -> AudioChunk:
    async with open_media(path) as media:
        return join([chunk async for chunk in media])


async def translated(dragoman: Dragoman, audio: AudioChunk, language: str) -> str:
    options = RunOptions(language, ("en",))
    async with dragoman.open_run(options) as run, anyio.create_task_group() as group:

        async def speak() -> None:
            async with run.input:
                await run.input.send(audio)

        group.start_soon(speak)
        events = [event async for event in run.events]
    return " ".join(event.translation.content for event in events if isinstance(event, FinalTranslation))


async def main() -> None:
    results: list[dict[str, Any]] = []
    (ref,) = registry.find(registry.SPEECH_TRANSLATORS, "whisper").with_models()[:1]
    whisper: SpeechTranslator = ref.plugin().load(ref.model)
    async with open_dragoman() as dragoman:
        routes = {(pair.source, pair.target): pair for pair in dragoman.capabilities.translated}
        for (language, corpus), own in clips().items():
            audio = [await decoded(path) for path, _ in own]
            references = [english for _, english in own]
            before = time.process_time()
            direct = [whisper.translate_speech(resampled(chunk, 16_000), language, "en") for chunk in audio]
            seconds = sum(chunk.duration for chunk in audio)
            cost = (time.process_time() - before) / seconds
            pipeline = [await translated(dragoman, chunk, language) for chunk in audio]
            results.append(
                {
                    "language": language,
                    "corpus": corpus,
                    "clips": len(own),
                    "seconds": round(seconds, 1),
                    "route": list(routes[language, "en"].engines),
                    "pipeline": scores(pipeline, references),
                    "from_the_audio": scores(direct, references),
                    "cpu_seconds_per_second": round(cost, 3),
                }
            )
            print(results[-1])
    print(write_record("quality_speech_translation", {"languages": results}))


def scores(texts: list[str], references: list[str]) -> dict[str, float]:
    return {
        "chrf": round(sacrebleu.corpus_chrf(texts, [references]).score, 1),
        "bleu": round(sacrebleu.corpus_bleu(texts, [references]).score, 1),
    }


if __name__ == "__main__":
    anyio.run(main)
