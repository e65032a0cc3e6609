"""How a job may move."""

import re
from datetime import UTC, datetime, timedelta

from dragoman.core.options import JobOptions, RunOptions
from dragoman.jobs.model import MOVES, Job, Submission, folder_of, new_id

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_ids_are_as_clients_know_them_and_never_alike():
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"[a-z][a-z0-9]{9}", id_) for id_ in ids)
    assert folder_of("a1b2c3d4e5") == "jobs/a1b2c3d4e5"


def test_a_job_is_over_once():
    assert not MOVES["done"] & {"running", "rejected"}
    assert not MOVES["rejected"] & {"running", "done"}
    assert not MOVES["deleted"]


def test_places_are_first_come_first_served_unless_one_account_crowds_or_somebody_is_in_a_hurry():
    def place(seconds=0.0, rank=1, priority=100):
        asked = Submission("acme", "{}", JobOptions(RunOptions("en")), priority=priority)
        return Job("a", asked, "running", "queued", 0, (), NOON + timedelta(seconds=seconds)).place(rank)

    assert place() < place(seconds=2) < place(seconds=4)
    assert place(rank=100) > place(seconds=60)
    assert place(rank=100) < place(seconds=3600)
    assert place(seconds=3000, priority=99) < place()
    assert place(priority=10**9) == 2**31 - 1
    assert place(priority=-(10**9)) == 1
