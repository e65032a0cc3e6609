"""Words in, sentences out.

A sentence is closed by what follows it (a pause, a capital after a full stop) or by :meth:`SentenceBuilder.flush`, and
is then never changed. Words are taken one at a time, so that the same words give the same sentences however they were
handed over.

Everything that a user says about writing (:class:`~dragoman.core.options.WritingOptions`) is done here, when a sentence
is composed. Where it ends is decided by what was heard, hesitations and replaced words included.
"""

from collections.abc import Sequence
from dataclasses import replace

from dragoman.core.language import word_delimiter
from dragoman.core.options import WritingOptions
from dragoman.core.transcript import Item, Punctuation, Sentence, Word
from dragoman.text.boundaries import (
    PAUSE,
    SILENCE,
    best_cut,
    gap,
    marks_end_before_last,
    pause_needed,
    same_voice,
    sensitive_pause,
)
from dragoman.text.casing import sentence_case
from dragoman.text.disfluencies import tagged, without_disfluencies
from dragoman.text.marks import permitted_only, split_marks
from dragoman.text.questions import is_question
from dragoman.text.replacements import Replacer
from dragoman.text.writing import ends_sentence, full_stop, primary

_PUNCTUATED_SLACK = 2
"""A punctuated engine means its long sentences: the length limits are a safety net there, and wider."""

_FLUSHED_CONFIDENCE = 0.5
"""Of a mark that stands at the end of what was heard: the sentence may go on, and nobody knows."""

_PLAIN = WritingOptions()


