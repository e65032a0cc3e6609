"""HTTP to whomever a client names: one session for fetching recordings and for notifications."""

import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import aiohttp

import dragoman
from dragoman.core.errors import InvalidOption, OutboundFailed
from dragoman.jobs.addresses import AddressRefused, Network, checked_connector

_HEADERS: Final = {"User-Agent": f"Dragoman/{dragoman.__version__}", "Accept-Encoding": "identity"}
"""What is packed could unpack to any size."""

_NOT_YOURS: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

_TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class OutboundLimits:
    size: int = 4 << 30
    """Bytes of a recording."""
    total: float = 3600.0
    """Seconds for a recording."""
    idle: float = 60.0
    """Seconds without a byte."""
    answer: float = 30.0
    """Seconds for a notification to be answered."""
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Outbound:
    session: aiohttp.ClientSession
    limits: OutboundLimits


@asynccontextmanager
async def open_outbound(allowed: Sequence[Network], limits: OutboundLimits | None = None) -> AsyncIterator[Outbound]:
    """``allowed``: networks that may be reached although they are not public."""
    # Proxies of the environment are not used: they would connect where the check does not see it.
    async with aiohttp.ClientSession(
        connector=checked_connector(allowed), headers=_HEADERS, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as session:
        yield Outbound(session, limits or OutboundLimits())


def checked_url(url: str, name: str) -> str:
    """Raises :class:`InvalidOption` calling it by ``name`` when it is no web address."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises what is out of range
    except ValueError as error:
        raise InvalidOption(f"{name} is not a web address: {error}", remedy="Send an http or https URL") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        raise InvalidOption(f"{name} is not a web address", remedy="Send an http or https URL")
    if parts.username is not None or parts.password is not None:
        raise InvalidOption(f"{name} holds a password", remedy="Send it in auth_headers")
    return url


def checked_headers(lines: Sequence[str], name: str) -> dict[str, str]:
    """``Name: value`` lines. Raises :class:`InvalidOption`, without showing a value: it is a secret."""
    headers: dict[str, str] = {}
    for line in lines:
        header, colon, value = line.partition(":")
        if not colon or not header or not _TOKEN.issuperset(header) or not value.strip().isprintable():
            raise InvalidOption(f"{name}: one line is not a header", remedy='Send "Name: value"')
        if header.lower() in _NOT_YOURS:
            raise InvalidOption(f"{name}: {header} cannot be set", remedy="Leave it out")
        headers[header] = value.strip()
    return headers


def failed_status(what: str, status: int) -> OutboundFailed:
    return failure(f"{what}: http status code {status}", retryable=status in _TRANSIENT)


def failure(message: str, *, retryable: bool) -> OutboundFailed:
    error = OutboundFailed(message)
    error.retryable = retryable
    return error


@contextmanager
def outbound_errors(what: str) -> Iterator[None]:
    """Turns what goes wrong on the way into :class:`OutboundFailed`, saying whether another try may help."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise failure(f"{what}: the certificate is not valid", retryable=False) from error
    except aiohttp.ClientConnectorError as error:
        refused = _refused(error)
        reason = f"{refused}" if refused else f"cannot connect: {error.os_error.strerror or 'no address'}"
        raise failure(f"{what}: {reason}", retryable=refused is None) from error
    except (aiohttp.InvalidURL, ValueError) as error:
        raise failure(f"{what}: not a web address", retryable=False) from error
    except TimeoutError as error:
        raise failure(f"{what}: no answer in time", retryable=True) from error
    except (aiohttp.ClientError, ssl.SSLError, OSError) as error:
        raise failure(f"{what}: the connection broke off", retryable=True) from error


def _refused(error: BaseException) -> AddressRefused | None:
    """However deep the libraries have put it."""
    seen: list[BaseException | None] = [error]
    for one in seen:
        if isinstance(one, AddressRefused):
            return one
        if one is not None and len(seen) < 50:
            seen += [one.__cause__, one.__context__, getattr(one, "os_error", None)]
            seen += list(getattr(one, "exceptions", ()))
    return None
