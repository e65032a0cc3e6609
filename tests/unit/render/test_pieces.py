import pytest

from dragoman.core.transcript import Punctuation, Sentence, Translation, Word
from dragoman.render.pieces import Piece, pieces


def test_marks_stick_to_their_words() -> None:
    items = (
        Punctuation("¿", 1.0, "next"),
        Word("Qué", 1.0, 1.4),
        Word("tal", 1.5, 1.9),
        Punctuation(",", 1.9),
        Word("amigo", 2.5, 3.0),
        Punctuation("?", 3.0),
    )
    assert pieces(Sentence(items, "es"), 42) == [
        Piece("¿Qué", 1.0, 1.4),
        Piece("tal,", 1.5, 1.9),
        Piece("amigo?", 2.5, 3.0),
    ]


def test_a_translation_is_spread_by_width() -> None:
    first, second = pieces(Translation("ab abcde", "xx", 10.0, 18.0), 42)
    assert (first.start_time, first.end_time) == (10.0, 12.0)
    assert (second.start_time, second.end_time) == (13.0, 18.0)


def test_characters_share_the_time_of_their_word() -> None:
    sentence = Sentence((Word("你好", 0.0, 1.0), Punctuation("。", 1.0)), "zh", "")
    cut = pieces(sentence, 32)
    assert [piece.text for piece in cut] == ["你", "好。"]
    assert cut[0].end_time == pytest.approx(1 / 3)
    assert not any(piece.spaced for piece in cut)


def test_thai_wider_than_a_line_is_cut_between_characters() -> None:
    text = "ที่นี่" * 20
    cut = pieces(Translation(text, "th", 0.0, 4.0), 16)
    assert "".join(piece.text for piece in cut) == text
    assert all(piece.columns == 1 for piece in cut[:1])


def test_long_words_of_alphabets_stay_whole() -> None:
    assert len(pieces(Translation("Ö" * 60, "de", 0.0, 4.0), 42)) == 1


def test_nothing_said_is_no_piece() -> None:
    assert pieces(Translation("  ", "es", 0.0, 1.0), 42) == []
