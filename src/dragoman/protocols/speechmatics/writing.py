"""How a client wants words and marks written."""

from dragoman.core.errors import InvalidOption
from dragoman.core.options import Replacement, WritingOptions
from dragoman.protocols.speechmatics.config import PunctuationOverrides, TranscriptionConfig, WordReplacement
from dragoman.protocols.speechmatics.errors import WireError
from dragoman.text.replacements import Replacer


def writing(asked: TranscriptionConfig) -> WritingOptions:
    """Raises :class:`WireError` for a regular expression that cannot be used."""
    filtering = asked.transcript_filtering_config
    replacements = tuple(sorted(map(_replacement, filtering.replacements), key=lambda entry: entry.is_regex))
    try:
        Replacer(replacements)
    except InvalidOption as error:
        raise WireError(
            "invalid_config", f"transcription_config.transcript_filtering_config.replacements: {error}"
        ) from error
    return WritingOptions(
        permitted_marks=_marks(asked.punctuation_overrides),
        sensitivity=asked.punctuation_overrides.sensitivity,
        remove_disfluencies=filtering.remove_disfluencies,
        replacements=replacements,
    )


def _replacement(wanted: WordReplacement) -> Replacement:
    pattern = wanted.pattern
    if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/"):
        return Replacement(pattern[1:-1], wanted.content, is_regex=True)
    return Replacement(pattern, wanted.content)


def _marks(overrides: PunctuationOverrides) -> tuple[str, ...] | None:
    marks = overrides.permitted_marks
    return None if marks is None or "all" in marks else tuple(marks)
