"""Batch jobs on a server, here or elsewhere, over the HTTP that any other client would use."""

import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson

from dragoman.core.errors import (
    AuthError,
    CredentialUnknown,
    DragomanError,
    FileUnreadable,
    InvalidOption,
    InvalidText,
    JobError,
    JobExpired,
    JobNotFound,
    JobRunning,
    NotAudio,
    OutboundFailed,
    TooManyJobs,
)

_HELD: Final = 1
"""Seconds that an answer about a running job is held back: as often it is told how far the job is."""

_KINDS: Final[Mapping[int, type[DragomanError]]] = {
    400: InvalidOption,
    401: CredentialUnknown,
    403: AuthError,
    404: JobNotFound,
    410: JobExpired,
    422: InvalidOption,
    423: JobRunning,
    429: TooManyJobs,
}

_NAMED: Final[Mapping[str, type[DragomanError]]] = {
    "Job rejected due to invalid audio": NotAudio,
    "Job rejected due to invalid text": InvalidText,
}

Told = Callable[[int, int], None]
"""Bytes that have gone, of how many."""


class RemoteJobs:
    """Every method raises what the server answers, and :class:`OutboundFailed` when it does not."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def submit(
        self, config: Mapping[str, Any], file: Path | None, key: str | None, told: Told, text: Path | None = None
    ) -> str:
        """The new job's id; ``file`` None when the configuration says where the recording is fetched. ``text``: to be
        aligned with it."""
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("config", orjson.dumps(config).decode(), content_type="application/json")
        if text is not None:
            content = _content(text)
            form.add_field("text_file", content, filename=text.name, content_type="text/plain; charset=utf-8")
        headers = {} if key is None else {"Idempotency-Key": key}
        if file is None:
            return str((await self._json("POST", "v2/jobs", data=form, headers=headers))["id"])
        with _Watched(file, told) as recording:
            form.add_field("data_file", recording, filename=file.name, content_type="application/octet-stream")
            return str((await self._json("POST", "v2/jobs", data=form, headers=headers))["id"])

    async def listed(self, limit: int, *, deleted: bool) -> list[dict[str, Any]]:
        params = {"limit": str(limit), "include_deleted": str(deleted).lower()}
        jobs: list[dict[str, Any]] = (await self._json("GET", "v2/jobs", params=params))["jobs"]
        return jobs

    async def show(self, job_id: str, wait: int = 0) -> dict[str, Any]:
        job: dict[str, Any] = (await self._json("GET", f"v2/jobs/{job_id}", params={"wait": str(wait)}))["job"]
        return job

    async def wait(self, job_id: str, told: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """The job when it is over. Raises :class:`JobError` for one that was rejected."""
        while (job := await self.show(job_id, _HELD))["status"] == "running":
            told(job)
        if job["status"] != "done":
            reasons = "; ".join(error["message"] for error in job.get("errors", ())) or "it was deleted"
            raise JobError(f"the job {job_id} was {job['status']}: {reasons}")
        return job

    async def delete(self, job_id: str, *, force: bool) -> dict[str, Any]:
        params = {"force": str(force).lower()}
        job: dict[str, Any] = (await self._json("DELETE", f"v2/jobs/{job_id}", params=params))["job"]
        return job

    async def result(self, job_id: str, below: str, **params: str) -> AsyncIterator[bytes]:
        """The pieces of what is at that path below the job's."""
        async with self._answer("GET", f"v2/jobs/{job_id}/{below}", params=params) as answer:
            async for piece in answer.content.iter_chunked(1 << 18):
                yield piece

    async def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        async with self._answer(method, path, **request) as answer:
            try:
                found: dict[str, Any] = orjson.loads(await answer.read())
            except orjson.JSONDecodeError as error:
                raise _no_dragoman(str(answer.url)) from error
            return found

    @asynccontextmanager
    async def _answer(self, method: str, path: str, **request: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._session.request(method, path, **request) as answer:
                if answer.status >= HTTPStatus.BAD_REQUEST:
                    raise _told(answer.status, await answer.read(), str(answer.url))
                yield answer
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutboundFailed(
                f"the server cannot be reached: {error or type(error).__name__}", remedy="Check --url, and that it runs"
            ) from error


@asynccontextmanager
async def open_remote(url: str, key: str | None) -> AsyncIterator[RemoteJobs]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    # No bound on the whole: uploads and waiting take what they take, and Ctrl-C ends both.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=300)
    try:
        session = aiohttp.ClientSession(f"{url.rstrip('/')}/", headers=headers, timeout=timeout)
    except ValueError as error:
        raise InvalidOption(f"--url is {url!r}", remedy="Give an address such as http://127.0.0.1:8090") from error
    async with session:
        yield RemoteJobs(session)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileUnreadable(f"{file}: {error.strerror}", remedy="Name a text that can be read") from error


class _Watched(io.BufferedReader):
    """A file that tells how much of it was read. Raises :class:`FileUnreadable`."""

    def __init__(self, file: Path, told: Told) -> None:
        try:
            super().__init__(io.FileIO(file))
            self._size = file.stat().st_size
        except OSError as error:
            raise FileUnreadable(f"{file}: {error.strerror}", remedy="Name a recording that can be read") from error
        self._told = told
        self._gone = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._gone += len(data)
        self._told(self._gone, self._size)
        return data


def _told(status: int, body: bytes, url: str) -> DragomanError:
    """What a Speechmatics-compatible server answers, as an error of ours."""
    try:
        fault = orjson.loads(body)
        name, detail = str(fault["error"]), str(fault["detail"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return _no_dragoman(url)
    kind = _NAMED.get(name) or _KINDS.get(status, JobError)
    return kind(detail.rstrip("."))


def _no_dragoman(url: str) -> DragomanError:
    return OutboundFailed(f"{url} answers, and is no Dragoman", remedy="Check --url")
