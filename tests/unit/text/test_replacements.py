import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.errors import InvalidOption
from dragoman.core.options import Replacement
from dragoman.core.transcript import Item, Punctuation, Word, join_items
from dragoman.text.replacements import Replacer


def plain(pattern: str, content: str) -> Replacement:
    return Replacement(pattern, content)


def regex(pattern: str, content: str) -> Replacement:
    return Replacement(pattern, content, is_regex=True)


def items(*contents: str) -> list[Item]:
    """A final "." ends the sentence."""
    made: list[Item] = []
    for time, content in enumerate(contents):
        if content.isalnum():
            made.append(Word(content, time, time + 1))
        else:
            made.append(Punctuation(content, time, is_eos=content == "."))
    return made


def written(word: str, *replacements: Replacement) -> str:
    return join_items(Replacer(replacements).apply(items(word)))


def test_plain_replacements_are_of_whole_words_case_and_all() -> None:
    foo = plain("foo", "bar")
    assert [written(word, foo) for word in ("foo", "Foo", "food")] == ["bar", "Foo", "food"]


def test_the_first_that_matches_wins_and_plain_ones_come_first() -> None:
    assert written("foo", regex("o", "0"), plain("foo", "bar"), plain("foo", "baz")) == "bar"
    assert written("fox", regex("o", "0"), plain("foo", "bar"), regex("x", "y")) == "f0x"


def test_what_was_replaced_is_not_replaced_again() -> None:
    assert written("foo", plain("foo", "bar"), plain("bar", "baz"), regex("bar", "qux")) == "bar"


@pytest.mark.parametrize(
    ("pattern", "content", "word", "expected"),
    [
        ("^[hH]ello$", "goodbye", "Hello", "goodbye"),
        ("^[hH]ello$", "goodbye", "Helloo", "Helloo"),
        ("(cheese)", "[$1]", "cheesecake", "[cheese]cake"),
        ("o", "0", "foo", "f00"),
        ("(?<first>f)(o)", "$2$<first>$&$$$3$0", "foo", "offo$$3$0o"),
        ("(f)o", "$10", "foo", "f0o"),
        ("(x)?f", "<$1>", "foo", "<>oo"),
        (r"\u00e9", "e", "café", "cafe"),
        (r"\\u", "x", "\\u0041", "x0041"),
        (r"\/", "-", "1/2", "1-2"),
        (r"\d{2,}", "##", "a1234", "a##"),
        ("é", r"\1", "é", r"\1"),
    ],
)
def test_regular_expressions_are_those_of_ecmascript(pattern: str, content: str, word: str, expected: str) -> None:
    replacer = Replacer([regex(pattern, content)])
    assert [item.content for item in replacer.apply([Word(word, 0, 1)])] == [expected]


@pytest.mark.parametrize(
    "pattern", ["(a", "*", "[z-a]", "a(?=b)", r"(a)\1", "(?<n", "\ud800", "(a{1000}){1000}", r"\pL{900}"]
)
def test_an_expression_that_cannot_be_used_is_refused_by_name(pattern: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidOption) as refusal:
        Replacer([plain("a", "b"), regex(pattern, "x")])
    assert repr(pattern) in refusal.value.message
    assert capfd.readouterr().err == ""


def test_too_many_expressions_are_refused() -> None:
    with pytest.raises(InvalidOption, match="501"):
        Replacer([regex(f"x{number}", "y") for number in range(501)])


def test_no_expression_takes_exponential_time() -> None:
    """A backtracking engine would be at it for longer than the universe is old."""
    word = "a" * 4000
    assert written(word, regex("^(a+)+$|^(a|aa)+$|(.*a){12}$", "short")) == "short"
    assert written(word + "0", regex("^(a+)+$|^(a|aa)+$", "")) == word + "0"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (("I", "like", "blue", "cheese", "."), "I like cheese."),
        (("I", "like", "blue", "."), "I like."),
        (("I", "like", ",", "blue", "."), "I like."),
        (("I", ",", "blue", ",", "like", "."), "I, like."),
        (("Blue", ",", "cheese", "."), "Cheese."),
        (("Blue", "blue", "."), ""),
    ],
)
def test_a_word_replaced_by_nothing_takes_its_mark_along(said: tuple[str, ...], left: str) -> None:
    assert join_items(Replacer([regex("^[Bb]lue$", "")]).apply(items(*said))) == left


def test_times_and_labels_stay() -> None:
    word = Word("foo", 1, 2, 0.5, speaker="S1", channel="left", volume=40.0)
    assert Replacer([plain("foo", "two words")]).apply([word]) == [
        Word("two words", 1, 2, 0.5, speaker="S1", channel="left", volume=40.0)
    ]


@given(st.lists(st.sampled_from(["foo", "bar", "Foo", ",", "!"]), max_size=12).map(lambda said: items(*said)))
def test_without_replacements_nothing_changes(said: list[Item]) -> None:
    assert Replacer(()).apply(said) == said
