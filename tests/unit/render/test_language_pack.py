from dragoman.render.language_pack import language_pack_info


def test_english() -> None:
    assert language_pack_info("en") == {
        "language_description": "English",
        "word_delimiter": " ",
        "writing_direction": "left-to-right",
        "itn": False,
        "adapted": False,
    }


def test_chinese_writes_no_spaces() -> None:
    pack = language_pack_info("zh")
    assert (pack["language_description"], pack["word_delimiter"]) == ("Chinese", "")


def test_arabic_runs_from_right_to_left() -> None:
    assert language_pack_info("ar")["writing_direction"] == "right-to-left"


def test_what_the_engine_did() -> None:
    pack = language_pack_info("en", itn=True, adapted=True)
    assert pack["itn"]
    assert pack["adapted"]
