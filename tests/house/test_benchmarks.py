"""docs/benchmarks.md is what the records give, and word errors and flicker are counted as they should be."""

import subprocess
import sys

import pytest
from bench.flicker import erasure
from bench.words import comparable, normalized, spelled


def test_the_page_and_its_plots_are_what_the_records_give(root):
    check = subprocess.run(
        [sys.executable, root / "bench" / "report.py", "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("MISTER QUILTER", "Mr. Quilter,"),
        ("Thou art the world\N{RIGHT SINGLE QUOTATION MARK}s fresh ornament", "thou art the world's fresh ornament"),
        ("I VE TRIED IT", "I've tried it."),
        ("self-substantial fuel", "self substantial fuel"),
        ("for the year 2021", "for the year twenty twenty one"),
        ("the, uh, results", "the results"),
        ("montreal <cutoff-forced> forced [laughter]", "montreal forced"),
    ],
)
def test_what_sounds_the_same_is_written_the_same(written, heard):
    assert normalized(written) == normalized(heard)


@pytest.mark.parametrize(
    ("language", "written", "heard"),
    [
        ("de", "Das sind 20 Äpfel, <hm> mehr nicht.", "das sind 20 äpfel mehr nicht"),
        ("sv", "Testar en, två", "testar 1 2"),
        ("fr", "L\N{RIGHT SINGLE QUOTATION MARK}été", "l'été"),
        ("zh", "博贝克、出生", "博 贝克 出生。"),
        ("en", "21 apples", "twenty one apples"),
    ],
)
def test_other_languages_are_compared_without_english_spelling(language, written, heard):
    assert comparable(written, language) == comparable(heard, language)


def test_numbers_of_other_languages_stay_and_characters_are_counted_where_words_are_not_parted():
    assert comparable("20 Äpfel", "de") == "20 äpfel"
    assert comparable("博贝克。", "zh") == "博 贝 克"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (21, "twenty one"),
        (500, "five hundred"),
        (1100, "one thousand one hundred"),
        (1905, "nineteen oh five"),
        (2000, "two thousand"),
        (2005, "two thousand five"),
        (25_000, "twenty five thousand"),
    ],
)
def test_numbers_are_spelled(number, words):
    assert spelled(number) == words


@pytest.mark.parametrize(
    ("shown", "taken_back"),
    [
        ([], 0),
        (["the", "the sea", "the sea is calm"], 0),
        (["the see", "the sea is calm"], 1 / 4),
        (["a sea is", "the sea is calm", "the sea is warm"], (3 + 1) / 4),
        (["the sea is", "the"], 2),
    ],
)
def test_flicker_is_what_was_shown_and_taken_back_over_what_stays(shown, taken_back):
    assert erasure([text.split() for text in shown]) == taken_back
