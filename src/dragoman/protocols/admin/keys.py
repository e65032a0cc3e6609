"""Routes for administrators: API keys."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import StringConstraints

from dragoman.protocols.admin.bodies import KeyAnswer, MadeKey, NewKey
from dragoman.protocols.admin.office import Administrator, KeyDefaults, PageSize, TheAccount, TheOffice

router = APIRouter(prefix="/v1", tags=["admin"])

KeyId = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]+$")]


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
async def list_keys(
    account: TheAccount, office: TheOffice, limit: PageSize = 100, after: Annotated[KeyId | None, Query()] = None
) -> list[KeyAnswer]:
    """What is known of the account's keys, oldest first, revoked and expired ones too; those after a key's id, to go on
    where the page before ended."""
    return [
        KeyAnswer(
            id=key.id,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
        )
        for key in await office.keys.all(account.id, after=after, limit=limit)
    ]


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: Annotated[KeyId, Path()], office: TheOffice, _: Administrator) -> None:
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
