"""The gateway alone: how many live streams one core carries, beside Node's own Socket.IO server on the same load.

Every stream sends 100 ms of audio as base64 ten times a second and gets as much back. Both servers decode each chunk
and encode it again: ours is the server's own uvicorn, WebSocket, packets, conversation and inbox, with an echo where
the session would be; Node's is its ``socket.io`` package. They take turns on core 0, the generator has core 1. A
stream is carried while 99 of 100 answers come within 50 ms. On a machine that does other work, ``--realtime`` (as root)
has the kernel run server and generator before it.

    .venv/bin/python bench/gateway.py [--streams 200 400 800] [--seconds 8] [--rounds 2] [--realtime]
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from record import BENCH, write_record

ENDS = BENCH / "gateway_ends"
SERVERS = {"dragoman": [sys.executable, str(ENDS / "echo.py")], "node": ["node", str(ENDS / "echo.mjs")]}
CARRIED_MS = 50
PORT = 8095


@contextmanager
def serving(command: list[str], *, realtime: bool) -> Iterator[psutil.Process]:
    """One of the servers, alone on core 0, once it answers."""
    process = subprocess.Popen([*pinned(0, realtime=realtime), *command, str(PORT)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def pinned(core: int, *, realtime: bool) -> list[str]:
    return [*(["chrt", "-r", "5"] if realtime else []), "taskset", "-c", str(core)]


def measure(name: str, streams: int, seconds: float, *, realtime: bool) -> dict[str, Any]:
    with serving(SERVERS[name], realtime=realtime) as server:
        load = [*pinned(1, realtime=realtime), "node", str(ENDS / "load.mjs"), str(PORT), str(streams), str(seconds)]
        generator = subprocess.Popen(load, stdout=subprocess.PIPE, text=True)
        assert generator.stdout is not None
        assert generator.stdout.readline() == "connected\n"
        before, began = sum(server.cpu_times()[:2]), time.monotonic()
        found: dict[str, Any] = json.loads(generator.stdout.readline())
        spent, lasted = sum(server.cpu_times()[:2]) - before, time.monotonic() - began
        generator.wait()
    return {
        "server": name,
        "streams": streams,
        **found,
        "cpu_us_per_message": round(1e6 * spent / max(1, found["answers"]), 1),
        "core_busy": round(spent / lasted, 3),
    }


def carried(results: list[dict[str, Any]], name: str) -> int:
    """The most streams that were carried in the median round, with all smaller numbers carried, too."""
    most = 0
    for streams in sorted({result["streams"] for result in results}):
        of = [each for each in results if (each["server"], each["streams"]) == (name, streams)]
        if statistics.median(each["p99_ms"] for each in of) > CARRIED_MS or any(each["lost"] for each in of):
            break
        most = streams
    return most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[200, 400, 600, 800, 1000, 1200, 1400])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()
    results = []
    for _ in range(options.rounds):
        for streams in options.streams:
            for name in SERVERS:
                results.append(measure(name, streams, options.seconds, realtime=options.realtime))
                print(results[-1], flush=True)
    most = {name: carried(results, name) for name in SERVERS}
    cpu = {
        name: round(statistics.median(each["cpu_us_per_message"] for each in results if each["server"] == name), 1)
        for name in SERVERS
    }
    print(most, cpu)
    if not options.no_record:
        versions = {name: node_version(name) for name in ("socket.io", "ws")}
        write_record(
            "gateway",
            {
                "realtime": options.realtime,
                "carried": most,
                "cpu_us_per_message": cpu,
                "node": versions,
                "runs": results,
            },
        )


def node_version(package: str) -> str:
    manifest = Path(BENCH.parent / "node_modules" / package / "package.json")
    return str(json.loads(manifest.read_text())["version"])


if __name__ == "__main__":
    main()
