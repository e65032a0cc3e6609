"""``dragoman engines``"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from dragoman.cli.edge import run_command
from dragoman.cli.models_view import rows
from dragoman.cli.screen import Screen
from dragoman.cli.tables import plain_table
from dragoman.core.errors import EngineError, ModelNotInstalled
from dragoman.core.quality import Figure
from dragoman.engines import registry, routing
from dragoman.engines.alignment import AlignerInfo
from dragoman.engines.asr import RecognizerInfo
from dragoman.engines.info import EngineInfo
from dragoman.engines.mt import TranslatorInfo
from dragoman.engines.speech_translation import SpeechTranslatorInfo
from dragoman.engines.tts import SynthesizerInfo
from dragoman.engines.vad import VoiceActivityInfo

_KINDS: tuple[registry.Kind[Any, Any], ...] = (
    registry.VOICE_ACTIVITY,
    registry.RECOGNIZERS,
    registry.TRANSLATORS,
    registry.SPEECH_TRANSLATORS,
    registry.SYNTHESIZERS,
    registry.ALIGNERS,
)
"""In the order of the work."""

_PLACES = {"thread": "this process", "process": "child process", "program": "programs of its own"}


@dataclass(frozen=True, slots=True)
class Plugin:
    """A registered engine: its description, or why it does not work here."""

    kind: str
    name: str
    automatic: bool
    """Whether routing may choose it; otherwise it is used only by name."""
    info: EngineInfo | None = None
    error: EngineError | None = None

    @property
    def off(self) -> bool:
        """Whether it lacks nothing but a model or a configuration: a choice of the operator, not a fault."""
        return isinstance(self.error, ModelNotInstalled)


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
    """Return every registered engine by kind, and every installed model of those that list them. None is loaded."""
    found = routing.survey()
    works: tuple[routing.Installed[Any, Any], ...] = (
        *found.voice_activity,
        *found.recognizers,
        *found.translators,
        *found.speech_translators,
        *found.synthesizers,
        *found.aligners,
    )
    automatic = {(engine.ref.kind.name, engine.ref.entry.name) for engine in works}
    automatic |= {(engine.kind, engine.name.partition(":")[0]) for engine in found.missing}
    return [
        plugin
        for kind in _KINDS
        for name in registry.names(kind)
        for plugin in _plugins(kind, name, automatic=(kind.name, name) in automatic)
    ]


def _plugins(kind: registry.Kind[Any, Any], name: str, *, automatic: bool) -> Iterator[Plugin]:
    try:
        refs = registry.find(kind, name).with_models()
    except EngineError as error:
        yield Plugin(kind.name, name, automatic, error=error)
        return
    for ref in refs:
        try:
            yield Plugin(kind.name, name, automatic, info=ref.describe())
        except EngineError as error:
            yield Plugin(kind.name, name, automatic, error=error)


def _show(found: list[Plugin], screen: Screen) -> None:
    table = plain_table("Kind", "Engine", "Version", "Offers", "Measured", "Runs in", "Licence")
    for plugin in found:
        if plugin.info is None:
            state = Text("no model", style="dim") if plugin.off else Text("missing", style="bold red")
            table.add_row(plugin.kind, plugin.name, state)
            continue
        info = plugin.info
        use = offers(info) if plugin.automatic else f"{offers(info)}, only by name"
        table.add_row(plugin.kind, info.name, info.version, use, measured(info), _PLACES[info.runs_in], info.licence)
    screen.out.print(table)
    for plugin in found:
        if plugin.error is not None:
            style = "dim" if plugin.off else "bold red"
            screen.result(Text.assemble((f"{plugin.kind} {plugin.name}: ", style), plugin.error.message))
            screen.result(Text(f"  {plugin.error.remedy}", style="cyan"))
    more = sum(row.state == "available" for row in rows(every=True))
    if more:
        screen.result(Text(f"{more} models can be pulled: dragoman models list --all", style="dim"))


def offers(info: EngineInfo) -> str:
    """Summarize what an engine can do, in a few words."""
    match info:
        case RecognizerInfo():
            return f"{_count(len(info.languages), 'language')}{', also live' if info.streaming else ''}"
        case TranslatorInfo():
            return _count(len(info.pairs), "pair")
        case SpeechTranslatorInfo():
            heard, targets = ({pair[side] for pair in info.pairs} for side in (0, 1))
            return f"{_count(len(heard), 'language')} to {', '.join(sorted(targets))}"
        case SynthesizerInfo():
            languages = {voice.language for voice in info.voices}
            return f"{_count(len(info.voices), 'voice')}, {_count(len(languages), 'language')}"
        case AlignerInfo():
            return _count(len(info.languages), "language")
        case VoiceActivityInfo():
            return "any language"
        case _:
            return ""


def measured(info: EngineInfo) -> str:
    """Summarize the figures of an engine: the first one, English before others, and how many more there are."""
    figures: Mapping[Any, Figure] = getattr(info, "figures", {})
    if not figures:
        return ""
    key = min(figures, key=lambda key: (_key(key).partition("-")[0] != "en", key))
    figure = figures[key]
    digits = 1 if figure.metric == "chrF" else 3
    more = f", {len(figures) - 1} more" if len(figures) > 1 else ""
    return f"{_key(key)} {figure.metric} {figure.value:.{digits}f}{more}"


def _key(key: str | tuple[str, str]) -> str:
    return key if isinstance(key, str) else "-".join(key)


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
        fields["figures"] = {_key(key): figure for key, figure in fields["figures"].items()}
    return fields
