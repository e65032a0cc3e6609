"""What the stream decoder's child is told."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.media.stream_wire import StreamLimits, StreamRequest

LIMITS = st.builds(StreamLimits, st.integers(0), st.integers(0), st.integers(0), st.floats(0, 1e6))


@given(st.builds(StreamRequest, st.integers(1), st.integers(1), LIMITS))
def test_requests_arrive_as_they_were_sent(request: StreamRequest) -> None:
    assert StreamRequest.from_json(request.to_json()) == request
