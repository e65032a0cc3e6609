"""Voices: words that a recogniser mishears, CPU per second of speech, CPU before the first sound.

Every installed voice engine speaks the same sentences of each language that it can, with its default voice. Whisper
base, used through faster-whisper, writes down what it hears (int8, greedy, the language given), and its words are
compared with those of the sentences. That ranks voices; it is no listening test. Names in the news cost even a person
some words, so no voice reaches 0.

    .venv/bin/python bench/quality_tts.py [--sentences 12] [--languages en,es] [--engines kokoro,pico] [--show]

English sentences are transcripts of speech/, others lines of mt/ntrex200.tsv of the shared data
(DRAGOMAN_SHARED_DATA), all without digits. Needs the model whisper:base; writes bench/records/quality_tts.json.
"""

import argparse
import csv
import json
import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jiwer
import numpy as np
import soxr
from numpy.typing import NDArray
from pypinyin import lazy_pinyin
from record import RECORDS, SHARED_DATA, write_record

from dragoman.core.audio import join
from dragoman.core.language import best_match
from dragoman.engines import catalogue, routing
from dragoman.engines.routing import Installed
from dragoman.engines.tts import Synthesizer, SynthesizerInfo
from dragoman.hosts.governor import cpu_seconds

LANGUAGES = ("en", "de", "es", "fr", "it", "pt", "zh", "ja", "hi")

NOT_SCORED = {"hi"}
"""Whisper base writes Hindi in Latin letters."""

BY_CHARACTER = {"ja"}

COLUMNS = {"zh": "cmn"}
"""Names in the shared data."""

RATE = 16_000
PACKED = 27
"""Seconds of speech that the recogniser hears at once: less than its window."""

