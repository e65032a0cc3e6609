"""Routes of translation by what was measured, over engines described by hand."""

from dataclasses import replace
from itertools import combinations, pairwise, product
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engines.toys import survey_of, translator

from dragoman.core.errors import UnsupportedLanguage
from dragoman.core.quality import Figure
from dragoman.engines import routes, routing
from dragoman.engines.installed import Installed
from dragoman.engines.routes import Routes
from dragoman.engines.translation_loss import ceiling, loss

NTREX = "NTREX-128, 200 lines"
FLORES = "FLORES-200 devtest, 1012 lines"


def measured(name: str, figures: dict[str, float], *, dataset: str = NTREX, rank: int = 0, more: tuple[str, ...] = ()):
    """A translator of which every pair has a figure; ``more`` are pairs without."""
    engine = translator(name, *figures, *more)
    scores = {tuple(pair.split(">")): Figure("chrF", chrf, dataset) for pair, chrf in figures.items()}
    return Installed(engine.ref, replace(engine.info, figures=scores, rank=rank))


APERTIUM = measured(
    "apertium",
    {
        "en>es": 48.6, "es>en": 50.1, "ca>en": 48.3, "en>ca": 47.8, "en>gl": 48.2, "gl>en": 48.3, "ca>es": 59.0,
        "es>ca": 58.8, "es>fr": 47.9, "es>gl": 62.7, "es>it": 49.4, "es>pt": 54.0, "fr>es": 48.3, "gl>es": 62.2,
        "it>es": 49.5, "pt>es": 55.3, "ro>es": 46.8, "es>pt-BR": 53.8, "ca>fr": 49.4, "ca>it": 50.8, "ca>pt": 54.4,
        "fr>ca": 49.7, "it>ca": 51.5, "pt>ca": 54.9, "ca>pt-BR": 54.2, "da>nb": 53.5, "nb>da": 55.5,
    },
    more=("en>eo", "es>ca-valencia", "en>ca-valencia"),
)  # fmt: skip
FIREFOX = measured("firefox", {"en>pt": 59.7, "pt>en": 63.2}, rank=12)


def route(source: str, target: str, *engines: Installed) -> str:
    steps = routing.translation(survey_of(*engines), source, target)
    return " ".join([steps[0].source, *(f"{step.engine.info.name}:{step.target}" for step in steps)])


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("en", "pt", "en firefox:pt"),
        ("en", "pt-BR", "en firefox:pt"),
        ("pt", "en", "pt firefox:en"),
        ("en", "es", "en firefox:pt apertium:es"),
        ("en", "es-MX", "en firefox:pt apertium:es"),
        ("en", "ca", "en firefox:pt apertium:ca"),
        ("en", "gl", "en firefox:pt apertium:es apertium:gl"),
        ("en", "it", "en firefox:pt apertium:ca apertium:it"),
        ("en", "fr", "en firefox:pt apertium:ca apertium:fr"),
        ("en", "ca-valencia", "en firefox:pt apertium:es apertium:ca-valencia"),
        ("es", "en", "es apertium:pt firefox:en"),
        ("ca", "en", "ca apertium:pt firefox:en"),
        ("gl", "en", "gl apertium:es apertium:pt firefox:en"),
        ("fr", "en", "fr apertium:ca apertium:pt firefox:en"),
        ("es", "pt", "es apertium:pt"),
        ("pt", "es", "pt apertium:es"),
        ("es", "gl", "es apertium:gl"),
        ("en", "eo", "en apertium:eo"),
    ],
)
def test_the_portuguese_bridge_comes_out_of_the_figures(source, target, expected):
    for engines in ((APERTIUM, FIREFOX), (FIREFOX, APERTIUM)):
        assert route(source, target, *engines) == expected


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("en", "es", "en apertium:es"),
        ("en", "ca", "en apertium:ca"),
        ("en", "gl", "en apertium:gl"),
        ("en", "pt", "en apertium:es apertium:pt"),
        ("es", "en", "es apertium:en"),
        ("fr", "en", "fr apertium:es apertium:en"),
        ("pt", "en", "pt apertium:es apertium:en"),
        ("ro", "en", "ro apertium:es apertium:en"),
    ],
)
def test_without_the_neural_pair_the_floor_serves(source, target, expected):
    assert route(source, target, APERTIUM) == expected


