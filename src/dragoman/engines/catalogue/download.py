"""One file of a model from one address: fetched, unpacked if it is packed, compared and put in its place."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from dragoman.engines.catalogue.finished import CHUNK, Advance, SourceFailed, copy_bounded, finish
from dragoman.engines.catalogue.model import ModelFile
from dragoman.engines.catalogue.web import Patience, fetch


def download(url: str, file: ModelFile, target: Path, partial: Path, *, patience: Patience, advance: Advance) -> None:
    """Brings ``url`` to ``target``, which then is exactly ``file``.

    What has come is kept in ``partial`` when the connection breaks, and the rest is asked for next time. Raises
    :class:`SourceFailed`.
    """
    packed = url.endswith(".gz")
    # Nothing that can be packed gets more than a thousandth longer by it.
    limit = file.limit + file.limit // 1000 + 1024 if packed else file.limit
    exact = bool(file.size) and not packed
    resumed = partial.is_file()
    for attempt in range(2):
        try:
            fetch(url, partial, limit=limit, exact=exact, patience=patience, advance=advance)
            _settle(partial, target, file, packed=packed)
        except SourceFailed:
            # Two halves that do not fit are thrown away: the first may have come from another source.
            if attempt or not resumed or partial.exists():
                raise
        else:
            return


def _settle(partial: Path, target: Path, file: ModelFile, *, packed: bool) -> None:
    if not packed:
        finish(partial, target, file)
        return
    unpacked = partial.with_name(f"{partial.name}.unpacked")
    try:
        copy_bounded(_unpacked(partial), unpacked, file.limit)
        finish(unpacked, target, file)
    finally:
        unpacked.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)


def _unpacked(path: Path) -> Iterator[bytes]:
    """The content of a gzip file, in pieces of bounded size however well it was packed."""
    inflate = zlib.decompressobj(wbits=31)
    with path.open("rb") as packed:
        while data := inflate.unconsumed_tail or packed.read(CHUNK):
            try:
                yield inflate.decompress(data, CHUNK)
            except zlib.error as error:
                raise SourceFailed(f"what it sent is no gzip file ({error})") from error
    if not inflate.eof:
        raise SourceFailed("what it sent is a gzip file without its end")
