"""A recording, or its text, that is fetched from where the client says."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from dragoman.core.options import Fetch
from dragoman.jobs import texts
from dragoman.jobs.outbound import Outbound, checked_headers, failed_status, failure, outbound_errors
from dragoman.storage.blobs import Blobs

PAUSES: Final = (2.0, 8.0, 20.0)
"""Seconds between one attempt and the next, when another may help."""

_PIECE: Final = 1 << 18
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


async def fetch(outbound: Outbound, wanted: Fetch, blobs: Blobs, key: str) -> int:
    """One attempt; returns the bytes now under ``key``, where nothing appears when it fails.

    Raises :class:`OutboundFailed`, whose ``retryable`` says whether another attempt may help.
    """
    limits, what = outbound.limits, f"unable to fetch {wanted.what}"
    most = limits.size if wanted.what == "audio" else texts.LARGEST
    url = wanted.url
    headers: Mapping[str, str] = checked_headers(
        wanted.auth_headers, f"{'fetch_data' if wanted.what == 'audio' else 'fetch_text'}.auth_headers"
    )
    timeout = aiohttp.ClientTimeout(total=limits.total, sock_read=limits.idle, sock_connect=limits.idle)
    with outbound_errors(what):
        for _ in range(limits.redirects + 1):
            async with outbound.session.get(url, headers=headers, timeout=timeout, allow_redirects=False) as answer:
                if answer.status in _REDIRECTS and "Location" in answer.headers:
                    url, headers = _redirected(what, url, answer.headers["Location"], headers)
                    continue
                if answer.status != 200:
                    raise failed_status(what, answer.status)
                return await _stored(what, answer, blobs, key, most)
    raise failure(f"{what}: more than {limits.redirects} redirects", retryable=False)


def _redirected(what: str, url: str, location: str, headers: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Credentials are for the host that they were given for, and never leave TLS."""
    old, target = urlsplit(url), urljoin(url, location)
    new = urlsplit(target)
    if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme == "http"):
        raise failure(f"{what}: redirected from {old.scheme} to {new.scheme or 'nowhere'}", retryable=False)
    is_same = (old.scheme, old.hostname, old.port) == (new.scheme, new.hostname, new.port)
    return target, headers if is_same else {}


async def _stored(what: str, answer: aiohttp.ClientResponse, blobs: Blobs, key: str, most: int) -> int:
    if answer.content_length is not None and answer.content_length > most:
        raise failure(f"{what}: {answer.content_length} bytes, at most {most} are taken", retryable=False)
    async with blobs.writer(key) as writer:
        async for piece in answer.content.iter_chunked(_PIECE):
            if writer.size + len(piece) > most:
                raise failure(f"{what}: more than {most} bytes", retryable=False)
            await writer.write(piece)
        if writer.size == 0:
            raise failure(f"{what}: the answer is empty", retryable=False)
    return writer.size
