"""Speechmatics realtime of ``dragoman serve`` as its clients feel it: delays of words, flicker, lag, word errors.

A real server with the embedded engines, and raw WebSocket clients on the same cores that stream the beginning of a long
recording at microphone pace, English to Spanish, with partials of both. What the clients took, and what others took, is
in the record: where others took much, the figures are theirs, too.

    .venv/bin/python bench/realtime_delay.py [--seconds 90] [--rows 2x1 1x1 4x1 2x2 2x4]
    .venv/bin/python bench/realtime_delay.py --minutes 10

A row is ``max_delay`` and how many sessions; rows already in the record and not asked for again are kept.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from typing import Any

import anyio
import jiwer
import numpy as np
import psutil
from live_face import APART, Server, machine_cpu, serving, tree_cpu
from microphone import decoded, recording
from quality_asr import Clip
from quality_delay import listen
from realtime import Delays, Log, delays, talk, transcript_erasure, translation_erasure
from record import RECORDS, write_record
from words import normalized

from dragoman.app import open_dragoman
from dragoman.core.audio import AudioChunk, join
from dragoman.core.options import RunOptions

RECORDING = "talk_en"
BATCH = {"standard": RunOptions("en", recognition="live"), "enhanced": RunOptions("en")}
"""What the batch face makes of its two models."""


def beginning(seconds: float) -> tuple[AudioChunk, str]:
    """To the end of the last turn that ends by then, so that nobody is cut short; and what is said in it."""
    turns = [line.split(maxsplit=6) for line in recording(RECORDING).with_suffix(".stm").read_text().splitlines()]
    said = [turn for turn in turns if turn[0][:2] != ";;" and float(turn[4]) <= seconds]
    end = max(float(turn[4]) for turn in said)
    return anyio.run(decoded, recording(RECORDING), end), " ".join(turn[6] for turn in said)


def wer(reference: str, heard: Sequence[str]) -> dict[str, Any]:
    found = jiwer.process_words([normalized(reference)] * len(heard), [normalized(each) for each in heard])
    return {"wer": round(found.wer, 4), "words": len(heard) * len(normalized(reference).split())}


def start(max_delay: float, rate: int) -> dict[str, Any]:
    return {
        "audio_format": {"type": "raw", "encoding": "pcm_s16le", "sample_rate": rate},
        "transcription_config": {
            "language": "en", "enable_partials": True, "max_delay": max_delay, "max_delay_mode": "fixed",
        },
        "translation_config": {"target_languages": ["es"], "enable_partials": True},
    }  # fmt: skip


def play(server: Server, audio: AudioChunk, max_delay: float, sessions: int) -> tuple[list[Log], dict[str, Any]]:
    """So many sessions at once, and what worked meanwhile."""
    logs: list[Log] = []

    async def one(number: int) -> None:
        url = server.url.replace("http", "ws", 1)
        logs.append(await talk(url, server.key, start(max_delay, audio.sample_rate), audio, number * APART))

    async def all_of_them() -> None:
        async with anyio.create_task_group() as group:
            for number in range(sessions):
                group.start_soon(one, number)

    load, machine, began = os.getloadavg()[0], machine_cpu(), time.monotonic()
    before = tree_cpu(server), time.process_time()
    anyio.run(all_of_them)
    lasted = time.monotonic() - began
    cores = {"server": (tree_cpu(server) - before[0]) / lasted, "client": (time.process_time() - before[1]) / lasted}
    cores["others"] = (machine_cpu() - machine) / lasted - sum(cores.values())
    loads = {"load_before": round(load, 2), "load_after": round(os.getloadavg()[0], 2)}
    return logs, loads | {f"{who}_cores": round(each, 2) for who, each in cores.items()}


def spread(seconds: Sequence[float | None]) -> dict[str, Any]:
    """Of the words that have one; the others are counted."""
    there = [each for each in seconds if each is not None]
    found: dict[str, Any] = {"words": len(there), "without": len(seconds) - len(there)}
    if there:
        found |= {f"{name}_ms": round(1000 * float(np.percentile(there, at))) for name, at in PERCENTILES.items()}
        found["max_ms"] = round(1000 * max(there))
    return found


PERCENTILES = {"p5": 5, "p25": 25, "median": 50, "p75": 75, "p95": 95}


def measured(logs: Sequence[Log], max_delay: float, reference: str) -> dict[str, Any]:
    each = [delays(log) for log in logs]
    every = [word for one in each for word in one]
    late = [word.final - max_delay for word in every if word.final > max_delay]
    return {
        "max_delay": max_delay,
        "sessions": len(logs),
        "partial": spread([word.partial for word in every]),
        "final": spread([word.final for word in every]),
        "translation": spread([word.translation for word in every]),
        "late_share": round(len(late) / len(every), 4),
        "latest_ms": round(1000 * max(late, default=0.0)),
        "erasure": {
            "transcript": round(float(np.mean([transcript_erasure(log) for log in logs])), 3),
            "translation": round(float(np.mean([translation_erasure(log) for log in logs])), 3),
        },
        "slope_ms_per_minute": [round(slope(one)) for one in each],
        "tail_ms": [round(1000 * (log.got[-1][0] - log.ended)) for log in logs],
        "behind_ms": [round(1000 * log.behind) for log in logs],
        "live": wer(reference, [log.text() for log in logs]),
        "warnings": sorted({message["type"] for log in logs for _, message in log.of("Warning")}),
    }


def slope(words: Sequence[Delays]) -> float:
    """Milliseconds by which the delay of finals grows in a minute, by a straight line through them."""
    return 60_000 * float(np.polyfit([word.end for word in words], [word.final for word in words], 1)[0])


async def in_batch(audio: AudioChunk, reference: str) -> dict[str, Any]:
    step = audio.sample_rate
    chunks = [audio.slice(first, first + step) for first in range(0, audio.samples, step)]
    clip = Clip(RECORDING, "longform", RECORDING, recording(RECORDING), reference)
    async with open_dragoman() as dragoman:
        return {
            name: wer(reference, [(await listen(dragoman, clip, chunks, options)).text])
            for name, options in BATCH.items()
        }


def rows(server: Server, wanted: Sequence[tuple[float, int]], seconds: dict[int, float]) -> None:
    """Each is recorded when it is over: others may not come to an end."""
    path = RECORDS / "realtime_delay.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["results"] if path.exists() else {"rows": []}
    audio, reference = beginning(seconds[1])
    batch = anyio.run(in_batch, audio, reference)
    print("batch", batch, flush=True)
    for max_delay, sessions in wanted:
        audio, reference = beginning(seconds[min(sessions, 2)])
        logs, worked = play(server, audio, max_delay, sessions)
        row = {"seconds": round(audio.samples / audio.sample_rate, 1), **measured(logs, max_delay, reference), **worked}
        others = [each for each in kept["rows"] if (each["max_delay"], each["sessions"]) != (max_delay, sessions)]
        kept = {"recording": RECORDING, "batch": batch, "rows": [*others, row]}
        print(json.dumps(row), flush=True)
        print("record:", write_record("realtime_delay", kept), flush=True)


def soak(server: Server, minutes: float) -> None:
    """One session for so long, with the recording again and again."""
    whole = anyio.run(decoded, recording(RECORDING))
    times = int(60 * minutes * whole.sample_rate // whole.samples) + 1
    audio = join([whole] * times).slice(0, round(60 * minutes * whole.sample_rate))
    logs, worked = play(server, audio, 2, 1)
    found = measured(logs, 2, "nothing")
    del found["live"]
    words = [[round(word.end, 1), round(1000 * word.final)] for word in delays(logs[0])]
    print(json.dumps(found | worked), flush=True)
    print("record:", write_record("realtime_delay_soak", {"minutes": minutes, **found, **worked, "words": words}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--rows", nargs="+", default=["2x1", "1x1", "4x1", "2x2", "2x4"], metavar="DELAYxSESSIONS")
    parser.add_argument("--minutes", type=float, help="measure only the lag of one session over so many minutes")
    options = parser.parse_args()
    wanted = [(float(delay), int(sessions)) for delay, _, sessions in (row.partition("x") for row in options.rows)]
    print("load", os.getloadavg(), "cores", psutil.cpu_count(), flush=True)
    with serving(LIVE_SESSIONS="8", LIVE_SESSIONS_PER_ACCOUNT="8") as server:
        if options.minutes:
            soak(server, options.minutes)
        else:
            rows(server, wanted, {1: options.seconds, 2: options.seconds * 2 / 3})


if __name__ == "__main__":
    main()
