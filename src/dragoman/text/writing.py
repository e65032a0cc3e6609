"""How a language is written, as far as joining and ending sentences goes."""

_SENTENCES_RUN_ON = frozenset({"zh", "yue", "ja"})
"""Primary tags of languages whose full stop brings its own space."""

_FULL_STOPS = {
    **dict.fromkeys(("zh", "yue", "ja"), "。"),
    **dict.fromkeys(("hi", "mr", "ne", "bn", "pa", "as", "or", "sa"), "।"),
    "ur": "۔",  # noqa: RUF001 - Urdu's full stop
    "my": "။",
    "km": "។",
    "am": "።",
    "hy": "։",  # noqa: RUF001 - Armenian's full stop
    **dict.fromkeys(("th", "lo"), ""),
}
"""Marks that end a statement where that is not a full stop; Thai and Lao write none."""

TERMINATORS = frozenset(".!?…。！？｡।॥۔؟။።։។;")  # noqa: RUF001 - the marks of other scripts are the point
"""Marks that may end a sentence. The semicolon is Greek's question mark; elsewhere :func:`ends_sentence` drops it."""


def primary(language: str) -> str:
    """Primary subtag of a canonical tag: ``pt`` of ``pt-BR``."""
    return language.partition("-")[0]


def sentence_delimiter(language: str) -> str:
    """What stands between two sentences: a space also in Thai and its like, nothing in Chinese and Japanese."""
    return "" if primary(language) in _SENTENCES_RUN_ON else " "


def full_stop(language: str) -> str:
    """The mark that ends a statement; empty in languages that write none."""
    return _FULL_STOPS.get(primary(language), ".")


def ends_sentence(mark: str, language: str) -> bool:
    """Whether ``mark`` (one mark or a run of them, such as ``?!``) may end a sentence."""
    if ";" in mark and primary(language) != "el":
        return False
    return bool(mark) and all(character in TERMINATORS for character in mark)


def word_set(words: str) -> frozenset[str]:
    """A set of words, written as a line of text."""
    return frozenset(words.split())
