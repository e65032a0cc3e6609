"""One CTranslate2 model in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters import sentence_text
from dragoman.engines.adapters.opus_family import adds_end, family_of
from dragoman.engines.catalogue import InstalledModel

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

_TOKENS: Final = 150
"""A longer sentence is translated in pieces: these models were trained on sentences of up to 100 to 250 tokens."""
_BATCH: Final = 16
"""Sentences decoded at once; 3 to 5 times as fast as one by one (neural-mt.md), and more take memory only."""
_BEAM: Final = 2
_LONGEST: Final = 2.5
"""Tokens of an answer per token of its source, at most; so that one that repeats itself ends."""
_MEMINFO: Final = Path("/proc/meminfo")


class LoadedModel:
    """May be called from several threads."""

    def __init__(self, installed: InstalledModel) -> None:
        """Raises :class:`EngineUnavailable` when a file is missing, damaged or of another kind, or too large."""
        import ctranslate2  # noqa: PLC0415  describe() must stay quick

        self._family = family_of(installed)
        folder = installed.folder / self._family.folder
        check_memory(installed)
        self._source = _vocabulary(installed, self._family.source_vocabulary)
        self._target = _vocabulary(installed, self._family.target_vocabulary)
        self._ended = adds_end(folder)
        try:
            self._translator = ctranslate2.Translator(str(folder), device="cpu", inter_threads=1, intra_threads=1)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EngineUnavailable(
                f"CTranslate2 cannot load {installed.model.name} from {folder}: {error}", remedy=_remedy(installed)
            ) from error

    def translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        given = [sentence_text.clean(sentence) for sentence in sentences]
        worded = [sentence for sentence in given if sentence_text.has_letters(sentence)]
        answers = iter(self._translate(worded, source, target))
        return [next(answers) if sentence_text.has_letters(sentence) else sentence for sentence in given]

    def _translate(self, sentences: Sequence[str], source: str, target: str) -> list[str]:
        shouted = [sentence_text.is_shouted(sentence) for sentence in sentences]
        calm = [
            sentence_text.in_sentence_case(sentence, source) if loud else sentence
            for sentence, loud in zip(sentences, shouted, strict=True)
        ]
        parts = [sentence_text.pieces(sentence, self._size, _TOKENS) for sentence in calm]
        flat = iter(self._decode([part.strip() for whole in parts for part in whole], source, target))
        joined = [sentence_text.joined(whole, [next(flat) for _ in whole], source, target) for whole in parts]
        return [text.upper() if loud else text for text, loud in zip(joined, shouted, strict=True)]

    def _decode(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        if not texts:
            return []
        family = self._family
        tokens = [
            family.source_tokens(self._source.encode(text, out_type=str), source, target, ended=self._ended)
            for text in texts
        ]
        prefix = family.target_prefix(target)
        results = self._translator.translate_batch(
            tokens,
            target_prefix=[prefix] * len(tokens) if prefix else None,
            beam_size=_BEAM,
            max_batch_size=_BATCH,
            max_decoding_length=round(_LONGEST * max(map(len, tokens))) + 10,
        )
        return [" ".join(self._target.decode(each.hypotheses[0][len(prefix) :]).split()) for each in results]

    def _size(self, text: str) -> int:
        return len(self._source.encode(text))


def check_memory(installed: InstalledModel, meminfo: Path = _MEMINFO) -> None:
    """Raise :class:`EngineUnavailable` when the machine has not enough memory free for a model."""
    try:
        lines = meminfo.read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux: the library will say
        return
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
    if free is not None and free < installed.model.size:
        raise EngineUnavailable(
            f"{installed.model.name} needs {installed.model.size / 1e6:.0f} MB of memory, {free / 1e6:.0f} MB are free",
            remedy="Use a smaller model, or a machine with more memory",
        )


def _vocabulary(installed: InstalledModel, name: str) -> "SentencePieceProcessor":
    from sentencepiece import SentencePieceProcessor  # noqa: PLC0415  describe() must stay quick

    path = installed.path(name)
    try:
        return SentencePieceProcessor(model_proto=path.read_bytes())
    except (OSError, RuntimeError) as error:
        raise EngineUnavailable(f"{path} is no SentencePiece model: {error}", remedy=_remedy(installed)) from error


def _remedy(installed: InstalledModel) -> str:
    return f"Run: dragoman models verify {installed.model.name}"
