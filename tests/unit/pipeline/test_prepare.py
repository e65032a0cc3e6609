"""Getting translators ready at the start of a run, where one of them cannot be."""

from dataclasses import replace

import pytest
from tests.unit.pipeline.rig import attached, events_of, silence
from tests.unit.pipeline.stage import TRANSLATOR, Tagger, hosted

from dragoman.core.errors import EngineUnavailable
from dragoman.core.events import FinalTranslation, Notice
from dragoman.core.options import RunOptions
from dragoman.engines.attached import Hop

pytestmark = pytest.mark.anyio

OPTIONS = RunOptions("en", ("es",))


class Damaged(Tagger):
    """Its model is no model."""

    def prepare(self, source: str, target: str) -> None:
        raise EngineUnavailable("model.bin is damaged", remedy="Run: dragoman models verify firefox:en-es")

    def translate(self, sentences, source, target):
        self.prepare(source, target)


async def test_a_translator_that_cannot_be_prepared_is_gone_round_where_another_route_leads() -> None:
    async with (
        attached(OPTIONS) as engines,
        hosted(Damaged(), TRANSLATOR) as broken,
        hosted(Tagger(), replace(TRANSLATOR, name="floor")) as floor,
    ):
        main, detour = (Hop(broken, "en", "es"),), (Hop(floor, "en", "es"),)
        with_detour = replace(engines, translations={"es": main}, detours={"es": (detour,)})
        events = await events_of(OPTIONS, with_detour, silence(7.5))
    translated = [event.translation.content for event in events if isinstance(event, FinalTranslation)]
    assert translated == ["This is sentence number 1. en>es", "This is sentence number 2. en>es"]
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.code == "engine_unavailable"


async def test_without_another_route_the_run_does_not_start() -> None:
    async with attached(OPTIONS) as engines, hosted(Damaged(), TRANSLATOR) as broken:
        alone = replace(engines, translations={"es": (Hop(broken, "en", "es"),)}, detours={})
        with pytest.raises(EngineUnavailable, match="damaged") as raised:
            await events_of(OPTIONS, alone, silence(7.5))
    assert "verify" in raised.value.remedy
