"""How long a batch job takes, from sending it to holding its transcript, beside the plain engines one after another.

``dragoman serve`` with the embedded engines gets a recording as a job, once with one target and once with five. *Plain*
is what a script would do, in this process, after everything is loaded: one pocketsphinx decoder with its defaults over
the same segments, then Apertium's pipes over what it understood, one target after the other, one sentence at a time.
A clip of ten seconds is sent with ``wait`` again and again, and goes through the same script in turns.

    .venv/bin/python bench/job_speed.py [--minutes 5] [--rounds 7]
"""

import argparse
import json
import statistics
import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
from batch_speed import make_recording
from live_face import Server, serving
from pocketsphinx import Decoder
from quality_mt import Bare
from record import write_record

from dragoman.core.audio import SPEECH_RATE, AudioChunk, join
from dragoman.engines import registry
from dragoman.pipeline.segment import Segmenter, SegmentOptions, Speech, SpeechEnd

TARGETS: tuple[tuple[str, ...], ...] = (("es",), ("es", "ca", "gl", "fr", "pt"))
VIA = {"es": "en es", "ca": "en ca", "gl": "en gl", "fr": "en es fr", "pt": "en es pt"}
"""The roads that routing finds."""
CLIP = 10.0
"""Seconds"""
WAIT = 120
"""Seconds that the server holds back an answer at most."""


def config(targets: Sequence[str]) -> str:
    asked = {"language": "en", "model": "enhanced"}
    translation = {"target_languages": list(targets)}
    return json.dumps({"type": "transcription", "transcription_config": asked, "translation_config": translation})


def segments(recording: Path) -> Iterator[AudioChunk]:
    """Find the utterances that the pipeline recognises, the same way."""
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


class Plain:
    """The engines by themselves."""

    def __init__(self) -> None:
        self._decoder = Decoder(loglevel="FATAL")
        self._bare = Bare()

    def work(self, recording: Path, targets: Sequence[str]) -> None:
        texts = [self._understood(segment.pcm) for segment in segments(recording)]
        for target in targets:
            for text in texts:
                for source, onward in pairwise(VIA[target].split()):
                    (text,) = self._bare.translate([text], source, onward)  # noqa: PLW2901  hop after hop

    def _understood(self, pcm: bytes) -> str:
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return found.hypstr if found else ""


def job(client: httpx2.Client, recording: Path, targets: Sequence[str]) -> None:
    """Sends it and gets its transcript."""
    with recording.open("rb") as file:
        files = {"data_file": (recording.name, file), "config": (None, config(targets))}
        answer = client.post("/v2/jobs", params={"wait": WAIT}, files=files).raise_for_status().json()
    while answer["status"] == "created":
        shown = client.get(f"/v2/jobs/{answer['id']}", params={"wait": WAIT}).raise_for_status().json()["job"]
        if shown["status"] == "done":
            answer = client.get(f"/v2/jobs/{answer['id']}/transcript").raise_for_status().json()
            assert set(answer["translations"]) == set(targets), answer["translations"].keys()
            return
        assert shown["status"] == "running", shown
    assert answer["status"] == "done", answer


def seconds(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def beginning(recording: Path, lasts: float) -> Path:
    path = recording.with_name("clip.wav")
    with wave.open(str(recording)) as whole, wave.open(str(path), "wb") as clip:
        clip.setparams(whole.getparams())
        clip.writeframes(whole.readframes(round(lasts * whole.getframerate())))
    return path


def long_ones(client: httpx2.Client, plain: Plain, recording: Path, lasts: float) -> list[dict[str, Any]]:
    rows = []
    for targets in TARGETS:
        ours = seconds(lambda: job(client, recording, targets))  # noqa: B023  called at once
        alone = seconds(lambda: plain.work(recording, targets))  # noqa: B023  called at once
        row = {"targets": len(targets), "seconds": round(ours, 1), "plain_seconds": round(alone, 1)}
        row |= {"times_real_time": round(lasts / ours, 2), "plain_times_real_time": round(lasts / alone, 2)}
        rows.append({**row, "ours_over_plain": round(alone / ours, 2)})
        print(rows[-1], flush=True)
    return rows


def short_one(client: httpx2.Client, plain: Plain, clip: Path, rounds: int) -> dict[str, Any]:
    ours, alone = [], []
    for _ in range(rounds):
        ours.append(seconds(lambda: job(client, clip, TARGETS[0])))
        alone.append(seconds(lambda: plain.work(clip, TARGETS[0])))
    return {
        "rounds": rounds,
        "median_s": round(statistics.median(ours), 2),
        "least_s": round(min(ours), 2),
        "most_s": round(max(ours), 2),
        "plain_median_s": round(statistics.median(alone), 2),
    }


def measure(server: Server, recording: Path, lasts: float, rounds: int) -> dict[str, Any]:
    plain, clip = Plain(), beginning(recording, CLIP)
    with httpx2.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}, timeout=WAIT + 30
    ) as client:
        for targets in TARGETS:  # loads on either side what the first would wait for
            job(client, clip, targets)
            plain.work(clip, targets)
        short = short_one(client, plain, clip, rounds)
        print(short, flush=True)
        return {"audio_seconds": round(lasts, 1), "long": long_ones(client, plain, recording, lasts), "short": short}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        recording = Path(folder) / "recording.wav"
        lasts = make_recording(recording, options.minutes).seconds
        print("record:", write_record("job_speed", measure(server, recording, lasts, options.rounds)))


if __name__ == "__main__":
    main()