def test_a_direct_neural_pair_replaces_the_bridge():
    pulled = measured("firefox", {"en>pt": 59.7, "pt>en": 63.2}, rank=12)
    flores = measured("more", {"en>es": 56.0, "es>en": 58.0, "en>fr": 70.8, "en>it": 59.2}, dataset=FLORES, rank=12)
    assert route("en", "es", APERTIUM, pulled, flores) == "en more:es"
    assert route("en", "fr", APERTIUM, pulled, flores) == "en more:fr"
    assert route("es", "en", APERTIUM, pulled, flores) == "es more:en"
    assert route("en", "gl", APERTIUM, pulled, flores) == "en more:es apertium:gl"
    assert route("es", "fr", APERTIUM, pulled, flores) == "es more:en more:fr"
    unmeasured = Installed(flores.ref, replace(flores.info, figures={}))
    assert route("en", "es", APERTIUM, unmeasured) == "en more:es"


def test_an_engine_of_low_rank_that_nobody_measured_comes_last():
    chat = Installed(translator("chat", "en>es", "en>it", "en>ja").ref, replace(
        translator("chat", "en>es", "en>it", "en>ja").info, rank=-10
    ))  # fmt: skip
    assert route("en", "it", APERTIUM, chat) == "en apertium:ca apertium:it"
    assert route("en", "ja", APERTIUM, chat) == "en chat:ja"
    assert route("en", "it", chat) == "en chat:it"


def test_one_hop_more_must_promise_to_gain_a_point():
    less, more = ({"en>fr": 48.0, "en>es": 59.0, "es>fr": chrf} for chrf in (48.9, 49.2))
    assert route("en", "fr", measured("a", less)) == "en a:fr"
    assert route("en", "fr", measured("a", more)) == "en a:es a:fr"


def test_a_short_beginning_is_kept_where_the_better_one_would_be_too_long():
    """Spanish is best reached over Portuguese, but Galician only over fewer than four hops."""
    engine = measured("a", {"en>pt": 59.0, "pt>es": 59.0, "en>es": 40.0, "es>fr": 55.0, "fr>gl": 55.0})
    assert route("en", "es", engine) == "en a:pt a:es"
    assert route("en", "gl", engine) == "en a:es a:fr a:gl"


def test_another_region_must_be_better_by_what_it_loses():
    close = measured("a", {"en>pt": 56.0, "en>pt-BR": 55.0})
    far = measured("a", {"en>pt": 58.0, "en>pt-BR": 54.0})
    assert route("en", "pt-BR", close) == "en a:pt-BR"
    assert route("en", "pt-BR", far) == "en a:pt"
    assert route("pt-BR", "es", measured("a", {"pt>es": 58.0, "pt-BR>es": 54.0})) == "pt a:es"


LETTERS = ["ca", "en", "es", "fr", "pt"]
edges = st.dictionaries(st.sampled_from([f"{a}>{b}" for a in LETTERS for b in LETTERS if a != b]), st.integers(30, 58))


@given(edges, st.sampled_from(LETTERS), st.sampled_from(LETTERS))
def test_no_other_route_of_three_hops_is_better(figures, source, target):
    if source == target:
        return
    engine = measured("a", {pair: float(chrf) for pair, chrf in figures.items()})
    best = _best_cost(engine, source, target)
    try:
        steps = routing.translation(survey_of(engine), source, target)
    except UnsupportedLanguage:
        assert best is None
        return
    assert best is not None
    assert routes.total_loss(steps) + len(steps) - 1 == pytest.approx(best)
    assert all(one.target == other.source for one, other in pairwise(steps))
    assert routing.translation(survey_of(engine), source, target) == steps


