"""English text to the symbols of Kokoro and its kin, by the G2P of the package hibari-tts.

It is a port of misaki's (lexicon, part-of-speech rules, a small net for unknown words) and reads numbers, dates,
units and abbreviations. It needs neither spaCy nor espeak-ng.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from dragoman.engines.adapters.onnx_voice.pieces import MARKS, Part

_QUOTES = "'’¡¿«»[]"  # noqa: RUF001

_LONG_NUMBER = re.compile(r"\d{16,}")
"""Read digit by digit: the G2P has no names for numbers beyond a decillion, and no numeral needs them."""


class English:
    """Safe to share between threads."""

    def __init__(self, *, british: bool) -> None:
        from hibari.g2p import G2P  # noqa: PLC0415  slow to import, and not needed to describe

        self._g2p = G2P(british=british)
        self._lock = threading.Lock()  # its net for unknown words is loaded on demand

    def __call__(self, sentence: str) -> tuple[Part, ...]:
        from hibari.g2p.normalize import normalize  # noqa: PLC0415  as above

        # "[word](/sounds/)" sets the sounds of a word; in what somebody said it is text.
        plain = _LONG_NUMBER.sub(lambda number: " ".join(number[0]), sentence.replace("](", "] ("))
        readable = "".join(map(_plain_digit, unicodedata.normalize("NFKC", plain)))
        with self._lock:
            tokens = self._g2p.phonemize_tokens(self._g2p.tokenize(normalize(readable)))
        return tuple(_parts(tokens, sentence.split()))


def _plain_digit(letter: str) -> str:
    """An ASCII digit for what is one in some way, such as an Ethiopic one: the G2P takes it for a number."""
    return str(unicodedata.digit(letter)) if letter.isdigit() and not letter.isascii() else letter


@cache
def english(*, british: bool) -> English:
    """One copy for all voices; takes 0.4 CPU seconds and 60 MB."""
    return English(british=british)


def _parts(tokens: Sequence[Any], written: Sequence[str]) -> Iterator[Part]:
    groups = list(_by_space(tokens))
    names = _as_written(["".join(token.text for token in group) for group in groups], written)
    for group, name in zip(groups, names, strict=True):
        symbols = "".join((token.phonemes or "") for token in group)
        core = symbols.strip(MARKS)
        space = " " if group[-1].whitespace else ""
        if not core:
            yield Part("", symbols + space)
            continue
        before, after = symbols[: symbols.index(core)], symbols[symbols.index(core) + len(core) :]
        if before:
            yield Part("", before)
        yield Part(name, core)
        if after + space:
            yield Part("", after + space)


def _by_space(tokens: Sequence[Any]) -> Iterator[list[Any]]:
    group: list[Any] = []
    for token in tokens:
        group.append(token)
        if token.whitespace:
            yield group
            group = []
    if group:
        yield group


def _as_written(spoken: Sequence[str], written: Sequence[str]) -> list[str]:
    """For each word that is spoken, the written one that it stands for: "3 March" is read as four words, of which the
    first stands for "3", the last for "March" and the others for none."""
    names = [""] * len(spoken)
    for _, begin, end, other_begin, other_end in SequenceMatcher(None, spoken, written, autojunk=False).get_opcodes():
        for index in range(min(end - begin, other_end - other_begin)):
            names[begin + index] = written[other_begin + index]
    return [name.strip(MARKS + _QUOTES) for name in names]
