"""``dragoman worker``"""

from functools import partial
from typing import Annotated

import anyio
import typer

from dragoman.cli.books import Config, DataDir
from dragoman.cli.edge import run_blocking
from dragoman.cli.engine_options import Aligner, Recognizer, SpeechTranslator, Synthesizer, Translator, VoiceActivity
from dragoman.cli.exit_codes import SUCCESS
from dragoman.cli.interrupt import Interrupted, until_interrupted
from dragoman.cli.screen import Screen
from dragoman.engines.routing import EngineNames


def worker(
    *,
    at_once: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Jobs at the same time, in every process [2].")
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
    recognizer: Recognizer = None,
    translator: Translator = None,
    speech_translator: SpeechTranslator = None,
    synthesizer: Synthesizer = None,
    voice_activity: VoiceActivity = None,
    aligner: Aligner = None,
) -> None:
    """Work on batch jobs, in one process more.

    It needs the database and the recordings of the server that accepts them: on one machine its data folder, on another
    one PostgreSQL (database_url) and an object store or a shared folder (blobs_url). What it had begun when it ends is
    gone on with by others.
    """

    async def work() -> int:
        from dragoman.batch import work as work_until_cancelled  # noqa: PLC0415  loads the database's libraries
        from dragoman.config import load_settings  # noqa: PLC0415  as above

        settings = load_settings(data_dir=data_dir, config=config)
        if at_once is not None:
            settings = settings.model_copy(update={"jobs": settings.jobs.model_copy(update={"at_once": at_once})})
        names = EngineNames(voice_activity, recognizer, translator, synthesizer, aligner, speech_translator)
        await work_until_cancelled(settings, names)
        return SUCCESS

    def until_signal() -> int:
        try:
            return anyio.run(partial(until_interrupted, work))
        except Interrupted:
            return SUCCESS  # that is how it is to end

    run_blocking(until_signal, Screen())
