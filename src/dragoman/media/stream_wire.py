"""What a stream decoder's parent tells its child.

The child gets a :class:`StreamRequest` as its argument and the bytes of the medium through its standard input. It
answers with the frames of ``decoder_wire``.
"""

import json
from dataclasses import asdict, dataclass, field

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What decoding one stream may cost before it is given up as :class:`MediaLimitExceeded`."""

    memory: int = 256 * _MIB
    """Bytes of heap and private mappings beyond what the decoder's libraries hold before they see the stream."""
    kept: int = 256 * _MIB
    """Bytes, in memory, of the beginning that is kept until its first sound is decoded: of a file whose index is at its
    end this is all of it."""
    cpu_seconds: int = 30
    """CPU time that the child may take, and one more second for each second of sound that it gave."""
    output_seconds: float = 24 * 3600.0
    """Length of the decoded sound."""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    parent_pid: int
    sample_rate: int
    """Hertz of the PCM that is wanted."""
    limits: StreamLimits = field(default_factory=StreamLimits)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "StreamRequest":
        fields = json.loads(text)
        return cls(**{**fields, "limits": StreamLimits(**fields["limits"])})
