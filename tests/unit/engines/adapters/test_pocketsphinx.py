import subprocess
import sys
from collections.abc import Callable

import pytest

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineNotFound
from dragoman.core.options import VocabularyItem
from dragoman.engines.adapters import pocketsphinx
from dragoman.engines.asr import RecognizerOptions

Recording = Callable[[str], AudioChunk]

ENGLISH = RecognizerOptions("en")


@pytest.fixture(scope="module")
def engine() -> pocketsphinx.PocketsphinxRecognizer:
    return pocketsphinx.PocketsphinxRecognizer()


def test_describing_imports_nothing_heavy() -> None:
    program = (
        "import sys; from dragoman.engines.adapters import pocketsphinx; pocketsphinx.describe();"
        "print(sorted({'pocketsphinx', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_there_is_one_model() -> None:
    with pytest.raises(EngineNotFound, match="'de'"):
        pocketsphinx.load("de")


def test_words_are_plain(engine: pocketsphinx.PocketsphinxRecognizer, recording: Recording) -> None:
    words = engine.recognize(recording("speech/en/en_librivox_ss01_0880.flac"), ENGLISH)
    contents = [word.content for word in words]
    assert contents[:2] == ["he", "was"]  # the decoder says <s>, he, was(2)
    assert all(content == content.lower() for content in contents)
    assert not any(mark in content for content in contents for mark in "<>[]()")


def test_confidences_are_posteriors(engine: pocketsphinx.PocketsphinxRecognizer, recording: Recording) -> None:
    words = engine.recognize(recording("speech/en/en_librivox_ss01_0880.flac"), ENGLISH)
    assert max(word.confidence for word in words) > 0.99
    assert min(word.confidence for word in words) < 0.9


def test_streams_side_by_side_do_not_mix(recording: Recording) -> None:
    engine = pocketsphinx.PocketsphinxRecognizer()
    clips = [recording("speech/en/en_librivox_ss01_0880.flac"), recording("speech/en/en_LJ001-0002.flac")]
    alone = []
    for clip in clips:
        stream = engine.open_stream(ENGLISH)
        stream.accept(clip)
        alone.append(stream.finish())
        del stream
    streams = [engine.open_stream(ENGLISH) for _ in clips]
    for first in range(0, max(clip.samples for clip in clips), 8000):
        for stream, clip in zip(streams, clips, strict=True):
            stream.accept(clip.slice(first, first + 8000))
    assert [stream.finish() for stream in streams] == alone


def test_each_vocabulary_is_heard_by_itself(recording: Recording) -> None:
    engine = pocketsphinx.PocketsphinxRecognizer()
    clip = recording("formats/hotwords.mp3")
    vocabularies = ((), (VocabularyItem("ComfyUI"),), (VocabularyItem("Comfy UI"),), (VocabularyItem("ComfyUI"),), ())

    def written(vocabulary: tuple[VocabularyItem, ...]) -> set[str]:
        words = engine.recognize(clip, RecognizerOptions("en", vocabulary))
        return {word.content for word in words} & {"ComfyUI", "Comfy", "UI"}

    assert [written(vocabulary) for vocabulary in vocabularies] == [
        set(),
        {"ComfyUI"},
        {"Comfy", "UI"},
        {"ComfyUI"},
        set(),
    ]
