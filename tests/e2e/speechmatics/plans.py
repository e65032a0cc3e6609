"""Sessions of the official clients: what to do, and what became of it.

A plan is a dictionary: "url", "key", "audio" (a file, or one for each channel), and what is not a client's default:
"format" (encoding, sample_rate, chunk_size of raw audio), "transcription" and "translation" (the configurations),
"management" (address at which the client makes itself a temporary key), and some that one program knows.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
SPEECHMATICS = Path(sys.executable).with_name("speechmatics")


@dataclass
class Heard:
    """All that one client got."""

    messages: list[dict] = field(default_factory=list)
    end: dict = field(default_factory=dict)
    """How the client says that it ended."""
    other: list[str] = field(default_factory=list)
    """Lines of its output that are no messages."""

    @property
    def names(self) -> list[str]:
        """Without repetitions next to each other."""
        names = [message["message"] for message in self.messages]
        return [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]

    def all(self, name: str, **fields: object) -> list[dict]:
        return [
            message
            for message in self.messages
            if message["message"] == name and all(message.get(key) == value for key, value in fields.items())
        ]

    def one(self, name: str, **fields: object) -> dict:
        (message,) = self.all(name, **fields)
        return message

    def text(self, **fields: object) -> str:
        """The finals, concatenated as they are."""
        return "".join(message["metadata"]["transcript"] for message in self.all("AddTranscript", **fields)).strip()

    def translation(self, language: str) -> str:
        finals = self.all("AddTranslation", language=language)
        return " ".join(sentence["content"] for message in finals for sentence in message["results"])

    @property
    def reasons(self) -> dict[str, str]:
        """Of warnings and errors, by their type."""
        return {message["type"]: message["reason"] for message in (*self.all("Warning"), *self.all("Error"))}


class Talk:
    """A client at work."""

    def __init__(self, command: Sequence[str | Path], home: Path, **settings: str) -> None:
        self.process = subprocess.Popen(
            command,
            env=os.environ | {"HOME": str(home), "PYTHONWARNINGS": "ignore"} | settings,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.err = ""

    def heard(self) -> Heard:
        """Waits for its end."""
        out, self.err = self.process.communicate(timeout=60)
        heard = Heard()
        for line in out.splitlines():
            _sort(line, heard)
        return heard

    def lines(self) -> Iterator[dict]:
        """Messages as they come."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield json.loads(line)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def _sort(line: str, heard: Heard) -> None:
    try:
        message = json.loads(line)
    except ValueError:
        heard.other.append(line)
    else:
        if "ended" in message:
            heard.end = message
        else:
            heard.messages.append(message)


def program(client: str, plan: dict, node: str) -> list[str | Path]:
    """The command of ``rt``, ``legacy`` or ``npm`` with a plan."""
    programs = {"rt": "rt_client.py", "legacy": "legacy_client.py", "npm": "rt_client.mjs"}
    return [node if client == "npm" else sys.executable, FOLDER / programs[client], json.dumps(plan)]
