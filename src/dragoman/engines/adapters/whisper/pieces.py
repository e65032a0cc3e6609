"""Tokens to words and back: the SentencePiece side of Whisper, over Hugging Face ``tokenizers``."""

import unicodedata
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from tokenizers import Tokenizer

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters.whisper.languages import WITHOUT_SPACES

Task = Literal["transcribe", "translate"]

_REPLACEMENT: Final = "\ufffd"
"""Decoding shows it for a character whose bytes are not complete."""

_OPENING: Final = frozenset("\"'“¿¡([{-„«「『《（")  # noqa: RUF001  full-width on purpose
"""Marks that belong to the word behind them."""

_LONGEST_PROMPT: Final = 223
"""Tokens: half of Whisper's text context, as upstream limits it (openai/whisper, ``decoding.py``)."""


class Pieces:
    """The vocabulary of one model."""

    def __init__(self, path: Path, name: str) -> None:
        """Load ``tokenizer.json``. Raises :class:`EngineUnavailable` when the file is no such thing."""
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain Exception
            raise EngineUnavailable(
                f"{path} is not a tokenizer: {error}", remedy=f"Run: dragoman models verify {name}"
            ) from error
        self.end = self._special("<|endoftext|>")
        self.silence = self._special("<|nospeech|>", "<|nocaptions|>")

    def _special(self, *names: str) -> int:
        for name in names:
            if (number := self._tokenizer.token_to_id(name)) is not None:
                return int(number)
        raise EngineUnavailable(f"The tokenizer has no token {names[0]}", remedy="Import the model's own tokenizer")

    @cached_property
    def multilingual(self) -> bool:
        return self._tokenizer.token_to_id("<|de|>") is not None

    def start(self, code: str, task: Task) -> list[int]:
        """Return the tokens that begin a transcript in the language of Whisper's ``code``."""
        begin = [self._special("<|startoftranscript|>")]
        if self.multilingual:
            begin += [self._special(f"<|{code}|>"), self._special(f"<|{task}|>")]
        return begin

    def prompt(self, code: str, task: Task, context: str = "") -> list[int]:
        """Return the decoder's prompt; ``context`` is text that the model takes for what was said before."""
        before: list[int] = []
        if context:
            tokens = self._tokenizer.encode(" " + context.strip(), add_special_tokens=False).ids
            before = [self._special("<|startofprev|>"), *tokens[-_LONGEST_PROMPT:]]
        return [*before, *self.start(code, task), self._special("<|notimestamps|>")]

    def text(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode([token for token in tokens if token < self.end]))

    def words(self, tokens: Sequence[int], code: str) -> list[tuple[str, int]]:
        """Part ``tokens`` into words. Returns each with the number of its tokens; marks stay at their words."""
        words: list[tuple[str, int]] = []
        for text, count in self._characters(tokens):
            if words and self._continues(words[-1][0], text, code):
                before, already = words[-1]
                words[-1] = (before + text, already + count)
            else:
                words.append((text, count))
        return words

    def _characters(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """The shortest runs of tokens that are whole characters."""
        found: list[tuple[str, int]] = []
        waiting: list[int] = []
        for token in tokens:
            waiting.append(token)
            text = self._tokenizer.decode(waiting)
            if not text.endswith(_REPLACEMENT):
                found.append((text, len(waiting)))
                waiting = []
        if waiting:
            found.append(("", len(waiting)))
        return found

    @staticmethod
    def _continues(before: str, text: str, code: str) -> bool:
        """Whether ``text`` belongs to the word ``before`` it."""
        stripped = text.strip()
        if before.strip() and all(mark in _OPENING for mark in before.strip()):
            return True
        if not stripped:
            return True
        if not any(map(str.isalnum, stripped)):
            apart = text.startswith(" ") or code in WITHOUT_SPACES
            begins = apart and (stripped[:1] in _OPENING or unicodedata.category(stripped[0]) == "Sc")
            return not begins
        return code not in WITHOUT_SPACES and not text.startswith(" ")
