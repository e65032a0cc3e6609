"""What is being said right now: the open utterance, on one or two lines at the bottom of a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from dragoman.cli import clock
from dragoman.core.events import EndOfUtterance, Event, FinalTranscript, PartialTranscript, RunEnded, RunStarted


class LiveView:
    """Stable words as they will stay, tentative ones dim."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._shown = Text()

    def show(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._draw(Text("listening", style="dim italic"))
            case PartialTranscript():
                self._draw(partial_text(event))
            case FinalTranscript() | EndOfUtterance() | RunEnded():
                self._draw(Text())

    def _draw(self, text: Text) -> None:
        if text != self._shown:
            self._shown = text
            self._live.update(text, refresh=True)


@contextmanager
def live_view(console: Console) -> Iterator[LiveView]:
    """Draws nothing where ``console`` is no terminal."""
    loading = Text("loading the engines", style="dim italic")
    shown = console if console.is_terminal else Console(quiet=True)
    with Live(loading, console=shown, transient=True, auto_refresh=False, vertical_overflow="crop") as live:
        yield LiveView(live)


def partial_text(partial: PartialTranscript) -> Text:
    contents = [word.content for word in partial.words]
    stable, tentative = " ".join(contents[: partial.stable]), " ".join(contents[partial.stable :])
    text = Text.assemble((f"{clock.position(partial.start_time)}  ", "dim"), stable)
    if tentative:
        text.append(f"{' ' if stable else ''}{tentative}", style="dim")
    return text
