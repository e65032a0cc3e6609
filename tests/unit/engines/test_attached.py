"""What a run is given."""

import pytest
from tests.unit.engines.toys import recognizer, survey_of, synthesizer, translator, voice_activity

from dragoman.core.options import RunOptions
from dragoman.engines.loading import open_loader

pytestmark = pytest.mark.anyio


async def test_engines_are_named_once_in_the_order_of_the_work() -> None:
    found = survey_of(
        synthesizer("mouth", "eva:es", "marie:fr"),
        translator("far", "es>fr"),
        translator("near", "en>es"),
        recognizer("hearing", "en"),
        voice_activity("ear"),
    )
    async with open_loader(found) as loader:
        engines = await loader.attach(RunOptions("en", ("es", "fr"), speak=("fr", "es")))
        assert engines.names == ("ear", "hearing", "near", "far", "mouth")
        assert (await loader.attach(RunOptions("en", ("en",)))).names == ("ear", "hearing")
