"""Translation quality: chrF and BLEU of every pair and route that the installed engines can do and the data can judge.

    python bench/quality_mt.py

Three things come of it: the figure of each direct pair, which routing goes by; what the routes that it chooses are
worth, beside what the floor (Apertium alone) and plain calls of the same engines give; and how well the figures of hops
predict a route (dragoman.engines.routes). Reads mt/ntrex200.tsv of the shared data (DRAGOMAN_SHARED_DATA) and the
installed Firefox models; writes bench/records/quality_mt.json. CPU is process time, programs of Apertium included.
"""

import csv
import os
import re
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

import fxtranslate
import sacrebleu
from record import BENCH, write_record

from dragoman.engines import catalogue, routing
from dragoman.engines.adapters import apertium, firefox
from dragoman.engines.adapters.apertium_modes import installed_modes
from dragoman.engines.adapters.apertium_pipeline import Pipeline
from dragoman.engines.routes import Routes, Step, estimate
from dragoman.engines.translation_loss import ceiling, loss

SHARED_DATA = Path(os.environ.get("DRAGOMAN_SHARED_DATA", BENCH.parents[1] / "shared" / "data"))

COLUMNS = {"pt-BR": "pt", "nb": "no", "zh": "cmn"}
"""NTREX column of a language where it has another name, or none of its own."""

TRIED = (
    "en pt en pt", "es pt en pt", "ca pt en pt", "es pt en", "ca pt en", "gl es pt en", "it es pt en", "it ca pt en",
    "fr es pt en", "fr ca pt en", "ro es pt en", "en pt es", "en pt ca", "en pt es gl", "en pt es it", "en pt ca it",
    "en pt es fr", "en pt ca fr", "en pt es ca", "en es fr", "en es it", "en es gl", "en ca it", "fr es en", "it es en",
    "ro es en", "pt es en", "en es pt", "pt en es", "ca es gl", "gl es ca", "fr es it", "it es fr", "fr es pt",
    "it es pt", "pt es it", "pt es fr", "pt ca it", "pt ca fr", "pt es gl", "ca es it", "es ca it", "es ca fr",
    "ca es fr", "en es ca", "ca es en", "gl es en", "fr ca es en", "fr ca en", "it ca es en", "it ca en", "es ca pt",
    "ca es pt", "es ca en", "es ca pt en", "en es ca fr", "en es ca it", "en es ca pt", "en ca pt", "fr ca it",
    "it ca fr", "fr ca pt", "it ca pt", "ca es pt en", "pt ca en", "da nb sv", "sv nb da", "nb da sv", "sv da nb",
    "hr en pt", "hr en es", "fr ca es", "it ca es", "gl es pt",
)  # fmt: skip
"""Routes of two and three hops that the prediction is compared with, the good ones and the bad ones."""

SPECIAL = re.compile(r"[\[\]{}^$/\\@<>]")
MARKUP = re.compile(r"\\(.)|\.?\[\]")

Translate = Callable[[Sequence[str], str, str], list[str]]
Pair = tuple[str, str]


def main() -> None:
    survey = routing.survey(routing.EngineNames(voice_activity="scripted", recognizer="scripted"))
    engines = [engine for engine in survey.translators if engine.info.name in {"apertium", "firefox"}]
    found, floor = Routes(engines), Routes(engine for engine in engines if engine.info.name == "apertium")
    measured = Measured()
    direct = [measured.direct(engine.info.name, *pair) for engine in engines for pair in engine.info.pairs]
    tried = [measured.tried(_steps(found, stops.split())) for stops in TRIED]
    chosen = [
        measured.chosen(source, target, steps, floor.find(source, target))
        for source in sorted(found.sources)
        for target, steps in sorted(found.find_all(source).items())
        if measured.judged(source, target)
    ]
    results = {
        "data": "NTREX-128, 200 lines",
        "direct": [row for row in direct if row],
        "routes": chosen,
        "tried": tried,
        "prediction": _prediction(tried),
    }
    write_record("quality_mt", results)
    print(results["prediction"])


