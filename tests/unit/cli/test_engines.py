import json
from importlib.metadata import entry_points

from dragoman.cli.engines import Plugin, _fields, offers, plugins
from dragoman.core.quality import Figure
from dragoman.engines.asr import RecognizerInfo
from dragoman.engines.mt import TranslatorInfo
from dragoman.engines.tts import SynthesizerInfo, Voice


def test_every_plugin_is_listed_whether_it_works_or_not():
    registered = {
        entry.name
        for group in ("recognizers", "translators", "synthesizers", "voice_activity", "aligners")
        for entry in entry_points(group=f"dragoman.{group}")
    }
    listed = plugins()
    assert {plugin.name for plugin in listed} == registered
    assert all((plugin.info is None) != (plugin.error is None) for plugin in listed)


def test_the_scripted_engine_is_never_chosen_by_itself():
    assert {plugin.automatic for plugin in plugins() if plugin.name == "scripted"} == {False}
    assert {plugin.automatic for plugin in plugins() if plugin.name != "scripted"} == {True}


def test_offers_are_counted():
    common = {"name": "x", "version": "1", "licence": "MIT", "runs_in": "thread", "sample_rate": 16_000}
    hears = RecognizerInfo(**common, languages=("en",), streaming=True, punctuated=False)
    assert offers(hears) == "1 language, also live"
    voices = (Voice("a", "es"), Voice("b", "es"), Voice("c", "fr"))
    assert offers(SynthesizerInfo(**common, voices=voices, max_rate=2.0)) == "3 voices, 2 languages"


def test_figures_of_pairs_are_written_as_json():
    info = TranslatorInfo(
        name="x",
        version="1",
        licence="MIT",
        runs_in="thread",
        pairs=(("en", "pt"),),
        figures={("en", "pt"): Figure("chrF", 59.7, "NTREX")},
    )
    written = json.loads(json.dumps(_fields(Plugin("translator", "x", automatic=True, info=info))))
    assert written["figures"] == {"en-pt": {"metric": "chrF", "value": 59.7, "dataset": "NTREX"}}
