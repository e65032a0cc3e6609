"""Which of Kokoro's voices can be used here, and how text becomes its symbols in each language."""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters import espeak
from dragoman.engines.adapters.espeak_children import EspeakChildren
from dragoman.engines.adapters.onnx_voice.english import english
from dragoman.engines.adapters.onnx_voice.espeak_ipa import EspeakPhonemizer
from dragoman.engines.adapters.onnx_voice.pieces import Phonemizer
from dragoman.engines.tts import Voice

_SOUNDS = {
    "a^ɪ": "I", "d^z": "ʣ", "a^ʊ": "W", "d^ʒ": "ʤ", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "t^s": "ʦ", "t^ʃ": "ʧ",
    "ɔ^ɪ": "Y", "s^s": "S",
}  # fmt: skip
"""What espeak writes as two joined letters and Kokoro was trained on as one."""


@dataclass(frozen=True, slots=True)
class _Language:
    tag: str
    default: str
    """Name of the voice that is offered first."""
    espeak: str = ""
    """Identifier of espeak's voice whose phonemes it reads; empty where it has a way of its own."""
    needs: tuple[str, ...] = ()
    """Modules of that way."""


_LANGUAGES = {
    "a": _Language("en-US", "af_heart", needs=("hibari",)),
    "b": _Language("en-GB", "bf_emma", needs=("hibari",)),
    "e": _Language("es", "ef_dora", espeak="roa/es"),
    "f": _Language("fr-FR", "ff_siwis", espeak="roa/fr"),
    "h": _Language("hi", "hf_alpha", espeak="inc/hi"),
    "i": _Language("it", "if_sara", espeak="roa/it"),
    "j": _Language("ja", "jf_alpha", needs=("pyopenjtalk",)),
    "p": _Language("pt-BR", "pf_dora", espeak="roa/pt-BR"),
    "z": _Language("zh", "zf_xiaoxiao", needs=("pypinyin",)),
}
"""By the first letter of a voice's name."""


def usable_voices(names: Iterable[str]) -> tuple[Voice, ...]:
    """Those whose language can be turned into symbols with what is installed, the default of each language first."""
    identifiers = _espeak_identifiers()
    able = [
        (name, language)
        for name in names
        if (language := _LANGUAGES.get(name[:1])) is not None
        and all(find_spec(module) for module in language.needs)
        and (not language.espeak or language.espeak in identifiers)
    ]
    able.sort(key=lambda each: (each[1].tag, each[0] != each[1].default, each[0]))
    return tuple(Voice(name, language.tag) for name, language in able)


def phonemizer(voice: str, children: EspeakChildren) -> Callable[[], Phonemizer]:
    """Loads it when first called; all voices of a language share one."""
    match voice[0]:
        case "a" | "b" as letter:
            return partial(english, british=letter == "b")
        case "j":
            return _japanese
        case "z":
            return _chinese
        case letter:
            ready = EspeakPhonemizer(children, _LANGUAGES[letter].espeak, tie="^", adapt=kokoro_symbols)
            return lambda: ready


def kokoro_symbols(tied: str) -> str:
    """Kokoro's symbols for what espeak writes with the tie ``^``."""
    for pair, symbol in _SOUNDS.items():
        tied = tied.replace(pair, symbol)
    return tied.replace("^", "").replace("-", "")


@cache
def _japanese() -> Phonemizer:
    from dragoman.engines.adapters.onnx_voice.japanese import Japanese  # noqa: PLC0415  200 MB of dictionary

    return Japanese()


@cache
def _chinese() -> Phonemizer:
    from dragoman.engines.adapters.onnx_voice.chinese import Chinese  # noqa: PLC0415  a second of CPU

    return Chinese()


def _espeak_identifiers() -> frozenset[str]:
    try:
        return frozenset(espeak.identifiers().values())
    except EngineUnavailable:
        return frozenset()
