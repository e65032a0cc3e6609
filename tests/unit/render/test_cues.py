# ruff: noqa: RUF001 - full-width forms are the point
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.transcript import Punctuation, Sentence, Translation, Word
from dragoman.render.characters import width
from dragoman.render.cues import Cue, cues
from dragoman.render.style import SubtitleStyle, srt_style, style_for

TOLERANCE = 1e-6

ENGLISH = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness. "
    "Mr. Dashwood had been received by the family with great kindness on his return from London. "
    "I do not know! "
    "The old gentleman was a sensible man, and he wished to leave the whole of the estate to his nephew "
    "because he had no children of his own."
)
SPANISH = (
    "Era el mejor de los tiempos, era el peor de los tiempos, era la edad de la sabiduría.",
    "El señor Dashwood había sido recibido por la familia con gran amabilidad a su regreso de Londres.",
    "¡No lo sé!",
    "El anciano caballero era un hombre sensato y deseaba dejar la totalidad de la finca a su sobrino.",
)
CHINESE = (
    "这是最好的时代，这是最坏的时代；这是智慧的时代，这是愚蠢的时代。",
    "达什伍德先生从伦敦回来时，受到了全家人的热情款待，他使用Python编程。",
)


def read_aloud(text: str) -> list[Sentence]:
    """Sentences with word times as a steady reader gives them: time per letter, pauses at marks."""
    sentences, items, time = [], [], 0.0
    for written in text.split():
        bare = written if written == "Mr." else written.rstrip(",.!?")
        end = round(time + 0.05 + 0.08 * len(written), 3)
        items.append(Word(bare, time, end))
        ends = written != bare and written[-1] in ".!?"
        if written != bare:
            items.append(Punctuation(written[-1], end, is_eos=ends))
        time = round(end + (0.7 if ends else 0.35 if written != bare else 0.0), 3)
        if ends:
            sentences.append(Sentence(tuple(items), "en"))
            items = []
    return sentences


def evenly(texts: Sequence[str], language: str, seconds: float) -> list[Translation]:
    """Sentences of so many seconds with a second between them."""
    starts = [index * (seconds + 1.0) for index in range(len(texts))]
    return [Translation(text, language, start, start + seconds) for text, start in zip(texts, starts, strict=True)]


def test_english_with_word_times() -> None:
    made = cues(read_aloud(ENGLISH))
    assert [cue.lines for cue in made] == [
        ("It was the best of times,", "it was the worst of times,"),
        ("it was the age of wisdom,", "it was the age of foolishness."),
        ("Mr. Dashwood had been received", "by the family with great kindness"),
        ("on his return from London.",),
        ("I do not know!",),
        ("The old gentleman was a sensible man,", "and he wished to leave the whole"),
        ("of the estate to his nephew", "because he had no children of his own."),
    ]
    assert made[0].start_time == 0.0
    assert made[1].start_time == pytest.approx(4.58)
    assert made[0].end_time == pytest.approx(4.58 - style_for("en").min_gap)


def test_spanish_translation_with_sentence_times() -> None:
    assert [cue.lines for cue in cues(evenly(SPANISH, "es", 6.0))] == [
        ("Era el mejor de los tiempos,",),
        ("era el peor de los tiempos,", "era la edad de la sabiduría."),
        ("El señor Dashwood había sido recibido", "por la familia con gran amabilidad"),
        ("a su regreso de Londres.",),
        ("¡No lo sé!",),
        ("El anciano caballero era un hombre sensato",),
        ("y deseaba dejar la totalidad", "de la finca a su sobrino."),
    ]


def test_chinese_translation_breaks_between_characters() -> None:
    assert [cue.lines for cue in cues(evenly(CHINESE, "zh", 7.0))] == [
        ("这是最好的时代，这是最坏的时代；", "这是智慧的时代，这是愚蠢的时代。"),
        ("达什伍德先生从伦敦回来时，", "受到了全家人的热情款待，"),
        ("他使用Python编程。",),
    ]


def test_nothing_said_nothing_shown() -> None:
    assert cues([]) == []
    assert cues([Translation(" ", "es", 0.0, 1.0)]) == []


def test_a_narrower_style() -> None:
    made = cues(read_aloud(ENGLISH), SubtitleStyle(max_line_length=37))
    assert all(len(line) <= 37 for cue in made for line in cue.lines)


def test_sentences_too_short_to_read_share_a_subtitle() -> None:
    shouted = [Sentence((Word("No", i * 0.4, i * 0.4 + 0.3), Punctuation("!", i * 0.4 + 0.3)), "en") for i in range(2)]
    (cue,) = cues(shouted)
    assert cue.lines == ("No! No!",)


