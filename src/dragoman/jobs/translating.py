"""Fourth step, for each target: the transcript in another language."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from dragoman.core.errors import EngineError, InputError, UnsupportedLanguage, first_error
from dragoman.core.options import RunOptions, Shortfall
from dragoman.core.transcript import Sentence, Translation
from dragoman.engines.attached import Hop
from dragoman.jobs import keys
from dragoman.jobs.model import Job
from dragoman.jobs.results import TRANSCRIPT, TRANSLATED, Translated
from dragoman.jobs.workshop import Workshop
from dragoman.pipeline.ordered import map_in_order
from dragoman.pipeline.translate import over_hops

_LOOK: Final = 50
"""Sentences after which it is asked whether the job is still wanted: every few seconds."""


async def translate(shop: Workshop, job: Job, language: str) -> str:
    """To one target; what came of it lies under the key. Engines that fail cost this language and nothing else."""
    await shop.come_to(job, "translating", _progress(job, language))
    transcript = TRANSCRIPT.validate_json(await shop.blobs.read(keys.transcript(job.id)))
    try:
        options = RunOptions(transcript.language, (language,), recognition=job.submission.options.run.recognition)
        engines = await shop.attach(options)
        translated = Translated(await _all(shop, job, transcript.sentences, engines.translations[language], language))
    except (EngineError, InputError) as error:
        kind = "unsupported_translation_pair" if isinstance(error, UnsupportedLanguage) else "translation_failed"
        translated = Translated((), Shortfall("translation", kind, error.message, language))
    key = keys.translation(job.id, language)
    await shop.blobs.write(key, TRANSLATED.dump_json(translated))
    return key


async def _all(
    shop: Workshop, job: Job, sentences: Sequence[Sentence], hops: Sequence[Hop], language: str
) -> tuple[Translation, ...]:
    """Several at once. Half of a translation would pass for all, so the first that fails for good ends it."""

    async def one(sentence: Sentence) -> Translation:
        return _translation(sentence, await _second_try(sentence.text, hops), language)

    async def wanted() -> AsyncIterator[Sentence]:
        for index, sentence in enumerate(sentences):
            if index and index % _LOOK == 0:
                await shop.come_to(job, "translating", _progress(job, language))
            yield sentence

    try:
        async with map_in_order(one, wanted(), at_once=shop.parallel) as translations:
            return tuple([translation async for translation in translations])
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None


async def _second_try(text: str, hops: Sequence[Hop]) -> str:
    try:
        return await over_hops(text, hops)
    except EngineError as error:
        if not error.retryable:
            raise
        return await over_hops(text, hops)


def _translation(sentence: Sentence, text: str, language: str) -> Translation:
    return Translation(text, language, sentence.start_time, sentence.end_time, sentence.speaker, sentence.channel)


def _progress(job: Job, language: str) -> float:
    targets = job.submission.options.run.targets
    return 70 + 15 * targets.index(language) / len(targets)
