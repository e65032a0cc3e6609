"""One take: what one run hears of a recording, from its sound to its files and what is printed."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from dragoman.app import Dragoman
from dragoman.cli import clock
from dragoman.cli.documents import file_names, speech_name, write_documents
from dragoman.cli.hearing import Silence, Watch, hear
from dragoman.cli.live_view import live_view
from dragoman.cli.naming import check_inputs_kept
from dragoman.cli.output import OutputFiles
from dragoman.cli.progress import run_progress
from dragoman.cli.requests import Request
from dragoman.cli.rows import RowBuilder
from dragoman.cli.run_log import open_run_log
from dragoman.cli.screen import Screen
from dragoman.cli.speech import SpeechTracks, describe_drift, drift
from dragoman.cli.transcript_view import TranscriptView
from dragoman.core.events import Event, Notice
from dragoman.core.fold import TranscriptFold
from dragoman.core.language import display_name
from dragoman.core.options import RunOptions
from dragoman.core.transcript import Transcript
from dragoman.media.decode import MediaInfo, open_media
from dragoman.render.own_json import to_json


@dataclass(frozen=True, slots=True)
class Take:
    path: Path
    name: str
    """What its files are called."""
    channel: str | None = None
    """Label of the channel to hear; None for all of them, mixed."""

    @property
    def title(self) -> str:
        return f"{self.path.name} ({self.channel})" if self.channel else self.path.name


@dataclass(frozen=True, slots=True)
class Studio:
    """What all takes of one ``dragoman translate`` share."""

    request: Request
    dragoman: Dragoman
    options: RunOptions
    screen: Screen
    notices: Sequence[Notice] = ()
    """What holds for every take."""

    async def translate(self, take: Take) -> None:
        """Hears a take, writes its files and prints its result.

        Raises NoSpeech and every error of decoding, of the engines and of writing; no file is left behind then.
        """
        begin, request = time.monotonic(), self.request
        if request.folder is not None:
            check_inputs_kept(request.folder, self._file_names(take), request.files)
        with OutputFiles(request.folder or Path()) as files:
            transcript = await self._hear(take, files)
            if request.folder is not None:
                write_documents(files, take.name, transcript, subtitles=request.subtitles)
            paths = files.commit()
        if request.json:
            self._print_json(take, transcript, paths)
        else:
            self._print_result(transcript, paths, time.monotonic() - begin)

    def _file_names(self, take: Take) -> list[str]:
        options = self.options
        return file_names(take.name, options.source, options.targets, options.speak, subtitles=self.request.subtitles)

    async def _hear(self, take: Take, files: OutputFiles) -> Transcript:
        fold, silence = TranscriptFold(self.options.targets, self.options.speak), Silence()
        tracks = SpeechTracks(files, {language: speech_name(take.name, language) for language in self.options.speak})
        async with open_media(take.path, split_channels=take.channel is not None) as decoding:
            log_of_run = open_run_log(self.request.run_log, take.name, self.options.targets)
            with self._view(take, decoding.info) as show, log_of_run as log:

                def watch(event: Event) -> None:
                    for tell in (log.event, fold.add, silence.add, tracks.add, show):
                        tell(event)

                await hear(self.dragoman, decoding, self.options, watch, channel=take.channel, sent=log.audio)
        silence.check(take.path)
        damage = [Notice("damaged_media", f"{take.path.name}: {warning}") for warning in decoding.warnings]
        for notice in (*self.notices, *damage):
            fold.add(notice)
        return fold.transcript()

    @contextmanager
    def _view(self, take: Take, info: MediaInfo) -> Iterator[Watch]:
        """Prints sentences as they are done, above what moves. Programs get their JSON at the end."""
        if self.request.json:
            with run_progress(self.screen.err, info.duration) as progress:
                yield progress.show
            return
        self.screen.message(Text(f"{take.title}: {_describe(info)}", style="bold"))
        rows, console = RowBuilder(self.options.targets), self.screen.moving
        table = TranscriptView(self.screen.out, self.options.source, self.options.targets, info.duration)
        moving = live_view(console) if self.request.live else run_progress(console, info.duration)
        with moving as view:

            def show(event: Event) -> None:
                view.show(event)
                for row in rows.add(event):
                    table.show(row)

            yield show
            for row in rows.finish():
                table.show(row)

    def _print_json(self, take: Take, transcript: Transcript, paths: Sequence[Path]) -> None:
        result = {"file": str(take.path), "channel": take.channel, "outputs": [str(path) for path in paths]}
        # One line, so that several recordings are JSON Lines
        self.screen.machine(json.dumps(result | to_json(transcript), ensure_ascii=False))

    def _print_result(self, transcript: Transcript, paths: Sequence[Path], seconds: float) -> None:
        screen = self.screen
        for notice in transcript.notices:
            screen.warning(notice)
        for path in paths:
            screen.message(Text.assemble(("wrote ", "green"), str(path)))
        for language, spoken in transcript.speech.items():
            screen.message(describe_drift(display_name(language), drift(spoken)))
        if not self.request.live:
            heard, speed = clock.length(transcript.duration), transcript.duration / seconds
            screen.message(Text(f"{heard} of sound in {seconds:.1f} s ({speed:.1f}x)", style="dim"))


def _describe(info: MediaInfo) -> str:
    channels = {1: "mono", 2: "stereo"}.get(info.channels, f"{info.channels} channels")
    length = "unknown length" if info.duration is None else clock.length(info.duration)
    return f"{info.codec}, {info.sample_rate / 1000:g} kHz, {channels}, {length}"
