"""Language tags as users and engines write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.errors import UnknownLanguage
from dragoman.core.language import best_match, canonical, display_name, is_right_to_left, same_language, word_delimiter

WRITTEN = {
    "es-MX": "es-MX",
    "ES_mx": "es-MX",
    " es\n": "es",
    "spa": "es",
    "EN": "en",
    "en_US": "en-US",
    "en-GB": "en-GB",
    "zh": "zh",
    "cmn": "zh",
    "zho": "zh",
    "zh-TW": "zh-TW",
    "cmn-Hant": "zh-Hant",
    "cmn-Hans-CN": "zh-Hans-CN",
    "yue": "yue",
    "no": "nb",
    "nor": "nb",
    "nob": "nb",
    "no-NO": "nb-NO",
    "nb": "nb",
    "nn": "nn",
    "da": "da",
    "pt": "pt",
    "pt-BR": "pt-BR",
    "sr": "sr",
    "sr-Latn": "sr-Latn",
    "sh": "sr-Latn",
    "hr": "hr",
    "bs": "bs",
    "gl": "gl",
    "ca-valencia": "ca-valencia",
    "iw": "he",
    "lb": "lb",
    "gsw": "gsw",
    "en-x-rp": "en-x-rp",
    "qdb": "qdb",  # espeak-ng's tag for a constructed language
}
JUNK = [
    "", " ", "\n", "-", "--", "*", "x", "a", "xx", "123", "english", "None", "en,es", "en-", "-en", "es--MX", "e\0s",
    "🙂", "ünd", "\uff45\uff4e", "\ud800", "Hant", "root", "de-1901-1901", "x" * 10_000, "en-" + "a" * 10_000,
    "en-" * 3_000, "und", "und-Latn", "mul", "mis", "zxx", "x-foo",
]  # fmt: skip

tags = st.sampled_from(sorted(set(WRITTEN.values())))
subtags = st.text("abcdehnorstxzABHLMUXZ0149🙂ñ ", max_size=9)
made_up = st.lists(subtags | st.sampled_from(["en", "zh", "Latn", "MX", "x", "u", "ca"]), min_size=1, max_size=5)


def primary(tag: str) -> str:
    return tag.partition("-")[0]


@pytest.mark.parametrize(("written", "tag"), WRITTEN.items())
def test_what_users_and_engines_write_becomes_one_tag(written: str, tag: str) -> None:
    assert canonical(written) == tag


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: ascii(junk)[:20])
def test_what_names_no_language_is_named_in_the_error(junk: str) -> None:
    with pytest.raises(UnknownLanguage) as raised:
        canonical(junk)
    assert repr(junk)[:10] in raised.value.message
    assert "BCP 47" in raised.value.remedy


def test_a_very_long_value_does_not_flood_the_terminal() -> None:
    with pytest.raises(UnknownLanguage) as raised:
        canonical("x" * 10_000)
    assert len(str(raised.value)) < 200


@given(st.text() | made_up.map("-".join) | made_up.map("_".join))
def test_canonical_is_idempotent_or_refuses(text: str) -> None:
    try:
        tag = canonical(text)
    except UnknownLanguage:
        return
    assert canonical(tag) == tag
    assert best_match(tag, [tag]) == tag


@given(tags, st.lists(tags, max_size=8))
def test_a_match_is_available_and_never_another_language(tag: str, available: list[str]) -> None:
    match = best_match(tag, available)
    if tag in available:
        assert match == tag
    if match is not None:
        assert match in available
        assert primary(match) == primary(tag)


@given(tags, st.lists(tags, max_size=8).flatmap(lambda tags: st.tuples(st.just(tags), st.permutations(tags))))
def test_the_order_of_what_is_available_changes_nothing(tag: str, orders: tuple[list[str], list[str]]) -> None:
    assert best_match(tag, orders[0]) == best_match(tag, orders[1])


@pytest.mark.parametrize(
    ("tag", "available", "match"),
    [
        ("es-MX", ["en", "es"], "es"),
        ("es", ["es-419"], "es-419"),
        ("es-MX", ["es", "es-419"], "es-419"),
        ("pt-BR", ["pt"], "pt"),
        ("pt", ["pt-BR", "pt-PT"], "pt-BR"),
        ("en", ["en-029", "en-GB", "en-US"], "en-US"),
        ("zh-CN", ["zh"], "zh"),
        ("ca", ["ca-valencia"], "ca-valencia"),
        ("en-x-rp", ["en"], "en"),
    ],
)
def test_regions_serve_each_other(tag: str, available: list[str], match: str) -> None:
    assert best_match(tag, available) == match


@pytest.mark.parametrize(
    ("tag", "other"),
    [
        ("gl", "es"), ("nn", "nb"), ("da", "nb"), ("nb", "da"), ("hr", "sr"), ("bs", "hr"), ("sr-Latn", "hr"),
        ("lb", "de"), ("gsw", "de"), ("yue", "zh"), ("zh-TW", "zh"), ("ca", "es"), ("id", "ms"),
    ],
)  # fmt: skip
def test_neighbours_do_not_serve_each_other(tag: str, other: str) -> None:
    assert best_match(tag, [other]) is None
    assert not same_language(tag, other)


def test_nothing_is_served_by_nothing() -> None:
    assert best_match("en", []) is None


def test_regions_are_one_language() -> None:
    assert same_language("es-MX", "es")
    assert same_language("en-GB", "en-US")


@given(tags)
def test_every_tag_has_a_name_for_people(tag: str) -> None:
    assert display_name(tag) not in ("", tag)


def test_names_are_english() -> None:
    assert display_name("es-MX") == "Spanish (Mexico)"
    assert display_name("nb") == "Norwegian Bokmål"


@pytest.mark.parametrize(
    ("tag", "delimiter"), [("en", " "), ("pt-BR", " "), ("ko", " "), ("zh-TW", ""), ("ja", ""), ("th", "")]
)
def test_word_delimiter(tag: str, delimiter: str) -> None:
    assert word_delimiter(tag) == delimiter


@pytest.mark.parametrize("tag", ["ar", "he", "fa-IR", "ur", "ug", "yi", "pa-PK", "az-Arab", "dv"])
def test_right_to_left(tag: str) -> None:
    assert is_right_to_left(tag)


@pytest.mark.parametrize("tag", ["en", "zh", "pa", "az", "ar-Latn", "qdb", "ca-valencia"])
def test_left_to_right(tag: str) -> None:
    assert not is_right_to_left(tag)
