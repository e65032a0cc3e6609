"""What clients may configure, field by field, as it stands on the wire.

Wrong types and values are refused by name; a null is a field that was left out; an unknown field is kept, so that
whoever sent it can be told that it does nothing. What the fields mean here is said in :mod:`.rt_config`.
"""

import reprlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from dragoman.protocols.speechmatics.errors import ErrorType, WireError

MAX_TARGETS = 5
MAX_VOCABULARY = 1000

M = TypeVar("M", bound=BaseModel)


class Wire(BaseModel):
    """No value is converted."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {name: one for name, one in value.items() if one is not None} if isinstance(value, dict) else value


def _entry(value: Any) -> Any:
    return {"content": value} if isinstance(value, str) else value


class VocabularyEntry(Wire):
    content: Annotated[str, Field(min_length=1)]
    sounds_like: list[str] = []


class PunctuationOverrides(Wire):
    permitted_marks: list[Annotated[str, Field(pattern=r"^(.|all)$")]] | None = None
    sensitivity: Annotated[float, Field(ge=0, le=1)] = 0.5


class KnownSpeaker(Wire):
    label: str
    speaker_identifiers: Annotated[list[str], Field(min_length=1)]


class SpeakerDiarization(Wire):
    speaker_sensitivity: Annotated[float, Field(ge=0, le=1)] = 0.5
    prefer_current_speaker: bool = False
    max_speakers: Annotated[int, Field(ge=2)] | None = None
    get_speakers: bool = False
    speakers: list[KnownSpeaker] = []


class AudioFiltering(Wire):
    volume_threshold: Annotated[float, Field(ge=0, le=100)] = 0.0


class WordReplacement(Wire):
    pattern: Annotated[str, Field(alias="from", min_length=1)]
    content: Annotated[str, Field(alias="to")]


class TranscriptFiltering(Wire):
    remove_disfluencies: bool = False
    replacements: list[WordReplacement] = []


class Conversation(Wire):
    end_of_utterance_silence_trigger: Annotated[float, Field(ge=0, le=2)] = 0.0


class TranscriptionConfig(Wire):
    language: Annotated[str, Field(min_length=1)] | None = None
    model: str | None = None
    operating_point: str | None = None
    domain: str | None = None
    output_locale: str | None = None
    language_hints: list[str] = []
    language_hints_strict: bool = False
    additional_vocab: Annotated[
        list[Annotated[VocabularyEntry, BeforeValidator(_entry)]], Field(max_length=MAX_VOCABULARY)
    ] = []
    punctuation_overrides: PunctuationOverrides = PunctuationOverrides()
    diarization: Literal["none", "speaker", "channel", "channel_and_speaker"] = "none"
    channel_diarization_labels: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9._]+$", max_length=100)]] = []
    speaker_diarization_config: SpeakerDiarization = SpeakerDiarization()
    enable_entities: bool = False
    max_delay: Annotated[float, Field(allow_inf_nan=False)] = 4.0
    max_delay_mode: Literal["flexible", "fixed"] = "flexible"
    enable_partials: bool = False
    audio_filtering_config: AudioFiltering | None = None
    transcript_filtering_config: TranscriptFiltering = TranscriptFiltering()
    conversation_config: Conversation = Conversation()
    streaming_mode: Any = None
    ctrl: Any = None
    """As the one before: what some SDKs can send for purposes of their own."""


class TranslationConfig(Wire):
    target_languages: Annotated[list[str], Field(max_length=MAX_TARGETS)] = []
    enable_partials: bool = False


class AudioEventsConfig(Wire):
    types: list[Literal["laughter", "applause", "music"]] = []


class AudioFormat(Wire):
    type: Literal["file"] = "file"


class RawFormat(Wire):
    type: Literal["raw"]
    encoding: Literal["pcm_s16le", "pcm_f32le", "mulaw"]
    sample_rate: Annotated[int, Field(ge=1000, le=384_000)]
    """Hertz"""


class StartRecognition(Wire):
    message: str
    audio_format: Any = None
    transcription_config: TranscriptionConfig
    translation_config: TranslationConfig | None = None
    audio_events_config: AudioEventsConfig | None = None


class SetRecognitionConfig(Wire):
    message: str
    transcription_config: TranscriptionConfig
    translation_config: TranslationConfig | None = None
    audio_events_config: AudioEventsConfig | None = None


def read(model: type[M], value: Any, kind: ErrorType = "invalid_config", path: str = "") -> M:
    """Raises :class:`WireError` of the ``kind``, naming the field, its value and what is allowed. A message that lacks
    what it must have is no such message."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        is_incomplete = first["type"] == "missing" and len(first["loc"]) == 1
        raise WireError("invalid_message" if is_incomplete else kind, objection(error, "the message", path)) from error


def read_format(value: Any) -> AudioFormat | RawFormat:
    """What a client that says nothing sends is a file. Raises :class:`WireError`."""
    wanted = {} if value is None else value
    is_raw = isinstance(wanted, dict) and wanted.get("type") == "raw"
    model: type[AudioFormat | RawFormat] = RawFormat if is_raw else AudioFormat
    try:
        return model.model_validate(wanted)
    except ValidationError as error:
        remedy = "Send a file, or raw pcm_s16le, pcm_f32le or mulaw with its sample_rate"
        raise WireError("invalid_audio_type", f"{objection(error, '', 'audio_format')}. {remedy}") from error


def unknown_fields(model: BaseModel, path: str = "") -> Iterator[str]:
    """Fields that nothing here knows, with their paths."""
    yield from (f"{path}{name}" for name in model.model_extra or {})
    for name in type(model).model_fields:
        value = getattr(model, name)
        for place, part in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(part, BaseModel):
                yield from unknown_fields(part, f"{path}{name}{'' if place is None else f'[{place}]'}.")


def objection(error: ValidationError, whole: str, path: str = "") -> str:
    """The first thing that is wrong, by its path below ``path``; ``whole`` stands for all of it."""
    first = error.errors(include_url=False)[0]
    place = ".".join([*([path] if path else []), *map(str, first["loc"])]) or whole
    if first["type"] == "missing":
        return f"{place} is missing"
    return f"{place} is {reprlib.repr(first['input'])}: {_allowed(first)}"


def _allowed(error: Mapping[str, Any]) -> str:
    if error["type"] == "model_type":
        return "it should be an object"
    message = str(error["msg"]).replace("Input should", "it should")
    return message[:1].lower() + message[1:]
