"""Golden wire logs of the Realtime Translator: whole scenarios, frame by frame, on a wire in memory.

The scripted engines hear a sentence every four seconds of audio, whenever it comes, so sessions of many seconds of
audio take moments. What depends on the machine's speed, how many seconds were billed, is not part of the logs.
"""

import base64
import json
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from tests.translator import CHUNK, NAMESPACE, open_translator

from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.keys import Keys
from dragoman.accounts.tokens import mint
from dragoman.live.limits import LiveLimits

pytestmark = pytest.mark.anyio

READY = {"sourceLanguage": "en", "targetLanguage": "es", "speech": True, "engines": ["scripted"]}
STARTED = [("session_initializing",), ("translation_ready", READY), ("ready_for_audio",)]


def golden(log):
    """Without what depends on time, and with each run of audio as its length in samples."""
    events = []
    for name, *payload in log:
        if name == "output_audio":
            samples = len(base64.b64decode(payload[0]["delta"])) // 2
            if events and events[-1][0] == "output_audio":
                samples += events.pop()[1]
            events.append((name, samples))
        elif name == "translation_closed":
            events.append((name, payload[0]["reason"]))
        else:
            events.append((name, *payload))
    return events


def error(code, message, *, retryable=False):
    return ("translation_error", {"message": message, "code": code, "retryable": retryable})


NO_SESSION = error("invalid_message", "There is no session. Send translation_start first")


