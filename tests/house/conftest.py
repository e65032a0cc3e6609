"""The house's own rules, as tests: they read the repository, not a running program."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def modules() -> list[Path]:
    """Every module of the package that has something in it."""
    return sorted(path for path in (ROOT / "src").rglob("*.py") if path.stat().st_size)


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every file that git keeps, or would after ``git add``."""
    listing = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout, so nothing says which files belong to it")
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]
