"""Firefox's models: the real ones of en-pt and pt-en where they are installed, and what is made of damaged copies."""

import hashlib
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.core.errors import EngineUnavailable, ModelDamaged, ModelNotInstalled, UnsupportedLanguage
from dragoman.engines import catalogue
from dragoman.engines.adapters import firefox
from dragoman.engines.catalogue import InstalledModel, ModelFile

ENPT, PTEN = ("en", "pt"), ("pt", "en")


@pytest.fixture(scope="module")
def models() -> dict[tuple[str, str], InstalledModel]:
    found = {model.model.pairs[0]: model for model in catalogue.installed("firefox")}
    if not {ENPT, PTEN} <= set(found):
        pytest.skip("needs: dragoman models pull firefox:en-pt firefox:pt-en")
    return found


@pytest.fixture(scope="module")
def engine(models):
    engine = firefox.Firefox(models)
    yield engine
    engine.close()


def said(engine: firefox.Firefox, sentence: str, pair: tuple[str, str] = ENPT) -> str:
    (answer,) = engine.translate([sentence], *pair)
    return answer


def test_what_is_installed_is_described_with_its_figures(models):
    info = firefox.describe()
    assert {ENPT, PTEN} <= set(info.pairs)
    assert info.runs_in == "process"
    assert info.figures[ENPT].value > 55
    assert firefox.describe("en-pt").pairs == (ENPT,)


