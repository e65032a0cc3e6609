from dragoman.render.cues import Cue
from dragoman.render.srt import to_srt


def test_blocks() -> None:
    made = [Cue(0.0, 1.5, ("Hello,", "world.")), Cue(2.0, 3.0, ("Bye.",))]
    assert to_srt(made) == (
        "1\n00:00:00,000 --> 00:00:01,500\nHello,\nworld.\n\n2\n00:00:02,000 --> 00:00:03,000\nBye.\n"
    )


def test_text_cannot_break_the_format() -> None:
    text = to_srt([Cue(0.0, 1.0, ("a --> b", " ", "c\n\nd"))])
    assert text == "1\n00:00:00,000 --> 00:00:01,000\na → b\nc\nd\n"


def test_no_cue() -> None:
    assert to_srt([]) == ""
