"""Piper voices: made here, in both forms in which they are published."""

import json
from pathlib import Path

import pytest
from tests.made_voices import made_piper

from dragoman.core.audio import join
from dragoman.core.errors import EngineUnavailable
from dragoman.engines import catalogue, registry
from dragoman.engines.adapters import piper

NAME = "en_US-hum-medium"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    return made_piper(tmp_path)


def test_each_installed_voice_is_an_engine_of_its_own(models: Path) -> None:
    made_piper(models, "de_DE-hum-low", "de_DE", "de")
    found = registry.find(registry.SYNTHESIZERS, "piper").with_models()
    assert [engine.name for engine in found] == ["piper:de_DE-hum-low", f"piper:{NAME}"]
    assert [engine.describe().voices[0].language for engine in found] == ["de-DE", "en-US"]
    assert found[0].describe().name == "piper:de_DE-hum-low"


def test_without_a_voice_the_error_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    assert piper.models() == []
    with pytest.raises(EngineUnavailable, match="No Piper voice is installed"):
        piper.describe()


@pytest.mark.usefixtures("models")
def test_it_speaks_with_words_at_its_own_rate() -> None:
    engine = piper.load(NAME)
    chunks = list(engine.synthesize("The house is big, and nobody knows why.", NAME))
    engine.close()
    assert {chunk.audio.sample_rate for chunk in chunks} == {22_050}
    words = " ".join(word.content for chunk in chunks for word in chunk.words)
    assert words == "The house is big and nobody knows why"


@pytest.mark.usefixtures("models")
def test_ids_are_padded_as_the_voices_were_trained() -> None:
    model = piper.PiperModel(catalogue.locate(f"piper:{NAME}"), piper.read_config(catalogue.locate(f"piper:{NAME}")))
    encoded = model.encode("aЖb")
    a, b = (model.encode(letter).ids[2] for letter in "ab")
    assert encoded.ids == (1, 0, a, 0, b, 0, 2)
    assert encoded.places == (2, 4, 4)
    assert encoded.unknown == 1


def test_a_table_of_tokens_will_do(models: Path) -> None:
    folder = models / "piper" / NAME
    table = json.loads((folder / f"{NAME}.onnx.json").read_text())["phoneme_id_map"]
    engine = piper.load(NAME)
    said = join(chunk.audio for chunk in engine.synthesize("The house is big.", NAME))
    engine.close()
    lines = "".join(f"{symbol} {number}\n" for symbol, (number,) in table.items())
    (folder / "tokens.txt").write_text(lines)
    manifest = json.loads((folder / "model.json").read_text())
    manifest["files"][1] = {"path": "tokens.txt", "size": len(lines.encode()), "sha256": "0" * 64}
    manifest["details"] = {"espeak": "en-us"}
    (folder / "model.json").write_text(json.dumps(manifest))
    engine = piper.load(NAME)
    assert engine._model._config.ids[" "] == (table[" "][0],)
    heard = join(chunk.audio for chunk in engine.synthesize("The house is big.", NAME))
    engine.close()
    assert heard.duration == pytest.approx(said.duration, rel=0.02)


@pytest.mark.parametrize("content", ["{}", "[]", "not JSON", '{"espeak": {"voice": "en-us"}}'])
def test_a_description_that_is_none_is_named(models: Path, content: str) -> None:
    path = models / "piper" / NAME / f"{NAME}.onnx.json"
    path.write_text(content.ljust(path.stat().st_size))
    with pytest.raises(EngineUnavailable, match="is no description of a Piper voice") as raised:
        piper.describe(NAME)
    assert raised.value.remedy == f"Run: dragoman models verify piper:{NAME}"


def test_a_voice_that_espeak_cannot_read_for_is_refused(models: Path) -> None:
    made_piper(models, "zz-hum-low", "en_US", "tlh-klingon")
    with pytest.raises(EngineUnavailable, match="has no voice 'tlh-klingon'"):
        piper.describe("zz-hum-low")


def test_weights_that_are_no_model_are_named(models: Path) -> None:
    path = models / "piper" / NAME / f"{NAME}.onnx"
    path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(EngineUnavailable, match="cannot be loaded: it is damaged or no model"):
        piper.load(NAME)
