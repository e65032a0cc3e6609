"""One decoder of the pocketsphinx library: its state, its quirks, and what it found as words of ours."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from dragoman.core.options import VocabularyItem
from dragoman.core.transcript import Word
from dragoman.engines.adapters.pocketsphinx_vocabulary import plan

_FRAMES_PER_SECOND = 100

_VARIANT = re.compile(r"\(\d+\)$")
"""The second pronunciation of "the" is the dictionary's word "the(2)"."""

_MAX_HMMS = 5000
_MAX_WORDS = 10
"""Bounds of the search in every frame, of HMMs and of words that may end (the library's: 30,000 and none). They cost
one error in 1040 words and save a fifth of the time, most of it where sound is hard to make out."""

_PRIMER = bytes(range(256)) * 16
"""A buzz of an eighth of a second. It has no meaning, it only has to be the same every time."""

_MEAN_ONLY = "mean"

_DEFAULT = "_default"
"""The library's name for the search that activate_search() without a name chooses."""

_BOOST = 30.0
"""How many times as often as the average word of the model a taught word is expected. Of 1, 10, 30 and 100, each with
1000 words taught, 30 had the fewest errors over 15 rare words (bench/vocabulary.py --boost); 100 finds a word more and
hears twice as many where nobody said them."""


Make = Callable[[Any], tuple[Any, Mapping[str, tuple[str, ...]]]]
"""Makes the library's decoder of a configuration; with what stands for a word that is not written by its name."""


class UtteranceDecoder:
    """Decodes one utterance at a time, a whole one by :meth:`decode` or a live one by :meth:`begin`, :meth:`feed`
    and :meth:`end`; :meth:`words` tells what was understood."""

    def __init__(self, *, fwdflat: bool, vocabulary: Sequence[VocabularyItem] = (), make: Make | None = None) -> None:
        """``fwdflat`` is the second of the three passes; it begins when the utterance has ended. What is taught cannot
        be forgotten: a decoder with a vocabulary is for those who brought it. ``make``: for what another search than
        that of the general model finds."""
        from pocketsphinx import Config, Decoder  # noqa: PLC0415  a quarter of a second that describe() must not cost

        config = Config(fwdflat=fwdflat, maxhmmpf=_MAX_HMMS, maxwpf=_MAX_WORDS, loglevel="FATAL")
        self._written: Mapping[str, tuple[str, ...]] = {}
        """What stands for a word of the dictionary that is not written by its name."""
        if make is not None:
            self._decoder, self._written = make(config)
        elif vocabulary:
            self._decoder, self._written = _taught(config, vocabulary)
        else:
            self._decoder = Decoder(config)
        # A grammar of one word takes the place of the language model where only the mean is wanted.
        grammar = self._decoder.create_fsg(_MEAN_ONLY, 0, 1, [(0, 1, 1.0, "a")])
        self._decoder.add_fsg(_MEAN_ONLY, grammar)
        self._inside = False
        self._fresh = False
        """Whether it has heard nothing since it was reset."""

    def reset(self) -> None:
        """Forgets everything heard before: the same audio gets the same words, whatever came earlier.

        Carried over otherwise are the cepstral mean, the estimate of the noise, and, seen in the last digits of
        confidences only, the Gaussians that scored best in the last frames. The primer overwrites these.
        """
        if self._fresh:
            return
        if self._inside:
            self.end()
        self._decoder.reinit_feat()
        self._decode(_PRIMER)
        self._decoder.reinit_feat()
        self._fresh = True

    def decode(self, pcm: bytes) -> None:
        """A whole utterance, normalised by its own cepstral mean."""
        self.reset()
        if pcm:
            self._decode(pcm)

    def _decode(self, pcm: bytes, *, search: bool = True) -> None:
        self._fresh = False
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, no_search=not search, full_utt=True)
        self._decoder.end_utt()

    def seed_mean(self, pcm: bytes) -> bool:
        """Live utterances will begin with the cepstral mean of this audio. False when it is too quiet to have one."""
        self._decoder.activate_search(_MEAN_ONLY)
        self._decode(pcm, search=False)
        self._decoder.activate_search()
        if self._has_mean():
            # set_cmn() would give the same mean the weight of five seconds, and later audio could hardly move it.
            return True
        self._decoder.reinit_feat()
        return False

    def begin(self) -> None:
        """Opens a live utterance; mean and noise go on from where they are."""
        self._fresh = False
        self._decoder.start_utt()
        self._inside = True

    def feed(self, pcm: bytes) -> None:
        """Decodes the next audio, and then lets it move the mean, which weighs the last five to eight seconds."""
        if pcm:  # the library raises when there is none
            self._decoder.process_raw(pcm)
            self._decoder.get_cmn(update=True)

    def end(self) -> None:
        self._decoder.end_utt()
        self._inside = False

    @property
    def has_result(self) -> bool:
        """Whether the search arrived anywhere. Of an utterance that was ended in the middle of a word it may not: in
        one case of seven the library's best path has no end then, and it gives no words at all."""
        return self._decoder.hyp() is not None

    def words(self, start_time: float, end_time: float) -> tuple[Word, ...]:
        """The current hypothesis for audio that lies between these times of the source.

        Confidences are posteriors once the utterance is ended; before that they are 1.
        """
        # Without a mean the scores are NaN and the words made up.
        return tuple(self._words(start_time, end_time)) if self._has_mean() else ()

    def _words(self, start_time: float, end_time: float) -> Iterator[Word]:
        for segment in self._decoder.seg() or ():
            if not segment.word.startswith(("<", "[")):  # fillers: <s>, <sil>, [NOISE], [SPEECH]
                name = _VARIANT.sub("", segment.word)
                yield from _spread(
                    self._written.get(name, (name,)),
                    start_time + segment.start_frame / _FRAMES_PER_SECOND,
                    min(start_time + (segment.end_frame + 1) / _FRAMES_PER_SECOND, end_time),
                    min(segment.prob, 1.0),  # linear already, and past 1 by rounding
                )

    def _has_mean(self) -> bool:
        """Whether any frame had the energy to enter the cepstral mean."""
        return "nan" not in self._decoder.get_cmn()


