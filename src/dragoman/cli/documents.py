"""The text files of a recording: own JSON, and subtitles per language."""

from collections.abc import Iterable, Iterator

from dragoman.cli.output import OutputFiles
from dragoman.core.transcript import Sentence, Transcript, Translation
from dragoman.render.cues import cues
from dragoman.render.own_json import to_json_text
from dragoman.render.srt import to_srt
from dragoman.render.vtt import to_vtt


def file_names(name: str, source: str, targets: Iterable[str], speak: Iterable[str], *, subtitles: bool) -> list[str]:
    """Every file that a recording called ``name`` gets."""
    names = [f"{name}.json"]
    if subtitles:
        names += [f"{name}.{language}.{kind}" for language in (source, *targets) for kind in ("srt", "vtt")]
    return names + [speech_name(name, language) for language in speak]


def speech_name(name: str, language: str) -> str:
    return f"{name}.{language}.wav"


def write_documents(files: OutputFiles, name: str, transcript: Transcript, *, subtitles: bool) -> None:
    files.write(f"{name}.json", to_json_text(transcript))
    if not subtitles:
        return
    for language, parts in _by_language(transcript):
        shown = cues(parts)
        files.write(f"{name}.{language}.srt", to_srt(shown))
        files.write(f"{name}.{language}.vtt", to_vtt(shown))


def _by_language(transcript: Transcript) -> Iterator[tuple[str, Iterable[Sentence | Translation]]]:
    yield transcript.language, transcript.sentences
    yield from transcript.translations.items()
