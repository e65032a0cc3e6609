import pytest
from tests.unit.protocols.speechmatics.rt import CAPABILITIES, RAW, start

from dragoman.core.controls import Reconfigure
from dragoman.core.options import Replacement, RunOptions, VocabularyItem, WritingOptions
from dragoman.protocols.speechmatics.errors import WireError
from dragoman.protocols.speechmatics.rt_config import agree, change


def agreed(language="en", *, path_language=None, **more):
    return agree(start(language, **more), CAPABILITIES, path_language)


def warnings(config):
    return [(warned.kind, warned.reason) for warned in config.warned]


def refusal(**more):
    with pytest.raises(WireError) as raised:
        agreed(**more)
    return raised.value.kind, raised.value.reason


def test_what_a_client_that_says_nothing_gets():
    config = agreed()
    assert config.options == RunOptions(source="en", recognition="live", max_delay=4.0)
    assert config.audio.type == "file"
    assert (config.channels, config.warned, config.says_utterance_ends) == ((), (), False)


def test_everything_that_can_be_done():
    config = agreed(
        "de",
        audio=RAW,
        translation={"target_languages": ["en"], "enable_partials": True},
        enable_partials=True,
        max_delay=2,
        max_delay_mode="fixed",
        model="enhanced",
        conversation_config={"end_of_utterance_silence_trigger": 0.6},
        audio_filtering_config={"volume_threshold": 3.4},
        punctuation_overrides={"permitted_marks": [".", ","], "sensitivity": 0.2},
        additional_vocab=["Gnocchi", {"content": "Elbphilharmonie", "sounds_like": ["Elb Fil Harmonie"]}],
        transcript_filtering_config={
            "remove_disfluencies": True,
            "replacements": [{"from": "/colou?r/", "to": "$&"}, {"from": "damn", "to": "d***"}],
        },
    )
    assert config.warned == ()
    assert config.options == RunOptions(
        source="de",
        targets=("en",),
        recognition="live",
        enhanced=True,
        partials=True,
        partial_translations=True,
        max_delay=2.0,
        end_of_utterance=0.6,
        volume_threshold=3.4,
        vocabulary=(VocabularyItem("Gnocchi"), VocabularyItem("Elbphilharmonie", ("Elb Fil Harmonie",))),
        writing=WritingOptions(
            permitted_marks=(".", ","),
            sensitivity=0.2,
            remove_disfluencies=True,
            replacements=(Replacement("damn", "d***"), Replacement("colou?r", "$&", is_regex=True)),
        ),
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"diarization": "speaker"}, "diarization is speaker: speakers cannot be told apart"),
        ({"enable_entities": True}, "enable_entities"),
        ({"domain": "medical"}, "domain is 'medical'"),
        ({"output_locale": "en-GB"}, "output_locale is 'en-GB'"),
        ({"language_hints": ["de"]}, "language_hints"),
        ({"model": "melia-1"}, "model is 'melia-1'"),
        ({"additional_vocab": ["Gnocchi"]}, "ears cannot be taught words of en"),
        ({"speed": 5, "punctuation_overrides": {"x": 1}}, "transcription_config.speed, "),
        ({"translation_config": {"target_languages": ["es"]}}, "belongs beside transcription_config"),
    ],
)
def test_what_cannot_be_done_is_warned_about_and_the_session_goes_on(fields, told):
    ((kind, reason),) = warnings(agreed(**fields))
    assert kind == "validation_warning"
    assert told in reason


def test_issue_7_10_a_translation_config_in_the_wrong_place_is_told_where_it_belongs():
    config = agreed(translation_config={"target_languages": ["es"]})
    assert config.options.targets == ()
    assert "belongs beside transcription_config" in config.warned[0].reason


def test_speaker_identifiers_of_elsewhere_are_ignored_with_their_own_warning():
    speakers = [{"label": "Ada", "speaker_identifiers": ["xyz"]}]
    config = agreed(diarization="speaker", speaker_diarization_config={"speakers": speakers, "max_speakers": 4})
    assert [warned.kind for warned in config.warned] == ["validation_warning", "speaker_id"]


def test_audio_events_are_warned_about():
    config = agree({**start(), "audio_events_config": {"types": ["music"]}}, CAPABILITIES, None)
    assert "cannot be detected" in config.warned[0].reason


def test_internal_flags_of_some_sdks_are_ignored_silently():
    assert agreed(streaming_mode=True, ctrl={"a": 1}).warned == ()


def test_nulls_are_fields_that_were_left_out():
    nulls = {"max_delay": None, "diarization": None, "punctuation_overrides": {"sensitivity": None}, "speed": None}
    assert agreed(**nulls).options == agreed().options
    assert agreed(**nulls).warned == ()


