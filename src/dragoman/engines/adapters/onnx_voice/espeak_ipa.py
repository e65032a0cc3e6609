"""Text to the International Phonetic Alphabet by espeak-ng, which stays a program of its own (it is GPL)."""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dragoman.engines.adapters import espeak
from dragoman.engines.adapters.espeak_children import EspeakChildren
from dragoman.engines.adapters.onnx_voice.pieces import Part

_SWITCH = re.compile(r"\([a-z^-]*\)")
"""espeak marks where it goes over to another language and back: ``(en)``, with ties ``(^e^n)``."""

_OPENING = "\"“«„([{'‘¿¡"
_CLOSING = "\"”»“)]}'’"
_STOPS = ";:,.!?—…।"
_AS_SYMBOLS = str.maketrans({"«": "“", "»": "”", "„": "“", "[": "(", "{": "(", "]": ")", "}": ")", "।": ".",
                             "'": None, "‘": None, "’": None, "¿": None, "¡": None})  # fmt: skip
_DASH = re.compile(r"^[–—-]+$")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words without a mark between them, and the marks around."""

    before: str
    words: tuple[str, ...]
    after: str


class EspeakPhonemizer:
    """One language's. Safe to share between threads."""

    def __init__(
        self, children: EspeakChildren, voice: str, *, tie: str = "", adapt: Callable[[str], str] | None = None
    ) -> None:
        """``voice`` is an identifier of espeak's; ``adapt`` turns its alphabet into a model's."""
        self._children = children
        self._voice = voice
        self._tie = tie
        self._adapt = adapt or (lambda ipa: ipa)

    def __call__(self, sentence: str) -> tuple[Part, ...]:
        stretches = list(cut_at_marks(sentence))
        texts = [" ".join(stretch.words) for stretch in stretches]
        if not any(texts):
            return ()
        spoken = espeak.phonemes(self._children, texts, self._voice, tie=self._tie)
        parts: list[Part] = []
        for stretch, ipa in zip(stretches, spoken, strict=True):
            parts += self._parts(stretch, ipa)
        return tuple(parts)

    def _parts(self, stretch: Stretch, ipa: str) -> Iterator[Part]:
        if stretch.before:
            yield Part("", stretch.before)
        groups = [self._adapt(group) for group in _SWITCH.sub("", ipa).split()]
        groups = [group for group in groups if group]
        for index, (text, symbols) in enumerate(zip(_named(groups, stretch.words), groups, strict=True)):
            if index:
                yield Part("", " ")
            yield Part(text, symbols)
        yield Part("", (stretch.after if groups else stretch.after.strip()) + " ")


def cut_at_marks(sentence: str) -> Iterator[Stretch]:
    """Stretches of a sentence. Marks inside a word or number stay: "3.14", "l'eau"."""
    before, words = "", list[str]()
    for token in sentence.split():
        core = token.lstrip(_OPENING)
        opening, word = token[: len(token) - len(core)], core.rstrip(_STOPS + _CLOSING)
        closing = core[len(word) :]
        if _DASH.match(token):
            word, closing = "", " —"
        if opening.translate(_AS_SYMBOLS) and words:
            yield Stretch(before, tuple(words), "")
            before, words = "", []
        before += "" if words else opening.translate(_AS_SYMBOLS)
        if word:
            words.append(word)
        if closing := closing.translate(_AS_SYMBOLS):
            yield Stretch(before, tuple(words), closing)
            before, words = "", []
    if words:
        yield Stretch(before, tuple(words), "")


def _named(groups: Sequence[str], words: Sequence[str]) -> list[str]:
    """For each group of sounds the written word that begins in it: one for one where there are as many, else by
    length, since espeak says "1999" in four words and joins others."""
    if len(groups) == len(words):
        return list(words)
    names = [""] * len(groups)
    ends, total = [], 0
    for group in groups:
        total += len(group)
        ends.append(total)
    letters, behind = sum(map(len, words)), 0
    for word in words:
        place = behind * total / max(1, letters)
        index = next((index for index, end in enumerate(ends) if place < end), None)
        if index is not None and not names[index]:
            names[index] = word
        behind += len(word)
    return names
