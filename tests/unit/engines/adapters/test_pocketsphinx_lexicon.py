"""Words of any text in a dictionary."""

import pytest

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters import espeak, pocketsphinx_lexicon
from dragoman.engines.adapters.pocketsphinx_lexicon import Lexicon

KNOWN = {"don't": "D OW N T", "well-known": "W EH L N OW N", "b.": "B IY", "c.": "S IY", "hello": "HH AH L OW"}


class Dictionary:
    """The part of a decoder that holds its words."""

    def __init__(self):
        self.words = dict(KNOWN)

    def lookup_word(self, word):
        return self.words.get(word)

    def add_word(self, word, phones, *, update):
        assert not update
        self.words[word] = phones


@pytest.fixture
def lexicon():
    return Lexicon(Dictionary())


@pytest.fixture
def _espeak():
    try:
        espeak.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Don\N{RIGHT SINGLE QUOTATION MARK}t", "don't"),
        ("(Hello),", "hello"),
        ("“Hello!”", "hello"),
        ("'hello'", "hello"),
        ("Well-known", "well-known"),
    ],
)
def test_marks_and_case_are_not_said(lexicon, word, name):
    lexicon.learn([word])
    assert lexicon.name(word) == name
    assert lexicon.learnt == 0


@pytest.mark.parametrize("word", ["—", "...", "", "***", "x" * 61])
def test_what_cannot_be_said_has_no_name(lexicon, word):
    lexicon.learn([word])
    assert lexicon.name(word) is None
    assert lexicon.name("never learnt") is None


@pytest.mark.usefixtures("_espeak")
def test_numbers_names_and_abbreviations_are_learnt_as_they_are_said(lexicon):
    words = ["1998", "$5.20,", "5%", "BC", "Zbigniew"]
    lexicon.learn(words)
    said = {word: lexicon._decoder.words[lexicon.name(word)] for word in words}
    assert said["1998"].startswith("N AY N T IY N N AY N T IY")
    assert "D AA L ER Z" in said["$5.20,"]
    assert "P ER S EH N T" in said["5%"]
    assert said["BC"] == "B IY S IY"
    assert lexicon.phones(lexicon.name("BC")) == 4
    assert lexicon.learnt == 5
    lexicon.learn(words)
    assert lexicon.learnt == 5


@pytest.mark.usefixtures("_espeak")
def test_no_more_are_learnt_than_there_is_room_for(lexicon, monkeypatch):
    monkeypatch.setattr(pocketsphinx_lexicon, "MOST_LEARNT", 2)
    lexicon.learn(["blorp", "flimp", "grunk"])
    assert [lexicon.name(word) for word in ("blorp", "flimp", "grunk")] == ["@0", "@1", None]
    lexicon.learn(["trink", "hello"])
    assert (lexicon.name("trink"), lexicon.name("hello")) == (None, "hello")
