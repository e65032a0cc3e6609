"""Chinese text to Kokoro's symbols: words by jieba's dictionary, syllables by pypinyin, sounds by a table.

Follows misaki (Apache-2.0), which Kokoro v1.0 was trained with: no tone changes between words, a space between words.
"""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import re
from collections.abc import Iterator

import rjieba
from pypinyin import Style, lazy_pinyin

from dragoman.engines.adapters.onnx_voice.chinese_numbers import numbers_in_words
from dragoman.engines.adapters.onnx_voice.pieces import Part

_INITIALS = {
    "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l",
    "g": "k", "k": "kʰ", "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip

_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ",
    "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n", "ing": "i0ŋ",
    "iong": "jʊ0ŋ", "iu": "jou0", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "ua": "wa0", "uai": "wai0", "uan": "wa0n",
    "uang": "wa0ŋ", "ueng": "wə0ŋ", "ui": "wei0", "un": "wə0n", "uo": "wo0", "o": "wo0", "ü": "y0", "üan": "ɥɛ0n",
    "üe": "ɥe0", "ün": "y0n",
}  # fmt: skip
"""``0`` stands where the tone goes."""

_WHOLE = {"er": "ɚ0", "o": "ɔ0", "ê": "ɛ0", "m": "m0", "n": "n0", "ng": "ŋ0", "hm": "hm0", "hng": "hŋ0"}
"""Syllables without an initial that have sounds of their own."""

_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}

_SEMIVOWELS = {
    "yi": "i", "ya": "ia", "ye": "ie", "yao": "iao", "you": "iu", "yan": "ian", "yin": "in", "yang": "iang",
    "ying": "ing", "yong": "iong", "yo": "o", "yu": "ü", "yue": "üe", "yuan": "üan", "yun": "ün", "wu": "u", "wa": "ua",
    "wo": "uo", "wai": "uai", "wei": "ui", "wan": "uan", "wen": "un", "wang": "uang", "weng": "ueng",
}  # fmt: skip

_MARKS = str.maketrans({
    "、": ", ", "，": ", ", "。": ". ", "．": ". ", "！": "! ", "：": ": ", "；": "; ", "？": "? ", "…": "… ",
    "«": " “", "»": "” ", "《": " “", "》": "” ", "「": " “", "」": "” ", "『": " “", "』": "” ",
    "【": " “", "】": "” ",
    "（": " (", "）": ") ", "·": " ", "～": "—",
})  # fmt: skip

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3007]+|[A-Za-z]+(?:'[A-Za-z]+)?|[^\S ]+|[ ]+|.", re.DOTALL)


class Chinese:
    """Safe to share between threads."""

    def __call__(self, sentence: str) -> tuple[Part, ...]:
        return tuple(self._parts(numbers_in_words(sentence).translate(_MARKS)))

    def _parts(self, text: str) -> Iterator[Part]:
        for run in _RUN.findall(text):
            if is_han(run[0]):
                yield from self._words(run)
            elif run.isalpha():
                # Kokoro reads Latin letters as sounds, which is how its training saw foreign words.
                yield Part(run, run.lower())
            else:
                yield Part("", " " if run.isspace() else run)

    def _words(self, run: str) -> Iterator[Part]:
        for index, word in enumerate(rjieba.cut(run)):
            if index:
                yield Part("", " ")
            syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
            yield Part(word, "".join(map(sounds, syllables)))


def is_han(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or letter == "〇"


def sounds(syllable: str) -> str:
    """Kokoro's symbols for a syllable of pinyin with its tone behind it, such as ``zhong1``; nothing for what is no
    syllable."""
    plain, tone = syllable[:-1].replace("v", "ü"), _TONES.get(syllable[-1:], "")
    if plain in _WHOLE:
        return _WHOLE[plain].replace("0", tone)
    initial = next((start for start in _INITIALS if plain.startswith(start)), "")
    final = _SEMIVOWELS.get(plain, plain[len(initial) :])
    if initial in {"j", "q", "x"} and final.startswith("u"):
        final = "ü" + final[1:]
    if final == "i" and initial in {"zh", "ch", "sh", "r", "z", "c", "s"}:
        return _INITIALS[initial] + "ɨ" + tone
    return _INITIALS.get(initial, "") + _FINALS.get(final, "").replace("0", tone)
