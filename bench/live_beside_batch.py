"""Whether batch jobs slow live sessions: the lag of live phrases with and without jobs being worked on, in turns.

One ``dragoman serve`` with the embedded engines does both. Live sessions stream as in live_face.py, English to Spanish
speech; beside every second turn the server always has jobs left to recognise, as many at once as it takes.

    .venv/bin/python bench/live_beside_batch.py [--sessions 1] [--seconds 45] [--turns 4]
"""

import argparse
import json
import tempfile
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
from live_face import Server, level, play, recordings, references, serving
from microphone import decoded, recording, summary
from record import write_record

CONFIG = json.dumps(
    {
        "type": "transcription",
        "transcription_config": {"language": "en", "model": "enhanced"},
        "translation_config": {"target_languages": ["es"]},
    }
)
JOB = "meeting4_en"
"""Two and a half minutes of four people; enough work that starting a job is nothing beside it."""
WAITING = 3
"""Jobs that are not over, at any moment of such a turn: one more than are worked on at once."""


@contextmanager
def jobs(server: Server, sound: bytes) -> Iterator[list[str]]:
    """Keeps the server busy until the end of the context; the ids of the jobs, those that were done."""
    done: list[str] = []
    over = threading.Event()
    with httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}, timeout=60) as client:

        def keep_busy() -> None:
            running: list[str] = []
            while not over.wait(0.5):
                status = {each["id"]: each["status"] for each in client.get("/v2/jobs").json()["jobs"]}
                done.extend(each for each in running if status[each] == "done")
                running = [each for each in running if status[each] == "running"]
                while len(running) < WAITING:
                    files = {"data_file": ("meeting.wav", sound), "config": (None, CONFIG)}
                    running.append(client.post("/v2/jobs", files=files).raise_for_status().json()["id"])
            for each in running:
                client.delete(f"/v2/jobs/{each}", params={"force": "true"})

        thread = threading.Thread(target=keep_busy)
        thread.start()
        try:
            time.sleep(5)  # they have begun
            yield done
        finally:
            over.set()
            thread.join()


def sound_of(folder: Path) -> bytes:
    audio = anyio.run(decoded, recording(JOB))
    path = folder / "meeting.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, audio.sample_rate, 0, "NONE", ""))
        file.writeframes(audio.pcm)
    return path.read_bytes()


def turn(server: Server, paths: list[Path], known: dict[Path, Any], seconds: float) -> dict[str, Any]:
    found = level(play(server, len(paths), paths, seconds), known, seconds)
    return {key: found[key] for key in ("lags", "growth_ms", "phrases", "errors", "others_cores", "load_before")}


def together(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """All turns of one kind."""
    lags = [lag / 1000 for each in turns for session in each["lags"] for _, lag in session]
    lost = sum(each["phrases"] for each in turns) - len(lags)
    return {
        **summary(lags),
        "phrases_lost": lost,
        "growth_ms": [grown for each in turns for grown in each["growth_ms"]],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--turns", type=int, default=4)
    options = parser.parse_args()
    kinds: dict[str, list[dict[str, Any]]] = {"alone": [], "beside jobs": []}
    worked = 0
    with tempfile.TemporaryDirectory() as name, serving(LIVE_SESSIONS="4") as server:
        paths = anyio.run(recordings, Path(name), options.seconds)[: options.sessions]
        known, sound = anyio.run(references, paths), sound_of(Path(name))
        for number in range(options.turns):
            if number % 2:
                with jobs(server, sound) as done:
                    kinds["beside jobs"].append(turn(server, paths, known, options.seconds))
                worked += len(done)
            else:
                kinds["alone"].append(turn(server, paths, known, options.seconds))
    found = {kind: together(turns) for kind, turns in kinds.items()}
    about = {"sessions": options.sessions, "seconds": options.seconds, "turns": options.turns, "jobs_done": worked}
    print({kind: {key: each[key] for key in ("median_ms", "p95_ms", "max_ms")} for kind, each in found.items()})
    print("record:", write_record("live_beside_batch", {**about, "kinds": found}))


if __name__ == "__main__":
    main()