class SentenceBuilder:
    """Collects the open sentence of one stream of words; a small state machine without clock or I/O."""

    def __init__(
        self,
        language: str,
        *,
        punctuated: bool,
        writing: WritingOptions = _PLAIN,
        pause: float = PAUSE,
        max_words: int = 40,
        max_seconds: float = 20.0,
    ) -> None:
        """``punctuated``: words come with marks and capitals ("Hello,"); then ``pause`` (seconds) and the sensitivity
        of ``writing`` are unused. Raises :class:`~dragoman.core.errors.InvalidOption` for replacements that cannot be
        used."""
        slack = _PUNCTUATED_SLACK if punctuated else 1
        self._language = language
        self.punctuated = punctuated
        self._writing = writing
        self._replacer = Replacer(writing.replacements)
        self._pause = sensitive_pause(pause, writing.sensitivity)
        self._max_words = max_words * slack
        self._max_seconds = max_seconds * slack
        self._delimiter = word_delimiter(language)
        self._open: list[Word] = []
        self._shown = 0
        """So many of the open words were in :meth:`open_items`; the sentence is not cut before their end."""

    def add(self, words: Sequence[Word]) -> list[Sentence]:
        """Takes the words of the next finished utterance, in time order; returns the sentences now closed."""
        closed: list[Sentence] = []
        for word in self._heard(words):
            closed += self._add_word(word)
        return closed

    def open_items(self) -> list[Item]:
        """The open sentence as far as it is certain how it will be written: without the mark that would end it now.
        Whatever is added, the sentence that is closed next begins with exactly these items (and is none if there are
        none and nothing but unwritten words came)."""
        self._shown = len(self._open)
        return self._certain(self._open)

    def preview(self, words: Sequence[Word]) -> list[Item]:
        """:meth:`open_items` as they would be after ``words``, which are not added and bind nothing."""
        return self._certain([*self._open, *self._heard(words)])

    def close_before(self, following: Word) -> list[Sentence]:
        """Closes the open sentence if ``following``, which is not added, would: its final mark need not wait then.
        Without content it stands for the silence so far, before which a mark is believed."""
        if not self._open:
            return []
        before = self._open[-1]
        self._open.append(following)
        ends = self._ends_before(before, following)
        self._open.pop()
        if not ends and not following.content and self.punctuated:
            marks = self._with_own_marks([before])
            ends = any(isinstance(mark, Punctuation) and mark.is_eos for mark in marks)
        return self._close(len(self._open), self._confidence(before, following)) if ends else []

    def flush(self) -> list[Sentence]:
        """Closes the open sentence, if there is one."""
        return self._close(len(self._open), _FLUSHED_CONFIDENCE) if self._open else []

    def sentence(self, items: Sequence[Item]) -> Sentence:
        """These items as a sentence of this language."""
        return Sentence(tuple(items), self._language, self._delimiter)

    def _heard(self, words: Sequence[Word]) -> list[Word]:
        return tagged([word for word in words if word.content.strip()], self._language)

    def _add_word(self, word: Word) -> list[Sentence]:
        closed: list[Sentence] = []
        self._open.append(word)
        if len(self._open) > 1 and self._ends_before(self._open[-2], word):
            closed += self._close(len(self._open) - 1, self._confidence(self._open[-2], word))
        while len(self._open) > 1 and self._is_too_long():
            cut = best_cut(self._open, self._language, least=self._shown)
            closed += self._close(cut, self._confidence(self._open[cut - 1], self._open[cut]))
        return closed

    def _ends_before(self, before: Word, word: Word) -> bool:
        if not same_voice(before, word):
            return True
        if not self.punctuated:
            return gap(before, word) >= pause_needed(word, self._language, self._pause)
        return gap(before, word) >= SILENCE or marks_end_before_last(self._open, self._language, self._delimiter)

    def _is_too_long(self) -> bool:
        seconds = self._open[-1].end_time - self._open[0].start_time
        return len(self._open) > self._max_words or seconds > self._max_seconds

    def _confidence(self, before: Word, after: Word) -> float:
        """Of a mark added between two words: one half at the pause that ends a sentence, one from twice that."""
        if not same_voice(before, after):
            return 1.0
        return min(1.0, gap(before, after) / (2 * self._pause)) if self._pause else 1.0

    def _close(self, count: int, confidence: float) -> list[Sentence]:
        """Makes a sentence of the first ``count`` open words, none if nothing of them is to be written; ``confidence``
        is that of a mark added at its end."""
        words, self._open = self._open[:count], self._open[count:]
        self._shown = 0
        items = self._written(words, confidence)
        return [self.sentence(items)] if items else []

    def _certain(self, words: Sequence[Word]) -> list[Item]:
        items = self._written(words, _FLUSHED_CONFIDENCE)
        end = len(items)
        while end and isinstance(items[end - 1], Punctuation):
            end -= 1
        # What is left out later takes a comma before it along, or gives its own mark.
        certain = self.punctuated and not self._writing.remove_disfluencies and not self._writing.replacements
        ending = any(ends_sentence(mark.content, self._language) for mark in items[end:])
        return items if certain and not ending else items[:end]

    def _written(self, words: Sequence[Word], confidence: float) -> list[Item]:
        if self._writing.remove_disfluencies:
            words = self._fluent(words)
        if not words:
            return []
        items = self._with_own_marks(words) if self.punctuated else self._with_added_mark(words, confidence)
        return permitted_only(self._replacer.apply(items), self._writing.permitted_marks)

    def _fluent(self, words: Sequence[Word]) -> list[Word]:
        if self.punctuated:
            return without_disfluencies(words, self._language)
        return [word for word in words if "disfluency" not in word.tags]

    def _with_own_marks(self, words: Sequence[Word]) -> list[Item]:
        items = [item for word in words for item in split_marks(word, self._language)]
        return _mark_end(items, self._language)

    def _with_added_mark(self, words: Sequence[Word], confidence: float) -> list[Item]:
        plain = [word.content.strip() for word in words]
        cased = sentence_case(plain, self._language)
        mark = self._end_mark([word.content.strip().lower() for word in words if "disfluency" not in word.tags])
        last = words[-1]
        items: list[Item] = [replace(word, content=content) for word, content in zip(words, cased, strict=True)]
        if mark and not cased[-1].endswith(mark):
            items.append(
                Punctuation(
                    mark,
                    last.end_time,
                    is_eos=True,
                    confidence=confidence,
                    speaker=last.speaker,
                    channel=last.channel,
                )
            )
        return items

    def _end_mark(self, words: Sequence[str]) -> str:
        permitted = self._writing.permitted_marks
        can_ask = permitted is None or "?" in permitted
        asks = can_ask and primary(self._language) == "en" and is_question(words)
        return "?" if asks else full_stop(self._language)


def _mark_end(items: list[Item], language: str) -> list[Item]:
    """Sets ``is_eos`` on the mark that ends the sentence; closing quotes and brackets may follow it."""
    for position in range(len(items) - 1, -1, -1):
        item = items[position]
        if isinstance(item, Word):
            break
        if ends_sentence(item.content, language):
            return [*items[:position], replace(item, is_eos=True), *items[position + 1 :]]
    return items
