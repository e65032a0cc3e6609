"""CTranslate2 models of every family, on a toy of 32 sentences that was trained for each (toy_model/make.py)."""

import shutil
import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.toy_translation import PAIR, import_toy

from dragoman.core.errors import EngineUnavailable, ModelDamaged, ModelNotInstalled, UnsupportedLanguage
from dragoman.core.language import canonical
from dragoman.engines import catalogue
from dragoman.engines.adapters import model_languages, opus, opus_model
from dragoman.engines.adapters.opus_family import family_of
from dragoman.engines.catalogue import InstalledModel
from dragoman.engines.catalogue.importing import Described, import_model

Install = Callable[..., InstalledModel]


@pytest.fixture
def install(tmp_path, monkeypatch) -> Install:
    """``install(family, name, pairs)`` imports the toy into a models folder of the test's own."""
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path / "models"))

    def install(family: str, name: str = "toy", pairs: tuple[tuple[str, str], ...] = (PAIR,)) -> InstalledModel:
        return import_toy(tmp_path / f"{family} {name}", family, name, pairs)

    return install


FAMILIES = [("opus", "toy"), ("argos", "toy"), ("m2m100", "m2m100"), ("m2m100", "small100"), ("madlad", "madlad")]


@pytest.mark.parametrize(("files", "name"), FAMILIES)
def test_each_family_marks_languages_in_its_own_way(install, files, name):
    install(files, name)
    engine = opus.load()
    engine.prepare(*PAIR)
    answers = engine.translate(["the red house is here", "the dog is good", "the new book is here"], *PAIR)
    assert answers == ["la casa roja está aquí", "el perro es bueno", "el libro nuevo está aquí"]
    assert engine.translate([], *PAIR) == []
    engine.close()


def test_it_describes_what_was_imported(install):
    install("opus")
    info = opus.describe()
    assert (info.name, info.runs_in, info.licence) == ("ctranslate2", "thread", "CC-BY-4.0")
    assert info.pairs == (PAIR,)
    assert opus.describe("toy").pairs == (PAIR,)


def test_a_multilingual_model_may_be_described_by_its_languages(install, tmp_path):
    folder = install("m2m100", "m2m100").folder
    shutil.copytree(folder, tmp_path / "again", ignore=shutil.ignore_patterns("model.json"))
    import_model(tmp_path / "again", "ctranslate2:many", Described(languages=("en", "es", "fr")))
    assert len(opus.describe("many").pairs) == 6
    assert opus.load("many").translate(["the dog is here"], *PAIR) == ["el perro está aquí"]


def test_a_model_of_one_pair_comes_before_one_of_many(install):
    install("m2m100", "m2m100", (PAIR, ("es", "en"), ("en", "fr")))
    install("opus", "toy")
    engine = opus.load()
    engine.prepare(*PAIR)
    assert engine.loaded == ("ctranslate2:toy",)
    assert set(opus.describe().pairs) == {PAIR, ("es", "en"), ("en", "fr")}


def test_models_used_last_are_kept(install):
    install("opus", "one", (PAIR,))
    install("opus", "two", (("en", "es-MX"),))
    engine = opus.Opus({model.model.pairs[0]: model for model in catalogue.installed("ctranslate2")}, loaded=1)
    engine.prepare(*PAIR)
    engine.prepare("en", "es-MX")
    assert engine.loaded == ("ctranslate2:two",)
    with pytest.raises(UnsupportedLanguage, match="en-ja"):
        engine.translate(["the dog is here"], "en", "ja")


@pytest.mark.parametrize("sentence", ["", "123", "😀 …", "12:30"])
def test_what_has_no_letters_is_passed_through(install, sentence):
    install("opus")
    assert opus.load().translate([sentence, "the dog is here"], *PAIR) == [sentence, "el perro está aquí"]


def test_capitals_control_characters_and_length(install):
    install("opus")
    long = " ".join(["the red house is here"] * 60)
    shouted, cleaned, whole = opus.load().translate(["THE DOG IS HERE", "the\x00dog\nis here", long], *PAIR)
    assert shouted == shouted.upper()
    assert cleaned == "el perro está aquí"
    assert 0 < len(whole.split()) < 4 * len(long.split())


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(max_size=40), max_size=4))
def test_anything_gives_one_answer_per_sentence(toy_engine, sentences):
    answers = toy_engine.translate(sentences, *PAIR)
    assert len(answers) == len(sentences)
    assert not any("\n" in answer for answer in answers)


@pytest.fixture(scope="module")
def toy_engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAGOMAN_MODELS_DIR", str(folder / "models"))
        import_toy(folder / "files", "opus")
        yield opus.load()


def test_damaged_files_are_named(install):
    model = install("opus")
    engine = opus.load()
    (model.folder / "model.bin").write_bytes(b"no model")
    with pytest.raises(EngineUnavailable, match="cannot load ctranslate2:toy") as raised:
        engine.prepare(*PAIR)
    assert raised.value.remedy == "Run: dragoman models verify ctranslate2:toy"
    (model.folder / "source.spm").write_bytes(b"no vocabulary")
    with pytest.raises(EngineUnavailable, match=r"source\.spm is no SentencePiece model"):
        engine.prepare(*PAIR)
    with pytest.raises(ModelDamaged):
        opus.describe("toy")


def test_a_folder_of_no_known_family_is_refused(install):
    install("nothing")
    with pytest.raises(EngineUnavailable, match="is of no family that is known") as raised:
        opus.load().prepare(*PAIR)
    assert "SentencePiece" in raised.value.remedy


def test_without_the_library_the_remedy_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(EngineUnavailable, match="is not installed") as raised:
        opus.describe()
    assert raised.value.remedy == "Run: pip install ctranslate2 sentencepiece"


def test_without_models_the_remedy_is_to_import_one(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    with pytest.raises(ModelNotInstalled, match="No model for CTranslate2") as raised:
        opus.describe()
    assert raised.value.remedy.startswith("Import one: dragoman models import")


def test_too_little_memory_is_said_before_loading(install, tmp_path):
    meminfo = tmp_path / "meminfo"
    model = install("opus")
    meminfo.write_text("MemTotal: 8 kB\nMemAvailable: 64 kB\n")
    with pytest.raises(EngineUnavailable, match="ctranslate2:toy needs 1 MB of memory"):
        opus_model.check_memory(model, meminfo)
    meminfo.write_text("MemTotal: 8 kB\nMemAvailable: 640000 kB\n")
    opus_model.check_memory(model, meminfo)
    opus_model.check_memory(model, tmp_path / "missing")


def test_several_targets_of_one_opus_model_are_marked(install):
    family = family_of(install("opus", "many", (PAIR, ("en", "fr"))))
    assert family.source_tokens(["▁dog"], "en", "fr", ended=False) == [">>fra<<", "▁dog", "</s>"]


@pytest.mark.parametrize("codes", [model_languages.m2m100_codes(), model_languages.madlad_codes()])
def test_codes_are_found_by_canonical_tags(codes):
    assert len(codes) >= 100
    assert all(canonical(tag) == tag for tag in codes)
    assert (codes["nb"], codes["zh"], codes["he"]) == ("no", "zh", "he")
    assert model_languages.m2m100_codes()["nso"] == "ns"
    assert model_languages.m2m100_codes()["fil"] == "tl"
