"""Speech probabilities to utterances: a pure state machine on audio time.

An utterance begins ``padding`` before the first of enough speech frames, and ends after ``endpoint_silence`` without
speech. The older it grows the shorter the silence that ends it, so that long speech is cut at a word gap and not in a
word; at ``max_utterance`` it is cut wherever it is. Decisions are made frame by frame, so they depend on the audio
and not on how it was cut into chunks. Controls are taken between two frames, or inside one that is not complete.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dragoman.core.audio import AudioChunk, join
from dragoman.core.controls import AudioStalled, Reconfigure


@dataclass(frozen=True, slots=True)
class Speech:
    """The next samples of the open utterance; the first piece opens it."""

    audio: AudioChunk


@dataclass(frozen=True, slots=True)
class SpeechEnd:
    """The utterance is over."""

    time: float
    """Where the last speech ended, in seconds."""
    forced: bool = False
    """Whether it was ended by a :class:`~dragoman.core.controls.ForceEndOfUtterance`."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """No utterance is open, and nobody spoke between the last one and ``time``."""

    time: float
    forced: bool = False
    """Whether it answers a :class:`~dragoman.core.controls.ForceEndOfUtterance`, which found nothing to end."""


Stretch = Speech | SpeechEnd | Quiet | AudioStalled | Reconfigure
"""The controls come behind what they did here, for the stages that follow."""


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """How they were chosen: docs/decisions/0006-utterances.md. Times are seconds."""

    endpoint_silence: float = 0.4
    max_utterance: float = 20.0
    min_speech: float = 0.096
    """Speech needed to open an utterance."""
    padding: float = 0.3
    """Kept before the first speech, so that soft onsets are not clipped."""
    onset: float = 0.5
    """Probability from which a frame is speech while nobody speaks."""
    offset: float = 0.35
    """Probability below which a frame is silence while somebody speaks."""
    min_gap: float = 0.1
    """Silence that ends an utterance about to reach ``max_utterance``."""


class Segmenter:
    """Cuts one channel into utterances."""

    def __init__(self, options: SegmentOptions, *, frame_samples: int, sample_rate: int) -> None:
        self.options = options
        """May be exchanged between two frames."""
        self._frame_samples = frame_samples
        self._sample_rate = sample_rate
        self._frame = frame_samples / sample_rate
        self._origin: float | None = None
        self._frames = 0
        margin = options.padding + options.min_speech
        self._recent: deque[AudioChunk] = deque(maxlen=max(1, round(margin / self._frame)))
        self._speech_frames = 0
        self._quiet_frames = 0
        self._open_since: float | None = None
        self._speech_end = 0.0
        self._quiet_until = 0.0
        """As far as it was reported."""
        self._taken = 0
        """Samples of the next frame that an utterance, ended inside it, has taken along."""

    def push(self, audio: AudioChunk, probabilities: Sequence[float]) -> list[Stretch]:
        """``audio`` holds exactly the judged frames, one probability each."""
        stretches: list[Stretch] = []
        spoken: list[AudioChunk] = []
        if self._origin is None:
            self._origin = audio.start_time
        for index, probability in enumerate(probabilities):
            samples = audio.slice(index * self._frame_samples, (index + 1) * self._frame_samples)
            frame = replace(samples, start_time=self._time()).slice(self._taken, self._frame_samples)
            self._frames, self._taken = self._frames + 1, 0
            if self._open_since is None:
                spoken += self._wait(frame, probability)
                if spoken:
                    stretches += self._quiet()
                    self._speech_frames = 0
            else:
                spoken.append(frame)
                if self._over(frame, probability):
                    stretches += [Speech(join(spoken)), self._close(), *self._quiet()]
                    spoken = []
        if spoken:
            stretches.append(Speech(join(spoken)))
        elif self._open_since is None:
            stretches += self._quiet()
        return stretches

    def end(self, rest: AudioChunk, *, forced: bool) -> list[Stretch]:
        """Ends the open utterance here. It takes along ``rest``, the samples of the frame that is not complete."""
        here = rest.end_time if self._origin is None else self._time() + rest.duration
        if self._open_since is None:
            return [Quiet(here, forced=True)] if forced else []
        if self._quiet_frames == 0:
            self._speech_end = here
        spoken = [Speech(replace(rest, start_time=self._time()))] if rest.pcm else []
        self._taken = rest.samples
        self._recent.clear()  # without the rest, it would not join what follows
        return [*spoken, self._close(forced=forced)]

    def flush(self) -> list[Stretch]:
        """The audio is over; so is the open utterance."""
        return [] if self._open_since is None else [self._close()]

    def _time(self, *, back: int = 0) -> float:
        """Where the judged audio ends, or ``back`` frames before. Counted in frames: sums of seconds would depend on
        how the audio was cut."""
        assert self._origin is not None
        return self._origin + (self._frames - back) * self._frame_samples / self._sample_rate

    def _quiet(self) -> list[Stretch]:
        """Reports the silence up to the frames that may become an utterance, once."""
        if self._origin is None:
            return []
        until = self._time(back=self._speech_frames)
        if until <= self._quiet_until:
            return []
        self._quiet_until = until
        return [Quiet(until)]

    def _wait(self, frame: AudioChunk, probability: float) -> list[AudioChunk]:
        """Nobody speaks: returns the beginning of an utterance when this frame makes it one."""
        self._recent.append(frame)
        self._speech_frames = self._speech_frames + 1 if probability >= self.options.onset else 0
        if self._speech_frames * self._frame < self.options.min_speech:
            return []
        beginning = list(self._recent)
        self._open_since, self._speech_end = beginning[0].start_time, self._time()
        self._recent.clear()
        self._quiet_frames = 0
        return beginning

    def _over(self, frame: AudioChunk, probability: float) -> bool:
        """Somebody speaks: whether this frame ends the utterance."""
        if probability >= self.options.offset:
            self._quiet_frames = 0
            self._speech_end = self._time()
            self._recent.clear()
        else:
            self._quiet_frames += 1
            self._recent.append(frame)  # the silence may turn out to be the padding of the next utterance
        assert self._open_since is not None
        age = self._time() - self._open_since
        return age >= self.options.max_utterance or self._quiet_frames >= self._silence_needed(age)

    def _silence_needed(self, age: float) -> int:
        """Frames, to the nearest: ``endpoint_silence``, falling from half the longest utterance to ``min_gap`` at the
        longest."""
        full, least = self.options.endpoint_silence, min(self.options.min_gap, self.options.endpoint_silence)
        lateness = max(0.0, 2 * age / self.options.max_utterance - 1)
        return max(1, round((full - (full - least) * min(1.0, lateness)) / self._frame))

    def _close(self, *, forced: bool = False) -> SpeechEnd:
        self._open_since = None
        self._speech_frames = self._quiet_frames = 0
        return SpeechEnd(self._speech_end, forced)
