"""The Socket.IO face of ``dragoman serve`` as its clients feel it: a real server, the embedded engines, the npm client.

Every session streams five minutes of real recordings at microphone pace, each in another order. Where their phrases
end, and which sentence of the translation belongs to which, is known from a reference: the same chunks through the same
pipeline, without a server and without the pace. A sentence's audio comes after its text and after the audio of the
sentence before, so that of each phrase it is known when it was first heard, however late that was.

The client runs on the same cores. What it took, and what others took, is in the record: where others took much, the
figures are theirs, too.

    .venv/bin/python bench/live_face.py [--only starts] [--sessions 1 2 4 5] [--seconds 300] [--starts 200]
"""

import argparse
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import psutil
from microphone import FILES, decoded, recording, silence_wait_ms, spoken_into, summary
from record import BENCH, write_record

from dragoman.app import Dragoman, open_dragoman
from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk, join
from dragoman.core.events import EndOfUtterance, FinalTranscript, FinalTranslation, SentenceSpoken, SynthesizedAudio
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Translation
from dragoman.media.resample import Resampler
from dragoman.protocols.socketio.protocol import INPUT_RATE

PROGRAM = Path(sys.executable).with_name("dragoman")
CHUNK = 0.1
"""Seconds of audio in each ``audio_chunk``."""
APART = 1.7
"""Seconds between the beginnings of sessions, so that they do not all go by one beat."""
_SURELY = 0.9
"""Of a sentence's audio in the reference, what it surely has each time: then the next one's may begin."""
OPTIONS = RunOptions("en", ("es",), speak=("es",), recognition="live")


@dataclass(frozen=True)
class Sentence:
    """One ``output_transcript``."""

    text: str
    samples: int
    """Of its audio; the synthesizer makes it a little longer or shorter every time."""
    end_time: float | None
    """For the first of a phrase that is heard: where the phrase's last speech ended, in seconds of source audio."""


class Server:
    def __init__(self, process: psutil.Popen, url: str, key: str) -> None:
        self.process = process
        self.url = url
        self.key = key

    @property
    def capacity(self) -> int:
        with urllib.request.urlopen(f"{self.url}/readyz") as answer:
            return int(json.load(answer)["capacity"])


