"""The run log: when audio arrived and when each event came, from which every latency figure is computed.

Opt-in, because it holds what was said. One JSON object a line, times in seconds: ``wall`` since the log was opened, on
the clock handed in, ``heard`` in audio received so far::

    {"kind": "audio", "wall": 0.021, "heard": 0.02}
    {"kind": "event", "event": "FinalTranslation", "wall": 3.31, "heard": 3.28, "language": "es", "text": "Hola.",
     "start_time": 0.42, "end_time": 2.87}

The same log can be written for the field's scorers: :func:`to_simulstream` (FBK simulstream 1.0, also read by
OmniSTEval) and :func:`to_omnisteval` (SimulEval's instance lines, OmniSTEval's default).
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dragoman.core.audio import AudioChunk
from dragoman.core.events import (
    EndOfUtterance,
    Event,
    FinalTranscript,
    FinalTranslation,
    PartialTranscript,
    SentenceSpoken,
    SynthesizedAudio,
)
from dragoman.core.transcript import Sentence, Translation, join_items


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the log; fields that do not apply are None and not written."""

    kind: Literal["audio", "event"]
    wall: float
    heard: float
    event: str | None = None
    language: str | None = None
    text: str | None = None
    start_time: float | None = None
    end_time: float | None = None

    def to_json(self) -> str:
        fields = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(fields, ensure_ascii=False)


class RunLog:
    """Writes the log of one run: tell it of every chunk sent and every event received, at that moment."""

    def __init__(self, write: Callable[[Record], None], now: Callable[[], float]) -> None:
        """``now`` is a monotonic clock in seconds."""
        self._write = write
        self._now = now
        self._opened = now()
        self._heard = 0.0

    def audio(self, chunk: AudioChunk) -> None:
        self._heard = chunk.end_time
        self._write(Record("audio", self._wall(), self._heard))

    def event(self, event: Event) -> None:
        self._write(Record("event", self._wall(), self._heard, type(event).__name__, **_described(event)))

    def _wall(self) -> float:
        return round(self._now() - self._opened, 6)


def _described(event: Event) -> dict[str, Any]:
    match event:
        case FinalTranscript(Sentence() as said):
            return {"language": said.language, "text": said.text, **_times(said.start_time, said.end_time)}
        case FinalTranslation(Translation() as meant):
            return {"language": meant.language, "text": meant.content, **_times(meant.start_time, meant.end_time)}
        case PartialTranscript(words, _, start_time, end_time):
            return {"text": join_items(words), **_times(start_time, end_time)}
        case EndOfUtterance(time):
            return {"end_time": time}
        case SynthesizedAudio(language, audio):
            return {"language": language, **_times(audio.start_time, audio.end_time)}
        case SentenceSpoken(spoken):
            return {"language": spoken.language, **_times(spoken.source_start_time, spoken.source_end_time)}
        case _:
            return {}


def _times(start_time: float, end_time: float) -> dict[str, float]:
    return {"start_time": start_time, "end_time": end_time}


def read_log(lines: Iterable[str]) -> Iterator[Record]:
    for line in lines:
        yield Record(**json.loads(line))


class Arrivals:
    """When each moment of the audio arrived."""

    def __init__(self, records: Iterable[Record]) -> None:
        arrivals = [record for record in records if record.kind == "audio"]
        self._heard = [record.heard for record in arrivals]
        self._walls = [record.wall for record in arrivals]

    def wall(self, time: float) -> float:
        """Wall time at which the sample at ``time`` seconds of the source had arrived."""
        index = min(bisect_left(self._heard, time), len(self._heard) - 1)
        return self._walls[index]


def to_simulstream(records: Iterable[Record], language: str, source: str) -> Iterator[dict[str, Any]]:
    """Lines of a simulstream metric log for the final translations to ``language``; ``source`` names the audio file.

    To be read with ``detokenizer_type: simuleval`` and ``latency_unit: word``.
    ``computation_time`` is the wall time from the arrival of the last audio heard to the emission.
    """
    records = list(records)
    arrivals = Arrivals(records)
    yield {"id": 0, "metadata": {"wav_name": source}}
    for record in _translations(records, language):
        yield {
            "id": 0,
            "total_audio_processed": record.heard,
            "computation_time": record.wall - arrivals.wall(record.heard),
            "generated_tokens": (record.text or "").split(),
            "deleted_tokens": [],
        }


def to_omnisteval(records: Iterable[Record], language: str, source: str) -> dict[str, Any]:
    """The instance line for the final translations to ``language``: per word the audio heard (``delays``) and the wall
    time since the first sample was spoken (``elapsed``), milliseconds. A chunk arrives when its last sample has been
    spoken."""
    records = list(records)
    audio = [record for record in records if record.kind == "audio"]
    begin = audio[0].wall - audio[0].heard if audio else 0.0
    words = [(word, record) for record in _translations(records, language) for word in (record.text or "").split()]
    return {
        "index": 0,
        "prediction": " ".join(word for word, _ in words),
        "delays": [1000 * record.heard for _, record in words],
        "elapsed": [1000 * (record.wall - begin) for _, record in words],
        "source_length": 1000 * (audio[-1].heard if audio else 0.0),
        "source": [source],
    }


def _translations(records: Iterable[Record], language: str) -> Iterator[Record]:
    return (record for record in records if record.event == "FinalTranslation" and record.language == language)
