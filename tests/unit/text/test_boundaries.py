from dragoman.core.transcript import Word
from dragoman.text.boundaries import PAUSE, best_cut, gap, marks_end_before_last, pause_needed


def spoken(text: str, pauses: dict[int, float] | None = None) -> list[Word]:
    """Words of 0.3 s, with ``pauses`` (seconds) before the word at each index."""
    words, time = [], 0.0
    for index, content in enumerate(text.split()):
        time += (pauses or {}).get(index, 0.0)
        words.append(Word(content, time, time + 0.3))
        time += 0.3
    return words


def test_a_gap_is_never_negative() -> None:
    assert gap(Word("a", 0, 1), Word("b", 0.9, 2)) == 0.0


def test_words_that_carry_on_need_a_longer_pause() -> None:
    assert pause_needed(Word("and", 1, 2), "en", PAUSE) > PAUSE
    assert pause_needed(Word("and", 1, 2), "es", PAUSE) == PAUSE


def test_the_library_knows_abbreviations() -> None:
    assert not marks_end_before_last(spoken("I saw Dr. Smith"), "en", " ")
    assert marks_end_before_last(spoken("I saw him. Smith"), "en", " ")
    assert marks_end_before_last(spoken("你好。 我"), "zh", "")


def test_a_long_sentence_is_cut_at_its_longest_pause() -> None:
    words = spoken("one two three four five six seven eight", {3: 0.2, 5: 0.6})
    assert best_cut(words, "en") == 5


def test_a_clause_is_a_better_cut_than_an_article_left_hanging() -> None:
    words = spoken("we went to the old house because it was late", {4: 0.2})
    assert best_cut(words, "en") == 6


def test_two_words_are_cut_in_the_middle() -> None:
    assert best_cut(spoken("one two"), "en") == 1
