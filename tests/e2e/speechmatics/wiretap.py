"""Stands between a client and the server and writes down what both say, in a form that two runs have in common."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from threading import Thread

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection
from websockets.sync.server import ServerConnection, serve

_VARIES = {"id", "orchestrator_version", "last_seq_no"}
"""``last_seq_no``: some clients send the last acknowledgement that they have seen, see point 13."""


@dataclass
class Wiretap:
    server: str
    """WebSocket address."""
    address: str = ""
    path: str = ""
    sent: list[str | bytes] = field(default_factory=list)
    got: list[str | bytes] = field(default_factory=list)

    def __call__(self, client: ServerConnection) -> None:
        assert client.request is not None
        self.path = client.request.path
        headers = {"Authorization": value} if (value := client.request.headers.get("Authorization")) else {}
        with connect(f"{self.server}{self.path}", additional_headers=headers, compression=None) as upstream:
            there = Thread(target=_pass_on, args=(client, upstream, self.sent))
            there.start()
            _pass_on(upstream, client, self.got)
            there.join()

    def text(self, *secrets: str) -> str:
        """The path, then what the client sent, then what it got: each kind of message by itself, in order."""
        path = self.path
        for secret in secrets:
            path = path.replace(secret, "KEY")
        return "\n".join([path, "", *_sent(self.sent), "", *_got(self.got), ""])


def _pass_on(source: Connection, sink: Connection, log: list[str | bytes]) -> None:
    try:
        for frame in source:
            log.append(frame)
            sink.send(frame)
    except ConnectionClosed:
        pass
    finally:
        sink.close()


def _sent(frames: Iterable[str | bytes]) -> Iterator[str]:
    """Channel by channel: how the client takes turns depends on the moment."""
    by_channel = sorted(
        frames, key=lambda frame: json.loads(frame).get("channel", "") if isinstance(frame, str) else ""
    )
    for size, run in groupby(by_channel, key=lambda frame: len(frame) if isinstance(frame, bytes) else None):
        same = list(run)
        if size is not None:
            yield f"> {len(same)} x {size} bytes"
        else:
            yield from (f"> {_line(json.loads(frame))}" for frame in same)


def _got(frames: Iterable[str | bytes]) -> Iterator[str]:
    """Partials depend on the moment, and acknowledgements are many: of both, only that they were there."""
    messages = [json.loads(frame) for frame in frames]
    for _, run in groupby(sorted(messages, key=_stream), key=_stream):
        same = list(run)
        name = same[0]["message"]
        if name.endswith("AudioAdded"):
            yield f"< {name} {same[0]['seq_no']} to {same[-1]['seq_no']}"
        elif "Partial" in name:
            yield f"< {name} {sorted(same[0])}"
        else:
            yield from (f"< {_line(message)}" for message in same)


_ORDER = ("RecognitionStarted", "Info", "Warning", "AudioAdded", "ChannelAudioAdded", "AddPartialTranscript",
          "AddTranscript", "EndOfUtterance", "AddPartialTranslation", "AddTranslation", "SpeakersResult", "Error",
          "EndOfTranscript")  # fmt: skip


def _stream(message: dict) -> tuple[int, str, str]:
    return _ORDER.index(message["message"]), message.get("language", ""), message.get("channel", "")


def _line(message: dict) -> str:
    fields = {name: "..." if name in _VARIES else value for name, value in message.items() if name != "message"}
    if "data" in fields:
        fields["data"] = f"{len(fields['data'])} characters"
    return f"{message['message']} {json.dumps(fields, ensure_ascii=False, sort_keys=True)}"


@contextmanager
def tapped(server: str) -> Iterator[Wiretap]:
    tap = Wiretap(server)
    with serve(tap, "127.0.0.1", 0, compression=None) as listener:
        tap.address = f"ws://127.0.0.1:{listener.socket.getsockname()[1]}"
        thread = Thread(target=listener.serve_forever)
        thread.start()
        yield tap
        listener.shutdown()
        thread.join()
