"""Fifth step, for each language that is asked for: the translation spoken, on the recording's time line."""

from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from anyio.to_thread import run_sync

from dragoman.core.audio import OUTPUT_RATE, AudioChunk
from dragoman.core.errors import EngineError, InputError, first_error
from dragoman.core.events import Event, Notice, SentenceSpoken, SynthesizedAudio
from dragoman.core.options import RunOptions, Shortfall
from dragoman.core.transcript import SpokenSentence, Translation
from dragoman.engines.attached import Speaker
from dragoman.jobs import keys
from dragoman.jobs.model import Job
from dragoman.jobs.results import SPOKEN, TRANSCRIPT, SpokenTrack, Translated, read_translated
from dragoman.jobs.workshop import Workshop
from dragoman.media.encode import WavWriter
from dragoman.pipeline.speak import dub

_AHEAD: Final = 1
"""Translations given before one is spoken: they are all there, and the synthesizer sets the pace."""

_IN_MEMORY: Final = 16 << 20
"""Bytes of a track that are kept in memory; a longer one goes through a file. Six minutes."""

_PIECE: Final = 1 << 20


async def speak(shop: Workshop, job: Job, language: str) -> str:
    """One language; where its sentences lie on the track is under the key."""
    await shop.come_to(job, "speaking", _progress(job, language))
    translated = await read_translated(shop.blobs, job.id, language)
    if translated.shortfall is not None:
        track = SpokenTrack((), (), _shortfall(language, "There is no translation to speak"))
    else:
        try:
            track = await _spoken(shop, job, language, translated)
        except (EngineError, InputError) as error:
            track = SpokenTrack((), (), _shortfall(language, error.message))
    key = keys.spoken(job.id, language)
    await shop.blobs.write(key, SPOKEN.dump_json(track))
    return key


async def _spoken(shop: Workshop, job: Job, language: str, translated: Translated) -> SpokenTrack:
    run = job.submission.options.run
    voices = tuple((target, voice) for target, voice in run.voices if target == language)
    options = RunOptions(run.source, (language,), (language,), recognition=run.recognition, voices=voices)
    engines = await shop.attach(options)
    duration = TRANSCRIPT.validate_json(await shop.blobs.read(keys.transcript(job.id))).duration
    with SpooledTemporaryFile(_IN_MEMORY, prefix="dragoman-") as file:
        recorder = _Recorder(shop, job, language, WavWriter(cast("BinaryIO", file)))
        await _dub(translated.translations, engines.speakers[language], recorder)
        recorder.close(duration)
        file.seek(0)
        async with shop.blobs.writer(keys.speech(job.id, language)) as blob:
            while piece := await run_sync(file.read, _PIECE):
                await blob.write(piece)
    return SpokenTrack(tuple(recorder.sentences), tuple(recorder.notices))


async def _dub(translations: tuple[Translation, ...], speaker: Speaker, recorder: "_Recorder") -> None:
    given, taken = anyio.create_memory_object_stream[Translation](_AHEAD)
    with given, taken:
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_give, translations, given)
                await dub(taken, recorder.take, speaker)
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None


async def _give(translations: tuple[Translation, ...], outgoing: MemoryObjectSendStream[Translation]) -> None:
    async with outgoing:
        for translation in translations:
            await outgoing.send(translation)


class _Recorder:
    """Takes what is spoken down."""

    def __init__(self, shop: Workshop, job: Job, language: str, track: WavWriter) -> None:
        self.sentences: list[SpokenSentence] = []
        self.notices: list[str] = []
        self._shop = shop
        self._job = job
        self._language = language
        self._track = track

    async def take(self, event: Event) -> None:
        match event:
            case SynthesizedAudio(_, audio):
                self._track.write_at(audio)
            case SentenceSpoken(spoken):
                self.sentences.append(spoken)
                if len(self.sentences) % 50 == 0:  # every few seconds
                    await self._shop.come_to(self._job, "speaking", _progress(self._job, self._language))
            case Notice(_, message):
                self.notices.append(message)

    def close(self, duration: float) -> None:
        """At least as long as its source, so that the two can be put together."""
        if self._track.samples < round(duration * OUTPUT_RATE):
            self._track.write_at(AudioChunk(b"", OUTPUT_RATE, duration))
        self._track.close()


def _shortfall(language: str, message: str) -> Shortfall:
    return Shortfall("speech", "speech_failed", message, language)


def _progress(job: Job, language: str) -> float:
    languages = job.submission.options.run.speak
    return 85 + 12 * languages.index(language) / len(languages)