BETWEEN = np.zeros(RATE // 2, np.float32)

Samples = NDArray[np.float32]


@dataclass
class Spoken:
    """What one engine made of one sentence."""

    text: str
    samples: Samples
    cpu: float
    first: float
    """CPU seconds until its first chunk."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--engines", default="")
    parser.add_argument("--show", action="store_true", help="print what was heard")
    given = parser.parse_args()
    listener = Listener()
    engines = [
        engine
        for engine in routing.survey().synthesizers
        if not given.engines or engine.info.name.partition(":")[0] in given.engines.split(",")
    ]
    results = []
    for language in given.languages.split(","):
        texts = sentences(language, given.sentences)
        for engine in engines:
            if best_match(language, [voice.language for voice in engine.info.voices]) is not None:
                results.append(measure(engine, language, texts, listener, show=given.show))
                print(told(results[-1]), flush=True)
    write_record("quality_tts", {"recognizer": "whisper:base, faster-whisper", "voices": together(results)})


def together(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Earlier results of other languages and engines stay: all of them take half an hour."""
    path = RECORDS / "quality_tts.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["results"]["voices"] if path.exists() else []
    rows = {(row["language"], row["engine"], row["sentences"]): row for row in [*kept, *results]}
    return sorted(rows.values(), key=lambda row: (row["language"], row["wrong"] is None, row["wrong"]))


def sentences(language: str, count: int) -> list[str]:
    """Without digits, of 6 to 30 words (15 to 80 characters where words are not parted), as they come in the data."""
    found = [text for text in dict.fromkeys(_texts(language)) if not re.search(r"\d", text) and _fits(text, language)]
    return found[:count]


def _texts(language: str) -> Iterator[str]:
    if language == "en":
        with (SHARED_DATA / "speech" / "manifest.jsonl").open(encoding="utf-8") as file:
            for clip in map(json.loads, file):
                if clip["language"] == "en" and clip["transcript_style"] == "cased_punct":
                    yield re.sub(r"<[^>]*>|\[[^\]]*\]", "", clip["transcript"]).strip()
    with (SHARED_DATA / "mt" / "ntrex200.tsv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield line[COLUMNS.get(language, language)]


def _fits(text: str, language: str) -> bool:
    return 15 <= len(text) <= 80 if language in {"zh", "ja"} else 6 <= len(text.split()) <= 30


def measure(
    engine: Installed[Synthesizer, SynthesizerInfo],
    language: str,
    texts: list[str],
    listener: "Listener",
    *,
    show: bool,
) -> dict[str, Any]:
    """``texts`` spoken with the default voice of the language."""
    _, voice = routing.speaker(_alone(engine), language)
    loaded = engine.ref.plugin().load(engine.ref.model)
    try:
        loaded.prepare(voice.name)
        list(loaded.synthesize(texts[0], voice.name))  # the first run of a graph allocates its memory
        spoken = [speak(loaded, engine.info, voice.name, text) for text in texts]
    finally:
        close = getattr(loaded, "close", None)
        if close is not None:
            close()
    heard = listener.hear([each.samples for each in spoken], language) if language not in NOT_SCORED else None
    if show and heard is not None:
        print(
            "\n".join(
                f"    said  {text}\n    heard {answer}"
                for text, answer in zip(packed_texts(spoken), heard, strict=True)
            )
        )
    seconds = sum(len(each.samples) for each in spoken) / RATE
    samples = np.concatenate([each.samples for each in spoken])
    return {
        "language": language,
        "engine": engine.info.name,
        "voice": voice.name,
        "sentences": len(texts),
        "wrong": None if heard is None else round(wrong(packed_texts(spoken), heard, language), 3),
        "unit": "syllables" if language == "zh" else "characters" if language in BY_CHARACTER else "words",
        "seconds": round(seconds, 1),
        "level_dbfs": round(float(20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-9)), 1),
        "cpu_per_second": round(sum(each.cpu for each in spoken) / seconds, 4),
        "first_audio_cpu_ms": round(1000 * float(np.median([each.first for each in spoken])), 1),
    }


def _alone(engine: Installed[Synthesizer, SynthesizerInfo]) -> routing.Survey:
    return routing.Survey((), (), (), (engine,), (), ())


def speak(loaded: Synthesizer, info: SynthesizerInfo, voice: str, text: str) -> Spoken:
    """CPU is that of this process and its children; the clock of children ticks in hundredths of a second."""
    before = cpu_seconds()
    chunks, first = [], 0.0
    for chunk in loaded.synthesize(text, voice):
        first = first or cpu_seconds() - before
        chunks.append(chunk.audio)
    cpu = cpu_seconds() - before
    pcm = np.frombuffer(join(chunks).pcm, np.int16).astype(np.float32) / 32768
    return Spoken(text, soxr.resample(pcm, info.sample_rate, RATE), cpu, first)


def packs(lengths: Sequence[int]) -> Iterator[slice]:
    """Consecutive sentences that fit into one window."""
    begin, total = 0, 0
    for index, length in enumerate(lengths):
        if index > begin and total + length > PACKED * RATE:
            yield slice(begin, index)
            begin, total = index, 0
        total += length + len(BETWEEN)
    yield slice(begin, len(lengths))


def packed_texts(spoken: Sequence[Spoken]) -> list[str]:
    return [" ".join(each.text for each in spoken[pack]) for pack in packs([len(each.samples) for each in spoken])]


class Listener:
    """Whisper base, as its users run it."""

    def __init__(self) -> None:
        from faster_whisper import WhisperModel  # noqa: PLC0415  slow to import

        folder = catalogue.locate("whisper:base").folder
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(self, clips: Sequence[Samples], language: str) -> list[str]:
        return [
            self._transcript(np.concatenate([part for clip in clips[pack] for part in (clip, BETWEEN)]), language)
            for pack in packs([len(clip) for clip in clips])
        ]

    def _transcript(self, samples: Samples, language: str) -> str:
        segments, _ = self._model.transcribe(
            samples, language=language, beam_size=1, temperature=0.0, condition_on_previous_text=False
        )
        return " ".join(segment.text for segment in segments)


def wrong(said: Sequence[str], heard: Sequence[str], language: str) -> float:
    """Share of the words that were misheard: of the characters in Japanese, of toneless syllables in Chinese, since
    Whisper answers in traditional characters."""
    pairs = [(_comparable(one, language), _comparable(other, language)) for one, other in zip(said, heard, strict=True)]
    return float(jiwer.wer([one for one, _ in pairs], [other for _, other in pairs]))


def _comparable(text: str, language: str) -> str:
    text = unicodedata.normalize("NFKC", text.lower()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    text = "".join(letter if unicodedata.category(letter)[0] in "LNM" or letter == "'" else " " for letter in text)
    if language == "zh":
        return " ".join(lazy_pinyin(text.replace(" ", "")))
    return " ".join(text.replace(" ", "")) if language in BY_CHARACTER else " ".join(text.split())


def told(result: dict[str, Any]) -> str:
    share = "not scored" if result["wrong"] is None else f"{result['wrong']:.3f} of {result['unit']} wrong"
    return (
        f"{result['language']:3} {result['engine']:24} {result['voice']:18} n={result['sentences']:3} {share:30}"
        f" {result['cpu_per_second']:7.4f} CPU s/s, first audio {result['first_audio_cpu_ms']:7.1f} CPU ms,"
        f" {result['seconds']:6.1f} s, {result['level_dbfs']} dBFS"
    )


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"{time.perf_counter() - started:.0f} s")
