"""What was broken in a file, gathered while it is decoded and told once, at its end."""

from dataclasses import dataclass

LONGEST_RUN = 500
"""Damaged pieces in a row after which the rest is given up; ten seconds of most codecs."""

_TOLERANCE = 0.5
"""Seconds that a sound file may fall short of its container's claim: encoders round and pad."""


@dataclass(slots=True)
class Damage:
    """Counts pieces that would not decode. Times are seconds on the file's own time line."""

    skipped: int = 0
    first_skipped: float = 0.0
    run: int = 0
    """Damaged pieces since the last good one."""

    def piece_lost(self, time: float) -> None:
        if not self.skipped:
            self.first_skipped = time
        self.skipped += 1
        self.run += 1

    def piece_decoded(self) -> None:
        self.run = 0

    @property
    def hopeless(self) -> bool:
        return self.run >= LONGEST_RUN

    def warnings(self, end_time: float, claimed: float | None) -> tuple[str, ...]:
        """``end_time`` is where the sound really ended, ``claimed`` what the container says, if it is no guess."""
        lines = []
        if self.skipped > self.run:
            lines.append(
                f"{self.skipped - self.run} damaged pieces were skipped, the first at {self.first_skipped:.1f} s"
            )
        if self.run:
            lines.append(f"the file is broken from {end_time:.1f} s on; what came before was decoded")
        elif claimed is not None and end_time < claimed - _TOLERANCE:
            lines.append(f"the file ends at {end_time:.1f} s of {claimed:.1f} s: it was cut short")
        return tuple(lines)
