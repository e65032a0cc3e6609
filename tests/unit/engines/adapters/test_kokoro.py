"""Kokoro: the files that it needs, and the real ones where they are installed."""

import re
from pathlib import Path

import numpy as np
import pytest
from tests.made_voices import made_kokoro, piper_graph

from dragoman.core.audio import join
from dragoman.core.errors import EngineError, EngineUnavailable, ModelNotInstalled
from dragoman.engines import catalogue
from dragoman.engines.adapters import kokoro


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    return made_kokoro(tmp_path, {"af_heart": 0.5, "jf_alpha": 0.4, "ef_dora": 0.3, "em_alex": 0.2, "xx_odd": 0.1})


def altered(path: Path, content: bytes) -> None:
    """Another content of the same size: what a damaged disk leaves."""
    size = path.stat().st_size
    path.write_bytes(content[:size].ljust(size, b"\0"))


@pytest.mark.usefixtures("models")
def test_the_default_voice_of_a_language_comes_first() -> None:
    voices = [(voice.name, voice.language) for voice in kokoro.describe().voices]
    assert voices[:1] == [("af_heart", "en-US")]
    assert [name for name, language in voices if language == "es"] == ["ef_dora", "em_alex"]
    assert "xx_odd" not in [name for name, _ in voices]


@pytest.mark.usefixtures("models")
def test_a_voice_has_its_own_style() -> None:
    engine = kokoro.load()
    loud, soft = (
        np.abs(np.frombuffer(join(c.audio for c in engine.synthesize("hola", name)).pcm, np.int16)).max()
        for name in ("ef_dora", "em_alex")
    )
    engine.close()
    assert loud / soft == pytest.approx(1.5, rel=0.01)


def test_without_the_model_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    with pytest.raises(ModelNotInstalled) as raised:
        kokoro.describe()
    assert raised.value.remedy == "Run: dragoman models pull kokoro:v1.0"


def test_without_the_voices_too(models: Path) -> None:
    (models / "kokoro/voices/model.json").unlink()
    with pytest.raises(ModelNotInstalled, match="kokoro:voices"):
        kokoro.describe()


def test_weights_cut_short_are_named(models: Path) -> None:
    path = models / "kokoro/v1.0/model.onnx"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EngineError, match=r"kokoro:v1\.0 is damaged: model\.onnx has 1000 bytes"):
        kokoro.load()


@pytest.mark.parametrize("content", [b"", b"\x08\x08 nothing of use", kokoro.__doc__.encode()])
def test_weights_that_are_no_model_are_named(models: Path, content: bytes) -> None:
    path = models / "kokoro/v1.0/model.onnx"
    altered(path, content)
    with pytest.raises(EngineUnavailable, match=re.escape(str(path))) as raised:
        kokoro.load()
    assert raised.value.remedy == "Run: dragoman models verify kokoro:v1.0"


def test_a_model_of_another_kind_is_refused(models: Path) -> None:
    manifest = models / "kokoro/v1.0/model.json"
    path = models / "kokoro/v1.0/model.onnx"
    manifest.write_text(manifest.read_text().replace(str(path.stat().st_size), str(len(piper_graph()))))
    path.write_bytes(piper_graph())
    with pytest.raises(EngineUnavailable, match=r"model\.onnx"):
        kokoro.load()


def test_a_voice_that_is_none_is_named(models: Path) -> None:
    path = models / "kokoro/voices/ef_dora.bin"
    altered(path, b"\xff" * 522_240)
    engine = kokoro.load()
    with pytest.raises(EngineUnavailable, match=re.escape(f"{path} is no voice of Kokoro")) as raised:
        engine.prepare("ef_dora")
    engine.prepare("em_alex")
    engine.close()
    assert raised.value.remedy == "Run: dragoman models verify kokoro:voices"


def test_a_vocabulary_that_is_none_is_named(models: Path) -> None:
    altered(models / "kokoro/v1.0/vocab.json", b"[1, 2, 3]")
    with pytest.raises(EngineUnavailable, match="is no table of Kokoro's symbols"):
        kokoro.load()


def test_the_real_model_speaks_and_knows_its_length() -> None:
    try:
        catalogue.locate("kokoro:v1.0")
        kokoro.describe()
    except EngineError as error:
        pytest.skip(f"kokoro:v1.0 is not installed: {error}")
    engine = kokoro.load()
    text = "La casa es grande."
    audio = join(chunk.audio for chunk in engine.synthesize(text, "ef_dora"))
    assert audio.duration == pytest.approx(engine.duration(text, "ef_dora"), abs=0.2)
    samples = np.abs(np.frombuffer(audio.pcm, np.int16).astype(int))
    [heard] = np.nonzero(samples > samples.max() / 50)
    assert heard[0] / audio.sample_rate < 0.12
    engine.close()
