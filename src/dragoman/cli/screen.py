"""The terminal: results go to standard output, everything else to standard error."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from dragoman.core.errors import DragomanError


class _ResultConsole(Console):
    def on_broken_pipe(self) -> None:
        """Rich would end the process on the spot; ours first puts away what it has begun."""
        raise BrokenPipeError


_UNBOUNDED = 400
"""Columns where no terminal says how many: nothing is wrapped or cut."""


def _result_console() -> Console:
    console = _ResultConsole(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _UNBOUNDED
    return console


def _message_console() -> Console:
    return Console(stderr=True, highlight=False, emoji=False)


@dataclass(frozen=True, slots=True)
class Screen:
    out: Console = field(default_factory=_result_console)
    err: Console = field(default_factory=_message_console)

    @property
    def moving(self) -> Console:
        """Where bars and partials are drawn: the console whose lines they must stay below, if it is a terminal."""
        return self.out if self.out.is_terminal else self.err

    def result(self, text: Text | str = "") -> None:
        """A line of the result. It is wrapped by a terminal, not by us."""
        _print(self.out, text)

    def machine(self, text: str) -> None:
        """A line for programs: straight to the stream, neither wrapped nor coloured."""
        print(text, file=self.out.file, flush=True)

    def message(self, text: Text | str) -> None:
        _print(self.err, text)

    def warning(self, text: str) -> None:
        self.message(Text.assemble(("warning: ", "bold yellow"), text))

    def error(self, error: DragomanError) -> None:
        self.message(Text.assemble(("error: ", "bold red"), error.message))
        if error.remedy:
            self.message(Text.assemble("  ", (error.remedy, "cyan")))


def _print(console: Console, text: Text | str) -> None:
    console.print(text, soft_wrap=True, markup=False)
