"""First stage: any audio to utterances."""

from collections.abc import Sequence

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from dragoman.core.audio import SAMPLE_WIDTH, AudioChunk
from dragoman.core.options import RunOptions
from dragoman.engines.attached import Attached
from dragoman.engines.hosted import Leased
from dragoman.engines.vad import VoiceActivityDetector, VoiceActivityInfo, VoiceActivityStream
from dragoman.media.resample import Resampler
from dragoman.pipeline.segment import Segmenter, SegmentOptions, Stretch


async def listen(
    incoming: MemoryObjectReceiveStream[AudioChunk],
    outgoing: MemoryObjectSendStream[Stretch],
    engine: Attached[VoiceActivityDetector, VoiceActivityInfo],
    options: RunOptions,
) -> float:
    """Resamples, asks for voice activity and cuts. Returns the seconds of audio heard."""
    ear: _Ear | None = None
    async with incoming, outgoing, engine.hosted.lease(VoiceActivityDetector.open_stream) as voice_activity:
        async for chunk in incoming:
            ear = ear or _Ear(chunk, engine.info, options)
            for stretch in await ear.hear(chunk, voice_activity):
                await outgoing.send(stretch)
        if ear is None:
            return 0.0
        for stretch in await ear.finish(voice_activity):
            await outgoing.send(stretch)
        return ear.heard


class _Ear:
    """The state of listening to one channel."""

    def __init__(self, first: AudioChunk, info: VoiceActivityInfo, options: RunOptions) -> None:
        self._info = info
        self._resampler = Resampler(first.sample_rate, info.sample_rate)
        self._segmenter = Segmenter(
            SegmentOptions(endpoint_silence=options.endpoint_silence, max_utterance=options.max_utterance),
            frame_samples=info.frame_samples,
            sample_rate=info.sample_rate,
        )
        self._unjudged = AudioChunk(b"", info.sample_rate, first.start_time, first.channel)
        self.heard = 0.0
        """Seconds of source audio."""

    async def hear(self, chunk: AudioChunk, voice_activity: Leased[VoiceActivityStream]) -> Sequence[Stretch]:
        self.heard += chunk.duration
        return await self._judge(self._resampler.accept(chunk), voice_activity)

    async def finish(self, voice_activity: Leased[VoiceActivityStream]) -> Sequence[Stretch]:
        """Silence completes the last frame."""
        stretches = list(await self._judge(self._resampler.flush(), voice_activity))
        if self._unjudged.pcm:
            missing = self._info.frame_samples - self._unjudged.samples
            padding = AudioChunk(bytes(missing * SAMPLE_WIDTH), self._info.sample_rate, self._unjudged.end_time)
            stretches += await self._judge(padding, voice_activity)
        return stretches + self._segmenter.flush()

    async def _judge(self, audio: AudioChunk, voice_activity: Leased[VoiceActivityStream]) -> Sequence[Stretch]:
        if not audio.pcm:
            return []
        probabilities = await voice_activity.call(VoiceActivityStream.accept, audio)
        whole = AudioChunk(self._unjudged.pcm + audio.pcm, audio.sample_rate, self._unjudged.start_time, audio.channel)
        judged = len(probabilities) * self._info.frame_samples
        self._unjudged = whole.slice(judged, whole.samples)
        return self._segmenter.push(whole.slice(0, judged), probabilities)
