import shutil

import pytest
from tests.databases import sqlite_template
from tests.unit.protocols.speechmatics.batch import open_face

from dragoman.storage.database import open_database

__all__ = ["sqlite_template"]


@pytest.fixture
async def face(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "dragoman.db")
    async with open_database(f"sqlite:///{tmp_path}/dragoman.db") as database, open_face(database, tmp_path) as opened:
        yield opened
