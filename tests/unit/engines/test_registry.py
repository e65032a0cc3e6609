"""Plug-ins of foreign distributions: found without importing, and fenced when they break."""

import sys

import pytest
from tests.unit.engines.conftest import InstallPlugins

from dragoman.core.errors import EngineNotFound, EngineUnavailable
from dragoman.engines import registry
from dragoman.engines.registry import RECOGNIZERS, SYNTHESIZERS, TRANSLATORS, VOICE_ACTIVITY, Kind
from dragoman.engines.routing import survey

KINDS = [RECOGNIZERS, TRANSLATORS, SYNTHESIZERS, VOICE_ACTIVITY]

GOOD = """
    from dragoman.engines.mt import TranslatorInfo

    class Shouter:
        def __init__(self, model):
            self.model = model

        def prepare(self, source, target): ...

        def translate(self, sentences, source, target):
            return [sentence.upper() for sentence in sentences]

    def describe(model=None):
        return TranslatorInfo(
            name="shouter", version=model or "1", licence="MIT", runs_in="thread", pairs=(("en", "en-x-loud"),)
        )

    def load(model=None):
        return Shouter(model)
"""
BREAKS_AT_IMPORT = "import a_library_that_is_not_there\n"
CANNOT_DESCRIBE = """
    def describe(model=None):
        raise KeyError("no such file")
"""
LACKS_A_PROGRAM = """
    from dragoman.core.errors import EngineUnavailable

    def describe(model=None):
        raise EngineUnavailable("shout is not installed", remedy="apt install shout")
"""
KNOWS_NO_TAGS = """
    from dragoman.core.language import canonical

    def describe(model=None):
        return canonical("klingonese")
"""
HAS_NO_METHODS = ""


def translators(**entries: str) -> dict[str, dict[str, str]]:
    return {TRANSLATORS.group: entries}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_names_of_our_own_are_listed_in_order(kind: Kind) -> None:
    listed = registry.names(kind)
    assert "scripted" in listed
    assert listed == sorted(listed)


def test_names_are_listed_without_importing_anything(install_plugins: InstallPlugins) -> None:
    install_plugins("toy-shouter", translators(shouter="toy_shouter"), {"toy_shouter": GOOD})
    assert "shouter" in registry.names(TRANSLATORS)
    assert "shouter" not in registry.names(RECOGNIZERS)
    assert registry.find(TRANSLATORS, "shouter").name == "shouter"
    assert "toy_shouter" not in sys.modules


def test_a_plugin_is_described_and_loaded(install_plugins: InstallPlugins) -> None:
    install_plugins("toy-shouter", translators(shouter="toy_shouter"), {"toy_shouter": GOOD})
    ref = registry.find(TRANSLATORS, "shouter")
    assert ref.describe().pairs == (("en", "en-x-loud"),)
    assert ref.plugin().load().translate(["hi"], "en", "en-x-loud") == ["HI"]


def test_what_follows_the_first_colon_is_the_model(install_plugins: InstallPlugins) -> None:
    install_plugins("toy-shouter", translators(shouter="toy_shouter"), {"toy_shouter": GOOD})
    ref = registry.find(TRANSLATORS, "shouter:/models/a:b.json")
    assert (ref.name, ref.model) == ("shouter:/models/a:b.json", "/models/a:b.json")
    assert ref.describe().version == "/models/a:b.json"
    assert registry.find(TRANSLATORS, "shouter:").model is None


@pytest.mark.parametrize("reference", ["nobody", "", ":", "nobody:model", "Scripted", "🙂"])
def test_an_unknown_name_is_told_which_are_installed(reference: str) -> None:
    with pytest.raises(EngineNotFound, match="There is no translator engine") as raised:
        registry.find(TRANSLATORS, reference)
    assert repr(reference.partition(":")[0]) in raised.value.message
    assert "scripted" in raised.value.remedy


def test_where_nothing_is_installed_the_error_says_none() -> None:
    with pytest.raises(EngineNotFound, match="Installed: none"):
        registry.find(Kind("toy", "dragoman.no_such_group"), "toy")


@pytest.mark.parametrize(
    ("source", "message", "remedy"),
    [
        (BREAKS_AT_IMPORT, "cannot be imported: No module named 'a_library_that_is_not_there'", "Reinstall"),
        (CANNOT_DESCRIBE, "cannot be described: 'no such file'", ""),
        (HAS_NO_METHODS, "cannot be described: module 'toy_broken' has no attribute 'describe'", ""),
        (KNOWS_NO_TAGS, "cannot be described: 'klingonese' is not a language code", ""),
        (LACKS_A_PROGRAM, "shout is not installed", "apt install shout"),
    ],
    ids=["import", "describe", "no-methods", "our-own-error", "program"],
)
def test_a_plugin_that_breaks_is_unavailable_and_takes_nobody_with_it(
    install_plugins: InstallPlugins, source: str, message: str, remedy: str
) -> None:
    install_plugins("toy-broken", translators(broken="toy_broken"), {"toy_broken": source})
    with pytest.raises(EngineUnavailable, match=message) as raised:
        registry.find(TRANSLATORS, "broken").describe()
    assert remedy in raised.value.remedy
    install_plugins("toy-shouter", translators(shouter="toy_shouter"), {"toy_shouter": GOOD})
    found = survey()
    assert "shouter" in [engine.info.name for engine in found.translators]
    assert [(entry.kind, entry.name) for entry in found.missing if entry.name == "broken"] == [("translator", "broken")]


def test_a_name_that_two_distributions_bring_is_one_engine(install_plugins: InstallPlugins) -> None:
    install_plugins("toy-one", translators(shouter="toy_shouter"), {"toy_shouter": GOOD})
    install_plugins("toy-two", translators(shouter="toy_shouter"), {})
    assert registry.names(TRANSLATORS).count("shouter") == 1
    assert [engine.ref.name for engine in survey().translators].count("shouter") == 1
