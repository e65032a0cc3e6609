import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases import postgres_template, sqlite_template

pytest.register_assert_rewrite("tests.service.promises")

__all__ = ["postgres_template", "sqlite_template"]


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: thousands of transactions are synced to it."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(dir=memory, prefix="dragoman-test-"))
    yield folder
    shutil.rmtree(folder)
