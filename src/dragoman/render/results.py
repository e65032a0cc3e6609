"""Words, marks and translations as Speechmatics writes them, in realtime messages and in batch documents alike.

Languages are codes as the client wrote them ("cmn"), not canonical tags. Optional fields are present only where they
say something: ``channel``, ``volume`` and ``tags`` where they are known, ``display`` where text runs from right to
left, ``speaker`` where it is known or where the caller says what stands for nobody.
"""

from collections.abc import Iterable

from dragoman.core.language import is_right_to_left
from dragoman.core.transcript import Item, Translation, Word
from dragoman.render.json_values import JsonObject, rounded

FORMAT = "2.9"
"""Of the JSON, in documents and in messages."""

UNKNOWN_SPEAKER = "UU"
"""Who spoke is not known. Batch documents always say so; realtime messages say nothing."""


def to_results(items: Iterable[Item], language: str, *, unknown_speaker: str | None = None) -> list[JsonObject]:
    """One object per item, in the order given; ``unknown_speaker`` stands where a word has no speaker."""
    return [_result(item, language, unknown_speaker) for item in items]


def to_translated(translation: Translation, *, unknown_speaker: str | None = None) -> JsonObject:
    """One sentence of one language; the language is named around it."""
    return {
        "start_time": rounded(translation.start_time),
        "end_time": rounded(translation.end_time),
        "content": translation.content,
        **_known(speaker=translation.speaker or unknown_speaker, channel=translation.channel),
    }


def _result(item: Item, language: str, unknown_speaker: str | None) -> JsonObject:
    made: JsonObject = {
        "type": "word" if isinstance(item, Word) else "punctuation",
        "start_time": rounded(item.start_time),
        "end_time": rounded(item.end_time),
    }
    if isinstance(item, Word):
        made |= _known(volume=None if item.volume is None else rounded(item.volume))
    else:
        made |= {"attaches_to": item.attaches_to, "is_eos": item.is_eos}
    return made | _known(channel=item.channel) | {"alternatives": [_alternative(item, language, unknown_speaker)]}


def _alternative(item: Item, language: str, unknown_speaker: str | None) -> JsonObject:
    return {
        "content": item.content,
        "confidence": rounded(item.confidence),
        "language": language,
        **_known(
            speaker=item.speaker or unknown_speaker,
            display={"direction": "rtl"} if is_right_to_left(language) else None,
            tags=list(item.tags) or None if isinstance(item, Word) else None,
        ),
    }


def _known(**fields: object) -> JsonObject:
    return {name: value for name, value in fields.items() if value is not None}
