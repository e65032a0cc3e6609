import base64
import json
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.core.audio import OUTPUT_RATE, AudioChunk, join
from dragoman.core.capabilities import Capabilities, Heard, Translated
from dragoman.core.errors import (
    AtCapacity,
    DragomanError,
    EngineUnavailable,
    InsufficientTokens,
    InvalidMessage,
    SenderTooFast,
    UnknownLanguage,
)
from dragoman.core.events import (
    EndOfUtterance,
    FinalTranscript,
    FinalTranslation,
    Notice,
    PartialTranscript,
    Progress,
    RunEnded,
    SynthesizedAudio,
)
from dragoman.core.transcript import Sentence, Translation, Word
from dragoman.live.events import Attached, Closed, Exhausted, Initializing, Listening, Refused, Trouble
from dragoman.protocols.socketio.protocol import MAX_CHUNK, Conversation, Start

CAPABILITIES = Capabilities(
    heard=(Heard("en", "x", streaming=True), Heard("de", "x", streaming=False)),
    translated=(Translated("en", "es", ("x",)), Translated("en", "zh", ("x",))),
    spoken=(),
)
ATTACHED = Attached("en", ("es",), ("scripted",), ("es",))
CLOSED = Closed("stopped", 7, 14)
LIFE = [Initializing(), ATTACHED, Listening()]


def new():
    return Conversation(CAPABILITIES)


def wire(conversation, *events):
    """What the client gets, as it stands on the wire."""
    return [
        (event.name,) if event.payload is None else (event.name, json.loads(json.dumps(event.payload)))
        for session_event in events
        for event in conversation.encode(session_event)
    ]


@pytest.fixture
def listening():
    conversation = new()
    conversation.start({"targetLanguage": "es"}, 0.0)
    wire(conversation, *LIFE)
    return conversation


def sentence(text, language="en"):
    return FinalTranscript(Sentence(tuple(Word(word, 0, 1) for word in text.split()), language))


def translation(text, language="es"):
    return FinalTranslation(Translation(text, language, 0, 1))


def chunk(pcm):
    return {"audioData": base64.b64encode(pcm).decode()}


# --- starting ---


@pytest.mark.parametrize(
    ("payload", "start"),
    [
        ({"targetLanguage": "es"}, Start("es", None, None, 1.0, partials=False)),
        ({"targetLanguage": " pt-br "}, Start("pt-BR", None, None, 1.0, partials=False)),
        ({"targetLanguage": "cmn", "sourceLanguage": ""}, Start("zh", None, None, 1.0, partials=False)),
        (
            {"targetLanguage": "es", "sourceLanguage": "EN", "voice": "v", "speed": 2, "partials": True, "glossary": 1},
            Start("es", "en", "v", 2.0, partials=True),
        ),
    ],
)
def test_starts(payload, start):
    assert new().start(payload, 0.0) == start


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (None, "translation_start needs an object"),
        ("es", "translation_start needs an object"),
        ([], "translation_start needs an object"),
        ({}, "targetLanguage is missing"),
        ({"targetLanguage": None}, "targetLanguage is missing"),
        ({"targetLanguage": ""}, "targetLanguage is missing"),
        ({"targetLanguage": 5}, "targetLanguage must be a text, not 5"),
        ({"targetLanguage": b"es"}, "targetLanguage must be a text, not b'es'"),
        ({"targetLanguage": "es", "sourceLanguage": ["en"]}, "sourceLanguage must be a text, not ['en']"),
        ({"targetLanguage": "es", "voice": 1}, "voice must be a text, not 1"),
        ({"targetLanguage": "es", "speed": 0.4}, "speed must be a number from 0.5 to 2, not 0.4"),
        ({"targetLanguage": "es", "speed": True}, "speed must be a number from 0.5 to 2, not True"),
        ({"targetLanguage": "es", "speed": "fast"}, "speed must be a number from 0.5 to 2, not 'fast'"),
        ({"targetLanguage": "es", "partials": "yes"}, "partials must be true or false, not 'yes'"),
    ],
)
def test_starts_that_are_not_understood(payload, problem):
    conversation = new()
    with pytest.raises(InvalidMessage) as caught:
        conversation.start(payload, 0.0)
    assert caught.value.message == problem
    assert not conversation.in_session


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (
            {"targetLanguage": "klingonese"},
            "targetLanguage: 'klingonese' is not a language code. Possible: en, es, zh",
        ),
        (
            {"targetLanguage": "es", "sourceLanguage": "??"},
            "sourceLanguage: '??' is not a language code. Possible: en",
        ),
    ],
)
def test_an_unknown_language_is_named_with_what_is_possible(payload, message):
    with pytest.raises(UnknownLanguage) as caught:
        new().start(payload, 0.0)
    assert str(caught.value) == message


