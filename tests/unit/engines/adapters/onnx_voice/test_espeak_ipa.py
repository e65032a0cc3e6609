"""Text to phonemes by the espeak-ng that is installed: goldens in Kokoro's symbols, and how marks are kept."""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters import espeak
from dragoman.engines.adapters.espeak_children import EspeakChildren
from dragoman.engines.adapters.kokoro_languages import kokoro_symbols
from dragoman.engines.adapters.onnx_voice.espeak_ipa import EspeakPhonemizer, cut_at_marks


@pytest.fixture(scope="module")
def children() -> Iterator[EspeakChildren]:
    try:
        espeak.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))
    children = EspeakChildren()
    yield children
    children.close()


@pytest.mark.parametrize(
    ("voice", "text", "expected"),
    [
        ("roa/es", "¿La casa es grande? Sí.", "la kˈasa ˈes ɣɾˈande? sˈi."),
        ("roa/es", "El año 1999, el 3,14.", "el ˈaɲo mˈil nˌoβeθjˈɛntos noβˌɛntainwˈeβe, el tɾˈes komˌa katˈoɾθe."),
        ("roa/fr", "Le week-end des enfants.", "lə wˈiːkˈɛnd dez ɑ̃fˈɑ̃."),
        ("roa/it", "«La città» — è bella!", "“la ʧitːˈa” — e bˈɛlla!"),
        ("roa/pt-BR", "A casa não é grande.", "a kˈazæ nˌɐ̃ʊ̃ ɛ ɡrˈɐ̃ŋʤy."),
        ("inc/hi", "घर बड़ा है।", "ɡʰˈʌɾ bˈʌr.aː hɛː."),
        ("roa/es", "... ¿? !", ""),
    ],
)
def test_symbols(children: EspeakChildren, voice: str, text: str, expected: str) -> None:
    phonemizer = EspeakPhonemizer(children, voice, tie="^", adapt=kokoro_symbols)
    assert "".join(part.symbols for part in phonemizer(text)).strip() == expected


def test_a_switch_of_language_is_not_spoken(children: EspeakChildren) -> None:
    phonemizer = EspeakPhonemizer(children, "inc/hi", tie="^", adapt=kokoro_symbols)
    assert "(" not in "".join(part.symbols for part in phonemizer("मैं computer"))


def test_words_keep_their_names(children: EspeakChildren) -> None:
    phonemizer = EspeakPhonemizer(children, "roa/es")
    parts = phonemizer("El año 1999, ¿qué tal?")
    assert [part.text for part in parts if part.text] == ["El", "año", "1999", "qué", "tal"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One, two.", [("", ("One",), ","), ("", ("two",), ".")]),
        ("It is 3.14 or l'eau", [("", ("It", "is", "3.14", "or", "l'eau"), "")]),
        ("He said “stop!” (twice)", [("", ("He", "said"), ""), ("“", ("stop",), "!”"), ("(", ("twice",), ")")]),
        ("one – two", [("", ("one",), " —"), ("", ("two",), "")]),
        ("¡!", [("", (), "!")]),
    ],
)
def test_marks(text: str, expected: list[tuple[str, tuple[str, ...], str]]) -> None:
    assert [(stretch.before, stretch.words, stretch.after) for stretch in cut_at_marks(text)] == expected


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=100))
def test_any_text_is_read(children: EspeakChildren, text: str) -> None:
    phonemizer = EspeakPhonemizer(children, "roa/es", tie="^", adapt=kokoro_symbols)
    words = iter(text.split())
    for part in phonemizer(text):
        assert not part.text or any(part.text in word for word in words)
