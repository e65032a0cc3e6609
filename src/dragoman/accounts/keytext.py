"""How an API key is written: ``dgm_``, its id, ``_``, its secret.

The prefix lets scanners find keys that leaked, the id lets people talk about a key without showing it.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Final

PREFIX: Final = "dgm_"
_ID_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_ID_LENGTH: Final = 12
_SECRET_BYTES: Final = 32

_FORM: Final = re.compile(r"dgm_([a-z0-9]{12})_[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeyText:
    """A whole key. It is shown once, where it was made."""

    id: str
    text: str = field(repr=False)


def new_key() -> KeyText:
    key_id = "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))
    return KeyText(key_id, f"{PREFIX}{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}")


def parse_key(text: str) -> KeyText | None:
    """None when it has not the form of a key."""
    match = _FORM.fullmatch(text)
    return KeyText(match.group(1), text) if match else None
