"""Golden wire logs of the realtime protocol: whole scenarios, message by message, on a wire in memory.

The scripted engines hear a sentence every four seconds of audio, whenever it comes, so sessions of many seconds of
audio take moments. Acknowledgements come whenever audio does, and stand apart from the logs.
"""

import base64
import io
import json
import wave
from datetime import UTC, datetime

import anyio
import pytest
from tests.realtime import RATE, RAW, SECOND, open_realtime

from dragoman.accounts.authentication import Authenticator
from dragoman.accounts.keys import Keys
from dragoman.accounts.tokens import mint
from dragoman.core.errors import EngineUnavailable
from dragoman.live.limits import LiveLimits

pytestmark = pytest.mark.anyio

ONE, TWO = "This is sentence number 1. ", "This is sentence number 2. "
STEREO = {"language": "en", "diarization": "channel", "channel_diarization_labels": ["left", "right"]}


def config(**more):
    return {"language": "en", **more}


def translation(*codes, **more):
    return {"target_languages": list(codes), **more}


def wav(seconds):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, RATE, 0, "NONE", ""))
        writer.writeframes(SECOND * seconds)
    return file.getvalue()


def golden(log):
    """What a reader looks for, one line per message."""
    lines = []
    for message in log:
        match message:
            case {"message": "AudioAdded" | "ChannelAudioAdded"}:
                continue
            case {"message": "AddTranscript" as name, "metadata": metadata}:
                times = f"{metadata['start_time']:.2f}-{metadata['end_time']:.2f}"
                what = f"{times} {metadata['transcript']!r}"
            case {"message": "AddTranslation" as name, "language": language, "results": results}:
                what = " ".join([language, *(repr(result["content"]) for result in results)])
            case {"message": "EndOfUtterance" as name, "metadata": metadata}:
                what = f"{metadata['end_time']:.2f}"
            case {"message": "Warning" | "Error" | "Info" as name, "type": kind}:
                what = kind
            case {"message": name}:
                what = ""
        marks = [f"[{key}]" for key in ("forced",) if message.get(key)]
        channel = [f"<{message['channel']}>"] if "channel" in message else []
        lines.append(" ".join([name, *channel, *([what] if what else []), *marks]))
    return lines


async def ended(wire, code=1000):
    """The client closes once it knows the end, as all of them do."""
    await wire.until("EndOfTranscript", "Error")
    if wire.log[-1]["message"] == "EndOfTranscript":
        wire.hang_up(1000)
    else:
        await wire.drained()
        assert wire.closed == code


