"""Scripts: what is said when, and files that are none."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.errors import DragomanError, EngineUnavailable
from dragoman.engines.script import Script, ScriptedUtterance, read_script

HELLO = ScriptedUtterance(1.0, 2.0, "How are you?", {"es": "¿Cómo estás?"})
BYE = ScriptedUtterance(3.0, 3.5, "Bye.", {"es": "Adiós.", "fr": "Salut."})
ONCE = Script("en", (HELLO, BYE))
AGAIN = Script("en", (HELLO, BYE), repeat_every=4.0)


def contents(script: Script, start: float, end: float) -> str:
    return " ".join(word.content for word in script.words(start, end))


def test_words_are_spread_evenly_over_their_utterance() -> None:
    words = ONCE.words(0.0, 2.0)
    assert [word.content for word in words] == ["How", "are", "you?"]
    assert [word.start_time for word in words] == pytest.approx([1.0, 4 / 3, 5 / 3])
    assert [word.end_time for word in words] == pytest.approx([4 / 3, 5 / 3, 2.0])


def test_a_word_belongs_where_its_middle_is() -> None:
    assert contents(ONCE, 0.0, 1.4) == "How"
    assert contents(ONCE, 1.4, 10.0) == "are you? Bye."
    assert contents(ONCE, 10.0, 20.0) == ""


def test_a_script_is_said_again() -> None:
    assert contents(AGAIN, 0.0, 8.0) == "How are you? Bye. How are you? Bye."
    assert contents(AGAIN, 400.0, 402.5) == "How are you?"
    assert AGAIN.words(400.0, 402.5)[0].start_time == pytest.approx(401.0)
    assert AGAIN.speaks(401.5)
    assert not AGAIN.speaks(402.5)


@given(st.lists(st.floats(0, 50), max_size=10), st.sampled_from([ONCE, AGAIN]))
def test_however_time_is_cut_every_word_is_said_once(cuts: list[float], script: Script) -> None:
    edges = [0.0, *sorted(cuts), 50.0]
    pieces = [word for start, end in pairwise(edges) for word in script.words(start, end)]
    assert tuple(pieces) == script.words(0.0, 50.0)


@given(st.floats(0, 100), st.sampled_from([ONCE, AGAIN]))
def test_words_are_said_while_somebody_speaks(time: float, script: Script) -> None:
    for word in script.words(time, time + 2.0):
        assert script.speaks((word.start_time + word.end_time) / 2)


def test_it_translates_what_it_knows_and_marks_the_rest() -> None:
    assert ONCE.translate("Bye.", "fr") == "Salut."
    assert ONCE.translate("How are you?", "fr") == "[fr] How are you?"
    assert ONCE.translate("Who?", "es") == "[es] Who?"
    assert ONCE.targets == ("es", "fr")


def test_a_script_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    utterances = [{"start_time": 1, "end_time": 2.0, "text": "How are you?", "translations": {"es": "¿Cómo estás?"}}]
    path.write_text(json.dumps({"language": "en", "utterances": utterances}))
    assert read_script(str(path)) == Script("en", (HELLO,))


def test_the_built_in_script_counts() -> None:
    script = read_script(None)
    assert contents(script, 0.0, 8.0) == "This is sentence number 1. This is sentence number 2."
    assert script.targets == ("es", "fr", "de")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not valid at the file"),
        (b"not JSON", "not valid at the file"),
        (b"\xff\xfe\x00", "not valid at the file"),
        (b"[]", "not valid at the file"),
        (b"{}", "not valid at language"),
        (b'{"language": "en", "utterances": [{}]}', r"not valid at utterances\.0\.start_time"),
        (b'{"language": 5, "utterances": []}', "not valid at language"),
        (b'{"language": "klingonese", "utterances": []}', "klingonese"),
        (b'{"language": "", "utterances": []}', "is not a language code"),
        (
            b'{"language":"en","utterances":[{"start_time":0,"end_time":1,"text":"Hi.","translations":{"?":"Hola."}}]}',
            r"not valid at utterances\.0\.translations.*'\?' is not a language code",
        ),
        (b'{"language": "en", "utterances": [], "repeat_every": "often"}', "not valid at repeat_every"),
        (b'{"language": "en", "utterances": [], "repeat_every": -1}', "not valid at repeat_every"),
    ],
)
def test_a_file_that_is_no_script_says_where(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "script.json"
    path.write_bytes(content)
    with pytest.raises(DragomanError, match=problem):
        read_script(str(path))


def test_tags_are_canonical_however_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    utterances = [{"start_time": 0, "end_time": 1, "text": "Hi.", "translations": {"spa": "Hola.", "pt_br": "Oi."}}]
    path.write_text(json.dumps({"language": "EN", "utterances": utterances}))
    script = read_script(str(path))
    assert script.language == "en"
    assert script.targets == ("es", "pt-BR")
    assert script.translate("Hi.", "es") == "Hola."


@pytest.mark.parametrize("name", ["no-such-file.json", "."])
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        read_script(str(tmp_path / name))
