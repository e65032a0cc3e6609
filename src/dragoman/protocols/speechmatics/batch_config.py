"""What a batch job may configure, field by field, as it stands on the wire.

Wrong types, wrong values and unknown fields are refused by name. What the fields mean here is said in
:mod:`.batch_options`.
"""

from typing import Annotated, Any, Literal

import orjson
from pydantic import BeforeValidator, Field, ValidationError

from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.config import (
    MAX_TARGETS,
    AudioEventsConfig,
    TranscriptionConfig,
    TranslationConfig,
    Wire,
    objection,
    unknown_fields,
)

MAX_NOTIFICATIONS = 3
MAX_TOPICS = 10
MAX_HEADERS = 20

_OPEN = ("sentiment_analysis_config.", "auto_chapters_config.")
"""Clients put switches of their own into these."""


def _listed(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _several(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


Headers = Annotated[list[str], Field(max_length=MAX_HEADERS)]


class FetchData(Wire):
    url: str
    auth_headers: Headers = Field(default_factory=list)
    """``Name: value`` each."""


class NotificationConfig(Wire):
    url: str
    contents: list[str] | None = None
    method: Annotated[Literal["post", "put"], BeforeValidator(_lower)] = "post"
    auth_headers: Headers = Field(default_factory=list)


class Tracking(Wire):
    title: str | None = None
    reference: str | None = None
    tags: list[str] = Field(default_factory=list)
    details: dict[str, Any] = Field(default_factory=dict)


class SrtOverrides(Wire):
    max_line_length: Annotated[int, Field(ge=1)] | None = None
    """Characters"""
    max_lines: Annotated[int, Field(ge=1)] | None = None


class OutputConfig(Wire):
    srt_overrides: SrtOverrides = SrtOverrides()
    generate_lattice: bool = False


class LanguageIdentificationConfig(Wire):
    expected_languages: list[str] = Field(default_factory=list)
    low_confidence_action: Literal["allow", "reject", "use_default_language"] = "reject"
    default_language: str | None = None


class SummarizationConfig(Wire):
    content_type: Literal["auto", "informative", "conversational"] = "auto"
    summary_length: Literal["brief", "detailed"] = "brief"
    summary_type: Literal["paragraphs", "bullets"] = "bullets"


class TopicDetectionConfig(Wire):
    topics: Annotated[list[str], BeforeValidator(_listed), Field(max_length=MAX_TOPICS)] = Field(default_factory=list)
    """One client sends a single string with commas."""


class SpeechConfig(Wire):
    """Ours."""

    target_languages: Annotated[list[str], Field(max_length=MAX_TARGETS)] = Field(default_factory=list)
    """Those of ``translation_config`` that are spoken as well."""
    voices: dict[str, str] = Field(default_factory=dict)
    """By language; the others get the engine's default."""


class AlignmentConfig(Wire):
    language: str | None = None


class JobConfig(Wire):
    type: str
    transcription_config: TranscriptionConfig | None = None
    translation_config: TranslationConfig | None = None
    speech_config: SpeechConfig | None = None
    fetch_data: FetchData | None = None
    fetch_text: FetchData | None = None
    alignment_config: AlignmentConfig | None = None
    notification_config: Annotated[
        list[NotificationConfig], BeforeValidator(_several), Field(max_length=MAX_NOTIFICATIONS)
    ] = Field(default_factory=list)
    tracking: Tracking | None = None
    output_config: OutputConfig = OutputConfig()
    language_identification_config: LanguageIdentificationConfig | None = None
    summarization_config: SummarizationConfig | None = None
    sentiment_analysis_config: Wire | None = None
    topic_detection_config: TopicDetectionConfig | None = None
    auto_chapters_config: Wire | None = None
    audio_events_config: AudioEventsConfig | None = None


def read_config(text: str) -> JobConfig:
    """Raises :class:`Refusal` naming the first field that is wrong, and what is allowed there."""
    try:
        config = JobConfig.model_validate(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise refused(f"it is not JSON: {error.msg} at character {error.pos}") from error
    except ValidationError as error:
        raise refused(objection(error, "the config")) from error
    unknown = [name for name in unknown_fields(config) if not name.startswith(_OPEN)]
    if "transcription_config.translation_config" in unknown:
        raise refused("translation_config belongs beside transcription_config, not inside it")
    if unknown:
        raise refused(f"there is no field {unknown[0][:100]}")
    return config


def refused(reason: str) -> Refusal:
    return Refusal(400, "Job rejected", f"Job config JSON is invalid. Error: {reason}")
