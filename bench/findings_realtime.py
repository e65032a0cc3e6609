"""What the records of Speechmatics realtime say. Pure functions, as those of findings.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from finding import Findings, Plot, Record, table, verdict

QUIET = 2
"""Load of a machine with two cores above which the delays are those of others, too."""
LONGEST_SLOPE = 20
"""Milliseconds a minute by which the delay may seem to grow and still be called steady."""
KINDS = {"partial": "first partial", "final": "final", "translation": "translation"}

Row = Mapping[str, Any]


def realtime(records: Sequence[Record]) -> Findings:
    """Two records: rows of delays, and one long session."""
    by_name = {record["name"]: record["results"] for record in records}
    found = by_name.get("realtime_delay", {"rows": [], "batch": {}})
    rows = sorted(found["rows"], key=lambda row: (row["sessions"], row["max_delay"]))
    values = {
        "delays": table(
            ["max_delay", "sessions", *(f"{name}: median, p95" for name in KINDS.values()), "late", "latest"],
            [_delay_row(row) for row in rows],
        ),
        "in_time": _in_time(rows),
        "circumstances": table(
            [
                "max_delay",
                "sessions",
                "seconds",
                "load before",
                "after",
                "server, cores",
                "client",
                "others",
                "late chunk",
            ],
            [_circumstances_row(row) for row in rows],
        ),
        "loaded": _loaded(rows),
        "flicker": table(
            ["max_delay", "sessions", "partial transcripts", "partial translations", "words never in a partial"],
            [_flicker_row(row) for row in rows],
        ),
        "words": table(["", "words", "WER"], _error_rows(found["batch"], rows)),
        "lag": _lag(by_name.get("realtime_delay_soak")),
    }
    boxes = {_name(row): {kind: row[kind] for kind in KINDS} for row in rows}
    return Findings(values, Plot({"rows": boxes, "kinds": KINDS}, rows=3 + 3 * len(rows)) if rows else None)


def delay_costs(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]["variants"]
    names = {name: f"live, {name} s" for name in found} | {"whole": "whole", "live": "live"}
    values = {
        "delays": table(
            ["", "clips", "long files", "all", "finals", "CPU"],
            [[names[name], *_delay_costs_row(variant)] for name, variant in found.items()],
        )
    }
    return Findings(values, None)


def _delay_costs_row(variant: Row) -> list[str]:
    scores = variant["overall"]
    rates = [f"{scores[kind]['wer']:.3f}" for kind in ("clips", "longform", "all")]
    return [*rates, str(scores["all"]["finals"]), f"{variant['cpu']:.2f}"]


def _name(row: Row) -> str:
    return f"max_delay {row['max_delay']:g}, {row['sessions']} session" + ("s" if row["sessions"] > 1 else "")


def _front(row: Row) -> list[str]:
    return [f"{row['max_delay']:g}", str(row["sessions"])]


def _delay_row(row: Row) -> list[str]:
    spreads = [f"{row[kind]['median_ms'] / 1000:.2f}, {row[kind]['p95_ms'] / 1000:.2f}" for kind in KINDS]
    return [*_front(row), *spreads, f"{row['late_share']:.1%}", f"{row['latest_ms'] / 1000:.2f}"]


def _circumstances_row(row: Row) -> list[str]:
    loads = [f"{row[key]:.1f}" for key in ("load_before", "load_after")]
    cores = [f"{row[f'{who}_cores']:.2f}" for who in ("server", "client", "others")]
    return [*_front(row), f"{row['seconds']:g}", *loads, *cores, f"{max(row['behind_ms']) / 1000:.2f}"]


def _flicker_row(row: Row) -> list[str]:
    never = row["partial"]["without"] / (row["partial"]["words"] + row["partial"]["without"])
    return [*_front(row), *(f"{row['erasure'][kind]:.2f}" for kind in ("transcript", "translation")), f"{never:.0%}"]


def _in_time(rows: Sequence[Row]) -> str:
    late = [f"{row['late_share']:.1%} at {_name(row)}" for row in rows if row["late_share"]]
    return verdict("every word final within max_delay", met=not late, instead=f"late were {', '.join(late)}")


def _loaded(rows: Sequence[Row]) -> str:
    loaded = [_name(row) for row in rows if row["load_before"] > QUIET or row["others_cores"] > QUIET / 4]
    if not loaded:
        return "The machine was otherwise quiet."
    return f"**Not a quiet machine**: others worked beside {'; '.join(loaded)}. Delays there are theirs, too."


def _error_rows(batch: Mapping[str, Row], rows: Sequence[Row]) -> list[list[Any]]:
    files = [[f"batch, {name}", scores["words"], f"{scores['wer']:.3f}"] for name, scores in batch.items()]
    return [*files, *([f"live, {_name(row)}", row["live"]["words"], f"{row['live']['wer']:.3f}"] for row in rows)]


def _lag(found: Row | None) -> str:
    if found is None:
        return "The lag over 10 minutes is not measured yet: there is no record."
    grown = found["slope_ms_per_minute"][0]
    said = verdict(
        f"the delay of finals grows by at most {LONGEST_SLOPE} ms a minute over {found['minutes']:g} minutes",
        met=grown <= LONGEST_SLOPE,
        instead=f"{grown:+d} ms",
    )
    return (
        f"{said} A straight line through them rises by {grown:+d} ms a minute, at a load of {found['load_before']:.1f}."
    )
