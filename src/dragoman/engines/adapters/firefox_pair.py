"""One direction of Firefox Translations in memory, and what must be done to a sentence before and after it."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dragoman.core.errors import EngineFailed, EngineUnavailable
from dragoman.engines.adapters import firefox_text, sentence_text
from dragoman.engines.catalogue import InstalledModel

if TYPE_CHECKING:
    from fxtranslate import Translator
    from sentencepiece import SentencePieceProcessor

_TOKENS: Final = 90
"""A longer sentence is translated in pieces. Measured on NTREX en-pt and pt-en, several lines joined: complete up to
90 tokens; from 100 on the end is lost without a word, or repeats."""

_CHARACTERS: Final = 600
"""The same for text of few tokens and many characters, whose time grows with the square of its length."""


class Pair:
    """Made, used and dropped by one thread, as fxtranslate demands."""

    def __init__(self, installed: InstalledModel) -> None:
        """Raises :class:`EngineUnavailable` when a file is missing, cut short or another one."""
        self._name = installed.model.name
        self._source, self._target = installed.model.pairs[0]
        self._used = time.monotonic()
        self._known: dict[str, bool] = {}
        self._vocabulary, self._translator = self._load(installed)

    @property
    def idle_seconds(self) -> float:
        return time.monotonic() - self._used

    def translate(self, sentence: str) -> str:
        """Translate one clean sentence."""
        self._used = time.monotonic()
        if not any(map(self._reads, sentence)):
            return sentence  # numbers, marks, emoji, or a script that the model has never seen
        shouted = sentence_text.is_shouted(sentence)
        if shouted:
            sentence = sentence_text.in_sentence_case(sentence, self._source)
        masked = firefox_text.mask(sentence, self._knows)
        answer = masked.restored(self._in_pieces(masked.text))
        if answer is None:
            answer = masked.appended(self._in_pieces(masked.bare))
        return answer.upper() if shouted else answer

    def _in_pieces(self, text: str) -> str:
        parts = sentence_text.pieces(text, self._size, _TOKENS)
        translations = [self._piece(part.strip()) for part in parts]
        return sentence_text.joined(parts, translations, self._source, self._target)

    def _piece(self, text: str) -> str:
        if not sentence_text.has_letters(text):
            return text
        with _quiet():
            try:
                answer: str = self._translator.translate(text)
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt | SystemExit):
                    raise
                # A panic of Rust code is a BaseException; its message may quote the text.
                raise EngineFailed(f"{self._name} broke on a sentence: {type(error).__name__}") from None
        return " ".join(answer.split())

    def _size(self, text: str) -> int:
        return max(len(self._vocabulary.encode(text)), len(text) * _TOKENS // _CHARACTERS)

    def _reads(self, character: str) -> bool:
        return character.isalpha() and (character.isascii() or self._knows(character))

    def _knows(self, character: str) -> bool:
        if character not in self._known:
            self._known[character] = self._vocabulary.unk_id() not in self._vocabulary.encode(character)
        return self._known[character]

    def _load(self, installed: InstalledModel) -> "tuple[SentencePieceProcessor, Translator]":
        import fxtranslate  # noqa: PLC0415  describe() must stay quick
        from sentencepiece import SentencePieceProcessor  # noqa: PLC0415  as above

        details = installed.model.details
        model = _read(installed, details["model"])
        source, target = (_read(installed, details[f"{side}_vocabulary"]) for side in ("source", "target"))
        shortlist = _read(installed, details["shortlist"]) if "shortlist" in details else None
        try:
            with _quiet():
                translator = fxtranslate.Translator(model, source, target, shortlist)
            return SentencePieceProcessor(model_proto=source), translator
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            raise EngineUnavailable(
                f"fxtranslate cannot use the model {self._name} in {installed.folder}: {error}",
                remedy=_remedy(installed),
            ) from error


def _read(installed: InstalledModel, name: str | float) -> bytes:
    """The bytes of one file, which must be those that were pulled."""
    path = installed.path(str(name))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EngineUnavailable(f"{path} cannot be read: {error.strerror}", remedy=_remedy(installed)) from error
    expected = {file.path: file.sha256 for file in installed.model.files}[str(name)]
    if hashlib.sha256(data).hexdigest() != expected:
        raise EngineUnavailable(f"{path} is damaged or of another model", remedy=_remedy(installed))
    return data


def _remedy(installed: InstalledModel) -> str:
    return f"Run: dragoman models verify {installed.model.name}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences standard error, where a panic of Rust code would print its message and with it perhaps the text."""
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
