"""What the steps of a job leave in its blobs, and what is made of it for whoever asks."""

from dataclasses import dataclass, replace
from typing import Final

import pydantic

from dragoman.core.errors import BlobNotFound
from dragoman.core.options import JobOptions, Shortfall
from dragoman.core.transcript import Sentence, SpokenSentence, Transcript, Translation, Word
from dragoman.engines.alignment import Span
from dragoman.jobs import keys
from dragoman.jobs.texts import read_text
from dragoman.storage.blobs import Blobs


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of one channel, decoded, as it is recognised."""

    index: int
    channel: str | None
    start_time: float
    """Seconds on the recording's time line."""
    end_time: float


@dataclass(frozen=True, slots=True)
class Parts:
    duration: float
    """Seconds of the recording."""
    parts: tuple[Part, ...]
    notices: tuple[str, ...] = ()
    """What was broken in it."""


@dataclass(frozen=True, slots=True)
class PartHeard:
    sentences: tuple[Sentence, ...]
    notices: tuple[str, ...] = ()
    failure: str | None = None
    """Code of what kept the engine from hearing some of it."""


@dataclass(frozen=True, slots=True)
class Translated:
    translations: tuple[Translation, ...]
    shortfall: Shortfall | None = None
    """Why there are none."""
    notices: tuple[str, ...] = ()
    """What there is to say of them."""


@dataclass(frozen=True, slots=True)
class SpokenTrack:
    sentences: tuple[SpokenSentence, ...]
    notices: tuple[str, ...] = ()
    shortfall: Shortfall | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job that is done."""

    transcript: Transcript
    """With a key for every target that was asked for, and for every language that was to be spoken."""
    shortfalls: tuple[Shortfall, ...]
    """What was asked for and is not there."""


@dataclass(frozen=True, slots=True)
class TextHeard:
    """A part, heard with the text in mind."""

    speech: tuple[Span, ...]
    """Its utterances."""
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    times: tuple[Span | None, ...]
    """Of each word of the text; None for one that was not found."""
    notices: tuple[str, ...] = ()
    """What was broken in the recording."""


@dataclass(frozen=True, slots=True)
class AlignedText:
    """What came of a job that aligned a text."""

    text: str
    alignment: Alignment


PARTS: Final = pydantic.TypeAdapter(Parts)
PART_HEARD: Final = pydantic.TypeAdapter(PartHeard)
TRANSCRIPT: Final = pydantic.TypeAdapter(Transcript)
TRANSLATED: Final = pydantic.TypeAdapter(Translated)
TEXT_HEARD: Final = pydantic.TypeAdapter(TextHeard)
ALIGNMENT: Final = pydantic.TypeAdapter(Alignment)
SPOKEN: Final = pydantic.TypeAdapter(SpokenTrack)


async def read_result(blobs: Blobs, job_id: str, options: JobOptions) -> Result:
    """Raises :class:`BlobNotFound` when the job is not done, or was deleted meanwhile."""
    whole = TRANSCRIPT.validate_json(await blobs.read(keys.transcript(job_id)))
    translations: dict[str, tuple[Translation, ...]] = {}
    speech: dict[str, tuple[SpokenSentence, ...]] = {}
    shortfalls, notices = list(options.shortfalls), list(whole.notices)
    for language in options.run.targets:
        translated = await read_translated(blobs, job_id, language)
        translations[language] = translated.translations
        notices += translated.notices
        shortfalls += _known(translated.shortfall)
    for language in options.run.speak:
        track = SPOKEN.validate_json(await blobs.read(keys.spoken(job_id, language)))
        speech[language] = track.sentences
        notices += track.notices
        shortfalls += _known(track.shortfall)
    return Result(replace(whole, translations=translations, speech=speech, notices=tuple(notices)), tuple(shortfalls))


async def read_aligned(blobs: Blobs, job_id: str) -> AlignedText:
    """Raises as above."""
    alignment = ALIGNMENT.validate_json(await blobs.read(keys.alignment(job_id)))
    return AlignedText(await read_text(blobs, job_id), alignment)


async def read_parts(blobs: Blobs, job_id: str) -> Parts:
    """Raises as above."""
    return PARTS.validate_json(await blobs.read(keys.parts(job_id)))


async def read_translated(blobs: Blobs, job_id: str, language: str) -> Translated:
    return TRANSLATED.validate_json(await blobs.read(keys.translation(job_id, language)))


async def read_part(blobs: Blobs, job_id: str, index: int) -> PartHeard | None:
    """None when it was not recognised yet."""
    try:
        return PART_HEARD.validate_json(await blobs.read(keys.words(job_id, index)))
    except BlobNotFound:
        return None


def _known(shortfall: Shortfall | None) -> list[Shortfall]:
    return [] if shortfall is None else [shortfall]
