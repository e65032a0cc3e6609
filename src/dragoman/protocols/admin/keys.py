"""Routes for administrators: API keys."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path

from dragoman.protocols.admin.bodies import KeyAnswer, MadeKey, NewKey
from dragoman.protocols.admin.office import Administrator, KeyDefaults, TheAccount, TheOffice

router = APIRouter(prefix="/v1", tags=["admin"])


@router.post("/accounts/{name}/keys", status_code=201)
async def create_key(account: TheAccount, wanted: NewKey, office: TheOffice) -> MadeKey:
    """A key. It is shown this once: only a digest of it is kept."""
    now = office.supervisor.clocks.utc()
    key = await office.keys.create(
        account.id,
        now,
        expires_at=_end(wanted, office.key_defaults, now),
        scopes=wanted.scopes or office.key_defaults.scopes,
    )
    return MadeKey(id=key.id, key=key.text)


@router.get("/accounts/{name}/keys")
async def list_keys(account: TheAccount, office: TheOffice) -> list[KeyAnswer]:
    """What is known of the account's keys, oldest first; revoked and expired ones too."""
    return [
        KeyAnswer(
            id=key.id,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
        )
        for key in await office.keys.all(account.id)
    ]


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(
    key_id: Annotated[str, Path(pattern="^[A-Za-z0-9_-]+$")], office: TheOffice, _: Administrator
) -> None:
    """It opens nothing any more, nor do tokens made from it; their sessions end within seconds."""
    await office.keys.revoke(key_id, office.supervisor.clocks.utc())


def _end(wanted: NewKey, defaults: KeyDefaults, now: datetime) -> datetime | None:
    match wanted.expires_in:
        case int(seconds):
            return now + timedelta(seconds=seconds)
        case "never":
            return None
        case _:
            return None if defaults.lifetime is None else now + defaults.lifetime
