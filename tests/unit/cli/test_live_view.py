from dragoman.cli.live_view import partial_text
from dragoman.core.events import PartialTranscript
from dragoman.core.transcript import Word


def partial(stable, *contents):
    return PartialTranscript(tuple(Word(content, 1.0, 2.0) for content in contents), stable, 1.0, 2.0)


def styles(text):
    return [(text.plain[span.start : span.end].strip(), str(span.style)) for span in text.spans]


def test_tentative_words_are_dim():
    text = partial_text(partial(2, "it", "was", "the"))
    assert text.plain.split() == ["0:01.0", "it", "was", "the"]
    assert styles(text) == [("0:01.0", "dim"), ("the", "dim")]


def test_all_words_may_be_stable_or_none():
    assert partial_text(partial(2, "it", "was")).plain.endswith("it was")
    assert styles(partial_text(partial(0, "it", "was")))[1] == ("it was", "dim")
