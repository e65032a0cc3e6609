"""A real recording, and the same recording in any container and codec that PyAV can write."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

RATE = 16_000
Encode = Callable[..., Path]


@pytest.fixture(scope="session")
def speech(shared_data: Path) -> NDArray[np.int16]:
    """Twelve seconds of a talk: mono, 16 kHz, read without any code of ours."""
    with av.open(shared_data / "longform" / "talk_en.flac") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.hstack(frames)[0, : 12 * RATE].astype(np.int16)


@pytest.fixture
def encode(tmp_path: Path) -> Encode:
    """``encode(name, samples, codec, ...)`` writes a file below ``tmp_path`` and returns its path."""

    def write(
        name: str,
        samples: NDArray[np.int16],
        codec: str,
        *,
        source_rate: int = RATE,
        rate: int | None = None,
        options: dict[str, str] | None = None,
        picture: str | None = None,
        mute: bool = False,
    ) -> Path:
        try:
            av.Codec(codec, "w")
        except av.codec.codec.UnknownCodecError:
            pytest.skip(f"this build of PyAV cannot encode {codec}")
        path = tmp_path / name
        rate = rate or source_rate
        layout = "mono" if samples.ndim == 1 else "stereo"
        with av.open(path, "w", options=options or {}) as container:
            video = container.add_stream(picture, rate=25, width=64, height=48, pix_fmt="yuv420p") if picture else None
            audio = (
                None
                if mute
                else container.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
            )
            seconds = samples.shape[-1] / source_rate
            for index in range(int(seconds * 25) if video else 0):
                image = np.full((48, 64, 3), index % 255, np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(image)))
            if video:
                container.mux(video.encode(None))
            if mute:
                return path
            packed = np.ascontiguousarray(np.atleast_2d(samples).T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, "s16", layout)
            frame.sample_rate = source_rate
            resampler = av.AudioResampler(audio.format, layout, rate, frame_size=audio.codec_context.frame_size or None)
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(audio.encode(part))
            container.mux(audio.encode(None))
        return path

    return write
