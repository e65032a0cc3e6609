from dragoman.engines.adapters.espeak_voices import ListedVoice, listed_voices
from dragoman.engines.tts import Voice


def listed(identifier: str, language: str, priority: int = 5) -> ListedVoice:
    return {"name": identifier, "identifier": identifier, "language": language, "priority": priority}


def test_default_voice_first() -> None:
    identifiers, voices = listed_voices(
        [
            listed("gmq/nb-x-old", "nb"),
            listed("gmq/nb", "nb"),
            listed("gmw/en-US-nyc", "en-us-nyc"),
            listed("gmw/en-US", "en-us", 2),
        ]
    )
    assert voices == (
        Voice("en-US", "en-US"),
        Voice("en-US-nyc", "en-US"),
        Voice("nb", "nb"),
        Voice("nb-x-old", "nb"),
        Voice("nb", "nn"),
    )
    assert identifiers["en-US-nyc"] == "gmw/en-US-nyc"


def test_what_espeak_cannot_read_is_left_out() -> None:
    _, voices = listed_voices(
        [listed("sit/cmn", "cmn"), listed("jpx/ja", "ja"), listed("sit/yue", "yue"), listed("ko/ko", "ko")]
    )
    assert [voice.name for voice in voices] == ["ko"]


def test_what_is_no_language_is_left_out() -> None:
    identifiers, voices = listed_voices([listed("art/piqd", "piqd"), listed("iro/chr", "chr-US-Qaaa-x-west")])
    assert [voice.name for voice in voices] == ["chr"]
    assert set(identifiers) == {"chr"}


def test_substitutes_stand_last_and_only_in_for_nobody() -> None:
    _, voices = listed_voices([listed("roa/es", "es"), listed("gmq/nb", "nb"), listed("cel/cy", "cy")])
    assert [(voice.name, voice.language) for voice in voices] == [
        ("cy", "cy"),
        ("es", "es"),
        ("nb", "nb"),
        ("es", "gl"),
        ("nb", "nn"),
    ]
    _, voices = listed_voices([listed("roa/es", "es"), listed("roa/gl", "gl")])
    assert [(voice.name, voice.language) for voice in voices] == [("es", "es"), ("gl", "gl")]
