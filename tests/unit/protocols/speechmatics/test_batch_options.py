import json

import pytest
from tests.unit.protocols.speechmatics.batch import ABLE, CAPABILITIES, config

from dragoman.core.options import (
    Fetch,
    JobOptions,
    Notification,
    Replacement,
    RunOptions,
    Shortfall,
    VocabularyItem,
    WritingOptions,
)
from dragoman.protocols.speechmatics.batch_config import read_config
from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.batch_options import agree

SMALLEST = {"language": "en"}


def agreed(wanted=None, capabilities=ABLE, **switches):
    return agree(read_config(json.dumps(config() if wanted is None else wanted)), capabilities, **switches)


def transcription(language="en", **fields):
    return config() | {"transcription_config": {"language": language} | fields}


def refusal(wanted, **switches):
    with pytest.raises(Refusal) as raised:
        agreed(wanted, **switches)
    assert raised.value.status == 400
    return raised.value


def test_what_a_client_that_says_nothing_gets():
    assert agreed() == JobOptions(RunOptions(source="en"))


def test_everything_that_can_be_done():
    wanted = transcription(
        "de",
        model="enhanced",
        diarization="channel",
        channel_diarization_labels=["left", "right"],
        additional_vocab=["Gnocchi", {"content": "Elbe", "sounds_like": ["Ell beh"]}],
        punctuation_overrides={"permitted_marks": ["."], "sensitivity": 0.2},
        transcript_filtering_config={"remove_disfluencies": True, "replacements": [{"from": "a", "to": "b"}]},
        audio_filtering_config={"volume_threshold": 3},
    ) | {
        "translation_config": {"target_languages": ["en"]},
        "fetch_data": {"url": "https://example.org/a.wav", "auth_headers": ["Authorization: Bearer x"]},
        "notification_config": [
            {"url": "https://example.org/told", "contents": ["jobinfo", "transcript"], "method": "PUT"}
        ],
        "tracking": {"title": "t", "reference": "r", "tags": ["a"], "details": {"a": {"b": [1]}}},
        "output_config": {"srt_overrides": {"max_line_length": 20, "max_lines": 1}, "generate_lattice": False},
    }
    assert agreed(wanted) == JobOptions(
        RunOptions(
            source="de",
            targets=("en",),
            enhanced=True,
            channels=("left", "right"),
            vocabulary=(VocabularyItem("Gnocchi"), VocabularyItem("Elbe", ("Ell beh",))),
            writing=WritingOptions((".",), 0.2, remove_disfluencies=True, replacements=(Replacement("a", "b"),)),
            volume_threshold=3.0,
        ),
        fetch=Fetch("https://example.org/a.wav", ("Authorization: Bearer x",)),
        notifications=(Notification("https://example.org/told", ("jobinfo", "transcript"), "put"),),
    )


@pytest.mark.parametrize("name", ["model", "operating_point"])
@pytest.mark.parametrize(("model", "enhanced"), [("standard", False), ("enhanced", True)])
def test_enhanced_asks_for_the_most_accurate_recognizer(name, model, enhanced):
    run = agreed(transcription(**{name: model})).run
    assert (run.enhanced, run.recognition) == (enhanced, "whole")