async def test_a_session_from_start_to_end(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(translation_config=translation("es", "cmn", "de"))
        wire.speak(7)
        wire.stop()
        await ended(wire)
        log = golden(wire.log)
        assert log[:3] == ["Warning unsupported_translation_pair", "Info recognition_quality", "RecognitionStarted"]
        assert [line for line in log if "AddTranslation" not in line][3:] == [
            f"AddTranscript 0.50-2.50 {ONE!r}",
            f"AddTranscript 4.50-6.50 {TWO!r}",
            "EndOfTranscript",
        ]
        assert wire.translated("es") == ["Esta es la frase número 1.", "Esta es la frase número 2."]
        assert wire.translated("de") == ["Das ist Satz Nummer 1.", "Das ist Satz Nummer 2."]
        assert [message["seq_no"] for message in wire.all("AudioAdded")] == list(range(1, 8))
        await realtime.at_rest()
        (row,) = await realtime.ledger.usage(realtime.account.id)
        assert (row.product, row.tokens) == ("realtime", 1000 - await realtime.balance())


async def test_a_translation_comes_after_the_transcript_it_translates(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(translation_config=translation("es"))
        wire.speak(7)
        wire.stop()
        await ended(wire)
        assert golden(wire.log) == [
            "Info recognition_quality",
            "RecognitionStarted",
            f"AddTranscript 0.50-2.50 {ONE!r}",
            "AddTranslation es 'Esta es la frase número 1.'",
            f"AddTranscript 4.50-6.50 {TWO!r}",
            "AddTranslation es 'Esta es la frase número 2.'",
            "EndOfTranscript",
        ]


async def test_a_file_is_decoded_as_it_comes(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(audio_format={"type": "file"})
        recording = wav(3)
        for first in range(0, len(recording), 4096):
            wire.send(recording[first : first + 4096])
        wire.stop()
        await ended(wire)
        assert golden(wire.log) == ["RecognitionStarted", f"AddTranscript 0.50-2.50 {ONE!r}", "EndOfTranscript"]


@pytest.mark.parametrize("audio_format", [RAW, {"type": "file"}])
async def test_a_session_without_a_sound(tmp_path, audio_format):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(audio_format=audio_format)
        wire.stop()
        await ended(wire)
        assert wire.names[-1] == "EndOfTranscript"


async def test_audio_that_is_none_is_an_error_early_and_not_silence(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(audio_format={"type": "file"})
        for _ in range(100):
            wire.send(b"This is no recording at all. " * 100)
        await ended(wire, 1003)
        assert golden(wire.log) == ["RecognitionStarted", "Error invalid_audio_type"]


@pytest.mark.parametrize("size", [37, 999, 4096, 200_000])
@pytest.mark.parametrize("audio_format", [RAW, {"type": "file"}])
async def test_any_chunking_of_the_same_audio_gives_the_same_finals(tmp_path, audio_format, size):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(audio_format=audio_format, translation_config=translation("es"))
        sound = SECOND * 7 if audio_format is RAW else wav(7)
        for first in range(0, len(sound), size):
            wire.send(sound[first : first + size])
        wire.stop()
        await ended(wire)
        finals = [line for line in golden(wire.log) if line.startswith("Add")]
        assert finals == [
            f"AddTranscript 0.50-2.50 {ONE!r}",
            "AddTranslation es 'Esta es la frase número 1.'",
            f"AddTranscript 4.50-6.50 {TWO!r}",
            "AddTranslation es 'Esta es la frase número 2.'",
        ]


@pytest.mark.parametrize("error", [OSError("no more processes"), EngineUnavailable("no decoder in /secret")])
async def test_a_decoder_that_cannot_be_opened_ends_the_session_and_tells_no_insides(tmp_path, error):
    def broken():
        raise error

    async with open_realtime(tmp_path, open_decoder=broken) as realtime:
        wire = realtime.open()
        await wire.started(audio_format={"type": "file"})
        wire.send(wav(1))
        await wire.until("Error")
        await wire.drained()
        assert wire.closed == wire.log[-1]["code"]
        assert "secret" not in wire.log[-1]["reason"]
        assert "processes" not in wire.log[-1]["reason"]
        await realtime.at_rest()


async def test_partials_for_those_who_ask(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(
            transcription_config=config(enable_partials=True),
            translation_config=translation("es", enable_partials=True),
        )
        wire.speak(3)
        wire.stop()
        await ended(wire)
        names = wire.names
        assert names.index("AddPartialTranscript") < names.index("AddTranscript")
        assert wire.text == ONE


async def test_channels_are_heard_apart(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        started = await wire.started(transcription_config=STEREO)
        assert started["channels"] == ["left", "right"]
        data = base64.b64encode(SECOND).decode()
        for _ in range(3):
            for channel in ("left", "right"):
                wire.send({"message": "AddChannelAudio", "channel": channel, "data": data})
        for channel in ("left", "right"):
            wire.send({"message": "EndOfChannel", "channel": channel, "last_seq_no": 3})
        await ended(wire)
        said = sorted(line for line in golden(wire.log) if line.startswith("AddTranscript"))
        assert said == [f"AddTranscript <{channel}> 0.50-2.50 {ONE!r}" for channel in ("left", "right")]
        counted = [(message["channel"], message["seq_no"]) for message in wire.all("ChannelAudioAdded")]
        assert sorted(counted) == [(channel, number) for channel in ("left", "right") for number in (1, 2, 3)]


async def test_each_channel_may_be_a_file(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(audio_format={"type": "file"}, transcription_config=STEREO)
        data = base64.b64encode(wav(3)).decode()
        for channel in ("left", "right"):
            wire.send({"message": "AddChannelAudio", "channel": channel, "data": data})
            wire.send({"message": "EndOfChannel", "channel": channel})
        await ended(wire)
        assert [message["metadata"]["transcript"] for message in wire.all("AddTranscript")] == [ONE, ONE]


async def test_point_29_a_client_of_channels_that_leaves_right_after_its_ends_is_settled(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(transcription_config=STEREO)
        for channel in ("left", "right"):
            wire.send({"message": "EndOfChannel", "channel": channel})
        wire.hang_up()
        await realtime.at_rest()
        assert realtime.supervisor.governor.running == 0


async def test_an_utterance_that_is_forced_to_end(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started()
        wire.send(SECOND + SECOND[:RATE])
        wire.send({"message": "ForceEndOfUtterance"})
        await wire.until("EndOfUtterance")
        log = golden(wire.log)
        assert log[-2].startswith("AddTranscript 0.50-")
        assert log[-2].endswith("[forced]")
        assert log[-1].endswith("[forced]")
        wire.stop()
        await ended(wire)


async def test_a_force_reaches_all_that_was_sent_of_a_file_before_it(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(audio_format={"type": "file"})
        wire.send(wav(30)[: 44 + 2 * 2 * RATE])
        wire.send({"message": "ForceEndOfUtterance"})
        await wire.until("EndOfUtterance")
        assert wire.text.startswith("This is")
        wire.stop()
        await ended(wire)


async def test_pauses_are_told_to_those_who_ask(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(transcription_config=config(conversation_config={"end_of_utterance_silence_trigger": 0.5}))
        wire.speak(7)
        wire.stop()
        await ended(wire)
        log = golden(wire.log)
        assert [line.split()[0] for line in log[2:]][:2] == ["AddTranscript", "EndOfUtterance"]


async def test_the_configuration_may_change_on_the_way(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started()
        wire.send(
            {"message": "SetRecognitionConfig", "transcription_config": config(enable_partials=True, max_delay=1)}
        )
        wire.speak(3)
        wire.stop()
        await ended(wire)
        assert wire.all("AddPartialTranscript")
        assert wire.names[-1] == "EndOfTranscript"


async def test_speakers_are_nobody(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started()
        wire.send({"message": "GetSpeakers"})
        assert await wire.until("SpeakersResult") == {"message": "SpeakersResult", "speakers": []}
        wire.send({"message": "GetSpeakers", "final": True})
        wire.stop()
        await ended(wire)
        assert wire.names[-2:] == ["SpeakersResult", "EndOfTranscript"]


async def test_unknown_and_late_messages_are_warned_about(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        wire.send({"message": "custom_message_type"})
        await wire.started()
        wire.stop()
        wire.speak(1)
        await ended(wire)
        assert golden(wire.log) == [
            "Warning validation_warning",
            "Info recognition_quality",
            "RecognitionStarted",
            "Warning add_audio_after_eos",
            "EndOfTranscript",
        ]


@pytest.mark.parametrize("frame", ["nonsense", '{"message": 5}', b"sound", '{"message": "EndOfStream"}'])
async def test_what_is_no_beginning_ends_it(tmp_path, frame):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        wire.send(frame)
        await ended(wire, 1003)
        assert wire.names == ["Error"]
        assert await realtime.balance() == 1000


async def test_malformed_messages_end_a_session_that_is_then_settled(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started()
        wire.send("nonsense")
        await ended(wire, 1003)
        assert golden(wire.log)[-1] == "Error invalid_message"
        await realtime.at_rest()
        assert realtime.supervisor.governor.running == 0


# --- money and limits ---


async def test_a_client_without_tokens_is_told_so_after_its_start(tmp_path):
    async with open_realtime(tmp_path, tokens=0) as realtime:
        wire = realtime.open()
        wire.start()
        await ended(wire, 4003)
        assert golden(wire.log) == ["Error not_allowed"]


async def test_when_the_tokens_run_out_the_finals_come_first(tmp_path):
    async with open_realtime(tmp_path, tokens=3, rate=2) as realtime:
        wire = realtime.open()
        await wire.started(translation_config=translation("es"))
        wire.speak(3)
        await ended(wire, 4006)
        assert golden(wire.log)[2:] == [
            f"AddTranscript 0.50-2.50 {ONE!r}",
            "AddTranslation es 'Esta es la frase número 1.'",
            "Error timelimit_exceeded",
        ]
        assert await realtime.balance() == 0


async def test_a_language_that_nothing_hears_names_those_that_are_heard(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        wire.start(transcription_config={"language": "ja"})
        await ended(wire, 4004)
        assert (golden(wire.log), "Possible: en" in wire.log[0]["reason"]) == (["Error invalid_model"], True)


async def test_more_sessions_than_the_machine_carries(tmp_path):
    async with open_realtime(tmp_path, capacity=1) as realtime:
        first, second = realtime.open(), realtime.open()
        await first.started()
        second.start()
        await ended(second, 4005)
        assert golden(second.log) == ["Error quota_exceeded"]
        first.hang_up()
        third = realtime.open()
        await third.started()


@pytest.mark.parametrize(("capacity", "fits"), [(3, False), (4, True)])
async def test_a_session_takes_the_places_of_what_it_asks_for(tmp_path, capacity, fits):
    """One that may hardly wait for its words takes two places."""
    async with open_realtime(tmp_path, capacity=capacity) as realtime:
        first, second = realtime.open(), realtime.open()
        await first.started(transcription_config=config(max_delay=1))
        second.start(transcription_config=config(max_delay=1))
        await second.until("RecognitionStarted" if fits else "Error")
        assert golden(second.log)[-1] == ("RecognitionStarted" if fits else "Error quota_exceeded")


async def test_an_idle_client_is_warned_and_then_told(tmp_path):
    async with open_realtime(tmp_path, limits=LiveLimits(idle=0.3, warn_idle=(0.2,))) as realtime:
        wire = realtime.open()
        await wire.started()
        await ended(wire, 1008)
        assert golden(wire.log)[2:] == ["Warning idle_timeout", "Error idle_timeout"]


async def test_the_longest_session_is_warned_of_and_then_over(tmp_path):
    async with open_realtime(tmp_path, limits=LiveLimits(longest=0.3, warn_longest=(0.2,))) as realtime:
        wire = realtime.open()
        await wire.started()
        await ended(wire, 1008)
        assert golden(wire.log)[2:] == ["Warning session_timeout", "Error session_timeout"]


async def test_a_revoked_key_ends_the_session_with_a_reason(tmp_path):
    async with open_realtime(tmp_path, limits=LiveLimits(credentials=0.05)) as realtime:
        wire = realtime.open()
        await wire.started()
        keys = Keys(realtime.database, realtime.secrecy)
        (key,) = await keys.all(realtime.account.id)
        await keys.revoke(key.id, datetime.now(UTC))
        await ended(wire, 4001)
        assert golden(wire.log)[-1] == "Error not_authorised"


async def test_winding_up_delivers_the_tail(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started()
        wire.speak(3)
        await wire.until("AddTranscript")
        await realtime.supervisor.wind_up()
        await ended(wire, 4013)
        assert golden(wire.log)[-1] == "Error job_error"


# --- the door ---


@pytest.mark.parametrize("path", ["/v2", "/v2/", "/v2/en", "/v2/en/", "/"])
async def test_point_19_every_path_that_clients_use(tmp_path, path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open(path)
        await wire.started()
        assert wire.refused is None


async def test_other_paths_are_not_there(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open("/v3")
        await wire.drained()
        assert wire.refused[0] == 404


async def test_point_21_the_key_in_every_place(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        now = datetime.now(UTC)
        principal = await Authenticator(realtime.database, realtime.secrecy).authenticate(realtime.key, now)
        token = mint(realtime.secrecy, principal, 60, now, scopes=["realtime"]).text
        for credential in (realtime.key, token):
            for wire in (
                realtime.open(authorization=f"Bearer {credential}"),
                realtime.open(query=f"jwt={credential}&sm-sdk=js-8.5.1"),
            ):
                await wire.started()
                wire.stop()
                await ended(wire)


@pytest.mark.parametrize("credential", ["", "Bearer None", "Bearer made-up"])
async def test_point_21_open_mode_asks_for_none(tmp_path, credential):
    async with open_realtime(tmp_path, open_mode=True) as realtime:
        wire = realtime.open(authorization=credential)
        await wire.started()


async def test_point_22_unknown_query_parameters_are_ignored(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open(query=f"jwt={realtime.key}&sm-sdk=js-8&sm-app=x&sm-enable-legacy-rt=true&sm-app=y&=&%ff")
        await wire.started()


async def test_point_24_who_is_refused_gets_an_answer_to_the_upgrade(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        now, keys = datetime.now(UTC), Keys(realtime.database, realtime.secrecy)
        batch = await keys.create(realtime.account.id, now, scopes=["batch"])
        for headers, status, error in (
            ({"authorization": "Bearer nonsense"}, 401, "Permission Denied"),
            ({"authorization": "Bearer None"}, 401, "Permission Denied"),
            ({"x": "y"}, 401, "Permission Denied"),
            ({"authorization": f"Bearer {batch.text}"}, 403, "Forbidden"),
            ({"authorization": f"Bearer {realtime.key}", "origin": "https://evil.example"}, 403, "Forbidden"),
        ):
            wire = realtime.open(**headers)
            await wire.drained()
            assert wire.refused[0] == wire.refused[1]["code"] == status
            assert wire.refused[1]["error"] == error
            assert wire.refused[1]["detail"]


async def test_too_many_connections(tmp_path):
    async with open_realtime(tmp_path, connections_per_minute=1) as realtime:
        wires = [realtime.open(), realtime.open()]
        await wires[1].drained()
        assert wires[1].refused[0] == 503


# --- going away ---


@pytest.mark.parametrize("code", [1000, 1005, 1006])
async def test_a_client_that_goes_in_mid_session_is_settled_and_its_place_free_at_once(tmp_path, code):
    async with open_realtime(tmp_path, capacity=1) as realtime:
        for _ in range(3):
            wire = realtime.open()
            await wire.started(translation_config=translation("es"))
            wire.speak(3)
            await wire.until("AddTranslation")
            wire.hang_up(code)
        await realtime.at_rest()
        spent = sum(row.tokens for row in await realtime.ledger.usage(realtime.account.id))
        assert spent == 1000 - await realtime.balance()


async def test_a_client_that_goes_without_a_start_costs_nothing(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        wire.hang_up()
        await wire.drained()
        assert (wire.log, wire.closed, await realtime.balance()) == ([], None, 1000)


async def test_point_16_the_server_lets_the_client_close(tmp_path):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started()
        wire.stop()
        await wire.until("EndOfTranscript")
        wire.hang_up(1000)
        await wire.drained()
        assert wire.closed is None


async def test_a_client_that_reads_nothing_is_cut_off(tmp_path):
    async with open_realtime(tmp_path, limits=LiveLimits(stall=0.2)) as realtime:
        wire = realtime.open()
        await wire.started()
        wire.reads = anyio.Event()
        wire.speak(7)
        await realtime.at_rest()
        wire.reads.set()
        await wire.drained()
        assert wire.aborted


async def test_much_audio_at_once_is_all_heard(tmp_path):
    """Far more than may wait: the server takes it as it can."""
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started()
        for _ in range(10):
            wire.send(SECOND * 60)
        wire.stop()
        await ended(wire)
        assert len(wire.all("AddTranscript")) == 150
        assert len(wire.all("AudioAdded")) == 10


@pytest.mark.parametrize("said", [{"message": "AddAudio"}, {"message": "EndOfChannel", "channel": "x"}])
async def test_point_18_no_frame_is_large(tmp_path, said):
    async with open_realtime(tmp_path) as realtime:
        wire = realtime.open()
        await wire.started(transcription_config=config(enable_partials=True, domain="x" * 500_000))
        wire.speak(5)
        wire.send({**said, "x" * 500_000: "x" * 500_000})
        wire.stop()
        await ended(wire, 1003)
        assert max(len(json.dumps(message)) for message in wire.log) < 20_000
