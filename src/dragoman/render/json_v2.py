"""Speechmatics' json-v2: the document of a batch job.

``results`` are ordered by start, and where that leaves freedom, by end, the later first. One thing stands above the
second rule: within a channel items keep their reading order, as Speechmatics' own documents do. A comma has the time at
which its word ends and the next may begin; put behind that one, it would attach to the wrong word.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any, Literal

from dragoman.core.errors import UnknownLanguage
from dragoman.core.language import canonical
from dragoman.core.transcript import Item, Transcript, Translation
from dragoman.render.json_values import JsonObject
from dragoman.render.language_pack import language_pack_info
from dragoman.render.results import FORMAT, UNKNOWN_SPEAKER, to_results, to_translated

Feature = Literal["translation", "summarization", "sentiment_analysis", "topic_detection", "auto_chapters"]

_NOT_ABOUT_THE_TRANSCRIPT = frozenset({"notification_config"})
"""Parts of a configuration that the document does not repeat; these hold addresses and their keys."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """What the document says about its job. Times are RFC 3339, in UTC."""

    id: str
    created_at: str
    """To the millisecond."""
    data_name: str
    """Name of the file; empty when it was fetched."""
    duration: int
    """Whole seconds of audio."""
    config: Mapping[str, Any]
    """As submitted."""
    text_name: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureError:
    """Why something that was asked for on top of the transcript is not in the document."""

    feature: Feature
    type: str
    """Such as ``translation_failed`` or ``unsupported_translation_pair``."""
    message: str
    target: str | None = None
    """Code of the target language that failed, as submitted; its translations are then left out."""


def to_json_v2(
    transcript: Transcript,
    job: JobRecord,
    *,
    created_at: str,
    version: str,
    language: str | None = None,
    errors: Sequence[FeatureError] = (),
    itn: bool = False,
) -> JsonObject:
    """The document. ``created_at`` is its own time (to the microsecond), ``version`` that of the program, ``language``
    the source as the client wrote it (None: as the transcript has it)."""
    spoken = language or transcript.language
    document: JsonObject = {
        "format": FORMAT,
        "job": _job(job),
        "metadata": {
            "created_at": created_at,
            "type": job.config["type"],
            "orchestrator_version": version,
            **_configs(job.config),
            **_errors(errors),
            "language_pack_info": language_pack_info(transcript.language, itn=itn),
        },
        "results": to_results(in_time_order(transcript.items), spoken, unknown_speaker=UNKNOWN_SPEAKER),
    }
    asked = job.config.get("translation_config")
    if asked is not None:
        document["translations"] = _translations(transcript, asked.get("target_languages") or (), errors)
    return document


def in_time_order(items: Iterable[Item]) -> list[Item]:
    """Items of all channels by start, then the longer first; those of one channel keep their order at equal starts."""
    channels: defaultdict[str | None, list[Item]] = defaultdict(list)
    for item in items:
        channels[item.channel].append(item)
    ordered = (sorted(channel, key=lambda item: item.start_time) for channel in channels.values())
    return list(merge(*ordered, key=lambda item: (item.start_time, -item.end_time)))


def _job(job: JobRecord) -> JsonObject:
    optional = {"text_name": job.text_name, "tracking": job.config.get("tracking")}
    return {
        "created_at": job.created_at,
        "data_name": job.data_name,
        "duration": job.duration,
        "id": job.id,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _configs(config: Mapping[str, Any]) -> JsonObject:
    return {
        name: part
        for name, part in config.items()
        if name.endswith("_config") and name not in _NOT_ABOUT_THE_TRANSCRIPT and part is not None
    }


def _errors(errors: Sequence[FeatureError]) -> JsonObject:
    made: JsonObject = {}
    for error in errors:
        made.setdefault(f"{error.feature}_errors", []).append({"type": error.type, "message": error.message})
    return made


def _translations(transcript: Transcript, targets: Iterable[str], errors: Sequence[FeatureError]) -> JsonObject:
    """A key for each language asked for: clients index them. Half of a translation that failed would pass for all."""
    failed = {error.target for error in errors if error.feature == "translation"}
    return {target: [] if target in failed else _translated(_of_target(transcript, target)) for target in targets}


def _translated(translations: Iterable[Translation]) -> list[JsonObject]:
    ordered = sorted(translations, key=lambda translation: (translation.start_time, -translation.end_time))
    return [to_translated(translation, unknown_speaker=UNKNOWN_SPEAKER) for translation in ordered]


def _of_target(transcript: Transcript, target: str) -> Sequence[Translation]:
    """Translations to a language that the client may have written in its own way."""
    try:
        return transcript.translations.get(canonical(target), ())
    except UnknownLanguage:
        return ()