def test_a_huge_field_is_not_repeated():
    with pytest.raises(DragomanError) as caught:
        new().start({"targetLanguage": "x" * 1_000_000}, 0.0)
    assert len(str(caught.value)) < 200
    with pytest.raises(DragomanError) as caught:
        new().start({"targetLanguage": ["x"] * 1_000_000}, 0.0)
    assert len(str(caught.value)) < 200


def test_a_second_start_is_refused_and_the_session_goes_on(listening):
    with pytest.raises(InvalidMessage, match="already running"):
        listening.start({"targetLanguage": "fr"}, 0.0)
    assert listening.audio(chunk(b"ab"), 0.0).pcm == b"ab"


def test_sessions_follow_one_another(listening):
    wire(listening, sentence("Hello."), translation("Hola."))
    assert wire(listening, CLOSED) == [("translation_closed", {"reason": "stopped", "seconds": 7, "tokens": 14})]
    assert listening.start({"targetLanguage": "zh"}, 0.0).target == "zh"
    assert wire(listening, translation("你好。", "zh")) == [("output_transcript", {"delta": "你好。"})]
    assert listening.audio(chunk(b"ab"), 0.0).start_time == 0.0


# --- audio ---


def test_audio_is_placed_on_one_time_line(listening):
    first, second = listening.audio(chunk(b"\1\2" * 2400), 0.0), listening.audio(chunk(b"\3\4"), 0.0)
    assert (first.sample_rate, first.start_time, second.start_time) == (24_000, 0.0, 0.1)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=12), st.booleans())
def test_cut_anywhere_it_is_the_same_audio(pcm, cuts, binary):
    conversation = new()
    conversation.start({"targetLanguage": "es"}, 0.0)
    edges = [0, *sorted(min(cut, len(pcm)) for cut in cuts), len(pcm)]
    pieces = [pcm[first:last] for first, last in pairwise(edges)]
    heard = [conversation.audio({"audioData": piece} if binary else chunk(piece), 0.0) for piece in pieces]
    chunks = [each for each in heard if each is not None]
    assert b"".join(each.pcm for each in chunks) == pcm[: len(pcm) // 2 * 2]
    if chunks:
        whole = join(chunks)
        assert whole.start_time == 0.0
        assert chunks[-1].end_time == pytest.approx(whole.end_time)


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (None, "audioData is missing"),
        ("AAAA", "audioData is missing"),
        ({}, "audioData is missing"),
        ({"audioData": None}, "audioData is missing"),
        ({"audioData": 5}, "audioData is missing"),
        ({"audioData": {"_placeholder": True, "num": 0}}, "audioData is missing"),
        ({"audioData": "AAA"}, "audioData is not base64"),
        ({"audioData": "A A A A "}, "audioData is not base64"),
        ({"audioData": "äöü="}, "audioData is not base64"),
        ({"audioData": "data:audio/pcm;base64,AAAA"}, "audioData is not base64"),
        ({"audioData": bytes(MAX_CHUNK + 1)}, f"audioData holds {MAX_CHUNK + 1} bytes"),
        (chunk(bytes(MAX_CHUNK + 1)), f"audioData holds {MAX_CHUNK + 1} bytes"),
    ],
)
def test_audio_that_is_none(listening, payload, problem):
    with pytest.raises(InvalidMessage) as caught:
        listening.audio(payload, 0.0)
    assert caught.value.message.startswith(problem)
    assert listening.audio(chunk(b"ab"), 0.0).pcm == b"ab"


def test_the_largest_chunk(listening):
    assert listening.audio(chunk(bytes(MAX_CHUNK)), 0.0).samples == MAX_CHUNK // 2


