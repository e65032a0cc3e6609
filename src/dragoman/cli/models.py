"""``dragoman models``"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.edge import run_blocking
from dragoman.cli.exit_codes import SUCCESS, exit_code
from dragoman.cli.models_view import as_fields, rows, show
from dragoman.cli.pulling import PullProgress, heeding_signals, megabytes, pull_progress
from dragoman.cli.screen import Screen
from dragoman.core.errors import DragomanError, InvalidOption, ModelUnreachable
from dragoman.core.language import canonical
from dragoman.engines import catalogue
from dragoman.engines.catalogue import store
from dragoman.engines.catalogue.entries import entry
from dragoman.engines.catalogue.profiles import download_size, profile, translating
from dragoman.engines.catalogue.pull import Puller, mirror_setting
from dragoman.engines.catalogue.source import Entry
from dragoman.engines.catalogue.staging import opened_archives, remove_model

models = typer.Typer(no_args_is_help=True, help="Weights of the neural engines: what is installed, what can be had.")

_SHOWN = 6
"""Models that are named in a message; of more, only the number is given."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@models.command("list")
def list_models(
    *,
    every: Annotated[bool, typer.Option("--all", help="Also those that are not installed.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the models that are installed, or all that can be had."""
    screen = Screen()

    def work() -> int:
        found = rows(every=every)
        if as_json:
            screen.machine(json.dumps([as_fields(row) for row in found], ensure_ascii=False, indent=2))
        else:
            show(found, screen, every=every)
        return 0

    run_blocking(work, screen, as_json=as_json)


@models.command()
def pull(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", show_default=False)] = None,
    *,
    profile_name: Annotated[
        str | None, typer.Option("--profile", metavar="PROFILE", help="All models of a profile.", show_default=False)
    ] = None,
    languages: Annotated[
        str | None,
        typer.Option(
            "--languages",
            metavar="LANGUAGE,...",
            help="Models that translate between these languages and English.",
            show_default=False,
        ),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-licence",
            metavar="NAME",
            help="Accept the licence of this model, which is not a permissive one. May be repeated.",
            show_default=False,
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no source but a mirror that is a folder.")] = False,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="End well although no source gives a model, and say which are missing.")
    ] = False,
) -> None:
    """Get models of the catalogue, checked by their sha256. What is installed already is left alone."""
    screen = Screen()

    def work() -> int:
        wanted = _wanted(names or [], profile_name, languages)
        accepted = frozenset(entry(name).model.name for name in accept or ())
        given = (f"--profile {profile_name}" if profile_name else "", f"--languages {languages}" if languages else "")
        again = " ".join([*(names or []), *filter(None, given)])
        with heeding_signals():
            return _pull(wanted, screen, again=again, lenient=lenient, accepted=accepted, offline=offline)

    run_blocking(work, screen)


def _wanted(names: list[str], profile_name: str | None, languages: str | None) -> tuple[Entry, ...]:
    if not names and profile_name is None and languages is None:
        raise InvalidOption(
            "No model is named", remedy="Name one, or a profile: dragoman models pull --profile default"
        )
    wanted = [entry(name) for name in names]
    if profile_name is not None:
        wanted += profile(profile_name)
    if languages is not None:
        wanted += translating(canonical(tag) for tag in languages.split(","))
    return tuple({each.model.name: each for each in wanted}.values())


def _pull(
    wanted: tuple[Entry, ...], screen: Screen, *, again: str, lenient: bool, accepted: frozenset[str], offline: bool
) -> int:
    """Gets one after another. When one cannot be had the others still are."""
    missing = [each for each in wanted if store.installed_or_none(each.model.name) is None]
    if not missing:
        if not lenient:
            screen.message("All of them are installed already.")
        return 0
    count = f"{len(missing)} model{'s' if len(missing) > 1 else ''}"
    size = megabytes(download_size(missing))
    screen.message(f"Getting {count}, about {size} to download once, to {catalogue.models_folder()}")
    with opened_archives() as archives, pull_progress(screen) as progress:
        puller = Puller(
            watcher=progress, archives=archives, mirror=mirror_setting(), offline=offline, accepted=accepted
        )
        failed = dict(_failures(missing, puller, progress))
    left_out = [name for name, error in failed.items() if lenient and isinstance(error, ModelUnreachable)]
    if left_out:
        shown = ", ".join(left_out) if len(left_out) <= _SHOWN else f"{len(left_out)} models"
        screen.warning(f"Without {shown}, which no source gave")
        screen.message(f"  To get them later, run: dragoman models pull {again}")
    return _reported([error for name, error in failed.items() if name not in left_out], screen)


def _failures(wanted: list[Entry], puller: Puller, progress: PullProgress) -> Iterator[tuple[str, DragomanError]]:
    """Pulls all that can be had, and gives names and errors of the others."""
    for each in wanted:
        try:
            puller.pull(each)
            progress.installed(each)
        except DragomanError as error:  # what cannot be had must not keep the others away
            yield each.model.name, error


def _reported(errors: list[DragomanError], screen: Screen) -> int:
    """Shows all of them; the exit code of the first, or success."""
    for error in errors:
        screen.error(error)
    return exit_code(errors[0]) if errors else SUCCESS


@models.command()
def remove(names: Annotated[list[str], typer.Argument(metavar="NAME...")]) -> None:
    """Remove models. Sessions that use one go on with it until they end."""
    screen = Screen()

    def work() -> int:
        for name in names:
            remove_model(name)
            screen.message(f"{name}: removed")
        return 0

    run_blocking(work, screen)


@models.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME...]", show_default=False)] = None,
) -> None:
    """Compare every byte of installed models with the catalogue; of all models when none is named."""
    screen = Screen()

    def work() -> int:
        errors: list[DragomanError] = []
        for name in names or list(store.present()):
            try:
                found = store.verify(name)
                screen.result(f"{name}: ok, {megabytes(found.model.size)}")
            except DragomanError as error:
                errors.append(error)
        return _reported(errors, screen)

    run_blocking(work, screen)


@models.command("import")
def import_folder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)],
    *,
    name: Annotated[str, typer.Option("--name", metavar="ENGINE:MODEL", help="Name to install it under.")],
    languages: Annotated[
        str | None,
        typer.Option("--languages", metavar="LANGUAGE,...", help="What it hears or speaks.", show_default=False),
    ] = None,
    pairs: Annotated[
        str | None,
        typer.Option("--pairs", metavar="FROM:TO,...", help="What it translates between.", show_default=False),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--licence", metavar="SPDX", help="Licence of the weights.", show_default=False),
    ] = None,
) -> None:
    """Install a model of your own from a folder; its files are copied.

    A name of the catalogue is checked against it. Any other one needs to know what the model does.
    """
    from dragoman.engines.catalogue.importing import Described, import_model  # noqa: PLC0415  rarely needed

    screen = Screen()

    def work() -> int:
        described = Described.given(languages=languages, pairs=pairs, licence=licence)
        found = import_model(folder, name, described)
        screen.message(f"{name}: installed, {megabytes(found.model.size)}")
        return 0

    run_blocking(work, screen)


@models.command()
def path(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print the folder of an installed model."""
    screen = Screen()

    def work() -> int:
        screen.machine(str(catalogue.locate(name).folder))
        return 0

    run_blocking(work, screen)
