"""The chat adapter, against a local server that answers rightly, slowly, half, too often and in other shapes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

import pytest
from tests.chat_server import Server, chat_server, completion, drip, echo, raw

from dragoman.core.errors import EngineFailed, EngineUnavailable, UnsupportedLanguage
from dragoman.engines.adapters import openai_translator
from dragoman.engines.adapters.openai_http import ChatEndpoint
from dragoman.engines.adapters.openai_settings import OpenAiSettings, Term, read_settings
from dragoman.engines.adapters.openai_translator import OpenAiTranslator

KEY = "sk-very-secret"


@pytest.fixture
def server() -> Iterator[Server]:
    with chat_server() as found:
        yield found


def settings_for(server: Server, **changes: object) -> OpenAiSettings:
    environment = {"DRAGOMAN_OPENAI_URL": server.url, "DRAGOMAN_OPENAI_MODEL": "m", "DRAGOMAN_OPENAI_KEY": KEY}
    return replace(read_settings(environment=environment), **changes)


def engine_for(server: Server, slept: list[float] | None = None, **changes: object) -> OpenAiTranslator:
    settings = settings_for(server, **changes)
    sleep = time.sleep if slept is None else slept.append
    return OpenAiTranslator(settings, ChatEndpoint(settings, sleep=sleep))


def test_a_sentence_is_one_request_at_temperature_0(server):
    assert engine_for(server).translate(["Hello."], "en", "es") == ["<Hello.>"]
    (request,) = server.requests
    assert (request["path"], request["model"], request["temperature"]) == ("/v1/chat/completions", "m", 0)
    assert "from English (en) to Spanish (es)" in request["messages"][0]["content"]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_without_a_key_none_is_sent(server):
    engine_for(server, key="").translate(["Hello."], "en", "es")
    assert "Authorization" not in server.headers[0]


def test_the_last_sentences_go_along_and_only_those(server):
    engine = engine_for(server, context=2)
    answers = engine.translate_in_context(["Three.", "Four."], "en", "es", ["Zero.", "One.", "Two."])
    assert answers == ["<Three.>", "<Four.>"]
    instructions = [request["messages"][0]["content"] for request in server.requests]
    assert instructions[0].endswith("\nOne.\nTwo.")
    assert instructions[1].endswith("\nTwo.\nThree.")
    engine_for(server, context=0).translate(["One.", "Two."], "en", "es")
    assert "One." not in server.requests[-1]["messages"][0]["content"]


def test_the_glossary_is_sent_where_its_words_are(server):
    terms = (
        Term("en", "es", "Board", "Consejo"),
        Term("en", "fr", "board", "conseil"),
        Term("en", "es", "chair", "silla"),
    )
    engine_for(server, terms=terms).translate(["The board met."], "en", "es")
    said = server.requests[0]["messages"][0]["content"]
    assert "Board = Consejo" in said
    assert "conseil" not in said
    assert "silla" not in said


@pytest.mark.parametrize("sentence", ["", "123", "😀"])
def test_what_has_no_letters_is_not_sent(server, sentence):
    assert engine_for(server).translate([sentence], "en", "es") == [sentence]
    assert server.requests == []


@pytest.mark.parametrize(
    ("content", "sentence", "text"),
    [
        ("Hola.\n", "Hello.", "Hola."),
        ('"Hola."', "Hello.", "Hola."),
        ("«Hola.»", "Hello.", "Hola."),
        ('"Hola"', '"Hello"', '"Hola"'),
        ("Hola\x00\nmundo", "Hello world", "Hola mundo"),
    ],
)
def test_the_answer_is_cleaned(server, content, sentence, text):
    server.answers = [raw(completion(content))]
    assert engine_for(server).translate([sentence], "en", "es") == [text]


@pytest.mark.parametrize(
    ("header", "waited"),
    [({"Retry_After": "7"}, 7.0), ({}, None), ({"Retry_After": "soon"}, None), ({"Retry_After": "0"}, 0.0)],
)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again_when_it_says(server, status, header, waited):
    server.answers = [raw(b"busy", status, **header), raw(b"busy", status, **header), echo]
    slept: list[float] = []
    assert engine_for(server, slept).translate(["Hello."], "en", "es") == ["<Hello.>"]
    if waited is None:
        assert 0.5 <= slept[0] <= slept[1] <= 1.5
    else:
        assert slept == [waited, waited]


def test_a_date_to_try_again_at_is_understood(server):
    server.answers = [raw(b"", 429, Retry_After=formatdate(time.time() + 9, usegmt=True)), echo]
    slept: list[float] = []
    engine_for(server, slept).translate(["Hello."], "en", "es")
    assert 5 < slept[0] <= 9


def test_attempts_are_bounded(server):
    server.answers = [raw(b"", 503)]
    with pytest.raises(EngineFailed, match="answered with status 503"):
        engine_for(server, []).translate(["Hello."], "en", "es")
    assert len(server.requests) == 4


def test_a_server_that_asks_to_wait_for_long_is_not_waited_for(server):
    server.answers = [raw(b"", 429, Retry_After="3600")]
    with pytest.raises(EngineFailed, match="429"):
        engine_for(server, slept := []).translate(["Hello."], "en", "es")
    assert slept == []


@pytest.mark.parametrize("answer", [drip, lambda *_: time.sleep(0.6)], ids=["drips", "silent"])
def test_a_slow_server_is_given_up(server, answer):
    server.answers = [answer]
    with pytest.raises(EngineFailed, match=r"took more than 0\.2 s"):
        engine_for(server, timeout=0.2).translate(["Hello."], "en", "es")


def test_half_an_answer_is_asked_for_again(server):
    server.answers = [raw(completion("Hola.")[:20], length=99), echo]
    assert engine_for(server, []).translate(["Hello."], "en", "es") == ["<Hello.>"]
    server.answers = [raw(completion("Hola.")[:20], length=99)]
    with pytest.raises(EngineFailed, match=r"cut its answer off|could not be reached"):
        engine_for(server, []).translate(["Hello."], "en", "es")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "something else than JSON"),
        (b"[]", "another shape"),
        (b'{"choices": []}', "another shape"),
        (b'{"choices": [{"message": {"content": null}}]}', "another shape"),
        (b'{"choices": [{"message": {"content": [{"text": "a"}]}}]}', "another shape"),
        (b'{"translatedText": "Hola"}', "another shape"),
        (completion(""), "answered nothing"),
        (completion("Ho", "length"), "did not finish"),
        (completion("Hola. " * 500), "3000|2999 characters for a sentence of 6"),
        (b" " * (2 << 20), "more than 1024 kB"),
    ],
)
def test_answers_of_another_shape_are_refused(server, body, message):
    server.answers = [raw(body)]
    with pytest.raises(EngineFailed, match=message):
        engine_for(server, []).translate(["Hello."], "en", "es")


@pytest.mark.parametrize(("status", "remedy"), [(401, "OPENAI_KEY"), (403, "OPENAI_KEY"), (404, "OPENAI_URL")])
def test_what_the_operator_must_change_is_said_at_once(server, status, remedy):
    server.answers = [raw(f"wrong key {KEY}".encode(), status)]
    with pytest.raises(EngineUnavailable) as raised:
        engine_for(server, []).translate(["Hello."], "en", "es")
    assert remedy in raised.value.remedy
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 302, 418])
def test_other_refusals_are_not_repeated(server, status):
    server.answers = [raw(b"no", status, Location="http://127.0.0.1:1/")]
    with pytest.raises(EngineFailed, match=str(status)):
        engine_for(server, []).translate(["Hello."], "en", "es")
    assert len(server.requests) == 1


def test_a_server_that_is_not_there(server):
    with pytest.raises(EngineFailed, match=r"127\.0\.0\.1 could not be reached: ConnectionRefusedError"):
        engine_for(server, [], url="http://127.0.0.1:9").translate(["Hello."], "en", "es")


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_neither_key_nor_text_is_in_what_is_said(server, status, capfd):
    server.answers = [raw(f"{KEY} said: Attack at dawn.".encode(), status)]
    with pytest.raises((EngineFailed, EngineUnavailable)) as raised:
        engine_for(server, []).translate(["Attack at dawn."], "en", "es")
    shown = f"{raised.value} {raised.value.__cause__!r} {settings_for(server)!r} {capfd.readouterr()}"
    assert KEY not in shown
    assert "dawn" not in shown


def test_it_is_off_unless_configured(monkeypatch):
    for name in ("URL", "MODEL", "KEY"):
        monkeypatch.delenv(f"DRAGOMAN_OPENAI_{name}", raising=False)
    with pytest.raises(EngineUnavailable, match="No OpenAI-compatible endpoint") as raised:
        openai_translator.describe()
    assert "DRAGOMAN_OPENAI_URL" in raised.value.remedy


def test_what_it_is_when_configured(server, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_OPENAI_URL", server.url)
    monkeypatch.setenv("DRAGOMAN_OPENAI_LANGUAGES", "en, es,zh")
    info = openai_translator.describe("mistral")
    assert set(info.pairs) == {(a, b) for a in ("en", "es", "zh") for b in ("en", "es", "zh") if a != b}
    assert (info.rank < 0, info.context) == (True, 3)
    engine = openai_translator.load("mistral")
    engine.prepare("en", "es")
    engine.translate(["Hello."], "en", "es")
    assert server.requests[0]["model"] == "mistral"
    with pytest.raises(UnsupportedLanguage, match="en-ja"):
        engine.translate(["Hello."], "en", "ja")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("URL", "ftp://a", "no http or https"),
        ("URL", "http://", "no http or https"),
        ("LANGUAGES", "en,klingonish!", "LANGUAGES"),
        ("TIMEOUT", "soon", "TIMEOUT is 'soon'"),
        ("TIMEOUT", "0", "TIMEOUT is '0'"),
        ("TIMEOUT", "nan", "TIMEOUT is 'nan'"),
        ("CONTEXT", "21", "CONTEXT is '21'"),
        ("GLOSSARY", "/no/such/file", "cannot be read"),
    ],
)
def test_settings_that_are_not_allowed_are_named(name, value, message):
    environment = {"DRAGOMAN_OPENAI_URL": "http://a/v1", "DRAGOMAN_OPENAI_MODEL": "m", f"DRAGOMAN_OPENAI_{name}": value}
    with pytest.raises(EngineUnavailable, match=message) as raised:
        read_settings(environment=environment)
    assert raised.value.remedy


def test_a_glossary_is_read_and_its_bad_lines_are_named(tmp_path):
    path = tmp_path / "terms.tsv"
    environment = {
        "DRAGOMAN_OPENAI_URL": "http://a/v1",
        "DRAGOMAN_OPENAI_MODEL": "m",
        "DRAGOMAN_OPENAI_GLOSSARY": str(path),
    }
    path.write_text("# ours\n\nen-es\tboard\tconsejo\neng-spa\tchair\tsilla\n")
    assert read_settings(environment=environment).terms == (
        Term("en", "es", "board", "consejo"),
        Term("en", "es", "chair", "silla"),
    )
    for line in ("en-es\tboard", "enes\tboard\tconsejo", "en-xx!\ta\tb", "en-es\t\tb"):
        path.write_text(f"en-es\ta\tb\n{line}\n")
        with pytest.raises(EngineUnavailable, match="Line 2 of the glossary"):
            read_settings(environment=environment)
    path.write_text("en-es\ta\tb\n" * 10_001)
    with pytest.raises(EngineUnavailable, match="more than 10000"):
        read_settings(environment=environment)
