import pytest

from dragoman.render.timestamps import timestamp


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.0, "00:00:00,000"), (3661.0005, "01:01:01,000"), (59.9996, "00:01:00,000"), (360_000.25, "100:00:00,250")],
)
def test_timestamp(seconds: float, written: str) -> None:
    assert timestamp(seconds, ",") == written


def test_times_before_the_start_are_the_start() -> None:
    assert timestamp(-0.5, ".") == "00:00:00.000"
