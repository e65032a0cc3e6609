"""How often one address may connect."""

from collections import OrderedDict
from collections.abc import Callable

_REMEMBERED = 10_000
"""Addresses; a crowd of them cannot fill the memory."""


class ConnectionRate:
    """A bucket of permits per address, refilled at a steady rate up to one minute's worth."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Permits left and when that was so, the address last seen at the end."""

    def take(self, address: str) -> bool:
        """Whether one more connection is within the rate."""
        now = self._monotonic()
        left, then = self._buckets.pop(address, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - then) * self._per_minute / 60)
        allowed = left >= 1
        self._buckets[address] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return allowed
