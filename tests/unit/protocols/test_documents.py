"""The page for people, below a path prefix as a gateway has it."""

import re


def test_everything_that_the_page_needs_comes_from_the_server(open_desk):
    page = open_desk.client.get("/speech/docs").text
    needed = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    assert any(path.endswith(".js") for path in needed)
    assert any(path.endswith(".css") for path in needed)
    for path in needed:
        assert path.startswith(("/speech/", "data:")), path
        assert path.startswith("data:") or open_desk.client.get(path).status_code == 200
    assert "https:" not in page
    assert '"validatorUrl": null' in page


def test_the_description_for_programs_knows_where_it_stands(open_desk):
    assert "/speech/openapi.json" in open_desk.client.get("/speech/docs").text
    assert open_desk.client.get("/speech/openapi.json").json()["servers"] == [{"url": "/speech"}]


def test_there_is_nothing_else_beside_them(open_desk):
    assert open_desk.client.get("/speech/docs/assets/nothing.js").json()["code"] == "not_found"
    assert open_desk.client.get("/speech/docs/assets/../core.py").status_code == 404
