import pytest

from dragoman.cli.languages import _quality, only_from
from dragoman.core.capabilities import Aligned, Capabilities, Heard, Obtainable, Spoken, Translated
from dragoman.core.errors import UnsupportedLanguage
from dragoman.core.quality import Figure

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


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ({"figure": Figure("chrF", 59.7, "NTREX-128, 200 lines")}, "chrF 59.7"),
        ({"estimate": 55.3}, "chrF about 55"),
        ({}, "not measured"),
        ({"estimate": 55.3, "better": ("firefox:en-es",)}, "chrF about 55 *"),
    ],
)
def test_quality_is_what_was_measured_or_is_expected(about, shown):
    assert str(_quality(Translated("en", "es", ("mt",), **about))) == shown
