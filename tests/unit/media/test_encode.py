"""Wav files that other programs read, and raw output that is gapless."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from dragoman.core.audio import OUTPUT_RATE, AudioChunk, silence
from dragoman.core.errors import DiskFull, OutputNotWritable
from dragoman.media.encode import OutputPcm, WavWriter, to_output_pcm

ONE = np.ones(1, np.int16).tobytes()


def tone(seconds: float, rate: int, start_time: float = 0.0) -> AudioChunk:
    samples = 8_000 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    return AudioChunk(samples.astype(np.int16).tobytes(), rate, start_time)


def read(path: Path) -> tuple[int, np.ndarray]:
    with wave.open(str(path)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth()) == (1, 2)
        return wav.getframerate(), np.frombuffer(wav.readframes(wav.getnframes()), np.int16)


def test_what_is_written_can_be_read(tmp_path):
    path = tmp_path / "out.wav"
    chunk = tone(1.0, 16_000)
    with path.open("wb") as file, WavWriter(file, 16_000) as wav:
        wav.write(chunk.slice(0, 100))
        wav.write(chunk.slice(100, 16_000))
    rate, samples = read(path)
    assert rate == 16_000
    assert samples.tobytes() == chunk.pcm


def test_chunks_are_put_at_their_time(tmp_path):
    path = tmp_path / "out.wav"
    with path.open("wb") as file, WavWriter(file) as wav:
        wav.write_at(AudioChunk(ONE, OUTPUT_RATE, 0.5))
        wav.write_at(AudioChunk(ONE, OUTPUT_RATE, 7.25))
    _, samples = read(path)
    assert np.flatnonzero(samples).tolist() == [12_000, 174_000]


def test_one_sample_of_rounding_is_no_overlap_and_two_are():
    wav = WavWriter(io.BytesIO())
    wav.write(silence(1.0, OUTPUT_RATE))
    wav.write_at(AudioChunk(ONE, OUTPUT_RATE, 1.0 - 1 / OUTPUT_RATE))
    assert wav.samples == OUTPUT_RATE + 1
    with pytest.raises(ValueError, match="overlaps what is written by 2 samples"):
        wav.write_at(AudioChunk(ONE, OUTPUT_RATE, 1.0 - 1 / OUTPUT_RATE))


def test_another_rate_is_refused():
    with pytest.raises(ValueError, match="16000 Hz for a wav file of 24000 Hz"):
        WavWriter(io.BytesIO()).write(AudioChunk(ONE, 16_000))


def test_a_wav_file_that_would_pass_4_gib_is_refused():
    wav = WavWriter(io.BytesIO())
    wav.samples = 2**31 - 20
    with pytest.raises(OutputNotWritable, match="4 GiB"):
        wav.write(silence(0.01, OUTPUT_RATE))


def test_a_full_disk_is_named():
    with (
        Path("/dev/full").open("wb", buffering=0) as file,
        pytest.raises(DiskFull, match="/dev/full cannot be written"),
    ):
        WavWriter(file)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_output_pcm_is_as_long_as_the_speech(rate):
    chunks = [tone(0.1, rate, index / 10) for index in range(20)]
    pcm = b"".join(to_output_pcm(chunks))
    assert abs(len(pcm) // 2 - 2 * OUTPUT_RATE) <= 1


def test_output_pcm_follows_a_change_of_rate():
    pcm = b"".join(to_output_pcm([tone(1.0, 22_050), tone(1.0, 16_000), tone(1.0, 24_000)]))
    assert abs(len(pcm) // 2 - 3 * OUTPUT_RATE) <= 2


def test_nothing_in_nothing_out():
    assert list(to_output_pcm([])) == []
    assert OutputPcm().flush() == b""
