import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.render.transcripts import transcripts

from dragoman.core.transcript import Punctuation, Sentence, Transcript, Translation, Word
from dragoman.render.json_v2 import FeatureError, JobRecord, in_time_order, to_json_v2

CONFIG = {
    "type": "transcription",
    "transcription_config": {"language": "en", "diarization": "speaker"},
    "translation_config": {"target_languages": ["es", "zz"]},
    "tracking": {"title": "Pier notice"},
}
UNSUPPORTED = FeatureError(
    "translation", "unsupported_translation_pair", "Translation from en to zz currently not supported", "zz"
)
FAILED = FeatureError("translation", "translation_failed", "the engine stopped", "es")
HELLO = Transcript(
    "en",
    4.2,
    (
        Sentence(
            (Word("Hello", 0.5, 1.2, 0.93, "S1"), Punctuation(".", 1.2, is_eos=True, confidence=0.5, speaker="S1")),
            "en",
        ),
    ),
    translations={"es": (Translation("Hola.", "es", 0.5, 1.2, "S1"),)},
)


def job(config=CONFIG, **fields) -> JobRecord:
    return JobRecord("k3v9q2m1xz", "2026-02-03T10:00:00.120Z", "ferry.wav", 4, config, **fields)


def document(transcript=HELLO, config=CONFIG, **options):
    options = {"created_at": "2026-02-03T10:00:02.481990Z", "version": "0.1.0"} | options
    return to_json_v2(transcript, job(config), **options)


def config_for(*targets: str):
    return CONFIG | {"translation_config": {"target_languages": list(targets)}}


def test_the_whole_document() -> None:
    assert document(errors=[UNSUPPORTED]) == {
        "format": "2.9",
        "job": {
            "created_at": "2026-02-03T10:00:00.120Z",
            "data_name": "ferry.wav",
            "duration": 4,
            "id": "k3v9q2m1xz",
            "tracking": {"title": "Pier notice"},
        },
        "metadata": {
            "created_at": "2026-02-03T10:00:02.481990Z",
            "type": "transcription",
            "orchestrator_version": "0.1.0",
            "transcription_config": {"language": "en", "diarization": "speaker"},
            "translation_config": {"target_languages": ["es", "zz"]},
            "translation_errors": [
                {
                    "type": "unsupported_translation_pair",
                    "message": "Translation from en to zz currently not supported",
                }
            ],
            "language_pack_info": {
                "language_description": "English",
                "word_delimiter": " ",
                "writing_direction": "left-to-right",
                "itn": False,
                "adapted": False,
            },
        },
        "results": [
            {
                "type": "word",
                "start_time": 0.5,
                "end_time": 1.2,
                "alternatives": [{"content": "Hello", "confidence": 0.93, "language": "en", "speaker": "S1"}],
            },
            {
                "type": "punctuation",
                "start_time": 1.2,
                "end_time": 1.2,
                "attaches_to": "previous",
                "is_eos": True,
                "alternatives": [{"content": ".", "confidence": 0.5, "language": "en", "speaker": "S1"}],
            },
        ],
        "translations": {"es": [{"start_time": 0.5, "end_time": 1.2, "content": "Hola.", "speaker": "S1"}], "zz": []},
    }


def test_without_diarization_everybody_is_unknown() -> None:
    said = Transcript("en", 1.0, (Sentence((Word("Hi", 0, 1),), "en"),), {"es": (Translation("Hola", "es", 0, 1),)})
    made = document(said, config_for("es"))
    assert made["results"][0]["alternatives"][0]["speaker"] == "UU"
    assert made["translations"]["es"][0]["speaker"] == "UU"


def test_what_was_not_asked_for_is_not_there() -> None:
    made = document(config={"type": "transcription", "transcription_config": {"language": "en"}})
    assert set(made) == {"format", "job", "metadata", "results"}
    assert "tracking" not in made["job"]
    assert "translation_errors" not in made["metadata"]


def test_configurations_are_repeated_as_they_were_written_but_no_address_and_no_key() -> None:
    told = {
        "summarization_config": {},
        "output_config": {"srt_overrides": {"max_lines": 3}},
        "audio_events_config": {"types": ["music"]},
        "auto_chapters_config": {"enable_chapters": True},
    }
    untold = {
        "fetch_data": {"url": "https://example.org/a.wav", "auth_headers": ["Authorization: Bearer secret"]},
        "notification_config": [{"url": "https://example.org/done", "auth_headers": ["X-Key: secret"]}],
    }
    metadata = document(config=CONFIG | told | untold)["metadata"]
    assert metadata.items() >= told.items()
    assert "secret" not in json.dumps(metadata)


def test_a_language_that_failed_has_an_empty_list_whatever_it_got_before() -> None:
    made = document(errors=[FAILED])
    assert made["translations"] == {"es": [], "zz": []}
    assert made["metadata"]["translation_errors"] == [{"type": "translation_failed", "message": "the engine stopped"}]


