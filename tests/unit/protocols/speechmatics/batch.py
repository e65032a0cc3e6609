"""The batch face in one process: the server's own application on a database and blobs of its own, scripted engines, and
jobs that run when a test says so. Only the network and the queue are missing."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from tests.unit.jobs.yard import TOKENS, Yard, account_with, now, open_yard, scripted, write_wav
from tests.unit.protocols.speechmatics.rt import CAPABILITIES

from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.keys import Keys
from dragoman.accounts.secrecy import Secrecy
from dragoman.accounts.tokens import mint
from dragoman.billing.rates import Rates
from dragoman.config import Settings
from dragoman.core.capabilities import Heard, Spoken
from dragoman.engines import routing
from dragoman.jobs.model import Job
from dragoman.protocols.admin.office import KeyDefaults, Office
from dragoman.protocols.health import Health
from dragoman.protocols.speechmatics.batch_desk import BatchDesk
from dragoman.protocols.speechmatics.batch_upload import UploadLimits, Uploads
from dragoman.server import api_of

__all__ = ["CAPABILITIES", "TOKENS", "write_wav"]

ABLE = replace(
    CAPABILITIES,
    heard=(*CAPABILITIES.heard, Heard("ca", "ears", streaming=True)),
    spoken=(Spoken("es", "mouth", ("maria", "juan")),),
)


def config(language="en", targets=None, **more):
    made = {"type": "transcription", "transcription_config": {"language": language}}
    if targets is not None:
        made["translation_config"] = {"target_languages": targets}
    return made | more


@dataclass
class Face:
    yard: Yard
    desk: BatchDesk
    application: object
    client: httpx2.AsyncClient
    keys: Keys
    secrecy: Secrecy
    key: str
    silence: bytes
    folder: Path

    def limit(self, **limits):
        self.desk = replace(self.desk, batch=self.yard.limited(**limits).batch)

    async def ask(self, method, path, *, key=None, **more):
        headers = {"Authorization": f"Bearer {key or self.key}"} | more.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **more)

    async def get(self, path, **more):
        return await self.ask("GET", path, **more)

    async def submit(self, wanted=None, recording=None, *, name="a.wav", query="", **more):
        """The configuration first, as Python's clients do."""
        text = wanted if isinstance(wanted, str) else json.dumps(config(targets=["es"]) if wanted is None else wanted)
        form = [("config", (None, text))]
        form.append(("data_file", (name, self.silence if recording is None else recording, "audio/wav")))
        return await self.ask("POST", f"/v2/jobs{query}", files=form, **more)

    async def job(self, *arguments, **more) -> Job:
        """Accepted."""
        answer = await self.submit(*arguments, **more)
        assert answer.status_code == 201, answer.text
        return await self.yard.jobs.get(answer.json()["id"])

    async def done(self, *arguments, **more) -> str:
        """The id of a job that has run."""
        job = await self.yard.perform(await self.job(*arguments, **more))
        assert job.status == "done", job.errors
        return job.id

    async def principal(self):
        return await Authenticator(self.yard.database, self.secrecy).authenticate(self.key, now())

    async def temporary(self, **more):
        return mint(self.secrecy, await self.principal(), 600, now(), scopes=["batch"], **more).text

    async def other_account(self, scopes=("batch",)):
        account = await account_with(self.yard.database, "other", 100)
        return (await self.keys.create(account, now(), scopes=scopes)).text

    async def is_untouched(self):
        """Whether nothing is left of what was refused."""
        balance = await self.yard.ledger.balance(self.yard.account)
        rows = await self.yard.jobs.latest(self.yard.account, limit=100, include_deleted=True)
        return (balance.available, rows, await self.yard.blobs.names("jobs")) == (TOKENS, [], [])


@asynccontextmanager
async def open_face(database, folder, limits: UploadLimits | None = None, **desk) -> AsyncIterator[Face]:
    secrecy = Secrecy.of(b"s" * 32)
    keys, authenticator = Keys(database, secrecy), Authenticator(database, secrecy)

    async def authenticate(credential):
        return await authenticator.authenticate(credential, now())

    async with open_yard(database, folder) as yard:
        found = routing.capabilities(routing.survey(scripted()))
        made = BatchDesk(yard.batch, found, Uploads(limits or UploadLimits()), **desk)
        office = Office(
            database, secrecy, None, made.capabilities, Rates(batch=2), KeyDefaults(None, ("batch",)), authenticate
        )
        api = api_of(Settings(data_dir=folder), Health())

        async def application(scope, receive, send):
            await api(scope | {"state": {"office": office, "batch": face.desk}}, receive, send)

        transport = httpx2.ASGITransport(application, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            key = (await keys.create(yard.account, now(), scopes=["batch"])).text
            silence = write_wav(folder / "silence.wav", 3.0).read_bytes()
            face = Face(yard, made, application, client, keys, secrecy, key, silence, folder)
            yield face
