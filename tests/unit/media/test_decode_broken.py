"""Files that are cut short or damaged give what is left of them, and a warning that says where."""

import re

import numpy as np
import pytest
from tests.unit.media.hearing import hear, likeness

from dragoman.core.errors import NotAudio

pytestmark = pytest.mark.anyio

TEN_SECONDS = 5 / 6
"""Share of the recording of twelve seconds."""

CUTTABLE = [
    ("a.wav", "pcm_s16le", {}),
    ("a.aiff", "pcm_s16be", {}),
    ("a.mp3", "libmp3lame", {}),
    ("a.flac", "flac", {}),
    ("a.aac", "aac", {}),
    ("a.webm", "libopus", {"rate": 48_000}),
    ("index_first.m4a", "aac", {"options": {"movflags": "faststart"}}),
    ("index_first.mp4", "aac", {"options": {"movflags": "faststart"}, "picture": "mpeg4"}),
]

FRAGILE = [entry for entry in CUTTABLE if not entry[1].startswith("pcm")]
"""Where random bytes are no valid samples."""


def named(entries):
    return pytest.mark.parametrize(("name", "codec", "how"), entries, ids=[name for name, _, _ in entries])


def assert_good_beginning(heard, speech):
    assert heard.seconds() == pytest.approx(10.0, abs=0.6)
    assert likeness(heard.samples(), speech[: heard.samples().size])[0] > 0.95
    (warning,) = heard.warnings
    (second,) = re.findall(r"(?:broken from|ends at) (\d+\.\d) s", warning)
    assert float(second) == pytest.approx(heard.seconds(), abs=0.1)


@named(CUTTABLE)
async def test_a_truncated_file_gives_its_beginning(name, codec, how, speech, encode):
    path = encode(name, speech, codec, **how)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * TEN_SECONDS) - 3])
    assert_good_beginning(await hear(path), speech)


@named(FRAGILE)
async def test_ten_good_seconds_with_a_broken_tail(name, codec, how, speech, encode):
    path = encode(name, speech, codec, **how)
    content = path.read_bytes()
    good = content[: int(len(content) * TEN_SECONDS)]
    path.write_bytes(good + np.random.default_rng(1).bytes(len(content) - len(good)))
    assert_good_beginning(await hear(path), speech)


@named(FRAGILE)
async def test_damage_in_the_middle_is_passed_over(name, codec, how, speech, encode):
    path = encode(name, speech, codec, **how)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2_000] = np.random.default_rng(2).bytes(2_000)
    path.write_bytes(content)
    heard = await hear(path)
    assert heard.seconds() == pytest.approx(12.0, abs=1.2)
    assert re.search(r"passed over: \d+, the first at (5|6)\.\d s", heard.warnings[0])
    end = slice(-24_000, None)
    assert likeness(heard.samples()[end], speech[end], most=20_000)[0] > 0.9


@pytest.mark.parametrize("picture", [None, "mpeg4"])
async def test_an_mp4_that_lost_the_index_at_its_end_says_so(picture, speech, encode):
    path = encode("a.mp4", speech, "aac", picture=picture)
    content = path.read_bytes()
    assert content.index(b"moov") > content.index(b"mdat"), "the index should be at the end"
    path.write_bytes(content[: int(len(content) * TEN_SECONDS)])
    with pytest.raises(NotAudio, match="its index is missing"):
        await hear(path)


@pytest.mark.parametrize("claim", [0, 0xFFFF_FFFF])
async def test_a_streamed_wav_that_does_not_know_its_length_is_whole(claim, speech, encode):
    path = encode("a.wav", speech, "pcm_s16le")
    content = bytearray(path.read_bytes())
    end = content.index(b"data") + 8
    content[end - 4 : end] = claim.to_bytes(4, "little")
    path.write_bytes(content)
    heard = await hear(path)
    assert np.array_equal(heard.samples(), speech)
    assert heard.warnings == ()


async def test_tags_behind_the_sound_are_no_damage(speech, encode):
    path = encode("a.mp3", speech, "libmp3lame")
    with path.open("ab") as file:
        file.write(b"TAG" + bytes(125))
    assert (await hear(path)).warnings == ()
