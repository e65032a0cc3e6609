"""Families of CTranslate2 translation models: how each marks languages, and which files hold its tokenizer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import langcodes

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters.model_languages import m2m100_codes, madlad_codes
from dragoman.engines.catalogue import InstalledModel

_END: Final = "</s>"

Marks = Literal["none", "source and target", "target in source", "MADLAD", "OPUS"]


@dataclass(frozen=True, slots=True)
class Family:
    """How a kind of model is used."""

    name: str
    folder: str
    """Folder of CTranslate2's files, relative to the model's."""
    source_vocabulary: str
    """SentencePiece model of the source, relative to the model's folder."""
    target_vocabulary: str
    marks: Marks
    """Which tokens name the languages, and where."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """The model's code by canonical tag, where the family has languages of its own."""

    def source_tokens(self, pieces: Sequence[str], source: str, target: str, *, ended: bool) -> list[str]:
        """What the encoder reads. ``ended``: CTranslate2 adds the end of the sentence by itself."""
        return [*self._mark(source, target), *pieces, *([] if ended or self.name == "argos" else [_END])]

    def target_prefix(self, target: str) -> list[str]:
        """Tokens that the decoder starts with; they are part of the answer."""
        return [f"__{self.codes[target]}__"] if self.marks == "source and target" else []

    def _mark(self, source: str, target: str) -> list[str]:
        match self.marks:
            case "source and target":
                return [f"__{self.codes[source]}__"]
            case "target in source":
                return [f"__{self.codes[target]}__"]
            case "MADLAD":
                return [f"<2{self.codes[target]}>"]
            case "OPUS":
                return [f">>{langcodes.get(target).to_alpha3()}<<"]
            case "none":
                return []


def family_of(installed: InstalledModel) -> Family:
    """The family of an installed model: what its manifest says, else what its files show. Raises
    :class:`EngineUnavailable` for a folder that is none of them."""
    folder = installed.folder
    named = str(installed.model.details.get("family", ""))
    if named == "argos" or (not named and (folder / "metadata.json").is_file()):
        return Family("argos", "model", "sentencepiece.model", "sentencepiece.model", "none")
    if named == "opus" or (not named and (folder / "source.spm").is_file()):
        several = len({target for _, target in installed.model.pairs}) > 1
        return Family("opus", ".", "source.spm", "target.spm", "OPUS" if several else "none")
    if named in {"m2m100", "small100"} or (not named and (folder / "sentencepiece.bpe.model").is_file()):
        small = named == "small100" or (not named and "small" in installed.model.name)
        vocabulary = "sentencepiece.bpe.model"
        marks: Marks = "target in source" if small else "source and target"
        return Family("small100" if small else "m2m100", ".", vocabulary, vocabulary, marks, m2m100_codes())
    for vocabulary in ("spiece.model", "sentencepiece.model"):
        if named in {"", "madlad"} and (folder / vocabulary).is_file():
            return Family("madlad", ".", vocabulary, vocabulary, "MADLAD", madlad_codes())
    raise EngineUnavailable(
        f"{folder} is of no family that is known: it has no source.spm, sentencepiece.bpe.model, spiece.model or "
        "metadata.json",
        remedy="Copy the tokenizer's SentencePiece files beside model.bin and import the folder again",
    )


def adds_end(folder: Path) -> bool:
    """Whether CTranslate2 was told, when the model was converted, to add the end of the sentence itself."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # older conversions have none
        return False
    return bool(config.get("add_source_eos", False))
