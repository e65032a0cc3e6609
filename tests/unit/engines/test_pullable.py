"""What pulling models of the catalogue would bring."""

import pytest
from tests.unit.engines.test_routes import APERTIUM, FIREFOX
from tests.unit.engines.toys import NOTHING, survey_of, translator

from dragoman.core.capabilities import Obtainable
from dragoman.engines import catalogue, routing
from dragoman.engines.catalogue.entries import entries
from dragoman.engines.pullable import Pullable


@pytest.fixture(autouse=True)
def nothing_pulled(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    assert catalogue.installed() == ()


def test_models_are_named_where_they_gain_more_than_a_point():
    models = Pullable(survey_of(FIREFOX, APERTIUM)).models("en")
    assert models["es"] == ("firefox:en-es",)
    assert models["de"] == ("firefox:en-de",)
    assert models["gl"] == ("firefox:en-es",)
    assert "pt" not in models


def test_of_a_pair_without_english_both_halves_are_named():
    models = Pullable(NOTHING).models("de")
    assert models["fr"] == ("firefox:de-en", "firefox:en-fr")
    assert models["en"] == ("firefox:de-en",)


def test_capabilities_tell_what_would_be_better_and_what_could_be_had():
    able = routing.capabilities(survey_of(FIREFOX, APERTIUM))
    pairs = {(pair.source, pair.target): pair.better for pair in able.translated}
    assert pairs["en", "es"] == ("firefox:en-es",)
    assert pairs["en", "pt"] == ()
    assert Obtainable("en", "ja", ("firefox:en-ja",)) in able.obtainable
    assert not {(pair.source, pair.target) for pair in able.obtainable} & set(pairs)


def test_nothing_is_better_than_what_is_installed(tmp_path):
    everything = [f"{source}>{target}" for entry in entries("firefox").values() for source, target in entry.model.pairs]
    found = survey_of(translator("all", *everything))
    gains = Pullable(found).models("en")
    assert gains  # nobody has measured that engine
    assert set(Pullable(found).sources) >= {"en", "ja", "zh"}


SEED = "bg ca zh cs da de el es et fi fr gl hi hr hu id it ja ko lt lv ms nl pl pt ro ru sk sl sv tr uk"


def test_with_every_release_the_languages_of_the_seed_go_both_ways_with_english():
    """Vietnamese and Norwegian are released into English alone, or not at all; Galician goes over Spanish."""
    able = Pullable(survey_of(APERTIUM))
    assert {language for language in SEED.split() if language not in able.models("en")} == set()
    assert {language for language in SEED.split() if "en" not in able.models(language)} == set()
    assert able.models("en")["gl"] == ("firefox:en-es",)
    assert able.models("gl")["en"] == ("firefox:es-en",)
    assert "en" in able.models("vi")
