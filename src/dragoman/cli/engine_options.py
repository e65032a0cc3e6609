"""The options that ask for engines by name, alike for every command that has them."""

from typing import Annotated

import typer

_PANEL = "Engines"
_FORM = "NAME[:MODEL]"

Recognizer = Annotated[
    str | None, typer.Option(metavar=_FORM, help="Engine that hears; see dragoman engines.", rich_help_panel=_PANEL)
]
Translator = Annotated[str | None, typer.Option(metavar=_FORM, help="Engine that translates.", rich_help_panel=_PANEL)]
SpeechTranslator = Annotated[
    str | None,
    typer.Option(
        metavar=_FORM,
        help="Engine that translates the audio, for languages that no translator reads.",
        rich_help_panel=_PANEL,
    ),
]
Synthesizer = Annotated[str | None, typer.Option(metavar=_FORM, help="Engine that speaks.", rich_help_panel=_PANEL)]
Aligner = Annotated[str | None, typer.Option(metavar=_FORM, help="Engine that aligns texts.", rich_help_panel=_PANEL)]
VoiceActivity = Annotated[
    str | None, typer.Option(metavar=_FORM, help="Engine that finds speech.", rich_help_panel=_PANEL)
]
