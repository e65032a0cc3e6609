"""Events of a run to messages, as one client asked for them."""

from collections.abc import Iterator
from typing import assert_never

from dragoman.core.events import (
    EndOfUtterance,
    Event,
    FinalTranscript,
    FinalTranslation,
    Notice,
    PartialTranscript,
    PartialTranslation,
    Progress,
    RunEnded,
    RunStarted,
    SentenceSpoken,
    SynthesizedAudio,
)
from dragoman.protocols.speechmatics import rt_messages as messages
from dragoman.protocols.speechmatics.rt_config import RtConfig
from dragoman.protocols.speechmatics.warned import Warned


def encode(event: Event, config: RtConfig) -> Iterator[messages.Wire]:
    options, codes = config.options, config.codes
    match event:
        case FinalTranscript():
            yield messages.final_transcript(event, config.language)
        case PartialTranscript() if options.partials:
            yield messages.partial_transcript(event, config.language, options.source)
        case FinalTranslation(translation):
            code = codes.get(translation.language, translation.language)
            yield messages.translation("AddTranslation", translation, code)
        case PartialTranslation(translation) if options.partial_translations:
            code = codes.get(translation.language, translation.language)
            yield messages.translation("AddPartialTranslation", translation, code)
        case EndOfUtterance() if event.forced or config.says_utterance_ends:
            yield messages.end_of_utterance(event)
        case Notice():
            yield messages.warning(_warned(event))
        case PartialTranscript() | PartialTranslation() | EndOfUtterance():
            pass  # not asked for
        case RunStarted() | SynthesizedAudio() | SentenceSpoken() | Progress() | RunEnded():
            pass
        case _:
            assert_never(event)


def _warned(notice: Notice) -> Warned:
    return Warned(notice.message, "validation_warning" if notice.language is None else "translation_failed")