def test_channels_without_labels_are_heard_apart():
    assert agreed(transcription(diarization="channel")).run.channels == ()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"language": "tlh"}, "transcription_config.language is 'tlh'"),
        ({"language": "ja"}, "Possible: ca, de, en, fr"),
        ({"language": "auto"}, "transcription_config.language"),
        ({"model": "melia-1"}, "transcription_config.model is 'melia-1': it can be standard or enhanced"),
        ({"operating_point": "oak-1"}, "transcription_config.operating_point"),
        ({"model": "standard", "operating_point": "enhanced"}, "operating_point is 'enhanced': model says standard"),
        ({"diarization": "speaker"}, "transcription_config.diarization is 'speaker'"),
        ({"diarization": "both"}, "transcription_config.diarization is 'both'"),
        ({"domain": "medical"}, "transcription_config.domain is 'medical'"),
        ({"output_locale": "en-GB"}, "transcription_config.output_locale is 'en-GB'"),
        ({"enable_entities": True}, "transcription_config.enable_entities"),
        ({"language_hints": ["de"]}, "transcription_config.language_hints"),
        ({"channel_diarization_labels": ["a", "a"]}, "channel_diarization_labels names a channel twice"),
        ({"channel_diarization_labels": ["a b"]}, "transcription_config.channel_diarization_labels.0 is 'a b'"),
        ({"additional_vocab": ["Gnocchi"]}, "transcription_config.additional_vocab: ears cannot be taught"),
        ({"additional_vocab": [{"content": ""}]}, "transcription_config.additional_vocab.0.content is ''"),
        ({"punctuation_overrides": {"sensitivity": 2}}, "transcription_config.punctuation_overrides.sensitivity is 2"),
        ({"transcript_filtering_config": {"replacements": [{"from": "/(/", "to": ""}]}}, "replacements"),
        ({"enable_partials": "yes"}, "transcription_config.enable_partials is 'yes'"),
        ({"speed": 5}, "there is no field transcription_config.speed"),
        ({"translation_config": {}}, "translation_config belongs beside transcription_config"),
    ],
)
def test_a_wrong_or_impossible_field_of_the_transcription_is_named(fields, named):
    found = refusal(transcription(**fields))
    assert found.error == "Job rejected"
    assert found.detail.startswith("Job config JSON is invalid. Error: ")
    assert named in found.detail


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"type": "alignment"}, "transcription_config belongs to jobs of type transcription"),
        ({"type": "language_identification"}, "type is 'language_identification'"),
        ({"type": 3}, "type is 3"),
        ({"alignment_config": {"language": "en"}}, "alignment_config"),
        ({"fetch_text": {"url": "https://example.org"}}, "fetch_text"),
        ({"translation_config": {"target_languages": ["es", "fr", "de", "it", "cs", "zh"]}}, "at most 5 items"),
        ({"translation_config": {"target_languages": "es"}}, "translation_config.target_languages is 'es'"),
        ({"language_identification_config": {}}, "language_identification_config"),
        ({"audio_events_config": {}}, "audio_events_config"),
        ({"output_config": {"generate_lattice": True}}, "output_config.generate_lattice"),
        ({"output_config": {"srt_overrides": {"max_lines": 0}}}, "output_config.srt_overrides.max_lines is 0"),
        ({"summarization_config": {"summary_type": "x"}}, "summarization_config.summary_type is 'x'"),
        ({"topic_detection_config": {"topics": list("abcdefghijk")}}, "topic_detection_config.topics"),
        ({"fetch_data": {"url": "ftp://example.org"}}, "fetch_data.url is not a web address"),
        ({"fetch_data": {"url": "https://a:b@example.org"}}, "fetch_data.url holds a password"),
        ({"fetch_data": {"url": "https://a.example", "auth_headers": ["Host: b"]}}, "fetch_data.auth_headers"),
        ({"fetch_data": {}}, "fetch_data.url is missing"),
        ({"notification_config": [{"url": "https://a.example"}] * 4}, "notification_config"),
        ({"notification_config": [{"url": "https://a.example", "method": "get"}]}, "notification_config.0.method"),
        ({"notification_config": [{"url": "https://a.example", "contents": ["x"]}]}, "notification_config[0].contents"),
        ({"notification_config": [{"url": "https://a.example", "auth_headers": ["x"]}]}, "auth_headers"),
        ({"tracking": {"tags": "a"}}, "tracking.tags is 'a'"),
        ({"speech_config": {"target_languages": ["es"]}}, "only languages that are translated to"),
        ({"nonsense": 1}, "there is no field nonsense"),
    ],
)
def test_a_wrong_or_impossible_field_of_the_job_is_named(fields, named):
    assert named in refusal(config() | fields).detail


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '{"type": "transcription"', '{"a": NaN}', "[" * 5000])
def test_what_is_no_configuration_is_refused(text):
    with pytest.raises(Refusal, match="Job config JSON is invalid"):
        read_config(text)


