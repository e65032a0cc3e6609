"""English text to symbols: goldens, by the G2P that is installed."""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("hibari")

from dragoman.engines.adapters.onnx_voice.english import english


def symbols(text: str, *, british: bool = False) -> str:
    return "".join(part.symbols for part in english(british=british)(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there, my friend.", "həlˈO ðˈɛɹ, mI fɹˈɛnd."),
        ("It costs $5.50.", "ˌɪt kˈɔsts fˈIv dˈɑləɹz ænd fˈɪfti sˈɛnts."),
        ("Is it over?", "ˌɪz ɪt ˈOvəɹ?"),
        ("NATO met.", "nˈATO mˈɛt."),
        ("(really)", "(ɹˈiᵊli)"),
        ("[word](/x/)", "wˈɜɹd) (ˈɛks)"),
        ("", ""),
    ],
)
def test_symbols(text: str, expected: str) -> None:
    assert symbols(text) == expected


def test_british_is_another_accent() -> None:
    assert symbols("the car", british=True) == "ðə kˈɑː"


def test_words_are_named_as_they_are_written() -> None:
    parts = english(british=False)("Dr. Smith paid $5.50 on 3 March, didn't he?")
    assert [part.text for part in parts if part.text] == [
        "Dr", "Smith", "paid", "$5.50", "on", "3", "March", "didn't", "he",
    ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    words = iter(text.replace("](", "] (").split())
    for part in english(british=False)(text):
        assert not part.text or any(part.text in word for word in words)


def test_numbers_without_a_name_are_read_digit_by_digit() -> None:
    assert symbols("1" * 5000).startswith("wˈʌn wˈʌn")
