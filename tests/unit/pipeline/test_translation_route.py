"""Routes to one target over hosted engines, some of which fail."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from tests.unit.pipeline.stage import TRANSLATOR, Tagger, hosted

from dragoman.core.errors import DragomanError, EngineCrashed, EngineFailed, EngineUnavailable, UnsupportedLanguage
from dragoman.engines.attached import Hop
from dragoman.pipeline.translation_route import TranslationRoute, detour_notice

pytestmark = pytest.mark.anyio


@dataclass
class Failing(Tagger):
    """Raises the next of its errors with every call, as long as there are any."""

    errors: list[DragomanError] = field(default_factory=list)
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        self.calls.append(tuple(sentences))
        if self.errors:
            raise self.errors.pop(0)
        return super().translate(sentences, source, target)


class Remembering(Tagger):
    """Says what it was told before."""

    def translate_in_context(
        self, sentences: Sequence[str], source: str, target: str, before: Sequence[str]
    ) -> list[str]:
        return [f"{sentence} after {list(before)}" for sentence in sentences]


@dataclass
class Rig:
    route: TranslationRoute
    engines: dict[str, Failing]
    told: list[str]


@asynccontextmanager
async def rigged(main: Sequence[str], *detours: Sequence[str], **errors: list[DragomanError]) -> AsyncIterator[Rig]:
    """Hops are written ``engine:en>es``; ``errors`` are those that an engine raises."""
    async with AsyncExitStack() as stack:
        names = {hop.partition(":")[0] for hops in (main, *detours) for hop in hops}
        engines = {name: Failing(errors=errors.get(name, [])) for name in sorted(names)}
        attached = {
            name: await stack.enter_async_context(hosted(engine, replace(TRANSLATOR, name=name)))
            for name, engine in engines.items()
        }

        def hops(written: Sequence[str]) -> list[Hop]:
            split = [hop.replace(">", ":").split(":") for hop in written]
            return [Hop(attached[name], source, target) for name, source, target in split]

        told: list[str] = []

        async def detoured(error: DragomanError, taken: Sequence[Hop]) -> None:
            told.append(detour_notice("fr", error, taken))

        yield Rig(TranslationRoute(hops(main), [hops(detour) for detour in detours], detoured), engines, told)


MAIN, AROUND = ("neural:en>pt", "floor:pt>es"), ("floor:en>es",)


async def test_a_batch_is_one_call_per_hop() -> None:
    async with rigged(MAIN) as rig:
        assert await rig.route.translate(["a", "b"]) == ["a en>pt pt>es", "b en>pt pt>es"]
        assert rig.engines["neural"].calls == [("a", "b")]
        assert rig.engines["floor"].calls == [("a en>pt", "b en>pt")]
        assert await rig.route.translate([]) == []


async def test_no_hops_pass_the_text_through() -> None:
    async with rigged(()) as rig:
        assert await rig.route.translate(["a"]) == ["a"]
        assert rig.route.context == 0


@pytest.mark.parametrize("error", [EngineCrashed("died"), EngineFailed("odd")])
async def test_what_may_pass_is_tried_a_second_time(error: DragomanError) -> None:
    async with rigged(MAIN, AROUND, neural=[error]) as rig:
        assert await rig.route.translate(["a"]) == ["a en>pt pt>es"]
        assert rig.told == []


async def test_the_floor_answers_for_an_engine_that_fails_twice_and_it_is_said_once() -> None:
    crashes: list[DragomanError] = [EngineCrashed("The process of neural died")] * 4
    async with rigged(MAIN, AROUND, neural=crashes) as rig:
        assert await rig.route.translate(["a"]) == ["a en>es"]
        assert await rig.route.translate(["b"]) == ["b en>es"]
        assert await rig.route.translate(["c"]) == ["c en>pt pt>es"]
        assert rig.told == [
            "Translations to fr come from floor, since another engine failed: The process of neural died"
        ]


async def test_an_engine_that_fails_three_times_in_a_row_is_not_asked_again() -> None:
    async with rigged(MAIN, AROUND, neural=[EngineCrashed("died")] * 99) as rig:
        for text in "abcde":
            assert await rig.route.translate([text]) == [f"{text} en>es"]
        assert rig.engines["neural"].calls == [("a",), ("a",), ("b",), ("b",), ("c",), ("c",)]
        assert await rig.route.draft("f", lambda: False) == "f en>es"


@pytest.mark.parametrize("error", [EngineUnavailable("no model"), UnsupportedLanguage("no pair")])
async def test_what_does_not_pass_is_not_tried_again(error: DragomanError) -> None:
    async with rigged(MAIN, AROUND, neural=[error] * 99) as rig:
        assert await rig.route.translate(["a"]) == ["a en>es"]
        assert rig.engines["neural"].calls == [("a",)]
        assert await rig.route.translate(["b"]) == ["b en>es"]
        assert len(rig.engines["neural"].calls) == (1 if isinstance(error, EngineUnavailable) else 2)


async def test_a_detour_through_the_engine_that_failed_is_no_detour() -> None:
    async with rigged(MAIN, ("floor:en>es",), ("neural:en>es",), floor=[EngineCrashed("died")] * 9) as rig:
        assert await rig.route.translate(["a"]) == ["a en>es"]
        assert [name for name, engine in rig.engines.items() if ("a",) in engine.calls] == ["neural"]


async def test_where_the_detour_fails_too_the_first_error_is_raised() -> None:
    async with rigged(
        MAIN, AROUND, neural=[EngineCrashed("died")] * 9, floor=[EngineCrashed("died as well")] * 9
    ) as rig:
        with pytest.raises(EngineCrashed, match=r"^died$"):
            await rig.route.translate(["a"])
        assert rig.told == []
    async with rigged(MAIN, neural=[EngineCrashed("died")] * 9) as rig:
        with pytest.raises(EngineCrashed):
            await rig.route.translate(["a"])


async def test_a_draft_is_tried_once_and_may_be_given_up() -> None:
    async with rigged(MAIN, AROUND, neural=[EngineCrashed("died")]) as rig:
        with pytest.raises(EngineCrashed):
            await rig.route.draft("a", lambda: False)
        assert await rig.route.draft("a", lambda: True) == ""
        assert await rig.route.draft("a", lambda: False) == "a en>pt pt>es"
        assert rig.told == []


async def test_what_came_before_is_given_to_the_first_engine_that_wants_it() -> None:
    info = replace(TRANSLATOR, context=2)
    async with hosted(Remembering(), info) as engine:
        route = TranslationRoute([Hop(engine, "en", "es"), Hop(engine, "es", "fr")])
        assert route.context == 2
        assert await route.translate(["c"], ["a", "b"]) == ["c after ['a', 'b'] es>fr"]
        assert await route.translate(["c"]) == ["c en>es es>fr"]
    async with hosted(Remembering(), TRANSLATOR) as engine:
        route = TranslationRoute([Hop(engine, "en", "es")])
        assert await route.translate(["c"], ["a", "b"]) == ["c en>es"]
