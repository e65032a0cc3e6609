from dragoman.render.cues import Cue
from dragoman.render.vtt import to_vtt


def test_blocks() -> None:
    made = [Cue(0.0, 1.5, ("Hello,", "world.")), Cue(2.0, 3.0, ("Bye.",))]
    assert to_vtt(made) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello,\nworld.\n\n00:00:02.000 --> 00:00:03.000\nBye.\n"
    )


def test_text_cannot_break_the_format() -> None:
    text = to_vtt([Cue(0.0, 1.0, ("a --> <b> & c", "", "d\n\ne"))])
    assert text == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na --&gt; &lt;b&gt; &amp; c\nd\ne\n"


def test_no_cue() -> None:
    assert to_vtt([]) == "WEBVTT\n"
