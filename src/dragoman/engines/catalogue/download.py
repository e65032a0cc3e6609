"""One file of a hub, a release or a mirror over HTTP: resumed where it stopped, and bounded in every way."""

import http.client
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import dragoman
from dragoman.engines.catalogue.finished import CHUNK, Advance, SourceFailed, copy_bounded, finish
from dragoman.engines.catalogue.model import ModelFile

_REDIRECTS: Final = 5
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_HEADERS: Final = {"User-Agent": f"Dragoman/{dragoman.__version__}", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a source may take."""

    connect: float = 5.0
    """Seconds until it answers a connection; a machine without Internet must find out soon."""
    silent: float = 30.0
    """Seconds without a byte."""
    window: float = 60.0
    """Seconds in which it must send at least ``least`` bytes, or it counts as stalled although it drips."""
    least: int = 64 << 10


def is_permitted(url: str, *, operators: bool) -> bool:
    """Whether a file may be fetched there. Plain HTTP is for the operator's own mirror, and for this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and (operators or parts.hostname in _LOOPBACK)


def download(url: str, file: ModelFile, target: Path, partial: Path, *, patience: Patience, advance: Advance) -> None:
    """Brings ``url`` to ``target``, which then is exactly ``file``. What has come is kept in ``partial`` when the
    connection breaks, and the rest asked for next time. Raises :class:`SourceFailed`."""
    packed = urlsplit(url).path.endswith(".gz")
    # Nothing that can be packed gets more than a thousandth longer by it.
    limit = file.size + file.size // 1000 + 1024 if packed else file.size
    resumed = partial.is_file() and partial.stat().st_size > 0
    try:
        _fetch(url, partial, limit, patience, advance)
        _settle(partial, target, file, packed=packed)
    except SourceFailed:
        if not resumed or partial.exists():  # a broken connection keeps what has come
            raise
        # The two halves did not fit: the first may have come from another source.
        _fetch(url, partial, limit, patience, advance)
        _settle(partial, target, file, packed=packed)


def _settle(partial: Path, target: Path, file: ModelFile, *, packed: bool) -> None:
    if not packed:
        finish(partial, target, file)
        return
    unpacked = partial.with_name(partial.name + ".unpacked")
    try:
        copy_bounded(_unpacked(partial), unpacked, file.size)
        finish(unpacked, target, file)
    finally:
        unpacked.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)


def _unpacked(path: Path) -> Iterator[bytes]:
    """The content of a gzip file, in pieces of bounded size however well it was packed."""
    inflate = zlib.decompressobj(wbits=31)
    with path.open("rb") as packed:
        while data := inflate.unconsumed_tail or packed.read(CHUNK):
            try:
                yield inflate.decompress(data, CHUNK)
            except zlib.error as error:
                raise SourceFailed(f"what it sent is no gzip file ({error})") from error
    if not inflate.eof:
        raise SourceFailed("what it sent is a gzip file without its end")


def _fetch(url: str, partial: Path, limit: int, patience: Patience, advance: Advance) -> None:
    partial.parent.mkdir(parents=True, exist_ok=True)
    begun = partial.stat().st_size if partial.is_file() else 0
    if begun >= limit:
        partial.unlink()
        begun = 0
    try:
        with _opener(url, patience).open(_request(url, begun)) as answer:
            begun = _begin(answer, begun, limit)
            advance(begun)
            copy_bounded(_body(answer, patience), partial, limit, advance=advance, mode="ab" if begun else "wb")
            _check_whole(answer, partial, begun)
    except SourceFailed:
        if partial.is_file() and partial.stat().st_size >= limit:
            partial.unlink()
        raise
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            partial.unlink(missing_ok=True)
        raise SourceFailed(f"HTTP {error.code} {error.reason}".strip()) from error
    except (TimeoutError, urllib.error.URLError, http.client.HTTPException, ConnectionError, ValueError) as error:
        raise SourceFailed(_said(error, patience)) from error


def _request(url: str, begun: int) -> urllib.request.Request:
    headers = {**_HEADERS, "Range": f"bytes={begun}-"} if begun else _HEADERS
    return urllib.request.Request(url, headers=headers)  # noqa: S310  the scheme was checked by the caller


def _begin(answer: Any, begun: int, limit: int) -> int:
    """Where in the file the answer begins. Raises :class:`SourceFailed` when it announces more than it may."""
    if answer.status != HTTPStatus.PARTIAL_CONTENT or not _continues(answer, begun):
        begun = 0
    announced = answer.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and begun + int(announced) > limit:
        raise SourceFailed(f"it announces {begun + int(announced)} bytes; at most {limit} are right")
    return begun


def _continues(answer: Any, begun: int) -> bool:
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {begun}-")


def _body(answer: Any, patience: Patience) -> Iterator[bytes]:
    opened, received = time.monotonic(), 0
    while chunk := answer.read1(CHUNK):
        yield chunk
        received += len(chunk)
        if (now := time.monotonic()) - opened > patience.window:
            if received < patience.least:
                raise SourceFailed(f"it stalled: {received} bytes in {patience.window:.0f} s")
            opened, received = now, 0


def _check_whole(answer: Any, partial: Path, begun: int) -> None:
    announced = answer.headers.get("Content-Length")
    if announced and announced.isdigit() and partial.stat().st_size < begun + int(announced):
        raise SourceFailed(f"the connection ended after {partial.stat().st_size} of {begun + int(announced)} bytes")


def _said(error: Exception, patience: Patience) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return f"no answer, or no byte, for {patience.connect:.0f} to {patience.silent:.0f} s"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return str(reason) or type(reason).__name__


def _opener(url: str, patience: Patience) -> urllib.request.OpenerDirector:
    """Goes by the proxy settings of the machine, as its other programs do."""

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            self.sock.settimeout(patience.silent)

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            self.sock.settimeout(patience.silent)

    class SecureHandler(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Secure, request, timeout=patience.connect)

    class PlainHandler(urllib.request.HTTPHandler):
        def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, request, timeout=patience.connect)

    return urllib.request.build_opener(SecureHandler, PlainHandler, _Redirects(url))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects: to HTTPS anywhere, to plain HTTP only within the host that was asked over it."""

    max_redirections = _REDIRECTS
    max_repeats = 2

    def __init__(self, url: str) -> None:
        self._asked = urlsplit(url)

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        to = urlsplit(newurl)
        within = (to.scheme, to.hostname) == (self._asked.scheme, self._asked.hostname)
        if to.scheme != "https" and not within:
            raise SourceFailed(f"it redirects to {to.scheme}://{to.hostname}, which is not HTTPS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
