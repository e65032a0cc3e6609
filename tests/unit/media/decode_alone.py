"""A program that decodes the file it is given, for tests that end it or measure it from outside.

``decode_alone.py FILE pause`` prints the child's process id after the first chunk and waits; ``fork`` does so with one
that is forked, and prints the process that it is forked from first; ``decode_alone.py FILE measure`` decodes all and
prints the seconds and the peak memory, in bytes, of itself and of the child.
"""

import sys
from pathlib import Path

import anyio
import psutil
from processes import peak_memory

from dragoman.media.decode import open_media
from dragoman.media.decoder_forks import DecoderForks


async def fork(path: Path) -> None:
    async with DecoderForks() as forks, open_media(path, forks=forks) as decoding:
        await anext(decoding)
        origin = forks._process.pid
        print(origin, *[child.pid for child in psutil.Process(origin).children()], flush=True)
        await anyio.sleep_forever()


async def main(path: Path, order: str) -> None:
    if order == "fork":
        await fork(path)
    async with open_media(path) as decoding:
        child = decoding._frames._process.pid
        seconds, child_peak = 0.0, 0
        async for chunk in decoding:
            if order == "pause":
                print(child, flush=True)
                await anyio.sleep_forever()
            seconds += chunk.duration
            if round(seconds) % 20 == 0:
                child_peak = peak_memory(child)
        print(seconds, peak_memory(), child_peak)


anyio.run(main, Path(sys.argv[1]), sys.argv[2])
