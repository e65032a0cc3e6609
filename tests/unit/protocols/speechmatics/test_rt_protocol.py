"""The realtime conversation without network, sound or time."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.protocols.speechmatics.rt import (
    LISTENING,
    RAW,
    STOPPED,
    begun,
    ended,
    fed,
    new,
    said,
    start,
)

from dragoman.core.controls import EndOfChannel, ForceEndOfUtterance, Reconfigure
from dragoman.core.errors import (
    AtCapacity,
    CredentialRevoked,
    EngineFailed,
    InsufficientTokens,
    InvalidMessage,
    NotAudio,
    SessionIdle,
    SessionTooLong,
    UnsupportedLanguage,
)
from dragoman.core.events import (
    EndOfUtterance,
    FinalTranscript,
    FinalTranslation,
    Notice,
    PartialTranscript,
    PartialTranslation,
    Progress,
    RunEnded,
)
from dragoman.core.transcript import Punctuation, Sentence, Translation, Word
from dragoman.live.events import Closed, Exhausted, Initializing, Listening, Refused, TimeShort, Trouble
from dragoman.live.inbox import Stop
from dragoman.protocols.speechmatics.rt_frames import Say, Sound

STEREO = {"diarization": "channel", "channel_diarization_labels": ["left", "right"]}


def tell(conversation, message):
    return conversation.text(json.dumps(message))


def hear(conversation, *events):
    return [action for event in events for action in conversation.encode(event)]


def listening(**wanted):
    conversation = new()
    assert begun(tell(conversation, start(**wanted))) is not None
    (started,) = said(hear(conversation, *LISTENING))
    assert started["message"] == "RecognitionStarted"
    return conversation


def sentence(text="Hello there", end=".", first=1.0, channel=None, language="en", delimiter=" "):
    words = [
        Word(word, first + i / 2, first + i / 2 + 0.4, 0.9, channel=channel) for i, word in enumerate(text.split())
    ]
    mark = [Punctuation(end, words[-1].end_time, is_eos=True, channel=channel)] if end else []
    return Sentence((*words, *mark), language, delimiter)


def kinds(actions):
    return [(message["message"], message.get("type")) for message in said(actions)]


# --- starting ---


def test_a_start_becomes_options_and_is_answered_when_audio_may_flow():
    conversation = new()
    config = begun(tell(conversation, start(translation={"target_languages": ["es"]})))
    assert (config.options.source, config.options.targets) == ("en", ("es",))
    assert said(hear(conversation, *LISTENING)) == [
        {
            "message": "RecognitionStarted",
            "id": "the-id",
            "orchestrator_version": "1.0",
            "language_pack_info": {
                "adapted": False,
                "itn": False,
                "language_description": "English",
                "word_delimiter": " ",
                "writing_direction": "left-to-right",
            },
        }
    ]


def test_channels_are_listed_under_both_names():
    conversation = new()
    tell(conversation, start(**STEREO))
    (started,) = said(hear(conversation, *LISTENING))
    assert started["channel_ids"] == started["channels"] == ["left", "right"]


def test_a_pack_that_was_taught_words_says_so():
    conversation = new()
    tell(conversation, start("de", additional_vocab=["Gnocchi"]))
    (started,) = said(hear(conversation, *LISTENING))
    assert started["language_pack_info"]["adapted"] is True


def test_warnings_come_before_recognition_started():
    conversation = new()
    actions = tell(conversation, start(translation={"target_languages": ["ja", "es"]}))
    assert kinds(actions) == [("Warning", "unsupported_translation_pair")]
    assert begun(actions).options.targets == ("es",)


@pytest.mark.parametrize(("rate", "quality"), [(8000, "telephony"), (12_000, "broadcast"), (48_000, "broadcast")])
def test_the_quality_of_samples_is_told(rate, quality):
    conversation = new()
    tell(conversation, start(audio={**RAW, "sample_rate": rate}))
    info, started = said(hear(conversation, *LISTENING))
    assert started["message"] == "RecognitionStarted"
    assert (info["message"], info["type"], info["quality"]) == ("Info", "recognition_quality", quality)


def test_point_12_it_begins_in_time_though_the_engines_are_not_ready():
    conversation = new()
    tell(conversation, start())
    hear(conversation, Initializing())
    assert kinds(conversation.overdue()) == [("RecognitionStarted", None)]
    assert fed(conversation.binary(b"abcd")) == [Sound(b"abcd")]
    assert conversation.overdue() == hear(conversation, *LISTENING) == []


def test_nothing_is_overdue_before_the_start():
    assert new().overdue() == []


# --- what comes out of turn ---


@pytest.mark.parametrize(
    "message",
    [
        {"message": "EndOfStream", "last_seq_no": 0},
        {"message": "ForceEndOfUtterance"},
        {"message": "GetSpeakers"},
        {"message": "SetRecognitionConfig", "transcription_config": {}},
        {"message": "EndOfChannel", "channel": "left"},
        {"message": "AddChannelAudio", "channel": "left", "data": ""},
    ],
)
def test_nothing_comes_before_the_start(message):
    actions = tell(new(), message)
    assert (kinds(actions), ended(actions)) == ([("Error", "protocol_error")], 1003)
    assert "StartRecognition" in said(actions)[0]["reason"]


def test_no_audio_comes_before_the_start():
    assert kinds(new().binary(b"ab")) == [("Error", "protocol_error")]


def test_audio_of_a_client_that_does_not_wait_is_kept_and_acknowledged_in_its_turn():
    conversation = new()
    tell(conversation, start())
    actions = [
        *conversation.binary(b"ab"),
        *conversation.binary(b"cd"),
        *tell(conversation, {"message": "EndOfStream"}),
    ]
    assert (said(actions), fed(actions)) == ([], [Sound(b"ab"), Sound(b"cd"), Stop(in_turn=True)])
    names = [message["message"] for message in said(hear(conversation, *LISTENING, STOPPED))]
    assert names == ["RecognitionStarted", "AudioAdded", "AudioAdded", "EndOfTranscript"]


def test_a_client_that_starts_nothing_is_shown_out():
    assert kinds(new().nothing_came()) == [("Error", "idle_timeout")]
    assert listening().nothing_came() == []


def test_a_second_start_is_one_too_many():
    assert kinds(tell(listening(), start())) == [("Error", "protocol_error")]


@pytest.mark.parametrize(
    "frame",
    ["", "nonsense", "[]", "5", "null", "{}", '{"message": 5}', '{"message": null}', '"StartRecognition"', "[" * 5000],
)
def test_what_is_no_message_is_answered_and_ends_it(frame):
    for conversation in (new(), listening()):
        actions = conversation.text(frame)
        assert (kinds(actions), ended(actions)) == ([("Error", "invalid_message")], 1003)
        assert conversation.over


@pytest.mark.parametrize(
    "message",
    [
        {"message": "ForceEndOfUtterance", "timestamp": "now"},
        {"message": "ForceEndOfUtterance", "timestamp": -1},
        {"message": "ForceEndOfUtterance", "channel": "left"},
        {"message": "GetSpeakers", "final": "no"},
        {"message": "EndOfChannel"},
        {"message": "AddChannelAudio", "channel": "left", "data": "AAAA"},
    ],
)
def test_a_wrong_field_is_named(message):
    actions = tell(listening(), message)
    assert (kinds(actions), ended(actions)) == ([("Error", "invalid_message")], 1003)


def test_messages_of_another_name_are_warned_about_and_ignored():
    for conversation in (new(), listening()):
        actions = tell(conversation, {"message": "custom_message_type", "x": "y" * 2_000_000})
        assert kinds(actions) == [("Warning", "validation_warning")]
        assert not conversation.over
        assert len(json.dumps(said(actions))) < 1000


def test_point_18_what_is_answered_to_a_huge_message_is_small():
    for message in ({"message": "x" * 1_900_000}, start("x" * 1_900_000), start(domain="x" * 1_900_000)):
        assert max(len(json.dumps(one)) for one in said(tell(new(), message))) < 1000


def test_a_bad_configuration_ends_it_with_the_documented_type():
    for message, kind, code in (
        (start(max_delay="x"), "invalid_config", 1003),
        (start("ja"), "invalid_model", 4004),
        (start(audio={"type": "raw"}), "invalid_audio_type", 1003),
    ):
        actions = tell(new(), message)
        assert (kinds(actions), ended(actions)) == ([("Error", kind)], code)
        assert said(actions)[0]["code"] == code


# --- audio ---


def test_point_14_every_binary_message_is_acknowledged_on_receipt():
    conversation = listening()
    for number, data in enumerate((b"abc", b"", b"d"), start=1):
        actions = conversation.binary(data)
        assert said(actions) == [{"message": "AudioAdded", "seq_no": number}]
        assert fed(actions) == ([Sound(data)] if data else [])


def test_each_channel_counts_for_itself():
    conversation = listening(**STEREO)
    answers = []
    for channel in ("left", "right", "left"):
        data = base64.b64encode(b"pcm!").decode()
        actions = tell(conversation, {"message": "AddChannelAudio", "channel": channel, "data": data})
        assert fed(actions) == [Sound(b"pcm!", channel)]
        answers += said(actions)
    assert [(one["message"], one["channel"], one["seq_no"]) for one in answers] == [
        ("ChannelAudioAdded", "left", 1),
        ("ChannelAudioAdded", "right", 1),
        ("ChannelAudioAdded", "left", 2),
    ]


def test_channels_and_binary_audio_do_not_mix():
    assert kinds(listening(**STEREO).binary(b"ab")) == [("Error", "protocol_error")]
    for channel in ("middle", ""):
        actions = tell(listening(**STEREO), {"message": "AddChannelAudio", "channel": channel, "data": ""})
        assert kinds(actions) == [("Error", "invalid_message")]
        assert "left, right" in said(actions)[0]["reason"]


@pytest.mark.parametrize("data", ["%", "AAA", "ä", 5, None])
def test_what_is_no_base64_is_answered(data):
    actions = tell(listening(**STEREO), {"message": "AddChannelAudio", "channel": "left", "data": data})
    assert kinds(actions) == [("Error", "invalid_message")]


# --- the end ---


@pytest.mark.parametrize("last_seq_no", [0, 3, 99, -1, "many", None])
def test_point_13_last_seq_no_is_never_validated(last_seq_no):
    conversation = listening()
    conversation.binary(b"ab")
    actions = tell(conversation, {"message": "EndOfStream", "last_seq_no": last_seq_no})
    assert (fed(actions), said(actions)) == ([Stop(in_turn=True)], [])


def test_audio_after_the_end_of_the_stream_is_warned_about_and_ignored():
    conversation = listening()
    tell(conversation, {"message": "EndOfStream"})
    actions = conversation.binary(b"ab")
    assert (kinds(actions), fed(actions)) == ([("Warning", "add_audio_after_eos")], [])
    assert tell(conversation, {"message": "EndOfStream"}) == []
    for message in (
        {"message": "ForceEndOfUtterance"},
        {"message": "SetRecognitionConfig", "transcription_config": {}},
    ):
        assert kinds(tell(conversation, message)) == [("Warning", "validation_warning")]


def test_when_all_channels_have_ended_the_stream_has():
    conversation = listening(**STEREO)
    assert fed(tell(conversation, {"message": "EndOfChannel", "channel": "left", "last_seq_no": 7})) == [
        EndOfChannel("left")
    ]
    late = tell(conversation, {"message": "AddChannelAudio", "channel": "left", "data": ""})
    assert kinds(late) == [("Warning", "add_audio_after_eos")]
    assert tell(conversation, {"message": "EndOfChannel", "channel": "left"}) == []
    assert fed(tell(conversation, {"message": "EndOfChannel", "channel": "right"})) == [
        EndOfChannel("right"),
        Stop(in_turn=True),
    ]


def test_point_15_the_end_of_transcript_comes_before_the_close_frame():
    conversation = listening()
    tell(conversation, {"message": "EndOfStream"})
    actions = hear(conversation, FinalTranscript(sentence()), RunEnded(3.0), STOPPED)
    assert [kind for kind, _ in kinds(actions)] == ["AddTranscript", "EndOfTranscript"]
    assert (actions[-1].code, conversation.over) == (1000, True)


def test_nothing_is_said_after_the_end():
    conversation = listening()
    tell(conversation, {"message": "EndOfStream"})
    hear(conversation, STOPPED)
    assert conversation.binary(b"ab") == conversation.text("nonsense") == conversation.overdue() == []
    assert hear(conversation, FinalTranscript(sentence()), STOPPED) == []
    assert conversation.fail(InvalidMessage("x")) == []


@pytest.mark.parametrize(
    ("last", "kind", "code"),
    [
        ((Exhausted(), Closed("exhausted", 3, 3)), "timelimit_exceeded", 4006),
        ((Trouble(SessionIdle("1 h")), Closed("idle", 3, 3)), "idle_timeout", 1008),
        ((Trouble(SessionTooLong("48 h")), Closed("too_long", 3, 3)), "session_timeout", 1008),
        ((Trouble(CredentialRevoked("gone")), Closed("revoked", 3, 3)), "not_authorised", 4001),
        ((Trouble(EngineFailed("broke")), Closed("failed", 3, 3)), "job_error", 4013),
        ((Closed("failed", 3, 3),), "unknown_error", 1011),
        ((Closed("shutdown", 3, 3),), "job_error", 4013),
        ((Trouble(NotAudio("noise")), STOPPED), "invalid_audio_type", 1003),
    ],
)
def test_other_ends_have_their_documented_types_and_codes(last, kind, code):
    actions = hear(listening(), FinalTranscript(sentence()), *last)
    assert kinds(actions) == [("AddTranscript", None), ("Error", kind)]
    assert ended(actions) == said(actions)[-1]["code"] == code
    assert said(actions)[-1]["reason"]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (InsufficientTokens("none left"), "not_allowed", 4003),
        (AtCapacity("full"), "quota_exceeded", 4005),
        (UnsupportedLanguage("not here"), "invalid_model", 4004),
    ],
)
def test_point_25_what_prevents_a_session_is_said_after_the_start(error, kind, code):
    conversation = new()
    tell(conversation, start())
    actions = hear(conversation, Initializing(), Refused(error))
    assert (kinds(actions), ended(actions)) == ([("Error", kind)], code)


def test_nobody_is_told_of_a_client_that_is_gone():
    actions = hear(listening(), Closed("disconnected", 1, 1))
    assert (said(actions), ended(actions)) == ([], 1000)


# --- transcripts ---


def test_point_27_and_28_a_final_transcript():
    (message,) = said(hear(listening(), FinalTranscript(sentence("Hello there"))))
    assert message == {
        "message": "AddTranscript",
        "format": "2.9",
        "metadata": {"start_time": 1.0, "end_time": 1.9, "transcript": "Hello there. "},
        "results": [
            {
                "type": "word",
                "start_time": 1.0,
                "end_time": 1.4,
                "alternatives": [{"content": "Hello", "confidence": 0.9, "language": "en"}],
            },
            {
                "type": "word",
                "start_time": 1.5,
                "end_time": 1.9,
                "alternatives": [{"content": "there", "confidence": 0.9, "language": "en"}],
            },
            {
                "type": "punctuation",
                "start_time": 1.9,
                "end_time": 1.9,
                "attaches_to": "previous",
                "is_eos": True,
                "alternatives": [{"content": ".", "confidence": 1.0, "language": "en"}],
            },
        ],
    }


def test_transcripts_are_joined_as_they_are():
    conversation = listening()
    events = [FinalTranscript(sentence("Hello there", "")), FinalTranscript(sentence("my friend"))]
    joined = "".join(message["metadata"]["transcript"] for message in said(hear(conversation, *events)))
    assert joined == "Hello there my friend. "
    (chinese,) = said(hear(conversation, FinalTranscript(sentence("你 好", "。", language="zh", delimiter=""))))
    assert chinese["metadata"]["transcript"] == "你好。"


def test_the_language_of_words_is_written_as_the_client_wrote_it():
    (message,) = said(hear(listening(language="eng"), FinalTranscript(sentence())))
    assert {result["alternatives"][0]["language"] for result in message["results"]} == {"eng"}


def test_volume_and_tags_are_told_where_they_are_known():
    word = Word("um", 0.0, 0.5, volume=42.0, tags=("disfluency",))
    (message,) = said(hear(listening(), FinalTranscript(Sentence((word,), "en"))))
    (result,) = message["results"]
    assert (result["volume"], result["alternatives"][0]["tags"]) == (42.0, ["disfluency"])


def test_the_channel_stands_at_the_root():
    conversation = listening(**STEREO, enable_partials=True)
    events = [
        FinalTranscript(sentence(channel="left")),
        PartialTranscript((Word("Hi", 0, 1, channel="right"),), 0, 0, 1, "right"),
        EndOfUtterance(2.0, "left", forced=True),
    ]
    assert [message["channel"] for message in said(hear(conversation, *events))] == ["left", "right", "left"]


def test_partials_come_only_to_those_who_asked():
    partial = PartialTranscript((Word("Hello", 1, 2), Word("the", 2, 2.2)), 1, 1.0, 2.5)
    assert said(hear(listening(), partial)) == []
    (message,) = said(hear(listening(enable_partials=True), partial))
    assert message["message"] == "AddPartialTranscript"
    assert message["metadata"] == {"start_time": 1.0, "end_time": 2.5, "transcript": "Hello the "}
    (empty,) = said(hear(listening(enable_partials=True), PartialTranscript((), 0, 3.0, 3.0)))
    assert (empty["results"], empty["metadata"]["transcript"]) == ([], "")


def test_partials_of_transcripts_and_of_translations_are_asked_for_apart():
    translated = PartialTranslation(Translation("Hola", "es", 1.0, 2.0))
    spoken = PartialTranscript((Word("Hello", 1, 2),), 1, 1.0, 2.0)
    for partials, translations in ((True, False), (False, True)):
        wanted = {"target_languages": ["es"], "enable_partials": translations}
        conversation = listening(enable_partials=partials, translation=wanted)
        names = [message["message"] for message in said(hear(conversation, spoken, translated))]
        assert names == ["AddPartialTranscript"] * partials + ["AddPartialTranslation"] * translations


@pytest.mark.parametrize("code", ["es", "cmn", "zh-CN"])
def test_a_translation_names_its_language_as_the_client_wrote_it(code):
    conversation = new()
    config = begun(tell(conversation, start(translation={"target_languages": [code]})))
    hear(conversation, *LISTENING)
    (target,) = config.options.targets
    (message,) = said(hear(conversation, FinalTranslation(Translation("…", target, 1.0, 2.0))))
    assert message == {
        "message": "AddTranslation",
        "format": "2.9",
        "language": code,
        "results": [{"content": "…", "start_time": 1.0, "end_time": 2.0}],
    }


def test_utterances_end_audibly_for_those_who_asked_and_when_forced():
    pause, forced = EndOfUtterance(2.0), EndOfUtterance(3.0, forced=True)
    assert [message.get("forced") for message in said(hear(listening(), pause, forced))] == [True]
    asked = listening(conversation_config={"end_of_utterance_silence_trigger": 0.5})
    assert said(hear(asked, pause, forced)) == [
        {"message": "EndOfUtterance", "metadata": {"start_time": 2.0, "end_time": 2.0}},
        {"message": "EndOfUtterance", "metadata": {"start_time": 3.0, "end_time": 3.0}, "forced": True},
    ]


def test_a_forced_transcript_says_so():
    (message,) = said(hear(listening(), FinalTranscript(sentence(), forced=True)))
    assert message["forced"] is True


def test_what_failed_is_a_warning_and_the_session_goes_on():
    actions = hear(listening(), Notice("engine_failed", "it broke", "es"), Notice("engine_failed", "it broke"))
    assert kinds(actions) == [("Warning", "translation_failed"), ("Warning", "validation_warning")]


def test_what_clients_do_not_hear_of():
    assert hear(listening(), Progress(1.0), RunEnded(2.0)) == []


@pytest.mark.parametrize(
    ("event", "kind", "reason"),
    [
        (TimeShort("session", 45 * 60.0), "session_timeout", "Session will timeout in 45m due to the longest"),
        (TimeShort("idle", 5 * 60.0 - 0.2), "idle_timeout", "Session will timeout in 5m due to inactivity"),
        (TimeShort("idle", 30.0), "idle_timeout", "Session will timeout in 30s due to inactivity"),
    ],
)
def test_limits_are_warned_of_before_they_come(event, kind, reason):
    (message,) = said(hear(listening(), event))
    assert (message["type"], message["reason"].startswith(reason)) == (kind, True)


# --- controls ---


def test_controls_travel_with_the_audio():
    conversation = listening()
    assert fed(tell(conversation, {"message": "ForceEndOfUtterance"})) == [ForceEndOfUtterance()]
    assert fed(tell(conversation, {"message": "ForceEndOfUtterance", "timestamp": 2.5})) == [
        ForceEndOfUtterance(None, 2.5)
    ]
    config = {"language": "en", "max_delay": 1.5, "enable_partials": True}
    changed = tell(conversation, {"message": "SetRecognitionConfig", "transcription_config": config})
    assert fed(changed) == [Reconfigure(partials=True, max_delay=1.5, end_of_utterance=None, volume_threshold=None)]
    assert said(hear(conversation, PartialTranscript((), 0, 0, 1))) != []


def test_an_utterance_of_one_channel_may_be_forced():
    actions = tell(listening(**STEREO), {"message": "ForceEndOfUtterance", "channel": "left"})
    assert fed(actions) == [ForceEndOfUtterance("left")]


def test_speakers_are_answered_at_once_or_at_the_end():
    conversation = listening()
    answer = {"message": "SpeakersResult", "speakers": []}
    assert said(tell(conversation, {"message": "GetSpeakers"})) == [answer]
    assert tell(conversation, {"message": "GetSpeakers", "final": True}) == []
    tell(conversation, {"message": "EndOfStream"})
    assert said(hear(conversation, STOPPED)) == [answer, {"message": "EndOfTranscript"}]
    asked = listening(speaker_diarization_config={"get_speakers": True})
    assert answer in said(hear(asked, STOPPED))


# --- whatever clients do ---


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [
        "StartRecognition",
        "EndOfStream",
        "AddChannelAudio",
        "EndOfChannel",
        "SetRecognitionConfig",
        "ForceEndOfUtterance",
        "GetSpeakers",
        "AddAudio",
    ]
)
fields = st.sampled_from(
    [
        "transcription_config",
        "translation_config",
        "audio_format",
        "audio_events_config",
        "channel",
        "data",
        "timestamp",
        "final",
        "last_seq_no",
        "language",
    ]
)
odd_messages = st.builds(
    lambda name, more: json.dumps({**more, "message": name}),
    names | st.text(max_size=10),
    st.dictionaries(fields, json_values, max_size=4),
)
configs = st.dictionaries(
    st.sampled_from(["language", "max_delay", "diarization", "additional_vocab"]),
    json_values,
    max_size=3,
).map(lambda config: json.dumps({"message": "SetRecognitionConfig", "transcription_config": config}))
good_messages = st.sampled_from(
    [
        json.dumps(start()),
        json.dumps(start(translation={"target_languages": ["es", "ja"]}, enable_partials=True)),
        json.dumps(start(**STEREO)),
        '{"message": "EndOfStream", "last_seq_no": 1}',
        '{"message": "ForceEndOfUtterance"}',
        '{"message": "GetSpeakers"}',
        '{"message": "AddChannelAudio", "channel": "left", "data": "AAAA"}',
        '{"message": "EndOfChannel", "channel": "left"}',
        '{"message": "EndOfChannel", "channel": "right"}',
    ]
)
session_events = st.sampled_from(
    [
        *LISTENING,
        FinalTranscript(sentence()),
        PartialTranscript((), 0, 0, 1),
        FinalTranslation(Translation("Hola", "es", 0, 1)),
        EndOfUtterance(1.0),
        Notice("x", "y"),
        TimeShort("idle", 60.0),
        Trouble(NotAudio("x")),
    ]
)
last_events = st.sampled_from([STOPPED, Closed("exhausted", 1, 1), Closed("idle", 1, 1), Refused(AtCapacity("full"))])


@given(st.one_of(odd_messages, configs, st.text(max_size=50)), st.booleans())
def test_an_unknown_or_malformed_message_gets_an_error_or_a_warning_or_is_understood(frame, in_session):
    conversation = listening() if in_session else new()
    actions = conversation.text(frame)
    answers = {message["message"] for message in said(actions)}
    # EndOfStream and GetSpeakers(final) are messages whose answers come later.
    later = '"GetSpeakers"' in frame
    assert answers & {"Error", "Warning", "SpeakersResult"} or begun(actions) or fed(actions) or later
    json.dumps(said(actions))


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("text"), st.one_of(good_messages, odd_messages)),
            st.tuples(st.just("binary"), st.binary(max_size=9)),
            st.tuples(st.just("encode"), st.one_of(session_events, last_events)),
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_sequence_numbers_and_order_hold_whatever_comes(steps, begins_well):
    conversation = new()
    log, counts = [], {}
    if begins_well:
        log += tell(conversation, start()) + hear(conversation, *LISTENING)
    started = begins_well
    for kind, what in steps:
        if kind == "encode" and not started:
            continue  # a session that does not run says nothing
        actions = getattr(conversation, kind)(what)
        started = started or begun(actions) is not None
        log += actions
    sent = [action.message for action in log if isinstance(action, Say)]
    names_sent = [message["message"] for message in sent]
    for message in sent:
        if message["message"] in ("AudioAdded", "ChannelAudioAdded"):
            channel = message.get("channel")
            counts[channel] = counts.get(channel, 0) + 1
            assert message["seq_no"] == counts[channel]
            assert "RecognitionStarted" in names_sent[: names_sent.index(message["message"])]
    ends = [i for i, name in enumerate(names_sent) if name in ("Error", "EndOfTranscript")]
    assert ends in ([], [len(sent) - 1])
    assert names_sent.count("RecognitionStarted") <= 1
    assert sum(begun([action]) is not None for action in log) <= 1
    assert [ended([action]) for action in log].count(None) >= len(log) - 1
    if any(ended([action]) for action in log):
        assert ended(log[-1:]) is not None
    assert sum(isinstance(item, Stop) for item in fed(log)) <= 1


def test_listening_twice_starts_once():
    conversation = listening()
    assert hear(conversation, Listening()) == []
