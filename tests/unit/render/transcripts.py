"""Transcripts as a run makes them, for property tests."""

from hypothesis import strategies as st

from dragoman.core.language import word_delimiter
from dragoman.core.transcript import Item, Punctuation, Sentence, Transcript, Translation, Word

CONTENTS = st.sampled_from(["the", "Jane", "d'eau", "U.S.", "你好", "שלום", "x" * 40])
STEPS = st.sampled_from([0.0, 0.0, 0.0004, 0.1, 0.5, 3.0])
"""Seconds; often nothing, since words follow each other without a gap."""


@st.composite
def utterances(draw: st.DrawFn, language: str, channel: str | None, speakers: list[str | None]) -> list[Sentence]:
    """What one channel says: sentences in order, each of one speaker, opened and closed by marks as it comes."""
    time, said = draw(STEPS), []
    for sizes in draw(st.lists(st.integers(1, 6), max_size=5)):
        who = {"speaker": draw(st.sampled_from(speakers)), "channel": channel}
        items: list[Item] = []
        for content in draw(st.lists(CONTENTS, min_size=sizes, max_size=sizes)):
            start, time = time, time + draw(STEPS)
            sure = draw(st.floats(0, 1))
            # The legacy client loses what stands before a mark that glues both sides and an opening one in a row.
            is_glued = bool(items) and items[-1].content == "-"
            if draw(st.booleans()) and not is_glued:
                items.append(Punctuation("“", start, "next", confidence=sure, **who))
            items.append(Word(content, start, time, sure, **who))
            if draw(st.booleans()):
                items.append(Punctuation(",", time, confidence=sure, **who))
            if draw(st.booleans()):
                items.append(Punctuation("-", time, draw(st.sampled_from(["both", "none"])), confidence=sure, **who))
            time += draw(STEPS)
        items.append(Word("end", time, time, **who))
        items.append(Punctuation(".", time, is_eos=True, **who))
        said.append(Sentence(tuple(items), language, word_delimiter(language)))
    return said


@st.composite
def transcripts(
    draw: st.DrawFn, channels: tuple[str | None, ...] = (None,), speakers: tuple[str | None, ...] = (None,)
) -> Transcript:
    language = draw(st.sampled_from(["en", "zh", "he"]))
    sentences = [sentence for channel in channels for sentence in draw(utterances(language, channel, list(speakers)))]
    sentences.sort(key=lambda sentence: sentence.start_time)
    translations = {
        target: tuple(
            Translation(f"{target} {number}", target, s.start_time, s.end_time, s.speaker, s.channel)
            for number, s in enumerate(sentences)
        )
        for target in draw(st.sets(st.sampled_from(["es", "de", "nb"])))
    }
    duration = max((sentence.end_time for sentence in sentences), default=0.0)
    return Transcript(language, duration, tuple(sentences), translations)
