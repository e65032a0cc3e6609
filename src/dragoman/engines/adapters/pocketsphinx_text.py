"""Decoders of the pocketsphinx library that know one text: one that hears what of it is said, and one that places words
of which it is known that they are said."""

import tempfile
from collections.abc import Mapping
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from dragoman.engines.adapters.ngrams import arpa
from dragoman.engines.adapters.pocketsphinx_decoder import UtteranceDecoder
from dragoman.engines.adapters.pocketsphinx_lexicon import Lexicon

_NAME = "_default"

_OTHERS = 5000
"""The most frequent words of English, which may be said although they are not in the text: heard as them, other speech
is not heard as the text."""
_SHARE = 0.2
"""How much of all that is said they are believed to be."""

_BEAM = 1e-80
_WORD_BEAM = 1e-60
"""How unlikely a path may be while words are placed. With the library's 1e-48 and 7e-29, 64 of 746 words of read speech
find no place, with these 14."""


def text_decoder(text: str) -> UtteranceDecoder:
    """Hears a text, and little else: of words that are read, it hears 93 of 100 where the general decoder hears 37."""
    return UtteranceDecoder(fwdflat=True, make=partial(_knowing, text=text))


def _knowing(config: Any, *, text: str) -> tuple[Any, Mapping[str, tuple[str, ...]]]:
    from pocketsphinx import Decoder, NGramModel  # noqa: PLC0415  a quarter of a second that describe() must not cost

    general, config["lm"] = config["lm"], None
    decoder = Decoder(config)
    lexicon, words = Lexicon(decoder), text.split()
    lexicon.learn(words)
    named = [(name, word) for word in words if (name := lexicon.name(word)) is not None]
    others = _frequent(decoder, NGramModel(config, decoder.logmath, general), config["dict"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "text.arpa")
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in arpa([name for name, _ in named] or list(others), others, _SHARE))
        decoder.add_lm(_NAME, NGramModel(config, decoder.logmath, str(path)))
    decoder.activate_search(_NAME)
    return decoder, {name: (word,) for name, word in reversed(named)}


def _frequent(decoder: Any, model: Any, dictionary: str) -> dict[str, float]:
    """The most frequent words and how often the general model expects each."""
    with Path(dictionary).open(encoding="utf-8") as file:
        words = [line.split(maxsplit=1)[0] for line in file]
    likely = sorted(((model.prob([word]), word) for word in words if not word.endswith(")")), reverse=True)
    return {word: decoder.logmath.exp(score) for score, word in likely[:_OTHERS] if decoder.logmath.exp(score) > 0}


class PlacingDecoder:
    """Finds the times of words that are said in this order."""

    def __init__(self) -> None:
        self._decoder = UtteranceDecoder(fwdflat=False, make=self._made)

    def _made(self, _: Any) -> tuple[Any, Mapping[str, tuple[str, ...]]]:
        from pocketsphinx import Config, Decoder  # noqa: PLC0415  as above

        config = Config(lm=None, beam=_BEAM, pbeam=_BEAM, wbeam=_WORD_BEAM, loglevel="FATAL")
        self._library = Decoder(config)
        self.lexicon = Lexicon(self._library)
        return self._library, {}

    def place(self, pcm: bytes, names: list[str]) -> list[tuple[float, float]]:
        """Seconds from the beginning of the audio; fewer than there are names when not all find a place."""
        self._library.set_align_text(" ".join(names))
        self._decoder.decode(pcm)
        words = self._decoder.words(0.0, float("inf"))
        placed = takewhile(lambda pair: pair[0].content == pair[1], zip(words, names, strict=False))
        return [(word.start_time, word.end_time) for word, _ in placed]
