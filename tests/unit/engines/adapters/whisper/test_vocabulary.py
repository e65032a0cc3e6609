from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.options import VocabularyItem
from dragoman.core.transcript import Word
from dragoman.engines.adapters.whisper.vocabulary import Spellings


def heard(text):
    return [Word(content, number, number + 0.5, confidence=0.5) for number, content in enumerate(text.split())]


def written(text, *items):
    words = Spellings(items).rewritten(heard(text))
    times = [time for word in words for time in (word.start_time, word.end_time)]
    assert times == sorted(times)
    return " ".join(word.content for word in words)


def test_what_sounds_like_a_word_is_written_as_the_word():
    item = VocabularyItem("Kwylter", ("quilter",))
    assert written("Mr. Quilter, is he quilter's?", item) == "Mr. Kwylter, is he quilter's?"


def test_runs_of_words_become_one_and_one_becomes_several():
    assert written("so en VIDEA! yes", VocabularyItem("NVIDIA", ("en videa",))) == "so NVIDIA! yes"
    assert written('the "newyork" one', VocabularyItem("New York", ("newyork",))) == 'the "New York" one'


def test_the_longest_match_wins_and_case_is_as_brought():
    items = VocabularyItem("Elbe"), VocabularyItem("Elbe-Ost", ("elbe east",))
    assert written("elbe east and ELBE.", *items) == "Elbe-Ost and Elbe."


@given(st.lists(st.text("ab,. -", max_size=5), max_size=6), st.lists(st.text("ab -", max_size=6), max_size=4))
def test_any_words_and_any_vocabulary(contents, vocabulary):
    words = [Word(content, number, number + 1) for number, content in enumerate(contents)]
    found = Spellings([VocabularyItem(content) for content in vocabulary]).rewritten(words)
    assert [word.content for word in found if not word.content.strip(",. -")] == [
        content for content in contents if not content.strip(",. -")
    ]