def test_audio_before_the_start_is_refused():
    with pytest.raises(InvalidMessage, match="There is no session"):
        new().audio(chunk(b"ab"), 0.0)


def test_audio_before_ready_is_held_up_to_ten_seconds_and_refused_once():
    conversation = new()
    conversation.start({"targetLanguage": "es"}, 0.0)
    second = chunk(bytes(48_000))
    held = [conversation.audio(second, 0.0) for _ in range(10)]
    assert all(held)
    with pytest.raises(InvalidMessage, match="before ready_for_audio"):
        conversation.audio(second, 0.0)
    assert conversation.audio(second, 0.0) is None
    wire(conversation, *LIFE)
    assert conversation.audio(second, 0.0).start_time == 10.0


def test_what_is_dropped_leaves_the_samples_whole():
    conversation = new()
    conversation.start({"targetLanguage": "es"}, 0.0)
    with pytest.raises(InvalidMessage, match="before ready_for_audio"):
        conversation.audio(chunk(bytes(480_002) + b"\1"), 0.0)
    wire(conversation, *LIFE)
    assert conversation.audio(chunk(b"\2"), 0.0).pcm == b"\1\2"


def test_audio_faster_than_time_is_refused_once_until_time_has_caught_up(listening):
    second = chunk(bytes(48_000))
    assert all(listening.audio(second, 0.0) for _ in range(30))
    with pytest.raises(SenderTooFast):
        listening.audio(second, 0.0)
    assert listening.audio(second, 0.9) is None
    assert listening.audio(second, 1.0).start_time == 30.0
    assert listening.audio(second, 1.0) is None
    assert listening.audio(second, 20.0).start_time == 31.0
    assert all(listening.audio(second, 20.0) for _ in range(18))
    with pytest.raises(SenderTooFast):
        listening.audio(second, 20.0)


def test_every_session_has_its_own_time(listening):
    listening.audio(chunk(bytes(MAX_CHUNK)), 0.0)
    wire(listening, CLOSED)
    listening.start({"targetLanguage": "es"}, 1.0)
    wire(listening, *LIFE)
    assert listening.audio(chunk(bytes(MAX_CHUNK)), 1.0)


def test_audio_that_is_late_is_no_mistake(listening):
    listening.stop()
    assert listening.audio(chunk(b"ab"), 0.0) is None
    wire(listening, CLOSED)
    assert listening.audio(chunk(b"ab"), 0.0) is None


# --- stopping ---


def test_a_stop_without_session_is_an_error(listening):
    with pytest.raises(InvalidMessage, match="no session to stop"):
        new().stop()
    wire(listening, CLOSED)
    with pytest.raises(InvalidMessage, match="no session to stop"):
        listening.stop()


def test_a_second_stop_says_nothing_new(listening):
    assert listening.stop()
    assert not listening.stop()


# --- what the client gets ---


def test_the_status_events_in_their_order():
    conversation = new()
    conversation.start({"targetLanguage": "es"}, 0.0)
    assert wire(conversation, *LIFE) == [
        ("session_initializing",),
        (
            "translation_ready",
            {"sourceLanguage": "en", "targetLanguage": "es", "speech": True, "engines": ["scripted"]},
        ),
        ("ready_for_audio",),
    ]


def test_captions_only():
    ((_, payload),) = wire(new(), Attached("en", ("is",), ("a", "b"), ()))
    assert payload["speech"] is False


def test_a_stop_that_crosses_ready_still_counts():
    conversation = new()
    conversation.start({"targetLanguage": "es"}, 0.0)
    conversation.stop()
    wire(conversation, *LIFE)
    assert conversation.audio(chunk(b"ab"), 0.0) is None


def test_audio_out(listening):
    assert wire(listening, SynthesizedAudio("es", AudioChunk(b"\1\2\3\4", OUTPUT_RATE))) == [
        ("output_audio", {"delta": "AQIDBA=="})
    ]


@pytest.mark.parametrize(
    ("language", "texts", "whole"),
    [
        ("es", ["Hola.", "¿Qué tal?"], "Hola. ¿Qué tal?"),
        ("zh", ["你好。", "今天很好。"], "你好。今天很好。"),
        ("ja", ["こんにちは。", "はい。"], "こんにちは。はい。"),
        ("th", ["สวัสดี", "ขอบคุณ"], "สวัสดี ขอบคุณ"),
        ("es", ["Hola.", "", "Adiós."], "Hola. Adiós."),
    ],
)
def test_deltas_concatenate_to_the_text(listening, language, texts, whole):
    events = wire(listening, *(translation(text, language) for text in texts))
    assert {name for name, _ in events} == {"output_transcript"}
    assert "".join(payload["delta"] for _, payload in events) == whole


