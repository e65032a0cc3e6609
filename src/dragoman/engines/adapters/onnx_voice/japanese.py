"""Japanese text to Kokoro's symbols: readings by Open JTalk, sounds by a table of kana.

The table follows misaki 0.7 (Apache-2.0), which Kokoro v1.0 was trained with. Numbers are read by Open JTalk.
"""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import threading
import unicodedata
from collections.abc import Iterator
from typing import Any

import pyopenjtalk

from dragoman.engines.adapters.onnx_voice.pieces import Part

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "ɡ": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ", "t": "タチツテト",
    "d": "ダヂヅデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ",
    "ɾ": "ラリルレロ",
}  # fmt: skip
_VOWELS = ("a", "i", "ɯ", "e", "o")

_IRREGULAR = {
    "キ": "kʲi", "ギ": "ɡʲi", "シ": "ɕi", "ス": "sɨ", "ザ": "ʣa", "ジ": "ʥi", "ズ": "zɨ", "ゼ": "ʣe", "ゾ": "ʣo",
    "チ": "ʨi", "ツ": "ʦɨ", "ヂ": "ʥi", "ヅ": "zɨ", "ニ": "ɲi", "ヒ": "çi", "フ": "ɸɯ", "ビ": "bʲi", "ピ": "pʲi",
    "ミ": "mʲi", "リ": "ɾʲi", "ヤ": "ja", "ユ": "jɯ", "ヨ": "jo", "ワ": "βa", "ヰ": "i", "ヱ": "e", "ヲ": "o",
    "ヴ": "vɯ", "ヵ": "ka", "ヶ": "ke", "ァ": "a", "ィ": "i", "ゥ": "ɯ", "ェ": "e", "ォ": "o", "ャ": "ja", "ュ": "jɯ",
    "ョ": "jo", "ヮ": "βa", "ー": "ː", "ッ": "ʔ",
}  # fmt: skip

_PALATAL = {
    "キ": "kʲ", "ギ": "ɡʲ", "シ": "ɕ", "ジ": "ʥ", "チ": "ʨ", "ヂ": "ʥ", "ニ": "ɲ", "ヒ": "ç", "ビ": "bʲ", "ピ": "pʲ",
    "ミ": "mʲ", "リ": "ɾʲ",
}  # fmt: skip
"""Before small ya, yu, yo and e."""

_FOREIGN = {
    "イェ": "je", "ウィ": "βi", "ウェ": "βe", "ウォ": "βo", "クァ": "kᵝa", "クィ": "kᵝi", "クェ": "kᵝe", "クォ": "kᵝo",
    "グァ": "ɡᵝa", "グィ": "ɡᵝi", "グェ": "ɡᵝe", "グォ": "ɡᵝo", "ツァ": "ʦa", "ツィ": "ʦʲi", "ツェ": "ʦe", "ツォ": "ʦo",
    "ティ": "tʲi", "テュ": "tʲɨ", "ディ": "dʲi", "デュ": "dʲɨ", "トゥ": "tɯ", "ドゥ": "dɯ", "ファ": "ɸa", "フィ": "ɸʲi",
    "フェ": "ɸe", "フォ": "ɸo", "フュ": "ɸʲɨ", "フョ": "ɸʲo", "ヴァ": "va", "ヴィ": "vʲi", "ヴェ": "ve", "ヴォ": "vo",
    "ヴュ": "bʲɨ", "ヴョ": "bʲo",
}  # fmt: skip

_SMALL = {"ャ": "a", "ュ": "ɨ", "ョ": "o", "ェ": "e"}

KANA = (
    {kana: row + vowel for row, line in _ROWS.items() for kana, vowel in zip(line, _VOWELS, strict=True)}
    | _IRREGULAR
    | {kana + small: start + vowel for kana, start in _PALATAL.items() for small, vowel in _SMALL.items()}
    | _FOREIGN
)
"""Symbols of one kana or two. ン depends on what follows."""

_MARKS = {
    "。": ".", "、": ",", "？": "?", "！": "!", "「": "“", "」": "”", "『": "“", "』": "”", "：": ":", "；": ";",
    "（": "(", "）": ")", "《": "(", "》": ")", "・": " ", "，": ",", "．": ".", "～": "—", "〜": "—", "—": "—",
    "…": "…", "．．．": "…", "?": "?", "!": "!", ".": ".", ",": ",",
}  # fmt: skip

_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


class Japanese:
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # Open JTalk has one state for the process

    def __call__(self, sentence: str) -> tuple[Part, ...]:
        with self._lock:
            morphemes = pyopenjtalk.run_frontend(unicodedata.normalize("NFKC", sentence), use_sudachi_kanji_yomi=False)
        return tuple(_parts(morphemes))


def _parts(morphemes: list[dict[str, Any]]) -> Iterator[Part]:
    spaced, before = True, ""
    for morpheme in morphemes:
        text = unicodedata.normalize("NFKC", morpheme["string"])
        if morpheme["pos"] == "記号" or morpheme["string"] in _MARKS:
            mark = _MARKS.get(morpheme["string"], _MARKS.get(text, " "))
            yield Part("", mark if mark in "“(" else mark.strip() + " ")
            spaced, before = True, ""
        elif symbols := sounds(morpheme["pron"].replace("’", "")):
            if not (spaced or _belongs_to(before, morpheme)):
                yield Part("", " ")
            yield Part(text, symbols)
            spaced = False
        before = morpheme["pos"]


def _belongs_to(before: str, morpheme: dict[str, Any]) -> bool:
    """Whether it is an ending: of a verb (ました, て, ば) or of a noun (たち, 家). ``before`` is the part of speech in
    front of it."""
    ending = morpheme["pos"] == "助動詞" and before in {"動詞", "助動詞", "形容詞"}
    return ending or morpheme["pos_group1"] in {"接続助詞", "接尾"}


def sounds(kana: str) -> str:
    """Kokoro's symbols for a reading in kana."""
    kana, said, place = kana.translate(_HIRAGANA_TO_KATAKANA), "", 0
    while place < len(kana):
        width = 2 if kana[place : place + 2] in KANA else 1
        each = kana[place : place + width]
        place += width
        said += _nasal(kana[place : place + 2]) if each == "ン" else KANA.get(each, "")
    return said


def _nasal(following: str) -> str:
    """ん takes the place of the sound behind it."""
    sound = KANA.get(following) or KANA.get(following[:1], "")
    if sound.startswith(("m", "p", "b")):
        return "m"
    if sound.startswith(("k", "ɡ")):
        return "ŋ"
    if sound.startswith(("ɲ", "ʨ", "ʥ")):
        return "ɲ"
    return "n" if sound.startswith(("n", "t", "d", "ɾ", "z")) else "ɴ"