@pytest.mark.parametrize("wanted", [{"type": "transcription"}, config() | {"transcription_config": {}}])
def test_a_language_must_be_named(wanted):
    assert refusal(wanted).error == "No language selected"


def test_a_null_is_a_field_that_was_left_out():
    wanted = transcription(domain=None, enable_entities=None) | {"translation_config": None, "fetch_data": None}
    assert agreed(wanted) == agreed()


def test_a_language_that_cannot_be_translated_to_is_reported_and_the_rest_is_done():
    options = agreed(config(targets=["es", "tlh", "cmn", "es", "xx"]))
    assert options.run.targets == ("es", "zh")
    assert options.shortfalls == tuple(
        Shortfall(
            "translation",
            "unsupported_translation_pair",
            f"Translation from en to {code} currently not supported",
            code,
        )
        for code in ("tlh", "xx")
    )


def test_or_it_is_refused_where_that_is_wanted():
    assert "from en to tlh" in refusal(config(targets=["tlh"]), strict_targets=True).detail


def test_point_31_partial_translations_of_a_recording_are_accepted_and_noted():
    wanted = config() | {"translation_config": {"target_languages": ["es"], "enable_partials": True}}
    options = agreed(wanted)
    assert options.run.targets == ("es",)
    assert not options.run.partial_translations
    assert "translation_config.enable_partials" in options.shortfalls[0].message


def test_point_32_switches_that_one_client_puts_into_empty_objects_are_accepted():
    wanted = config() | {
        "sentiment_analysis_config": {"enable_sentiment": True},
        "auto_chapters_config": {"enable_chapters": True},
    }
    assert {each.feature: each.kind for each in agreed(wanted).shortfalls} == {
        "sentiment_analysis": "sentiment_analysis_failed",
        "auto_chapters": "auto_chapters_failed",
    }


@pytest.mark.parametrize("topics", ["Sports, Travel", ["Sports", "Travel"]])
def test_point_33_topics_may_be_one_string_with_commas(topics):
    wanted = config() | {"topic_detection_config": {"topics": topics}}
    assert read_config(json.dumps(wanted)).topic_detection_config.topics == ["Sports", "Travel"]
    assert agreed(wanted).shortfalls[0].kind == "topic_detection_failed"


def test_what_has_no_effect_is_noted():
    wanted = transcription(
        max_delay=2.0, conversation_config={}, speaker_diarization_config={"speaker_sensitivity": 0.4}
    ) | {"notification_config": {"url": "https://a.example", "contents": ["text", "alignment.one_per_line"]}}
    effect, absent = agreed(wanted).shortfalls
    assert effect.message.startswith("Without effect on this recording: transcription_config.max_delay, ")
    assert "speaker_diarization_config" in effect.message
    assert "alignment.one_per_line, text" in absent.message


def test_words_that_are_too_long_are_dropped_and_noted():
    options = agreed(transcription("de", additional_vocab=["one two three four five six seven", "Elbe"]))
    assert options.run.vocabulary == (VocabularyItem("Elbe"),)
    assert "1 items were dropped" in options.shortfalls[0].message


def test_translations_can_be_spoken():
    wanted = config(targets=["es", "fr"]) | {
        "speech_config": {"target_languages": ["es-MX"], "voices": {"es-MX": "juan"}}
    }
    with pytest.raises(Refusal, match="only languages that are translated to"):
        agreed(wanted)
    wanted["speech_config"] = {"target_languages": ["es", "fr"], "voices": {"es": "juan"}}
    options = agreed(wanted)
    assert (options.run.speak, options.run.voices) == (("es",), (("es", "juan"),))
    assert [(each.feature, each.language) for each in options.shortfalls] == [("speech", "fr")]
    wanted["speech_config"]["voices"] = {"es": "nobody"}
    assert "it can be maria, juan" in refusal(wanted).detail


def test_nothing_can_be_recognised_where_nothing_is_installed():
    nothing = type(CAPABILITIES)((), (), ())
    assert "Possible: none" in refusal(config(), capabilities=nothing).detail
