"""The installation as a face opens it."""

import pytest

from dragoman.app import open_dragoman
from dragoman.core.audio import SPEECH_RATE, silence
from dragoman.core.errors import EngineNotFound, UnsupportedLanguage
from dragoman.core.events import RunEnded, RunStarted
from dragoman.core.fold import TranscriptFold
from dragoman.core.options import RunOptions
from dragoman.engines.routing import EngineNames

pytestmark = pytest.mark.anyio

SCRIPTED = EngineNames("scripted", "scripted", "scripted", "scripted")


async def test_one_installation_serves_run_after_run() -> None:
    options = RunOptions("en", ("es",))
    async with open_dragoman(SCRIPTED, parallel=2) as dragoman:
        for _ in range(2):
            folding = TranscriptFold(options.targets)
            async with dragoman.open_run(options) as run:
                await run.input.send(silence(3.0, SPEECH_RATE))
                run.input.close()
                events = [event async for event in run.events]
            for event in events:
                folding.add(event)
            assert [type(events[0]), type(events[-1])] == [RunStarted, RunEnded]
            assert [said.content for said in folding.transcript().translations["es"]] == ["Esta es la frase número 1."]


async def test_it_knows_what_it_can_do() -> None:
    async with open_dragoman(SCRIPTED) as dragoman:
        assert [heard.language for heard in dragoman.capabilities.heard] == ["en"]
        assert dragoman.capabilities.targets_of("en") == ("de", "es", "fr")
        assert [spoken.language for spoken in dragoman.capabilities.spoken] == ["de", "en", "es", "fr"]
        assert dragoman.loader.parallel >= 1


async def test_what_is_not_possible_is_said_before_any_audio() -> None:
    async with open_dragoman(SCRIPTED) as dragoman:
        with pytest.raises(UnsupportedLanguage, match=r"Welsh \(cy\)"):
            async with dragoman.open_run(RunOptions("en", ("cy",))):
                pytest.fail("the run was opened")


async def test_an_engine_that_is_not_there_is_said_at_once() -> None:
    with pytest.raises(EngineNotFound, match="scribbled"):
        async with open_dragoman(EngineNames(recognizer="scribbled")):
            pytest.fail("the installation was opened")
