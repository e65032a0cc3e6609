"""What every speech translator promises, tried on each one that is installed."""

import pytest

from dragoman.core.audio import SPEECH_RATE, silence
from dragoman.core.errors import EngineUnavailable, InputError
from dragoman.core.language import canonical
from dragoman.engines import registry
from dragoman.engines.speech_translation import SpeechTranslator, SpeechTranslatorInfo

CLIPS = {"es": ("speech/es/es_fleurs_000.flac", "clim"), "de": ("speech/de/de_autodub_003.flac", "woman")}
"""A recording of some languages, and a word that an English translation of it has."""


@pytest.fixture(scope="module", params=registry.names(registry.SPEECH_TRANSLATORS))
def ref(request: pytest.FixtureRequest) -> registry.EngineRef[SpeechTranslator, SpeechTranslatorInfo]:
    return registry.find(registry.SPEECH_TRANSLATORS, request.param)


@pytest.fixture(scope="module")
def info(ref: registry.EngineRef[SpeechTranslator, SpeechTranslatorInfo]) -> SpeechTranslatorInfo:
    try:
        return ref.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def engine(
    ref: registry.EngineRef[SpeechTranslator, SpeechTranslatorInfo], info: SpeechTranslatorInfo
) -> SpeechTranslator:
    return ref.plugin().load(ref.model)


def test_it_can_still_be_described_when_it_is_loaded(ref, info, engine):
    assert engine is not None
    assert registry.find(registry.SPEECH_TRANSLATORS, ref.name).describe() == info


def test_pairs_are_canonical_and_distinct(info):
    assert info.pairs
    assert len(set(info.pairs)) == len(info.pairs)
    for source, target in info.pairs:
        assert (source, target) == (canonical(source), canonical(target))
        assert source != target
    assert set(info.figures) <= set(info.pairs)
    assert info.longest > 0


@pytest.mark.parametrize("source", CLIPS)
def test_speech_becomes_text_of_the_other_language(engine, info, recording, source):
    if (source, "en") not in info.pairs:
        pytest.skip(f"{info.name} does not translate {source} to en")
    file, word = CLIPS[source]
    engine.prepare(source, "en")
    text = engine.translate_speech(recording(file), source, "en")
    assert word in text.lower()
    assert text == engine.translate_speech(recording(file), source, "en")


def test_nothing_said_is_nothing_translated(engine, info):
    source, target = info.pairs[0]
    assert engine.translate_speech(silence(1.0, SPEECH_RATE), source, target) == ""


def test_a_pair_that_it_does_not_have_is_refused(engine, info):
    with pytest.raises(InputError):
        engine.prepare(info.pairs[0][0], "tlh")
