"""The work of ``dragoman translate``: recordings one after another, on one set of loaded engines."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.text import Text

from dragoman.app import Dragoman, open_dragoman
from dragoman.cli.edge import report
from dragoman.cli.exit_codes import SUCCESS, exit_code
from dragoman.cli.naming import stems
from dragoman.cli.output import output_folder
from dragoman.cli.requests import Request
from dragoman.cli.screen import Screen
from dragoman.cli.take import Studio, Take
from dragoman.core.errors import DragomanError
from dragoman.core.events import Notice
from dragoman.core.language import best_match, display_name
from dragoman.core.options import RunOptions
from dragoman.engines.routing import EngineNames
from dragoman.media.decode import open_media


async def translate_all(request: Request, engines: EngineNames, screen: Screen) -> int:
    """The exit code: that of the first recording that failed.

    What makes all of them impossible (languages, engines, folders) is raised before any is opened.
    """
    async with open_dragoman(engines) as dragoman:
        unspoken = _unspoken(request, dragoman)
        options = RunOptions(
            source=request.source,
            targets=request.targets,
            speak=tuple(target for target in request.targets if target not in unspoken) if request.speech else (),
            recognition="live" if request.live else "whole",
            partials=request.live and not request.json,
            voices=tuple((target, voice) for target, voice in request.voices if target not in unspoken),
        )
        await dragoman.loader.attach(options)
        studio = Studio(request, dragoman, options, screen, [_no_voice(target) for target in unspoken])
        with ExitStack() as folders:
            for folder in filter(None, (request.folder, request.run_log)):
                folders.enter_context(output_folder(folder))
            return await _translate_each(studio)


async def _translate_each(studio: Studio) -> int:
    request, failures = studio.request, _Failures(studio.screen, as_json=studio.request.json)
    for path, name in zip(request.files, stems(request.files), strict=True):
        with failures.fence(path.name):
            for take in await _takes(path, name, request):
                with failures.fence(take.title):
                    await studio.translate(take)
    if len(request.files) > 1 and not request.json:
        failures.summarise()
    return failures.exit_code


async def _takes(path: Path, name: str, request: Request) -> list[Take]:
    if request.channels == "mix":
        return [Take(path, name)]
    async with open_media(path) as decoding:
        channels = decoding.info.channels
    if channels == 1:
        return [Take(path, name)]
    labels = [f"channel_{number}" for number in range(1, channels + 1)]
    return [Take(path, f"{name}.{label}", label) for label in labels]


@dataclass(slots=True)
class _Failures:
    """The errors of recordings, reported as they come; one must not cost the others."""

    screen: Screen
    as_json: bool
    _errors: dict[str, DragomanError] = field(default_factory=dict)
    """By title of the recording, in order."""

    @contextmanager
    def fence(self, title: str) -> Iterator[None]:
        try:
            yield
        except DragomanError as error:
            self._errors[title] = error
            report(error, self.screen, as_json=self.as_json)

    @property
    def exit_code(self) -> int:
        return exit_code(next(iter(self._errors.values()))) if self._errors else SUCCESS

    def summarise(self) -> None:
        if self._errors:
            self.screen.message(Text(f"failed: {', '.join(self._errors)}", style="bold red"))


def _unspoken(request: Request, dragoman: Dragoman) -> list[str]:
    """Targets that are to be spoken and for which there is no voice."""
    spoken = [entry.language for entry in dragoman.capabilities.spoken]
    return [target for target in request.targets if request.speech and best_match(target, spoken) is None]


def _no_voice(target: str) -> Notice:
    return Notice("no_voice", f"No engine speaks {display_name(target)} ({target}): it is only translated", target)
