import json
from dataclasses import replace
from importlib.metadata import entry_points

from dragoman.cli.engines import Plugin, _fields, measured, offers, plugins
from dragoman.core.errors import EngineUnavailable, ModelNotInstalled
from dragoman.core.quality import Figure
from dragoman.engines.asr import RecognizerInfo
from dragoman.engines.mt import TranslatorInfo
from dragoman.engines.speech_translation import SpeechTranslatorInfo
from dragoman.engines.tts import SynthesizerInfo, Voice

GROUPS = ("recognizers", "translators", "speech_translators", "synthesizers", "voice_activity", "aligners")


def test_every_plugin_is_listed_whether_it_works_or_not():
    registered = {entry.name for group in GROUPS for entry in entry_points(group=f"dragoman.{group}")}
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


def test_a_speech_translator_offers_languages_into_others():
    common = {"name": "x", "version": "1", "licence": "MIT", "runs_in": "thread", "sample_rate": 16_000}
    info = SpeechTranslatorInfo(**common, pairs=(("de", "en"), ("fr", "en")), longest=30.0)
    assert offers(info) == "2 languages to en"


def test_the_figure_of_english_stands_for_all():
    common = {"name": "x", "version": "1", "licence": "MIT", "runs_in": "thread", "sample_rate": 16_000}
    hears = RecognizerInfo(**common, languages=("de", "en"), streaming=True, punctuated=False)
    assert measured(hears) == ""
    figures = {"de": Figure("WER", 0.075, "18 clips"), "en": Figure("WER", 0.116, "30 clips")}
    assert measured(replace(hears, figures=figures)) == "en WER 0.116, 1 more"


def test_an_engine_without_a_model_is_off_and_not_broken():
    def plugin(error):
        return Plugin("translator", "x", automatic=True, error=error)

    assert plugin(ModelNotInstalled("No model", remedy="Pull one")).off
    assert not plugin(EngineUnavailable("No library", remedy="Install it")).off


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
