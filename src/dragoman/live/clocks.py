"""Time, handed in: the live room never asks the machine, so that a test can play a day in a second."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clocks:
    monotonic: Callable[[], float] = time.monotonic
    """Seconds; what is billed and what limits are measured by. Must be the event loop's own."""
    utc: Callable[[], datetime] = lambda: datetime.now(UTC)
    """For what is written down."""
