"""Events to the transcript of a whole run."""

from collections.abc import Iterable
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
from dragoman.core.transcript import Sentence, SpokenSentence, Transcript, Translation


class TranscriptFold:
    """Takes the events of one run, one after another; :meth:`transcript` is what has been said so far."""

    def __init__(self, targets: Iterable[str] = (), speak: Iterable[str] = ()) -> None:
        """``targets`` and ``speak`` have a key in the result even when nothing came of them."""
        self._language = "und"
        self._duration = 0.0
        self._sentences: list[Sentence] = []
        self._translations: dict[str, list[Translation]] = {target: [] for target in targets}
        self._speech: dict[str, list[SpokenSentence]] = {target: [] for target in speak}
        self._notices: list[str] = []

    def add(self, event: Event) -> None:
        match event:
            case RunStarted(language):
                self._language = language
            case FinalTranscript(sentence):
                self._sentences.append(sentence)
            case FinalTranslation(translation):
                self._translations.setdefault(translation.language, []).append(translation)
            case SentenceSpoken(spoken):
                self._speech.setdefault(spoken.language, []).append(spoken)
            case Notice(_, message):
                self._notices.append(message)
            case RunEnded(duration):
                self._duration = duration
            case PartialTranscript() | PartialTranslation() | EndOfUtterance() | SynthesizedAudio() | Progress():
                pass
            case _:
                assert_never(event)

    def transcript(self) -> Transcript:
        return Transcript(
            language=self._language,
            duration=self._duration,
            sentences=tuple(self._sentences),
            translations={target: tuple(entries) for target, entries in self._translations.items()},
            speech={target: tuple(entries) for target, entries in self._speech.items()},
            notices=tuple(self._notices),
        )


def fold(events: Iterable[Event]) -> Transcript:
    """The transcript of a complete sequence of events."""
    folding = TranscriptFold()
    for event in events:
        folding.add(event)
    return folding.transcript()
