import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.adapters.apertium_text import clean, decode, encode


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a\nb\tc\x00d", "a b c d"),
        ("  a   b ", "a b"),
        ("half \ud83d, none \uffff", "half , none"),
        ("\n\t ", ""),
        ("smile 😀 e\u0301", "smile 😀 e\u0301"),
    ],
)
def test_clean(sentence: str, expected: str) -> None:
    assert clean(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("i would, i'm, so do i", "I would, I'm, so do I.[]"),
        ("i.e. wi-fi (i) Mr.i", "i.e. wi-fi (i) Mr.i.[]"),
        ("A [b] <c> {d} ^e$ f/g h\\n j@k.", r"A \[b\] \<c\> \{d\} \^e\$ f\/g h\\n j\@k."),
        ("Really?", "Really?"),
        ('He said "no."', 'He said "no."'),
    ],
)
def test_encode_english(sentence: str, expected: str) -> None:
    assert encode(sentence, "en") == expected


def test_only_english_has_the_pronoun_i() -> None:
    assert encode("pa i fill.", "ca") == "pa i fill."


@pytest.mark.parametrize(
    ("answer", "sentence", "expected"),
    [
        ("Hola.[]", "Hello", "Hola"),
        ("Hola .", "Hello.", "Hola."),
        ("prueba  del   sistema", "test", "prueba del sistema"),
        ("a\\@b \\[c\\] \\\\", "a", "a@b [c] \\"),
        (' " soy aquí" , dijo .', '"I am here", he said.', '"Soy aquí", dijo.'),
        ("cuesta .5 y 3.14", "costs .5", "cuesta .5 y 3.14"),
        ("Me gustaría", "i would like", "me gustaría"),
        ("EE.UU. crece", "us grows", "EE.UU. crece"),
        ("", "it", ""),
    ],
)
def test_decode(answer: str, sentence: str, expected: str) -> None:
    assert decode(answer, sentence) == expected


@given(st.text())
def test_what_was_encoded_is_decoded(text: str) -> None:
    sentence = clean(text)
    decoded = decode(encode(sentence, "ca"), sentence)
    assert decoded.replace(" ", "").casefold() == sentence.replace(" ", "").casefold()


@given(st.text())
def test_framing_survives_any_text(text: str) -> None:
    encoded = encode(clean(text), "en")
    assert not set("\0\n") & set(encoded)
    encoded.encode()
