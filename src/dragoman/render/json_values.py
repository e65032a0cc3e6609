"""What every JSON document here is made of."""

from typing import Any

JsonObject = dict[str, Any]


def rounded(number: float) -> float:
    """Seconds to milliseconds, confidences to thousandths; a plain float whatever library it comes from."""
    return round(float(number), 3)
