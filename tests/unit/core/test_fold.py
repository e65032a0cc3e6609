"""Events to a transcript."""

from dragoman.core.audio import silence
from dragoman.core.events import (
    EndOfUtterance,
    Event,
    FinalTranscript,
    FinalTranslation,
    Notice,
    PartialTranscript,
    Progress,
    RunEnded,
    RunStarted,
    SentenceSpoken,
    SynthesizedAudio,
)
from dragoman.core.fold import TranscriptFold, fold
from dragoman.core.transcript import Sentence, SpokenSentence, Transcript, Translation, Word

ONE = Sentence((Word("One.", 0.0, 1.0),), "en")
TWO = Sentence((Word("Two.", 2.0, 3.0),), "en")
UNO = Translation("Uno.", "es", 0.0, 1.0)
DOS = Translation("Dos.", "es", 2.0, 3.0)
UN = Translation("Un.", "fr", 0.0, 1.0)
SPOKEN = SpokenSentence("es", 0.0, 0.8, 0.0, 1.0, 1.0)

EVENTS: list[Event] = [
    RunStarted("en", ("scripted",)),
    PartialTranscript(ONE.items, 0, 0.0, 0.5),  # type: ignore[arg-type]  # a sentence of words only
    FinalTranscript(ONE),
    EndOfUtterance(1.0),
    Progress(1.2),
    FinalTranslation(UN),
    FinalTranslation(UNO),
    SynthesizedAudio("es", silence(0.8, 24_000)),
    SentenceSpoken(SPOKEN),
    FinalTranscript(TWO),
    Notice("engine_crashed", "The sentence at 2.0 s was not translated to fr", "fr"),
    FinalTranslation(DOS),
    RunEnded(4.0),
]


def test_a_run_becomes_a_transcript() -> None:
    assert fold(EVENTS) == Transcript(
        language="en",
        duration=4.0,
        sentences=(ONE, TWO),
        translations={"es": (UNO, DOS), "fr": (UN,)},
        speech={"es": (SPOKEN,)},
        notices=("The sentence at 2.0 s was not translated to fr",),
    )


def test_what_was_asked_for_has_a_key_even_when_nothing_came_of_it() -> None:
    folding = TranscriptFold(("es", "fr"), speak=("fr",))
    assert folding.transcript() == Transcript("und", 0.0, translations={"es": (), "fr": ()}, speech={"fr": ()})


def test_a_transcript_taken_early_does_not_change_afterwards() -> None:
    folding = TranscriptFold(("es",))
    for event in EVENTS[:7]:
        folding.add(event)
    early = folding.transcript()
    for event in EVENTS[7:]:
        folding.add(event)
    assert (early.sentences, early.translations["es"], early.duration) == ((ONE,), (UNO,), 0.0)
    assert folding.transcript().translations["es"] == (UNO, DOS)
