"""Every format a user has becomes the same PCM, and what cannot be decoded says so."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from tests.unit.media.hearing import hear, level, likeness

from dragoman.core.audio import SPEECH_RATE
from dragoman.core.errors import EmptyAudio, FileUnreadable, NotAudio

pytestmark = pytest.mark.anyio

SHARED = [
    "mono_8bit_44k.wav",
    "mono_24bit_44k.flac",
    "mono_32bit_44k.wav",
    "mono_16bit_44k.aiff",
    "stereo_16bit_44k.flac",
    "stereo_two_speakers_16k.wav",
    "hotwords.mp3",
    "multilingual_en_de.mp3",
    "speech.opus",
    "mulaw_8or16k.wav",
    "commonvoice_32k_or_48k.mp3",
]

LOSSLESS = [
    ("a.wav", "pcm_s16le", {}),
    ("deep.wav", "pcm_s24le", {}),
    ("float.wav", "pcm_f32le", {}),
    ("a.flac", "flac", {}),
    ("a.m4a", "alac", {}),
    ("a.w64", "pcm_s16le", {}),
    ("a.caf", "pcm_s16le", {}),
    ("a.au", "pcm_s16be", {}),
    ("video.mov", "pcm_s16le", {"picture": "mpeg4"}),
]

LOSSY = [
    ("a.m4a", "aac", {}),
    ("index_first.m4a", "aac", {"options": {"movflags": "faststart"}}),
    ("video.mp4", "aac", {"picture": "mpeg4", "rate": 44_100}),
    ("video.ts", "aac", {"picture": "mpeg2video"}),
    ("video.mpg", "mp2", {"picture": "mpeg1video"}),
    ("video.avi", "libmp3lame", {"picture": "mpeg4", "rate": 44_100}),
    ("video.webm", "libopus", {"picture": "libvpx", "rate": 48_000}),
    ("a.webm", "libopus", {"rate": 48_000}),
    ("a.opus", "libopus", {"rate": 48_000}),
    ("a.ogg", "vorbis", {"rate": 44_100, "stereo": True}),
    ("a.aac", "aac", {}),
    ("a.mp3", "libmp3lame", {}),
    ("a.mkv", "libmp3lame", {}),
    ("a.ac3", "ac3", {"rate": 48_000}),
    ("mulaw.wav", "pcm_mulaw", {}),
    ("adpcm.wav", "adpcm_ima_wav", {}),
    ("a.amr", "libopencore_amrnb", {"rate": 8_000}),
    ("a.3gp", "libopencore_amrnb", {"rate": 8_000}),
]


@pytest.fixture(scope="module")
def manifest(shared_data: Path) -> dict[str, dict]:
    lines = (shared_data / "formats" / "manifest.jsonl").read_text().splitlines()
    return {Path(entry["file"]).name: entry for entry in map(json.loads, lines)}


@pytest.mark.parametrize("name", SHARED)
async def test_real_files(name, manifest, shared_data):
    heard = await hear(shared_data / "formats" / name)
    entry = manifest[name]
    rate = 48_000 if heard.info.codec == "opus" else entry["sample_rate"]  # Opus always decodes to 48 kHz
    assert (heard.info.sample_rate, heard.info.channels) == (rate, entry["channels"])
    assert heard.info.duration == pytest.approx(entry["duration_s"], abs=0.05)
    assert heard.seconds() == pytest.approx(entry["duration_s"], abs=0.01)
    assert -40 < level(heard.samples()) < -5
    assert heard.warnings == ()


async def test_the_shared_formats_are_all_tried(manifest):
    assert set(manifest) == set(SHARED)


async def test_one_recording_in_five_formats_sounds_the_same(shared_data):
    folder = shared_data / "formats"
    wide = (await hear(folder / "mono_32bit_44k.wav")).samples()
    for name in ("mono_16bit_44k.aiff", "mono_24bit_44k.flac", "stereo_16bit_44k.flac", "mono_8bit_44k.wav"):
        samples = (await hear(folder / name)).samples()
        closeness, shift = likeness(samples, wide)
        assert shift == 0, name
        assert closeness > (0.99 if "8bit" in name else 0.9999), name


@pytest.mark.parametrize(("name", "codec", "how"), LOSSLESS, ids=[f"{name}-{codec}" for name, codec, _ in LOSSLESS])
async def test_lossless_files_pass_bit_by_bit(name, codec, how, speech, encode):
    heard = await hear(encode(name, speech, codec, **how))
    assert np.array_equal(heard.samples(), speech)
    assert heard.warnings == ()


@pytest.mark.parametrize(("name", "codec", "how"), LOSSY, ids=[f"{name}-{codec}" for name, codec, _ in LOSSY])
async def test_lossy_files_keep_speech_length_level_and_place(name, codec, how, speech, encode):
    how = dict(how)
    original = np.vstack([speech, speech]) if how.pop("stereo", False) else speech
    heard = await hear(encode(name, original, codec, **how))
    assert heard.seconds() == pytest.approx(12.0, abs=0.15)
    assert level(heard.samples()) == pytest.approx(level(speech), abs=1.5)
    closeness, shift = likeness(heard.samples(), speech)
    assert closeness > (0.6 if "amr" in codec else 0.95)
    assert 0 <= shift <= 1_100  # the delay of the encoder, which some containers do not note
    assert heard.warnings == ()


async def test_chunks_follow_each_other_half_a_second_at_a_time(speech, encode):
    heard = await hear(encode("a.wav", speech[: 12 * 16_000 - 100], "pcm_s16le"))
    assert [chunk.samples for chunk in heard.chunks] == [8_000] * 23 + [7_900]
    assert [chunk.start_time for chunk in heard.chunks] == [index / 2 for index in range(24)]
    assert {(chunk.sample_rate, chunk.channel) for chunk in heard.chunks} == {(SPEECH_RATE, None)}


@pytest.mark.parametrize("rate", [8_000, 24_000, 48_000])
async def test_any_rate_may_be_asked_for(rate, speech, encode):
    heard = await hear(encode("a.wav", speech, "pcm_s16le"), sample_rate=rate)
    assert abs(heard.samples().size - 12 * rate) <= 1


async def test_two_speakers_are_kept_apart_and_take_turns(shared_data):
    path = shared_data / "formats" / "stereo_two_speakers_16k.wav"
    heard, mixed = await hear(path, split_channels=True), await hear(path)
    left, right = heard.samples("channel_1"), heard.samples("channel_2")
    assert [chunk.channel for chunk in heard.chunks[:4]] == ["channel_1", "channel_2"] * 2
    assert [chunk.start_time for chunk in heard.chunks[:4]] == [0.0, 0.0, 0.5, 0.5]
    assert left.size == right.size == 80_000
    assert abs(likeness(left, right)[0]) < 0.2
    assert np.array_equal(mixed.samples(), np.rint((left.astype(int) + right) / 2).astype(np.int16))


async def test_a_mono_file_split_is_one_channel(speech, encode):
    heard = await hear(encode("a.wav", speech, "pcm_s16le"), split_channels=True)
    assert np.array_equal(heard.samples("channel_1"), speech)


PLAYLISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXTINF:12,\n{target}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile '{target}'\n",
    "list.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet'
    ' mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>{target}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns={target}\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "disguised.mp3": "#EXTM3U\n#EXTINF:12,\nfile://{target}\n",
}


@pytest.mark.parametrize("name", PLAYLISTS)
async def test_a_list_of_other_files_is_no_audio(name, speech, encode, tmp_path):
    path = tmp_path / name
    path.write_text(PLAYLISTS[name].format(target=encode("target.wav", speech, "pcm_s16le")))
    with pytest.raises(NotAudio, match=f"{name}: this is no sound or video file"):
        await hear(path)


@pytest.mark.parametrize("seed", range(4))
async def test_random_bytes_are_no_audio(seed, tmp_path):
    path = tmp_path / "noise.mp3"
    path.write_bytes(np.random.default_rng(seed).bytes(1_000_000))
    with pytest.raises(NotAudio):
        await hear(path)


async def test_a_text_is_no_audio():
    with pytest.raises(NotAudio):
        await hear(Path(__file__))


async def test_a_video_without_sound_says_so(speech, encode):
    path = encode("silent.mp4", speech, "aac", picture="mpeg4", mute=True)
    with pytest.raises(NotAudio, match="there is no sound track"):
        await hear(path)


async def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.wav"
    path.touch()
    with pytest.raises(EmptyAudio, match="the file is empty"):
        await hear(path)


async def test_a_container_without_samples(tmp_path, speech, encode):
    path = encode("a.wav", speech, "pcm_s16le")
    content = path.read_bytes()
    end = content.index(b"data") + 8
    path.write_bytes(content[: end - 4] + bytes(4))
    with pytest.raises(EmptyAudio, match="there is no sound in it"):
        await hear(path)


async def test_a_path_that_leads_nowhere(tmp_path):
    with pytest.raises(FileUnreadable, match="No such file or directory"):
        await hear(tmp_path / "missing.wav")


async def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileUnreadable, match="no regular file"):
        await hear(tmp_path)


async def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileUnreadable, match="no regular file"):
        await hear(tmp_path / "pipe")


async def test_an_impossible_path():
    with pytest.raises(FileUnreadable, match="null byte"):
        await hear(Path("a\0b"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_without_permission(tmp_path):
    path = tmp_path / "secret.wav"
    path.write_bytes(b"RIFF")
    path.chmod(0)
    with pytest.raises(FileUnreadable, match="Permission denied"):
        await hear(path)
