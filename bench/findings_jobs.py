"""What the records of batch jobs say. Pure functions, as those of findings.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from finding import NOTHING, Findings, Record, table, verdict

SLOWER = 1.1
"""Median lag of live phrases beside jobs over that without: up to this they count as no slower. Phrases of one kind
differ by as much from turn to turn."""
LONG = 180
"""Minutes of a long recording."""
MEMORY = 1000
"""MB that a worker may take for one, with all its children."""


def jobs(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    ways = {name: way for name, way in found.items() if isinstance(way, Mapping)}
    values = {
        "jobs": str(found["jobs"]),
        "rounds": str(found["rounds"]),
        "at_once": str(found["at_once"]),
        "ways": table(
            ["", "jobs/s", "slowest round", "fastest round", "accepted/s", "median wait, s", "CPU per job, ms"],
            [[name, *_figures(way)] for name, way in ways.items()],
        ),
    }
    return Findings(values, None)


def _figures(way: Mapping[str, Any]) -> list[str]:
    keys = ("jobs_per_second", "slowest_round", "fastest_round", "submitted_per_second", "median_wait_seconds")
    return [*(f"{way[key]:.1f}" for key in keys), str(way.get("cpu_ms_per_job", NOTHING))]


def memory_of_jobs(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    lengths, growth = found["lengths"], found["mb_per_further_hour"]
    longest = lengths[-1]
    expected = longest["peak_memory_mb"] + max(0.0, growth) * max(0.0, LONG - longest["minutes"]) / 60
    values = {
        "lengths": table(
            ["minutes", "peak memory, MB", "times real time"],
            [[f"{each[key]:g}" for key in ("minutes", "peak_memory_mb", "times_real_time")] for each in lengths],
        ),
        "growth": f"{growth:+g}",
        "bounded": verdict(
            f"at most {MEMORY} MB for {LONG // 60} hours, at the growth seen",
            met=expected <= MEMORY,
            instead=f"{expected:.0f} MB",
        ),
    }
    return Findings(values, None)


def job_speed(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    short = found["short"]
    values = {
        "minutes": f"{found['audio_seconds'] / 60:.1f}",
        "speeds": table(
            ["targets", "seconds taken", "times real time", "plain, seconds", "times real time", "ours over plain"],
            [
                [
                    row["targets"],
                    *(f"{row[key]:.1f}" for key in ("seconds", "times_real_time", "plain_seconds")),
                    f"{row['plain_times_real_time']:.1f}",
                    f"{row['ours_over_plain']:.2f}",
                ]
                for row in found["long"]
            ],
        ),
        "short": f"A clip of ten seconds with `wait`, {short['rounds']} times: **{short['median_s']:.2f} s** in the "
        f"median, {short['least_s']:.2f} to {short['most_s']:.2f} s; plain {short['plain_median_s']:.2f} s.",
    }
    return Findings(values, None)


def beside_batch(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    alone, beside = found["kinds"]["alone"], found["kinds"]["beside jobs"]
    ratio = beside["median_ms"] / alone["median_ms"]
    values = {
        "sessions": f"{found['sessions']} session" + ("s" if found["sessions"] > 1 else ""),
        "seconds": f"{found['seconds']:g}",
        "turns": str(found["turns"]),
        "jobs_done": str(found["jobs_done"]),
        "lags": table(
            ["", "phrases", "median", "p95", "longest", "phrases lost"],
            [[name, *_lags(kind)] for name, kind in found["kinds"].items()],
        ),
        "no_slower": verdict(
            f"the median beside jobs at most {SLOWER:g} times that without", met=ratio <= SLOWER, instead=f"{ratio:.2f}"
        ),
    }
    return Findings(values, None)


def _lags(kind: Mapping[str, Any]) -> list[str]:
    figures = [f"{kind[key]:.0f}" for key in ("median_ms", "p95_ms", "max_ms")]
    return [str(kind["utterances"]), *figures, str(kind["phrases_lost"])]