async def test_a_session_from_start_to_end(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start()
        wire.speak(7)
        wire.emit("translation_stop")
        closed = await wire.until("translation_closed")
        texts = ["Esta es la frase número 1.", " Esta es la frase número 2."]
        assert [event for event in golden(wire.log) if event[0] != "output_audio"] == [
            *STARTED,
            ("input_transcript", {"delta": "This is sentence number 1."}),
            ("output_transcript", {"delta": texts[0]}),
            ("input_transcript", {"delta": " This is sentence number 2."}),
            ("output_transcript", {"delta": texts[1]}),
            ("translation_closed", "stopped"),
        ]
        assert len(wire.audio()) >= 2 * 24_000 * 2
        assert closed[1]["tokens"] == closed[1]["seconds"] == 1000 - await translator.balance()


async def test_any_number_of_sessions_in_a_row(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        spanish, french = ("es", "Esta es la frase número 1."), ("fr", "Ceci est la phrase numéro 1.")
        for target, text in (spanish, french, spanish):
            wire.log.clear()
            await wire.start(target)
            wire.speak(3)
            wire.emit("translation_stop")
            await wire.until("translation_closed")
            assert wire.said("output_transcript") == text
            assert [event[0] for event in wire.log].count("translation_closed") == 1


async def test_source_and_target_the_same_pass_through(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start("en")
        wire.speak(3)
        wire.emit("translation_stop")
        await wire.until("translation_closed")
        assert wire.said("output_transcript") == wire.said("input_transcript") == "This is sentence number 1."
        assert wire.audio()


async def test_captions_only(tmp_path):
    """A target that can be written but not spoken."""
    script = tmp_path / "script.json"
    utterance = {"start_time": 0.5, "end_time": 1.5, "text": "Good morning.", "translations": {"is": "Góðan daginn."}}
    script.write_text(json.dumps({"language": "en", "utterances": [utterance]}))
    async with open_translator(tmp_path, script=f"scripted:{script}", synthesizer="scripted") as translator:
        wire = await translator.connected()
        await wire.start("is")
        assert ("translation_ready", {**READY, "targetLanguage": "is", "speech": False}) in wire.log
        wire.speak(3)
        wire.emit("translation_stop")
        await wire.until("translation_closed")
        assert wire.said("output_transcript") == "Góðan daginn."
        assert not wire.audio()


async def test_partials_only_for_those_who_ask(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start(partials=True)
        wire.speak(2)
        assert await wire.until("input_partial", "input_transcript") == ("input_partial", {"text": "This"})


async def test_a_binary_attachment_is_audio_too(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start()
        for _ in range(30):
            wire.send(f'451-{NAMESPACE},["audio_chunk",{{"audioData":{{"_placeholder":true,"num":0}}}}]')
            wire.send(CHUNK)
        wire.emit("translation_stop")
        await wire.until("translation_closed")
        assert wire.said("input_transcript") == "This is sentence number 1."


async def test_audio_before_ready_is_heard(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        wire.emit("translation_start", {"targetLanguage": "es"})
        wire.speak(3)
        wire.emit("translation_stop")
        await wire.until("translation_closed")
        assert wire.said("input_transcript") == "This is sentence number 1."


async def test_audio_faster_than_time_is_lost_and_said_to_be_once(tmp_path):
    """However fast the engines are: these hear it at once."""
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start()
        for _ in range(2):
            wire.speak(12)
            await wire.until("output_transcript")
        wire.speak(120)
        wire.emit("translation_stop")
        await wire.until("translation_closed")
        assert [event[1]["code"] for event in wire.log if event[0] == "translation_error"] == ["sender_too_fast"]
        assert "sentence number 30." not in wire.said("input_transcript")


async def test_every_bad_payload_is_answered_and_the_session_goes_on(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start()
        wire.log.clear()
        for payload in (5, {}, {"audioData": "%"}, {"audioData": None}, {"audioData": "A" * 1_500_000}):
            wire.emit("audio_chunk", payload)
            name, answer = await wire.event()
            assert (name, answer["code"]) == ("translation_error", "invalid_message")
        wire.emit("audio_chunk")
        assert (await wire.event())[1]["message"].startswith("audioData is missing")
        wire.emit("translation_start", {"targetLanguage": "fr"})
        assert await wire.event() == error(
            "invalid_message", "A session is already running. Send translation_stop before another start"
        )
        wire.speak(3)
        wire.emit("translation_stop")
        await wire.until("translation_closed")
        assert wire.said("output_transcript") == "Esta es la frase número 1."


async def test_without_a_session(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        wire.emit("translation_stop")
        wire.speak(0.1)
        wire.emit("an_event_of_their_own", {"x": 1})
        wire.emit("translation_start", ["es"])
        assert [await wire.event() for _ in range(3)] == [
            error("invalid_message", "There is no session to stop. Send translation_start first"),
            NO_SESSION,
            error("invalid_message", 'translation_start needs an object. Send {"targetLanguage": "es"}'),
        ]
        assert await translator.balance() == 1000


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (
            {"targetLanguage": "ja"},
            "English (en) cannot be translated to Japanese (ja) by what is installed. Possible: de, es, fr",
        ),
        ({"targetLanguage": "es", "sourceLanguage": "ja"}, "Possible: en"),
        ({"targetLanguage": "es", "voice": "Carmen"}, "There is no voice 'Carmen' for Spanish (es). Choose one of"),
    ],
)  # fmt: skip
async def test_what_is_not_supported_names_what_is(tmp_path, start, message):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        wire.emit("translation_start", start)
        assert await wire.event() == ("session_initializing",)
        name, answer = await wire.event()
        assert (name, answer["code"]) == ("translation_error", "unsupported_language")
        assert message in answer["message"]
        await wire.start()  # the next one starts
        assert await translator.balance() == 1000


async def test_exhaustion(tmp_path):
    async with open_translator(tmp_path, tokens=3, rate=2) as translator:
        wire = await translator.connected()
        await wire.start()
        wire.speak(3)
        await wire.until("translation_closed")
        assert golden(wire.log)[-2:] == [
            ("insufficient_tokens", {"message": "Your token balance is used up", "remainingTokens": 0}),
            ("translation_closed", "exhausted"),
        ]
        assert wire.said("output_transcript") == "Esta es la frase número 1."
        assert wire.log[-1][1]["tokens"] == 3
        assert await translator.balance() == 0

        wire.log.clear()
        wire.emit("translation_start", {"targetLanguage": "es"})
        await wire.until("insufficient_tokens")
        assert [event[0] for event in wire.log] == ["session_initializing", "insufficient_tokens"]
        assert wire.log[-1][1]["remainingTokens"] == 0


async def test_acknowledgements_for_clients_that_ask(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        wire.send(f'42{NAMESPACE},7["translation_start",{{"targetLanguage":"es"}}]')
        assert await wire.frame() == f"43{NAMESPACE},7[]"


# --- the door ---


async def test_the_key_in_every_place(tmp_path):
    async with open_translator(tmp_path) as translator:
        now = datetime.now(UTC)
        principal = await Authenticator(translator.database, translator.secrecy).authenticate(translator.key, now)
        token = mint(translator.secrecy, principal, 60, now).text
        for credential in (translator.key, token):
            for wire, auth in (
                (translator.open(f"apiKey={credential}"), None),
                (translator.open(f"jwt={credential}"), None),
                (translator.open(""), {"apiKey": credential}),
                (translator.open(""), {"token": credential}),
                (translator.open("", authorization=f"Bearer {credential}"), None),
            ):
                assert "sid" in await wire.connect(auth)


async def test_refusals_say_why(tmp_path):
    async with open_translator(tmp_path) as translator:
        now, keys = datetime.now(UTC), Keys(translator.database, translator.secrecy)
        account = translator.account.id
        revoked = await keys.create(account, now)
        await keys.revoke(revoked.id, now)
        expired = await keys.create(account, now, expires_at=now + timedelta(microseconds=1))
        batch = await keys.create(account, now, scopes=["batch"])
        wrong = translator.key[:-1] + ("A" if translator.key[-1] != "A" else "B")
        for credential, code, message in (
            ("", "credential_missing", "no API key was given"),
            ("nonsense", "credential_malformed", "the API key is malformed"),
            (wrong, "credential_unknown", "the API key is not known here"),
            (revoked.text, "credential_revoked", "the API key was revoked"),
            (expired.text, "credential_expired", "the API key or token has expired"),
            ("a.b.c", "credential_unknown", "the token was not made by this server"),
            (batch.text, "scope_missing", "the credential does not allow live_speech"),
        ):
            answer = await translator.open(f"apiKey={credential}").connect()
            assert (answer["message"], answer["data"]["code"]) == (message, code)
            assert answer["data"]["remedy"]


async def test_whoever_was_refused_can_do_nothing(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = translator.open("")
        await wire.connect({"apiKey": "nonsense"})
        wire.emit("translation_start", {"targetLanguage": "es"})
        wire.send(f"40{NAMESPACE},{json.dumps({'token': translator.key})}")  # the next frame is its answer
        assert (await wire.frame()).startswith(f'40{NAMESPACE},{{"sid":')


async def test_other_namespaces_are_refused(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = translator.open()
        await wire.frame()
        for namespace, prefix in (("", ""), ("/other,", "/other,"), ("/admin", "/admin,")):
            wire.send(f"40{namespace}")
            assert await wire.frame() == f'44{prefix}{{"message":"Invalid namespace"}}'


async def test_too_many_connections(tmp_path):
    async with open_translator(tmp_path, connections_per_minute=2) as translator:
        answers = [await translator.open().connect() for _ in range(3)]
        assert [("sid" in answer) for answer in answers] == [True, True, False]
        assert answers[2]["message"] == "too many connections from this address"


@pytest.mark.parametrize("event", ["connect", "disconnect", "connect_error", "__proto__"])
async def test_reserved_names_are_just_names(tmp_path, event):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        wire.emit(event, {"QUERY_STRING": "apiKey=x"})
        await wire.start()
        assert golden(wire.log) == STARTED


@pytest.mark.parametrize("frame", ["9", "42nonsense", "", b"an attachment that nobody announced", "2probe"])
async def test_what_is_no_socketio_ends_the_connection(tmp_path, frame):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start()
        wire.send(frame)
        await wire.drained()
        assert wire.closed == 1003
        await translator.at_rest()


# --- going away ---


async def test_a_client_that_goes_in_mid_session_is_settled(tmp_path):
    async with open_translator(tmp_path) as translator:
        for goodbye in ("41" + NAMESPACE + ",", "1", None):
            before, wire = await translator.balance(), await translator.connected()
            await wire.start()
            wire.speak(3)
            await wire.until("output_transcript")
            wire.hang_up() if goodbye is None else wire.send(goodbye)
            await translator.at_rest()
            assert 1 <= before - await translator.balance() <= 3
            usage = await translator.ledger.usage(translator.account.id, limit=1)
            assert usage[0].tokens == before - await translator.balance()


async def test_a_socket_may_be_disconnected_and_connected_again(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start()
        wire.send(f"41{NAMESPACE},")
        wire.send(f"40{NAMESPACE},")
        assert (await wire.frame()).startswith(f'40{NAMESPACE},{{"sid":')
        wire.log.clear()
        await wire.start()
        assert golden(wire.log) == STARTED


async def test_a_reader_that_stalls_is_cut_off_and_settled(tmp_path):
    async with open_translator(tmp_path, limits=LiveLimits(stall=0.2)) as translator:
        wire, neighbour = await translator.connected(), await translator.connected()
        await wire.start()
        await neighbour.start()
        wire.reads = anyio.Event()
        wire.speak(3)
        await wire.drained()
        assert wire.aborted
        neighbour.speak(3)
        neighbour.emit("translation_stop")
        await neighbour.until("translation_closed")
        assert neighbour.said("output_transcript") == "Esta es la frase número 1."
        await translator.at_rest()


async def test_a_reader_that_stalls_without_a_session_is_cut_off(tmp_path):
    async with open_translator(tmp_path, limits=LiveLimits(stall=0.1)) as translator:
        wire = await translator.connected()
        wire.reads = anyio.Event()
        wire.emit("translation_stop")
        await wire.drained()
        assert wire.aborted


async def test_two_languages_at_once_do_not_disturb_each_other(tmp_path):
    async with open_translator(tmp_path) as translator:
        spanish, french = await translator.connected(), await translator.connected()
        await spanish.start("es")
        await french.start("fr")
        for _ in range(30):
            spanish.speak(0.1)
            french.speak(0.1)
        for wire in (spanish, french):
            wire.emit("translation_stop")
            await wire.until("translation_closed")
        assert spanish.said("output_transcript") == "Esta es la frase número 1."
        assert french.said("output_transcript") == "Ceci est la phrase numéro 1."


async def test_a_revoked_key_ends_the_session_with_a_reason(tmp_path):
    async with open_translator(tmp_path, limits=LiveLimits(credentials=0.05)) as translator:
        wire = await translator.connected()
        await wire.start()
        keys = Keys(translator.database, translator.secrecy)
        (key,) = await keys.all(translator.account.id)
        await keys.revoke(key.id, datetime.now(UTC))
        await wire.until("translation_closed")
        assert golden(wire.log)[-2:] == [
            error("credential_revoked", "the API key was revoked. Use another key"),
            ("translation_closed", "revoked"),
        ]


async def test_an_idle_client_is_told_and_closed(tmp_path):
    async with open_translator(tmp_path, limits=LiveLimits(idle=0.1)) as translator:
        wire = await translator.connected()
        await wire.start()
        await wire.until("translation_closed")
        assert [event[:1] for event in golden(wire.log)[-2:]] == [("translation_error",), ("translation_closed",)]
        assert golden(wire.log)[-1] == ("translation_closed", "idle")


async def test_above_capacity_a_start_is_refused(tmp_path):
    async with open_translator(tmp_path, capacity=1) as translator:
        first, second = await translator.connected(), await translator.connected()
        await first.start()
        second.emit("translation_start", {"targetLanguage": "es"})
        await second.until("translation_error")
        assert second.log[-1][1]["code"] == "at_capacity"
        assert second.log[-1][1]["retryable"] is True


async def test_winding_up_delivers_the_tail_and_closes(tmp_path):
    async with open_translator(tmp_path) as translator:
        wire = await translator.connected()
        await wire.start()
        wire.speak(3)
        await wire.until("input_transcript")
        await translator.supervisor.wind_up()
        await wire.until("translation_closed")
        assert wire.said("output_transcript") == "Esta es la frase número 1."
        assert golden(wire.log)[-1] == ("translation_closed", "shutdown")
        wire.emit("translation_start", {"targetLanguage": "es"})
        await wire.until("translation_error")
        assert wire.log[-1][1]["code"] == "shutting_down"
