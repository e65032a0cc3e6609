"""First step: any recording to parts of speech that can be recognised one by one."""

from dataclasses import dataclass, field
from typing import Final

from dragoman.core.audio import AudioChunk
from dragoman.core.options import RunOptions
from dragoman.engines.attached import Attached
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo, VoiceActivityStream
from dragoman.hosts.slots import NICENESS
from dragoman.jobs import keys
from dragoman.jobs.cutting import Cutter, best_cut
from dragoman.jobs.model import Job
from dragoman.jobs.results import PARTS, Part, Parts
from dragoman.jobs.workshop import Workshop
from dragoman.media.decode import DecodeLimits, Decoding, open_media
from dragoman.media.resample import resampled

_CHANNELS_OF_WHOLE_PARTS: Final = 8
"""Of more channels, parts are shorter: what is not cut yet lies in memory."""


async def decode(shop: Workshop, job: Job) -> int:
    """Writes the parts and their list; how many there are. What they cost more than is held is held as well.

    Raises what is wrong with the recording, and :class:`InsufficientTokens`.
    """
    options = job.submission.options.run
    await shop.come_to(job, "decoding", 5)
    limits = DecodeLimits(output_seconds=shop.limits.longest, niceness=NICENESS)
    apart = options.channels != (None,)
    async with (
        shop.blobs.local(keys.recording(job.id)) as file,
        open_media(file, split_channels=apart, limits=limits, name=job.submission.called, forks=shop.forks) as decoding,
    ):
        decoder = _Decoder(shop, job, decoding)
        await decoder.cover(decoding.info.duration or 0.0)
        parts = await decoder.parts()
    await decoder.cover(parts.duration)
    await shop.blobs.write(keys.parts(job.id), PARTS.dump_json(parts))
    if parts.duration != job.submission.duration:
        await shop.jobs.measured(job.id, parts.duration)
    return len(parts.parts)


@dataclass
class _Decoder:
    shop: Workshop
    job: Job
    decoding: Decoding
    _covered: float = field(init=False)
    """Seconds that tokens are held for."""
    _parts: list[Part] = field(default_factory=list)
    _cutters: dict[str | None, Cutter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._covered = self.job.submission.duration or 0.0

    async def cover(self, seconds: float) -> None:
        """Sees to it that tokens are held for so many seconds. Most recordings are as long as they seemed to be when
        they came, and cost nothing here."""
        if seconds > self._covered:
            await self.shop.purse.cover(self.job.id, seconds, self.shop.now())
            self._covered = seconds

    async def parts(self) -> Parts:
        duration = 0.0
        longest = self._longest()
        async for chunk in self.decoding:
            duration = max(duration, chunk.end_time)
            cutter = self._cutters.setdefault(chunk.channel, Cutter(longest))
            cutter.add(chunk)
            while cutter.full:
                await self._write(cutter.cut(await self._pause(cutter.window)))
        for cutter in self._cutters.values():
            if (rest := cutter.rest()) is not None:
                await self._write(rest)
        return Parts(duration, tuple(self._parts), self.decoding.warnings)

    def _longest(self) -> float:
        apart = self.job.submission.options.run.channels != (None,)
        channels = self.decoding.info.channels if apart else 1
        return self.shop.limits.part * min(1.0, _CHANNELS_OF_WHOLE_PARTS / channels)

    async def _write(self, audio: AudioChunk) -> None:
        part = Part(len(self._parts), self._label(audio.channel), audio.start_time, audio.end_time)
        self._parts.append(part)
        await self.shop.blobs.write(keys.part(self.job.id, part.index), audio.pcm)
        await self.cover(part.end_time)
        if part.index:  # before the first it was asked for a moment ago
            await self.shop.come_to(self.job, "decoding", 5)

    def _label(self, channel: str | None) -> str | None:
        """The client's name of a channel where it gave one, else its number as the decoder has it."""
        if channel is None:
            return None
        names, place = self.job.submission.options.run.channels, list(self._cutters).index(channel)
        return names[place] if place < len(names) else channel

    async def _pause(self, window: AudioChunk) -> float:
        """The best moment to cut, in seconds of the recording."""
        options = self.job.submission.options.run
        engines = await self.shop.attach(RunOptions(options.source, recognition=options.recognition))
        probabilities = await _voice_activity(window, engines.voice_activity)
        frame = engines.voice_activity.info.frame_samples / engines.voice_activity.info.sample_rate
        return window.start_time + best_cut(probabilities) * frame


async def _voice_activity(
    audio: AudioChunk, engine: Attached[VoiceActivityDetector, VoiceActivityInfo]
) -> tuple[float, ...]:
    async with engine.hosted.lease(VoiceActivityDetector.open_stream) as stream:
        return await stream.call(VoiceActivityStream.accept, resampled(audio, engine.info.sample_rate))
