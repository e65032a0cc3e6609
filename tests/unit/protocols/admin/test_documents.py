"""docs/api.md and the program say the same."""

import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[4] / "docs/api.md"


@pytest.fixture(scope="module")
def text():
    return DOCUMENT.read_text()


def test_every_path_is_documented_and_every_documented_path_is_there(desk, text):
    described = desk.client.get("/openapi.json").json()["paths"]
    served = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    documented = re.findall(r"^\| `((?:GET|POST|PUT|PATCH|DELETE) \S+)`", text, flags=re.MULTILINE)
    assert sorted(documented) == sorted({*served, "GET /docs", "GET /openapi.json"})


def test_every_metric_is_documented(desk, text):
    ours = set(
        re.findall(
            r"^# TYPE (dragoman_(?:live|ledger|socketio|realtime)\w*)", desk.client.get("/metrics").text, re.MULTILINE
        )
    )
    ours = {name for name in ours if not name.endswith("_created")}
    assert ours == set(re.findall(r"^\| `(dragoman_\w+)", text, flags=re.MULTILINE))


def test_fields_of_bodies_are_documented(desk, text):
    schemas = desk.client.get("/openapi.json").json()["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Error"):
            continue
        for field in schema["properties"]:
            assert re.search(rf"\b{field}\b", text), f"docs/api.md does not tell of {field} in {name}"
