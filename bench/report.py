"""Writes docs/benchmarks.md and its plots from bench/records/*.json; measures nothing.

.venv/bin/python bench/report.py            writes them (the plots need matplotlib)
.venv/bin/python bench/report.py --check    fails when the page or a plot is not what the records give
"""

import argparse
import difflib
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from finding import Findings, Plot, Record
from findings import FINDINGS, circumstances
from record import BENCH, RECORDS

PAGE = BENCH.parent / "docs" / "benchmarks.md"
FIGURES = PAGE.parent / "figures"
PROSE = BENCH / "prose"


def read_records() -> list[Record]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RECORDS.glob("*.json"))]


def findings(records: Sequence[Record]) -> dict[str, Findings]:
    """By benchmark; those that were never run are missing."""
    of = {name: [record for record in records if record["name"].startswith(name)] for name in FINDINGS}
    return {name: find(of[name]) for name, find in FINDINGS.items() if of[name]}


def compose(records: Sequence[Record]) -> str:
    """The whole page."""
    found = findings(records)
    measured = [_with_plot(name, found[name]) if name in found else _unmeasured(name) for name in FINDINGS]
    return "\n".join([_filled("introduction", {}), *measured, _filled("circumstances", circumstances(records).values)])


def _with_plot(name: str, found: Findings) -> str:
    section = _filled(name, found.values)
    if found.plot:
        return section
    return "\n\n".join(part for part in section.split("\n\n") if not part.startswith("![")).rstrip() + "\n"


def _unmeasured(name: str) -> str:
    """Heading and command, the first two paragraphs."""
    heading, command, *_ = (PROSE / f"{name}.md").read_text(encoding="utf-8").split("\n\n")
    return f"{heading}\n\n{command}\n\nNot measured yet: there is no record.\n"


def _filled(name: str, values: Mapping[str, str]) -> str:
    return Template((PROSE / f"{name}.md").read_text(encoding="utf-8")).substitute(values)


def plots(records: Sequence[Record]) -> dict[Path, Plot]:
    return {FIGURES / f"{name}.svg": found.plot for name, found in findings(records).items() if found.plot}


def digest(plot: Plot) -> str:
    """Stands in the drawing, so that one of other figures is found out without drawing again."""
    return "sha256 " + hashlib.sha256(json.dumps(plot.data, sort_keys=True).encode()).hexdigest()


def write(records: Sequence[Record]) -> None:
    from figures import draw  # noqa: PLC0415  checking does without matplotlib

    PAGE.write_text(compose(records), encoding="utf-8")
    for path in FIGURES.glob("*.svg"):
        path.unlink()
    for path, plot in plots(records).items():
        draw(path, plot.data, rows=plot.rows, digest=digest(plot))


def differences(records: Sequence[Record]) -> list[str]:
    """What of the page and the plots is not as the records have it."""
    there = PAGE.read_text(encoding="utf-8").splitlines() if PAGE.exists() else []
    lines = list(difflib.unified_diff(there, compose(records).splitlines(), str(PAGE), "the records", lineterm=""))
    for path, plot in plots(records).items():
        if not path.exists() or digest(plot) not in path.read_text(encoding="utf-8"):
            lines.append(f"{path} is missing or drawn from other figures")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is out of date")
    records = read_records()
    if not parser.parse_args().check:
        write(records)
        return 0
    lines = differences(records)
    print("\n".join([*lines, "", "To renew them: python bench/report.py"]) if lines else "up to date")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
