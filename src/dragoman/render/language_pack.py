"""What Speechmatics' protocols tell about the language of a session or a job."""

from dragoman.core.language import display_name, is_right_to_left, word_delimiter
from dragoman.render.json_values import JsonObject


def language_pack_info(language: str, *, itn: bool = False, adapted: bool = False) -> JsonObject:
    """For a canonical tag. ``itn``: numbers are written as figures; ``adapted``: the language model was retrained."""
    return {
        "language_description": display_name(language),
        "word_delimiter": word_delimiter(language),
        "writing_direction": "right-to-left" if is_right_to_left(language) else "left-to-right",
        "itn": itn,
        "adapted": adapted,
    }
