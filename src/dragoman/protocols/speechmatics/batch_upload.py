"""A job's request as it arrives: its recording, and its text, go straight into the blobs, and never lie in memory."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

import anyio
import orjson
from fastapi import Request

from dragoman.core.errors import TooManyJobs
from dragoman.jobs.admission import Intake
from dragoman.jobs.texts import LARGEST, too_long
from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.batch_multipart import FormEvent, FormReader, PartBegins, PartData, PartEnds
from dragoman.storage.blobs import BlobWriter

_FIELDS: Final = ("config", "data_file", "text_file")
_LARGEST_CONFIG: Final = 4 << 20
"""Bytes; a thousand words to learn fit."""
_OVERHEAD: Final = 64 << 10
"""Bytes of a form beside what is in its parts."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    size: int = 4 << 30
    """Bytes of a recording."""
    idle: float = 30.0
    """Seconds without a byte."""
    grace: float = 60.0
    """Seconds after which an upload must have been as fast, on average, as ``slowest``."""
    slowest: int = 4096
    """Bytes a second."""
    per_account: int = 20
    """At a time."""


@dataclass
class Uploads:
    """Those that are arriving."""

    limits: UploadLimits
    _arriving: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def arriving(self, account_id: str) -> Iterator[None]:
        """Raises :class:`TooManyJobs`."""
        if self._arriving[account_id] >= self.limits.per_account:
            most = self.limits.per_account
            raise TooManyJobs(f"{most} uploads of the account are arriving already", remedy="Try again after one")
        self._arriving[account_id] += 1
        try:
            yield
        finally:
            self._arriving[account_id] -= 1
            if not self._arriving[account_id]:
                del self._arriving[account_id]


@dataclass(frozen=True, slots=True)
class Uploaded:
    config: str
    data_name: str | None
    """None: there was no recording."""
    text_name: str | None
    """The same of a text."""
    digest: bytes
    """Of all of it."""


async def receive(request: Request, intake: Intake, limits: UploadLimits) -> Uploaded:
    """Raises :class:`Refusal`, and ``ClientDisconnect`` when the client is gone."""
    reader = FormReader(request.headers.get("content-type", ""))
    async with AsyncExitStack() as stack:
        form = _Form(intake, limits, stack)
        async for data in _in_time(request, limits):
            for event in reader.feed(data):
                await form.take(event)
        reader.close()
    return form.uploaded()


async def _in_time(request: Request, limits: UploadLimits) -> AsyncIterator[bytes]:
    """What comes, as long as it does not come too slowly."""
    began, received = anyio.current_time(), 0
    pieces = request.stream()
    while True:
        late = began + limits.grace + received / limits.slowest
        deadline = min(anyio.current_time() + limits.idle, late)
        try:
            with anyio.fail_after(deadline - anyio.current_time()):
                data = await anext(pieces, None)
        except TimeoutError as error:
            raise Refusal(408, "Bad Request", "The upload came too slowly") from error
        if data is None:
            return
        received += len(data)
        if received > limits.size + _LARGEST_CONFIG + _OVERHEAD:
            raise _too_large(limits)
        yield data


class _Form:
    """Takes the parts; what is written is on the stack, so that an exception leaves no half of a recording."""

    def __init__(self, intake: Intake, limits: UploadLimits, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._intake = intake
        self._limits = limits
        self._seen: dict[str, str | None] = {}
        """Fields to the names of their files."""
        self._part = ""
        self._config = bytearray()
        self._writer: BlobWriter | None = None
        self._sound = hashlib.sha256()
        self._text = hashlib.sha256()

    async def take(self, event: FormEvent) -> None:
        match event:
            case PartBegins(name, file_name):
                await self._begin(name, file_name)
            case PartData(data):
                await self._add(data)
            case PartEnds() if self._part in ("data_file", "text_file"):
                await self._stack.pop_all().aclose()  # what was written appears under its key

    def uploaded(self) -> Uploaded:
        if "config" not in self._seen:
            raise Refusal(400, "Malformed request", "The field config is missing")
        try:
            config = self._config.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refusal(400, "Job rejected", "Job config JSON is invalid. Error: it is not UTF-8") from error
        name, text_name = self._name("data_file"), self._name("text_file")
        told = orjson.dumps([config, name, self._sound.hexdigest(), text_name, self._text.hexdigest()])
        return Uploaded(config, name, text_name, hashlib.sha256(told).digest())

    def _name(self, field: str) -> str | None:
        """Of the file in a field; None where there was no such field."""
        return (self._seen[field] or "") if field in self._seen else None

    async def _begin(self, name: str, file_name: str | None) -> None:
        if name not in _FIELDS:
            choices = ", ".join(_FIELDS)
            raise Refusal(400, "Malformed request", f"There is no field {name[:50]!r}; there are {choices}")
        if name in self._seen:
            raise Refusal(400, "Malformed request", f"The field {name} is there twice")
        self._seen[name] = file_name
        self._part = name
        if name == "data_file":
            self._writer = await self._stack.enter_async_context(self._intake.recording())
        elif name == "text_file":
            self._writer = await self._stack.enter_async_context(self._intake.text())

    async def _add(self, data: bytes) -> None:
        if self._part == "config":
            self._config += data
            if len(self._config) > _LARGEST_CONFIG:
                raise Refusal(413, "Bad Request", f"The config is larger than {_LARGEST_CONFIG} bytes")
        elif self._part == "data_file" and self._writer is not None:
            if self._writer.size + len(data) > self._limits.size:
                raise _too_large(self._limits)
            self._sound.update(data)
            await self._writer.write(data)
        elif self._part == "text_file" and self._writer is not None:
            if self._writer.size + len(data) > LARGEST:
                raise too_long()
            self._text.update(data)
            await self._writer.write(data)


def _too_large(limits: UploadLimits) -> Refusal:
    remedy = "Make it smaller, or have it fetched with fetch_data"
    return Refusal(413, "Bad Request", f"The recording is larger than {limits.size} bytes. {remedy}")
