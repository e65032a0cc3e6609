"""What a batch job does, of what its client configured.

What is right and cannot be done here is refused by its field, with what can be; where the document has a place to say
that a feature is missing, the job is done without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Never

from dragoman.core.capabilities import Capabilities, Heard
from dragoman.core.language import best_match
from dragoman.core.options import (
    JobOptions,
    RunOptions,
    Shortfall,
    VocabularyItem,
    WritingOptions,
)
from dragoman.protocols.speechmatics.batch_alignment import agree_to_align
from dragoman.protocols.speechmatics.batch_config import JobConfig, SpeechConfig, refused
from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.batch_outside import fetch, notifications
from dragoman.protocols.speechmatics.config import TranscriptionConfig, TranslationConfig
from dragoman.protocols.speechmatics.errors import WireError
from dragoman.protocols.speechmatics.languages import can_translate, tag_of
from dragoman.protocols.speechmatics.vocabulary import vocabulary
from dragoman.protocols.speechmatics.writing import writing

_MODELS: Final = ("standard", "enhanced")

_REALTIME: Final = (
    "max_delay", "max_delay_mode", "enable_partials", "conversation_config", "streaming_mode", "ctrl"
)  # fmt: skip
"""What some clients send with recordings too, where it has no meaning."""

_SHOWN: Final = 50
"""Characters of a client's value that are repeated to it."""


@dataclass(frozen=True, slots=True)
class _Targets:
    tags: tuple[str, ...]
    missing: tuple[Shortfall, ...]


def agree(config: JobConfig, capabilities: Capabilities, *, strict_targets: bool = False) -> JobOptions:
    """``strict_targets``: a target language that cannot be translated to is refused, and not merely reported.

    Raises :class:`Refusal`.
    """
    if config.type == "alignment":
        return agree_to_align(config, capabilities)
    if config.type != "transcription":
        _refuse("type", config.type, "there is no such job; it can be transcription, alignment")
    for name in ("fetch_text", "alignment_config"):
        if getattr(config, name) is not None:
            raise refused(f"{name} belongs to jobs of type alignment")
    asked = config.transcription_config
    if asked is None or asked.language is None:
        raise Refusal(400, "No language selected", "transcription_config.language is missing")
    source, heard = _spoken(asked.language, capabilities)
    _check_what_is_not_here(config, asked)
    targets = _targets(config.translation_config, source, asked.language, capabilities)
    if strict_targets and targets.missing:
        raise refused(f"translation_config.target_languages: {targets.missing[0].message}")
    speak, voices, mute = _speech(config.speech_config, targets.tags, capabilities)
    taught, dropped = _vocabulary(asked, heard)
    run = RunOptions(
        source=source,
        targets=targets.tags,
        speak=speak,
        voices=voices,
        enhanced=_enhanced(asked),
        channels=tuple(asked.channel_diarization_labels) if asked.diarization == "channel" else (None,),
        vocabulary=taught,
        writing=_writing(asked),
        volume_threshold=None
        if asked.audio_filtering_config is None
        else asked.audio_filtering_config.volume_threshold,
    )
    return JobOptions(
        run,
        fetch=fetch(config.fetch_data, "fetch_data"),
        notifications=tuple(notifications(config.notification_config)),
        shortfalls=(*targets.missing, *mute, *_features(config), *dropped, *_without_effect(config, asked)),
    )


def _refuse(field: str, value: object, allowed: str) -> Never:
    raise refused(f"{field} is {str(value)[:_SHOWN]!r}: {allowed}")


def _spoken(code: str, capabilities: Capabilities) -> tuple[str, Heard]:
    heard = {each.language: each for each in capabilities.heard}
    tag = tag_of(code)
    match = best_match(tag, heard.keys()) if tag else None
    if tag is None or match is None:
        possible = ", ".join(sorted(heard)) or "none"
        _refuse("transcription_config.language", code, f"it cannot be recognised here. Possible: {possible}")
    return tag, heard[match]


def _enhanced(asked: TranscriptionConfig) -> bool:
    """Return whether the most accurate recognizer is asked for."""
    names = {"model": asked.model, "operating_point": asked.operating_point}
    for name, value in names.items():
        if value is not None and value not in _MODELS:
            _refuse(f"transcription_config.{name}", value, "it can be standard or enhanced")
    if asked.model and asked.operating_point and asked.model != asked.operating_point:
        _refuse("transcription_config.operating_point", asked.operating_point, f"model says {asked.model}")
    return "enhanced" in (asked.model, asked.operating_point)


