"""What a client is told without its session ending."""

from dataclasses import dataclass
from typing import Literal

WarningType = Literal[
    "validation_warning",
    "unsupported_translation_pair",
    "empty_translation_target_list",
    "translation_failed",
    "speaker_id",
    "idle_timeout",
    "session_timeout",
    "add_audio_after_eos",
]


@dataclass(frozen=True, slots=True)
class Warned:
    reason: str
    kind: WarningType = "validation_warning"
