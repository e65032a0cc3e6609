"""Whatever happens, in whatever order: the promises of the contract, over many random lives of a server.

``make soak`` plays thousands; DRAGOMAN_LIVES=N says how many, DRAGOMAN_SEED=N which is the first.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.service.chance import fresh_database, live
from tests.service.promises import check, ends
from tests.service.virtual_time import play

BOUNDED = 100
SOAKED = 5000
FIRST = int(os.environ.get("DRAGOMAN_SEED", "0"))
BATCH = 25


def play_and_check(seeds: range, template: Path, folder: Path) -> Counter[str]:
    """Returns what happened, to see that everything does."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        file = fresh_database(template, folder, "dragoman")
        try:
            with capture_logs() as logs:
                life = play(live, seed, file)
            check(life)
            assert life.cut_at is not None or not [line for line in logs if "where" in line], logs
        except Exception as error:
            error.add_note(f"DRAGOMAN_SEED={seed}")
            raise
        seen["cut"] += life.cut_at is not None
        seen.update(end for heard in life.sessions for end in ends(heard))
    return seen


@pytest.mark.parametrize("first", range(FIRST, FIRST + BOUNDED, BATCH))
def test_every_life_of_a_server_keeps_the_promises(first, sqlite_template, fast_folder):
    play_and_check(range(first, first + BATCH), sqlite_template, fast_folder)


def test_a_life_can_be_lived_again(sqlite_template, fast_folder):
    lives = [play(live, 7, fresh_database(sqlite_template, fast_folder, f"life {i}")) for i in range(2)]
    assert [heard.times for heard in lives[0].sessions] == [heard.times for heard in lives[1].sessions]


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("worker", range(4))
def test_thousands_of_lives(worker, sqlite_template, fast_folder):
    lives = int(os.environ.get("DRAGOMAN_LIVES", SOAKED)) // 4
    first = FIRST + BOUNDED + worker * lives
    print(play_and_check(range(first, first + lives), sqlite_template, fast_folder))
