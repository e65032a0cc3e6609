"""Bytes of a hub, a release or a mirror over HTTP: resumed where they stopped, and bounded in every way."""

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import dragoman
from dragoman.engines.catalogue.finished import CHUNK, Advance, SourceFailed, SourceUnreachable, copy_bounded

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


def fetch(url: str, partial: Path, *, limit: int, exact: bool, patience: Patience, advance: Advance) -> None:
    """Brings what is at ``url`` to the file ``partial``, and goes on with what is there already.

    ``exact``: it has ``limit`` bytes, neither more nor fewer. Raises :class:`SourceFailed`; what has come by then is
    kept, unless it is known to be wrong.
    """
    partial.parent.mkdir(parents=True, exist_ok=True)
    begun = partial.stat().st_size if partial.is_file() else 0
    if begun and exact and begun == limit:
        return
    if begun >= limit:
        partial.unlink()
        begun = 0
    try:
        with _opener(url, patience).open(_request(url, begun), timeout=patience.connect) as answer:
            begun = begun if _continues(answer, begun) else 0
            whole = _announced(answer, begun)
            _check_announced(whole, limit, exact=exact)
            advance(begun)
            copy_bounded(_body(answer, patience), partial, limit, advance=advance, mode="ab" if begun else "wb")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            partial.unlink(missing_ok=True)  # what is there is no beginning of what the source has
        raise SourceFailed(f"HTTP {error.code} {error.reason}".strip()) from error
    except urllib.error.URLError as error:  # before any answer
        raise SourceUnreachable(_said(error.reason, patience)) from error
    except (TimeoutError, http.client.HTTPException, ConnectionError, ValueError) as error:
        raise SourceFailed(_said(error, patience)) from error
    whole = whole or (limit if exact else None)
    if whole is not None and (size := partial.stat().st_size) < whole:
        raise SourceFailed(f"the connection ended after {size} of {whole} bytes")


def _request(url: str, begun: int) -> urllib.request.Request:
    headers = {**_HEADERS, "Range": f"bytes={begun}-"} if begun else _HEADERS
    return urllib.request.Request(url, headers=headers)  # noqa: S310  the scheme was checked by the caller


def _continues(answer: Any, begun: int) -> bool:
    """Whether the answer is the rest that was asked for, and not the whole again."""
    starts = str(answer.headers.get("Content-Range", "")).startswith(f"bytes {begun}-")
    return bool(begun) and answer.status == HTTPStatus.PARTIAL_CONTENT and starts


def _announced(answer: Any, begun: int) -> int | None:
    """Bytes that the whole has by what the source says."""
    length = answer.headers.get("Content-Length", "")
    return begun + int(length) if re.fullmatch("[0-9]{1,15}", length) else None


def _check_announced(whole: int | None, limit: int, *, exact: bool) -> None:
    if whole is not None and (whole > limit or (exact and whole != limit)):
        raise SourceFailed(f"it announces {whole} bytes instead of {'' if exact else 'at most '}{limit}")


def _body(answer: Any, patience: Patience) -> Iterator[bytes]:
    opened, received = time.monotonic(), 0
    while chunk := answer.read1(CHUNK):
        yield chunk
        received += len(chunk)
        if (now := time.monotonic()) - opened > patience.window:
            if received < patience.least:
                raise SourceFailed(f"it stalled: {received} bytes in {patience.window:.0f} s")
            opened, received = now, 0


def _said(reason: object, patience: Patience) -> str:
    if isinstance(reason, TimeoutError):
        return f"no answer for {patience.connect:g} s, or no byte for {patience.silent:g} s"
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

    class SecureOpening(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Secure, request)

    class PlainOpening(urllib.request.HTTPHandler):
        def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, request)

    return urllib.request.build_opener(SecureOpening, PlainOpening, _Redirects(url))


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
