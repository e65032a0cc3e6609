"""A program that decodes the beginning of a stream, prints the process ids of its children and waits to be ended."""

import sys
from pathlib import Path

import anyio
import psutil

from dragoman.media.stream import StreamDecoders


async def main(content: bytes) -> None:
    async with StreamDecoders() as decoders, decoders.open() as decoder:
        await decoder.feed(content[:20_000])  # more than the pipes hold would wait for somebody who reads
        await anext(decoder)
        print(*(child.pid for child in psutil.Process().children()), flush=True)
        await anyio.sleep_forever()


anyio.run(main, Path(sys.argv[1]).read_bytes())
