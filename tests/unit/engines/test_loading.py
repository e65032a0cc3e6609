"""Engines loaded where they belong, each once."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from tests.unit.engines import toys
from tests.unit.engines.toys import aligner, recognizer, survey_of, synthesizer, translator, voice_activity

from dragoman.core.errors import EngineUnavailable, UnsupportedLanguage
from dragoman.core.options import RunOptions
from dragoman.engines.attached import RunEngines
from dragoman.engines.loading import available_cores, open_loader
from dragoman.engines.mt import Translator
from dragoman.engines.tts import Synthesizer
from dragoman.hosts.slots import PRIORITIES

pytestmark = pytest.mark.anyio

ENDPOINTS = (voice_activity("ear"), recognizer("hearing", "en"))
FOUND = survey_of(*ENDPOINTS, translator("here", "en>es", "es>fr"), synthesizer("mouth", "eva:es", "ana:es-MX"))
APART = survey_of(*ENDPOINTS, translator("apart", "en>es", runs_in="process"))
OPTIONS = RunOptions("en", ("es", "fr"))


@pytest.fixture(autouse=True)
def nothing_loaded() -> None:
    toys.tally.loads.clear()
    toys.tally.closed.clear()


async def translated(engines: RunEngines, target: str = "es") -> tuple[int, int, str]:
    """Process and thread of the engine, and which load made it."""
    hop = engines.translations[target][-1]
    (answer,) = await hop.engine.hosted.call(Translator.translate, ["Hello."], hop.source, hop.target)
    process, thread, load = answer.split(" ", 2)
    return int(process), int(thread), load


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] in "ZX"
    except FileNotFoundError:
        return True


async def test_nothing_is_loaded_before_it_is_needed() -> None:
    async with open_loader(FOUND, parallel=2) as loader:
        engines = await loader.attach(OPTIONS)
        assert toys.tally.loads == []
        await translated(engines)
        assert toys.tally.loads == [None]


async def test_all_runs_share_one_load() -> None:
    async with open_loader(FOUND, parallel=2) as loader, anyio.create_task_group() as group:

        async def run() -> None:
            engines = await loader.attach(OPTIONS)
            assert (await translated(engines, "fr"))[2] == "load 1"

        for _ in range(8):
            group.start_soon(run)
    assert toys.tally.loads == [None]


async def test_a_thread_is_in_this_process_and_not_in_this_thread() -> None:
    async with open_loader(FOUND) as loader:
        process, thread, _ = await translated(await loader.attach(OPTIONS))
    assert process == os.getpid()
    assert thread != threading.get_ident()


async def test_a_process_is_another_one_and_ends_with_the_loader() -> None:
    async with open_loader(APART, parallel=1) as loader:
        first = await translated(await loader.attach(RunOptions("en", ("es",))))
        second = await translated(await loader.attach(RunOptions("en", ("es",))))
        assert first == second
        assert first[0] != os.getpid()
        assert not gone(first[0])
    assert gone(first[0])
    assert toys.tally.loads == []


async def test_closing_closes_what_was_loaded_also_after_an_error() -> None:
    async def fail() -> None:
        async with open_loader(FOUND) as loader:
            await translated(await loader.attach(OPTIONS))
            assert toys.tally.closed == []
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert toys.tally.closed == [1]


async def test_an_engine_is_loaded_with_the_model_it_was_asked_for_by() -> None:
    engine = translator("here", "en>es")
    named = survey_of(*ENDPOINTS, toys.with_model(engine, "tiny.bin"))
    async with open_loader(named) as loader:
        await translated(await loader.attach(RunOptions("en", ("es",))))
    assert toys.tally.loads == ["tiny.bin"]


async def test_results_are_keyed_by_the_tags_that_were_asked_for() -> None:
    async with open_loader(FOUND) as loader:
        engines = await loader.attach(RunOptions("en-GB", ("es-MX", "fr", "en"), speak=("es-MX",)))
    assert {target: [(hop.source, hop.target) for hop in hops] for target, hops in engines.translations.items()} == {
        "es-MX": [("en", "es")],
        "fr": [("en", "es"), ("es", "fr")],
        "en": [],
    }
    assert engines.recognition_language == "en"
    assert {target: speaker.voice for target, speaker in engines.speakers.items()} == {"es-MX": "ana"}


async def test_detours_go_round_each_engine_of_a_route() -> None:
    found = survey_of(*ENDPOINTS, translator("here", "en>es", "es>fr"), translator("there", "en>es"))
    async with open_loader(found) as loader:
        engines = await loader.attach(OPTIONS)
        names = {
            target: [[hop.engine.info.name for hop in hops] for hops in detours]
            for target, detours in engines.detours.items()
        }
        assert names == {"es": [["there"]], "fr": []}
        assert toys.tally.loads == []


async def test_a_voice_asked_for_is_the_one_that_speaks() -> None:
    async with open_loader(FOUND) as loader:
        engines = await loader.attach(RunOptions("en", ("es",), speak=("es",), voices=(("es", "ana"),)))
        assert engines.speakers["es"].voice == "ana"
        assert [
            piece async for piece in engines.speakers["es"].engine.hosted.iterate(Synthesizer.synthesize, "", "")
        ] == []


@pytest.mark.parametrize(
    "options",
    [
        RunOptions("gl"),
        RunOptions("en", ("es", "cy")),
        RunOptions("en", ("fr",), speak=("fr",)),
        RunOptions("en", ("es",), speak=("es",), voices=(("es", "nobody"),)),
    ],
)
async def test_what_is_not_possible_is_said_before_anything_is_loaded(options: RunOptions) -> None:
    async with open_loader(FOUND) as loader:
        with pytest.raises(UnsupportedLanguage):
            await loader.attach(options)
    assert toys.tally.loads == []


@pytest.mark.parametrize("runs_in", ["thread", "process"])
async def test_an_engine_that_cannot_be_loaded_says_why(runs_in) -> None:
    broken = translator("broken", "en>es", runs_in=runs_in, value="tests.unit.engines.toys:broken")
    async with open_loader(survey_of(*ENDPOINTS, broken)) as loader:
        engines = await loader.attach(RunOptions("en", ("es",)))
        with pytest.raises(EngineUnavailable, match="the model is gone") as raised:
            await translated(engines)
    assert raised.value.remedy == "Pull it again"


async def test_an_engine_serves_as_many_calls_at_once_as_there_are_cores() -> None:
    async with open_loader(FOUND) as loader:
        assert loader.parallel == available_cores() >= 1


async def test_live_runs_find_what_they_need_loaded() -> None:
    found = survey_of(voice_activity("ear"), recognizer("hearing", "en"))
    options = RunOptions("en", recognition="live")
    async with open_loader(found, parallel=1) as loader:
        await loader.warm_live(options, 2)
        assert toys.tally.loads == [None, None]
        await loader.warm_live(options, 2)
        assert toys.tally.loads == [None, None]
        await loader.keep_warm_live(options, 2)  # there is nothing to keep where no engine runs in children


async def test_aligning_needs_an_aligner_and_voice_activity() -> None:
    async with open_loader(survey_of(*ENDPOINTS, aligner("lines", "en")), parallel=1) as loader:
        engines = await loader.attach_aligner("en-US")
        assert (engines.voice_activity.info.name, engines.aligner.info.name, engines.language) == ("ear", "lines", "en")
        assert toys.tally.loads == []
        with pytest.raises(UnsupportedLanguage):
            await loader.attach_aligner("fr")


async def test_sessions_and_jobs_share_one_load() -> None:
    async with open_loader(FOUND, parallel=2) as loader:
        live, batch = await loader.attach(OPTIONS), await loader.at("batch").attach(OPTIONS)
        assert (await translated(live))[2] == (await translated(batch))[2] == "load 1"
        assert loader.at("batch").parallel == 2
    assert toys.tally.loads == [None]
    assert toys.tally.closed == [1]


async def test_children_of_jobs_end_with_the_loader_too() -> None:
    async with open_loader(APART, parallel=1) as loader:
        options = RunOptions("en", ("es",))
        live, batch = [(await translated(await loader.at(each).attach(options)))[0] for each in PRIORITIES]
        assert live != batch
    assert gone(live)
    assert gone(batch)


async def test_an_engine_says_how_many_calls_it_serves() -> None:
    elsewhere = translator("elsewhere", "en>es")
    elsewhere = replace(elsewhere, info=replace(elsewhere.info, slots=8))
    async with open_loader(survey_of(*ENDPOINTS, elsewhere), parallel=2) as loader:
        engines = await loader.attach(RunOptions("en", ("es",)))
        assert engines.recognizer.hosted.slots == 2
        assert engines.translations["es"][0].engine.hosted.slots == 8


@pytest.mark.parametrize(
    ("options", "cost"),
    [
        (RunOptions("en", ("es",)), 0.0),
        (RunOptions("en", ("es",), speak=("es",)), 0.4),
        (RunOptions("en", ("es", "fr"), speak=("es", "fr")), 0.0),
    ],
)
async def test_the_cost_of_voices_is_known_before_they_are_loaded(options, cost) -> None:
    found = survey_of(*ENDPOINTS, translator("here", "en>es", "es>fr"), synthesizer("mouth", "eva:es", cost=0.4))
    async with open_loader(found) as loader:
        assert loader.speech_cost(options) == cost
    assert toys.tally.loads == []
