"""``dragoman jobs``"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dragoman.cli.books import AsJson
from dragoman.cli.edge import run_command
from dragoman.cli.jobs_view import job_bar, jobs_table
from dragoman.cli.output import OutputFiles
from dragoman.cli.requests import parse_languages
from dragoman.cli.screen import Screen
from dragoman.core.errors import FileUnreadable, InvalidOption

if TYPE_CHECKING:  # loads the libraries of HTTP
    from dragoman.cli.remote import RemoteJobs

jobs = typer.Typer(no_args_is_help=True, help="Batch jobs on a server.")

Url = Annotated[str, typer.Option("--url", envvar="DRAGOMAN_URL", metavar="URL", help="Address of the server.")]
Key = Annotated[
    str | None,
    typer.Option("--key", envvar="DRAGOMAN_API_KEY", metavar="KEY", help="API key.", show_default=False),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]

_HERE = "http://127.0.0.1:8090"
_TAGS = ("word_start_and_end", "one_per_line")


@jobs.command()
def submit(
    recordings: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Recordings, or web addresses that the server fetches them from."),
    ],
    *,
    source: Annotated[str, typer.Option("--from", metavar="LANGUAGE", help="Language that is spoken.")] = "en",
    to: Annotated[
        list[str] | None, typer.Option(metavar="LANGUAGE,...", help="Languages to translate to, five at most.")
    ] = None,
    speech: Annotated[bool, typer.Option("--speech", help="Have the translations spoken.")] = False,
    model: Annotated[
        Literal["standard", "enhanced"], typer.Option(help="How to recognise: enhanced is slower and better.")
    ] = "enhanced",
    job_config: Annotated[
        Path | None,
        typer.Option("--job-config", metavar="FILE", help="Job configuration in JSON, which the other options add to."),
    ] = None,
    idempotency_key: Annotated[
        str | None,
        typer.Option("--idempotency-key", metavar="KEY", help="With the same key again, no second job is made."),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option("--text", metavar="FILE", help="Align this text with the recording, instead of recognising it."),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait, and print what came of it.")] = False,
    as_json: AsJson = False,
    url: Url = _HERE,
    key: Key = None,
) -> None:
    r"""Submit recordings. Prints the ids of their jobs, or with --wait their transcripts, or the text with its times.

    \b
      dragoman jobs submit talk.mp3 --to es,fr
      dragoman jobs submit talk.mp3 --to es --wait --json | jq .translations.es
      dragoman jobs submit talk.mp3 --text talk.txt --wait
    """

    async def work(remote: "RemoteJobs", screen: Screen) -> int:
        if idempotency_key is not None and len(recordings) > 1:
            raise InvalidOption("--idempotency-key is for one recording", remedy="Submit them one by one")
        if text is not None and (len(recordings) > 1 or to or speech):
            raise InvalidOption("--text is for one recording, without --to and --speech", remedy="Submit it by itself")
        if text is None:
            config = _config(job_config, source, parse_languages(to or ()), model, speech=speech)
        else:
            config = _to_align(job_config, source)
        for recording in recordings:
            is_remote = recording.startswith(("http://", "https://"))
            asked = config | {"fetch_data": {"url": recording}} if is_remote else config
            with job_bar(screen.moving, recording) as bar:
                file = None if is_remote else Path(recording)
                job_id = await remote.submit(asked, file, idempotency_key, bar.uploaded, text)
                if wait:
                    await remote.wait(job_id, bar.working)
            if wait and text is not None:
                screen.machine((await _read(remote, job_id, "alignment", {})).decode().rstrip("\n"))
            elif wait:
                screen.machine((await _whole(remote, job_id, "json-v2" if as_json else "txt")).decode())
            elif as_json:
                screen.machine(json.dumps({"id": job_id, "recording": recording}, ensure_ascii=False))
            else:
                screen.result(job_id)
        return 0

    _run(work, url, key, as_json=as_json)


@jobs.command("list")
def list_jobs(
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=100, help="How many, newest first.")] = 20,
    deleted: Annotated[bool, typer.Option("--deleted", help="Those that were deleted, too.")] = False,
    as_json: AsJson = False,
    url: Url = _HERE,
    key: Key = None,
) -> None:
    """List jobs."""

    async def work(remote: "RemoteJobs", screen: Screen) -> int:
        found = await remote.listed(limit, deleted=deleted)
        _show(found, found, screen, as_json=as_json)
        return 0

    _run(work, url, key, as_json=as_json)


@jobs.command()
def show(
    job_id: Id,
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is over.")] = False,
    as_json: AsJson = False,
    url: Url = _HERE,
    key: Key = None,
) -> None:
    """Show how a job is."""

    async def work(remote: "RemoteJobs", screen: Screen) -> int:
        if wait:
            with job_bar(screen.moving, job_id) as bar:
                await remote.wait(job_id, bar.working)
        job = await remote.show(job_id)
        _show(job, [job], screen, as_json=as_json)
        return 0

    _run(work, url, key, as_json=as_json)


@jobs.command()
def result(
    job_id: Id,
    *,
    form: Annotated[
        Literal["json-v2", "txt", "srt", "vtt", "word_start_and_end", "one_per_line"] | None,
        typer.Option("--format", help="txt unless given, srt with --language; the last two are of an aligned text."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="LANGUAGE", help="Subtitles in this language instead.")
    ] = None,
    speech: Annotated[
        str | None, typer.Option("--speech", metavar="LANGUAGE", help="The speech in this language instead, WAV.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="File to write it to.")] = None,
    url: Url = _HERE,
    key: Key = None,
) -> None:
    """Get what came of a job."""

    async def work(remote: "RemoteJobs", screen: Screen) -> int:
        if form in _TAGS or ((form, language, speech) == (None, None, None) and await _aligns(remote, job_id)):
            below, params = "alignment", {"tags": form or _TAGS[0]}
        else:
            below, params = _place(form, language, speech)
        if out is not None:
            await _write(remote, job_id, below, params, out)
            screen.message(f"Wrote {out}")
        elif speech is not None:
            raise InvalidOption("--speech is no text", remedy="Name a file with --out")
        else:
            screen.machine((await _read(remote, job_id, below, params)).decode().rstrip("\n"))
        return 0

    _run(work, url, key)


@jobs.command()
def delete(
    job_id: Id,
    *,
    force: Annotated[bool, typer.Option("--force", help="Also when it is running; it costs nothing then.")] = False,
    as_json: AsJson = False,
    url: Url = _HERE,
    key: Key = None,
) -> None:
    """Delete a job, its recording and its results."""

    async def work(remote: "RemoteJobs", screen: Screen) -> int:
        job = await remote.delete(job_id, force=force)
        if as_json:
            screen.machine(json.dumps(job, ensure_ascii=False))
        else:
            screen.result(f"Deleted {job_id}")
        return 0

    _run(work, url, key, as_json=as_json)


def _run(
    work: "Callable[[RemoteJobs, Screen], Awaitable[int]]", url: str, key: str | None, *, as_json: bool = False
) -> None:
    screen = Screen()

    async def opened() -> int:
        from dragoman.cli.remote import open_remote  # noqa: PLC0415  loads the libraries of HTTP

        async with open_remote(url, key) as remote:
            return await work(remote, screen)

    run_command(opened, screen, as_json=as_json)


def _to_align(file: Path | None, source: str) -> dict[str, Any]:
    return {"type": "alignment", "alignment_config": {"language": source}} | _given(file)


async def _aligns(remote: "RemoteJobs", job_id: str) -> bool:
    config = (await remote.show(job_id)).get("config") or {}
    return bool(config.get("type") == "alignment")


def _config(file: Path | None, source: str, targets: tuple[str, ...], model: str, *, speech: bool) -> dict[str, Any]:
    """What the file says stands, where it says something."""
    given = _given(file)
    transcription = {"language": source, "model": model} | given.get("transcription_config", {})
    if "operating_point" in transcription:
        del transcription["model"]
    config = {"type": "transcription"} | given | {"transcription_config": transcription}
    if targets:
        config.setdefault("translation_config", {"target_languages": list(targets)})
    if targets and speech:
        config.setdefault("speech_config", {"target_languages": list(targets)})
    return config


def _given(file: Path | None) -> dict[str, Any]:
    try:
        given: Any = {} if file is None else json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileUnreadable(f"{file} is no JSON that can be read: {error}", remedy="Check --job-config") from error
    if not isinstance(given, dict) or not isinstance(given.get("transcription_config", {}), dict):
        raise InvalidOption(f"{file} holds no job configuration", remedy="It should be a JSON object")
    return given


def _show(found: Any, rows: list[dict[str, Any]], screen: Screen, *, as_json: bool) -> None:
    if as_json:
        screen.machine(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        screen.out.print(jobs_table(rows))


def _place(form: str | None, language: str | None, speech: str | None) -> tuple[str, dict[str, str]]:
    """Path below the job's, and query."""
    if speech is not None:
        return f"speech/{speech}", {}
    if language is None:
        return "transcript", {"format": form or "txt"}
    if form not in (None, "srt", "vtt"):
        raise InvalidOption(f"--language has no {form}", remedy="Subtitles are srt or vtt; json-v2 has all languages")
    return f"subtitles/{language}.{form or 'srt'}", {}


async def _whole(remote: "RemoteJobs", job_id: str, form: str) -> bytes:
    return await _read(remote, job_id, "transcript", {"format": form})


async def _read(remote: "RemoteJobs", job_id: str, below: str, params: dict[str, str]) -> bytes:
    return b"".join([piece async for piece in remote.result(job_id, below, **params)])


async def _write(remote: "RemoteJobs", job_id: str, below: str, params: dict[str, str], out: Path) -> None:
    """The file appears when it is complete."""
    with OutputFiles(out.parent) as files:
        file = files.open(out.name)
        async for piece in remote.result(job_id, below, **params):
            file.write(piece)
        files.commit()
