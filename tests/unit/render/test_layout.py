from dragoman.core.transcript import Translation
from dragoman.render.layout import Layout
from dragoman.render.pieces import Piece, pieces
from dragoman.render.style import SubtitleStyle

STYLE = SubtitleStyle()


def layout(text: str, seconds: float = 4.0, language: str = "en", style: SubtitleStyle = STYLE) -> Layout:
    return Layout(pieces(Translation(text, language, 0.0, seconds), style.max_line_length), language, style)


def test_short_text_stays_on_one_line() -> None:
    assert layout("It was the best of times.").lines() == ("It was the best of times.",)


def test_lines_break_after_marks_before_they_balance() -> None:
    text = "When he came, everyone in the old house was asleep."
    assert layout(text).lines() == ("When he came,", "everyone in the old house was asleep.")


def test_no_article_is_left_at_the_end_of_a_line() -> None:
    text = "She had carefully opened the enormous wooden door"
    first, second = layout(text).lines()
    assert not first.endswith("the")
    assert f"{first} {second}" == text


def test_the_lower_line_is_the_longer_when_nothing_else_speaks() -> None:
    first, second = layout("xxxxxx " * 7, language="xx").lines()
    assert len(first) < len(second)


def test_a_long_sentence_becomes_several_subtitles() -> None:
    text = "The old gentleman was a sensible man, and he wished to leave the whole of the estate to his nephew."
    bounds = layout(text, 8.0).subtitles()
    assert len(bounds) == 2
    assert bounds[0] == (0, 7)
    assert bounds[0][1] == bounds[1][0]


def test_a_pause_parts_subtitles() -> None:
    words = [Piece("So", 0.0, 0.3), Piece("he", 0.3, 0.5), Piece("left", 3.0, 3.3), Piece("again", 3.3, 3.6)]
    assert Layout(words, "en", STYLE).subtitles() == [(0, 2), (2, 4)]


def test_more_lines_when_the_style_allows() -> None:
    style = SubtitleStyle(max_line_length=20, max_lines=3)
    lines = layout("It was the best of times, it was the worst of times", style=style).lines()
    assert len(lines) == 3
    assert all(len(line) <= 20 for line in lines)


def test_a_word_too_long_for_any_line_stands_alone() -> None:
    text = f"see {'x' * 60} there"
    split = layout(text)
    assert split.subtitles() == [(0, 2), (2, 3)]
    assert layout(f"see {'x' * 60}").lines() == ("see", "x" * 60)
    assert not split.fits_one()


def test_no_pieces_no_subtitles() -> None:
    assert Layout([], "en", STYLE).subtitles() == []
