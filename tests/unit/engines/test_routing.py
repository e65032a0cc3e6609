"""Which engine does what, over engines described by hand."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.engines.toys import (
    NOTHING,
    aligner,
    missing,
    recognizer,
    survey_of,
    synthesizer,
    translator,
    voice_activity,
)

from dragoman.core.capabilities import Aligned, Heard, Spoken, Translated
from dragoman.core.errors import EngineError, EngineNotFound, EngineUnavailable, UnsupportedLanguage
from dragoman.core.quality import Figure
from dragoman.engines import routing
from dragoman.engines.registry import ALIGNERS, RECOGNIZERS, SYNTHESIZERS, TRANSLATORS, VOICE_ACTIVITY
from dragoman.engines.routing import EngineNames, Survey


def route(found: Survey, source: str, target: str) -> list[str]:
    """Written ``engine:en>es``."""
    return [
        f"{step.engine.info.name}:{step.source}>{step.target}" for step in routing.translation(found, source, target)
    ]


# --- translation


def test_a_direct_pair_beats_every_detour() -> None:
    found = survey_of(translator("a", "en>es", "es>fr"), translator("b", "en>fr"))
    assert route(found, "en", "fr") == ["b:en>fr"]


def test_a_pivot_serves_where_nothing_is_direct() -> None:
    found = survey_of(translator("a", "en>es"), translator("b", "es>fr"))
    assert route(found, "en", "fr") == ["a:en>es", "b:es>fr"]


def test_among_routes_of_one_length_the_earlier_listed_wins() -> None:
    pairs = ("en>es", "en>ca", "ca>fr", "es>fr")
    assert route(survey_of(translator("a", *pairs)), "en", "fr") == ["a:en>es", "a:es>fr"]
    assert route(survey_of(translator("a", "en>ca", *pairs)), "en", "fr") == ["a:en>ca", "a:ca>fr"]
    assert route(survey_of(translator("b", "en>es"), translator("a", "en>es")), "en", "es") == ["b:en>es"]


def test_three_hops_are_the_most() -> None:
    found = survey_of(translator("a", "en>es", "es>fr", "fr>ca", "ca>it"))
    assert len(route(found, "en", "ca")) == 3
    with pytest.raises(UnsupportedLanguage):
        routing.translation(found, "en", "it")


def test_pairs_have_a_direction() -> None:
    found = survey_of(translator("a", "en>es", "en>fr"))
    with pytest.raises(UnsupportedLanguage, match=r"Spanish \(es\) cannot be translated to French \(fr\)") as raised:
        routing.translation(found, "es", "fr")
    assert "dragoman models pull firefox:es-en" in raised.value.remedy


def test_an_unsupported_target_is_told_what_is_possible() -> None:
    found = survey_of(translator("a", "en>es", "es>fr"))
    with pytest.raises(UnsupportedLanguage, match=r"English \(en\) cannot be translated to Welsh \(cy\)") as raised:
        routing.translation(found, "en", "cy")
    assert raised.value.remedy == "Possible: es, fr"


def test_regions_are_served_by_their_language_at_both_ends() -> None:
    found = survey_of(translator("a", "en>es", "pt-BR>en"))
    assert route(found, "en-GB", "es-MX") == ["a:en>es"]
    assert route(found, "pt", "es-MX") == ["a:pt-BR>en", "a:en>es"]


def test_the_nearest_region_is_chosen() -> None:
    found = survey_of(translator("a", "es>pt", "es>pt-BR"))
    assert route(found, "es", "pt-BR") == ["a:es>pt-BR"]
    assert route(found, "es", "pt-PT") == ["a:es>pt"]


def test_a_neighbour_is_translated_to_and_not_taken_for_the_same() -> None:
    found = survey_of(translator("a", "nb>nn", "es>gl", "es>de"))
    assert route(found, "nb", "nn") == ["a:nb>nn"]
    assert route(found, "es", "gl") == ["a:es>gl"]
    for source, target in [("es", "lb"), ("es", "nb"), ("gl", "de")]:
        with pytest.raises(UnsupportedLanguage):
            routing.translation(found, source, target)


@pytest.mark.parametrize(("source", "target"), [("en", "en"), ("es", "es-MX"), ("en-GB", "en-US")])
def test_one_language_passes_through_without_any_engine(source: str, target: str) -> None:
    assert routing.translation(NOTHING, source, target) == ()


LETTERS = ["ca", "de", "en", "es", "fr", "it"]
pairs = st.lists(st.tuples(st.sampled_from(LETTERS), st.sampled_from(LETTERS)), max_size=20)


@settings(deadline=None)  # the first call reads the catalogue
@given(st.lists(pairs, min_size=1, max_size=3), st.sampled_from(LETTERS), st.sampled_from(LETTERS))
def test_a_route_is_connected_shortest_and_offered(
    engines: list[list[tuple[str, str]]], source: str, target: str
) -> None:
    found = survey_of(*(translator(str(i), *(f"{a}>{b}" for a, b in pairs)) for i, pairs in enumerate(engines)))
    offered = {(pair.source, pair.target): pair for pair in routing.capabilities(found).translated}
    distance = _distance({pair for pairs in engines for pair in pairs}, source, target)
    if source == target:
        assert routing.translation(found, source, target) == ()
        assert (source, target) not in offered
    elif distance is None or distance > 3:
        assert (source, target) not in offered
        with pytest.raises(UnsupportedLanguage):
            routing.translation(found, source, target)
    else:
        steps = routing.translation(found, source, target)
        assert len(steps) == distance
        assert [steps[0].source, *(step.target for step in steps)][-1] == target
        assert all(one.target == other.source for one, other in pairwise(steps))
        assert all((step.source, step.target) in step.engine.info.pairs for step in steps)
        assert offered[source, target].via == tuple(step.target for step in steps[:-1])


def _distance(edges: set[tuple[str, str]], source: str, target: str) -> int | None:
    """By widening what is reached, one hop at a time."""
    reached = {source}
    for hops in range(len(LETTERS)):
        if target in reached:
            return hops
        reached |= {b for a, b in edges if a in reached}
    return None


# --- recognition and voice activity


def test_the_first_engine_that_hears_the_language_is_chosen() -> None:
    found = survey_of(recognizer("a", "de"), recognizer("b", "en-US", "es"), recognizer("c", "en"))
    engine, tag = routing.recognizer(found, "en")
    assert (engine.info.name, tag) == ("b", "en-US")


def test_live_needs_an_engine_that_streams() -> None:
    found = survey_of(recognizer("a", "en", streaming=False), recognizer("b", "en"))
    assert routing.recognizer(found, "en")[0].info.name == "a"
    assert routing.recognizer(found, "en", streaming=True)[0].info.name == "b"


def test_what_cannot_be_recognised_live_is_told_what_can() -> None:
    found = survey_of(recognizer("a", "en", streaming=False), recognizer("b", "de"))
    with pytest.raises(UnsupportedLanguage, match=r"English \(en\) cannot be recognised live") as raised:
        routing.recognizer(found, "en", streaming=True)
    assert raised.value.remedy == "Possible: de"


def test_an_unheard_language_is_told_what_is_possible() -> None:
    found = survey_of(recognizer("a", "en", "de"), recognizer("b", "es", "en"))
    with pytest.raises(UnsupportedLanguage, match=r"Galician \(gl\) cannot be recognised") as raised:
        routing.recognizer(found, "gl")
    assert raised.value.remedy == "Possible: de, en, es"


def test_the_preferred_voice_activity_is_the_first() -> None:
    assert routing.voice_activity(survey_of(voice_activity("a"), voice_activity("b"))).info.name == "a"


# --- speech


def test_a_language_is_spoken_by_its_first_voice() -> None:
    found = survey_of(synthesizer("a", "anna:de"), synthesizer("b", "ana:es-419", "eva:es", "rosa:es"))
    engine, voice = routing.speaker(found, "es")
    assert (engine.info.name, voice.name) == ("b", "eva")
    assert routing.speaker(found, "es-MX")[1].name == "ana"


def test_a_voice_is_chosen_by_name() -> None:
    found = survey_of(synthesizer("a", "eva:es", "ana:es-419"), synthesizer("b", "rosa:es"))
    assert routing.speaker(found, "es", "rosa")[0].info.name == "b"
    assert routing.speaker(found, "es", "ana")[1].name == "ana"


def test_an_unknown_voice_is_told_which_speak_the_language() -> None:
    found = survey_of(synthesizer("a", "eva:es", "anna:de"), synthesizer("b", "rosa:es-MX"))
    with pytest.raises(UnsupportedLanguage, match=r"There is no voice 'anna' for Spanish \(es\)") as raised:
        routing.speaker(found, "es", "anna")
    assert raised.value.remedy == "Choose one of eva, rosa"


def test_an_unspoken_language_is_told_what_is_possible() -> None:
    found = survey_of(synthesizer("a", "eva:es", "anna:de"))
    for voice in (None, "eva"):
        with pytest.raises(UnsupportedLanguage, match=r"Galician \(gl\) cannot be spoken") as raised:
            routing.speaker(found, "gl", voice)
        assert raised.value.remedy == "Possible: de, es"


def test_a_live_run_takes_the_best_voice_that_it_can_afford() -> None:
    found = survey_of(
        synthesizer("natural", "eva:es", cost=0.59),
        synthesizer("clear", "ana:es", cost=0.005),
        synthesizer("robot", "bot:es", "bob:de"),
    )
    assert routing.speaker(found, "es")[0].info.name == "natural"
    assert routing.speaker(found, "es", budget=0.7)[0].info.name == "natural"
    assert routing.speaker(found, "es", budget=0.3)[0].info.name == "clear"
    assert routing.speaker(found, "es", budget=0.0)[0].info.name == "robot"
    assert routing.speaker(found, "es", "eva", budget=0.0)[0].info.name == "natural"


def test_where_no_voice_is_cheap_enough_the_cheapest_speaks() -> None:
    found = survey_of(synthesizer("natural", "eva:es", cost=0.59), synthesizer("slow", "ana:es", cost=2.0))
    assert routing.speaker(found, "es", budget=0.1)[0].info.name == "natural"


@pytest.mark.parametrize(
    ("cores", "spoken", "budget"),
    [(1, 1, 0.25), (2, 1, 0.75), (2, 2, 0.375), (2, 4, 0.1875), (16, 1, 0.8), (16, 10, 0.775)],
)
def test_half_of_the_machine_is_shared_by_the_languages_of_a_live_run(cores: int, spoken: int, budget: float) -> None:
    assert routing.live_budget(cores, spoken) == pytest.approx(budget)


def test_an_expensive_recognizer_leaves_nothing_for_voices() -> None:
    assert routing.live_budget(2, 1, recognition=1.5) == 0.0


# --- what is missing


@pytest.mark.parametrize(
    ("kind", "choose"),
    [
        (VOICE_ACTIVITY, routing.voice_activity),
        (RECOGNIZERS, lambda found: routing.recognizer(found, "en")),
        (TRANSLATORS, lambda found: routing.translation(found, "en", "es")),
        (SYNTHESIZERS, lambda found: routing.speaker(found, "es")),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_where_no_engine_works_the_error_says_what_to_install(kind, choose) -> None:
    found = replace(NOTHING, missing=(missing(kind, "first", "apt install first"), missing(kind, "second", "")))
    with pytest.raises(EngineUnavailable, match="first is not installed") as raised:
        choose(found)
    assert raised.value.remedy == "apt install first"
    with pytest.raises((EngineError, UnsupportedLanguage), match="installed"):
        choose(NOTHING)


def test_a_missing_engine_is_no_excuse_where_another_works() -> None:
    found = replace(survey_of(recognizer("a", "en")), missing=(missing(RECOGNIZERS, "b", "apt install b"),))
    with pytest.raises(UnsupportedLanguage, match="Possible: en"):
        routing.recognizer(found, "es")


def test_the_first_engine_that_aligns_a_language_does() -> None:
    found = survey_of(aligner("a", "de"), aligner("b", "en", "de"))
    engine, tag = routing.aligner(found, "en-GB")
    assert (engine.info.name, tag) == ("b", "en")
    assert routing.aligner(found, "de")[0].info.name == "a"
    with pytest.raises(
        UnsupportedLanguage, match=r"French .* cannot be aligned by what is installed\. Possible: de, en"
    ):
        routing.aligner(found, "fr")
    assert routing.capabilities(found).aligned == (Aligned("de", "a"), Aligned("en", "b"))
    with pytest.raises(EngineUnavailable, match="install it"):
        routing.aligner(replace(NOTHING, missing=(missing(ALIGNERS, "a", "install it"),)), "en")


# --- what is installed


def test_the_scripted_engine_is_there_only_by_name() -> None:
    found = routing.survey()
    engines = [
        *found.voice_activity,
        *found.recognizers,
        *found.translators,
        *found.synthesizers,
        *found.aligners,
    ]
    assert "scripted" not in [engine.info.name for engine in engines]
    named = routing.survey(EngineNames(recognizer="scripted"))
    assert [engine.info.name for engine in named.recognizers] == ["scripted"]
    assert "scripted" not in [engine.info.name for engine in named.translators]


def test_an_engine_asked_for_by_name_must_work() -> None:
    with pytest.raises(EngineNotFound, match="There is no translator engine 'scribbled'"):
        routing.survey(EngineNames(translator="scribbled"))
    with pytest.raises(EngineUnavailable, match=r"no-such-file\.json"):
        routing.survey(EngineNames(synthesizer="scripted:/no-such-file.json"))


def test_a_language_can_be_taught_words_when_the_engine_that_hears_it_live_can() -> None:
    whole, live = recognizer("a", "en", streaming=False), recognizer("b", "en")
    for vocabulary in (False, True):
        taught = replace(live, info=replace(live.info, vocabulary=vocabulary))
        able = routing.capabilities(survey_of(whole, taught))
        assert able.heard == (Heard("en", "a", streaming=True, vocabulary=vocabulary),)


def test_a_heard_language_has_the_figure_of_the_engine_that_hears_it() -> None:
    first, second = recognizer("a", "en"), recognizer("b", "en", "de")
    better, worse = Figure("WER", 0.1, "clips"), Figure("WER", 0.5, "clips")
    first = replace(first, info=replace(first.info, figures={"en": better}))
    second = replace(second, info=replace(second.info, figures={"en": worse}))
    able = routing.capabilities(survey_of(first, second))
    assert [(entry.language, entry.figure) for entry in able.heard] == [("de", None), ("en", better)]


def test_everything_that_can_be_done_is_listed_once() -> None:
    found = survey_of(
        recognizer("b", "en", "de", streaming=False),
        recognizer("a", "en"),  # so English can be heard live
        translator("t", "en>es", "es>fr"),
        translator("u", "en>es", "fr>en"),
        synthesizer("s", "eva:es", "ana:es-419", "rosa:es"),
        synthesizer("z", "zoe:es", "marie:fr"),
    )
    able = routing.capabilities(found)
    assert able.heard == (Heard("de", "b", streaming=False), Heard("en", "b", streaming=True))
    assert able.spoken == (
        Spoken("es", "s", ("eva", "rosa", "ana", "zoe")),
        Spoken("es-419", "s", ("ana", "eva", "rosa", "zoe")),
        Spoken("fr", "z", ("marie",)),
    )
    assert tuple(replace(pair, better=()) for pair in able.translated) == (
        Translated("en", "es", ("t",)),
        Translated("en", "fr", ("t", "t"), ("es",)),
        Translated("es", "en", ("t", "u"), ("fr",)),
        Translated("es", "fr", ("t",)),
        Translated("fr", "en", ("u",)),
        Translated("fr", "es", ("u", "t"), ("en",)),
    )
    assert able.targets_of("en") == ("es", "fr")


def test_what_passes_through_is_no_translation() -> None:
    """Catalan goes to Spanish, and Spanish to Valencian: no road from a language to itself."""
    able = routing.capabilities(survey_of(translator("a", "ca>es", "es>ca", "es>ca-valencia")))
    assert [(pair.source, pair.target) for pair in able.translated] == [
        ("ca", "es"),
        ("es", "ca"),
        ("es", "ca-valencia"),
    ]


def test_what_is_installed_here_can_all_be_chosen() -> None:
    found = routing.survey()
    able = routing.capabilities(found)
    for heard in able.heard:
        assert routing.recognizer(found, heard.language)[0].info.name == heard.engine
    for pair in able.translated:
        if pair.from_speech:
            route = routing.spoken_translation(found, pair.source, pair.target)
            assert route is not None
            engines = (route.engine, *(step.engine for step in route.steps))
        else:
            engines = tuple(step.engine for step in routing.translation(found, pair.source, pair.target))
        assert tuple(engine.info.name for engine in engines) == pair.engines
    for spoken in able.spoken:
        for voice in spoken.voices:
            assert routing.speaker(found, spoken.language, voice)[1].name == voice
