"""Committed words are only ever extended."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.transcript import Word
from dragoman.pipeline.policy import StablePrefix


def words(text: str) -> tuple[Word, ...]:
    return tuple(Word(content, float(i), i + 1.0) for i, content in enumerate(text.split()))


def shown(policy: StablePrefix, text: str) -> tuple[str, int]:
    showing, stable = policy.update(words(text))
    return " ".join(word.content for word in showing), stable


def test_two_agreeing_hypotheses_commit_all_but_the_last_words() -> None:
    policy = StablePrefix(unstable_words=2)
    assert shown(policy, "it was the best") == ("it was the best", 0)
    assert shown(policy, "it was the best of") == ("it was the best of", 3)


def test_a_revision_does_not_take_back_what_was_committed() -> None:
    policy = StablePrefix(unstable_words=1)
    shown(policy, "recognise speech with ease")
    assert shown(policy, "recognise speech with ease now")[1] == 4
    assert shown(policy, "wreck a nice beach today or tomorrow") == ("recognise speech with ease today or tomorrow", 4)


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=8).map(" ".join), max_size=12), st.integers(0, 4))
def test_committed_text_is_only_extended(hypotheses: list[str], unstable: int) -> None:
    policy = StablePrefix(unstable)
    committed: tuple[Word, ...] = ()
    for hypothesis in hypotheses:
        showing, stable = policy.update(words(hypothesis))
        assert showing[: len(committed)] == committed
        assert stable >= len(committed)
        committed = showing[:stable]
        starts = [word.start_time for word in showing]
        assert starts == sorted(starts)
