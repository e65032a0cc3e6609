import anyio
import pytest

from dragoman.core.audio import AudioChunk
from dragoman.core.errors import EngineFailed
from dragoman.core.transcript import Sentence, Word
from dragoman.engines.attached import Attached, SpeechHop
from dragoman.engines.speech_translation import SpeechTranslatorInfo
from dragoman.hosts.thread import ThreadHost
from dragoman.pipeline.speech_pivot import HeardAudio, SpeechPivot, cut

pytestmark = pytest.mark.anyio

RATE = 16_000
INFO = SpeechTranslatorInfo(
    name="measure", version="1", licence="MIT", runs_in="thread", pairs=(("de", "en"),), sample_rate=RATE, longest=60.0
)


class Measure:
    """A speech translator whose translation says which audio it was given."""

    def __init__(self):
        self.calls = 0

    def prepare(self, source, target):
        """Nothing to load."""

    def translate_speech(self, audio, source, target):
        self.calls += 1
        return f"{source}>{target} {audio.start_time:.2f} to {audio.end_time:.2f}"


def second(start_time):
    return AudioChunk(bytes(2 * RATE), RATE, start_time)


def sentence(start, end):
    return Sentence((Word("Wort", start, end),), "de")


def heard(seconds, kept=900.0):
    audio = HeardAudio(kept)
    for start in range(seconds):
        audio.add(second(float(start)))
    return audio


async def test_a_sentence_gets_its_own_audio_and_a_margin_once_for_all_targets():
    engine = Measure()
    async with ThreadHost("measure", lambda: engine, threads=2) as host:
        pivot = SpeechPivot(SpeechHop(Attached(host, INFO), "de", "en"), heard(10).between)
        texts = []

        async def one():
            texts.append(await pivot.text(sentence(2.0, 3.5)))

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(one)
    assert texts == ["de>en 1.75 to 3.75"] * 3
    assert engine.calls == 1


async def test_audio_that_is_gone_is_named():
    async with ThreadHost("measure", Measure, threads=1) as host:
        pivot = SpeechPivot(SpeechHop(Attached(host, INFO), "de", "en"), heard(10, kept=3.0).between)
        with pytest.raises(EngineFailed, match=r"The audio at 1\.0 s is gone"):
            await pivot.text(sentence(1.0, 2.0))
        assert await pivot.text(sentence(8.0, 9.0)) == "de>en 7.75 to 9.25"


def test_a_cut_stays_inside_what_there_is():
    assert cut([], 0.0, 1.0) is None
    piece = cut([second(1.0), second(2.0)], 0.0, 1.5)
    assert piece is not None
    assert (piece.start_time, piece.end_time) == (1.0, 1.5)
