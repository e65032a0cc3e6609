"""What an engine says of itself: data, available without loading it."""

from dataclasses import dataclass
from typing import Literal

RunsIn = Literal["thread", "process", "program"]
"""``thread``: inside the server, the engine lets go of the GIL. ``process``: our code in a child process, because it
holds the GIL or must be isolated. ``program``: a program of its own (GPL parts), driven through pipes from a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """Common to every kind."""

    name: str
    version: str
    licence: str
    """SPDX expression of the engine and the data that it loads."""
    runs_in: RunsIn
    slots: int | None = None
    """Calls that it serves at once, if something else than the cores of this machine computes them: a GPU, another
    server. None: as many as there are cores, which all engines share."""
    rank: int = 0
    """Preference among engines that can do the same work; higher comes first, equal ranks by name."""
