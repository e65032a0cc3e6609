from dragoman.render.style import SubtitleStyle, style_for


def test_full_width_scripts_have_their_own_measures() -> None:
    assert style_for("zh-Hant").max_line_length == 2 * 16
    assert style_for("ja").max_line_length == 2 * 13
    assert style_for("pt-BR") == style_for("en") == SubtitleStyle()
