"""How good an engine is at one language or pair: a figure that was measured, and on what."""

from dataclasses import dataclass
from typing import Literal

Metric = Literal["WER", "CER", "chrF"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. A language or pair without one was not measured."""

    metric: Metric
    value: float
    """WER and CER are shares of the reference (0 is perfect); chrF runs from 0 to 100 (100 is perfect)."""
    dataset: str
    """Name and size of the test set, such as ``FLEURS, 5 clips``."""

    def __str__(self) -> str:
        number = f"{self.value:.1f}" if self.metric == "chrF" else f"{self.value:.3f}"
        return f"{self.metric} {number} ({self.dataset})"