@pytest.mark.parametrize(("asked", "used"), [(0.2, 0.7), (5.0, 4.0), (20, 4.0)])
def test_point_35_max_delay_is_clamped_not_rejected(asked, used):
    config = agreed(max_delay=asked)
    assert config.options.max_delay == used
    assert warnings(config)[0][0] == "validation_warning"


@pytest.mark.parametrize("used", [0.7, 1, 2.5, 4.0])
def test_a_max_delay_inside_its_bounds_is_taken_as_it_is(used):
    assert (agreed(max_delay=used).options.max_delay, agreed(max_delay=used).warned) == (used, ())


def test_point_36_model_and_operating_point_are_both_known():
    for fields in ({"model": "enhanced"}, {"operating_point": "enhanced"}, {"model": "standard"}):
        assert agreed(**fields).warned == ()


def test_point_34_vocabulary_may_be_texts_objects_both_or_nothing():
    assert agreed("de", additional_vocab=[]).options.vocabulary == ()
    mixed = agreed("de", additional_vocab=["one", {"content": "two"}, {"content": "three", "sounds_like": []}])
    assert [item.content for item in mixed.options.vocabulary] == ["one", "two", "three"]
    assert mixed.warned == ()


def test_vocabulary_that_is_too_long_is_dropped_with_a_warning():
    config = agreed("de", additional_vocab=["fine", "one two three four five six seven", "x" * 4001, "  "])
    assert [item.content for item in config.options.vocabulary] == ["fine"]
    assert "3 items were dropped" in config.warned[0].reason


def test_point_30_target_languages_may_be_empty():
    config = agreed(translation={"target_languages": []})
    assert config.options.targets == ()
    assert [warned.kind for warned in config.warned] == ["empty_translation_target_list"]


@pytest.mark.parametrize("count", [1, 5])
def test_up_to_five_targets(count):
    codes = ["es", "de", "fr", "it", "cs"][:count]
    assert list(agreed(translation={"target_languages": codes}).codes.values()) == codes


def test_more_than_five_targets_are_too_many():
    kind, reason = refusal(translation={"target_languages": ["es", "de", "fr", "it", "cs", "zh"]})
    assert kind == "invalid_config"
    assert "translation_config.target_languages" in reason
    assert "at most 5" in reason


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"enable_partials": "yes"}, "transcription_config.enable_partials is 'yes': it should be a valid boolean"),
        ({"max_delay": "2"}, "transcription_config.max_delay is '2'"),
        ({"max_delay": True}, "transcription_config.max_delay is True"),
        ({"max_delay_mode": "loose"}, "it should be 'flexible' or 'fixed'"),
        ({"diarization": "speaker_change"}, "transcription_config.diarization is 'speaker_change'"),
        ({"language": 5}, "transcription_config.language is 5"),
        ({"language": ""}, "transcription_config.language is ''"),
        ({"additional_vocab": [5]}, "transcription_config.additional_vocab.0 is 5: it should be an object"),
        ({"additional_vocab": [{"sounds_like": ["x"]}]}, "transcription_config.additional_vocab.0.content is missing"),
        ({"additional_vocab": ["x"] * 1001}, "at most 1000"),
        ({"punctuation_overrides": {"sensitivity": 2}}, "punctuation_overrides.sensitivity is 2"),
        ({"punctuation_overrides": {"permitted_marks": ["..."]}}, "permitted_marks.0 is '...'"),
        ({"punctuation_overrides": []}, "transcription_config.punctuation_overrides is []: it should be an object"),
        ({"conversation_config": {"end_of_utterance_silence_trigger": 3}}, "silence_trigger is 3"),
        ({"audio_filtering_config": {"volume_threshold": -1}}, "volume_threshold is -1"),
        ({"transcript_filtering_config": {"replacements": [{"from": "x"}]}}, "replacements.0.to is missing"),
        ({"transcript_filtering_config": {"replacements": [{"from": "/(/", "to": ""}]}}, "'(' cannot be used"),
        ({"diarization": "channel"}, "channel_diarization_labels has 0 labels"),
        ({"diarization": "channel", "channel_diarization_labels": ["a", "a"]}, "names a channel twice"),
        ({"diarization": "channel", "channel_diarization_labels": ["a b"]}, "channel_diarization_labels.0 is 'a b'"),
        ({"diarization": "channel", "channel_diarization_labels": [*"abcdefghi"]}, "has 9 labels"),
        ({"speaker_diarization_config": {"max_speakers": 1}}, "max_speakers is 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_value(fields, told):
    kind, reason = refusal(**fields)
    assert kind == "invalid_config"
    assert told in reason


@pytest.mark.parametrize(
    "audio",
    [
        "raw",
        {"type": "pcm"},
        {"type": "raw"},
        {"type": "raw", "encoding": "pcm_s24le", "sample_rate": 16_000},
        {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 0},
        {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 44_100.5},
        {"type": "raw", "encoding": "pcm_s16le", "sample_rate": "16000"},
        [],
    ],
)
def test_audio_of_another_kind_says_what_is_taken(audio):
    kind, reason = refusal(audio=audio)
    assert kind == "invalid_audio_type"
    assert reason.startswith("audio_format")
    assert "Send a file, or raw pcm_s16le, pcm_f32le or mulaw" in reason


@pytest.mark.parametrize("encoding", ["pcm_s16le", "pcm_f32le", "mulaw"])
@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 44_100, 96_000])
def test_raw_audio_of_any_rate(encoding, rate):
    audio = agreed(audio={"type": "raw", "encoding": encoding, "sample_rate": rate}).audio
    assert (audio.encoding, audio.sample_rate) == (encoding, rate)


