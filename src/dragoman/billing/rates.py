"""What time costs. Pure, and in integers from the milliseconds of a meter to the tokens of a charge."""

from dataclasses import dataclass

from dragoman.core.errors import InvalidAmount
from dragoman.core.product import Product


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens per second of each product; 0 makes it free."""

    live_speech: int = 1
    realtime: int = 1
    batch: int = 1

    def of(self, product: Product) -> int:
        match product:
            case "live_speech":
                return self.live_speech
            case "realtime":
                return self.realtime
            case "batch":
                return self.batch


@dataclass(frozen=True, slots=True)
class Charge:
    """What a session costs."""

    seconds: int
    """Billed."""
    tokens: int
    """Never more than ``seconds`` at the rate; less when the hold was used up within the last second."""


def milliseconds(seconds: float) -> int:
    """The reading of a monotonic clock, to the nearest millisecond: 60.0000001 s do not begin a 61st second."""
    return round(seconds * 1000)


def charge(metered_ms: int, tokens_per_second: int, held: int) -> Charge:
    """For a session that ended: a second that has begun is billed, once and at the end, up to what is held."""
    _check(metered_ms, tokens_per_second, held)
    return _charge(-(-metered_ms // 1000), tokens_per_second, held)


def charge_after_crash(metered_ms: int, tokens_per_second: int, held: int) -> Charge:
    """For a session whose server died: a second that had not passed at the last heartbeat is not billed."""
    _check(metered_ms, tokens_per_second, held)
    return _charge(metered_ms // 1000, tokens_per_second, held)


def cost(metered_ms: int, tokens_per_second: int) -> int:
    """Tokens to hold for a time that is known beforehand."""
    _check(metered_ms, tokens_per_second, 0)
    return -(-metered_ms // 1000) * tokens_per_second


def affordable_ms(held: int, tokens_per_second: int) -> int | None:
    """Milliseconds that ``held`` tokens last; None when the product is free.

    The second in which they run out is given whole: it costs what is left.
    """
    _check(0, tokens_per_second, held)
    return -(-held // tokens_per_second) * 1000 if tokens_per_second else None


def _charge(seconds: int, tokens_per_second: int, held: int) -> Charge:
    return Charge(seconds, min(seconds * tokens_per_second, held))


def _check(*values: int) -> None:
    if any(type(value) is not int or value < 0 for value in values):
        raise InvalidAmount(f"times, rates and tokens are whole numbers, 0 or more, not {values}")
