"""The text of a job that aligns one."""

from typing import Final

from dragoman.core.errors import InvalidText
from dragoman.jobs import keys
from dragoman.render.alignment import text_words
from dragoman.storage.blobs import Blobs

LARGEST: Final = 2 << 20
"""Bytes; what is said in a day is less."""


def too_long() -> InvalidText:
    return InvalidText(f"the text is longer than {LARGEST} bytes", remedy="Split it, and the recording")


async def read_text(blobs: Blobs, job_id: str) -> str:
    """Raises :class:`InvalidText` when it cannot be aligned with anything, and :class:`BlobNotFound`."""
    key = keys.text(job_id)
    if await blobs.size(key) > LARGEST:
        raise too_long()
    try:
        text = (await blobs.read(key)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidText(f"the text is not UTF-8 at byte {error.start}", remedy="Save it as UTF-8") from error
    if not any(character.isalnum() for word in text_words(text) for character in word.content):
        raise InvalidText("there is no word in the text", remedy="Send what is said in the recording")
    return text