def test_two_speakers_never_share_a_subtitle() -> None:
    one, other = (Sentence((Word("No", t, t + 0.3, speaker=s),), "en") for t, s in ((0.0, "S1"), (0.4, "S2")))
    assert [cue.lines for cue in cues([one, other])] == [("No",), ("No",)]


WORDS = st.sampled_from(["the", "a", "and", "house,", "of", "Jane", "Austen", "extraordinarily", "is", "it.", "x" * 50])


@st.composite
def sentences(draw: st.DrawFn) -> list[Sentence]:
    """Sentences of one speaker in order, with word times and pauses of any length."""
    time, made = 0.0, []
    for contents in draw(st.lists(st.lists(WORDS, min_size=1, max_size=30), max_size=6)):
        words = []
        for content in contents:
            time += draw(st.sampled_from([0.0, 0.0, 0.0, 0.2, 1.0, 4.0]))
            end = time + draw(st.sampled_from([0.05, 0.2, 0.5, 1.5]))
            words.append(Word(content, time, end))
            time = end
        made.append(Sentence(tuple(words), "en"))
    return made


@st.composite
def translations(draw: st.DrawFn) -> list[Translation]:
    """Translations that may be denser than their time, overlap and stand in no order."""
    texts = st.one_of(st.lists(WORDS, max_size=40).map(" ".join), st.text("你好我的时代。，", max_size=80))
    language = draw(st.sampled_from(["en", "zh"]))
    made = []
    for text in draw(st.lists(texts, max_size=6)):
        start = draw(st.floats(0.0, 60.0))
        made.append(Translation(text, language, start, start + draw(st.floats(0.0, 20.0))))
    return made


def text_of(parts: Sequence[Sentence | Translation]) -> str:
    texts = (part.text if isinstance(part, Sentence) else part.content for part in parts)
    return "".join("".join(texts).split())


def shown(made: list[Cue]) -> str:
    return "".join("".join(line for cue in made for line in cue.lines).split())


@given(sentences())
def test_all_text_is_shown_in_order(said: list[Sentence]) -> None:
    assert shown(cues(said)) == text_of(said)


@given(translations())
def test_all_text_is_shown_somewhere(said: list[Translation]) -> None:
    assert sorted(shown(cues(said))) == sorted(text_of(said))


@given(st.one_of(sentences(), translations()))
def test_subtitles_never_overlap_and_keep_their_gap(said: list[Sentence] | list[Translation]) -> None:
    made = cues(said)
    style = style_for(said[0].language) if said else SubtitleStyle()
    assert all(cue.start_time < cue.end_time for cue in made)
    assert all(one.end_time + style.min_gap <= other.start_time + TOLERANCE for one, other in pairwise(made))


@given(st.one_of(sentences(), translations()))
def test_durations_keep_their_bounds_where_there_is_room(said: list[Sentence] | list[Translation]) -> None:
    made = cues(said)
    style = style_for(said[0].language) if said else SubtitleStyle()
    for cue, after in pairwise([*made, Cue(float("inf"), float("inf"), ())]):
        room = after.start_time - style.min_gap - cue.start_time
        duration = cue.end_time - cue.start_time
        assert duration >= min(style.min_duration, room) - TOLERANCE
        assert duration <= style.max_duration + TOLERANCE
        readable = sum(map(width, cue.lines)) / style.max_chars_per_second
        assert duration >= min(readable, room, style.max_duration) - TOLERANCE


@given(st.one_of(sentences(), translations()))
def test_lines_fit_unless_one_word_does_not(said: list[Sentence] | list[Translation]) -> None:
    for cue in cues(said):
        style = style_for(said[0].language)
        assert 1 <= len(cue.lines) <= style.max_lines
        assert all(width(line) <= style.max_line_length or " " not in line for line in cue.lines)


@given(sentences())
def test_no_subtitle_comes_before_its_words_or_much_later(said: list[Sentence]) -> None:
    style = SubtitleStyle()
    starts = [word.start_time for sentence in said for word in sentence.items]
    shown_since = float("-inf")
    for cue in cues(said, style):
        spoken_at = starts[0]
        late = max(spoken_at + style.max_delay, shown_since + 0.2 + style.min_gap)
        assert spoken_at - TOLERANCE <= cue.start_time <= late + TOLERANCE
        shown_since = cue.start_time
        starts = starts[sum(len(line.split()) for line in cue.lines) :]


@given(translations(), st.integers(1, 60), st.integers(1, 5))
def test_lines_asked_for_in_characters_are_no_longer_and_no_more(
    said: list[Translation], length: int, lines: int
) -> None:
    for cue in cues(said, srt_style(said[0].language, max_line_length=length, max_lines=lines) if said else None):
        assert len(cue.lines) <= lines
        # A word of an alphabet is never cut, nor a mark parted from what it closes.
        assert all(len(line) <= length or " " not in line for line in cue.lines)
