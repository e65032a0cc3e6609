"""SVOX Pico: in this process, and in the child in which it runs otherwise."""

import subprocess
import sys

import pytest

pytest.importorskip("py_nanotts")

from dragoman.core.audio import join
from dragoman.engines.adapters import pico
from dragoman.engines.tts import Synthesizer
from dragoman.hosts.process import ProcessHost


@pytest.mark.parametrize("voice", [voice.name for voice in pico.describe().voices])
def test_every_voice_speaks(voice: str) -> None:
    audio = join(chunk.audio for chunk in pico.load().synthesize("Radio hotel taxi.", voice))
    assert 0.8 < audio.duration < 4


def test_a_sentence_at_a_time() -> None:
    assert len(list(pico.load().synthesize("One two. Three four! Five?", "pico-en-US"))) == 3


@pytest.mark.parametrize("text", ["abcde" * 140, "1234567890" * 40, "é" * 200, "a" * 700])
def test_text_over_which_pico_fails_or_never_ends_is_made_readable(text: str) -> None:
    assert join(chunk.audio for chunk in pico.load().synthesize(text, "pico-en-US")).duration > 0.3


def test_markup_is_no_command() -> None:
    audio = join(chunk.audio for chunk in pico.load().synthesize('<volume level="0">word', "pico-en-US"))
    assert audio.duration > 1  # it was read aloud, and not obeyed


@pytest.mark.anyio
async def test_in_a_child_process() -> None:
    async with ProcessHost("pico", "dragoman.engines.adapters.pico", size=1) as host:
        chunks = [chunk async for chunk in host.iterate(Synthesizer.synthesize, "Guten Tag. Hallo.", "pico-de-DE")]
    assert len(chunks) == 2


def test_a_sentence_that_takes_too_long_ends_the_process() -> None:
    program = "from dragoman.engines.adapters.pico import _ending_after\nwith _ending_after(0.2):\n  while True: pass"
    ended = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)
    assert ended.returncode < 0
