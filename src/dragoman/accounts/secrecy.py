"""What is made with the server's secret. Each use has a key of its own, so that none tells anything of another."""

import hashlib
import hmac
from dataclasses import dataclass, field

from dragoman.core.errors import InvalidSetting

_LEAST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Keys derived from the server's secret."""

    digest_key: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "Secrecy":
        """Raises :class:`InvalidSetting` for a secret of fewer than 32 bytes."""
        if len(secret) < _LEAST_BYTES:
            raise InvalidSetting("the server's secret is too short", remedy=f"Allowed: {_LEAST_BYTES} bytes or more")
        return cls(_derived(secret, b"dragoman api key digests"), _derived(secret, b"dragoman access tokens"))

    def digest(self, text: str) -> bytes:
        """32 bytes. Keys are random, so one fast digest is as good as a slow one."""
        return hmac.digest(self.digest_key, text.encode(), hashlib.sha256)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, purpose, hashlib.sha256)
