"""A local chat endpoint that answers as it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler, dict], None]


@dataclass
class Server:
    url: str
    answers: list[Answer] = field(default_factory=list)
    """Taken one after another; the last for all that follow."""
    requests: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)


def completion(text: str, finish: str = "stop") -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": finish}]}).encode()


def raw(body: bytes, status: int = 200, *, length: int | None = None, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, _: dict) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def echo(handler: BaseHTTPRequestHandler, request: dict) -> None:
    raw(completion(f"<{request['messages'][-1]['content']}>"))(handler, request)


def drip(handler: BaseHTTPRequestHandler, request: dict) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)


@contextmanager
def chat_server() -> Iterator[Server]:
    """A server that answers with what it was asked in angle brackets, until it is told otherwise."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.headers.append(dict(self.headers))
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.requests.append({"path": self.path, **request})
            answer = found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]
            with suppress(OSError):
                answer(self, request)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        listening.block_on_close = False
        found = Server(f"http://127.0.0.1:{listening.server_port}/v1", [echo])
        threading.Thread(target=lambda: listening.serve_forever(0.01), daemon=True).start()
        yield found
        listening.shutdown()
