"""The loaded weights of one Whisper model, shared by everything in this process that uses them."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from dragoman.core.errors import EngineFailed, EngineUnavailable, InvalidSetting
from dragoman.engines.adapters.whisper.features import Floats, LogMel
from dragoman.engines.adapters.whisper.pieces import Pieces

_DEVICES: Final = ("auto", "cpu", "cuda")
_DEFAULT_TYPES: Final = {"cpu": "int8", "cuda": "float16"}

_MEMORY: Final = 2.6
"""Bytes of memory at the peak of loading, per byte of float16 weights: they are read whole, then made int8."""


@dataclass(frozen=True, slots=True)
class Compute:
    """Where and how a model computes."""

    device: str = "auto"
    type: str | None = None
    """CTranslate2's ``compute_type``; None: int8 on a CPU, float16 on a GPU."""
    workers: int = 1
    """Calls that compute at once, each on one thread."""

    @classmethod
    def configured(cls) -> "Compute":
        """Read DRAGOMAN_WHISPER_DEVICE and DRAGOMAN_WHISPER_COMPUTE_TYPE; child processes inherit them."""
        device = os.environ.get("DRAGOMAN_WHISPER_DEVICE", "auto")
        if device not in _DEVICES:
            raise InvalidSetting(f"DRAGOMAN_WHISPER_DEVICE is {device!r}", remedy=f"Use one of: {', '.join(_DEVICES)}")
        # Live calls are not counted against the cores, so that none waits behind a batch call of 7 s: as many again.
        workers = 2 * len(os.sched_getaffinity(0))
        return cls(device, os.environ.get("DRAGOMAN_WHISPER_COMPUTE_TYPE") or None, workers)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The decoder's answer for one window of audio."""

    tokens: tuple[int, ...]
    average: float
    """Mean log-probability of the tokens."""
    silence: float
    """Probability that nobody speaks."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """Where in the window each token is said, and how sure the decoder is of it."""

    times: tuple[float, ...]
    """Seconds at which each token begins, and at which the last one ends: one more than tokens."""
    probabilities: tuple[float, ...]


class Weights:
    """One model. Safe to call from several threads; CTranslate2 lets go of the GIL while it computes."""

    def __init__(self, name: str, folder: Path, compute: Compute) -> None:
        """Load the model. Raises :class:`EngineUnavailable` naming what is wrong with its files."""
        import ctranslate2  # noqa: PLC0415  describe() must stay quick

        self.name = name
        self.pieces = Pieces(folder / "tokenizer.json", name)
        self._check_memory(folder / "model.bin")
        device = compute.device
        if device == "auto":
            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder),
                device=device,
                compute_type=compute.type or _DEFAULT_TYPES[device],
                inter_threads=compute.workers,
                intra_threads=1,
            )
        except (RuntimeError, ValueError) as error:
            remedy = f"Run: dragoman models verify {name}"
            raise EngineUnavailable(f"The model {name} cannot be loaded: {error}", remedy=remedy) from error
        self._view = ctranslate2.StorageView.from_array
        self.log_mel = LogMel(self._model.n_mels)

    def encode(self, batch: Floats) -> Any:
        """Encode windows together, (windows, bands, frames). The result is CTranslate2's."""
        return self._fenced(lambda: self._model.encode(self._view(batch), to_cpu=False))

    def decode(
        self, encoded: Any, prompts: Sequence[Sequence[int]], *, beam: int, most: int, no_repeat: int = 0
    ) -> list[Decoded]:
        """Decode one text per encoded window, each of at most ``most`` tokens. No run of ``no_repeat`` tokens comes
        twice; 0: any may."""
        results = self._fenced(
            lambda: self._model.generate(
                encoded,
                [list(prompt) for prompt in prompts],
                beam_size=beam,
                no_repeat_ngram_size=no_repeat,
                max_length=min(448, len(prompts[0]) + most),
                return_scores=True,
                return_no_speech_prob=True,
                suppress_blank=True,
            )
        )
        return [Decoded(tuple(result.sequences_ids[0]), result.scores[0], result.no_speech_prob) for result in results]

    def align(
        self, encoded: Any, start: Sequence[int], texts: Sequence[Sequence[int]], frames: Sequence[int]
    ) -> list[Aligned]:
        """Find when the tokens of each text are said, from the decoder's attention (dynamic time warping)."""
        results = self._fenced(
            lambda: self._model.align(encoded, list(start), [list(text) for text in texts], list(frames))
        )
        return [_aligned(result, len(text)) for result, text in zip(results, texts, strict=True)]

    def languages(self, encoded: Any) -> list[dict[str, float]]:
        """Return the probability of each of Whisper's language codes, per window."""
        results = self._fenced(lambda: self._model.detect_language(encoded))
        return [{token.strip("<|>"): probability for token, probability in result} for result in results]

    def _fenced(self, work: Any) -> Any:
        try:
            return work()
        except (RuntimeError, ValueError) as error:  # out of memory, and the like
            raise EngineFailed(f"whisper failed: {error}") from error

    def _check_memory(self, file: Path) -> None:
        available = _available_memory()
        needed = int(file.stat().st_size * _MEMORY)
        if available is not None and needed > available:
            raise EngineUnavailable(
                f"The model {self.name} needs {needed >> 20} MiB of memory to load, and {available >> 20} MiB are free",
                remedy="Close other programs, or install a smaller model: dragoman models list --all",
            )


def _aligned(result: Any, count: int) -> Aligned:
    """CTranslate2 gives (token, frame of 20 ms) pairs; a token begins where its number first comes up."""
    begins: dict[int, float] = {}
    for token, frame in result.alignments:
        begins.setdefault(token, frame / 50)
    last = max((frame for _, frame in result.alignments), default=0) / 50
    times, time = [], 0.0
    for token in range(count + 1):
        time = begins.get(token, last if token == count else time)
        times.append(time)
    return Aligned(tuple(times), tuple(result.text_token_probs[:count]))


def _available_memory() -> int | None:
    """Bytes that can be had without swapping; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")), None)


_loaded: "WeakValueDictionary[tuple[Path, Compute], Weights]" = WeakValueDictionary()
_loading = threading.Lock()


def shared_weights(name: str, folder: Path, compute: Compute) -> Weights:
    """Return the weights in ``folder``, loaded once per process for as long as somebody uses them."""
    with _loading:
        key = (folder, compute)
        weights = _loaded.get(key)
        if weights is None:
            weights = _loaded[key] = Weights(name, folder, compute)
        return weights
