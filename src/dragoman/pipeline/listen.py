"""First stage: any audio to utterances."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk
from dragoman.core.controls import AudioStalled, EndOfChannel, ForceEndOfUtterance, Input, Reconfigure
from dragoman.core.options import RunOptions
from dragoman.engines.attached import Attached
from dragoman.engines.hosted import Leased
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo, VoiceActivityStream
from dragoman.media.resample import Resampler
from dragoman.pipeline.forces import ForcesInTime
from dragoman.pipeline.segment import Quiet, Segmenter, SegmentOptions, Stretch


async def listen(
    incoming: MemoryObjectReceiveStream[Input],
    outgoing: MemoryObjectSendStream[Stretch],
    engine: Attached[VoiceActivityDetector, VoiceActivityInfo],
    options: RunOptions,
    keep: Callable[[AudioChunk], None] | None = None,
) -> float:
    """Resamples, asks for voice activity and cuts. Returns the seconds of audio heard. All audio goes to ``keep`` as
    well, at the rate of ``engine``."""
    forces = ForcesInTime()
    async with incoming, outgoing, engine.hosted.lease(VoiceActivityDetector.open_stream) as voice_activity:
        ear = _Ear(voice_activity, engine.info, options, keep)
        async for item in incoming:
            for due in forces.put(item):
                for stretch in await ear.take(due):
                    await outgoing.send(stretch)
        for due in forces.rest():
            for stretch in await ear.take(due):
                await outgoing.send(stretch)
        for stretch in await ear.finish():
            await outgoing.send(stretch)
        return ear.heard


class _Ear:
    """The state of listening to one channel."""

    def __init__(
        self,
        voice_activity: Leased[VoiceActivityStream],
        info: VoiceActivityInfo,
        options: RunOptions,
        keep: Callable[[AudioChunk], None] | None,
    ) -> None:
        self._keep = keep
        self._voice_activity = voice_activity
        self._info = info
        self._options = options
        self._resampler: Resampler | None = None
        self._segmenter = Segmenter(
            _segment_options(options), frame_samples=info.frame_samples, sample_rate=info.sample_rate
        )
        self._unjudged = AudioChunk(b"", info.sample_rate)
        self.heard = 0.0
        """Seconds of source audio."""

    async def take(self, item: Input) -> Sequence[Stretch]:
        match item:
            case AudioChunk():
                return await self._hear(item)
            case ForceEndOfUtterance():
                return await self._end(forced=True)
            case AudioStalled():
                return [*await self._end(forced=False), item]
            case Reconfigure():
                self._options = replace(self._options, **asdict(item))
                self._segmenter.options = _segment_options(self._options)
                return [item]
            case EndOfChannel():
                return []  # its input is closed

    async def finish(self) -> Sequence[Stretch]:
        """Silence completes the last frame."""
        stretches = list(await self._drain())
        if self._unjudged.pcm:
            missing = self._info.frame_samples - self._unjudged.samples
            padding = AudioChunk(bytes(missing * SAMPLE_WIDTH), self._info.sample_rate, self._unjudged.end_time)
            stretches += await self._judge(padding)
        return stretches + self._segmenter.flush()

    async def _hear(self, chunk: AudioChunk) -> Sequence[Stretch]:
        self.heard += chunk.duration
        if self._resampler is None:
            self._resampler = Resampler(chunk.sample_rate, self._info.sample_rate)
            self._unjudged = replace(self._unjudged, start_time=chunk.start_time, channel=chunk.channel)
        return await self._judge(self._resampler.accept(chunk))

    async def _end(self, *, forced: bool) -> Sequence[Stretch]:
        """Ends the open utterance with the last sample that was heard."""
        if self._resampler is None:
            return [Quiet(0.0, forced=True)] if forced else []
        return [*await self._drain(), *self._segmenter.end(self._unjudged, forced=forced)]

    async def _drain(self) -> Sequence[Stretch]:
        """What the resampler holds back; the audio after it is resampled anew, which is not heard."""
        return [] if self._resampler is None else await self._judge(self._resampler.flush())

    async def _judge(self, audio: AudioChunk) -> Sequence[Stretch]:
        if not audio.pcm:
            return []
        probabilities = await self._voice_activity.call(VoiceActivityStream.accept, audio)
        whole = AudioChunk(self._unjudged.pcm + audio.pcm, audio.sample_rate, self._unjudged.start_time, audio.channel)
        judged = len(probabilities) * self._info.frame_samples
        self._unjudged = whole.slice(judged, whole.samples)
        if self._keep is not None and judged:
            self._keep(whole.slice(0, judged))
        return self._segmenter.push(whole.slice(0, judged), probabilities)


def _segment_options(options: RunOptions) -> SegmentOptions:
    """Where a shorter silence is to be announced, it ends the utterance too."""
    silence = options.endpoint_silence
    if options.end_of_utterance is not None:
        silence = min(silence, options.end_of_utterance)
    return SegmentOptions(endpoint_silence=silence, max_utterance=options.max_utterance)
