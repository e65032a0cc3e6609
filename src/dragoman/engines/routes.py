"""Routes of translation: over which direct pairs a language is best reached, by what was measured.

Every hop has a loss (:mod:`dragoman.engines.translation_loss`). The errors of hops are independent, so the squares of
losses add up, and the loss of a route is the root of their sum. This predicts the chrF of 74 measured routes of two and
three hops with an error of 1.3 points, root mean square (bench/quality_mt.py); the plain sum of losses is off by 4.0.
One hop more must promise to gain a point. Names of engines and languages do not matter.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from dragoman.core.language import best_match, same_language
from dragoman.core.quality import Figure
from dragoman.engines.installed import Installed
from dragoman.engines.mt import Translator, TranslatorInfo
from dragoman.engines.translation_loss import ceiling, figure_of, loss

MAX_HOPS = 3
"""One to a bridge language, one to a close relative of the target, one to the target."""

_EXTRA_HOP = 1.0
"""Points of chrF that each hop after the first must gain: it takes time, and predictions are off by as much."""

_OTHER_REGION = 2.0
"""Loss, in points of chrF, of reading or writing another region's standard than was asked for."""

_EQUAL = 1e-9
"""Difference below which the route found earlier stays."""

InstalledTranslator = Installed[Translator, TranslatorInfo]


@dataclass(frozen=True, slots=True)
class Step:
    """One hop of a translation route."""

    engine: InstalledTranslator
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class _Path:
    squares: float
    """Sum of the squared losses."""
    regions: int = 0
    """Ends of the path that are in another region's standard than was asked for."""
    steps: tuple[Step, ...] = ()

    @property
    def cost(self) -> float:
        return sqrt(self.squares) + _OTHER_REGION * self.regions + _EXTRA_HOP * (len(self.steps) - 1)

    def further(self, onward: "_Onward") -> "_Path":
        return _Path(self.squares + onward.squares, self.regions, (*self.steps, onward.step))

    def in_other_region(self) -> "_Path":
        return _Path(self.squares, self.regions + 1, self.steps)


@dataclass(frozen=True, slots=True)
class _Onward:
    squares: float
    step: Step


class Routes:
    """The best routes over the direct pairs of some engines."""

    def __init__(self, translators: Iterable[InstalledTranslator]) -> None:
        """Among equal routes one of fewer hops wins, then one of pairs that are listed earlier."""
        best: dict[tuple[str, str], _Onward] = {}
        for engine in translators:
            for source, target in engine.info.pairs:
                squares = loss(engine.info, source, target) ** 2
                known = best.get((source, target))
                if known is None or squares < known.squares - _EQUAL:
                    best[source, target] = _Onward(squares, Step(engine, source, target))
        self._onward: dict[str, list[_Onward]] = {}
        for (source, _), onward in best.items():
            self._onward.setdefault(source, []).append(onward)

    @property
    def sources(self) -> Collection[str]:
        return self._onward.keys()

    def direct(self, source: str, target: str) -> Step | None:
        """The best engine of one direct pair."""
        return next((each.step for each in self._onward.get(source, ()) if each.step.target == target), None)

    def find(self, source: str, target: str) -> tuple[Step, ...] | None:
        """The route that loses least; None when there is none."""
        return _to(self._paths_from(source), target)

    def find_all(self, source: str) -> dict[str, tuple[Step, ...]]:
        """The best route to every language that can be reached."""
        paths = self._paths_from(source)
        return {target: steps for target in paths if (steps := _to(paths, target)) is not None}

    def _paths_from(self, source: str) -> dict[str, _Path]:
        """The best path to every language but the source's own."""
        best: dict[str, _Path] = {}
        paths = self._starts(source)
        starts = set(paths)
        for _ in range(MAX_HOPS):
            paths = self._one_hop_further(paths)
            for tag, path in paths.items():
                if tag not in best or path.cost < best[tag].cost - _EQUAL:
                    best[tag] = path
        return {tag: path for tag, path in best.items() if tag not in starts and not same_language(tag, source)}

    def _starts(self, source: str) -> dict[str, _Path]:
        """Every tag of the source's language that an engine reads."""
        nearest = best_match(source, self._onward)
        tags = [tag for tag in self._onward if same_language(source, tag)]
        return {tag: _Path(0.0) if tag == nearest else _Path(0.0).in_other_region() for tag in tags}

    def _one_hop_further(self, paths: Mapping[str, _Path]) -> dict[str, _Path]:
        longer: dict[str, _Path] = {}
        for here, path in paths.items():
            for onward in self._onward.get(here, ()):
                there, further = onward.step.target, path.further(onward)
                if there not in longer or further.cost < longer[there].cost - _EQUAL:
                    longer[there] = further
        return longer


def _to(paths: Mapping[str, _Path], target: str) -> tuple[Step, ...] | None:
    """The best path to a language; one that ends in another region must be better by what that loses."""
    nearest = best_match(target, paths)
    if nearest is None:
        return None
    costs = {
        tag: (path if tag == nearest else path.in_other_region()).cost
        for tag, path in paths.items()
        if same_language(tag, target)
    }
    return paths[min(costs, key=costs.__getitem__)].steps


def detours(translators: Sequence[InstalledTranslator], steps: Sequence[Step]) -> tuple[tuple[Step, ...], ...]:
    """Routes from the same source to the same target, each without one of the engines of ``steps``; for when that
    engine fails."""
    if not steps:
        return ()
    source, target = steps[0].source, steps[-1].target
    found = []
    for used in dict.fromkeys(step.engine.ref for step in steps):
        other = Routes(engine for engine in translators if engine.ref != used).find(source, target)
        if other is not None:
            found.append(other)
    return tuple(found)


def total_loss(steps: Sequence[Step]) -> float:
    """Points of chrF that a route loses against the best that is known; 0 for no step at all."""
    return sqrt(sum(loss(step.engine.info, step.source, step.target) ** 2 for step in steps))


def figure(steps: Sequence[Step]) -> Figure | None:
    """What was measured of a direct pair; None for a route of several hops, and for a pair that was not measured."""
    return steps[0].engine.info.figures.get((steps[0].source, steps[0].target)) if len(steps) == 1 else None


def estimate(steps: Sequence[Step]) -> float | None:
    """Returns the chrF to expect of a route, on the test set of its last hop; None where a hop was not measured."""
    figures = [figure_of(step.engine.info, step.source, step.target) for step in steps]
    if not figures or None in figures:
        return None
    best = ceiling(last, steps[-1].source, steps[-1].target) if (last := figures[-1]) is not None else None
    if best is None:
        return None
    return round(max(0.0, best - total_loss(steps)), 1)