class Measured:
    """Translates the lines over routes, each beginning once."""

    def __init__(self) -> None:
        with (SHARED_DATA / "mt" / "ntrex200.tsv").open(encoding="utf-8") as file:
            self.lines = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        self.firefox = firefox.load()
        self.plain = Plain()
        self.done: dict[tuple[str, ...], tuple[list[str], float]] = {}

    def judged(self, *tags: str) -> bool:
        return all(COLUMNS.get(tag, tag) in self.lines[0] for tag in tags)

    def direct(self, engine: str, source: str, target: str) -> dict[str, Any] | None:
        if not self.judged(source, target):
            return None
        return {"engine": engine, "pair": f"{source} {target}", **self._scores([(engine, source, target)])}

    def tried(self, steps: Sequence[Step]) -> dict[str, Any]:
        hops = [(step.engine.info.name, step.source, step.target) for step in steps]
        return {
            "route": " ".join([hops[0][1], *(hop[2] for hop in hops)]),
            "estimate": estimate(steps),
            "estimate_by_sum": _by_sum(steps),
            **self._scores(hops),
        }

    def chosen(self, source: str, target: str, steps: Sequence[Step], floor: Sequence[Step] | None) -> dict[str, Any]:
        row = {"source": source, "target": target, **self.tried(steps)}
        row["engines"] = [step.engine.info.name for step in steps]
        row["floor"] = self.tried(floor) if floor else None
        if "en" in {source, target}:
            hops = [(step.engine.info.name, step.source, step.target) for step in steps]
            row["plain"] = self._scored(self.plain.over(hops, self._column(source)), target)
        print(row["route"], row["chrf"], row["bleu"], row["floor"] and row["floor"]["chrf"], flush=True)
        return row

    def _scores(self, hops: Sequence[tuple[str, str, str]]) -> dict[str, float]:
        sentences, cpu = self._over(tuple(hops))
        return {**self._scored(sentences, hops[-1][2]), "cpu_ms": round(1000 * cpu / len(sentences), 2)}

    def _scored(self, sentences: list[str], target: str) -> dict[str, float]:
        references = [self._column(target)]
        return {
            "chrf": round(sacrebleu.corpus_chrf(sentences, references).score, 2),
            "bleu": round(sacrebleu.corpus_bleu(sentences, references).score, 2),
        }

    def _column(self, tag: str) -> list[str]:
        return [line[COLUMNS.get(tag, tag)] for line in self.lines]

    def _over(self, hops: tuple[tuple[str, str, str], ...]) -> tuple[list[str], float]:
        """The sentences at the end, and CPU seconds of all hops."""
        if hops not in self.done:
            engine, source, target = hops[-1]
            before, spent = self._over(hops[:-1]) if len(hops) > 1 else (self._column(source), 0.0)
            answers, cpu = self._one_hop(engine, before, source, target)
            self.done[hops] = answers, spent + cpu
        return self.done[hops]

    def _one_hop(self, name: str, sentences: list[str], source: str, target: str) -> tuple[list[str], float]:
        begin = _cpu()
        if name == "firefox":
            answers = self.firefox.translate(sentences, source, target)
        else:
            engine = apertium.load()
            answers = engine.translate(sentences, source, target)
            engine.close()  # programs count once they have ended
        return answers, _cpu() - begin


class Plain:
    """The same engines, called as their documentation says, without our handling of text."""

    def __init__(self) -> None:
        self.bare = Bare()
        self.models = {model.model.pairs[0]: model for model in catalogue.installed("firefox")}

    def over(self, hops: Sequence[tuple[str, str, str]], sentences: list[str]) -> list[str]:
        for name, source, target in hops:
            translate = self._firefox if name == "firefox" else self.bare.translate
            sentences = translate(sentences, source, target)
        return sentences

    def _firefox(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        translator = self._translator(source, target)
        return [translator.translate(sentence) for sentence in sentences]

    @cache  # noqa: B019  lives as long as the program
    def _translator(self, source: str, target: str) -> fxtranslate.Translator:
        model = self.models[source, target]
        names = ("model", "source_vocabulary", "target_vocabulary", "shortlist")
        return fxtranslate.Translator(*(model.path(str(model.model.details[name])).read_bytes() for name in names))


class Bare:
    """Apertium's modes through fresh pipes of its own for every pair."""

    def __init__(self) -> None:
        self._modes = installed_modes()
        self._pipelines: dict[Pair, Pipeline] = {}

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        pair = source, target
        if pair not in self._pipelines:
            self._pipelines[pair] = Pipeline(self._modes[pair], silence_limit=60.0)
        answers = self._pipelines[pair].translate([self._encode(sentence) for sentence in sentences])
        return [MARKUP.sub(lambda match: match[1] or "", answer) for answer in answers]

    @staticmethod
    def _encode(sentence: str) -> str:
        stop = "" if sentence.endswith((".", "!", "?")) else ".[]"
        return SPECIAL.sub(r"\\\g<0>", sentence) + stop


def _steps(found: Routes, stops: Sequence[str]) -> list[Step]:
    """The direct pairs between given stops."""
    steps = []
    for source, target in pairwise(stops):
        direct = found.direct(source, target)
        if direct is None:
            raise SystemExit(f"Nothing translates {source}-{target}: is Apertium complete, and firefox:en-pt pulled?")
        steps.append(direct)
    return steps


def _by_sum(steps: Sequence[Step]) -> float | None:
    """What the plain sum of losses would predict, for comparison."""
    last = steps[-1]
    figure = last.engine.info.figures.get((last.source, last.target))
    best = ceiling(figure, last.source, last.target) if figure else None
    return best and round(best - sum(loss(step.engine.info, step.source, step.target) for step in steps), 1)


def _prediction(tried: Iterable[dict[str, Any]]) -> dict[str, float]:
    rows = [row for row in tried if row["estimate"] is not None]

    def error(name: str) -> float:
        return round(sqrt(sum((row[name] - row["chrf"]) ** 2 for row in rows) / len(rows)), 2)

    return {"routes": len(rows), "rmse": error("estimate"), "rmse_of_the_sum": error("estimate_by_sum")}


def _cpu() -> float:
    """CPU seconds of this process and of the programs that it has ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
