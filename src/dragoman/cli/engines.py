"""``dragoman engines``"""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from dragoman.cli.edge import run_command
from dragoman.cli.screen import Screen
from dragoman.cli.tables import plain_table
from dragoman.core.errors import EngineError
from dragoman.engines import registry, routing
from dragoman.engines.alignment import AlignerInfo
from dragoman.engines.asr import RecognizerInfo
from dragoman.engines.info import EngineInfo
from dragoman.engines.mt import TranslatorInfo
from dragoman.engines.tts import SynthesizerInfo
from dragoman.engines.vad import VoiceActivityInfo

_KINDS: tuple[registry.Kind[Any, Any], ...] = (
    registry.VOICE_ACTIVITY,
    registry.RECOGNIZERS,
    registry.TRANSLATORS,
    registry.SYNTHESIZERS,
    registry.ALIGNERS,
)
"""In the order of the work."""

_PLACES = {"thread": "this process", "process": "child process", "program": "programs of its own"}


@dataclass(frozen=True, slots=True)
class Plugin:
    """A registered engine: what it says of itself, or why it does not work here."""

    kind: str
    name: str
    automatic: bool
    """Whether it may be chosen; otherwise it is used only when it is asked for by name."""
    info: EngineInfo | None = None
    error: EngineError | None = None


def engines(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every pair and voice.")] = False
) -> None:
    """List the engines: what is installed, and what is missing and why."""
    screen = Screen()

    async def work() -> int:
        found = plugins()
        if as_json:
            screen.machine(json.dumps([_fields(plugin) for plugin in found], ensure_ascii=False, indent=2))
        else:
            _show(found, screen)
        return 0

    run_command(work, screen, as_json=as_json)


def plugins() -> list[Plugin]:
    """Every registered engine, by kind; none is loaded."""
    found = routing.survey()
    works: tuple[routing.Installed[Any, Any], ...] = (
        *found.voice_activity,
        *found.recognizers,
        *found.translators,
        *found.synthesizers,
        *found.aligners,
    )
    automatic = {(engine.ref.kind.name, engine.ref.entry.name) for engine in works}
    automatic |= {(engine.kind, engine.name) for engine in found.missing}
    return [
        _plugin(kind, name, automatic=(kind.name, name) in automatic)
        for kind in _KINDS
        for name in registry.names(kind)
    ]


def _plugin(kind: registry.Kind[Any, Any], name: str, *, automatic: bool) -> Plugin:
    try:
        return Plugin(kind.name, name, automatic, info=registry.find(kind, name).describe())
    except EngineError as error:
        return Plugin(kind.name, name, automatic, error=error)


def _show(found: list[Plugin], screen: Screen) -> None:
    table = plain_table("Kind", "Engine", "Version", "Offers", "Runs in", "Licence")
    for plugin in found:
        if plugin.info is None:
            table.add_row(plugin.kind, plugin.name, Text("missing", style="bold red"))
            continue
        info = plugin.info
        use = offers(info) if plugin.automatic else f"{offers(info)}, only by name"
        table.add_row(plugin.kind, info.name, info.version, use, _PLACES[info.runs_in], info.licence)
    screen.out.print(table)
    for plugin in found:
        if plugin.error is not None:
            screen.result(Text.assemble((f"{plugin.name}: ", "bold red"), plugin.error.message))
            screen.result(Text(f"  {plugin.error.remedy}", style="cyan"))


def offers(info: EngineInfo) -> str:
    """What an engine can do, in a few words."""
    match info:
        case RecognizerInfo():
            return f"{_count(len(info.languages), 'language')}{', also live' if info.streaming else ''}"
        case TranslatorInfo():
            return _count(len(info.pairs), "pair")
        case SynthesizerInfo():
            languages = {voice.language for voice in info.voices}
            return f"{_count(len(info.voices), 'voice')}, {_count(len(languages), 'language')}"
        case AlignerInfo():
            return _count(len(info.languages), "language")
        case VoiceActivityInfo():
            return "any language"
        case _:
            return ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _fields(plugin: Plugin) -> dict[str, Any]:
    fields: dict[str, Any] = {"kind": plugin.kind, "name": plugin.name, "installed": plugin.info is not None}
    fields["automatic"] = plugin.automatic
    if plugin.info is not None:
        return fields | _described(plugin.info)
    assert plugin.error is not None
    return fields | {"code": plugin.error.code, "reason": plugin.error.message, "remedy": plugin.error.remedy}


def _described(info: EngineInfo) -> dict[str, Any]:
    """The fields of a description, with pairs of languages as keys written ``en-pt``."""
    fields = asdict(info)
    if "figures" in fields:
        fields["figures"] = {
            key if isinstance(key, str) else "-".join(key): figure for key, figure in fields["figures"].items()
        }
    return fields
