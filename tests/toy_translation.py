"""The toy translator (toy_model/make.py), laid out as a family of models lays out its files, and imported."""

import io
import json
import shutil
from functools import cache
from pathlib import Path

import sentencepiece

from dragoman.engines.catalogue import InstalledModel
from dragoman.engines.catalogue.importing import Described, import_model

TOY = Path(__file__).parent / "unit/engines/adapters/toy_model"
PAIR = ("en", "es")
ENGLISH = [
    f"the {adjective}{noun} {verb}"
    for noun in ("house", "book", "door", "dog")
    for adjective in ("", "red ", "white ", "new ")
    for verb in ("is here", "is good")
]
SPANISH = "la el casa libro puerta perro roja rojo blanca blanco nueva nuevo está aquí es buena bueno"


@cache
def vocabularies() -> dict[str, bytes]:
    """SentencePiece models of the toy's words, by language and for both."""
    texts = {"source.spm": ENGLISH, "target.spm": [SPANISH], "shared": [*ENGLISH, SPANISH]}
    return {name: _trained(text) for name, text in texts.items()}


def _trained(texts: list[str]) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type="word",
        vocab_size=len({word for text in texts for word in text.split()}) + 3,
        minloglevel=2,
    )
    return model.getvalue()


def import_toy(
    folder: Path, family: str, name: str = "toy", pairs: tuple[tuple[str, str], ...] = (PAIR,)
) -> InstalledModel:
    """Lay the toy out in ``folder``, which is made, and import it into the models folder."""
    core = folder / "model" if family == "argos" else folder
    core.mkdir(parents=True)
    for file in (*TOY.glob("*.json"), TOY / "model.bin"):
        shutil.copy(file, core)
    match family:
        case "opus":
            for name_of_file in ("source.spm", "target.spm"):
                (folder / name_of_file).write_bytes(vocabularies()[name_of_file])
        case "argos":
            (folder / "metadata.json").write_text(json.dumps({"from_code": "en", "to_code": "es"}))
            (folder / "sentencepiece.model").write_bytes(vocabularies()["shared"])
        case "m2m100":
            (folder / "sentencepiece.bpe.model").write_bytes(vocabularies()["shared"])
        case "madlad":
            (folder / "spiece.model").write_bytes(vocabularies()["shared"])
    return import_model(folder, f"ctranslate2:{name}", Described(pairs=pairs, licence="CC-BY-4.0"))
