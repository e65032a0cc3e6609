"""The server's own application with its database, engines and lifespan; only the network is missing."""

from contextlib import contextmanager

import anyio
import pytest
from starlette.testclient import TestClient

from dragoman.accounts.account import Accounts
from dragoman.accounts.keys import Keys
from dragoman.accounts.secrecy import Secrecy
from dragoman.billing.ledger import Ledger
from dragoman.config import Settings
from dragoman.engines.routing import EngineNames
from dragoman.live.clocks import Clocks
from dragoman.protocols.health import Health
from dragoman.server import build
from dragoman.storage.database import open_database

SECRET = "s" * 32


async def _first_keys(url):
    """An administrator's key, and that of a customer with 1000 tokens."""
    secrecy, now = Secrecy.of(SECRET.encode()), Clocks().utc()
    async with open_database(url) as database:
        keys = Keys(database, secrecy)
        root = await Accounts(database).create("root", now)
        demo = await Accounts(database).create("demo", now)
        await Ledger(database).grant("first", demo.id, 1000, now)
        admin = await keys.create(root.id, now, scopes=["admin"])
        return admin.text, (await keys.create(demo.id, now)).text


class Desk:
    def __init__(self, client, admin, key):
        self.client, self.admin, self.key = client, admin, key

    def ask(self, method, path, body=None, *, key=None, **headers):
        """As the administrator, unless with another key; "" shows none."""
        shown = self.admin if key is None else key
        if shown:
            headers["Authorization"] = f"Bearer {shown}"
        return self.client.request(method, path, json=body, headers=headers)

    def grant(self, name, tokens, once):
        return self.ask("POST", f"/v1/accounts/{name}/grants", {"tokens": tokens}, **{"Idempotency-Key": once})


@contextmanager
def opened(folder, **server):
    settings = Settings(data_dir=folder, secret=SECRET, live={"sessions": 3}, server=server)
    names = EngineNames("scripted", "scripted", "scripted", "scripted")
    admin, key = anyio.run(_first_keys, settings.database)
    application = build(settings, Health(), names)
    with TestClient(application, base_url="http://127.0.0.1:8090", raise_server_exceptions=False) as client:
        yield Desk(client, admin, key)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("data")) as desk:
        yield desk


@pytest.fixture
def open_desk(tmp_path):
    with opened(tmp_path, open=True, cors_origins=("https://app.example",), path_prefix="/speech") as desk:
        yield desk