def _check_what_is_not_here(config: JobConfig, asked: TranscriptionConfig) -> None:
    name = "transcription_config"
    if asked.diarization not in ("none", "channel"):
        _refuse(f"{name}.diarization", asked.diarization, "speakers cannot be told apart here; it can be none, channel")
    if asked.domain is not None:
        _refuse(f"{name}.domain", asked.domain, "there are no domains here; leave it out")
    if asked.output_locale is not None:
        _refuse(f"{name}.output_locale", asked.output_locale, "words come as the engine writes them; leave it out")
    if asked.enable_entities:
        _refuse(f"{name}.enable_entities", asked.enable_entities, "entities cannot be found here; it can be false")
    if asked.language_hints or asked.language_hints_strict:
        raise refused(f"{name}.language_hints: one language is heard, the one in {name}.language; leave it out")
    if len(set(asked.channel_diarization_labels)) < len(asked.channel_diarization_labels):
        raise refused(f"{name}.channel_diarization_labels names a channel twice")
    if config.language_identification_config is not None:
        raise refused(f"language_identification_config: languages cannot be identified here; name one in {name}")
    if config.audio_events_config is not None:
        raise refused("audio_events_config: laughter, applause and music cannot be detected here; leave it out")
    if config.output_config.generate_lattice:
        _refuse("output_config.generate_lattice", "true", "there are no lattices here; it can be false")


def _vocabulary(asked: TranscriptionConfig, heard: Heard) -> tuple[tuple[VocabularyItem, ...], tuple[Shortfall, ...]]:
    taught = vocabulary(asked.additional_vocab, heard)
    if asked.additional_vocab and not heard.vocabulary:
        raise refused(f"{taught.warned[0].reason}; it can be empty")
    return taught.items, tuple(Shortfall("configuration", "dropped", warned.reason) for warned in taught.warned)


def _writing(asked: TranscriptionConfig) -> WritingOptions:
    try:
        return writing(asked)
    except WireError as error:
        raise refused(error.reason) from error


def _targets(config: TranslationConfig | None, source: str, language: str, capabilities: Capabilities) -> _Targets:
    codes = dict.fromkeys(config.target_languages if config else ())
    tags = {code: tag_of(code) for code in codes}
    possible = [tag for tag in tags.values() if tag is not None and can_translate(source, tag, capabilities)]
    missing = (
        Shortfall(
            "translation",
            "unsupported_translation_pair",
            f"Translation from {language} to {code[:_SHOWN]} currently not supported",
            code,
        )
        for code, tag in tags.items()
        if tag not in possible
    )
    return _Targets(tuple(dict.fromkeys(possible)), tuple(missing))


def _speech(
    config: SpeechConfig | None, targets: Sequence[str], capabilities: Capabilities
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[Shortfall, ...]]:
    """Tags to speak, voices, and what nobody can say."""
    if config is None:
        return (), (), ()
    speakers = {spoken.language: spoken for spoken in capabilities.spoken}
    speak: dict[str, str] = {}
    mute = []
    for code in config.target_languages:
        tag = tag_of(code)
        if tag is None or tag not in targets:
            _refuse("speech_config.target_languages", code, "only languages that are translated to can be spoken")
        if (match := best_match(tag, speakers.keys())) is None:
            reason = f"Speech in {code[:_SHOWN]} currently not supported"
            mute.append(Shortfall("speech", "unsupported_language", reason, code))
        else:
            speak[tag] = match
    voices = []
    for code, voice in config.voices.items():
        tag = tag_of(code)
        if tag is None or tag not in speak:
            _refuse("speech_config.voices", code, "it is none of the languages that are spoken")
        if voice not in speakers[speak[tag]].voices:
            choices = ", ".join(speakers[speak[tag]].voices[:_SHOWN])
            _refuse(f"speech_config.voices.{code[:_SHOWN]}", voice, f"it can be {choices}")
        voices.append((tag, voice))
    return tuple(speak), tuple(voices), tuple(mute)


def _features(config: JobConfig) -> Iterator[Shortfall]:
    """Those for which the document has a place to say that they are missing."""
    if config.summarization_config is not None:
        yield Shortfall("summarization", "summarization_failed", "No engine that summarises is installed")
    if config.sentiment_analysis_config is not None:
        reason = "No engine that judges sentiment is installed"
        yield Shortfall("sentiment_analysis", "sentiment_analysis_failed", reason)
    if config.topic_detection_config is not None:
        yield Shortfall("topic_detection", "topic_detection_failed", "No engine that finds topics is installed")
    if config.auto_chapters_config is not None:
        yield Shortfall("auto_chapters", "auto_chapters_failed", "No engine that finds chapters is installed")


def _without_effect(config: JobConfig, asked: TranscriptionConfig) -> Iterator[Shortfall]:
    """What is told in the job's log."""
    name = "transcription_config"
    fields = [f"{name}.{field}" for field in _REALTIME if field in asked.model_fields_set]
    if config.translation_config is not None and config.translation_config.enable_partials:
        fields.append("translation_config.enable_partials")
    if asked.speaker_diarization_config.model_fields_set:
        fields.append(f"{name}.speaker_diarization_config")
    if asked.channel_diarization_labels and asked.diarization != "channel":
        fields.append(f"{name}.channel_diarization_labels")
    if fields:
        yield Shortfall("configuration", "no_effect", f"Without effect on this recording: {', '.join(fields)}")
    absent = [content for each in config.notification_config for content in each.contents or () if _is_absent(content)]
    if absent:
        yield Shortfall("configuration", "no_effect", f"Not sent, for there is none: {', '.join(sorted(set(absent)))}")


def _is_absent(content: str) -> bool:
    return content == "text" or content.startswith("alignment")
