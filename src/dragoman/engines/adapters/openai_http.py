"""One request to a chat endpoint, bounded in time, size and attempts. Neither the key nor any text is ever shown."""

import json
import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from dragoman.core.errors import EngineError, EngineFailed, EngineUnavailable
from dragoman.engines.adapters.openai_settings import OpenAiSettings

_ATTEMPTS: Final = 4
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 20.0
"""Seconds; a server that asks to wait longer is taken at its word, and the sentence is given up."""
_LARGEST: Final = 1 << 20
"""Bytes of an answer."""
_PIECE: Final = 1 << 14


class _Wait(Exception):
    """The attempt failed in a way that may pass."""

    def __init__(self, error: EngineError, seconds: float | None) -> None:
        """``seconds`` is what the server asks to wait; None when it says nothing."""
        super().__init__()
        self.error = error
        self.seconds = seconds


class ChatEndpoint:
    """Safe to share between threads: every request has a connection of its own."""

    def __init__(
        self,
        settings: OpenAiSettings,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._now = now
        self._sleep = sleep

    def ask(self, body: dict[str, Any]) -> Any:
        """Send one request; returns the decoded JSON of the answer.

        Raises :class:`EngineUnavailable` for what trying again does not help, and :class:`EngineFailed` when the time
        or the attempts are used up.
        """
        deadline = self._now() + self._settings.timeout
        for attempt in range(_ATTEMPTS):
            try:
                return self._attempt(body, deadline)
            except _Wait as wait:
                backoff = _FIRST_WAIT * 2**attempt * random.uniform(1.0, 1.5)  # noqa: S311  spreads clients, no secret
                seconds = backoff if wait.seconds is None else wait.seconds
                last = attempt == _ATTEMPTS - 1
                if last or seconds > _LONGEST_WAIT or self._now() + seconds >= deadline:
                    raise wait.error from None
            self._sleep(seconds)
        raise AssertionError  # the last attempt returns or raises

    def _attempt(self, body: dict[str, Any], deadline: float) -> Any:
        settings = self._settings
        parts = urlsplit(settings.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._left(deadline))
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if settings.key:
            headers["Authorization"] = f"Bearer {settings.key}"
        try:
            connection.request("POST", f"{parts.path}/chat/completions", json.dumps(body).encode(), headers)
            with connection.getresponse() as response:
                self._check(response)
                return self._decoded(self._read(response, connection, deadline))
        except TimeoutError as error:
            raise EngineFailed(f"{settings.host} took more than {settings.timeout:g} s for a sentence") from error
        except (OSError, HTTPException) as error:
            failed = EngineFailed(f"{settings.host} could not be reached: {type(error).__name__}")
            raise _Wait(failed, None) from error
        finally:
            connection.close()

    def _left(self, deadline: float) -> float:
        left = deadline - self._now()
        if left <= 0:
            raise TimeoutError
        return left

    def _check(self, response: HTTPResponse) -> None:
        host, status = self._settings.host, response.status
        if status == 200:
            return
        if status in {401, 403}:
            raise EngineUnavailable(f"{host} refused the key ({status})", remedy="Set DRAGOMAN_OPENAI_KEY")
        if status == 404:
            raise EngineUnavailable(
                f"{host} knows no such address or model (404)",
                remedy="Compare DRAGOMAN_OPENAI_URL and DRAGOMAN_OPENAI_MODEL with what the server offers",
            )
        failed = EngineFailed(f"{host} answered with status {status}")
        if status in {408, 409, 425, 429} or status >= 500:
            raise _Wait(failed, _retry_after(response.headers.get("Retry-After")))
        raise failed

    def _read(self, response: HTTPResponse, connection: HTTPConnection, deadline: float) -> bytes:
        """The body, in pieces, so that a server that drips does not hold us longer than one that is silent."""
        whole = bytearray()
        while True:
            if connection.sock is not None:
                connection.sock.settimeout(self._left(deadline))
            self._left(deadline)
            piece = response.read1(_PIECE)
            if not piece:
                break
            whole += piece
            if len(whole) > _LARGEST:
                raise EngineFailed(f"{self._settings.host} answered more than {_LARGEST >> 10} kB for one sentence")
        if response.length:
            raise _Wait(EngineFailed(f"{self._settings.host} cut its answer off"), None)
        return bytes(whole)

    def _decoded(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except ValueError:
            raise EngineFailed(f"{self._settings.host} answered something else than JSON") from None


def _retry_after(value: str | None) -> float | None:
    """Seconds that a server asks to wait, given as such or as a date; None when it asks for nothing sensible."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
