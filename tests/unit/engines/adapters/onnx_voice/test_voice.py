"""The synthesizer over a graph made here, which hums: each symbol as long and as loud as its table says."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs
from tests.made_voices import made_kokoro, natural_frames

from dragoman.core.audio import AudioChunk, join
from dragoman.engines.adapters.kokoro import KokoroModel
from dragoman.engines.adapters.onnx_voice.model import Encoded, Rendered
from dragoman.engines.adapters.onnx_voice.pieces import Part, Shape
from dragoman.engines.adapters.onnx_voice.session import Run
from dragoman.engines.adapters.onnx_voice.voice import OnnxVoice, VoiceSettings
from dragoman.engines.catalogue import locate
from dragoman.engines.tts import SpeechChunk

TEXT = "one two three four, five six seven eight. All ten."
FRAME = 600


def letters(sentence: str) -> tuple[Part, ...]:
    """Each word's letters are its symbols."""
    parts = []
    for token in sentence.split():
        word = token.rstrip(",.")
        parts += [Part(word, word), Part("", token[len(word) :] + " ")]
    return tuple(parts)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KokoroModel:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(made_kokoro(tmp_path)))
    files = {"af_heart": locate("kokoro:voices").path("af_heart.bin")}
    return KokoroModel(locate("kokoro:v1.0"), files)


def voice_of(model: KokoroModel) -> OnnxVoice:
    return OnnxVoice(model, {"af_heart": lambda: letters}, VoiceSettings("hum", Shape(first_words=4), 2.0))


def audio_of(chunks: list[SpeechChunk]) -> AudioChunk:
    return join(chunk.audio for chunk in chunks)


def loudness(audio: AudioChunk) -> np.ndarray:
    """Of each frame."""
    samples = np.frombuffer(audio.pcm, np.int16).astype(float)
    framed = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return np.sqrt((framed**2).mean(axis=1))


def test_pieces_come_in_order_with_pauses_between_them(model: KokoroModel) -> None:
    chunks = list(voice_of(model).synthesize(TEXT, "af_heart"))
    assert [[word.content for word in chunk.words] for chunk in chunks] == [
        ["one", "two", "three", "four"],
        ["five", "six", "seven", "eight"],
        ["All", "ten"],
    ]
    quiet = loudness(audio_of(chunks)) == 0
    ends = [chunk.audio.end_time for chunk in chunks[:-1]]
    for end, pause in zip(ends, (0.1, 0.25), strict=True):
        around = quiet[round((end - 0.05) / 0.025) : round((end + pause + 0.05) / 0.025)]
        assert around.all()
        assert 0.05 + pause <= len(around) * 0.025 <= 0.15 + pause


def test_silence_at_both_ends_is_cut_off(model: KokoroModel) -> None:
    heard = loudness(audio_of(list(voice_of(model).synthesize("one two.", "af_heart")))) > 0
    assert heard.tolist().index(True) == 2
    assert heard[::-1].tolist().index(True) == 2


def test_words_are_where_their_sound_begins(model: KokoroModel) -> None:
    chunks = list(voice_of(model).synthesize(TEXT, "af_heart"))
    heard = loudness(audio_of(chunks)) > 0
    for word in [word for chunk in chunks for word in chunk.words]:
        frame = round(word.start_time / 0.025)
        assert heard[frame]
        assert not heard[frame - 1]


def test_a_word_lasts_as_long_as_its_symbols(model: KokoroModel) -> None:
    words = [word for chunk in voice_of(model).synthesize("one two three", "af_heart") for word in chunk.words]
    for (one, other), text in zip(pairwise(words), ("one", "two"), strict=True):
        frames = sum(round(natural_frames(symbol)) for symbol in text + " ")
        assert other.start_time - one.start_time == pytest.approx(frames * 0.025)


@pytest.mark.parametrize("rate", [0.8, 1.0, 1.3])
def test_the_length_is_known_before(model: KokoroModel, rate: float) -> None:
    voice = voice_of(model)
    seconds = sum(chunk.audio.duration for chunk in voice.synthesize(TEXT, "af_heart", rate))
    assert voice.duration(TEXT, "af_heart", rate) == pytest.approx(seconds, abs=0.2)
    plain = voice.duration(TEXT, "af_heart")
    assert plain is not None
    assert seconds == pytest.approx(plain / rate, rel=0.06)


def test_unknown_symbols_are_counted(model: KokoroModel) -> None:
    with capture_logs() as logs:
        chunks = list(voice_of(model).synthesize("one ЖЖ two", "af_heart"))
    assert [(entry["event"], entry["symbols"]) for entry in logs] == [("symbols_not_spoken", 2)]
    assert [word.content for chunk in chunks for word in chunk.words] == ["one", "ЖЖ", "two"]


def test_closing_ends_the_work_of_another_thread(model: KokoroModel) -> None:
    rendering, left = threading.Event(), threading.Event()

    class Slow(KokoroModel):
        """Begins its second piece when the listener has left."""

        def render(self, encoded: Encoded, voice: str, speed: float, run: Run) -> Rendered:
            rendering.set()
            assert left.wait(30)
            return super().render(encoded, voice, speed, run)

    model.__class__ = Slow
    speech = voice_of(model).synthesize(TEXT, "af_heart")
    with ThreadPoolExecutor(1) as threads:
        heard = threads.submit(list, speech)
        assert rendering.wait(30)
        speech.close()
        left.set()
        assert heard.result(30) == []


def test_the_graph_itself_stops_when_its_run_is_ended(model: KokoroModel) -> None:
    speech = voice_of(model).synthesize(TEXT, "af_heart")
    next(speech)
    speech.close()
    assert list(speech) == []


def test_threads_share_a_voice(model: KokoroModel) -> None:
    voice = voice_of(model)
    alone = audio_of(list(voice.synthesize(TEXT, "af_heart"))).pcm
    with ThreadPoolExecutor(4) as threads:
        heard = list(threads.map(lambda _: audio_of(list(voice.synthesize(TEXT, "af_heart"))).pcm, range(20)))
    assert all(pcm == alone for pcm in heard)
