"""Where ``--run-log`` puts the log of a run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman.cli.output import OutputFiles
from dragoman.media.disk import writing_to
from dragoman.pipeline.runlog import Record, RunLog


@contextmanager
def open_run_log(folder: Path | None, name: str) -> Iterator[RunLog]:
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
        files.commit()


def run_log_name(name: str) -> str:
    return f"{name}.run.jsonl"
