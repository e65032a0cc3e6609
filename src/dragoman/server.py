"""The server: database, engines, live sessions and faces, opened on one exit stack and served on one port."""

import gc
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

import dragoman
from dragoman.accounts.account import Accounts
from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.principal import Principal
from dragoman.accounts.secrecy import Secrecy
from dragoman.app import Dragoman, log_to_stderr, open_dragoman
from dragoman.batch import open_batch
from dragoman.billing.ledger import Ledger
from dragoman.billing.rates import Rates
from dragoman.config import Settings
from dragoman.core.errors import DragomanError, InvalidSetting
from dragoman.core.options import RunOptions
from dragoman.engines.loading import available_cores
from dragoman.engines.routing import EngineNames
from dragoman.hosts.governor import Governor
from dragoman.live.capacity import Weights, measured_capacity
from dragoman.live.clocks import Clocks
from dragoman.live.supervisor import Bank, Supervisor, open_supervisor
from dragoman.media.stream import StreamDecoders
from dragoman.protocols.admin import accounts, keys, own
from dragoman.protocols.admin.bounds import Bounds
from dragoman.protocols.admin.faults import FAULTS, Fault
from dragoman.protocols.admin.office import KeyDefaults, Office
from dragoman.protocols.auth import Authenticate
from dragoman.protocols.documents import add_documents
from dragoman.protocols.health import Health, health_routes
from dragoman.protocols.hypertext import BoundedHttp
from dragoman.protocols.loopback import OwnMachine, is_loopback
from dragoman.protocols.rate import ConnectionRate
from dragoman.protocols.socketio.client import LARGEST_FRAME, Client
from dragoman.protocols.socketio.connection import Connection
from dragoman.protocols.socketio.endpoint import PATH, SocketEndpoint
from dragoman.protocols.socketio.namespace import Door
from dragoman.protocols.speechmatics import batch_create, batch_features, batch_rest, batch_results
from dragoman.protocols.speechmatics import keys as temporary_keys
from dragoman.protocols.speechmatics.batch_bounds import Answers, allowance, with_batch
from dragoman.protocols.speechmatics.batch_desk import BatchDesk
from dragoman.protocols.speechmatics.batch_upload import UploadLimits, Uploads
from dragoman.protocols.speechmatics.rt_connection import Stage
from dragoman.protocols.speechmatics.rt_endpoint import RtEndpoint
from dragoman.protocols.websocket import BoundedWebSocket
from dragoman.storage.database import open_database
from dragoman.storage.secret import secret_from_file

_log = structlog.get_logger()

_GRACE = 5
"""Seconds for connections to end after sessions have been wound up."""


@dataclass(frozen=True, slots=True)
class _Live:
    """The faces of live sessions."""

    socketio: SocketEndpoint
    realtime: RtEndpoint


