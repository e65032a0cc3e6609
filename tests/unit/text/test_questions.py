import pytest

from dragoman.text.questions import is_question


@pytest.mark.parametrize(
    "words",
    [
        "do you know the way",
        "and is it raining",
        "what is the time",
        "what's your name",
        "why did the man come back",
        "how many times have you been there",
        "what kind of man are you",
        "where are they",
        "isn't it late",
        "it is getting late isn't it",
        "how about a cup of tea",
        "can we go home now",
        "does the train stop here",
        "who are you",
        "well are there any more",
    ],
)
def test_asks(words: str) -> None:
    assert is_question(words.split())


@pytest.mark.parametrize(
    "words",
    [
        "what a lovely day it is",
        "when he came did they leave",
        "do it again",
        "had i known i would have come",
        "were it not for you",
        "should you need me call",
        "may he rest in peace",
        "is the best of all",
        "is they have won",
        "what is more he lied",
        "who came to the house was lost",
        "which is the reason",
        "don't you dare",
        "how he loved her",
        "and",
        "so do i",
        "that is what i said",
        "i wonder what is it",
    ],
)
def test_tells(words: str) -> None:
    assert not is_question(words.split())
