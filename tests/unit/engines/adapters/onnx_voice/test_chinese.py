"""Chinese text to symbols and numbers to words: goldens."""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.adapters.onnx_voice.chinese import Chinese, sounds
from dragoman.engines.adapters.onnx_voice.chinese_numbers import cardinal, numbers_in_words


@pytest.mark.parametrize(
    ("syllable", "expected"),
    [
        ("zhong1", "ꭧʊ→ŋ"), ("guo2", "kwo↗"), ("nü3", "ny↓"), ("xue2", "ɕɥe↗"), ("shi4", "ʂɨ↘"), ("yuan2", "ɥɛ↗n"),
        ("er2", "ɚ↗"), ("de5", "tɤ"), ("bo1", "pwo→"), ("wei4", "wei↘"), ("ju2", "ʨy↗"), ("", ""),
    ],
)  # fmt: skip
def test_syllables(syllable: str, expected: str) -> None:
    assert sounds(syllable) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("银行行长说，重庆。", "i↗nxa↗ŋxa↗ŋꭧa↓ŋ ʂwo→, ꭧʰʊ↗ŋʨʰi↘ŋ. "),
        ("《猫》 M&S", "“mau→” m&s"),
        ("！", "! "),
    ],
)
def test_symbols(text: str, expected: str) -> None:
    said = "".join(part.symbols for part in Chinese()(text))
    assert " ".join(said.split()) == " ".join(expected.split())


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "零"), (10, "十"), (11, "十一"), (20, "二十"), (101, "一百零一"), (110, "一百一十"), (1010, "一千零一十"),
        (10_001, "一万零一"), (100_000, "十万"), (11_000_000, "一千一百万"), (100_010_001, "一亿零一万零一"),
    ],
)  # fmt: skip
def test_cardinals(number: int, expected: str) -> None:
    assert cardinal(number) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年", "二零二四年"),
        ("1,234.5人", "一千二百三十四点五人"),
        ("50%", "百分之五十"),
        ("14:05", "十四点零五分"),
        ("-3度", "负三度"),
        ("007", "零零七"),
        ("1" * 17, "一" * 17),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert numbers_in_words(text) == expected


@given(st.text(max_size=100))
def test_any_text_is_read(text: str) -> None:
    assert all(part.symbols or not part.text for part in Chinese()(text) if part.sounds)
