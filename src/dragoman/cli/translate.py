"""``dragoman translate``"""

from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.edge import run_command
from dragoman.cli.engine_options import Recognizer, SpeechTranslator, Synthesizer, Translator, VoiceActivity
from dragoman.cli.requests import Channels, Request, parse_languages, parse_voices
from dragoman.cli.screen import Screen
from dragoman.core.language import canonical
from dragoman.engines.routing import EngineNames

_FILES = "Files"


def translate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Recordings or videos, of any format.")],
    *,
    source: Annotated[str, typer.Option("--from", metavar="LANGUAGE", help="Language that is spoken.")] = "en",
    to: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE,...", help="Languages to translate to. Without it: only the transcript."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the files: NAME.json, and what else is asked for. Without it nothing is written, "
            "or to the current folder with --speech or --subtitles.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    speech: Annotated[
        bool, typer.Option("--speech", help="Speak the translations: NAME.es.wav.", rich_help_panel=_FILES)
    ] = False,
    subtitles: Annotated[
        bool,
        typer.Option("--subtitles", help="Subtitles in every language: NAME.en.srt, .vtt.", rich_help_panel=_FILES),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one line of JSON per recording, and errors as JSON on standard error."),
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Listen at the pace of a microphone and print while it is spoken.")
    ] = False,
    voice: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE=NAME", help="Voice for a language; dragoman languages --json lists them."),
    ] = None,
    channels: Annotated[Channels, typer.Option(help="Hear all channels of a recording mixed, or each alone.")] = "mix",
    run_log: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Log what arrived and came out when: NAME.run.jsonl. It holds what is said.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    recognizer: Recognizer = None,
    translator: Translator = None,
    speech_translator: SpeechTranslator = None,
    synthesizer: Synthesizer = None,
    voice_activity: VoiceActivity = None,
) -> None:
    r"""Transcribe recordings and translate what is said.

    Sentences are printed as they are found. Files appear when they are complete.

    \b
      dragoman translate talk.mp3
      dragoman translate talk.mp3 --to es,fr --subtitles --out results
      dragoman translate *.wav --to es --speech --out results
      dragoman translate talk.mp3 --to es --json | jq .translations.es
    """
    screen = Screen()

    async def work() -> int:
        targets = parse_languages(to or ())
        request = Request(
            files=tuple(files),
            source=canonical(source),
            targets=targets,
            folder=out or (Path() if speech or subtitles else None),
            speech=speech,
            subtitles=subtitles,
            json=as_json,
            live=live,
            voices=parse_voices(voice or (), targets),
            channels=channels,
            run_log=run_log,
        )
        from dragoman.cli.translating import translate_all  # noqa: PLC0415  loads the pipeline

        names = EngineNames(voice_activity, recognizer, translator, synthesizer, speech_translator=speech_translator)
        return await translate_all(request, names, screen)

    run_command(work, screen, as_json=as_json)
