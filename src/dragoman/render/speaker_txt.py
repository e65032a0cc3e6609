"""Speechmatics' plain text: what was said in turns, each under its speaker, each behind its channel.

The rules are those by which the ``speechmatics-python`` client prints json-v2: words of one speaker are joined into one
line, "SPEAKER: S1" stands before where the speaker changes, "left: " before what a channel says until another does.
Where nobody was told from anybody, no speaker is named.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from dragoman.core.transcript import Item, Sentence, Transcript, join_items
from dragoman.render.results import UNKNOWN_SPEAKER


def to_speaker_txt(transcript: Transcript) -> str:
    """The text, without a line end after it; empty when nothing was said."""
    labelled = any(item.speaker for item in transcript.items)
    spoken = sorted(transcript.sentences, key=lambda sentence: sentence.start_time)
    turns = groupby(spoken, key=lambda sentence: sentence.channel)
    return "\n".join(_turn(channel, list(sentences), labelled=labelled) for channel, sentences in turns)


def _turn(channel: str | None, sentences: Sequence[Sentence], *, labelled: bool) -> str:
    items = [item for sentence in sentences for item in sentence.items]
    lines = [
        f"SPEAKER: {speaker}\n{text}" if labelled else text for speaker, text in _voices(items, sentences[0].delimiter)
    ]
    return (f"{channel}: " if channel else "") + "\n".join(lines)


def _voices(items: Iterable[Item], delimiter: str) -> Iterable[tuple[str, str]]:
    for speaker, said in groupby(items, key=lambda item: item.speaker or UNKNOWN_SPEAKER):
        yield speaker, join_items(said, delimiter).rstrip()
