"""A web server of the test's own, that answers as sources do: well, in part, slowly, elsewhere, or with lies."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[[BaseHTTPRequestHandler, bytes], None]


@dataclass
class Site:
    """Files by path, and how each is answered."""

    files: dict[str, bytes] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and ``Range`` of each request."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set at the end of the test, for behaviours that wait."""
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def asked(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.requests)


def serve(site: Site) -> ThreadingHTTPServer:
    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.requests.append((self.path, self.headers.get("Range")))
            content = site.files.get(self.path)
            self.close_connection = True
            if content is None:
                self.send_error(404)
            else:
                site.behaviours.get(self.path, resumable)(self, content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    site.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


def head(handler: BaseHTTPRequestHandler, status: int, **headers: object) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()


def resumable(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """As a hub does it: a range when one is asked for."""
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    begin = int(asked[1]) if asked else 0
    if asked and begin >= len(content):
        head(handler, 416, Content_Range=f"bytes */{len(content)}", Content_Length=0)
        return
    rest = content[begin:]
    if asked:
        span = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        head(handler, 206, Content_Range=span, Content_Length=len(rest))
    else:
        head(handler, 200, Content_Length=len(rest))
    handler.wfile.write(rest)


def whole(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """As a server does it that knows no ranges."""
    head(handler, 200, Content_Length=len(content))
    handler.wfile.write(content)


def cut_after(count: int) -> Behaviour:
    def answer(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        head(handler, 200, Content_Length=len(content))
        handler.wfile.write(content[:count])

    return answer


def cut_without_length(count: int) -> Behaviour:
    """The connection ends, and nothing tells that from the end of the file."""

    def answer(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        head(handler, 200)
        handler.wfile.write(content[:count])

    return answer


def endless(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Says no length, and goes on behind the file for as long as somebody reads."""
    head(handler, 200)
    try:
        handler.wfile.write(content)
        while True:
            handler.wfile.write(bytes(1 << 16))
    except OSError:
        pass


def silent_after(count: int, over: threading.Event) -> Behaviour:
    def answer(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        head(handler, 200, Content_Length=len(content))
        handler.wfile.write(content[:count])
        handler.wfile.flush()
        over.wait(60)

    return answer


def redirect(to: str) -> Behaviour:
    def answer(handler: BaseHTTPRequestHandler, _content: bytes) -> None:
        head(handler, 302, Location=to, Content_Length=0)

    return answer
