"""What was broken in a file, gathered while it is decoded and told once, at its end."""

from dataclasses import dataclass

LONGEST_RUN = 500
"""Lost pieces in a row after which the rest is given up; ten seconds of most codecs."""

_TOLERANCE = 0.5
"""Seconds that the sound may fall short of its container's claim: encoders round and pad."""


@dataclass(slots=True)
class Damage:
    """Counts the packets that would not decode, or that FFmpeg complained of. Times are seconds of decoded sound."""

    pieces: int = 0
    first: float = 0.0
    """Time of the first damage."""
    run: int = 0
    """Damaged pieces since the last good one; what is left of it at the end is a broken tail."""

    def add(self, time: float) -> None:
        if not self.pieces:
            self.first = time
        self.pieces += 1
        self.run += 1

    def piece_decoded(self) -> None:
        self.run = 0

    @property
    def hopeless(self) -> bool:
        return self.run >= LONGEST_RUN

    def warnings(self, end_time: float, claimed: float | None) -> tuple[str, ...]:
        """``end_time`` is where the sound ended, ``claimed`` where its container says, None if that is a guess."""
        lines = []
        in_the_middle = self.pieces - self.run
        if in_the_middle:
            lines.append(f"damaged pieces were passed over: {in_the_middle}, the first at {self.first:.1f} s")
        missing = None if claimed is None else claimed - end_time
        complete = missing is not None and missing <= _TOLERANCE  # broken behind the sound, such as an odd tag
        if self.run and not complete:
            lines.append(f"the file is broken from {end_time:.1f} s on; what came before was decoded")
        elif missing is not None and not complete:
            fate = f"{missing:.1f} s were lost" if in_the_middle else "it was cut short"
            lines.append(f"the sound ends at {end_time:.1f} s of {claimed:.1f} s: {fate}")
        return tuple(lines)
