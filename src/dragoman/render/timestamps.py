"""Times as subtitle files write them."""


def timestamp(seconds: float, decimal_mark: str) -> str:
    """``HH:MM:SS`` and milliseconds; hours grow past two digits when they must."""
    milliseconds = round(max(0.0, seconds) * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    whole, milliseconds = divmod(milliseconds, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{decimal_mark}{milliseconds:03}"
