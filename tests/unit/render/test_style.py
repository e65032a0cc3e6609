from dragoman.render.style import SubtitleStyle, srt_style, style_for


def test_full_width_scripts_have_their_own_measures() -> None:
    assert style_for("zh-Hant").max_line_length == 2 * 16
    assert style_for("ja").max_line_length == 2 * 13
    assert style_for("pt-BR") == style_for("en") == SubtitleStyle()


def test_srt_has_lines_of_37_characters_unless_the_script_wants_less() -> None:
    assert srt_style("en").max_line_length == 37
    assert srt_style("ja") == style_for("ja")


def test_srt_is_overridden_in_characters() -> None:
    style = srt_style("zh", max_line_length=20, max_lines=3)
    assert (style.max_line_length, style.max_lines) == (20, 3)
    assert style.measure("你好") == 2


def test_a_subtitle_never_has_more_than_ten_lines() -> None:
    assert srt_style("en", max_lines=1000).max_lines == 10
