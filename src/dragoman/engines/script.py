"""Scripts for the scripted engine: utterances on the source's time line, with what they mean elsewhere.

As a file::

    {"language": "en", "repeat_every": null,
     "utterances": [{"start_time": 0.5, "end_time": 1.9, "text": "How are you?",
                     "translations": {"es": "¿Cómo estás?"}}]}
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import pydantic

from dragoman.core.errors import EngineUnavailable, UnknownLanguage
from dragoman.core.language import canonical
from dragoman.core.transcript import Word


def _canonical(tag: str) -> str:
    try:
        return canonical(tag)
    except UnknownLanguage as error:
        raise ValueError(error.message) from None  # pydantic says where in the file


Tag = Annotated[str, pydantic.AfterValidator(_canonical)]
"""A language tag, canonical once it was read from a file."""

Seconds = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class ScriptedUtterance:
    start_time: float
    """Seconds"""
    end_time: float
    text: str
    translations: dict[Tag, str] = field(default_factory=dict)

    def words(self, offset: float) -> list[Word]:
        """The text's words, spread evenly over the utterance."""
        contents = self.text.split()
        step = (self.end_time - self.start_time) / max(1, len(contents))
        begin = self.start_time + offset
        return [Word(content, begin + i * step, begin + (i + 1) * step) for i, content in enumerate(contents)]


@dataclass(frozen=True, slots=True)
class Script:
    language: Tag
    utterances: tuple[ScriptedUtterance, ...]
    repeat_every: Seconds | None = None
    """After which the script starts again; None: it is said once."""

    def words(self, start: float, end: float) -> tuple[Word, ...]:
        """Words whose middle lies between two moments of the source."""
        words = [
            word for offset in self._offsets(start, end) for line in self.utterances for word in line.words(offset)
        ]
        return tuple(word for word in words if start <= (word.start_time + word.end_time) / 2 < end)

    def speaks(self, time: float) -> bool:
        return any(
            line.start_time + offset <= time < line.end_time + offset
            for offset in self._offsets(time, time)
            for line in self.utterances
        )

    def translate(self, text: str, target: str) -> str:
        """What the script says, or the text marked with the target's tag where it says nothing."""
        for line in self.utterances:
            if line.text == text and target in line.translations:
                return line.translations[target]
        return f"[{target}] {text}"

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(target for line in self.utterances for target in line.translations))

    def _offsets(self, start: float, end: float) -> Sequence[float]:
        if self.repeat_every is None:
            return (0.0,)
        first, last = int(max(0.0, start) // self.repeat_every), int(max(0.0, end) // self.repeat_every)
        return [turn * self.repeat_every for turn in range(max(0, first - 1), last + 1)]


_BUILT_IN = Script(
    "en",
    tuple(
        ScriptedUtterance(
            4.0 * i + 0.5,
            4.0 * i + 2.5,
            f"This is sentence number {i + 1}.",
            {"es": f"Esta es la frase número {i + 1}.", "fr": f"Ceci est la phrase numéro {i + 1}.",
             "de": f"Das ist Satz Nummer {i + 1}."},
        )
        for i in range(9)
    ),
    repeat_every=36.0,
)  # fmt: skip


@lru_cache
def read_script(model: str | None) -> Script:
    """Reads a script file. Raises :class:`EngineUnavailable` naming what is wrong with it."""
    if model is None:
        return _BUILT_IN
    try:
        script = pydantic.TypeAdapter(Script).validate_json(Path(model).read_bytes())
    except OSError as error:
        raise EngineUnavailable(
            f"The script {model} cannot be read: {error.strerror}", remedy="Check the path: scripted:FILE.json"
        ) from error
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise EngineUnavailable(
            f"The script {model} is not valid at {where}: {first['msg']}",
            remedy="Its form is described in dragoman.engines.script",
        ) from error
    return script
