"""The official clients' own code that reads documents."""

import warnings

import pytest


def client(module: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the package warns of its own old age
        return pytest.importorskip(module, reason=f"the official client with {module} is not installed")


@pytest.fixture(scope="session")
def batch_client():
    return client("speechmatics.batch")


@pytest.fixture(scope="session")
def legacy_adapters():
    return client("speechmatics.adapters")
