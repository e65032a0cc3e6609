"""Batch speed and memory: a long recording through `dragoman translate`, beside one plain pocketsphinx loop.

The recording is made of the English clips, one after another with short pauses, until it is long enough. The plain
loop decodes the same segments with pocketsphinx's defaults, one after the other on one core, in the same run.

    .venv/bin/python bench/batch_speed.py [--minutes 30] [--no-plain]
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
import psutil
from pocketsphinx import Decoder
from record import SHARED_DATA, write_record

from dragoman.core.audio import SAMPLE_WIDTH, SPEECH_RATE, AudioChunk, join, silence
from dragoman.engines import registry
from dragoman.media.decode import open_media
from dragoman.pipeline.segment import Segmenter, SegmentOptions, Speech, SpeechEnd

PAUSE = 0.6
"""Seconds between two clips."""


def make_recording(path: Path, minutes: float) -> float:
    """Returns its length in seconds."""
    manifest = [json.loads(line) for line in (SHARED_DATA / "speech" / "manifest.jsonl").open()]
    paths = [SHARED_DATA / clip["file"] for clip in manifest if clip["language"] == "en"]
    clips = [clip.pcm + silence(PAUSE, SPEECH_RATE).pcm for clip in anyio.run(decoded, paths)]
    written = 0
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SPEECH_RATE, 0, "NONE", ""))
        for clip in itertools.cycle(clips):
            if written >= minutes * 60 * SPEECH_RATE:
                return written / SPEECH_RATE
            file.writeframes(clip)
            written += len(clip) // SAMPLE_WIDTH
    raise AssertionError


async def decoded(paths: Sequence[Path]) -> list[AudioChunk]:
    clips = []
    for path in paths:
        async with open_media(path) as media:
            clips.append(join([chunk async for chunk in media]))
    return clips


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


def through_dragoman(recording: Path, out: Path) -> tuple[float, int]:
    """Wall seconds and peak bytes."""
    command = [str(Path(sys.executable).with_name("dragoman")), "translate", str(recording)]
    begin = time.monotonic()
    with subprocess.Popen(
        [*command, "--from", "en", "--to", "es", "--out", str(out)], stdout=subprocess.DEVNULL
    ) as run:
        memory = PeakMemory(run.pid)
        run.wait()
        peak = memory.stop()
    assert run.returncode == 0, run.returncode
    return time.monotonic() - begin, peak


def segments(recording: Path) -> Iterator[AudioChunk]:
    """What the pipeline recognises, found the same way."""
    plugin = registry.find(registry.VOICE_ACTIVITY, "silero").plugin()
    info, stream = plugin.describe(), plugin.load().open_stream()
    segmenter = Segmenter(SegmentOptions(), frame_samples=info.frame_samples, sample_rate=SPEECH_RATE)
    frames = 16 * info.frame_samples
    pieces: list[AudioChunk] = []
    with wave.open(str(recording)) as file:
        position = 0
        while pcm := file.readframes(frames):
            audio = AudioChunk(pcm, SPEECH_RATE, position / SPEECH_RATE)
            position += audio.samples
            probabilities = stream.accept(audio)
            for stretch in segmenter.push(audio.slice(0, len(probabilities) * info.frame_samples), probabilities):
                if isinstance(stretch, Speech):
                    pieces.append(stretch.audio)
                elif isinstance(stretch, SpeechEnd):
                    yield join(pieces)
                    pieces = []


def plain_loop(recording: Path) -> float:
    """Wall seconds of one default decoder over the same segments."""
    audio = list(segments(recording))
    decoder = Decoder(loglevel="FATAL")
    begin = time.monotonic()
    for segment in audio:
        decoder.start_utt()
        decoder.process_raw(segment.pcm, full_utt=True)
        decoder.end_utt()
    return time.monotonic() - begin


def main(minutes: float, *, plain: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "recording.wav"
        seconds = make_recording(recording, minutes)
        print(f"{seconds / 60:.1f} minutes", flush=True)
        wall, peak = through_dragoman(recording, Path(folder) / "out")
        results = {
            "audio_seconds": round(seconds, 1),
            "dragoman": {
                "seconds": round(wall, 1),
                "times_real_time": round(seconds / wall, 2),
                "peak_memory_mb": round(peak / 1e6),
            },
        }
        print(results, flush=True)
        if plain:
            alone = plain_loop(recording)
            results["plain_pocketsphinx_loop"] = {
                "seconds": round(alone, 1),
                "times_real_time": round(seconds / alone, 2),
            }
            results["dragoman_over_plain"] = round(alone / wall, 2)
    print(results)
    print("record:", write_record(f"batch_speed_{minutes:g}min", results))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--plain", action=argparse.BooleanOptionalAction, default=True)
    arguments = parser.parse_args()
    main(arguments.minutes, plain=arguments.plain)
