"""``dragoman worker``: a process that does what another one accepted."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import psutil
import pytest
from tests.databases import database_url, postgres_template, sqlite_template
from tests.unit.jobs.yard import account_with, scripted, write_wav

from dragoman.batch import open_batch
from dragoman.billing.rates import Rates
from dragoman.config import Settings
from dragoman.core.options import JobOptions, RunOptions
from dragoman.engines import routing
from dragoman.engines.loading import open_loader
from dragoman.hosts.slots import NICENESS
from dragoman.jobs.model import Submission
from dragoman.storage.database import open_database

__all__ = ["database_url", "postgres_template", "sqlite_template"]

pytestmark = pytest.mark.anyio


def start_worker(folder: Path, url: str) -> subprocess.Popen:
    engines = [f"--{kind}=scripted" for kind in ("recognizer", "translator", "synthesizer", "voice-activity")]
    command = [Path(sys.executable).with_name("dragoman"), "worker", "--data-dir", str(folder), *engines]
    return subprocess.Popen(
        command, env={**os.environ, "DRAGOMAN_DATABASE_URL": url}, stderr=subprocess.PIPE, text=True
    )


async def test_a_worker_does_what_was_accepted_gives_way_and_ends_on_a_signal(database_url, tmp_path):
    settings = Settings(data_dir=tmp_path, database_url=database_url)
    recording = write_wav(tmp_path / "a.wav", 3).read_bytes()
    async with (
        open_database(settings.database) as database,
        open_loader(routing.survey(scripted())) as loader,
        open_batch(settings, database, loader, Rates(), working=False) as batch,
    ):
        account = await account_with(database, "acme", 1000)
        async with batch.intake() as intake:
            async with intake.recording() as writer:
                await writer.write(recording)
            job = (await intake.submit(Submission(account, "{}", JobOptions(RunOptions("en", ("es",)))))).job
        with start_worker(tmp_path, database_url) as worker:
            try:
                done = await batch.wait(job, 60)
                assert done.status == "done"
                assert psutil.Process(worker.pid).nice() >= NICENESS
            finally:
                worker.send_signal(signal.SIGTERM)
                with anyio.fail_after(30):
                    assert await anyio.to_thread.run_sync(worker.wait) == 0
            log = worker.stderr.read()
    assert "working" in log
    assert "error" not in log
