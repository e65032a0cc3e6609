"""Containers read in this very process: samples of every width come out as the same 16 bits."""

import io

import numpy as np
import pytest

from dragoman.core.errors import EmptyAudio, NotAudio
from dragoman.media.container import Source, open_container

WIDE = ["pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"]


def open_source(file: io.BytesIO) -> Source:
    return Source(open_container(file))


def samples(source: Source) -> np.ndarray:
    return np.hstack([block.samples for block in source])


@pytest.mark.parametrize("codec", WIDE)
def test_every_width_gives_the_same_16_bits(speech, encode, codec):
    source = open_source(io.BytesIO(encode("a.wav", speech, codec).read_bytes()))
    assert (source.info.codec, source.info.sample_rate, source.info.channels) == (codec, 16_000, 1)
    assert np.array_equal(samples(source)[0], speech)


def test_8_bits_are_centred(encode):
    loud = (np.arange(16_000) % 256 * 256 - 32_768).astype(np.int16)
    source = open_source(io.BytesIO(encode("a.wav", loud, "pcm_u8").read_bytes()))
    assert np.array_equal(samples(source)[0], loud)


def test_floats_beyond_full_scale_are_clipped(tmp_path):
    header = (
        b"RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x03\x00\x01\x00\x80\x3e\x00\x00\x00\xfa\x00\x00\x04\x00\x20\x00"
    )
    body = np.tile(np.array([2.0, -2.0, np.nan, 0.5], np.float32), 4_000).tobytes()
    source = open_source(io.BytesIO(header + b"data" + len(body).to_bytes(4, "little") + body))
    assert samples(source)[0, :4].tolist() == [32_767, -32_768, 0, 16_384]


@pytest.mark.parametrize("codec", ["pcm_s16le", "flac"])
def test_channels_lie_in_rows(speech, encode, codec):
    stereo = np.vstack([speech, speech[::-1]])
    source = open_source(io.BytesIO(encode("a.mka" if codec == "pcm_s16le" else "a.flac", stereo, codec).read_bytes()))
    assert np.array_equal(samples(source), stereo)


def test_times_are_those_of_the_container(speech, encode):
    source = open_source(io.BytesIO(encode("a.mp3", speech, "libmp3lame").read_bytes()))
    position = 0.0
    for block in source:
        assert block.time == pytest.approx(position, abs=0.01)
        position += block.samples.shape[1] / block.sample_rate


def test_a_header_without_samples_is_empty(speech, encode):
    header = bytearray(encode("a.wav", speech, "pcm_s16le").read_bytes()[:80])
    end = header.index(b"data") + 8
    header[end - 4 : end] = bytes(4)
    with pytest.raises(EmptyAudio):
        open_source(io.BytesIO(header[:end]))


def test_an_unknown_format_is_no_audio():
    with pytest.raises(NotAudio):
        open_source(io.BytesIO(b"once upon a time" * 1_000))
