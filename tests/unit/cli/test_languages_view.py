from io import StringIO

import pytest
from rich.console import Console

from dragoman.cli.languages import only_from
from dragoman.cli.languages_view import quality, route, show_language, show_overview, targets
from dragoman.cli.screen import Screen
from dragoman.core.capabilities import Aligned, Capabilities, Heard, Obtainable, Spoken, Translated
from dragoman.core.quality import Figure

FROM_SPEECH = Translated("de", "en", ("ears",), from_speech=True, better=("firefox:de-en",))
ALL = Capabilities(
    heard=(
        Heard("af", "ears", streaming=True),
        Heard("cy", "ears", streaming=True),
        Heard("de", "ears", streaming=False, figure=Figure("WER", 0.075, "18 clips")),
        Heard("en", "ears", streaming=True),
    ),
    translated=(
        Translated("en", "es", ("mt",), figure=Figure("chrF", 59.7, "200 lines")),
        Translated("en", "fr", ("mt", "mt"), ("es",)),
        Translated("eo", "es", ("mt",)),
        Translated("af", "en", ("ears",), from_speech=True),
        Translated("cy", "en", ("ears",), from_speech=True),
        FROM_SPEECH,
    ),
    spoken=(Spoken("es", "mouth", ("a",)), Spoken("fa", "mouth", ("a",))),
    aligned=(Aligned("en", "lines"),),
    obtainable=(Obtainable("en", "de", ("firefox:en-de",)),),
)


def shown(show, capabilities):
    written = StringIO()
    show(capabilities, Screen(out=Console(file=written, width=200, highlight=False)))
    return written.getvalue()


def line(text, *words):
    (found,) = [" ".join(line.split()) for line in text.splitlines() if all(word in line for word in words)]
    return found


def test_the_overview_has_a_row_for_each_language_of_which_something_is_known():
    text = shown(show_overview, ALL)
    assert line(text, "German") == "de German ears WER 0.075 no 1 (1 audio) nobody"
    assert line(text, "English (en)") == "Texts aligned by lines: English (en)"
    assert line(text, "Errors (").endswith("on: de 18 clips")
    assert "en English ears not measured yes 2 nobody" in " ".join(text.split())


def test_languages_that_differ_in_nothing_share_a_paragraph():
    text = shown(show_overview, ALL)
    paragraph = "2 heard by ears (also live), not measured, 1 target, from the audio: Afrikaans (af), Welsh (cy)"
    assert line(text, "Welsh") == paragraph


def test_the_overview_names_what_can_only_be_translated_or_spoken_and_how_to_get_more():
    text = shown(show_overview, ALL)
    assert line(text, "Only as text") == "Only as text (1): eo"
    assert line(text, "Only spoken") == "Only spoken (1): fa"
    assert "1 pairs could be better and 1 added" in text


def test_without_engines_the_overview_names_the_doctor():
    assert "dragoman doctor" in shown(show_overview, Capabilities((), (), ()))


def test_the_details_of_a_language():
    text = shown(show_language, only_from(ALL, "en"))
    assert "English (en), heard by ears, also live: not measured" in text
    assert line(text, "French") == "fr French mt via Spanish not measured nobody"
    assert line(text, "Spanish", "chrF") == "es Spanish mt direct chrF 59.7 mouth 1"
    assert "such as: dragoman models pull firefox:en-de" in text


def test_a_language_that_is_translated_from_the_audio():
    text = shown(show_language, only_from(ALL, "de"))
    assert "German (de), heard by ears: WER 0.075 (18 clips)" in text
    assert line(text, "not measured *") == "en English ears from the audio not measured * nobody"
    assert "* better with: dragoman models pull firefox:de-en" in text


def test_a_language_that_is_not_heard():
    assert "Esperanto (eo), which no engine can hear" in shown(show_language, only_from(ALL, "eo"))


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"figure": Figure("chrF", 59.7, "NTREX-128, 200 lines")}, "chrF 59.7"),
        ({"estimate": 55.3}, "chrF about 55"),
        ({}, "not measured"),
        ({"estimate": 55.3, "better": ("firefox:en-es",)}, "chrF about 55 *"),
    ],
)
def test_quality_is_what_was_measured_or_is_expected(about, expected):
    assert str(quality(Translated("en", "es", ("mt",), **about))) == expected


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({}, "direct"),
        ({"via": ("pt", "ca")}, "via Portuguese and Catalan"),
        ({"from_speech": True}, "from the audio"),
        ({"from_speech": True, "via": ("en",)}, "from the audio, via English"),
    ],
)
def test_a_route_names_the_languages_between(about, expected):
    assert str(route(Translated("de", "es", ("mt",), **about))) == expected


def test_targets_are_counted():
    assert targets([]) == "0"
    assert targets(ALL.translated[:2]) == "2"
    assert targets([*ALL.translated[:2], FROM_SPEECH]) == "3 (1 audio)"
