"""The namespace's door: who may connect to it, and with what answer everybody else is turned away."""

from collections.abc import Mapping

from prometheus_client import Counter

from dragoman.accounts.principal import Principal
from dragoman.core.errors import AtCapacity, DragomanError
from dragoman.hosts.fence import report_bug
from dragoman.protocols.auth import Authenticate, credential_of
from dragoman.protocols.outward import outward
from dragoman.protocols.rate import ConnectionRate
from dragoman.protocols.requests import Scope, address_of, headers_of, query_of

_refusals = Counter("dragoman_socketio_refused", "Connections to the namespace that were refused", ["code"])


class Refusal(Exception):
    """What the client gets as ``connect_error``."""

    def __init__(self, message: str, data: Mapping[str, object]) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


class Door:
    def __init__(self, authenticate: Authenticate, rate: ConnectionRate) -> None:
        self._authenticate = authenticate
        self._rate = rate

    async def admit(self, scope: Scope, auth: object) -> Principal:
        """Who connects. Raises :class:`Refusal` and nothing else: a client that is told nothing waits for ever."""
        try:
            return await self._admitted(scope, auth)
        except DragomanError as error:
            raise _refusal(error) from error
        except Exception as error:
            raise _refusal(report_bug("socketio_connect_failed", error)) from error

    async def _admitted(self, scope: Scope, auth: object) -> Principal:
        if not self._rate.take(address_of(scope)):
            raise AtCapacity("too many connections from this address", remedy="Try again in a minute")
        principal = await self._authenticate(credential_of(query_of(scope), headers_of(scope), auth))
        principal.require("live_speech")
        return principal


def _refusal(error: DragomanError) -> Refusal:
    _refusals.labels(error.code).inc()
    told = outward(error)
    return Refusal(told.message, {"code": told.code, "remedy": told.remedy, "retryable": told.retryable})
