import pytest

from dragoman.cli.languages import _wanted, only_from
from dragoman.core.capabilities import Aligned, Capabilities, Heard, Obtainable, Spoken, Translated
from dragoman.core.errors import InvalidOption, UnsupportedLanguage

ALL = Capabilities(
    (Heard("en", "ears", streaming=True),),
    (Translated("en", "es", ("mt",)), Translated("en", "fr", ("mt", "mt"), ("es",)), Translated("es", "fr", ("mt",))),
    (Spoken("es", "mouth", ("a",)),),
    (Aligned("en", "lines"), Aligned("de", "lines")),
    (Obtainable("en", "de", ("firefox:en-de",)), Obtainable("es", "de", ("firefox:es-en", "firefox:en-de"))),
)


def test_only_what_begins_with_one_language():
    found = only_from(ALL, "en-GB")
    assert found.heard == ALL.heard
    assert found.aligned == ALL.aligned[:1]
    assert [pair.target for pair in found.translated] == ["es", "fr"]
    assert found.obtainable == ALL.obtainable[:1]


def test_a_language_that_is_only_translated():
    found = only_from(ALL, "es")
    assert found.heard == ()
    assert [pair.target for pair in found.translated] == ["fr"]


def test_a_language_that_leads_nowhere():
    with pytest.raises(UnsupportedLanguage, match="Japanese") as error:
        only_from(ALL, "ja")
    assert "en" in error.value.remedy


@pytest.mark.parametrize(("argument", "option"), [("de", None), (None, "deu"), ("de", "ger")])
def test_a_language_is_named_by_argument_or_option(argument, option):
    assert _wanted(argument, option) == "de"


def test_two_languages_are_too_many():
    with pytest.raises(InvalidOption, match="de, en"):
        _wanted("de", "en")


def test_no_language_is_an_overview():
    assert _wanted(None, None) is None
