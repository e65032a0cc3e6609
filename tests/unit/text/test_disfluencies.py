import pytest

from dragoman.core.transcript import Word
from dragoman.text.disfluencies import tagged, without_disfluencies


def words(text: str) -> list[Word]:
    return [Word(content, position, position + 1) for position, content in enumerate(text.split())]


def hesitations(text: str, language: str) -> list[str]:
    return [word.content for word in tagged(words(text), language) if word.tags == ("disfluency",)]


@pytest.mark.parametrize(
    ("language", "sounds"),
    [
        ("en", "um uh er hmm mm uhm Umm, uh-huh aha ah-ha mhm m-hm err erm ugh huh eh aw aahh"),
        ("de", "äh ähm öhm hm"),
        ("fr", "euh euhh heu hum"),
        ("es", "eh ehm mmm"),
        ("pt-BR", "hã humm"),
        ("sv", "öh öhm eh"),
        ("pl", "yyy eee"),
        ("ru", "эээ эм хм"),
        ("zh", "呃 嗯嗯"),
        ("ja", "えっと えーと うーん"),
    ],
)
def test_hesitations_are_known(language: str, sounds: str) -> None:
    assert hesitations(sounds, language) == sounds.split()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "a I am hum her ermine umbrella human oh so well like awe ahead the"),
        ("de", "er um am im eher also"),
        ("fr", "eu un heure peu ben eux"),
        ("es", "este em e he me"),
        ("pt", "um em é e numa"),
        ("it", "e è he ho"),
        ("nl", "u hem hun een"),
        ("ja", "えき と うん"),
        ("ar", "um hmm"),
    ],
)
def test_words_are_no_hesitations(language: str, text: str) -> None:
    assert hesitations(text, language) == []


def test_a_word_keeps_its_other_tags_and_is_tagged_once() -> None:
    once = tagged([Word("um", 0, 1, tags=("profanity",))], "en")
    assert once[0].tags == ("profanity", "disfluency")
    assert tagged(once, "en") == once


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("um we uh left", "we left"),
        ("Um, what would you like, hmm?", "What would you like?"),
        ("Um, uh, we left. Er, then we came.", "We left. Then we came."),
        ("We left. Hmm. Then", "We left. Then"),
        ("Hmm.", ""),
    ],
)
def test_capital_and_end_mark_pass_to_the_words_that_stay(said: str, left: str) -> None:
    stayed = without_disfluencies(tagged(words(said), "en"), "en")
    assert " ".join(word.content for word in stayed) == left