class _Application:
    """Socket.IO on its path, other WebSockets by the realtime protocol, everything else by Starlette; the audio of a
    session passes through no middleware."""

    def __init__(self, rest: Starlette, prefix: str) -> None:
        self._rest = rest
        self._path = prefix + PATH
        self.live: _Live | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.live is not None and scope["type"] != "lifespan" and scope["path"].rstrip("/") == self._path:
            await self.live.socketio(scope, receive, send)
        elif self.live is not None and scope["type"] == "websocket":
            await self.live.realtime(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def build(settings: Settings, health: Health, names: EngineNames | None = None) -> ASGIApp:
    """The ASGI application; everything is opened in its lifespan, and told to ``health``."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Office | BatchDesk]]:
        try:
            async with _opened(settings, names, health) as (application.live, office, desk):
                yield {"office": office, "batch": desk}
        except DragomanError as error:
            health.failure = error  # uvicorn would show it as a traceback
            raise

    routes = [Mount(settings.server.path_prefix or "/", app=api_of(settings, health))]
    rest = Starlette(routes=routes, lifespan=lifespan, exception_handlers=with_batch(FAULTS))
    application = _Application(rest, settings.server.path_prefix)
    return OwnMachine(application, settings.server.cors_origins) if settings.server.open else application


def api_of(settings: Settings, health: Health) -> FastAPI:
    """What is reached by HTTP. Its requests find the office in their state."""
    api = FastAPI(
        title="Dragoman",
        version=dragoman.__version__,
        description="Speech translation: batch jobs, accounts, keys, health and metrics.",
        exception_handlers=dict(with_batch(FAULTS)),
        responses={"4XX": {"model": Fault}, "5XX": {"model": Fault}},
        docs_url=None,
        redoc_url=None,
    )
    add_documents(api)
    api.add_middleware(Bounds, allowance=allowance)
    api.add_middleware(Answers)
    api.add_middleware(
        CORSMiddleware,
        allow_origins=settings.server.cors_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", "X-SM-Processing-Data"],
        expose_headers=["Request-Id", "X-Request-Id", "Content-Disposition"],
    )
    for router in (own.router, accounts.router, keys.router, temporary_keys.router, health_routes(health)):
        api.include_router(router)
    for face in (batch_create, batch_rest, batch_results, batch_features):
        api.include_router(face.router)
    return api


@asynccontextmanager
async def _opened(
    settings: Settings, names: EngineNames | None, health: Health
) -> AsyncIterator[tuple[_Live, Office, BatchDesk]]:
    clocks = Clocks()
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        database = await stack.enter_async_context(open_database(settings.database))
        secrecy = Secrecy.of(_secret(settings))
        authenticator = Authenticator(database, secrecy)
        rates = Rates(0, 0, 0) if settings.server.open else settings.rates.rates()
        engines = await stack.enter_async_context(open_dragoman(names))
        governor = await _governor(engines, settings)
        bank = Bank(authenticator, Ledger(database), rates)
        supervisor = await stack.enter_async_context(
            open_supervisor(engines.loader.attach, bank, governor, settings.live.limits(), clocks)
        )
        await _keep_warm(engines, settings, supervisor)
        authenticate = _authenticate(settings, authenticator, clocks)
        rate = ConnectionRate(settings.server.connections_per_minute, clocks.monotonic)
        decoders = await stack.enter_async_context(StreamDecoders())
        stage = Stage(supervisor, settings.realtime.limits(supervisor.limits), decoders.open)
        live = _Live(
            _translator(settings, engines, supervisor, Door(authenticate, rate)),
            RtEndpoint(
                authenticate,
                rate,
                engines.capabilities,
                stage,
                origins=settings.server.cors_origins,
                path_prefix=settings.server.path_prefix,
            ),
        )
        defaults = KeyDefaults(settings.keys.expires, settings.keys.scopes)
        office = Office(database, secrecy, supervisor, engines.capabilities, rates, defaults, authenticate)
        batch = await stack.enter_async_context(
            open_batch(settings, database, engines.loader, rates, working=settings.jobs.in_server)
        )
        uploads = Uploads(UploadLimits(size=settings.jobs.largest << 20))
        desk = BatchDesk(batch, engines.capabilities, uploads, strict_targets=settings.jobs.strict_targets)
        health.supervisor = supervisor
        gc.collect()
        gc.freeze()  # what lives as long as the server is not looked at again; halves the tail of the latency
        await _greet(settings, Accounts(database), governor)
        yield live, office, desk


def _authenticate(settings: Settings, authenticator: Authenticator, clocks: Clocks) -> Authenticate:
    way = authenticator.authenticate_open if settings.server.open else authenticator.authenticate

    async def authenticate(credential: str | None) -> Principal:
        return await way(credential, clocks.utc())

    return authenticate


def _translator(settings: Settings, engines: Dragoman, supervisor: Supervisor, door: Door) -> SocketEndpoint:
    def connect(principal: Principal, client: Client) -> Connection:
        connection = Connection(
            principal,
            supervisor,
            engines.capabilities,
            client.emit,
            client.abort,
            default_source=settings.live.source_language,
        )
        supervisor.adopt(connection.serve)
        return connection

    return SocketEndpoint(door, connect, settings.server.cors_origins)


def _secret(settings: Settings) -> bytes:
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    return secret_from_file(settings.data_dir / "secret")


async def _governor(engines: Dragoman, settings: Settings) -> Governor:
    """For as many live sessions as the settings say or else this machine carries; where that can't be measured, one for
    each core."""
    unmeasured = Weights(voices=engines.loader.speech_cost)
    if settings.live.sessions:
        return Governor(settings.live.sessions, unmeasured.places)
    cores = available_cores()
    try:
        measured = await measured_capacity(engines.loader, settings.live.source_language, cores)
    except DragomanError as error:
        _log.warning("capacity_not_measured", code=error.code, message=error.message, remedy="Set live.sessions")
        return Governor(cores, unmeasured.places)
    return Governor(measured.sessions, measured.weights.places)


async def _keep_warm(engines: Dragoman, settings: Settings, supervisor: Supervisor) -> None:
    """Has engines loaded before the first session asks for them. One that can't be loaded is told to whoever does."""
    options = RunOptions(source=settings.live.source_language, recognition="live")
    streams = min(supervisor.governor.capacity, available_cores())
    try:
        await engines.loader.warm_live(options, streams)
    except DragomanError as error:
        _log.warning("engines_not_warm", code=error.code, message=error.message, remedy=error.remedy)
    else:
        supervisor.adopt(partial(engines.loader.keep_warm_live, options, streams))


async def _greet(settings: Settings, accounts: Accounts, governor: Governor) -> None:
    _log.info("ready", live_sessions=governor.capacity, since=datetime.now().astimezone().isoformat("T", "seconds"))
    if not settings.server.open and not await accounts.all(limit=1):
        _log.warning(
            "no_accounts",
            remedy="dragoman accounts create NAME --tokens 100000 && dragoman keys create --account NAME",
        )


def check(settings: Settings) -> None:
    """Raises :class:`InvalidSetting` for settings that contradict each other."""
    server = settings.server
    if server.open and not is_loopback(server.host):
        raise InvalidSetting(
            f"server.open is only for this machine, and server.host is {server.host}", remedy="Listen on 127.0.0.1"
        )
    if (server.tls_certificate is None) != (server.tls_key is None):
        raise InvalidSetting("server.tls_certificate and server.tls_key belong together", remedy="Give both, or none")


class _Server(uvicorn.Server):
    """Gives live sessions their tail before uvicorn closes the connections."""

    def __init__(self, config: uvicorn.Config, health: Health) -> None:
        super().__init__(config)
        self._health = health

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._health.supervisor is not None:
            await self._health.supervisor.wind_up()
        await super().shutdown(sockets)
        if not self.force_exit:
            self._captured_signals.clear()  # uvicorn would raise them again, as if they had not been heeded


def serve(settings: Settings, names: EngineNames | None = None) -> None:
    """Until a signal ends it. Raises what keeps the server from starting."""
    log_to_stderr()
    check(settings)
    server, health = settings.server, Health()
    options: dict[str, Any] = {}
    if server.tls_certificate is not None:
        options = {"ssl_certfile": server.tls_certificate, "ssl_keyfile": server.tls_key}
    config = uvicorn.Config(
        build(settings, health, names),
        host=server.host,
        port=server.port,
        loop="uvloop",
        http=BoundedHttp,
        ws=BoundedWebSocket,
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,  # doubles the CPU of a message, and speech does not compress
        timeout_graceful_shutdown=_GRACE,
        log_config=None,
        access_log=False,
        **options,
    )
    _Server(config, health).run()
    if health.failure is not None:
        raise health.failure
