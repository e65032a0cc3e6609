"""What the records of the server's benchmarks say. Pure functions, as those of findings.py."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from finding import Findings, Plot, Record, table, verdict

START = 200
"""Milliseconds from the start to ``ready_for_audio``, 99 of 100 times."""
REFUSAL = 100
"""Milliseconds to a refusal above capacity."""
GROWTH = 200
"""Milliseconds by which the lag of a session may seem to grow in the whole time and still be called steady: phrases
differ from each other by as much."""


def live_face(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    levels = sorted(found["levels"], key=lambda level: int(level["sessions"]))
    values = {
        "silence_wait": f"{found['silence_wait_ms']:g}",
        "minutes": f"{found['seconds'] / 60:g}",
        "latencies": table(
            ["sessions", "phrases", "median", "p95", "longest", "median since spoken", "p95"],
            [_latency_row(level) for level in levels],
        ),
        "lag": table(
            ["sessions", "lag grown, ms", "phrases lost", "server, cores", "client, cores", "others, cores", "steady"],
            [_lag_row(level) for level in levels],
        ),
        "real_time": _real_time(levels, found),
    }
    lags = {_sessions(level["sessions"]): [lag for each in level["lags"] for lag in each] for level in levels}
    return Findings(values, Plot({"lags": lags}, rows=10))


def live_starts(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    values = {
        "capacity": _sessions(found["measured_capacity"]),
        "starts": table(
            ["beside", "load", "starts", "first", "p50", "p95", "p99", "longest"],
            [_start_row(starts) for starts in [*found["starts"], found["refusals"]]],
        ),
        "soon_ready": _soon_ready(found["starts"]),
        "soon_refused": _soon_refused(found["refusals"]),
    }
    return Findings(values, None)


def _sessions(number: int) -> str:
    return f"{number} session" + ("s" if number > 1 else "")


def _latency_row(level: Mapping[str, Any]) -> list[Any]:
    sent, spoken = level["audio"], level["since_spoken"]
    figures = [sent["median_ms"], sent["p95_ms"], sent["max_ms"], spoken["median_ms"], spoken["p95_ms"]]
    return [level["sessions"], sent["utterances"], *(f"{figure:.0f}" for figure in figures)]


def _lag_row(level: Mapping[str, Any]) -> list[Any]:
    number = level["sessions"]
    return [
        number,
        " ".join(f"{grown:+d}" for grown in level["growth_ms"]),
        level["phrases"] - level["audio"]["utterances"],
        f"{number * level['server_cpu_per_audio_second']:.2f}",
        f"{number * level['client_cpu_per_audio_second']:.2f}",
        f"{level['others_cores']:.2f}",
        "yes" if _steady(level) else "no",
    ]


def _steady(level: Mapping[str, Any]) -> bool:
    lost = level["phrases"] - level["audio"]["utterances"]
    return max(level["growth_ms"]) <= GROWTH and not lost and not level["errors"]


def _real_time(levels: Sequence[Mapping[str, Any]], found: Mapping[str, Any]) -> str:
    steady = 0
    for level in levels:
        if not _steady(level):
            break
        steady = level["sessions"]
    more = "" if steady < levels[-1]["sessions"] else ", the most that were tried"
    return f"Real-time through {found['seconds'] / 60:g} minutes: **{_sessions(steady)}**{more}."


def _start_row(starts: Mapping[str, Any]) -> list[Any]:
    figures = (starts[key] for key in ("first_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"))
    refused = " (refused)" if "at_capacity" in starts["answers"] else ""
    beside, load = f"{starts['beside']}{refused}", f"{starts['load_before']:.1f}"
    return [beside, load, sum(starts["answers"].values()), *(f"{figure:.0f}" for figure in figures)]


def _soon_ready(each: Sequence[Mapping[str, Any]]) -> str:
    slowest = max(starts["p99_ms"] for starts in each)
    return verdict(
        f"99 of 100 starts ready for audio within {START} ms with warm engines",
        met=slowest <= START,
        instead=f"{slowest:.0f} ms",
    )


def _soon_refused(refusals: Mapping[str, Any]) -> str:
    slowest = max(refusals["max_ms"], refusals["first_ms"])
    only = set(refusals["answers"]) == {"at_capacity"}
    return verdict(
        f"a start above capacity refused within {REFUSAL} ms",
        met=only and slowest < REFUSAL,
        instead=f"{slowest:.0f} ms" if only else f"answers were {', '.join(refusals['answers'])}",
    )


def gateway(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    runs = found["runs"]
    streams = sorted({run["streams"] for run in runs})
    ours, node = found["carried"]["dragoman"], found["carried"]["node"]
    cpu = found["cpu_us_per_message"]
    values = {
        "versions": ", ".join(f"{name} {version}" for name, version in found["node"].items()),
        "rounds": str(len(runs) // (2 * len(streams))),
        "streams": table(
            ["streams", "p50", "p99", "core", "Node p50", "Node p99", "Node core"],
            [
                [number, *(figure for name in ("dragoman", "node") for figure in _gateway_figures(runs, name, number))]
                for number in streams
            ],
        ),
        "carried": f"Streams carried: {ours}, and {node} by Node. CPU per message: {cpu['dragoman']:g} µs, and "
        f"{cpu['node']:g} µs.",
        "no_worse": verdict("1.0 times Node's or more", met=ours >= node, instead=f"{ours / max(1, node):.2f} times"),
    }
    return Findings(values, None)


def _gateway_figures(runs: Sequence[Mapping[str, Any]], name: str, streams: int) -> list[str]:
    of = [run for run in runs if (run["server"], run["streams"]) == (name, streams)]
    p50, p99, busy = (median(run[key] for run in of) for key in ("p50_ms", "p99_ms", "core_busy"))
    return [f"{p50:.1f}", f"{p99:.1f}", f"{busy:.0%}"]


def ledger(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    values = {
        "tasks": str(found["tasks"]),
        "rounds": str(found["rounds"]),
        "seconds": f"{found['seconds']:g}",
        "pairs": table(
            ["", "pairs/s", "slowest round", "fastest round", "p50, ms", "p99, ms", "CPU, ms"],
            [
                [
                    name,
                    *(f"{way[key]:.0f}" for key in ("pairs_per_second", "slowest_round", "fastest_round")),
                    *(f"{way[key]:.3g}" for key in ("p50_ms", "p99_ms", "cpu_ms")),
                ]
                for name, way in found["ways"].items()
            ],
        ),
    }
    return Findings(values, None)
