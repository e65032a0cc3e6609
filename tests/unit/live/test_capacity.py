"""How many sessions the machine carries, measured with the engines that are installed."""

import time
from dataclasses import replace

import pytest
from tests.service.inline_engines import SCRIPTED

from dragoman.app import open_dragoman
from dragoman.core.errors import DragomanError
from dragoman.core.options import RunOptions
from dragoman.engines import routing
from dragoman.engines.asr import Recognizer
from dragoman.engines.loading import open_loader
from dragoman.hosts.thread import ThreadHost
from dragoman.live.capacity import Weights, measured_capacity, share_more

pytestmark = pytest.mark.anyio


async def test_a_light_engine_carries_many_and_more_cores_carry_more():
    async with open_dragoman(SCRIPTED, parallel=1) as dragoman:
        one = await measured_capacity(dragoman.loader, "en", 1)
        many = await measured_capacity(dragoman.loader, "en", 1000)
    assert 1 <= one.sessions < many.sessions
    assert one.weights.again >= 0


async def test_the_installed_engines_carry_at_least_one():
    async with open_dragoman() as dragoman:
        if not any(heard.streaming and heard.language == "en" for heard in dragoman.capabilities.heard):
            pytest.skip("no engine here hears English live")
        assert (await measured_capacity(dragoman.loader, "en", 1)).sessions >= 1


async def test_a_language_that_no_voice_speaks_is_measured_with_another():
    found = routing.survey(SCRIPTED)
    german = [voice for voice in found.synthesizers[0].info.voices if voice.language == "de"]
    (mouth,) = found.synthesizers
    mute = replace(found, synthesizers=(replace(mouth, info=replace(mouth.info, voices=tuple(german))),))
    async with open_loader(mute, parallel=1) as loader:
        assert (await measured_capacity(loader, "en", 1)).sessions >= 1
    async with open_loader(replace(found, synthesizers=()), parallel=1) as loader:
        with pytest.raises(DragomanError):
            await measured_capacity(loader, "en", 1)


async def test_voices_weigh_what_they_say():
    async with open_dragoman(SCRIPTED, parallel=1) as dragoman:
        weights = (await measured_capacity(dragoman.loader, "en", 1)).weights
        assert weights.voices(replace(PLAIN, speak=("es",))) == 0.0  # the scripted voice costs next to nothing


class Heavy(Recognizer):
    """Takes three tenths of a second of processor time for a tenth of a second of sound."""

    def __init__(self) -> None:
        self.heard = 0.0

    def open_stream(self, options):
        return self

    def accept(self, audio):
        self.heard += audio.duration
        end = time.thread_time() + 3 * audio.duration
        while time.thread_time() < end:
            pass
        return ()

    def finish(self):
        return ()


async def test_a_heavy_engine_does_not_hold_up_the_start():
    """It hears the beginning of the sample, once."""
    engine = Heavy()
    async with open_dragoman(SCRIPTED, parallel=1) as dragoman, ThreadHost("heavy", lambda: engine, threads=1) as host:
        loader = dragoman.loader
        loader._hosts["recognizer scripted"] = host
        measured = await measured_capacity(loader, "en", 1)
    assert measured.sessions == 1
    assert engine.heard < 3.0


async def test_a_language_that_cannot_be_heard_cannot_be_measured():
    async with open_dragoman(SCRIPTED, parallel=1) as dragoman:
        with pytest.raises(DragomanError):
            await measured_capacity(dragoman.loader, "fi", 1)


PLAIN = RunOptions("en", ("es",), recognition="live", partials=True)


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (PLAIN, 1.0),
        (replace(PLAIN, max_delay=1.0), 1.9),
        (replace(PLAIN, max_delay=1.75), 1.6),
        (replace(PLAIN, max_delay=3.5), 1.3),
        (replace(PLAIN, partial_translations=True), 1.2),
        (replace(PLAIN, partial_translations=True, targets=("es", "fr"), max_delay=3.5), 1.7),
        (replace(PLAIN, channels=("left", "right"), max_delay=3.5), 2.6),
        (replace(PLAIN, speak=("es",)), 2.5),
        (replace(PLAIN, speak=("es",), channels=("left", "right")), 3.5),
    ],
)
def test_a_session_weighs_what_it_asks_for(options, places):
    weights = Weights(plain=0.4, again=0.6, soon=0.9, drafts=0.2, voices=lambda options: 0.6 * len(options.speak))
    assert weights.places(options) == pytest.approx(places)


@pytest.mark.parametrize(
    ("most", "plain", "share"), [(0.6, 0.4, 0.5), (0.4, 0.4, 0.0), (0.3, 0.4, 0.0), (0.0, 0.0, 0.0)]
)
def test_what_is_measured_as_less_is_no_discount(most, plain, share):
    assert share_more(most, plain) == pytest.approx(share)
