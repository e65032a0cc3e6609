"""What a client and this installation agree on for one realtime session.

What is wrong raises a :class:`WireError`; what is right and cannot be done here becomes a :class:`Warned`, and the
session goes on without it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from dragoman.core.capabilities import Capabilities, Heard
from dragoman.core.controls import Reconfigure
from dragoman.core.options import RunOptions
from dragoman.protocols.speechmatics.config import (
    AudioEventsConfig,
    AudioFormat,
    RawFormat,
    SetRecognitionConfig,
    StartRecognition,
    TranscriptionConfig,
    TranslationConfig,
    read,
    read_format,
    unknown_fields,
)
from dragoman.protocols.speechmatics.errors import WireError
from dragoman.protocols.speechmatics.languages import Targets, same_code, spoken, targets
from dragoman.protocols.speechmatics.vocabulary import vocabulary
from dragoman.protocols.speechmatics.warned import Warned
from dragoman.protocols.speechmatics.writing import writing

LEAST_DELAY, LONGEST_DELAY = 0.7, 4.0
"""Seconds; documented clients send more and less, so what is outside is brought inside."""

MAX_CHANNELS = 8
"""Each is recognised by itself, and takes the place of a session."""

_CHANGEABLE = frozenset(
    {"max_delay", "max_delay_mode", "audio_filtering_config", "enable_partials", "conversation_config"}
)
_IGNORED = ("transcription_config.streaming_mode", "transcription_config.ctrl")
_SHOWN = 10
"""Unknown fields that are named in one Warning."""


@dataclass(frozen=True, slots=True)
class RtConfig:
    """Agreed."""

    heard: Heard
    language: str
    """Of the source, as the client wrote it."""
    audio: AudioFormat | RawFormat
    options: RunOptions
    codes: Mapping[str, str]
    """Target languages inside to how the client wrote them."""
    channels: tuple[str, ...]
    """Labels; empty when channels are not told apart."""
    asked: TranscriptionConfig
    translation: TranslationConfig | None
    events: AudioEventsConfig | None
    warned: tuple[Warned, ...] = field(default=(), compare=False)
    """What the client is to be told of this message."""

    @property
    def says_utterance_ends(self) -> bool:
        return self.options.end_of_utterance is not None

    @property
    def max_delay(self) -> float:
        """Seconds"""
        return self.options.max_delay or LONGEST_DELAY

    @property
    def reconfigure(self) -> Reconfigure:
        options = self.options
        return Reconfigure(options.partials, options.max_delay, options.end_of_utterance, options.volume_threshold)


def agree(message: Mapping[str, Any], capabilities: Capabilities, path_language: str | None) -> RtConfig:
    """Of a StartRecognition; ``path_language`` is what the URL says. Raises :class:`WireError`."""
    start = read(StartRecognition, message)
    asked = start.transcription_config
    audio = read_format(start.audio_format)
    language = asked.language or path_language
    if language is None:
        raise WireError("invalid_message", "transcription_config.language is missing")
    source, heard = spoken(language, capabilities)
    wanted = targets(start.translation_config, source, language, capabilities)
    taught = vocabulary(asked.additional_vocab, heard)
    options = RunOptions(
        source=source,
        targets=tuple(wanted.codes),
        recognition="live",
        enhanced="enhanced" in (asked.model, asked.operating_point),
        partial_translations=bool(start.translation_config and start.translation_config.enable_partials),
        channels=_channels(asked) or (None,),
        vocabulary=taught.items,
        writing=writing(asked),
    )
    agreed = RtConfig(
        heard=heard,
        language=language,
        audio=audio,
        options=_with_changeable(options, asked),
        codes=wanted.codes,
        channels=_channels(asked),
        asked=asked,
        translation=start.translation_config,
        events=start.audio_events_config,
    )
    warned = _warned(start, language, path_language, wanted)
    return replace(agreed, warned=(*warned, *taught.warned))


def change(agreed: RtConfig, message: Mapping[str, Any]) -> RtConfig:
    """By a SetRecognitionConfig. Clients may send all that they sent before; raises :class:`WireError` for what is new
    there and cannot be changed."""
    wanted = read(SetRecognitionConfig, message)
    given = wanted.transcription_config
    before = agreed.asked.model_copy(update={"language": agreed.language})
    for name in given.model_fields_set & set(TranscriptionConfig.model_fields) - _CHANGEABLE:
        _must_be_the_same(f"transcription_config.{name}", getattr(before, name), getattr(given, name))
    _must_be_the_same("translation_config", agreed.translation, wanted.translation_config or agreed.translation)
    _must_be_the_same("audio_events_config", agreed.events, wanted.audio_events_config or agreed.events)
    changed = {name: getattr(given, name) for name in given.model_fields_set & _CHANGEABLE}
    asked = agreed.asked.model_copy(update=changed)
    warned = (*_clamped(given), *_unknown(wanted))
    return replace(agreed, asked=asked, options=_with_changeable(agreed.options, asked), warned=warned)


def _must_be_the_same(name: str, old: object, new: object) -> None:
    if old == new or (name.endswith(".language") and same_code(old, new)):
        return
    allowed = ", ".join(sorted(_CHANGEABLE))
    raise WireError(
        "invalid_config", f"{name} cannot be changed while a session runs. What can: {allowed} of transcription_config"
    )


def _with_changeable(options: RunOptions, asked: TranscriptionConfig) -> RunOptions:
    filtering = asked.audio_filtering_config
    return replace(
        options,
        partials=asked.enable_partials,
        max_delay=min(max(asked.max_delay, LEAST_DELAY), LONGEST_DELAY),
        end_of_utterance=asked.conversation_config.end_of_utterance_silence_trigger or None,
        volume_threshold=None if filtering is None else filtering.volume_threshold,
    )


def _channels(asked: TranscriptionConfig) -> tuple[str, ...]:
    labels = asked.channel_diarization_labels
    if asked.diarization not in ("channel", "channel_and_speaker"):
        return ()
    if not 1 <= len(labels) <= MAX_CHANNELS:
        raise WireError(
            "invalid_config",
            f"transcription_config.channel_diarization_labels has {len(labels)} labels. "
            f"Channels are told apart by 1 to {MAX_CHANNELS}, those of AddChannelAudio",
        )
    if len(set(labels)) < len(labels):
        raise WireError("invalid_config", "transcription_config.channel_diarization_labels names a channel twice")
    return tuple(labels)


def _warned(start: StartRecognition, language: str, path_language: str | None, wanted: Targets) -> Iterator[Warned]:
    asked = start.transcription_config
    if path_language is not None and not same_code(path_language, language):
        yield Warned(f"The path says {path_language}, transcription_config.language says {language}: the latter holds")
    yield from _clamped(asked)
    yield from _not_here(asked)
    if start.audio_events_config is not None:
        yield Warned("audio_events_config: laughter, applause and music cannot be detected here")
    yield from wanted.warned
    yield from _unknown(start)


def _clamped(asked: TranscriptionConfig) -> Iterator[Warned]:
    if not LEAST_DELAY <= asked.max_delay <= LONGEST_DELAY:
        yield Warned(
            f"transcription_config.max_delay is {asked.max_delay:g}: "
            f"it can be {LEAST_DELAY:g} to {LONGEST_DELAY:g} seconds, and the nearer one holds"
        )


def _not_here(asked: TranscriptionConfig) -> Iterator[Warned]:
    """Fields that are understood, and that no installed engine can act on."""
    name = "transcription_config"
    if asked.diarization in ("speaker", "channel_and_speaker"):
        yield Warned(f"{name}.diarization is {asked.diarization}: speakers cannot be told apart here")
    if asked.speaker_diarization_config.speakers:
        yield Warned("The speaker identifiers are not known here and are ignored", "speaker_id")
    if asked.enable_entities:
        yield Warned(f"{name}.enable_entities: entities cannot be found here; words come as they were spoken")
    if asked.domain is not None:
        yield Warned(f"{name}.domain is {asked.domain[:50]!r}: there are no domains here")
    if asked.output_locale is not None:
        yield Warned(f"{name}.output_locale is {asked.output_locale[:50]!r}: words come as the engine writes them")
    if asked.language_hints or asked.language_hints_strict:
        yield Warned(f"{name}.language_hints: one language is heard, the one in {name}.language")
    if asked.model not in (None, "standard", "enhanced"):
        yield Warned(f"{name}.model is {asked.model[:50]!r}: there are standard and enhanced")


def _unknown(message: BaseModel) -> Iterator[Warned]:
    found = [name for name in unknown_fields(message) if name not in _IGNORED]
    if "transcription_config.translation_config" in found:
        found.remove("transcription_config.translation_config")
        yield Warned("translation_config belongs beside transcription_config, not inside it: nothing is translated")
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        yield Warned(f"Unknown and ignored: {', '.join(name[:100] for name in found[:_SHOWN])}{more}")
