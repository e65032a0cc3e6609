"""``dragoman serve``"""

from typing import Annotated, Any

import typer

from dragoman.cli.books import Config, DataDir
from dragoman.cli.edge import run_blocking
from dragoman.cli.engine_options import Aligner, Recognizer, SpeechTranslator, Synthesizer, Translator, VoiceActivity
from dragoman.cli.screen import Screen
from dragoman.engines.routing import EngineNames


def serve(
    *,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(metavar="N", help="Port to listen on [8090].")] = None,
    data_dir: DataDir = None,
    config: Config = None,
    recognizer: Recognizer = None,
    translator: Translator = None,
    speech_translator: SpeechTranslator = None,
    synthesizer: Synthesizer = None,
    voice_activity: VoiceActivity = None,
    aligner: Aligner = None,
) -> None:
    """Serve live translation and batch jobs: the Realtime Translator over Socket.IO, and Speechmatics' API.

    Settings come from the environment and the configuration file; see docs/configuration.md.
    """

    def work() -> int:
        from dragoman.config import load_settings  # noqa: PLC0415  loads the database's libraries
        from dragoman.server import serve as serve_until_signal  # noqa: PLC0415  loads the web framework

        settings = load_settings(data_dir=data_dir, config=config)
        given: dict[str, Any] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        settings = settings.model_copy(update={"server": settings.server.model_copy(update=given)})
        serve_until_signal(
            settings, EngineNames(voice_activity, recognizer, translator, synthesizer, aligner, speech_translator)
        )
        return 0

    run_blocking(work, Screen())