def test_describing_imports_nothing_heavy():
    code = (
        "import sys; from dragoman.engines.adapters import firefox\n"
        "try: firefox.describe()\n"
        "except Exception: pass\n"
        "print([name for name in ('fxtranslate', 'sentencepiece') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"


@pytest.mark.parametrize(
    ("sentence", "pair", "expected"),
    [
        ("The meeting starts at nine.", ENPT, "A reunião começa às nove."),
        ("A reunião começa às nove.", PTEN, "The meeting begins at nine."),
        ("THE MEETING STARTS AT NINE.", ENPT, "A REUNIÃO COMEÇA ÀS NOVE."),
        ("The meeting\nstarts\x00at nine.", ENPT, "A reunião começa às nove."),
        ("", ENPT, ""),
        (" \n ", ENPT, ""),
        ("12:30 - 14:00", ENPT, "12:30 - 14:00"),
        ("😀👍🏽", ENPT, "😀👍🏽"),
        ("The meeting starts at nine. 😀", ENPT, "A reunião começa às nove. 😀"),
        ("日本語です", ENPT, "日本語です"),
    ],
)
def test_sentences(engine, sentence, pair, expected):
    assert said(engine, sentence, pair) == expected


@pytest.mark.parametrize("sentence", ["Hello 😀 world", "I love it 😀😀, really ❤️ a lot! 🎉", "😀 A 🎉 B ❤️ C"])
def test_emoji_are_kept(engine, sentence):
    def emoji(text):
        return sorted(character for character in text if character in "😀❤🎉")

    assert emoji(said(engine, sentence)) == emoji(sentence)


def test_pounds_stay_pounds(engine):
    assert "£120" in said(engine, "The Treasury expects the move to raise up to £120 million a year.").replace(
        "£ ", "£"
    )


LONG = (
    "When the people of the village saw that the river was rising, they moved their animals to the hills, carried "
    "their children to the church, and waited there for the night to end, while the older men stayed behind to guard "
    "the bridge, which had been built by their grandfathers in a time when nobody believed that the water could ever "
    "come so high, and the women sang the songs that they had learned from their mothers in the summer of the great "
    "fire, when all that they owned had gone up in smoke."
)


@pytest.mark.parametrize("sentence", [LONG, LONG.replace(",", ""), f"{LONG} {LONG}"])
def test_a_long_sentence_is_translated_to_its_end(engine, sentence):
    answer = said(engine, sentence)
    assert "fumaça" in answer[-20:]
    assert len(answer.split()) > 0.9 * len(sentence.split())


def test_text_without_spaces_ends(engine):
    assert set(said(engine, "x" * 3000)) == {"x"}


def test_it_may_be_called_from_any_thread_and_keeps_order(engine):
    sentences = [f"The house has {number} doors." for number in range(2, 20)]
    answers = []
    thread = threading.Thread(target=lambda: answers.extend(engine.translate(sentences, *ENPT)))
    thread.start()
    thread.join()
    assert answers == [said(engine, sentence) for sentence in sentences]
    assert [str(number) in answer for number, answer in enumerate(answers, 2)] == [True] * len(answers)


def test_pairs_are_loaded_when_needed_and_those_used_last_are_kept(models):
    engine = firefox.Firefox(models, loaded=1)
    assert engine.loaded == ()
    engine.prepare(*ENPT)
    assert engine.loaded == (ENPT,)
    assert said(engine, "Bom dia.", PTEN)
    assert engine.loaded == (PTEN,)
    engine.close()


def test_idle_pairs_are_let_go_and_come_back(models):
    engine = firefox.Firefox(models, idle_after=0.05)
    gone = threading.Event()
    engine.prepare(*ENPT)
    while engine.loaded:
        gone.wait(0.02)
    assert said(engine, "Good morning.")
    engine.close()
    engine.close()


def test_a_pair_that_is_not_there_is_an_error(engine):
    with pytest.raises(UnsupportedLanguage, match="en-de") as raised:
        engine.translate(["Hello."], "en", "de")
    assert "en-pt" in raised.value.remedy


def damaged(models, tmp_path: Path, name: str, data: bytes, *, honest: bool) -> dict[tuple[str, str], InstalledModel]:
    """A copy of en-pt of which one file has other bytes; an ``honest`` manifest knows of it."""
    found = models[ENPT]
    folder = tmp_path / "firefox" / "en-pt"
    shutil.copytree(found.folder, folder)
    (folder / name).unlink()
    (folder / name).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    files = tuple(
        ModelFile(name, len(data), digest) if honest and file.path == name else file for file in found.model.files
    )
    return {ENPT: InstalledModel(replace(found.model, files=files), folder)}


@pytest.mark.parametrize("which", ["model", "shortlist", "source_vocabulary"])
@pytest.mark.parametrize("honest", [False, True])
def test_files_cut_short_are_named_with_a_remedy(models, tmp_path, which, honest):
    name = str(models[ENPT].model.details[which])
    data = (models[ENPT].folder / name).read_bytes()
    engine = firefox.Firefox(damaged(models, tmp_path, name, data[: len(data) // 3], honest=honest))
    with pytest.raises(EngineUnavailable, match="firefox/en-pt") as raised:
        engine.prepare(*ENPT)
    assert raised.value.remedy == "Run: dragoman models verify firefox:en-pt"
    engine.close()


def test_a_vocabulary_of_another_model_is_noticed(models, tmp_path):
    name = str(models[ENPT].model.details["source_vocabulary"])
    other = models[PTEN].path(str(models[PTEN].model.details["source_vocabulary"])).read_bytes()
    engine = firefox.Firefox(damaged(models, tmp_path, name, other, honest=False))
    with pytest.raises(EngineUnavailable, match=r"vocab\.enpt\.spm is damaged or of another model"):
        engine.translate(["Hello."], *ENPT)
    engine.close()


def test_a_model_removed_while_in_use_works_until_it_is_let_go(models, tmp_path):
    name = str(models[ENPT].model.details["model"])
    whole = (models[ENPT].folder / name).read_bytes()
    copy = damaged(models, tmp_path, name, whole, honest=False)
    engine = firefox.Firefox(copy)
    engine.prepare(*ENPT)
    shutil.rmtree(copy[ENPT].folder)
    assert said(engine, "Good morning.") == "Bom dia."
    engine.close()
    engine = firefox.Firefox(copy)
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        engine.prepare(*ENPT)
    engine.close()


def test_without_the_library_the_remedy_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "fxtranslate", None)
    with pytest.raises(EngineUnavailable, match="fxtranslate is not installed") as raised:
        firefox.describe()
    assert raised.value.remedy == "Run: pip install fxtranslate"


def test_without_models_the_remedy_is_the_pull_command(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    with pytest.raises(ModelNotInstalled) as raised:
        firefox.describe()
    assert raised.value.remedy == "Run: dragoman models pull firefox:en-pt"
    with pytest.raises(ModelNotInstalled, match="firefox:pt-en"):
        firefox.load("pt-en")


def test_a_damaged_model_asked_for_by_name_is_said_to_be(models, tmp_path, monkeypatch):
    name = str(models[ENPT].model.details["model"])
    damaged(models, tmp_path, name, b"short", honest=False)
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    with pytest.raises(ModelDamaged, match="firefox:en-pt"):
        firefox.describe("en-pt")


def test_a_processor_without_avx2_is_refused(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("processor : 0\nflags\t\t: fpu sse sse2 avx\n")
    new.write_text("processor : 0\nflags\t\t: fpu sse sse2 avx avx2\n")
    firefox.check_processor("x86_64", new)
    firefox.check_processor("aarch64", old)
    firefox.check_processor("x86_64", tmp_path / "missing")
    with pytest.raises(EngineUnavailable, match="no AVX2"):
        firefox.check_processor("x86_64", old)


def test_nothing_is_printed_for_files_that_make_the_library_panic(models, tmp_path, capfd):
    name = str(models[ENPT].model.details["shortlist"])
    data = (models[ENPT].folder / name).read_bytes()
    engine = firefox.Firefox(damaged(models, tmp_path, name, data[:-999], honest=True))
    with pytest.raises(EngineUnavailable):
        engine.prepare(*ENPT)
    engine.close()
    assert capfd.readouterr().err == ""
