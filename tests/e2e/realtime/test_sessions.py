"""The Realtime Translator as a client meets it: the server process, the npm client, the microphone's pace."""

import json
import math
import signal
import socket
import ssl
import subprocess
import time
from contextlib import suppress

import psutil
import pytest
from tests.e2e.servers import SCRIPTED, command
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

NAMESPACE = "/api/realtime-translator"
STATUS = ["session_initializing", "translation_ready", "ready_for_audio"]


def billed(session):
    """Seconds from ready to stop, as the client saw it, and as it was told."""
    seen = session.one("(stop)").at - session.one("ready_for_audio").at
    return seen, session.one("translation_closed").payload["seconds"]


def test_two_sessions_in_two_languages(serve, clients, silence):
    server = serve(*SCRIPTED, RATES_LIVE_SPEECH="2")
    pcm = silence(6.5)
    spanish, french = clients(server, {"pcm": pcm}, {"pcm": pcm, "start": {"targetLanguage": "fr"}}).read()
    for session, translation in (
        (spanish, "Esta es la frase número 1. Esta es la frase número 2."),
        (french, "Ceci est la phrase numéro 1. Ceci est la phrase numéro 2."),
    ):
        assert session.names[:3] == STATUS
        assert session.names[-2:] == ["translation_closed", "disconnect"]
        assert len(session.all("translation_closed")) == 1
        assert session.said("input_transcript") == "This is sentence number 1. This is sentence number 2."
        assert session.said("output_transcript") == translation
        # A tone of 60 ms a character; the space between the two sentences is not spoken.
        assert len(session.audio) == round((len(translation) - 1) * 0.06 * 24_000) * 2
        seen, told = billed(session)
        assert math.ceil(seen) <= told <= math.ceil(seen + 0.2)
        assert session.one("translation_closed").payload["tokens"] == 2 * told
    paid = sum(session.one("translation_closed").payload["tokens"] for session in (spanish, french))
    assert server.account() == {"balance": 1000 - paid, "reserved": 0, "available": 1000 - paid}


def test_exhaustion(serve, clients, silence):
    server = serve(*SCRIPTED, tokens=5, RATES_LIVE_SPEECH="2")
    (session,) = clients(server, {"pcm": silence(30)}).read()
    assert session.names[-3:] == ["insufficient_tokens", "translation_closed", "disconnect"]
    assert session.one("insufficient_tokens").payload["remainingTokens"] == 0
    assert session.one("translation_closed").payload == {"reason": "exhausted", "seconds": 3, "tokens": 5}
    assert server.account() == {"balance": 0, "reserved": 0, "available": 0}
    # What is paid for is 2.5 s; of the sentence that was being said then, its beginning is delivered.
    assert session.said("output_transcript")
    lasted = session.one("insufficient_tokens").at - session.one("ready_for_audio").at
    assert lasted >= 2.5


@pytest.mark.timeout(180)
def test_kill_in_the_middle_of_ten_sessions(serve, clients, silence):
    server = serve(*SCRIPTED[:2], "--synthesizer=espeak", SCRIPTED[3], LIVE_SESSIONS="20")  # it has child processes
    running = clients(server, *[{"pcm": silence(60)}] * 10)
    running.read(until="output_audio")
    family = psutil.Process(server.process.pid).children(recursive=True)
    assert family
    server.process.kill()
    killed = time.monotonic()
    sessions = running.read()
    assert all(session.names[-1] == "disconnect" for session in sessions)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]

    held = server.account()
    assert held["reserved"] > 0
    server = serve(*SCRIPTED)
    while (account := server.account())["reserved"]:
        assert time.monotonic() < killed + 60, "a hold was left"
        time.sleep(0.5)
    longest = max(event.at for session in sessions for event in session.events)
    shortest = min(session.all("ready_for_audio")[0].at for session in sessions)
    paid = 1000 - account["balance"]
    assert 10 <= paid <= 10 * math.ceil(longest - shortest)
    assert command(server.folder, "accounts", "audit")


def test_a_graceful_stop_delivers_the_tail(serve, clients, silence):
    server = serve(*SCRIPTED)
    running = clients(server, {"pcm": silence(60)}, {"pcm": silence(60)})
    running.read(until="output_transcript")
    server.process.send_signal(signal.SIGTERM)
    for session in running.read():
        assert session.names[-2:] == ["translation_closed", "disconnect"]
        assert session.one("translation_closed").payload["reason"] == "shutdown"
        texts = session.said("input_transcript"), session.said("output_transcript")
        assert texts[0].startswith("This is sentence number 1.")
        assert texts[1].startswith("Esta es la frase número 1.")
        assert len(session.all("input_transcript")) == len(session.all("output_transcript"))
    server.ends(0)
    paid = sum(session.one("translation_closed").payload["tokens"] for session in running.sessions)
    assert server.account() == {"balance": 1000 - paid, "reserved": 0, "available": 1000 - paid}


