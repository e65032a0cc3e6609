# ruff: noqa: RUF001 - full-width forms are the point
import pytest

from dragoman.render.characters import breakable, clusters, join, width, writes_no_space


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("é", 1), ("e\u0301", 1), ("你好。", 6), ("ｱ", 1), ("", 0)])
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_scripts_that_write_no_space() -> None:
    assert writes_no_space("你")
    assert writes_no_space("ア")
    assert not writes_no_space("한")
    assert not writes_no_space("a")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("hello", ["hello"]),
        ("你好，我。", ["你", "好，", "我。"]),
        ("用Python写", ["用", "Python", "写"]),
        ("「はい」と", ["「は", "い」", "と"]),
        ("한국어", ["한국어"]),
    ],
)
def test_breakable(text: str, parts: list[str]) -> None:
    assert breakable(text) == parts
    assert "".join(parts) == text


def test_clusters_keep_marks_on_their_letter() -> None:
    assert clusters("ที่นี่") == ["ที่", "นี่"]


def test_join() -> None:
    assert join("One.", "Two.") == "One. Two."
    assert join("一。", "二。") == "一。二。"
    assert join("", "Two.") == "Two."
