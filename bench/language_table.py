"""Writes docs/languages.md: every language that a translation model writes, its codes, and who speaks it.

    python bench/language_table.py            writes the page
    python bench/language_table.py --check    fails when the page is not what this would write

Made from data alone (the catalogue, code tables of model families, Apertium's pairs of Debian 12, espeak-ng 1.51),
never from what is installed, so that it is the same everywhere.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from dragoman.core.language import display_name
from dragoman.engines.adapters.model_languages import m2m100_codes, madlad_codes
from dragoman.engines.catalogue.entries import all_entries, entries

PAGE = Path(__file__).parents[1] / "docs" / "languages.md"

APERTIUM = "ca ca-valencia da en eo es fr gl it nb nn pt pt-BR sv"
"""Targets of Apertium's usable pairs."""

ESPEAK = (
    "af am an ar as az ba be bg bn bpy bs ca chr cs cv cy da de el en eo es et eu fa fi fr ga gd gl gn grc gu haw he "
    "hi hr ht hu hy ia id io is it jbo ka kk kl kn ko kok ku ky la lb lfn lt ltg lv mi mk ml mr ms mt my nb nci ne nl "
    "nn nog om or pa pap pl pt qu quc ro ru sd shn si sk sl smj sq sr sv sw ta te th tk tn tr tt ug uk ur uz vi"
)
"""Languages of espeak-ng 1.51, without Chinese and Japanese, which it reads by the names of the characters."""

ENGINES = {"hibari": "en", "kokoro": "en es fr hi it ja pt zh", "pico": "de en es fr it"}
"""Natural voices that come with the default profile; those of Piper are in the catalogue."""

HEAD = """# Languages

{count} languages can be translated to: {firefox} by models of the catalogue (Firefox), the others by Apertium, by a
multilingual model that the operator imports (SMaLL-100, M2M-100 or MADLAD-400, see [engines](engines.md#translation)),
or by a chat model. {spoken} of them have a voice, {natural} of those a natural one; the others come as text and
captions.

A client writes a BCP 47 tag, also an older or longer form of it (`cmn`, `no`, `spa`, `es-MX`). This table is made by
`bench/language_table.py` from the catalogue and the code tables of the models; what is installed on a machine, and
how good it is, says `dragoman languages`.

*Firefox*: `both` directions with English, or `into English` alone; chrF from English and into it, where that was
measured, on FLORES-200 or NTREX-128, which cannot be compared with each other. *Apertium*: written by its rules,
from English or from a close relative. *Codes* are those that the models' tokens are made of.

| tag | language | Firefox | chrF from, into English | Apertium | M2M-100, SMaLL-100 | MADLAD-400 | voice |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    tags = sorted({*m2m100_codes(), *madlad_codes(), *APERTIUM.split(), *_firefox()} - {"en"})
    voices = {tag: _voice(tag) for tag in tags}
    head = HEAD.format(
        count=len(tags),
        firefox=sum(_into(tag) for tag in tags),
        spoken=sum(voice != "captions only" for voice in voices.values()),
        natural=sum(voice not in {"captions only", "espeak"} for voice in voices.values()),
    )
    return head + "".join(_row(tag, voices[tag]) for tag in tags)


def _row(tag: str, voice: str) -> str:
    cells = (
        f"`{tag}`",
        display_name(tag),
        _firefox().get(tag, ""),
        _figures(tag),
        "yes" if tag in APERTIUM.split() else "",
        _code(m2m100_codes(), tag),
        _code(madlad_codes(), tag),
        voice,
    )
    return f"| {' | '.join(cells)} |\n".replace("|  |", "| |").replace("|  |", "| |")


def _code(codes: Mapping[str, str], tag: str) -> str:
    return f"`{codes[tag]}`" if tag in codes else ""


def _pairs() -> set[tuple[str, str]]:
    return {pair for entry in entries("firefox").values() for pair in entry.model.pairs}


def _into(tag: str) -> bool:
    return ("en", tag) in _pairs()


def _firefox() -> dict[str, str]:
    others = {source for source, target in _pairs() if target == "en"}
    others |= {target for source, target in _pairs() if source == "en"}
    return {tag: "both" if _into(tag) else "into English" for tag in others}


def _figures(tag: str) -> str:
    known = {pair: figure for entry in entries("firefox").values() for pair, figure in entry.model.figures.items()}
    values = [known.get(f"en-{tag}"), known.get(f"{tag}-en")]
    return ", ".join(f"{figure.value:.1f}" if figure else "-" for figure in values) if any(values) else ""


def _voice(tag: str) -> str:
    primary = tag.partition("-")[0]
    found = [name for name, languages in ENGINES.items() if primary in languages.split()]
    piper = [entry.model for entry in all_entries() if entry.model.engine == "piper"]
    if any(primary == language.partition("-")[0] for model in piper for language in model.languages):
        found.append("piper")
    if primary in ESPEAK.split():
        found.append("espeak")
    return ", ".join(found) or "captions only"


def main() -> None:
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        raise SystemExit("docs/languages.md is not current: run python bench/language_table.py")


if __name__ == "__main__":
    main()
