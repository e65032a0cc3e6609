"""Whatever one side writes the other side reads."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.errors import DecoderCrashed, error_kinds
from dragoman.media.decoder_wire import (
    FRAME_HEADER,
    DecodeLimits,
    DecodeRequest,
    MediaInfo,
    Tag,
    decode_error,
    decode_info,
    decode_pcm,
    encode_error,
    encode_info,
    encode_pcm,
)


def payload(frame: bytes, tag: Tag) -> bytes:
    code, length = FRAME_HEADER.unpack_from(frame)
    assert Tag(code) is tag
    assert length == len(frame) - FRAME_HEADER.size
    return frame[FRAME_HEADER.size :]


def test_a_request():
    request = DecodeRequest(7, 16_000, split_channels=True, limits=DecodeLimits(output_seconds=2.5))
    assert DecodeRequest.from_json(request.to_json()) == request


@given(st.builds(MediaInfo, duration=st.none() | st.floats(0, 1e6)))
def test_an_info(info):
    assert decode_info(payload(encode_info(info), Tag.INFO)) == info


@given(st.integers(0, 65_535), st.binary())
def test_pcm(channel, pcm):
    assert decode_pcm(payload(encode_pcm(channel, pcm), Tag.PCM)) == (channel, pcm)


@given(st.sampled_from(list(error_kinds())), st.text(), st.text())
def test_every_error_of_the_tree(kind, message, remedy):
    error = decode_error(payload(encode_error(kind(message, remedy=remedy)), Tag.ERROR), "a.mp3")
    assert (type(error), error.message, error.remedy) == (kind, f"a.mp3: {message}", remedy)


def test_an_unknown_error_is_a_crash():
    assert isinstance(decode_error(b'["from_the_future", "m", "r"]', "a.mp3"), DecoderCrashed)
