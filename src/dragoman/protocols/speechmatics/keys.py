"""Temporary keys, as Speechmatics' management platform makes them: for browsers, and whoever must never hold a key."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from dragoman.accounts.tokens import MAX_TTL, MIN_TTL, mint
from dragoman.core.product import Product
from dragoman.protocols.admin.office import Caller, TheOffice
from dragoman.protocols.speechmatics.batch_routes import FAULTS
from dragoman.protocols.speechmatics.route import SpeechmaticsRoute

router = APIRouter(prefix="/v1", tags=["speechmatics"], route_class=SpeechmaticsRoute, responses=FAULTS)

_PRODUCTS: dict[str, Product] = {"rt": "realtime", "batch": "batch"}


class NewTemporaryKey(BaseModel):
    """Fields that are not known are ignored, as that platform does."""

    model_config = ConfigDict(strict=True)

    ttl: Annotated[int, Field(ge=MIN_TTL, le=MAX_TTL, description="Seconds")]
    client_ref: Annotated[
        str | None, Field(max_length=200, description="A batch key with it sees only jobs made with the same")
    ] = None
    region: Annotated[Any, Field(description="Ignored: there is one")] = None


class TemporaryKey(BaseModel):
    apikey_id: None = None
    key_value: str
    """A JWT, good for the product alone."""


@router.post("/api_keys", status_code=201)
@router.post("/api-keys", status_code=201, include_in_schema=False)
async def make_temporary_key(
    wanted: NewTemporaryKey,
    caller: Caller,
    office: TheOffice,
    kind: Annotated[Literal["rt", "batch"], Query(alias="type", description="What it is good for")] = "batch",
) -> TemporaryKey:
    """A short-lived key made from the caller's."""
    product, now = _PRODUCTS[kind], office.supervisor.clocks.utc()
    client_ref = wanted.client_ref if product == "batch" else None
    token = mint(office.secrecy, caller, wanted.ttl, now, scopes=[product], client_ref=client_ref)
    return TemporaryKey(key_value=token.text)
