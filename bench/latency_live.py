"""Live latency: from the last frame of speech to the first translated audio, at microphone pace.

The pipeline's figures come from its run log; beside it, in the same run, a bare loop calls the same engines directly:
no stages, no processes, no channels. Each file is played to both, one after the other.

    .venv/bin/python bench/latency_live.py [--seconds 60]
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import pairwise

import anyio
from microphone import FILES, decoded, recording, silence_wait_ms, spoken_into, summary
from record import write_record

from dragoman.app import open_dragoman
from dragoman.core.audio import SPEECH_RATE, AudioChunk
from dragoman.core.options import RunOptions
from dragoman.engines import registry
from dragoman.engines.asr import RecognizerOptions
from dragoman.pipeline.runlog import Arrivals, Record, RunLog
from dragoman.pipeline.segment import Segmenter, SegmentOptions, Speech, SpeechEnd

CHUNK = 0.02
"""Seconds of audio a microphone hands over at a time."""
OPTIONS = RunOptions("en", ("es",), speak=("es",), recognition="live", partials=True)


@dataclass
class Latencies:
    """Seconds from the arrival of the last speech sample, one entry per utterance that said something."""

    transcript: list[float] = field(default_factory=list)
    translation: list[float] = field(default_factory=list)
    audio: list[float] = field(default_factory=list)

    def extend(self, others: "Latencies") -> None:
        self.transcript += others.transcript
        self.translation += others.translation
        self.audio += others.audio


async def through_pipeline(audio: list[AudioChunk]) -> list[Record]:
    records: list[Record] = []
    async with open_dragoman() as dragoman, dragoman.open_run(OPTIONS) as run, anyio.create_task_group() as group:
        log = RunLog(records.append, time.monotonic)
        started = anyio.Event()

        async def speak() -> None:
            await started.wait()
            begin = time.monotonic()
            async with run.input:
                for chunk in audio:
                    await anyio.sleep(max(0.0, begin + chunk.end_time - time.monotonic()))
                    log.audio(chunk)
                    await run.input.send(chunk)

        group.start_soon(speak)
        async for event in run.events:
            log.event(event)
            started.set()
    return records


def latencies(records: list[Record]) -> Latencies:
    """Utterance by utterance: its events are those after the one before and up to the next."""
    arrivals = Arrivals(records)
    found = Latencies()
    ends = [index for index, record in enumerate(records) if record.event == "EndOfUtterance"]
    for here, after in pairwise([*ends, len(records)]):
        spoken = arrivals.wall(records[here].end_time or 0.0)
        before = ends[ends.index(here) - 1] if here != ends[0] else 0
        transcripts = [record for record in records[before:here] if record.event == "FinalTranscript"]
        if not transcripts:
            continue
        audio = first(records[before:after], "SynthesizedAudio", transcripts[0].start_time)
        translation = first(records[before:after], "FinalTranslation", transcripts[0].start_time)
        if audio is None or translation is None:
            continue
        found.transcript.append(transcripts[0].wall - spoken)
        found.translation.append(translation.wall - spoken)
        found.audio.append(audio.wall - spoken)
    return found


def first(records: list[Record], event: str, start_time: float | None) -> Record | None:
    """The first event of a kind after the translation of the sentence that starts at ``start_time``."""
    seen = False
    for record in records:
        seen = seen or (record.event == "FinalTranslation" and record.start_time == start_time)
        if seen and record.event == event:
            return record
    return None


def bare_loop(audio: list[AudioChunk]) -> list[float]:
    """The same engines and the same segmentation, called directly and in turn."""
    engines = Bare()
    spoken: list[float] = []
    begin = time.monotonic()
    arrived: list[float] = []
    for chunk in audio:
        time.sleep(max(0.0, begin + chunk.end_time - time.monotonic()))
        arrived.append(time.monotonic())
        for end in engines.hear(chunk):
            index = min(round(end / CHUNK + 0.499), len(arrived)) - 1
            spoken.append(time.monotonic() - arrived[index])
    return spoken


class Bare:
    def __init__(self) -> None:
        detector = registry.find(registry.VOICE_ACTIVITY, "silero")
        info = detector.describe()
        self.detector = detector.plugin().load().open_stream()
        recognizer = registry.find(registry.RECOGNIZERS, "pocketsphinx").plugin().load()
        self.recognizer = recognizer.open_stream(RecognizerOptions("en"))
        self.translator = registry.find(registry.TRANSLATORS, "apertium").plugin().load()
        synthesizer = registry.find(registry.SYNTHESIZERS, "espeak")
        self.voice = next(voice.name for voice in synthesizer.describe().voices if voice.language == "es")
        self.synthesizer = synthesizer.plugin().load()
        self.translator.prepare("en", "es")
        self.synthesizer.prepare(self.voice)
        self.frame = info.frame_samples
        self.segmenter = Segmenter(SegmentOptions(), frame_samples=self.frame, sample_rate=SPEECH_RATE)
        self.pending = AudioChunk(b"", SPEECH_RATE)

    def hear(self, chunk: AudioChunk) -> Iterator[float]:
        """Yields where speech ended, when the first translated audio of that utterance is there."""
        probabilities = self.detector.accept(chunk)
        whole = AudioChunk(self.pending.pcm + chunk.pcm, SPEECH_RATE, self.pending.start_time)
        judged = len(probabilities) * self.frame
        self.pending = whole.slice(judged, whole.samples)
        for stretch in self.segmenter.push(whole.slice(0, judged), probabilities):
            if isinstance(stretch, Speech):
                self.recognizer.accept(stretch.audio)
            elif isinstance(stretch, SpeechEnd):
                words = self.recognizer.finish()
                if words:
                    (text,) = self.translator.translate([" ".join(word.content for word in words)], "en", "es")
                    for _ in self.synthesizer.synthesize(text, self.voice):
                        yield stretch.time
                        break


async def main(seconds: float) -> None:
    ours, bare = Latencies(), []
    for name in FILES:
        audio = spoken_into(CHUNK, await decoded(recording(name), seconds))
        found = latencies(await through_pipeline(audio))
        bare += bare_loop(audio)
        ours.extend(found)
        print(f"{name}: median {1000 * statistics.median(found.audio):.0f} ms to the first audio", flush=True)
    results = {
        "silence_wait_ms": silence_wait_ms(OPTIONS),
        "pipeline": {stage: summary(seconds) for stage, seconds in asdict(ours).items()},
        "bare_loop": {"audio": summary(bare)},
    }
    print("record:", write_record("latency_live", results))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of each file")
    anyio.run(main, parser.parse_args().seconds)
