"""Batch speed and memory: recognition beside faster-whisper's batched pipeline, and a whole job.

The recording is made of the English clips (without the deliberate stammering), one after another with short pauses,
until it is long enough.

- Recognition alone: Dragoman's pipeline, whole, and faster-whisper's batched pipeline on the same weights, in turns on
  all cores. Both start from decoded samples, and both find the speech by themselves.
- A whole job: ``dragoman translate --to es``.

    .venv/bin/python bench/batch_speed.py [--minutes 30] [--rounds 2] [--no-peer]

On two idle cores half an hour of recording takes about ten minutes, three hours without the peer about twenty.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import anyio
import jiwer
import psutil
from asr_systems import MODEL, Peer, Pipeline, cpu_seconds, decoded, samples
from record import SHARED_DATA, write_record
from words import normalized

from dragoman.core.audio import SAMPLE_WIDTH, SPEECH_RATE, AudioChunk, join, silence

PAUSE = 0.6
"""Seconds between two clips."""


@dataclass(frozen=True)
class Recording:
    path: Path
    seconds: float
    reference: str


def make_recording(path: Path, minutes: float) -> Recording:
    manifest = [json.loads(line) for line in (SHARED_DATA / "speech" / "manifest.jsonl").open()]
    clips = [clip for clip in manifest if clip["language"] == "en" and not clip["id"].startswith("en_mfa_")]
    audio = [clip.pcm + silence(PAUSE, SPEECH_RATE).pcm for clip in anyio.run(_decoded, clips)]
    written, said = 0, []
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SPEECH_RATE, 0, "NONE", ""))
        for clip, pcm in itertools.cycle(list(zip(clips, audio, strict=True))):
            if written >= minutes * 60 * SPEECH_RATE:
                break
            file.writeframes(pcm)
            written += len(pcm) // SAMPLE_WIDTH
            said.append(normalized(clip["transcript"]))
    return Recording(path, written / SPEECH_RATE, " ".join(said))


async def _decoded(clips: Sequence[dict[str, Any]]) -> list[AudioChunk]:
    return [join(await decoded(SHARED_DATA / clip["file"])) for clip in clips]


class PeakMemory:
    """Peak of a process and its children together: proportional set size, so that shared pages count once."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._process = psutil.Process(pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._done.set()
        self._thread.join()
        return self.bytes

    def _watch(self) -> None:
        while not self._done.wait(0.5):
            try:
                family = [self._process, *self._process.children(recursive=True)]
                self.bytes = max(self.bytes, sum(member.memory_full_info().pss for member in family))
            except psutil.Error:
                continue


def whole_job(recording: Recording, out: Path) -> dict[str, Any]:
    command = [str(Path(sys.executable).with_name("dragoman")), "translate", str(recording.path)]
    begin, before = time.monotonic(), _cpu_of_children()
    with subprocess.Popen(
        [*command, "--from", "en", "--to", "es", "--out", str(out)], stdout=subprocess.DEVNULL
    ) as run:
        memory = PeakMemory(run.pid)
        run.wait()
        peak = memory.stop()
    assert run.returncode == 0, run.returncode
    wall = time.monotonic() - begin
    return {
        "seconds": round(wall, 1),
        "times_real_time": round(recording.seconds / wall, 2),
        "cpu_seconds": round(_cpu_of_children() - before, 1),
        "peak_memory_mb": round(peak / 1e6),
    }


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def recognition(recording: Recording, rounds: int) -> dict[str, Any]:
    """Both systems in turns. A first short call of each, not counted, loads what is loaded late."""
    audio = await decoded(recording.path)
    found: dict[str, list[dict[str, float]]] = {"dragoman": [], "peer": []}
    async with Pipeline(MODEL) as ours:
        peer = Peer(threads=len(os.sched_getaffinity(0)))

        async def of_ours(chunks: list[AudioChunk]) -> str:
            return (await ours.texts([chunks], ["en"], "whole", at_once=1))[0]

        async def of_peer(chunks: list[AudioChunk]) -> str:
            return peer.batched(samples(chunks), "en")

        for listen in (of_ours, of_peer):
            await listen(audio[:50])
        for _ in range(rounds):
            for system, listen in (("dragoman", of_ours), ("peer", of_peer)):
                began, before = time.monotonic(), cpu_seconds()
                text = await listen(audio)
                wall, cpu = time.monotonic() - began, cpu_seconds() - before
                rate = jiwer.wer(recording.reference, normalized(text))
                found[system].append({"seconds": round(wall, 1), "cpu_seconds": round(cpu, 1), "wer": round(rate, 4)})
                print(system, found[system][-1], flush=True)
    return _compared(recording.seconds, found)


def _compared(seconds: float, found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Medians of the rounds. Ratios are above 1 where Dragoman takes less."""
    medians = {
        system: {key: median(each[key] for each in rounds) for key in rounds[0]} for system, rounds in found.items()
    }
    ours, peer = medians["dragoman"], medians["peer"]
    return {
        "model": MODEL,
        "rounds": found,
        **{
            system: {**figures, "times_real_time": round(seconds / figures["seconds"], 2)}
            for system, figures in medians.items()
        },
        "wall_over_peer": round(peer["seconds"] / ours["seconds"], 2),
        "cpu_over_peer": round(peer["cpu_seconds"] / ours["cpu_seconds"], 2),
    }


def main(minutes: float, rounds: int, *, peer: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        recording = make_recording(Path(folder) / "recording.wav", minutes)
        print(f"{recording.seconds / 60:.1f} minutes", flush=True)
        results: dict[str, Any] = {"audio_seconds": round(recording.seconds, 1)}
        results["dragoman"] = whole_job(recording, Path(folder) / "out")
        print("whole job", results["dragoman"], flush=True)
        if peer:
            results["recognition"] = anyio.run(recognition, recording, rounds)
    print(json.dumps(results, indent=2))
    print("record:", write_record(f"batch_speed_{minutes:g}min", results))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peer", action=argparse.BooleanOptionalAction, default=True)
    arguments = parser.parse_args()
    main(arguments.minutes, arguments.rounds, peer=arguments.peer)
