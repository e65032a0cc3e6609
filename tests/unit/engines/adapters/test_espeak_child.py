"""The program by itself, as the adapter starts it."""

import ast
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from dragoman.engines.adapters import espeak, espeak_child

pytest.importorskip("ctypes")
PROGRAM = Path(espeak_child.__file__)


def run(data: bytes) -> list[tuple[bytes, bytes]]:
    done = subprocess.run([sys.executable, "-I", "-S", PROGRAM], input=data, capture_output=True, check=True)
    frames, rest = [], done.stdout
    while rest:
        kind, length = struct.unpack_from(">cI", rest)
        frames.append((kind, rest[5 : 5 + length]))
        rest = rest[5 + length :]
    return frames


def request(content: object) -> bytes:
    body = json.dumps(content).encode()
    return struct.pack(">I", len(body)) + body


@pytest.fixture(autouse=True)
def installed() -> None:
    try:
        espeak.describe()
    except espeak.EngineUnavailable as error:
        pytest.skip(str(error))


def test_it_imports_the_standard_library_only() -> None:
    tree = ast.parse(PROGRAM.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= set(sys.stdlib_module_names)


def test_voices() -> None:
    (kind, body), end = run(request({}))
    assert kind == b"V"
    assert end == (b"E", b"")
    answer = json.loads(body)
    assert answer["version"]
    assert {"identifier": "roa/es", "language": "es", "name": "Spanish (Spain)", "priority": 5} in answer["voices"]


def test_a_bad_voice_is_an_error_and_the_next_request_works() -> None:
    bad = {"text": "Hello", "voice": "nobody", "words_per_minute": 175}
    frames = run(request(bad) + request(bad | {"voice": "gmw/en-US"}))
    assert frames[0][0] == b"X"
    assert b"nobody" in frames[0][1]
    kinds = b"".join(kind for kind, _ in frames[1:])
    assert kinds.startswith(b"W")
    assert kinds.count(b"A") >= 5
    assert kinds.endswith(b"E")


@pytest.mark.parametrize("data", [b"", b"\0\0", struct.pack(">I", 100) + b"{"])
def test_it_ends_with_its_input(data: bytes) -> None:
    assert run(data) == []


def test_one_sample_rate() -> None:
    assert espeak_child.SAMPLE_RATE == espeak.SAMPLE_RATE


def test_words_are_told_in_phonetic_letters() -> None:
    words = {"words": ["Hello", "one. Two", "", "\N{SNOWMAN}"], "voice": "gmw/en-US"}
    (kind, body), end, *others = run(request(words) + request(words | {"voice": "nobody"}))
    assert (kind, end) == (b"P", (b"E", b""))
    hello, two, nothing, _ = json.loads(body)
    assert hello == "həl\N{MODIFIER LETTER VERTICAL LINE}oʊ"
    assert len(two.split()) == 2
    assert nothing == ""
    assert [kind for kind, _ in others] == [b"X"]
