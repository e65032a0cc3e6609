import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from tests.unit.cli.events import sentence

from dragoman.cli.rows import Row
from dragoman.cli.transcript_view import TranscriptView, column_width

ROW = Row(sentence(63.2, "Where are you [going] today?"), {"es": "¿Dónde vas hoy?"})


def shown(width, targets, *rows, terminal=True):
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None)
    view = TranscriptView(console, "en", targets, 600.0)
    for row in rows:
        view.show(row)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_languages_stand_side_by_side_below_their_names():
    lines = shown(100, ("es",), ROW, ROW)
    assert lines[0].split() == ["Time", "English", "Spanish"]
    assert lines[2].split()[0] == "1:03.2"
    assert "Where are you [going] today?" in lines[2]
    assert lines[2].index("¿Dónde vas hoy?") == lines[0].index("Spanish")
    assert len(lines) == 4


def test_long_sentences_stay_in_their_column():
    lines = shown(80, ("es",), Row(sentence(1.0, "one two three " * 8), {"es": "uno dos tres " * 8}))
    column = lines[0].index("Spanish")
    assert all(set(line[column - 2 : column]) <= {" "} for line in lines[2:])


def test_on_a_narrow_terminal_languages_stand_below_each_other():
    lines = shown(50, ("es",), ROW)
    assert lines == [" 1:03.2  Where are you [going] today?", "     es  ¿Dónde vas hoy?"]


def test_a_missing_translation_shows():
    assert shown(50, ("es",), Row(sentence(1.0), {}))[1].split() == ["es", "—"]


def test_nothing_is_wrapped_in_a_pipe():
    long = Row(sentence(1.0, "word " * 200), {"es": "palabra " * 200})
    assert len(shown(80, ("es",), long, terminal=False)) == 2


@pytest.mark.parametrize(("width", "languages", "column"), [(70, 1, 66), (70, 2, 32), (70, 3, None), (110, 3, 34)])
def test_column_widths(width, languages, column):
    assert column_width(width, languages) == column


@given(st.integers(1, 300), st.integers(1, 8))
def test_columns_fit_the_terminal(width, languages):
    column = column_width(width, languages)
    assert column is None or (column + 2) * languages + 2 <= width
