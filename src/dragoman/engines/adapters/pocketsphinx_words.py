"""What pocketsphinx's decoder found, as words of ours."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dragoman.core.transcript import Word

if TYPE_CHECKING:
    from pocketsphinx import Decoder

FRAMES_PER_SECOND = 100

_VARIANT = re.compile(r"\(\d+\)$")
"""The second pronunciation of "the" is the dictionary's word "the(2)"."""


def words_of(decoder: "Decoder", start_time: float, end_time: float) -> tuple[Word, ...]:
    """Words of the decoder's current hypothesis, for audio that lies between these times of the source.

    Confidences are posteriors only after an utterance is ended; before that they are 1.
    """
    if "nan" in decoder.get_cmn():
        # Not one frame had enough energy to enter the cepstral mean. Scores are then NaN, and the words made up.
        return ()
    return tuple(_words(decoder, start_time, end_time))


def _words(decoder: "Decoder", start_time: float, end_time: float) -> Iterator[Word]:
    for segment in decoder.seg() or ():
        if not segment.word.startswith(("<", "[")):  # fillers: <s>, <sil>, [NOISE], [SPEECH]
            yield Word(
                content=_VARIANT.sub("", segment.word),
                start_time=start_time + segment.start_frame / FRAMES_PER_SECOND,
                end_time=min(start_time + (segment.end_frame + 1) / FRAMES_PER_SECOND, end_time),
                confidence=min(max(segment.prob, 0.0), 1.0),  # already linear, and rounded up past 1 at times
            )
