"""Where ``--run-log`` puts the log of a run: as it came, and per target language in the forms that scorers read."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dragoman.cli.output import OutputFiles
from dragoman.media.disk import writing_to
from dragoman.pipeline.runlog import Record, RunLog, read_log, to_omnisteval, to_simulstream


@contextmanager
def open_run_log(folder: Path | None, name: str, targets: Sequence[str] = ()) -> Iterator[RunLog]:
    """A log in ``folder``, there when the run has ended well; one that is written nowhere without a folder."""
    if folder is None:
        yield RunLog(lambda _: None, time.monotonic)
        return
    with OutputFiles(folder) as files:
        path = folder / run_log_name(name)
        file = files.open(path.name)

        def write(record: Record) -> None:
            with writing_to(path):
                file.write(f"{record.to_json()}\n".encode())

        yield RunLog(write, time.monotonic)
        file.seek(0)
        records = list(read_log(line.decode() for line in file))
        for target in targets:
            files.write(f"{name}.{target}.omnisteval.jsonl", _lines([to_omnisteval(records, target, name)]))
            files.write(f"{name}.{target}.simulstream.jsonl", _lines(to_simulstream(records, target, name)))
        files.commit()


def run_log_name(name: str) -> str:
    return f"{name}.run.jsonl"


def _lines(entries: Iterator[dict[str, object]] | Sequence[dict[str, object]]) -> str:
    return "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
