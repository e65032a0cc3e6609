"""Fixtures for every tier of tests."""

import os
from pathlib import Path

import pytest

SHARED_DATA = Path(os.environ.get("DRAGOMAN_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings; never copied into the project, so tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real recordings not found at {SHARED_DATA} (set DRAGOMAN_SHARED_DATA)")
    return SHARED_DATA


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
