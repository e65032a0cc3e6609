import time
from datetime import UTC, datetime

from dragoman.live.clocks import Clocks


def test_the_machines_own_unless_others_are_given():
    clocks = Clocks()
    assert clocks.monotonic is time.monotonic
    assert clocks.utc().tzinfo is UTC
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert Clocks(utc=lambda: noon).utc() == noon
