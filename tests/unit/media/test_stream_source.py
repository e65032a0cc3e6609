"""Media that are still arriving become the same samples as files, however they are cut; read in this very process."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.media.dripping import DrippingIntake, media_recorder, samples
from tests.unit.media.hearing import likeness
from tests.unit.media.test_decode import LOSSLESS, LOSSY, SHARED

from dragoman.core.errors import EmptyAudio, MediaLimitExceeded, NotAudio
from dragoman.media.container import Source, open_container
from dragoman.media.stream_source import open_stream

ODD = (1, 2, 3, 701, 8_192, 11, 4_095)
"""Sizes of the pieces."""

MORE = [
    ("fragments.mp4", "aac", {"options": {"movflags": "empty_moov+default_base_moof", "frag_duration": "200000"}}),
    ("alac.caf", "alac", {}),
    ("a.aiff", "pcm_s16be", {}),
    ("a.flv", "aac", {}),
    ("a.ts", "aac", {}),
    ("a.mp2", "mp2", {}),
]

EARLY = [
    ("a.wav", "pcm_s16le", {}),
    ("a.aiff", "pcm_s16be", {}),
    ("a.mp3", "libmp3lame", {"options": {"write_xing": "0"}}),
    ("a.aac", "aac", {}),
    ("a.opus", "libopus", {"rate": 48_000, "options": {"page_duration": "20000"}}),
    ("a.webm", "libopus", {"rate": 48_000}),
    ("a.amr", "libopencore_amrnb", {"rate": 8_000}),
    ("index_first.m4a", "aac", {"options": {"movflags": "faststart"}}),
]
"""Formats that are decoded packet by packet."""


def named(entries):
    return pytest.mark.parametrize(("name", "codec", "how"), entries, ids=[name for name, _, _ in entries])


def stream(content: bytes, sizes=(4_096,), **limits) -> tuple[Source, np.ndarray]:
    with DrippingIntake(content, sizes, **limits) as intake:
        source = open_stream(intake)
        return source, samples(source)


def assert_as_a_file(content: bytes) -> None:
    file = Source(open_container(io.BytesIO(content)))
    expected = samples(file)
    source, heard = stream(content, ODD)
    if file.info.format == "mp3":  # what its encoder filled the last frame up with is cut off only where one may seek
        assert 0 <= heard.size - expected.size < 1_000
        heard, expected = heard[: expected.size - 800], expected[:-800]
    assert np.array_equal(heard, expected)
    assert (source.info.codec, source.info.channels) == (file.info.codec, file.info.channels)
    assert source.damage == file.damage


@pytest.mark.parametrize("name", SHARED)
def test_real_files(name, shared_data):
    assert_as_a_file((shared_data / "formats" / name).read_bytes())


@named([*LOSSLESS, *LOSSY, *MORE])
def test_every_format_gives_what_the_file_gives(name, codec, how, speech, encode):
    how = dict(how)
    original = np.vstack([speech, speech]) if how.pop("stereo", False) else speech
    assert_as_a_file(encode(name, original, codec, **how).read_bytes())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 8_192), min_size=1, max_size=30))
def test_how_a_stream_is_cut_changes_nothing(sizes, speech):
    content = b"".join(media_recorder(speech[:16_000]))
    assert np.array_equal(stream(content, sizes)[1], stream(content, (len(content),))[1])


@named(EARLY)
def test_sound_comes_before_the_rest_has_arrived(name, codec, how, speech, encode):
    content = encode(name, speech, codec, **how).read_bytes()
    with DrippingIntake(content, (500,)) as intake:
        open_stream(intake)
        assert intake._received < (4_500 if codec != "pcm_s16be" else 20_000)


def test_a_long_picture_before_the_sound(speech, encode):
    content = encode("a.mp3", speech, "libmp3lame", options={"id3v2_version": "0"}).read_bytes()
    size = 300_000
    digits = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    tag = b"ID3\x04\x00\x00" + digits + np.random.default_rng(0).bytes(size)
    assert np.array_equal(stream(tag + content)[1], stream(content)[1])


@pytest.mark.parametrize("claim", [0, 0xFFFF_FFFF])
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8", "pcm_mulaw", "pcm_f32le"])
def test_a_wav_from_a_pipe_does_not_know_its_length(claim, codec, speech, encode):
    content = bytearray(encode("a.wav", speech, codec).read_bytes())
    _, whole = stream(bytes(content))
    end = content.index(b"data") + 8
    content[end - 4 : end] = claim.to_bytes(4, "little")
    assert np.array_equal(stream(bytes(content), ODD)[1], whole)


def test_chunks_behind_the_samples_of_a_wav_are_not_heard(speech, encode):
    content = encode("a.wav", speech, "pcm_s16le").read_bytes() + b"LIST" + (4_000).to_bytes(4, "little") + bytes(4_000)
    assert np.array_equal(stream(content)[1], speech)


@pytest.mark.parametrize("share", [0.5, 0.83])
@named([entry for entry in EARLY if entry[0] != "a.amr"])
def test_a_stream_that_breaks_off_gives_what_came(name, codec, how, share, speech, encode):
    content = encode(name, speech, codec, **how).read_bytes()
    _, heard = stream(content[: int(len(content) * share) - 3])
    assert heard.size / 16_000 == pytest.approx(12.0 * share, abs=0.6)
    assert likeness(heard, speech[: heard.size])[0] > 0.95


@pytest.mark.parametrize("seed", range(3))
@named([entry for entry in EARLY if not entry[1].startswith("pcm") and entry[0] != "a.amr"])
def test_damage_in_the_middle_is_passed_over(name, codec, how, seed, speech, encode):
    content = bytearray(encode(name, speech, codec, **how).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1_000] = np.random.default_rng(seed).bytes(1_000)
    source, heard = stream(bytes(content))
    assert heard.size / 16_000 == pytest.approx(12.0, abs=1.2)
    assert source.damage.pieces
    end = slice(-24_000, None)
    assert likeness(heard[end], speech[end], most=20_000)[0] > 0.9


NO_AUDIO = {
    "page": b"<!DOCTYPE html><html><head><title>404</title></head><body>not found</body></html>",
    "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXTINF:12,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    "list of files": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "zeros": bytes(300_000),
    "picture": b"\x89PNG\r\n\x1a\n" + np.random.default_rng(3).bytes(300_000),
    "archive": b"PK\x03\x04" + np.random.default_rng(4).bytes(300_000),
    "noise": np.random.default_rng(5).bytes(300_000),
    "broken webm": b"\x1a\x45\xdf\xa3" + np.random.default_rng(6).bytes(300_000),
    "broken ogg": b"OggS" + np.random.default_rng(7).bytes(300_000),
}


@pytest.mark.parametrize("kind", NO_AUDIO)
def test_what_is_no_audio_is_told_early(kind):
    with DrippingIntake(NO_AUDIO[kind], (32,)) as intake:
        with pytest.raises(NotAudio, match="this is "):
            open_stream(intake)
        assert intake._received <= 70_000


@pytest.mark.parametrize("content", [b"RIFF", b"ID3", b"\xff\xfb", b"<", b"\x00", b"\x00\x00\x00\x1cftyp"], ids=repr)
def test_a_few_bytes_are_no_audio(content):
    with pytest.raises(NotAudio):
        stream(content)


def test_nothing_at_all_is_empty():
    with pytest.raises(EmptyAudio, match="nothing came"):
        stream(b"")


@pytest.mark.parametrize(("name", "picture"), [("a.mp4", "mpeg4"), ("a.webm", "libvpx"), ("a.ts", "mpeg2video")])
def test_a_video_without_sound_says_so(name, picture, speech, encode):
    with pytest.raises(NotAudio, match="there is no sound track"):
        stream(encode(name, speech, "aac", picture=picture, mute=True).read_bytes())


def test_an_mp4_that_lost_its_index_says_so(speech, encode):
    content = encode("a.mp4", speech, "aac").read_bytes()
    with pytest.raises(NotAudio, match="its index is missing"):
        stream(content[: len(content) // 2])


@pytest.mark.parametrize(("name", "codec"), [("a.m4a", "aac"), ("a.caf", "alac")])
def test_what_is_kept_has_a_limit(name, codec, speech, encode):
    content = encode(name, speech, codec).read_bytes()
    assert stream(content, most_kept=len(content))[1].size
    with pytest.raises(MediaLimitExceeded, match="give no sound yet, and more cannot be kept"):
        stream(content, most_kept=len(content) - 1)


def test_what_streams_is_kept_no_longer_than_needed(speech):
    content = b"".join(media_recorder(speech))
    assert stream(content, (100,), most_kept=1_000)[1].size > 11 * 16_000


def test_a_text_about_boxes_is_no_mp4():
    with pytest.raises(NotAudio, match="this is a text"):
        stream(b"The free software that moov means " * 1_000)


def test_a_source_tells_what_the_medium_is(shared_data):
    source, _ = stream(Path(shared_data / "formats" / "speech.opus").read_bytes())
    assert (source.info.format, source.info.codec, source.info.sample_rate) == ("ogg", "opus", 48_000)
