"""One JSON record per benchmark: what was measured, on what, with what. docs/benchmarks.md is made from them."""

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

BENCH = Path(__file__).parent
RECORDS = BENCH / "records"
SHARED_DATA = Path(os.environ.get("DRAGOMAN_SHARED_DATA", BENCH.parents[1] / "shared" / "data"))
"""Real recordings, transcripts and translations; never copied into the project."""

_PACKAGES = (
    "aiosqlite",
    "asyncpg",
    "av",
    "ctranslate2",
    "faster-whisper",
    "fxtranslate",
    "jiwer",
    "numpy",
    "onnxruntime",
    "pocketsphinx",
    "sacrebleu",
    "sentencepiece",
    "sentencex",
    "soxr",
    "sqlalchemy",
    "websockets",
)
_DEBIAN_PACKAGES = ("apertium", "apertium-eng-spa", "libespeak-ng1")


def write_record(name: str, results: Mapping[str, Any]) -> Path:
    """Writes ``results`` with their circumstances to ``bench/records/<name>.json``, over the one of the last run."""
    record = {
        "name": name,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": _machine(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "versions": _versions(),
        "results": results,
    }
    RECORDS.mkdir(exist_ok=True)
    path = RECORDS / f"{name}.json"
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _commit() -> str:
    """With ``-dirty`` when src/ or bench/*.py differ from it: then the figures are not those of the commit."""
    commit = _output("git", "-C", str(BENCH), "rev-parse", "HEAD")
    changed = _output("git", "-C", str(BENCH), "status", "--porcelain", "--", "../src", "*.py")
    return f"{commit}-dirty" if changed else commit


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    if node := _output("node", "--version"):
        found["node"] = node.removeprefix("v")
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    for package in _DEBIAN_PACKAGES:
        if installed := _output("dpkg-query", "-W", "-f", "${Version}", package):
            found[package] = installed
    return found


def _output(*command: str) -> str:
    """What a program prints; nothing when it is missing or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