def test_who_is_refused_is_told_why(serve, clients):
    server = serve(*SCRIPTED)
    sessions = clients(
        server,
        {"options": {}},
        {"options": {"query": {"apiKey": "nonsense"}}},
        {"namespace": "/other"},
        {"options": {"transports": ["polling"]}},
        {"options": {"auth": {"apiKey": server.key}}, "start": {"targetLanguage": "tlh"}},
    ).read()
    assert [session.events[0].payload["message"] for session in sessions[:3]] == [
        "no API key was given", "the API key is malformed", "Invalid namespace",
    ]  # fmt: skip
    assert sessions[3].events[0].name == "connect_error"
    assert "Klingon (tlh)" in sessions[4].one("translation_error").payload["message"]


def test_behind_a_gateway_with_tls(serve, clients, silence, tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        capture_output=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    server = serve(
        *SCRIPTED,
        base="https",
        SERVER_TLS_CERTIFICATE=str(certificate),
        SERVER_TLS_KEY=str(key),
        SERVER_PATH_PREFIX="/speech",
    )
    trust = ssl.create_default_context(cafile=certificate)
    wait_for_port(server, trust)
    options = {"query": {"apiKey": server.key}, "path": "/speech/socket.io"}
    session, astray = clients(
        server,
        {"pcm": silence(1), "options": options},
        {"options": {**options, "path": "/socket.io"}},
        NODE_EXTRA_CA_CERTS=str(certificate),
    ).read()
    assert session.names[-2:] == ["translation_closed", "disconnect"]
    assert astray.events[0].name == "connect_error"


def wait_for_port(server, trust):
    host, port = server.url.rpartition("/")[2].split(":")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((host, int(port))) as plain, trust.wrap_socket(plain, server_hostname=host):
                return
        except ConnectionError:
            time.sleep(0.05)
    pytest.fail((server.folder / "log").read_text())


@pytest.mark.parametrize(
    ("origins", "origin", "status"),
    [
        ("", "https://app.example", 403),
        ("https://app.example", "https://app.example", 101),
        ("https://app.example", "https://evil.example", 403),
    ],
)
def test_pages_of_other_origins(serve, origins, origin, status):
    server = serve(*SCRIPTED, SERVER_CORS_ORIGINS=origins)
    host, port = server.url.rpartition("/")[2].split(":")
    request = (
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(request.encode())
        assert connection.recv(64).startswith(f"HTTP/1.1 {status} ".encode())


def test_a_client_that_reads_nothing_is_cut_off(serve):
    """Its kernel takes little, ours is told to keep little; nobody else's memory is its buffer."""
    server = serve(*SCRIPTED)
    host, port = server.url.rpartition("/")[2].split(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect((host, int(port)))
    address = f"ws://{host}:{port}/socket.io/?EIO=4&transport=websocket&apiKey={server.key}"
    with connect(address, sock=narrow, max_queue=1, ping_interval=None, compression=None) as client:
        client.recv()
        client.send(f"40{NAMESPACE},")
        assert client.recv().startswith(f'40{NAMESPACE},{{"sid"')
        client.send(f'42{NAMESPACE},["translation_start",{{"targetLanguage":"es"}}]')
        second = json.dumps(["audio_chunk", {"audioData": "A" * 64_000}])
        began = time.monotonic()
        with suppress(ConnectionClosed):
            while time.monotonic() < began + 60:
                client.send(f"42{NAMESPACE},{second}")
                time.sleep(0.1)
        assert time.monotonic() < began + 60, "it was not cut off"
    while server.account()["reserved"]:
        assert time.monotonic() < began + 60
    assert server.account()["balance"] < 1000


def test_nothing_of_a_session_is_kept(serve, clients, silence):
    server = serve(*SCRIPTED)
    (session,) = clients(server, {"pcm": silence(3)}).read()
    assert session.said("output_transcript") == "Esta es la frase número 1."
    server.process.send_signal(signal.SIGTERM)
    server.ends(0)
    kept = {path: path.read_bytes() for path in server.folder.rglob("*") if path.is_file() and path.suffix != ".pcm"}
    assert {path.name for path in kept} >= {"dragoman.db", "log"}
    for said in ("sentence number", "frase", server.key, session.all("output_audio")[0].payload["delta"][:64]):
        assert not [path.name for path, content in kept.items() if said.encode() in content]
