from dragoman.core.options import VocabularyItem
from dragoman.engines.adapters.pocketsphinx_vocabulary import Lesson, plan

DICTIONARY = {
    "london": "L AH N D AH N",
    "will": "W IH L",
    "nokey": "N OW K IY",
    "gnocchi": "N Y OW K IY",
    "c.": "S IY",
    "e.": "IY",
    "o.": "OW",
    "ceo": "S IY IY OW",
    "bridge": "B R IH JH",
}
SHARES = {"london": 8e-5, "will": 2e-3, "bridge": 5e-5}


def lesson(*items: VocabularyItem) -> Lesson:
    return plan(items, DICTIONARY.get, lambda word: SHARES.get(word, 0.0))


def learnt(*items: VocabularyItem) -> dict[str, tuple[str, ...]]:
    return {" ".join(word.written): word.ways for word in lesson(*items).words}


def test_a_word_is_said_as_it_is_spelt_and_as_it_sounds() -> None:
    assert learnt(VocabularyItem("gnocchi", ("nokey", "gnocchi"))) == {"gnocchi": ("N Y OW K IY", "N OW K IY")}
    assert learnt(VocabularyItem("CEO", ("C.E.O.",))) == {"CEO": ("S IY IY OW",)}


def test_words_are_written_as_the_user_writes_them() -> None:
    taught = lesson(VocabularyItem("Gnocchi"))
    (word,) = taught.words
    assert taught.written == {word.name: ("Gnocchi",)}


def test_a_phrase_is_one_word_inside_and_its_words_outside() -> None:
    taught = lesson(VocabularyItem("London Bridge"))
    (word,) = taught.words
    assert word.ways == ("L AH N D AH N B R IH JH",)
    assert taught.written == {word.name: ("London", "Bridge")}


def test_unknown_words_of_a_phrase_are_learnt_by_themselves_too() -> None:
    assert learnt(VocabularyItem("Gnocchi Bridge")) == {
        "Gnocchi Bridge": ("N Y OW K IY B R IH JH",),
        "Gnocchi": ("N Y OW K IY",),
    }


def test_a_name_that_the_model_knows_gets_its_capital_unless_it_is_an_everyday_word() -> None:
    taught = lesson(VocabularyItem("London"), VocabularyItem("Will"))
    assert taught.written["london"] == ("London",)
    assert "will" not in taught.written


def test_what_is_asked_for_twice_is_learnt_once() -> None:
    items = VocabularyItem("Gnocchi"), VocabularyItem("Gnocchi", ("nokey",))
    assert learnt(*items) == {"Gnocchi": ("N Y OW K IY", "N OW K IY")}


def test_what_cannot_be_said_is_left_out() -> None:
    assert lesson(VocabularyItem("!!!"), VocabularyItem("")) == Lesson((), {})
