"""How a job may move."""

import re

from dragoman.jobs.model import MOVES, folder_of, new_id


def test_ids_are_as_clients_know_them_and_never_alike():
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"[a-z][a-z0-9]{9}", id_) for id_ in ids)
    assert folder_of("a1b2c3d4e5") == "jobs/a1b2c3d4e5"


def test_a_job_is_over_once():
    assert not MOVES["done"] & {"running", "rejected"}
    assert not MOVES["rejected"] & {"running", "done"}
    assert not MOVES["deleted"]
