"""Fourth step, for each target: the transcript in another language."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from dragoman.core.errors import DragomanError, EngineError, InputError, UnsupportedLanguage, first_error
from dragoman.core.options import RunOptions, Shortfall
from dragoman.core.transcript import Sentence, Translation
from dragoman.engines.attached import Hop, RunEngines
from dragoman.jobs import keys
from dragoman.jobs.model import Job
from dragoman.jobs.results import TRANSCRIPT, TRANSLATED, Translated
from dragoman.jobs.spoken_texts import SpokenTexts
from dragoman.jobs.workshop import Workshop
from dragoman.pipeline.ordered import map_in_order
from dragoman.pipeline.translation_route import TranslationRoute, detour_notice

_BATCH: Final = 32
"""Sentences in one call of an engine; after each it is asked whether the job is still wanted. Neural engines translate
16 to 32 at once three to five times as fast as one by one, and more are no faster."""


async def translate(shop: Workshop, job: Job, language: str) -> str:
    """To one target; what came of it lies under the key. Engines that fail cost this language and nothing else."""
    await shop.come_to(job, "translating", _progress(job, language))
    transcript = TRANSCRIPT.validate_json(await shop.blobs.read(keys.transcript(job.id)))
    try:
        options = RunOptions(transcript.language, (language,), recognition=job.submission.options.run.recognition)
        engines = await shop.attach(options)
        translations, notices = await _all(shop, job, transcript.sentences, engines, language)
        translated = Translated(translations, notices=notices)
    except (EngineError, InputError) as error:
        kind = "unsupported_translation_pair" if isinstance(error, UnsupportedLanguage) else "translation_failed"
        translated = Translated((), Shortfall("translation", kind, error.message, language))
    key = keys.translation(job.id, language)
    await shop.blobs.write(key, TRANSLATED.dump_json(translated))
    return key


async def _all(
    shop: Workshop, job: Job, sentences: Sequence[Sentence], engines: RunEngines, language: str
) -> tuple[tuple[Translation, ...], tuple[str, ...]]:
    """Returns the translations, and what there is to say of them. Batches are translated several at once. Half of a
    translation would pass for all, so the first batch that fails for good ends it."""
    notices: list[str] = []

    async def detoured(error: DragomanError, hops: Sequence[Hop]) -> None:
        notices.append(detour_notice(language, error, hops))

    route = TranslationRoute(engines.translations[language], engines.detours.get(language, ()), detoured)
    texts_of = _texts if (hop := engines.pivots.get(language)) is None else SpokenTexts(shop, job.id, hop).of

    async def one(batch: tuple[Sequence[Sentence], Sequence[str]]) -> list[Translation]:
        own, before = batch
        texts = await route.translate(await texts_of(own), before)
        return [_translation(sentence, text, language) for sentence, text in zip(own, texts, strict=True)]

    async def wanted() -> AsyncIterator[tuple[Sequence[Sentence], Sequence[str]]]:
        for start in range(0, len(sentences), _BATCH):
            if start:
                await shop.come_to(job, "translating", _progress(job, language))
            before = [sentence.text for sentence in sentences[max(0, start - route.context) : start]]
            yield sentences[start : start + _BATCH], before

    at_once = min([hop.engine.hosted.slots for hop in engines.translations[language]], default=1)
    try:
        async with map_in_order(one, wanted(), at_once=at_once) as batches:
            return tuple([translation async for batch in batches for translation in batch]), tuple(notices)
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None


async def _texts(sentences: Sequence[Sentence]) -> list[str]:
    return [sentence.text for sentence in sentences]


def _translation(sentence: Sentence, text: str, language: str) -> Translation:
    return Translation(text, language, sentence.start_time, sentence.end_time, sentence.speaker, sentence.channel)


def _progress(job: Job, language: str) -> float:
    targets = job.submission.options.run.targets
    return 70 + 15 * targets.index(language) / len(targets)
