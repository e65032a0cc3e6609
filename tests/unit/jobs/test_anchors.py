"""Where a text and what was heard are the same."""

import random

from hypothesis import given
from hypothesis import strategies as st

from dragoman.jobs.anchors import anchors, fold

SPEECH = "And so, my fellow Americans, ask not what your country can do for you; ask what you can do for it."
TEXT = SPEECH.split()


def test_the_same_words_are_found_whatever_their_case_and_marks():
    heard = [word.upper().strip(",.;") for word in TEXT]
    assert anchors(heard, TEXT) == {place: place for place in range(len(TEXT))}
    assert [fold(word) for word in ("Ça-va,", "—", "don't", "$5")] == ["çava", "", "dont", "5"]


def test_what_was_said_besides_and_what_was_not_said_is_left_out():
    heard = [
        "um",
        "so",
        "my",
        "fellow",
        "friends",
        "ask",
        "not",
        "well",
        "you",
        "know",
        "what",
        "your",
        "country",
        "can",
        "do",
    ]
    found = anchors(heard, TEXT)
    assert [TEXT[place] for place in found] == [
        "so,", "my", "fellow", "ask", "not", "what", "your", "country", "can", "do",
    ]  # fmt: skip
    assert [heard[place] for place in found.values()] == [fold(TEXT[place]) for place in found]


def test_a_word_alone_is_chance_unless_it_is_near_others():
    assert anchors(["the", "cat", "and", "the", "dog", "can", "what", "nothing"], TEXT) == {}
    assert anchors(["country"], TEXT) == {}
    assert anchors(["Hello"], ["hello!"]) == {0: 0}
    assert anchors([], TEXT) == anchors(TEXT, []) == {}
    assert anchors(["—"], ["—"]) == {}


def test_a_long_text_is_searched_in_pieces():
    rng = random.Random(1)
    text = [f"w{rng.randrange(800)}" for _ in range(30_000)]
    heard = [word if rng.random() > 0.3 else "x" for word in text]
    found = anchors(heard, text)
    assert sum(place == where for place, where in found.items()) > 0.6 * len(text)
    assert all(abs(place - where) < 5 for place, where in found.items())


def test_texts_of_nothing_but_repetition_take_no_time():
    assert anchors(["a"] * 20_000, ["a"] * 20_000)
    assert anchors(["a", "b"] * 10_000, ["b", "a"] * 10_000) == {}


words = st.lists(st.sampled_from("abcde"), max_size=40)


@given(words, words)
def test_places_go_up_together_and_hold_the_same_words(heard, text):
    found = anchors(heard, text)
    assert list(found) == sorted(found)
    assert list(found.values()) == sorted(set(found.values()))
    assert all(text[place] == heard[where] for place, where in found.items())
