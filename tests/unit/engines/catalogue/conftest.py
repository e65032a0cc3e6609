from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.engines.catalogue.sites import Site, serve


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty models folder, and none of the settings of whoever runs the tests."""
    for name in ("DRAGOMAN_MODELS_MIRROR", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "models"
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(folder))
    return folder


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with serve(site) as server:
        yield site
        site.over.set()
        server.shutdown()
