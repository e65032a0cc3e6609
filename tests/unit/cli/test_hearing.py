from pathlib import Path

import pytest
from tests.unit.cli.events import said

from dragoman.cli.hearing import Silence
from dragoman.core.errors import EngineFailed, NoSpeech
from dragoman.core.events import Notice, RunEnded

PATH = Path("talk.mp3")


def watching(*events):
    silence = Silence()
    for event in events:
        silence.add(event)
    return silence


def test_a_recording_in_which_nobody_speaks():
    with pytest.raises(NoSpeech, match=r"talk\.mp3"):
        watching(RunEnded(10.0)).check(PATH)


def test_an_engine_that_broke_is_not_taken_for_silence():
    with pytest.raises(EngineFailed, match="out of tune"):
        watching(Notice("engine_crashed", "out of tune"), RunEnded(10.0)).check(PATH)


def test_speech_is_fine_whatever_else_happened():
    watching(said(1.0), Notice("engine_crashed", "once")).check(PATH)
