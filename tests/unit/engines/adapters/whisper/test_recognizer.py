import itertools
import math
from dataclasses import replace

import pytest

from dragoman.core.audio import SPEECH_RATE, AudioChunk, join, silence
from dragoman.core.errors import EngineUnavailable, UnsupportedLanguage
from dragoman.core.options import VocabularyItem
from dragoman.engines.adapters.whisper.recognizer import prompt_of
from dragoman.engines.adapters.whisper.translating import WhisperTranslator
from dragoman.engines.adapters.whisper.weights import Compute, Weights
from dragoman.engines.asr import RecognizerOptions

ENGLISH = RecognizerOptions("en")


def text(words):
    return " ".join(word.content for word in words)


def shifted(audio: AudioChunk, start_time: float) -> AudioChunk:
    return replace(audio, start_time=start_time)


def test_words_come_written_with_marks_and_case(recognizer, recording):
    words = recognizer.recognize(recording("speech/en/en_librivox_ss01_0880.flac"), ENGLISH)
    assert text(words) == "He was not an ill-disposed young man."


def test_packed_utterances_get_their_own_words_in_their_own_time(recognizer, recording):
    one = shifted(recording("speech/en/en_librivox_ss01_0880.flac"), 100.0)
    quiet = silence(1.0, SPEECH_RATE, 150.0)
    other = shifted(recording("speech/en/en_jfk.flac"), 200.0)
    first, nothing, last = recognizer.recognize_packed([one, quiet, other], ENGLISH)
    assert text(first).endswith("young man.")
    assert nothing == ()
    assert text(last).startswith("And so")
    for utterance, words in ((one, first), (other, last)):
        times = [time for word in words for time in (word.start_time, word.end_time)]
        assert times == sorted(times)
        assert utterance.start_time <= times[0] < times[-1] <= utterance.end_time
        assert all(0 < word.confidence <= 1 for word in words)


def test_a_word_after_a_pause_starts_with_the_voice(recognizer, recording):
    clip = recording("speech/en/en_librivox_ss01_0880.flac")
    late = join([silence(1.0, SPEECH_RATE), clip])
    onset = recognizer.recognize(clip, ENGLISH)[0].start_time
    assert recognizer.recognize(late, ENGLISH)[0].start_time == pytest.approx(1.0 + onset, abs=0.15)


def test_a_recording_of_another_language(recognizer, recording):
    german = recognizer.recognize(recording("speech/de/de_autodub_003.flac"), RecognizerOptions("de-CH"))
    assert "jungen Mann" in text(german)
    with pytest.raises(UnsupportedLanguage, match="tlh"):
        recognizer.recognize(silence(1, SPEECH_RATE), RecognizerOptions("tlh"))


def test_long_audio_in_one_utterance_is_heard_to_its_end(recognizer, recording):
    talk = recording("longform/talk_en.flac")
    words = recognizer.recognize(talk.slice(0, 60 * SPEECH_RATE), ENGLISH)
    gaps = [later.start_time - earlier.end_time for earlier, later in itertools.pairwise(words)]
    assert len(words) > 90
    assert words[-1].end_time > 55
    assert max(gaps) < 5


def test_a_live_stream_revises_and_ends_like_the_whole(recognizer, recording):
    clip = shifted(recording("speech/en/en_jfk.flac"), 5.0)
    stream = recognizer.open_stream(ENGLISH)
    seen = {stream.accept(clip.slice(first, first + 1600)) for first in range(0, clip.samples, 1600)}
    final = stream.finish()
    assert len(seen) >= math.floor(clip.duration)
    assert text(final).endswith("your country.")
    assert stream.finish() == ()
    assert stream.accept(silence(0.2, SPEECH_RATE, 30.0)) == ()


def test_speech_is_translated_into_english(weights, recording):
    translator = WhisperTranslator(weights)
    translator.prepare("es", "en")
    english = translator.translate_speech(recording("speech/es/es_fleurs_000.flac"), "es", "en").lower()
    assert "weather" in english or "climate" in english
    assert translator.translate_speech(silence(2, SPEECH_RATE), "es", "en") == ""
    with pytest.raises(UnsupportedLanguage, match="not to de"):
        translator.prepare("es", "de")


def test_a_vocabulary_is_bounded():
    many = tuple(VocabularyItem(f"word{number}") for number in range(1000))
    prompt = prompt_of(many)
    assert 1000 > prompt.count("word") > 20
    assert prompt.startswith("Glossary: word0, word1,")


def test_words_too_long_for_a_prompt_are_left_out():
    assert prompt_of((VocabularyItem("long" * 1000), VocabularyItem("short"))) == "Glossary: short."
    assert prompt_of(()) == ""


def test_chinese_is_asked_for_in_the_simplified_script():
    assert prompt_of((), "zh") == "以下是普通话的句子。"
    assert prompt_of((VocabularyItem("克罗地亚"),), "zh").startswith("Glossary: 克罗地亚. ")


def test_weights_cut_short_are_named_with_the_remedy(weights, tmp_path):
    from dragoman.engines import catalogue

    whole = catalogue.locate("whisper:base")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes(whole.path(name).read_bytes())
    (tmp_path / "model.bin").write_bytes(whole.path("model.bin").read_bytes()[:1_000_000])
    with pytest.raises(EngineUnavailable, match="whisper:base cannot be loaded") as raised:
        Weights("whisper:base", tmp_path, Compute(device="cpu"))
    assert raised.value.remedy == "Run: dragoman models verify whisper:base"
