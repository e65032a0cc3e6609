"""Function words that tell where a sentence may not, or may well, be cut.

Only for languages that an unpunctuated engine hears; elsewhere pauses alone decide.
"""

from dragoman.text.writing import primary, word_set

_DANGLING = {
    "en": word_set(
        "a an the my your his her our their its this these those no every each some any "
        "of to in on at by for from with into onto upon about between through during without within toward towards "
        "and or but nor if because that than as when while whether although though "
        "is are was were am be been being has have had do does did will would can could shall should may might must "
        "i he she we they who whose which very so too mr mrs ms dr"
    )
}
"""Words that wait for another: a long sentence is not cut after them."""

_JOINING = {
    "en": word_set(
        "and or but nor so because if when while where which who whom whose that than although though since until "
        "unless after before for as of to with without from"
    )
}
"""Words that carry a sentence on, and before which a long one is best cut."""


def dangles(word: str, language: str) -> bool:
    """Whether a sentence would be left hanging after lower-case ``word``."""
    return word in _DANGLING.get(primary(language), ())


def joins(word: str, language: str) -> bool:
    """Whether lower-case ``word`` carries the sentence before it on."""
    return word in _JOINING.get(primary(language), ())
