import pytest

from dragoman.cli.checks import check_all

pytestmark = pytest.mark.anyio


async def test_every_check_that_is_not_fine_says_what_to_do():
    checks = await check_all()
    assert {"Python", "memory", "decoding", "a run"} <= {check.name for check in checks}
    assert all(check.found for check in checks)
    assert [check for check in checks if check.state != "ok" and not check.remedy] == []


async def test_the_decoder_works():
    (decoding,) = [check for check in await check_all() if check.name == "decoding"]
    assert decoding.state == "ok"
