"""Times as people read them."""


def position(seconds: float) -> str:
    """A place in a recording, to the tenth: ``0:04.2``, ``1:02:03.0``."""
    tenths = round(seconds * 10)
    whole, tenth = divmod(tenths, 10)
    return f"{length(whole)}.{tenth}"


def length(seconds: float) -> str:
    """A duration, to the second: ``0:04``, ``12:30``, ``1:02:03``."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