def _best_cost(engine: Installed, source: str, target: str) -> float | None:
    """By trying every route."""
    costs = []
    for between in range(3):
        for stops in product([tag for tag in LETTERS if tag not in {source, target}], repeat=between):
            hops = list(pairwise([source, *stops, target]))
            if all(hop in engine.info.pairs for hop in hops):
                costs.append(sqrt(sum(loss(engine.info, *hop) ** 2 for hop in hops)) + between)
    return min(costs, default=None)


# --- what is said of a route


def test_a_measured_pair_has_its_figure_and_a_route_an_estimate():
    able = {(pair.source, pair.target): pair for pair in routing.capabilities(survey_of(FIREFOX, APERTIUM)).translated}
    assert able["en", "pt"].figure == Figure("chrF", 59.7, NTREX)
    assert able["en", "pt"].estimate is None
    assert able["en", "es"].figure is None
    assert able["en", "es"].estimate == pytest.approx(55.9, abs=1.5)
    assert (able["en", "eo"].figure, able["en", "eo"].estimate) == (None, None)
    assert able["pt", "eo"].estimate is None


MEASURED = {
    "en pt es": 55.9, "en pt ca": 55.0, "en pt es gl": 55.5, "en pt ca it": 49.6, "en pt ca fr": 48.1,
    "es pt en": 58.2, "ca pt en": 57.8, "gl es pt en": 58.0, "fr ca pt en": 51.9, "it ca pt en": 54.8,
    "ro es pt en": 48.7, "hr en pt": 40.0, "fr es it": 47.7, "pt es gl": 55.7,
}  # fmt: skip
"""Of bench/quality_mt.py."""


@pytest.mark.parametrize(("stops", "chrf"), MEASURED.items())
def test_estimates_are_near_what_was_measured(stops, chrf):
    croatian = measured("hbs", {"hr>en": 39.8})
    found = [Routes([FIREFOX, APERTIUM, croatian]).find(*hop) for hop in pairwise(stops.split())]
    steps = [step for hop in found for step in hop or ()]
    assert routes.estimate(steps) == pytest.approx(chrf, abs=3.5)


def test_an_estimate_is_on_the_scale_of_the_last_hop():
    engine = measured("a", {"en>ja": 42.6, "en>tlh": 50.0}, dataset=FLORES)
    (step,) = Routes([engine]).find("en", "ja")
    assert routes.estimate([step]) == 42.6
    assert ceiling(Figure("chrF", 50.0, FLORES), "en", "tlh") is None
    assert routes.estimate(Routes([engine]).find("en", "tlh")) is None
    assert routes.estimate(()) is None


def test_losses_are_compared_across_test_sets():
    flores = measured("a", {"en>es": 56.0, "en>xx": 70.0}, dataset=FLORES).info
    assert loss(flores, "en", "es") == pytest.approx(1.5)
    assert loss(flores, "en", "xx") == 3.0
    own = measured("a", {"en>es": 50.0}, dataset="our own").info
    assert loss(own, "en", "es") == pytest.approx(9.0)
    for rank, guess in ((0, 18.0), (12, 6.0), (99, 5.0), (-10, 28.0), (-99, 40.0)):
        assert loss(replace(own, figures={}, rank=rank), "en", "es") == guess


# --- detours


def test_a_detour_goes_round_each_engine_of_a_route():
    found = [FIREFOX, APERTIUM]
    steps = Routes(found).find("en", "es")
    (around,) = routes.detours(found, steps)
    assert [(step.engine.info.name, step.target) for step in around] == [("apertium", "es")]
    assert routes.detours(found, Routes(found).find("en", "gl"))[0][0].engine.info.name == "apertium"
    assert routes.detours([FIREFOX], Routes([FIREFOX]).find("en", "pt")) == ()
    assert routes.detours(found, ()) == ()


def test_every_language_of_an_engine_with_many_is_reached():
    tags = [f"{a}{b}" for a, b in combinations("abcdefghijklmnopqrst", 2)][:60]
    engine = translator("many", *(f"{a}>{b}" for a in tags for b in tags if a != b))
    found = Routes([engine])
    assert len(found.find_all(tags[0])) >= 50
