"""What was said and what it means elsewhere: words, sentences, translations, and the whole of a run.

All times are seconds on the source's time line. The item kinds follow Speechmatics' json-v2, so that a renderer
only has to rename fields.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

AttachesTo = Literal["previous", "next", "both", "none"]

WordTag = Literal["disfluency", "profanity"]


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word, written as it should be read."""

    content: str
    start_time: float
    end_time: float
    confidence: float = 1.0
    """Posterior probability, 0 to 1."""
    speaker: str | None = None
    channel: str | None = None
    volume: float | None = None
    """Loudness, 0 to 100, where it was asked for."""
    tags: tuple[WordTag, ...] = ()


@dataclass(frozen=True, slots=True)
class Punctuation:
    """A mark; it takes no time and sits at the end of the word it follows."""

    content: str
    time: float
    attaches_to: AttachesTo = "previous"
    is_eos: bool = False
    """Whether it ends a sentence."""
    confidence: float = 1.0
    speaker: str | None = None
    channel: str | None = None

    @property
    def start_time(self) -> float:
        return self.time

    @property
    def end_time(self) -> float:
        return self.time


Item = Word | Punctuation


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit of translation and of subtitles."""

    items: tuple[Item, ...]
    language: str
    delimiter: str = " "
    """What stands between two words: a space, or nothing in languages that write none."""

    @property
    def start_time(self) -> float:
        return self.items[0].start_time

    @property
    def end_time(self) -> float:
        return self.items[-1].end_time

    @property
    def speaker(self) -> str | None:
        return self.items[0].speaker

    @property
    def channel(self) -> str | None:
        return self.items[0].channel

    @property
    def text(self) -> str:
        return join_items(self.items, self.delimiter)


@dataclass(frozen=True, slots=True)
class Translation:
    """One source sentence in another language."""

    content: str
    language: str
    start_time: float
    """Of the source sentence's first word."""
    end_time: float
    """Of the source sentence's last word."""
    speaker: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """Where one translated sentence lies in the translated speech, and how that differs from the source."""

    language: str
    start_time: float
    """Seconds on the track."""
    end_time: float
    source_start_time: float
    source_end_time: float
    rate: float
    """Speaking rate; 1.0 is the voice's own."""

    @property
    def drift(self) -> float:
        """Seconds by which it starts later than its source."""
        return self.start_time - self.source_start_time


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything one run produced."""

    language: str
    duration: float
    """Seconds of source audio heard."""
    sentences: tuple[Sentence, ...] = ()
    translations: Mapping[str, tuple[Translation, ...]] = field(default_factory=dict)
    """Keyed by target language as asked; a language that failed has what it got before."""
    speech: Mapping[str, tuple[SpokenSentence, ...]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for sentence in self.sentences for item in sentence.items)

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


def join_items(items: Iterable[Item], delimiter: str = " ") -> str:
    """Display text: marks glue to the side that they attach to, words are parted by ``delimiter``."""
    text = ""
    glue_next = True
    for item in items:
        attaches = item.attaches_to if isinstance(item, Punctuation) else "none"
        if not glue_next and attaches not in ("previous", "both"):
            text += delimiter
        text += item.content
        glue_next = attaches in ("next", "both")
    return text
