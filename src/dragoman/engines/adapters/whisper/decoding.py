"""Windows of audio to words with times: greedy first, and again with more care where the answer looks wrong."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dragoman.engines.adapters.whisper.features import LONGEST, Floats
from dragoman.engines.adapters.whisper.pieces import Task
from dragoman.engines.adapters.whisper.weights import Aligned, Decoded, Weights

_UNSURE: Final = -1.0
"""Mean log-probability below which a text is decoded again (openai/whisper, ``transcribe.py``)."""
_SILENT: Final = 0.6
"""Probability of silence above which an unsure text is taken for noise (same source)."""
_NOISE: Final = 0.9
"""Probability of silence above which a text is noise unless the decoder is sure of it."""
_SURE: Final = -0.5
_REPETITIVE: Final = 2.4
"""Compression ratio of a text that repeats itself (same source)."""
_LOOP: Final = 4
"""Times in a row that the same tokens are a loop."""

_TOKENS_PER_SECOND: Final = 14
"""Fastest speech, in tokens of the least favoured languages; what is longer is a loop."""
_TOKENS_AT_LEAST: Final = 24

_CAREFUL_BEAM: Final = 5
_ZERO_WIDTH_SPACE: Final = "\u200b"
"""Whisper puts it into translations from Japanese."""
_NO_REPEAT: Final = 4
"""Tokens in a row that the last attempt never says twice."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One word of a window."""

    text: str
    start: float
    """Seconds from the beginning of the window."""
    end: float
    probability: float
    """Mean over its tokens."""


@dataclass(frozen=True, slots=True)
class Care:
    """How much work a decoding may be."""

    context: float
    """Seconds that the encoder hears at least; what is missing is silence."""
    beam: int = 1
    again: bool = True
    """Whether a doubtful answer is decoded again, up to twice at the price of the whole context."""


@dataclass(frozen=True, slots=True)
class _Answer:
    decoded: Decoded
    encoded: Any
    index: int
    """Of the window among those that were encoded together."""


class Decoder:
    """Decodes with one model; holds no state between calls."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def words(self, windows: Sequence[Floats], code: str, care: Care, prompt: str = "") -> list[list[TimedWord]]:
        """Recognise windows together. Returns the words of each; none where nobody speaks."""
        answers = self._answers(windows, code, "transcribe", care, prompt)
        timed: list[list[TimedWord]] = [[] for _ in windows]
        for batch in {id(answer.encoded): answer.encoded for answer in answers if answer}.values():
            own = {number: answer for number, answer in enumerate(answers) if answer and answer.encoded is batch}
            placed = self._timed([windows[number] for number in own], list(own.values()), code)
            timed_here = dict(zip(own, placed, strict=True))
            timed = [timed_here.get(number, words) for number, words in enumerate(timed)]
        return timed

    def text(self, window: Floats, code: str, task: Task, care: Care) -> str:
        """Decode one window to plain text; empty where nobody speaks."""
        (answer,) = self._answers([window], code, task, care, "")
        text = self._weights.pieces.text(answer.decoded.tokens) if answer else ""
        return text.replace(_ZERO_WIDTH_SPACE, "").strip()

    def languages(self, window: Floats, care: Care) -> dict[str, float]:
        """Return the probability of each language code."""
        return self._weights.languages(self._encoded([window], care.context))[0]

    def _answers(
        self, windows: Sequence[Floats], code: str, task: Task, care: Care, prompt: str
    ) -> list[_Answer | None]:
        encoded = self._encoded(windows, care.context)
        start = self._weights.pieces.prompt(code, task, prompt)
        most = max(_most_tokens(window) for window in windows)
        decoded = self._weights.decode(encoded, [start] * len(windows), beam=care.beam, most=most)
        answers: list[_Answer | None] = []
        for index, (window, first) in enumerate(zip(windows, decoded, strict=True)):
            answer = _Answer(first, encoded, index)
            if care.again and not self._noise(first) and self._doubtful(first):
                answer = self._again(window, start, answer)
            answers.append(None if self._noise(answer.decoded) or not answer.decoded.tokens else answer)
        return answers

    def _again(self, window: Floats, prompt: Sequence[int], first: _Answer) -> _Answer:
        """Decode a doubtful window with the whole context, then also forbidding repetition. Returns the best of all.

        Upstream samples at rising temperatures instead; the same audio would then give another text each time."""
        encoded = self._encoded([window], LONGEST)
        tried = [first]
        for no_repeat in (0, _NO_REPEAT):
            (decoded,) = self._weights.decode(
                encoded, [prompt], beam=_CAREFUL_BEAM, no_repeat=no_repeat, most=_most_tokens(window)
            )
            tried.append(_Answer(decoded, encoded, 0))
            if not self._doubtful(decoded):
                return tried[-1]
        return max(tried, key=lambda answer: (not self._repeats(answer.decoded), answer.decoded.average))

    def _encoded(self, windows: Sequence[Floats], context: float) -> Any:
        return self._weights.encode(self._weights.log_mel.batch(windows, context))

    def _doubtful(self, decoded: Decoded) -> bool:
        return decoded.average < _UNSURE or self._repeats(decoded)

    @staticmethod
    def _noise(decoded: Decoded) -> bool:
        return (decoded.silence > _SILENT and decoded.average < _UNSURE) or (
            decoded.silence > _NOISE and decoded.average < _SURE
        )

    def _repeats(self, decoded: Decoded) -> bool:
        text = self._weights.pieces.text(decoded.tokens).encode()
        return bool(text) and (len(text) / len(zlib.compress(text)) > _REPETITIVE or loops(decoded.tokens))

    def _timed(self, windows: Sequence[Floats], answers: Sequence[_Answer], code: str) -> list[list[TimedWord]]:
        """Time the answers of windows that were encoded together. The rest of that batch is given no text."""
        pieces, encoded = self._weights.pieces, answers[0].encoded
        texts: list[list[int]] = [[] for _ in range(encoded.shape[0])]
        frames = [2] * encoded.shape[0]
        for window, answer in zip(windows, answers, strict=True):
            texts[answer.index] = [token for token in answer.decoded.tokens if token < pieces.end]
            frames[answer.index] = min(len(window) // 160, encoded.shape[1] * 2)
        aligned = self._weights.align(encoded, pieces.start(code, "transcribe"), texts, frames)
        return [_words(pieces.words(texts[answer.index], code), aligned[answer.index]) for answer in answers]


def loops(tokens: Sequence[int]) -> bool:
    """Whether a run of tokens follows itself several times."""
    for size in range(1, len(tokens) // _LOOP + 1):
        for first in range(len(tokens) - size * _LOOP + 1):
            run = tokens[first : first + size]
            if all(tokens[first + size * time : first + size * (time + 1)] == run for time in range(1, _LOOP)):
                return True
    return False


def _words(words: Sequence[tuple[str, int]], aligned: Aligned) -> list[TimedWord]:
    timed: list[TimedWord] = []
    position = 0
    for text, count in words:
        probabilities = aligned.probabilities[position : position + count]
        start, end = aligned.times[position], aligned.times[position + count]
        position += count
        if text.strip():
            timed.append(TimedWord(text.strip(), start, max(start, end), float(np.mean(probabilities))))
    return timed


def _most_tokens(window: Floats) -> int:
    return _TOKENS_AT_LEAST + round(len(window) / 16_000 * _TOKENS_PER_SECOND)
