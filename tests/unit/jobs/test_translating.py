"""Translations of jobs: a batch of sentences per call, and other engines where one fails."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import pytest
from tests.unit.jobs.yard import Yard, texts, write_wav
from tests.unit.pipeline.stage import TRANSLATOR, Tagger, hosted

from dragoman.core.errors import DragomanError, EngineCrashed, EngineUnavailable
from dragoman.core.options import RunOptions
from dragoman.engines.attached import Hop
from dragoman.jobs.steps import Steps

pytestmark = pytest.mark.anyio


@dataclass
class Counting(Tagger):
    """Notes how many sentences each call has; raises its errors first."""

    errors: list[DragomanError] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        self.calls.append(len(sentences))
        if self.errors:
            raise self.errors.pop(0)
        return super().translate(sentences, source, target)


async def steps_with(yard: Yard, stack: AsyncExitStack, main: Counting, floor: Counting | None = None) -> Steps:
    """The yard's steps, with another engine for Spanish and perhaps one for when it fails."""
    info = replace(TRANSLATOR, name="floor")
    engine = await stack.enter_async_context(hosted(main, TRANSLATOR))
    detour = await stack.enter_async_context(hosted(floor, info)) if floor else None

    async def attach(options: RunOptions):
        engines = await yard.loader.attach(options)
        if "es" not in options.targets:
            return engines
        detours = ((Hop(detour, "en", "es"),),) if detour else ()
        return replace(engines, translations={"es": (Hop(engine, "en", "es"),)}, detours={"es": detours})

    found = yard.steps
    return replace(found, shop=replace(found.shop, attach=attach))


async def test_sentences_are_translated_in_batches_and_stay_in_order(yard, tmp_path):
    engine = Counting()
    async with AsyncExitStack() as stack:
        job = (await yard.submit(write_wav(tmp_path / "a.wav", 160), RunOptions("en", ("es",)))).job
        result = await yard.batch.result(await yard.perform(job, await steps_with(yard, stack, engine)))
    said = texts(result.transcript.sentences)
    assert len(said) > 32
    assert sorted(engine.calls) == sorted([32, len(said) - 32])
    assert [entry.content for entry in result.transcript.translations["es"]] == [f"{text} en>es" for text in said]
    assert result.transcript.notices == ()


@pytest.mark.parametrize("error", [EngineCrashed("it died"), EngineUnavailable("no model")])
async def test_the_floor_answers_for_an_engine_that_fails_and_the_result_says_so(yard, tmp_path, error):
    engine, floor = Counting(errors=[error] * 99), Counting()
    async with AsyncExitStack() as stack:
        job = (await yard.submit(write_wav(tmp_path / "a.wav", 3), RunOptions("en", ("es",)))).job
        result = await yard.batch.result(await yard.perform(job, await steps_with(yard, stack, engine, floor)))
    assert [entry.content for entry in result.transcript.translations["es"]] == ["This is sentence number 1. en>es"]
    assert result.shortfalls == ()
    assert result.transcript.notices == (
        f"Translations to es come from floor, since another engine failed: {error.message}",
    )


async def test_without_another_engine_the_language_fails(yard, tmp_path):
    engine = Counting(errors=[EngineCrashed("it died")] * 99)
    async with AsyncExitStack() as stack:
        job = (await yard.submit(write_wav(tmp_path / "a.wav", 3), RunOptions("en", ("es",)))).job
        result = await yard.batch.result(await yard.perform(job, await steps_with(yard, stack, engine)))
    assert [(found.kind, found.language) for found in result.shortfalls] == [("translation_failed", "es")]
