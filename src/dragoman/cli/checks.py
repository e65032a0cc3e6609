"""What ``dragoman doctor`` looks at."""

import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from dragoman.app import open_dragoman
from dragoman.cli.engines import measured, offers, plugins
from dragoman.cli.pulling import megabytes
from dragoman.core.audio import SPEECH_RATE, silence
from dragoman.core.errors import DragomanError, EngineUnavailable
from dragoman.core.language import display_name
from dragoman.core.options import RunOptions
from dragoman.engines.catalogue import store
from dragoman.engines.catalogue.profiles import profiles
from dragoman.engines.loading import available_cores
from dragoman.media.decode import open_media
from dragoman.media.encode import WavWriter

_SOURCE = "en"
"""The language that the default pipeline is checked with."""

_MEMORY = 1 << 30
"""Bytes that are comfortable for one run on a few cores."""


_PULL_DEFAULT = "dragoman models pull --profile default"


State = Literal["ok", "off", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: State
    """``off``: works once a model is installed or configured. ``failed``: the default pipeline does not work without
    it."""
    found: str
    remedy: str = ""


async def check_all() -> list[Check]:
    return [_python(), *_libraries(), *_engines(), *_models(), _memory(), await _decoder(), await _run()]


def _python() -> Check:
    return Check("Python", "ok", f"{platform.python_version()} in {sys.prefix}")


def _libraries() -> Iterator[Check]:
    """The packages that ours declares; whether the default pipeline can do without one is seen by the run below."""
    for requirement in metadata.requires("dragoman") or ():
        match = re.match(r"[\w.-]+", requirement)
        if match is None or "extra ==" in requirement:
            continue
        name = match.group()
        try:
            yield Check(f"library {name}", "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Check(f"library {name}", "warning", "missing", f"{sys.executable} -m pip install '{requirement}'")


def _engines() -> Iterator[Check]:
    """Check that every engine can be described. A missing one is only a warning: the run below shows whether another
    does its work."""
    for plugin in plugins():
        if not plugin.automatic:
            continue
        if plugin.info is not None:
            found = (plugin.info.version, offers(plugin.info), measured(plugin.info))
            yield Check(f"{plugin.kind} {plugin.info.name}", "ok", ", ".join(filter(None, found)))
        elif plugin.error is not None:
            state: State = "off" if plugin.off else "warning"
            yield Check(f"{plugin.kind} {plugin.name}", state, plugin.error.message, plugin.error.remedy)


def _models() -> Iterator[Check]:
    """Models that are missing are no more than a warning: the engines that need none do the work, less well."""
    found = store.installed()
    size = megabytes(sum(each.model.size for each in found))
    default = profiles()["default"]
    missing = [name for name in default if name not in {each.model.name for each in found}]
    summary = f"{len(found)} installed, {size}, in {store.models_folder()}" if found else "none installed"
    if missing:
        yield Check("models", "warning", f"{summary}; missing: {', '.join(missing)}", _PULL_DEFAULT)
    else:
        yield Check("models", "ok", summary)
    for name in store.present():
        try:
            store.locate(name)
        except EngineUnavailable as error:
            yield Check(f"model {name}", "warning", error.message, error.remedy)


def _memory() -> Check:
    available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):  # what is cached can be had, too
            available = int(line.split()[1]) << 10
    found = f"{available / (1 << 30):.1f} GiB free, {available_cores()} cores"
    if available < _MEMORY:
        return Check("memory", "warning", found, "Close other programs: less than 1 GiB is tight")
    return Check("memory", "ok", found)


async def _decoder() -> Check:
    """Decodes a short wav file the way that every file is decoded."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "silence.wav")
        _write_silence(path)
        try:
            async with open_media(path) as decoding:
                async for _ in decoding:
                    pass
        except DragomanError as error:
            return Check("decoding", "failed", error.message, f"{sys.executable} -m pip install --force-reinstall av")
    return Check("decoding", "ok", "works")


def _write_silence(path: Path) -> None:
    with path.open("wb") as file, WavWriter(file, SPEECH_RATE) as wav:
        wav.write(silence(0.1, SPEECH_RATE))


async def _run() -> Check:
    """Silence through all the stages, so that every engine of the default pipeline is really loaded."""
    begin = time.monotonic()
    try:
        async with open_dragoman(parallel=1) as dragoman:
            targets = dragoman.capabilities.targets_of(_SOURCE)
            target = "es" if "es" in targets else next(iter(targets), "es")
            options = RunOptions(_SOURCE, (target,), speak=(target,), recognition="live")
            async with dragoman.open_run(options) as run:
                await run.input.send(silence(0.5, SPEECH_RATE))
                await run.input.aclose()
                async for _ in run.events:
                    pass
    except DragomanError as error:
        return Check("a run", "failed", error.message, error.remedy)
    route = f"{display_name(_SOURCE)} speech to {display_name(target)} speech"
    return Check("a run", "ok", f"{route}, ready in {time.monotonic() - begin:.1f} s")
