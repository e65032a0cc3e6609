"""The commands, put together."""

from importlib.metadata import version
from typing import Annotated

import typer

from dragoman.cli.accounts import accounts
from dragoman.cli.doctor import doctor
from dragoman.cli.engines import engines
from dragoman.cli.jobs import jobs
from dragoman.cli.keys import keys
from dragoman.cli.languages import languages
from dragoman.cli.models import models
from dragoman.cli.serve import serve
from dragoman.cli.translate import translate
from dragoman.cli.worker import worker

app = typer.Typer(
    name="dragoman",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  the signature that Typer calls
    if wanted:
        typer.echo(f"dragoman {version('dragoman')}")
        raise typer.Exit


@app.callback()
def dragoman(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Speech translation on your own machine: recordings in, transcripts, translations, subtitles and speech out."""


for command in (translate, serve, worker, engines, languages, doctor):
    app.command()(command)
for group, name in ((models, "models"), (jobs, "jobs"), (accounts, "accounts"), (keys, "keys")):
    app.add_typer(group, name=name)