def test_errors_stand_under_their_feature() -> None:
    errors = [
        FAILED,
        FeatureError("summarization", "unsupported_language", "no summary here"),
        FeatureError("auto_chapters", "auto_chapters_failed", "no chapters here"),
    ]
    metadata = document(errors=errors)["metadata"]
    assert len(metadata["translation_errors"]) == 1
    assert metadata["summarization_errors"] == [{"type": "unsupported_language", "message": "no summary here"}]
    assert metadata["auto_chapters_errors"] == [{"type": "auto_chapters_failed", "message": "no chapters here"}]


def test_languages_are_called_what_the_client_calls_them() -> None:
    said = Transcript(
        "zh",
        1.0,
        (Sentence((Word("你好", 0, 1),), "zh", ""),),
        {"nb": (Translation("Hei", "nb", 0, 1),)},
    )
    made = document(said, config_for("no", "nb"), language="cmn")
    assert made["results"][0]["alternatives"][0]["language"] == "cmn"
    assert made["metadata"]["language_pack_info"]["word_delimiter"] == ""
    assert made["translations"]["no"] == made["translations"]["nb"] != []


@pytest.mark.parametrize("asked", [{}, {"target_languages": []}, {"target_languages": None}])
def test_no_target_no_translation_but_the_key(asked) -> None:
    assert document(config=CONFIG | {"translation_config": asked})["translations"] == {}


def test_the_name_of_a_text() -> None:
    made = to_json_v2(HELLO, job(text_name="ferry.txt"), created_at="now", version="0")
    assert made["job"]["text_name"] == "ferry.txt"


def test_a_mark_stays_with_its_word_when_the_next_word_begins_at_once() -> None:
    items = [Word("one", 0, 1), Punctuation(",", 1), Punctuation("“", 1, "next"), Word("two", 1, 2)]
    assert in_time_order(items) == items


def test_channels_are_merged_by_time_the_longer_item_first() -> None:
    left = [Word("one", 0, 1, channel="left"), Word("two", 2, 3, channel="left")]
    right = [Word("uno", 0, 1.5, channel="right"), Word("dos", 2, 2.5, channel="right")]
    assert in_time_order(left + right) == [right[0], left[0], left[1], right[1]]


CHANNELS = st.sampled_from([(None,), ("left", "right"), ("a", "b", "c")])


@given(CHANNELS.flatmap(transcripts))
def test_results_are_in_order(transcript) -> None:
    results = document(transcript)["results"]
    assert len(results) == len(transcript.items)
    for one, other in pairwise(results):
        assert one["start_time"] <= other["start_time"]
    for one, other in pairwise(in_time_order(transcript.items)):
        if one.start_time == other.start_time and one.channel != other.channel:
            # Nothing of the channel that comes second could have come first.
            assert one.end_time >= other.end_time


@given(CHANNELS.flatmap(transcripts))
def test_a_channel_reads_as_it_was_said(transcript) -> None:
    for channel in {item.channel for item in transcript.items}:
        said = [item for item in transcript.items if item.channel == channel]
        assert [item for item in in_time_order(transcript.items) if item.channel == channel] == said


@given(transcripts(), st.lists(st.sampled_from(["es", "de", "no", "cmn", "zz", "x_y"]), max_size=5))
def test_translations_have_a_key_for_each_target(transcript, targets) -> None:
    made = document(transcript, config_for(*targets), errors=[FAILED])["translations"]
    assert made.keys() == set(targets)
    assert made.get("es", []) == []
    for target, sentences in made.items():
        canonical = {"no": "nb"}.get(target, target)
        expected = () if target == "es" else transcript.translations.get(canonical, ())
        assert [sentence["content"] for sentence in sentences] == [translation.content for translation in expected]


@given(CHANNELS.flatmap(lambda channels: transcripts(channels, (None, "S1", "S2"))))
def test_the_batch_client_takes_the_document(batch_client, transcript) -> None:
    made = json.loads(json.dumps(document(transcript, errors=[UNSUPPORTED])))
    read = batch_client.Transcript.from_dict(made)
    assert [result.alternatives[0].content for result in read.results] == [
        item.content for item in in_time_order(transcript.items)
    ]
    assert read.translations == made["translations"]
    assert read.metadata.translation_errors == made["metadata"]["translation_errors"]
    assert read.job.tracking == {"title": "Pier notice"}
    assert read.confidence is None or 0 <= read.confidence <= 1


def test_the_batch_client_shows_the_text(batch_client) -> None:
    assert batch_client.Transcript.from_dict(document()).transcript_text == "SPEAKER S1: Hello."
    quiet = Transcript("en", 1.0, (Sentence((Word("Hi", 0, 1), Punctuation("!", 1)), "en"),))
    assert batch_client.Transcript.from_dict(document(quiet)).transcript_text == "Hi!"


def test_the_legacy_client_shows_the_translations(legacy_adapters) -> None:
    assert legacy_adapters.get_txt_translation(document()["translations"]["es"]) == "SPEAKER: S1\nHola."
