"""Events to feed to what shows them."""

from dragoman.core.events import FinalTranscript, FinalTranslation
from dragoman.core.transcript import Sentence, Translation, Word


def sentence(start: float, text: str = "hello there") -> Sentence:
    return Sentence(tuple(Word(word, start, start + 1.0) for word in text.split()), "en")


def said(start: float, text: str = "hello there") -> FinalTranscript:
    return FinalTranscript(sentence(start, text))


def meant(language: str, start: float, text: str = "hola") -> FinalTranslation:
    return FinalTranslation(Translation(text, language, start, start + 1.0))