@pytest.mark.parametrize("audio", [None, {}, {"type": "file"}])
def test_point_23_a_file_is_the_default(audio):
    assert agreed(audio=audio).audio.type == "file"


def test_the_language_may_stand_in_the_path_alone():
    message = {"message": "StartRecognition", "transcription_config": {}}
    assert agree(message, CAPABILITIES, "de").language == "de"
    with pytest.raises(WireError, match=r"transcription_config\.language is missing"):
        agree(message, CAPABILITIES, None)


def test_when_path_and_configuration_differ_the_configuration_holds():
    config = agreed("en", path_language="de")
    assert config.language == "en"
    assert "the latter holds" in config.warned[0].reason
    assert agreed("en", path_language="en").warned == ()


def test_a_config_that_is_missing_is_named():
    with pytest.raises(WireError, match="transcription_config is missing") as raised:
        agree({"message": "StartRecognition"}, CAPABILITIES, None)
    assert raised.value.kind == "invalid_message"


def test_channels_are_told_apart_by_their_labels():
    config = agreed(diarization="channel", channel_diarization_labels=["agent", "caller"])
    assert config.channels == config.options.channels == ("agent", "caller")
    assert agreed(channel_diarization_labels=["agent"]).options.channels == (None,)


def test_a_long_list_of_unknown_fields_makes_one_short_warning():
    config = agreed(**{f"field_{i}{'x' * 1000}": i for i in range(500)})
    ((_, reason),) = warnings(config)
    assert reason.endswith("and 490 more")
    assert len(reason) < 2000


# --- SetRecognitionConfig ---


def changed(config, **fields):
    return change(config, {"message": "SetRecognitionConfig", "transcription_config": fields})


def test_what_may_change_changes_and_the_rest_stays():
    config = agreed(enable_partials=True, conversation_config={"end_of_utterance_silence_trigger": 1})
    after = changed(config, language="en", max_delay=1, audio_filtering_config={})
    assert after.reconfigure == Reconfigure(partials=True, max_delay=1.0, end_of_utterance=1.0, volume_threshold=0.0)
    assert changed(after, enable_partials=False).reconfigure == Reconfigure(
        partials=False, max_delay=1.0, end_of_utterance=1.0, volume_threshold=0.0
    )


def test_the_legacy_client_sends_all_that_it_sent_before():
    before = start(
        translation={"target_languages": ["es"]}, diarization="none", additional_vocab=[], operating_point="enhanced"
    )
    config = agree(before, CAPABILITIES, None)
    after = {**before, "message": "SetRecognitionConfig"}
    after["transcription_config"] = {**before["transcription_config"], "max_delay": 2, "enable_entities": False}
    assert change(config, after).options.max_delay == 2.0


@pytest.mark.parametrize(
    "message",
    [
        {"transcription_config": {"language": "de"}},
        {"transcription_config": {"diarization": "speaker"}},
        {"transcription_config": {"additional_vocab": ["x"]}},
        {"transcription_config": {}, "translation_config": {"target_languages": ["de"]}},
        {"transcription_config": {}, "audio_events_config": {}},
    ],
)
def test_what_cannot_change_is_refused_by_name(message):
    config = agreed(translation={"target_languages": ["es"]})
    with pytest.raises(WireError, match="cannot be changed while a session runs") as raised:
        change(config, {"message": "SetRecognitionConfig", **message})
    assert raised.value.kind == "invalid_config"


def test_the_same_language_under_another_code_is_no_change():
    assert changed(agreed("en"), language="eng").options.source == "en"


def test_a_change_is_clamped_and_unknown_fields_are_told_too():
    after = changed(agreed(), max_delay=9, speed=3)
    assert after.options.max_delay == 4.0
    assert len(after.warned) == 2
