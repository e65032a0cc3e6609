"""What it costs that no word waits: word error rate of live finals by ``max_delay``, beside whole recognition.

The same clips and counting as quality_asr.py. Audio is fed as fast as it is taken: which words become final with which
depends on the audio alone. ``cpu`` is CPU seconds for a second of audio, of everything: what lies behind a cut is heard
again.

    .venv/bin/python bench/quality_delay.py

Reads speech/ and longform/ of the shared data (DRAGOMAN_SHARED_DATA); writes bench/records/quality_delay.json.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import anyio
import jiwer
from quality_asr import Clip, clips, decoded
from record import write_record
from words import normalized

from dragoman.app import Dragoman, open_dragoman
from dragoman.core.audio import AudioChunk
from dragoman.core.events import FinalTranscript
from dragoman.core.options import RunOptions
from dragoman.hosts.governor import cpu_seconds

VARIANTS = {
    "whole": RunOptions("en"),
    "live": RunOptions("en", recognition="live"),
    **{f"{delay:g}": RunOptions("en", recognition="live", max_delay=delay) for delay in (4.0, 2.0, 1.0, 0.7)},
}
"""By ``max_delay`` in seconds; ``live`` has none."""


@dataclass(frozen=True)
class Heard:
    clip: Clip
    text: str
    finals: int


async def listen(dragoman: Dragoman, clip: Clip, chunks: Sequence[AudioChunk], options: RunOptions) -> Heard:
    async with dragoman.open_run(options) as run, anyio.create_task_group() as group:

        async def speak() -> None:
            async with run.input:
                for chunk in chunks:
                    await run.input.send(chunk)

        group.start_soon(speak)
        finals = [event.sentence.text async for event in run.events if isinstance(event, FinalTranscript)]
    return Heard(clip, " ".join(finals), len(finals))


def errors(heard: Sequence[Heard]) -> dict[str, Any]:
    output = jiwer.process_words(
        [normalized(one.clip.reference) for one in heard], [normalized(one.text) for one in heard]
    )
    return {
        "wer": round(output.wer, 4),
        "substitutions": output.substitutions,
        "deletions": output.deletions,
        "insertions": output.insertions,
        "finals": sum(one.finals for one in heard),
    }


def results(heard: Sequence[Heard]) -> dict[str, Any]:
    by_corpus = {corpus: list(group) for corpus, group in groupby(heard, lambda one: one.clip.corpus)}
    kinds = {kind: [one for one in heard if one.clip.kind == kind] for kind in ("clips", "longform")}
    return {
        "overall": {**{kind: errors(those) for kind, those in kinds.items()}, "all": errors(heard)},
        "corpora": {corpus: errors(those) for corpus, those in by_corpus.items()},
    }


async def main() -> None:
    chosen = [clip for clip in clips() if clip.kind in ("clips", "longform")]
    audio = [await decoded(clip.path) for clip in chosen]
    seconds = sum(chunks[-1].end_time for chunks in audio)
    found: dict[str, Any] = {"seconds": round(seconds, 1), "variants": {}}
    async with open_dragoman() as dragoman:
        for name, options in VARIANTS.items():
            before = cpu_seconds()
            heard = [await listen(dragoman, clip, one, options) for clip, one in zip(chosen, audio, strict=True)]
            found["variants"][name] = {
                **results(heard),
                "cpu": round((cpu_seconds() - before) / seconds, 3),
            }
            print(name, found["variants"][name]["overall"]["all"], flush=True)
    print("record:", write_record("quality_delay", found))


if __name__ == "__main__":
    anyio.run(main)
