"""What the record of translation quality says."""

from collections.abc import Mapping, Sequence
from typing import Any

from finding import NOTHING, Findings, Plot, Record, table, verdict

Row = Mapping[str, Any]

SAME_CHRF = 0.05
"""What one line of 200 makes when a space or a capital in it changes."""


def translation(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    routes = [row for row in found["routes"] if "en" in {row["source"], row["target"]} and "-" not in row["target"]]
    routes.sort(key=lambda row: (row["source"] != "en", row["source"], row["target"]))
    prediction = found["prediction"]
    values = {
        "data": found["data"],
        "routes": table(
            ["route", "engines", "chrF", "BLEU", "expected", "plain", "Apertium alone", "CPU ms a sentence"],
            [_row(row) for row in routes],
        ),
        "verdict": _verdict(routes),
        "direct": table(
            ["pair", "engine", "chrF", "BLEU", "CPU ms a sentence"], [_direct_row(row) for row in found["direct"]]
        ),
        "predicted": str(prediction["routes"]),
        "rmse": f"{prediction['rmse']:.1f}",
        "sum": f"{prediction['rmse_of_the_sum']:.1f}",
    }
    data = {
        "routes": [_arrows(row["route"]) for row in routes],
        "ours": [row["chrf"] for row in routes],
        "floor": [row["floor"]["chrf"] if row["floor"] else None for row in routes],
    }
    return Findings(values, Plot(data, rows=len(routes)))


def _row(row: Row) -> list[str]:
    floor, expected = row["floor"], row["estimate"]
    return [
        _arrows(row["route"]),
        ", ".join(dict.fromkeys(row["engines"])),
        f"{row['chrf']:.1f}",
        f"{row['bleu']:.1f}",
        f"{expected:.1f}" if expected and len(row["engines"]) > 1 else NOTHING,
        f"{row['plain']['chrf']:.1f}",
        f"{floor['chrf']:.1f}" if floor else NOTHING,
        f"{row['cpu_ms']:.1f}",
    ]


def _direct_row(row: Row) -> list[str]:
    return [_arrows(row["pair"]), row["engine"], *(f"{row[name]:.1f}" for name in ("chrf", "bleu", "cpu_ms"))]


def _verdict(routes: Sequence[Row]) -> str:
    worse = [row for row in routes if row["floor"] and row["chrf"] < row["floor"]["chrf"] - SAME_CHRF]
    plain = [row for row in routes if row["chrf"] < row["plain"]["chrf"] - SAME_CHRF]
    aim = "no pair with English worse than by Apertium alone"
    said = verdict(aim, met=not worse, instead=f"worse in {', '.join(_arrows(row['route']) for row in worse)}")
    if plain:
        return f"{said} Below the plain calls: {', '.join(_arrows(row['route']) for row in plain)}."
    return f"{said} None is below the plain calls on the same lines."


def _arrows(route: str) -> str:
    return route.replace(" ", " → ")
