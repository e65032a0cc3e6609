"""Against the Apertium that is installed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.errors import EngineUnavailable, UnsupportedLanguage
from dragoman.engines.adapters import apertium, apertium_modes
from dragoman.engines.adapters.apertium import Apertium

pytestmark = pytest.mark.skipif(shutil.which("lt-proc") is None, reason="Apertium is not installed")

CAT_EATS_FISH = {
    "bs": "Moja mačka jede ribu.",
    "ca": "El meu gat menja peix.",
    "da": "Min kat spiser ikke brød.",
    "en": "My cat eats fish.",
    "eo": "Mia kato manĝas fiŝon.",
    "es": "Mi gato come pescado.",
    "eu": "Nire katuak arraina jaten du.",
    "fr": "Mon chat mange du poisson.",
    "gl": "O meu gato come peixe.",
    "hr": "Moja mačka jede ribu.",
    "is": "Kötturinn minn borðar fisk.",
    "it": "Il mio gatto mangia pesce.",
    "mk": "Мојата мачка јаде риба.",
    "nb": "Katten min spiser fisk.",
    "nn": "Katten min et fisk.",
    "pt": "O meu gato come peixe.",
    "ro": "Pisica mea mănâncă pește.",
    "sr": "Моја мачка једе рибу.",  # noqa: RUF001  Cyrillic is meant
    "sv": "Min katt äter fisk.",
}

PAIRS = list(apertium_modes.installed_modes())


@pytest.fixture(scope="module")
def engine() -> Iterator[Apertium]:
    engine = apertium.load()
    yield engine
    engine.close()


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_offered_pair_works(engine: Apertium, pair: tuple[str, str]) -> None:
    sentence = CAT_EATS_FISH[pair[0]]
    [plain, unmarked, unknown] = engine.translate(
        [sentence, sentence.rstrip("."), f"{sentence.rstrip('.')} Gzorblax."], *pair
    )
    engine.pipeline(*pair).close()
    assert len(plain.split()) >= 3
    assert plain.endswith(".")
    assert plain[0].isupper()
    assert plain != sentence
    assert not unmarked.endswith(".")
    assert "Gzorblax" in unknown
    assert not set("*@#[]^$\\") & set(plain + unmarked + unknown)


def test_pairs_that_need_not_be_offered() -> None:
    targets_from_english = {target for source, target in PAIRS if source == "en"}
    assert targets_from_english.isdisjoint({"hr", "sr", "bs"})
    assert PAIRS[0] == ("en", "es")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("I would like a house.", "Me gustaría una casa."),
        ("i would like a house", "me gustaría una casa"),
        ("Hello", "Hola"),
        ('"I would like a house," he said.', '"Me gustaría una casa," dijo.'),
        ("", ""),
        (" \n\t", ""),
        ("42", "42"),
        ("😀 !", "😀 !"),
    ],
)
def test_english_to_spanish(engine: Apertium, sentence: str, expected: str) -> None:
    assert engine.translate([sentence], "en", "es") == [expected]


def test_serbian_is_read_in_both_scripts(engine: Apertium) -> None:
    cyrillic, latin = engine.translate(["Моја мачка једе рибу.", "Moja mačka jede ribu."], "sr", "en")  # noqa: RUF001  as above
    assert cyrillic == latin == "My cat eats fish."


SPECIAL = st.sampled_from(
    [*"[]{}^$/\\@<>*#~&.\0\n\r\uffff\ufeff\u200d i\u2019", "[\n]", "[\n]\0", ".[]", "\\[", "</b>", "[["]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text() | st.lists(SPECIAL | st.sampled_from(["cat ", "I "])).map("".join), max_size=6))
def test_any_text_gets_one_answer_in_its_place(engine: Apertium, texts: list[str]) -> None:
    marked = [part for text in texts for part in (text, "My cat eats fish.")]
    answers = engine.translate(marked, "en", "es")
    assert len(answers) == len(marked)
    assert all(answer == "Mi gato come pez." for answer in answers[1::2])
    assert not any(set("\0\n") & set(answer) for answer in answers)
    assert all(not answer for text, answer in zip(texts, answers[::2], strict=True) if not text.strip())


@pytest.mark.parametrize("text", ["word " * 2000, "a" * 10_000, "Hello there. " * 800, "a[" * 5000])
def test_ten_thousand_characters(engine: Apertium, text: str) -> None:
    [answer, after] = engine.translate([text, "My cat eats fish."], "en", "es")
    assert len(answer) > 5000
    assert after == "Mi gato come pez."


def test_a_stage_killed_at_work_costs_nothing(engine: Apertium) -> None:
    sentences = ["My cat eats fish.", "The house is big."] * 1000
    expected = engine.translate(sentences[:2], "en", "es")
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(engine.translate, sentences, "en", "es")
        psutil.Process(engine.pipeline("en", "es").pids[3]).kill()
        assert answer.result() == expected * 1000


def test_idle_programs_are_ended_and_come_back() -> None:
    engine = Apertium(apertium_modes.installed_modes(), idle_after=0.05)
    engine.prepare("en", "es")
    programs = [psutil.Process(pid) for pid in engine.pipeline("en", "es").pids]
    engine.prepare("es", "fr")
    programs += [psutil.Process(pid) for pid in engine.pipeline("es", "fr").pids]
    _, alive = psutil.wait_procs(programs, timeout=20)
    assert not alive
    assert engine.translate(["My cat eats fish."], "en", "es") == ["Mi gato come pez."]
    engine.close()


def test_close_ends_every_program() -> None:
    engine = apertium.load()
    engine.prepare("en", "es")
    programs = [psutil.Process(pid) for pid in engine.pipeline("en", "es").pids]
    engine.close()
    engine.close()
    assert not any(program.is_running() for program in programs)


def test_a_pair_that_is_not_there(engine: Apertium) -> None:
    with pytest.raises(UnsupportedLanguage, match="en-tlh"):
        engine.translate(["x"], "en", "tlh")


def test_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable) as raised:
        apertium.describe()
    assert "apt-get install apertium" in raised.value.remedy


def test_programs_end_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("left_alone.py"))], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        programs = [psutil.Process(pid) for pid in json.loads(parent.stdout.readline())]
    parent.kill()
    parent.wait()
    assert len(programs) > 5
    _, alive = psutil.wait_procs(programs, timeout=20)
    assert not alive