def _taught(config: Any, vocabulary: Sequence[VocabularyItem]) -> tuple[Any, Mapping[str, tuple[str, ...]]]:
    """A decoder that knows these words, and how they are written.

    Decoder.add_word() of a decoder with a language model would give every word the same share of the model; so the
    words go into the dictionary and the model apart, and the decoder gets the model last.
    """
    from pocketsphinx import Decoder, NGramModel  # noqa: PLC0415  as above

    path, config["lm"] = config["lm"], None
    decoder = Decoder(config)
    model = NGramModel(config, decoder.logmath, path)
    lesson = plan(vocabulary, decoder.lookup_word, lambda word: float(decoder.logmath.exp(model.prob([word]))))
    for word in lesson.words:
        for variant, phones in enumerate(word.ways, start=1):
            decoder.add_word(word.name if variant == 1 else f"{word.name}({variant})", phones, update=False)
        model.add_word(word.name, _BOOST)
    decoder.add_lm(_DEFAULT, model)
    decoder.activate_search(_DEFAULT)
    return decoder, lesson.written


def _spread(contents: tuple[str, ...], start_time: float, end_time: float, confidence: float) -> Iterator[Word]:
    """The words of a phrase that was heard as one; each gets its share of the time, by its letters."""
    letters = list(accumulate(map(len, contents)))
    inner = [start_time + (end_time - start_time) * count / letters[-1] for count in letters[:-1]]
    for content, (start, end) in zip(contents, pairwise((start_time, *inner, end_time)), strict=True):
        yield Word(content, start, end, confidence)
