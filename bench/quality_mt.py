"""Translation quality: chrF and BLEU from English into everything that routing can reach, and sentences per second.

    python bench/quality_mt.py

Beside each figure of the adapter stands, from the same run, the bare one: pipes over the same mode files built as
design/embedded-engines.md says, without our touches on casing, spaces and "I". Reads
mt/ntrex200.tsv of the shared data (DRAGOMAN_SHARED_DATA); writes bench/records/quality_mt.json.
"""

import csv
import os
import re
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import sacrebleu
from record import BENCH, write_record

from dragoman.engines.adapters import apertium
from dragoman.engines.adapters.apertium_modes import installed_modes
from dragoman.engines.adapters.apertium_pipeline import Pipeline

SHARED_DATA = Path(os.environ.get("DRAGOMAN_SHARED_DATA", BENCH.parents[1] / "shared" / "data"))

TARGETS = ("ca", "es", "gl", "fr", "it", "pt", "pt-BR")
"""From English, over the shortest road that routing finds. Esperanto has no references in the data."""

OTHER_ROUTES = (
    "en ca fr",
    "en ca pt",
    "es en",
    "ca en",
    "gl en",
    "hr en",
    "fr es en",
    "it es en",
    "pt es en",
    "ro es en",
)
"""Measured in design/embedded-engines.md as well."""

NOTES = {
    "en es": (47.7, 15.5), "en ca": (46.4, 14.9), "en gl": (49.3, 16.2), "en es fr": (41.5, 9.7),
    "en es pt": (46.1, 13.4), "en es pt-BR": (46.2, 13.7), "en es it": (45.0, 12.5), "en ca fr": (42.1, 10.1),
    "en ca pt": (46.4, 14.3), "es en": (50.0, 15.0), "ca en": (48.1, 13.5), "gl en": (49.6, 14.8),
    "hr en": (39.2, 6.0), "fr es en": (44.2, 10.3), "it es en": (48.4, 14.8), "pt es en": (50.1, 15.9),
    "ro es en": (45.8, 10.2),
}  # fmt: skip
"""chrF and BLEU of design/embedded-engines.md, on the first 1000 lines of NTREX-128; ours are 200 other lines."""

COLUMNS = {"pt-BR": "pt"}
"""NTREX column of a language where the shared selection has none of its own."""

SPECIAL = re.compile(r"[\[\]{}^$/\\@<>]")
MARKUP = re.compile(r"\\(.)|\.?\[\]")

Translate = Callable[[Sequence[str], str, str], list[str]]


def main() -> None:
    with (SHARED_DATA / "mt" / "ntrex200.tsv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    routes = [" ".join(_shortest("en", target)) for target in TARGETS] + list(OTHER_ROUTES)
    results = []
    for route in routes:
        results.append(_measure(route, lines))
        print(_told(results[-1]), flush=True)
    write_record("quality_mt", {"data": "ntrex200.tsv, 200 lines", "routes": results})


def _shortest(source: str, target: str) -> list[str]:
    """As routing does: breadth first over the pairs, those listed earlier first."""
    pairs = apertium.describe().pairs
    roads = [[source]]
    for road in roads:
        if road[-1] == target:
            return road
        seen = {stop for known in roads for stop in known}
        roads += [[*road, onward] for start, onward in pairs if start == road[-1] and onward not in seen]
    raise SystemExit(f"No road from {source} to {target}: is Apertium complete?")


def _measure(route: str, lines: Sequence[dict[str, str]]) -> dict[str, Any]:
    source, *_, target = route.split()
    sentences = [line[source] for line in lines]
    references = [line[COLUMNS.get(target, target)] for line in lines]
    engine = apertium.load()
    ours = _scored(engine.translate, route, sentences, references)
    engine.close()
    bare = _scored(Bare().translate, route, sentences, references)
    notes = dict(zip(("chrf", "bleu"), NOTES[route], strict=True)) if route in NOTES else None
    return {"route": route, "ours": ours, "bare": bare, "notes": notes}


def _scored(translate: Translate, route: str, sentences: Sequence[str], references: list[str]) -> dict[str, float]:
    for source, target in pairwise(route.split()):
        translate(["Start."], source, target)
    begin = time.perf_counter()
    for source, target in pairwise(route.split()):
        sentences = translate(sentences, source, target)
    seconds = time.perf_counter() - begin
    return {
        "chrf": round(sacrebleu.corpus_chrf(sentences, [references]).score, 2),
        "bleu": round(sacrebleu.corpus_bleu(sentences, [references]).score, 2),
        "sentences_per_second": round(len(references) / seconds, 1),
    }


class Bare:
    """Fresh pipes of its own for every pair."""

    def __init__(self) -> None:
        self._modes = installed_modes()
        self._pipelines: dict[tuple[str, str], Pipeline] = {}

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


def _told(result: dict[str, Any]) -> str:
    ours, bare, notes = result["ours"], result["bare"], result["notes"] or {"chrf": "-", "bleu": "-"}
    return (
        f"{result['route']:12} chrF {ours['chrf']:5} (bare {bare['chrf']}, notes {notes['chrf']})  "
        f"BLEU {ours['bleu']:5} (bare {bare['bleu']}, notes {notes['bleu']})  "
        f"{ours['sentences_per_second']:6} sentences/s (bare {bare['sentences_per_second']})"
    )


if __name__ == "__main__":
    main()
