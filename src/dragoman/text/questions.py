"""Which English word sequences ask something.

Conservative on purpose: a missing question mark reads better than a wrong one, and sentences of unpunctuated engines
start in odd places. Every rule needs an auxiliary before a subject, at the start or after a question word.
"""

from collections.abc import Sequence

from dragoman.text.writing import word_set

_LEAD_INS = word_set("and but so or well oh now then yes no okay ok hey please")
_ONE = word_set("he she it there this that")
_MANY = word_set("you we they these those")
_PEOPLE = word_set("i you we they")
_SUBJECTS = _ONE | _MANY | {"i"}
_DETERMINERS = word_set("the a an my your his her its our their any anyone anybody anything someone something")
_QUESTION_WORDS = word_set("what who whom whose when where why how which")

_NEGATED = {
    f"{stem}n't": auxiliary
    for stem, auxiliary in {
        **{word: word for word in word_set("do does did is are was were has have could would should")},
        "ca": "can",
        "wo": "will",
    }.items()
}

_SUBJECTS_AFTER = {
    **dict.fromkeys(("did", "can", "could", "will", "would"), _SUBJECTS),
    **dict.fromkeys(("is", "does", "has"), _ONE),
    "was": _ONE | {"i"},
    "are": _MANY | {"there"},
    "am": frozenset({"i"}),
    # "do it" is an order, "have it" too.
    "do": _PEOPLE | {"these", "those"},
    "have": _PEOPLE,
    # "were it not", "should you need", "may he rest", "had I known" are conditions and wishes, not questions.
    "were": frozenset({"you", "they", "there"}),
    "should": frozenset({"i", "we"}),
    "shall": frozenset({"i", "we"}),
    "may": frozenset({"i", "we"}),
}
"""Which subject, right after the auxiliary that opens the sentence, makes it a question."""

_ASKED_WITH = frozenset((*_SUBJECTS_AFTER, "had", "must", "might"))
"""Auxiliaries that invert after a question word."""

_WHOLE_PHRASES = (("how", "about"), ("what", "about"), ("how", "come"), ("why", "not"))

_NO_TAG = frozenset({"don't you dare", "what is more", "what's more"})
"""Openings that look like questions and are none."""


_REACH = 5
"""The auxiliary stands among so many first words: "what kind of man are you"."""


def is_question(words: Sequence[str]) -> bool:
    """Whether lower-case English ``words``, without marks, read as a question."""
    rest = _without_lead_ins(words)
    is_echo = len(words) == 3 and words[0] == "so"  # "so do i"
    if is_echo or len(rest) < 2 or any(" ".join(rest[:3]).startswith(opening) for opening in _NO_TAG):
        return False
    return _opens_inverted(rest) or _opens_with_question_word(rest) or _ends_in_tag(rest)


def _without_lead_ins(words: Sequence[str]) -> Sequence[str]:
    start = 0
    while start < len(words) and words[start] in _LEAD_INS:
        start += 1
    return words[start:]


def _opens_inverted(words: Sequence[str]) -> bool:
    """As in: do you know; isn't it late; did the man come."""
    opening, second = words[0], words[1]
    if opening in _NEGATED:
        return second in _SUBJECTS
    # "does the" and "did the" open nothing else; "is the ..." may be the tail of a broken sentence.
    determined = opening in {"does", "did"} and second in _DETERMINERS
    return determined or second in _SUBJECTS_AFTER.get(opening, ())


def _opens_with_question_word(words: Sequence[str]) -> bool:
    """As in: what is it; how many are there; why did the man. Not: what a day; when he came did."""
    if tuple(words[:2]) in _WHOLE_PHRASES:
        return True
    opening, contracted, _ = words[0].partition("'s")
    if opening not in _QUESTION_WORDS:
        return False
    if contracted:
        return opening in {"what", "who", "where", "how"}
    return any(_inverts_at(words, position) for position in range(1, min(_REACH, len(words) - 1)))


def _inverts_at(words: Sequence[str], position: int) -> bool:
    """Whether an auxiliary and its subject stand at ``position``, with no other subject before them."""
    between = words[1:position]
    if any(word in _SUBJECTS or word in {"a", "an"} for word in between):
        return False
    auxiliary, subject = _NEGATED.get(words[position], words[position]), words[position + 1]
    if auxiliary not in _ASKED_WITH:
        return False
    # Further in, a determiner may follow a main verb: "how much is the", but "those who have the".
    return subject in _SUBJECTS or (not between and words[0] != "which" and subject in _DETERMINERS)


def _ends_in_tag(words: Sequence[str]) -> bool:
    """As in: it is late isn't it. Only negated tags, since "so do I" ends alike."""
    return len(words) > 3 and words[-2] in _NEGATED and words[-1] in _SUBJECTS
