"""Clients of a server that may be killed at any moment: they ask again until they are answered."""

import random
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
import anyio
import orjson
from aiohttp import web

TARGETS = ["es", "fr"]


@dataclass
class Told:
    """Where the ends of jobs are told."""

    url: str = ""
    heard: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a job was said to have ended so, by id and status."""

    async def handle(self, request: web.Request) -> web.Response:
        await request.read()
        self.heard[request.query["id"], request.query["status"]] += 1
        return web.Response()

    async def serve(self, *, task_status=anyio.TASK_STATUS_IGNORED) -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            task_status.started()
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await runner.cleanup()


@dataclass
class Customer:
    """One account's client, which submits one recording after another."""

    account: str
    key: str
    recording: bytes
    told: Told
    chance: random.Random
    answered: dict[str, str] = field(default_factory=dict)
    """What was promised: names of recordings to ids of jobs."""
    repeated: Counter[str] = field(default_factory=Counter)
    """How often a request with an idempotency key was answered."""
    unheard: int = 0
    """Requests that got no answer, and had no idempotency key: they may have made a job."""

    async def submit(self, name: str, urls: list[str], *, idempotent: bool) -> None:
        """Until there is an answer, by whichever server."""
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {self.key}"}) as session:
            while name not in self.answered:
                try:
                    await self._attempt(session, self.chance.choice(urls), name, idempotent=idempotent)
                except (aiohttp.ClientError, ConnectionError) as error:
                    self.unheard += not idempotent and not isinstance(error, aiohttp.ClientConnectorError)
                    await anyio.sleep(self.chance.uniform(0.05, 0.3))

    async def _attempt(self, session: aiohttp.ClientSession, url: str, name: str, *, idempotent: bool) -> None:
        form = aiohttp.FormData()
        form.add_field("config", orjson.dumps(self._config()).decode())
        form.add_field("data_file", self._slowly(), filename=name)
        headers = {"Idempotency-Key": name} if idempotent else {}
        async with session.post(f"{url}/v2/jobs", data=form, headers=headers) as answer:
            body = await answer.json()
            assert answer.status == 201, body
        self.answered[name] = body["id"]
        if idempotent and self.chance.random() < 0.3:
            await self._again(session, url, name)

    async def _again(self, session: aiohttp.ClientSession, url: str, name: str) -> None:
        """Asks for the same once more, as if the answer had been lost."""
        form = aiohttp.FormData()
        form.add_field("config", orjson.dumps(self._config()).decode())
        form.add_field("data_file", self.recording, filename=name)
        async with session.post(f"{url}/v2/jobs", data=form, headers={"Idempotency-Key": name}) as answer:
            assert (answer.status, (await answer.json())["id"]) == (201, self.answered[name])
        self.repeated[name] += 1

    def _config(self) -> dict:
        return {
            "type": "transcription",
            "transcription_config": {"language": "en"},
            "translation_config": {"target_languages": TARGETS},
            "notification_config": [{"url": f"{self.told.url}/{n}", "contents": ["jobinfo"]} for n in range(2)],
        }

    async def _slowly(self):
        """In pieces, so that a server is killed in the middle of one."""
        step = len(self.recording) // 4
        for first in range(0, len(self.recording), step):
            yield self.recording[first : first + step]
            await anyio.sleep(self.chance.uniform(0, 0.1))
