import pytest

from dragoman.cli.languages import only_from
from dragoman.core.capabilities import Aligned, Capabilities, Heard, Spoken, Translated
from dragoman.core.errors import UnsupportedLanguage

ALL = Capabilities(
    (Heard("en", "ears", streaming=True),),
    (Translated("en", "es", ("mt",)), Translated("en", "fr", ("mt", "mt"), ("es",)), Translated("es", "fr", ("mt",))),
    (Spoken("es", "mouth", ("a",)),),
    (Aligned("en", "lines"), Aligned("de", "lines")),
)


def test_only_what_begins_with_one_language():
    found = only_from(ALL, "en-GB")
    assert found.heard == ALL.heard
    assert found.aligned == ALL.aligned[:1]
    assert [pair.target for pair in found.translated] == ["es", "fr"]


def test_a_language_that_is_only_translated():
    found = only_from(ALL, "es")
    assert found.heard == ()
    assert [pair.target for pair in found.translated] == ["fr"]


def test_a_language_that_leads_nowhere():
    with pytest.raises(UnsupportedLanguage, match="Japanese") as error:
        only_from(ALL, "ja")
    assert "en" in error.value.remedy
