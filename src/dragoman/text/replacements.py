r"""Words that a user wants written otherwise.

Regular expressions come from clients, so they run in RE2, whose time is linear in the text whatever the expression.
What is written for ECMAScript means the same there, except that RE2 has no look-around, no backreferences inside the
expression, no ``\cX`` and no ``[]`` or ``[^]``; these are refused like malformed ones.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import re2

from dragoman.core.errors import InvalidOption
from dragoman.core.options import Replacement
from dragoman.core.transcript import Item, Punctuation, Word
from dragoman.text.casing import capitalise

_MEMORY = 1 << 17
"""Bytes that one expression may take, compiled and running; RE2 gets slower, not bigger, where it needs more. Some
5000 steps, enough for any word that a person has written an expression for."""

_MOST = 500
"""Expressions in one list; a word that none matches costs 2 ms then, on the thread that serves all sessions."""

_REMEMBERED = 1000
"""Words of which is remembered how they are written: those of an open sentence are asked for again and again."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_REFERENCE = re.compile(r"\$(?:(\$)|(&)|(\d\d?)|<([^>]*)>)")


class Replacer:
    """Writes words by a user's list. The first entry that matches a word wins, plain ones before expressions; whole
    words are compared, case and all, and an expression replaces every match inside the word."""

    def __init__(self, replacements: Sequence[Replacement]) -> None:
        """Raises :class:`~dragoman.core.errors.InvalidOption` for an expression that cannot be used, and for more than
        500 of them."""
        self._plain: dict[str, str] = {}
        for entry in replacements:
            if not entry.is_regex:
                self._plain.setdefault(entry.pattern, entry.content)
        count = sum(entry.is_regex for entry in replacements)
        if count > _MOST:
            raise InvalidOption(f"{count} regular expressions are too many", remedy=f"Use {_MOST} at most")
        self._expressions = [(_compiled(entry.pattern), entry.content) for entry in replacements if entry.is_regex]
        self._written = lru_cache(_REMEMBERED)(self._write)

    def apply(self, items: Sequence[Item]) -> list[Item]:
        """The items of a sentence with its words replaced. A word replaced by nothing goes, and with it the mark behind
        it, unless that ends the sentence; the list is empty when no word is left."""
        if not self._plain and not self._expressions:
            return list(items)
        kept: list[Item] = []
        orphaned = False  # the word that a mark would attach to is gone
        capital = False
        for item in items:
            if isinstance(item, Punctuation):
                _keep_mark(kept, item, orphaned=orphaned)
                continue
            content = self._written(item.content)
            orphaned = not content
            if orphaned:
                capital = capital or (item.content[:1].isupper() and not _has_word(kept))
            else:
                kept.append(replace(item, content=capitalise(content) if capital else content))
                capital = False
        return kept if _has_word(kept) else []

    def _write(self, word: str) -> str:
        if word in self._plain:
            return self._plain[word].strip()
        for expression, content in self._expressions:
            if expression.search(word):
                written: str = expression.sub(_expander(content), word)
                return written.strip()
        return word


def _keep_mark(kept: list[Item], mark: Punctuation, *, orphaned: bool) -> None:
    if orphaned and mark.attaches_to == "previous":
        if not mark.is_eos:
            return
        while kept and isinstance(kept[-1], Punctuation):
            kept.pop()  # "I like, cheese." becomes "I like."
    kept.append(mark)


def _has_word(items: Sequence[Item]) -> bool:
    return any(isinstance(item, Word) for item in items)


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False  # it would write what the client sent to standard error
    options.max_mem = _MEMORY
    try:
        return re2.compile(_ESCAPE.sub(_for_re2, pattern), options=options)
    except (re2.error, UnicodeError) as error:  # the latter for half a surrogate pair
        raise InvalidOption(
            f"The regular expression {pattern!r} cannot be used: {_reason(error)}",
            remedy="Correct it; look-around and backreferences are not available",
        ) from error


def _for_re2(escape: re.Match[str]) -> str:
    return f"\\x{{{escape[1]}}}" if escape[1] else escape[0]


def _reason(error: Exception) -> str:
    reason = error.args[0]
    return reason.decode(errors="replace") if isinstance(reason, bytes) else "it is not Unicode"


def _expander(content: str) -> Callable[[Any], str]:
    """What stands for one match, by ECMAScript's references: ``$1``, ``$<name>``, ``$&`` and ``$$``."""
    return lambda match: _REFERENCE.sub(lambda reference: _referred(reference, match), content)


def _referred(reference: re.Match[str], match: Any) -> str:
    dollar, whole, number, name = reference.groups()
    if dollar:
        return "$"
    if whole:
        return str(match.group(0))
    groups = match.re.groups
    if number:
        digits = number if int(number) <= groups else number[0]
        if not 1 <= int(digits) <= groups:
            return reference[0]
        return str(match.group(int(digits)) or "") + number[len(digits) :]
    return str(match.group(name) or "") if name in match.re.groupindex else reference[0]