@contextmanager
def serving(**settings: str) -> Iterator[Server]:
    """A server on a data folder of its own, with one account that nothing exhausts, once it is ready."""
    with tempfile.TemporaryDirectory() as folder:
        known = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
        environment = known | {f"DRAGOMAN_{name}": value for name, value in settings.items()}

        def command(*arguments: str) -> Any:
            run = [str(PROGRAM), *arguments, "--data-dir", folder, "--json"]
            return json.loads(subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout)

        command("accounts", "create", "bench", "--tokens", "1000000000")
        key = command("keys", "create", "--account", "bench")["key"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        start = [str(PROGRAM), "serve", "--port", str(port), "--data-dir", folder]
        with psutil.Popen(start, env=environment, stderr=subprocess.DEVNULL) as process:
            server = Server(process, f"http://127.0.0.1:{port}", key)
            try:
                _wait_until_ready(server)
                yield server
            finally:
                process.terminate()


def _wait_until_ready(server: Server) -> None:
    while server.process.poll() is None:
        try:
            server.capacity  # noqa: B018  its asking is the question
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server has ended")


def client(server: Server, pcm: list[Path], starts: dict[str, Any] | None = None) -> dict[str, Any]:
    """Runs the program of live_face.mjs to its end; a session for each file."""
    sessions = [{"pcm": str(path), "after_ms": 1000 * APART * number} for number, path in enumerate(pcm)]
    plan = {"url": server.url, "key": server.key, "sessions": sessions, "starts": starts}
    program = ["node", str(BENCH / "live_face.mjs"), json.dumps(plan)]
    found: dict[str, Any] = json.loads(subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return found


async def recordings(folder: Path, seconds: float) -> list[Path]:
    """The recordings one after another, in four orders, as clients send them."""
    audio = [await decoded(recording(name)) for name in FILES]
    paths = []
    for number in range(len(audio)):
        turned = join([*audio[number:], *audio[:number]]).slice(0, round(seconds * audio[0].sample_rate))
        paths.append(folder / f"{number}.pcm")
        paths[-1].write_bytes(b"".join(chunk.pcm for chunk in spoken_into(CHUNK, at_input_rate(turned))))
    return paths


def at_input_rate(audio: AudioChunk) -> AudioChunk:
    resampler = Resampler(audio.sample_rate, INPUT_RATE)
    return join([resampler.accept(audio), resampler.flush()])


async def references(paths: list[Path]) -> dict[Path, list[Sentence]]:
    found: dict[Path, list[Sentence]] = {}
    async with open_dragoman() as dragoman, anyio.create_task_group() as group:
        limit = anyio.CapacityLimiter(os.cpu_count() or 1)

        async def find(path: Path) -> None:
            async with limit:
                found[path] = await reference(dragoman, await anyio.Path(path).read_bytes())

        for path in paths:
            group.start_soon(find, path)
    return found


async def reference(dragoman: Dragoman, pcm: bytes) -> list[Sentence]:
    sentences: list[Translation] = []
    phrase: list[float] = []
    ends: dict[float, float] = {}
    samples: dict[float, int] = {}
    produced = 0
    async with dragoman.open_run(OPTIONS) as run, anyio.create_task_group() as group:
        group.start_soon(_feed, run.input, pcm)
        async for event in run.events:
            match event:
                case FinalTranscript(sentence):
                    phrase.append(sentence.start_time)
                case EndOfUtterance(time):
                    ends |= dict.fromkeys(phrase[:1], time)
                    phrase = []
                case FinalTranslation(translation):
                    sentences.append(translation)
                case SynthesizedAudio(_, audio):
                    produced += audio.samples
                case SentenceSpoken(spoken):
                    samples[spoken.source_start_time], produced = produced, 0
    return [Sentence(each.content, samples.get(each.start_time, 0), ends.get(each.start_time)) for each in sentences]


async def _feed(into: Any, pcm: bytes) -> None:
    step = round(CHUNK * INPUT_RATE) * SAMPLE_WIDTH
    async with into:
        for first in range(0, len(pcm), step):
            await into.send(AudioChunk(pcm[first : first + step], INPUT_RATE, first / SAMPLE_WIDTH / INPUT_RATE))


def latencies(stream: list[Sentence], found: dict[str, Any]) -> list[tuple[float, float]]:
    """For each phrase that was heard: where it ended, and how many seconds after the chunk with its end was sent the
    first audio of its translation came."""
    heard, sentences, waiting, owed = [], iter(stream), deque[Sentence](), 0.0
    for name, at, what in found["events"]:
        if name == "output_transcript":
            waiting.append(next(sentences))
        elif name == "output_audio":
            while waiting and owed <= 0:
                begins = waiting.popleft()
                owed = _SURELY * begins.samples
                if owed and begins.end_time is not None:
                    heard.append((begins.end_time, (at - found["sent"][_packet(begins.end_time)]) / 1000))
            owed -= what
    return heard


def _packet(time: float) -> int:
    """The number of the chunk with the sample before ``time``."""
    return math.ceil(round(time / CHUNK, 6)) - 1


def growth(lags: list[tuple[float, float]], seconds: float) -> float:
    """Seconds by which the lag has grown at the end: the median of the slopes between any two phrases, which no single
    slow phrase turns."""
    slopes = [(later[1] - lag[1]) / (later[0] - lag[0]) for lag, later in combinations(lags, 2) if later[0] > lag[0]]
    return float(np.median(slopes)) * seconds


def play(server: Server, number: int, paths: list[Path], seconds: float) -> dict[str, Any]:
    """So many sessions at once; what the client noted, and what it took."""
    load, before, began = os.getloadavg()[0], tree_cpu(server), (machine_cpu(), time.monotonic())
    played = [paths[index % len(paths)] for index in range(number)]
    found = client(server, played)
    cpu = {"server": tree_cpu(server) - before, "client": found["cpu_s"]}
    per_second = {f"{who}_cpu_per_audio_second": round(spent / (number * seconds), 3) for who, spent in cpu.items()}
    others = (machine_cpu() - began[0] - sum(cpu.values())) / (time.monotonic() - began[1])
    print(f"{number} sessions played", per_second, f"others took {others:.2f} cores", flush=True)
    measured = {"load_before": round(load, 2), "others_cores": round(others, 2), **per_second}
    return {"played": played, "sessions": found["sessions"], **measured}


def level(found: dict[str, Any], known: dict[Path, list[Sentence]], seconds: float) -> dict[str, Any]:
    """What the sessions of one level say of it."""
    sessions, playing = found["sessions"], [known[path] for path in found.pop("played")]
    lags = [latencies(stream, session) for stream, session in zip(playing, sessions, strict=True)]
    waited = [wait for each in lags for _, wait in each]
    return {
        **found,
        "sessions": len(sessions),
        "audio": summary(waited),
        "since_spoken": summary([wait + _packet_wait(end) for each in lags for end, wait in each]),
        "phrases": sum(each.end_time is not None and each.samples > 0 for stream in playing for each in stream),
        "growth_ms": [round(1000 * growth(each, seconds)) for each in lags],
        "same_as_reference": [_same(stream, session) for stream, session in zip(playing, sessions, strict=True)],
        "errors": dict(Counter(what for session in sessions for name, _, what in session["events"] if "error" in name)),
        "ready_ms": [round(session["ready"] - session["started"], 1) for session in sessions],
        "tail_ms": [round(session["closed"] - session["stopped"]) for session in sessions],
        "lags": [[[round(end, 1), round(1000 * wait)] for end, wait in each] for each in lags],
    }


def _packet_wait(end: float) -> float:
    """Seconds from when a sample is spoken until its chunk is complete."""
    return (_packet(end) + 1) * CHUNK - end


def _same(stream: list[Sentence], session: dict[str, Any]) -> bool:
    """Whether the client got the words of the reference."""
    got = "".join(what for name, _, what in session["events"] if name == "output_transcript")
    return got.split() == " ".join(sentence.text for sentence in stream).split()


def tree_cpu(server: Server) -> float:
    """Seconds that the server and its children have worked."""
    family = [server.process, *server.process.children(recursive=True)]
    return sum(sum(process.cpu_times()[:4]) for process in family)


def machine_cpu() -> float:
    """Seconds that all cores together have worked, for whomever."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def starts(server: Server, beside: list[Path], count: int, every_ms: float) -> dict[str, Any]:
    """One start after another, each stopped once it is ready, beside sessions that stream. The first is told
    apart: on a new server it also loads the languages."""
    load = os.getloadavg()[0]
    after_ms = 1000 * APART * len(beside) + 5000
    found = client(server, beside, {"count": count, "every_ms": every_ms, "after_ms": after_ms})["starts"]
    waits = [wait for _, wait in found[1:]]
    return {
        "beside": len(beside),
        "load_before": round(load, 2),
        "first_ms": round(found[0][1], 1),
        "answers": dict(Counter(answer for answer, _ in found)),
        **{f"p{percent}_ms": round(float(np.percentile(waits, percent)), 1) for percent in (50, 95, 99)},
        "max_ms": round(max(waits), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["starts", "levels"])
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 2, 4, 5])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--starts", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = anyio.run(recordings, Path(folder), options.seconds)
        if options.only != "levels":
            print("record:", write_record("live_starts", without_waiting(paths, options.starts)))
        if options.only != "starts":
            levels(paths, options.sessions, options.seconds)


def without_waiting(paths: list[Path], count: int) -> dict[str, Any]:
    """Starts beside some of the sessions that it carries, and refusals beside all, on a server as it comes."""
    with serving(LIVE_SESSIONS_PER_ACCOUNT="1000") as server:
        capacity, found = server.capacity, []
        for running in [*sorted({0, 1, 2, 4, capacity - 1} & set(range(capacity))), capacity]:
            found.append(starts(server, [paths[number % len(paths)] for number in range(running)], count, 50))
            print(found[-1], flush=True)
    return {"measured_capacity": capacity, "starts": found[:-1], "refusals": found[-1]}


def levels(paths: list[Path], sessions: list[int], seconds: float) -> None:
    """On a server that takes more than it has measured that it carries. Each level is recorded when it is over: a run
    takes long, and may be cut short."""
    known = anyio.run(references, paths[: max(sessions)])
    most, found = str(max(sessions)), []
    with serving(LIVE_SESSIONS=most, LIVE_SESSIONS_PER_ACCOUNT=most) as server:
        for number in sessions:
            found.append(level(play(server, number, paths, seconds), known, seconds))
            about = {"silence_wait_ms": silence_wait_ms(OPTIONS), "seconds": seconds}
            print("record:", write_record("live_face", {**about, "levels": found}), flush=True)


if __name__ == "__main__":
    main()
