"""The server's secret: what makes digests of keys worthless to whoever has only the database, and signs tokens."""

import os
import secrets
from pathlib import Path
from typing import Final

from dragoman.core.errors import InvalidSetting, StorageError

_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600


def secret_from_file(path: Path) -> bytes:
    """Reads the secret, or makes it. Two processes that do so at once get the same one."""
    try:
        if not path.exists():
            _create(path)
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    except OSError as error:
        raise StorageError(f"the server's secret {path} cannot be used: {error.strerror}") from error
    if len(secret) < _BYTES:
        raise InvalidSetting(
            f"{path} does not hold a secret",
            remedy=f"It holds {2 * _BYTES} hexadecimal digits. Put back the one that the keys were made with; without "
            "it every key has to be made anew",
        )
    return secret


def _create(path: Path) -> None:
    """Under a name of its own first: a link appears whole, and only one process can make it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was faster; its secret is the one
    finally:
        draft.unlink()
