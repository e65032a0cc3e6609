"""Routes for whoever has a key: tokens, the key's own account, and what this server can do."""

from fastapi import APIRouter

from dragoman.accounts.tokens import mint, read_token
from dragoman.billing.holds import Hold
from dragoman.billing.rates import charge
from dragoman.core.product import PRODUCTS
from dragoman.protocols.admin.accounts import described
from dragoman.protocols.admin.bodies import (
    CapabilitiesAnswer,
    LimitsAnswer,
    NewToken,
    OwnAccount,
    Running,
    Token,
    UsageRow,
)
from dragoman.protocols.admin.office import Caller, PageSize, TheOffice

router = APIRouter(prefix="/v1", tags=["own"])


@router.post("/tokens", status_code=201)
async def make_token(wanted: NewToken, caller: Caller, office: TheOffice) -> Token:
    """A short-lived token for a browser or a phone, good wherever a key is."""
    now = office.supervisor.clocks.utc()
    token = mint(office.secrecy, caller, wanted.ttl, now, scopes=wanted.scopes)
    scopes = sorted(read_token(office.secrecy, token.text, now).scopes)
    return Token(token=token.text, id=token.id, expires_at=token.expires_at, scopes=scopes)


@router.get("/account")
async def own_account(caller: Caller, office: TheOffice) -> OwnAccount:
    """The caller's account, and its sessions that run now."""
    account = await described(office, await office.accounts.get(caller.account_id))
    holds = await office.ledger.open_holds(caller.account_id)
    return OwnAccount(**account.model_dump(), sessions=[_running(hold) for hold in holds])


@router.get("/usage")
async def own_usage(caller: Caller, office: TheOffice, limit: PageSize = 100) -> list[UsageRow]:
    """Sessions of the caller's account that were settled, newest first."""
    return [UsageRow.model_validate(row) for row in await office.ledger.usage(caller.account_id, limit=limit)]


@router.get("/capabilities")
async def capabilities(_: Caller, office: TheOffice) -> CapabilitiesAnswer:
    """What can be heard, translated and spoken."""
    return CapabilitiesAnswer.model_validate(office.capabilities)


@router.get("/limits")
async def limits(_: Caller, office: TheOffice) -> LimitsAnswer:
    """How much fits, how much of it is taken, what one account may take, and what it costs."""
    supervisor = office.supervisor
    return LimitsAnswer(
        sessions=supervisor.governor.capacity,
        running=supervisor.governor.taken,
        sessions_per_account=supervisor.limits.sessions_per_account,
        longest=supervisor.limits.longest,
        idle=supervisor.limits.idle,
        tokens_per_second={product: office.rates.of(product) for product in PRODUCTS},
    )


def _running(hold: Hold) -> Running:
    session = hold.session
    due = charge(hold.metered_ms, session.tokens_per_second, hold.held)
    return Running(
        id=session.id,
        product=session.product,
        source=session.source,
        targets=list(session.targets),
        seconds=due.seconds,
        tokens=due.tokens,
        started_at=hold.opened_at,
    )
