"""What a job that aligns a text does, of what its client configured."""

from collections.abc import Iterator
from typing import Final

from dragoman.core.capabilities import Capabilities
from dragoman.core.language import best_match
from dragoman.core.options import JobOptions, RunOptions, Shortfall
from dragoman.protocols.speechmatics.batch_config import JobConfig, refused
from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.batch_outside import fetch, notifications
from dragoman.protocols.speechmatics.languages import tag_of

_OF_BOTH: Final = frozenset(
    {"type", "alignment_config", "fetch_data", "fetch_text", "notification_config", "tracking", "output_config"}
)


def agree_to_align(config: JobConfig, capabilities: Capabilities) -> JobOptions:
    """Raises :class:`Refusal`."""
    for name in sorted(config.model_fields_set - _OF_BOTH):
        if getattr(config, name) is not None:
            raise refused(f"{name} belongs to jobs of type transcription; this one aligns a text")
    if config.alignment_config is None or config.alignment_config.language is None:
        raise Refusal(400, "No language selected", "alignment_config.language is missing")
    code = config.alignment_config.language
    tag, possible = tag_of(code), [aligned.language for aligned in capabilities.aligned]
    if tag is None or best_match(tag, possible) is None:
        choices = ", ".join(possible) or "none"
        raise refused(
            f"alignment_config.language is {code[:50]!r}: texts in it cannot be aligned here. Possible: {choices}"
        )
    return JobOptions(
        RunOptions(source=tag),
        fetch=fetch(config.fetch_data, "fetch_data"),
        fetch_text=fetch(config.fetch_text, "fetch_text", "text"),
        notifications=tuple(notifications(config.notification_config)),
        shortfalls=tuple(_not_sent(config)),
    )


def _not_sent(config: JobConfig) -> Iterator[Shortfall]:
    asked = {content for each in config.notification_config for content in each.contents or ()}
    if absent := sorted(content for content in asked if content.startswith("transcript")):
        yield Shortfall("configuration", "no_effect", f"Not sent, for there is none: {', '.join(absent)}")
