"""``dragoman doctor``"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from dragoman.cli.edge import run_command
from dragoman.cli.screen import Screen
from dragoman.cli.tables import plain_table

if TYPE_CHECKING:  # loads the pipeline
    from dragoman.cli.checks import Check

_MARKS = {"ok": ("✓", "green"), "off": ("-", "dim"), "warning": ("!", "yellow"), "failed": ("✗", "bold red")}


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check that everything works. Tells what is missing and how to install it.

    Exits with 1 when English speech cannot be translated.
    """
    screen = Screen()

    async def work() -> int:
        from dragoman.cli.checks import check_all  # noqa: PLC0415  loads the pipeline

        checks = await check_all()
        if as_json:
            screen.machine(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2))
        else:
            _show(checks, screen)
        return 1 if any(check.state == "failed" for check in checks) else 0

    run_command(work, screen, as_json=as_json)


def _show(checks: "Sequence[Check]", screen: Screen) -> None:
    table = plain_table("", "Check", "Found")
    for check in checks:
        mark, style = _MARKS[check.state]
        table.add_row(Text(mark, style=style), check.name, check.found)
    screen.out.print(table)
    todo = [check for check in checks if check.state in {"warning", "failed"}]
    for check in todo:
        mark, style = _MARKS[check.state]
        screen.result(Text.assemble((f"{mark} {check.name}: ", style), check.remedy or check.found))
    if not todo:
        screen.result(Text("Everything works.", style="green"))
