"""How fast to speak: backlog to speaking rate. Pure."""

MAX_RATE = 1.3
"""Faster speech is no longer followed with ease."""

PREDICTION_MARGIN = 1.02
"""Predicted lengths are off by up to a tenth of a second a sentence; a sentence that is a little early waits, one that
is late moves all behind it."""

_TOLERATED_BACKLOG = 1.0
"""Seconds of unplayed speech that need no hurry."""

_HURRY = 0.15
"""Rate gained per second of backlog beyond that."""


def rate_for_backlog(backlog: float) -> float:
    """Speaking rate for a live listener who has ``backlog`` seconds of translated speech still to hear."""
    return min(MAX_RATE, max(1.0, 1.0 + _HURRY * (backlog - _TOLERATED_BACKLOG)))


def rate_to_fit(natural: float, available: float) -> float:
    """Speaking rate that brings ``natural`` seconds of speech into ``available`` ones, as far as one can listen."""
    if natural <= available:
        return 1.0
    return MAX_RATE if available <= 0 else min(MAX_RATE, natural / available)