def test_source_and_translation_are_spaced_apart(listening):
    events = wire(listening, sentence("Hello."), translation("Hola."), sentence("Bye."), translation("Adiós."))
    assert events == [
        ("input_transcript", {"delta": "Hello."}),
        ("output_transcript", {"delta": "Hola."}),
        ("input_transcript", {"delta": " Bye."}),
        ("output_transcript", {"delta": " Adiós."}),
    ]


def test_partials_have_an_event_of_their_own(listening):
    partial = PartialTranscript((Word("good", 0, 1), Word("mor", 1, 2)), 1, 0, 2)
    assert wire(listening, partial) == [("input_partial", {"text": "good mor"})]


def test_what_goes_wrong(listening):
    error = InvalidMessage("That was nothing", remedy="Say it again")
    message = {"message": "That was nothing. Say it again", "code": "invalid_message", "retryable": False}
    assert wire(listening, Trouble(error)) == [("translation_error", message)]
    assert wire(listening, Notice("engine_failed", "One sentence is lost")) == [
        ("translation_error", {"message": "One sentence is lost", "code": "engine_failed", "retryable": True})
    ]


def test_what_goes_wrong_inside_is_told_by_its_code(listening):
    error = EngineUnavailable("/usr/lib/x.so cannot be loaded", remedy="Run: apt-get install x")
    ((_, payload),) = wire(listening, Trouble(error))
    assert payload == {
        "message": "The server cannot do that now. Ask whoever runs the server",
        "code": "engine_unavailable",
        "retryable": False,
    }


def test_what_is_of_no_interest_to_clients(listening):
    assert wire(listening, EndOfUtterance(1), Progress(1), RunEnded(1)) == []


def test_exhaustion(listening):
    assert wire(listening, Exhausted(), Closed("exhausted", 9, 18)) == [
        ("insufficient_tokens", {"message": "Your token balance is used up", "remainingTokens": 0}),
        ("translation_closed", {"reason": "exhausted", "seconds": 9, "tokens": 18}),
    ]


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (
            InsufficientTokens("1 token is left"),
            ("insufficient_tokens", {"message": "1 token is left", "remainingTokens": 0}),
        ),
        (AtCapacity("Full"), ("translation_error", {"message": "Full", "code": "at_capacity", "retryable": True})),
    ],
)
def test_a_refused_start_leaves_room_for_another(error, event):
    conversation = new()
    conversation.start({"targetLanguage": "es"}, 0.0)
    assert wire(conversation, Initializing(), Refused(error)) == [("session_initializing",), event]
    assert not conversation.in_session
    conversation.start({"targetLanguage": "es"}, 0.0)


# --- anything at all ---

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
PAYLOADS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["targetLanguage", "sourceLanguage", "voice", "speed", "partials", "audioData"])
            | st.text(),
            inner | st.sampled_from(["es", "en", "AAAA", "zh-Hant-TW", "i-klingon", "x-y", "art-lojban"]),
            max_size=5,
        )
    ),
    max_leaves=6,
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["start", "audio"]), PAYLOADS)
    | st.tuples(st.just("stop"), st.none())
    | st.tuples(st.just("event"), st.sampled_from([*LIFE, CLOSED, Exhausted(), Refused(AtCapacity("Full"))])),
    max_size=12,
)


@given(STEPS)
@example([("start", {"targetLanguage": "en-" + "a" * 5000}), ("start", {"targetLanguage": "\x00"})])
def test_nothing_that_a_client_sends_raises_anything_but_an_answer(steps):
    conversation, answers = new(), []
    for step, value in steps:
        try:
            match step:
                case "event":
                    wire(conversation, value)
                case "stop":
                    conversation.stop()
                case _:
                    getattr(conversation, step)(value, 0.0)
        except DragomanError as error:
            answers.append(str(error))
    assert all(0 < len(answer) < 1000 for answer in answers)
