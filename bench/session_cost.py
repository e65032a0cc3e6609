"""What a live session costs: CPU seconds for each second of its audio, by program.

A real server with the embedded engines, and clients that stream a recording at the pace of a microphone, English to
Spanish speech. What the kernel has counted for each thread of the server and each of its children between two moments
in the middle of the stream is divided by the audio heard between them, so what starting costs is not in it. CPU time
is disturbed less than the clock on the wall by what else the machine does, but it is: two versions are compared by
turns, and by the medians of several runs.

    .venv/bin/python bench/session_cost.py [--face socketio] [--sessions 1] [--seconds 60] [--recording talk_en]
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import psutil
import pybase64
from live_face import CHUNK, Server, at_input_rate, serving
from microphone import FILES, decoded, recording, spoken_into
from realtime import talk
from websockets.asyncio.client import ClientConnection, connect

from dragoman.core.audio import AudioChunk
from dragoman.protocols.socketio.protocol import NAMESPACE

SETTLING = 5.0
"""Seconds of audio before the first moment: by then the next engine is loaded in place of the one that was taken."""

REALTIME = {
    "audio_format": {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000},
    "transcription_config": {"language": "en", "enable_partials": True, "max_delay": 2, "max_delay_mode": "fixed"},
    "translation_config": {"target_languages": ["es"], "enable_partials": True},
}


def spent(server: Server) -> Counter[str]:
    """CPU seconds up to now, by program; the server's own apart by threads."""
    found: Counter[str] = Counter()
    for process in [server.process, *server.process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess, FileNotFoundError):
            name = _name(process.cmdline())
            for thread, seconds in _threads(process.pid):
                part = "server, event loop" if thread == process.pid else "server, threads"
                found[part if process.pid == server.process.pid else name] += seconds
    return found


def _threads(process: int) -> Iterator[tuple[int, float]]:
    for folder in Path(f"/proc/{process}/task").iterdir():
        with suppress(FileNotFoundError):  # it ended while we looked
            yield int(folder.name), int((folder / "schedstat").read_text().split()[0]) / 1e9


def _name(command: list[str]) -> str:
    """The engine or the program that a child runs."""
    if "-m" in command:
        module, *arguments = command[command.index("-m") + 1 :]
        return (arguments[2] if module == "dragoman.hosts.child" else module).rpartition(".")[2]
    program = next((Path(part).name for part in command if part.endswith(".py")), Path(command[0]).name)
    return "espeak" if program == "espeak_child.py" else f"apertium: {program}"


async def socketio(server: Server, audio: AudioChunk) -> str:
    """One session of the Realtime Translator; returns what it wrote."""
    written = []
    address = f"{server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&apiKey={server.key}"
    async with connect(address, compression=None) as socket:
        await socket.recv()
        await socket.send(f"40{NAMESPACE},")
        await socket.recv()
        await _emit(socket, "translation_start", {"targetLanguage": "es"})
        async with anyio.create_task_group() as group:
            async for frame in socket:
                if frame == "2":
                    await socket.send("3")
                    continue
                name, *payload = json.loads(str(frame).partition(",")[2])
                if name == "ready_for_audio":
                    group.start_soon(_stream, socket, audio)
                elif name.endswith("_transcript"):
                    written.append(payload[0]["delta"])
                elif name == "translation_closed":
                    break
                elif "error" in name:
                    raise RuntimeError(payload)
    return "".join(written)


async def _stream(socket: ClientConnection, audio: AudioChunk) -> None:
    began = time.monotonic()
    for number, chunk in enumerate(spoken_into(CHUNK, audio), start=1):
        await anyio.sleep(max(0.0, began + number * CHUNK - time.monotonic()))
        await _emit(socket, "audio_chunk", {"audioData": pybase64.b64encode_as_string(chunk.pcm)})
    await _emit(socket, "translation_stop")


async def _emit(socket: ClientConnection, name: str, *payload: object) -> None:
    await socket.send(f"42{NAMESPACE},{json.dumps([name, *payload])}")


async def speechmatics(server: Server, audio: AudioChunk) -> str:
    log = await talk(server.url.replace("http", "ws"), server.key, REALTIME, audio, 0.0)
    return log.text()


async def measured(server: Server, face: str, sessions: int, audio: AudioChunk) -> tuple[Counter[str], set[str]]:
    """CPU seconds for a second of audio of one session, and what the sessions wrote."""
    written: set[str] = set()
    cost: Counter[str] = Counter()

    async def play() -> None:
        heard = at_input_rate(audio) if face == "socketio" else audio
        written.add(await (socketio if face == "socketio" else speechmatics)(server, heard))

    async def count() -> None:
        await anyio.sleep(SETTLING)
        before, began = spent(server), time.monotonic()
        await anyio.sleep(audio.duration - SETTLING)
        counted = spent(server)
        lasted = time.monotonic() - began
        cost.update({name: (counted[name] - before[name]) / lasted / sessions for name in counted})

    async with anyio.create_task_group() as group:
        group.start_soon(count)
        for _ in range(sessions):
            group.start_soon(play)
    return cost, written


async def main(options: argparse.Namespace) -> None:
    audio = await decoded(recording(options.recording), options.seconds)
    most = str(options.sessions)
    with serving(LIVE_SESSIONS=most, LIVE_SESSIONS_PER_ACCOUNT=most) as server:
        cost, written = await measured(server, options.face, options.sessions, audio)
    for name, seconds in [*cost.most_common(), ("all", sum(cost.values()))]:
        if seconds >= 5e-5:
            print(f"{name:30} {seconds:.4f}")
    print(f"{len(written)} different texts, of {', '.join(str(len(text.split())) for text in written)} words")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--face", choices=["socketio", "speechmatics"], default="socketio")
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--recording", choices=FILES, default=FILES[0])
    anyio.run(main, parser.parse_args())
