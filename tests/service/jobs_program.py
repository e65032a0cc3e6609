"""``python -m tests.service.jobs_program …``: the program ``dragoman``, that notices sooner who is dead."""

from functools import partial

from tests.service.jobs_process import PACE

import dragoman.batch
from dragoman.cli.app import app
from dragoman.jobs.opening import Premises

if __name__ == "__main__":
    dragoman.batch.Premises = partial(Premises, pace=PACE)
    app()
