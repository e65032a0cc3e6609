"""What is asked and answered over HTTP. Times are UTC; tokens are whole numbers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dragoman.accounts.scopes import Scope
from dragoman.accounts.tokens import MAX_TTL, MIN_TTL
from dragoman.billing.amounts import MAX_TOKENS
from dragoman.core.product import Product
from dragoman.core.quality import Metric

_LONGEST_LIFETIME = 100 * 366 * 86_400
"""Seconds"""

Scopes = Annotated[list[Scope], Field(min_length=1, max_length=16)]


class Asked(BaseModel):
    """No field is converted, and none is ignored."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Answered(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NewToken(Asked):
    ttl: Annotated[int, Field(ge=MIN_TTL, le=MAX_TTL, description="Seconds")]
    scopes: Annotated[Scopes | None, Field(description="Some of the key's; all when left out")] = None


class Token(Answered):
    token: str
    id: str
    expires_at: datetime
    scopes: list[Scope]


class NewAccount(Asked):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    tokens: Annotated[int, Field(ge=0, le=MAX_TOKENS, description="To begin with")] = 0


class NewGrant(Asked):
    tokens: Annotated[int, Field(ge=1, le=MAX_TOKENS)]


class Tokens(Answered):
    """What an account has."""

    balance: int
    """Both of the others."""
    reserved: int
    """Set aside for sessions that run."""
    available: int


class AccountAnswer(Tokens):
    id: str
    name: str
    created_at: datetime
    closed_at: datetime | None


class Running(Answered):
    """A session that has tokens set aside."""

    id: str
    product: Product
    source: str
    targets: list[str]
    seconds: int
    """That it would be billed if it ended now; at most a heartbeat old."""
    tokens: int
    """That it would be charged."""
    started_at: datetime


class OwnAccount(AccountAnswer):
    sessions: list[Running]


class UsageRow(Answered):
    """A session that was settled."""

    session_id: str
    key_id: str | None
    product: Product
    source: str
    targets: tuple[str, ...]
    engines: tuple[str, ...]
    seconds: int
    tokens: int
    tokens_per_second: int
    started_at: datetime
    ended_at: datetime


class Granted(Tokens):
    """The account after a grant; the same grant under the same idempotency key is answered the same."""

    transfer: int
    tokens: int


class NewKey(Asked):
    expires_in: Annotated[
        Annotated[int, Field(ge=1, le=_LONGEST_LIFETIME)] | Literal["never"] | None,
        Field(description="Seconds; as the server is configured when left out"),
    ] = None
    scopes: Annotated[Scopes | None, Field(description="As the server is configured when left out")] = None


class MadeKey(Answered):
    id: str
    key: str
    """Shown this once."""


class KeyAnswer(Answered):
    id: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the hour."""


class FigureAnswer(Answered):
    """A measured figure of quality."""

    metric: Metric
    value: float
    """WER and CER are shares of the reference (0 is perfect); chrF runs from 0 to 100 (100 is perfect)."""
    dataset: str


class HeardAnswer(Answered):
    language: str
    engine: str
    streaming: bool
    """Whether it can be heard live."""
    vocabulary: bool
    """Whether words can be taught to the engine that hears it live."""
    figure: FigureAnswer | None
    """Error rate; null for a language that was not measured."""


class TranslatedAnswer(Answered):
    source: str
    target: str
    engines: tuple[str, ...]
    via: tuple[str, ...]
    figure: FigureAnswer | None
    """chrF of a direct pair; null where none was measured."""
    estimate: float | None
    """chrF to expect, computed from the figures of the hops; null where one of them has none."""
    better: tuple[str, ...]
    """Models of the catalogue that would improve the pair."""
    from_speech: bool
    """Whether the first hop translates the audio, so that only speech can be translated, not text."""


class SpokenAnswer(Answered):
    language: str
    engine: str
    voices: tuple[str, ...]
    figure: FigureAnswer | None
    """Share of words that a recognizer mishears; null for a language that was not measured."""
    cost: float
    """CPU seconds per second of speech."""


class AlignedAnswer(Answered):
    """A language whose texts can be aligned with speech."""

    language: str
    engine: str


class ObtainableAnswer(Answered):
    """A pair that could be translated if models of the catalogue were pulled."""

    source: str
    target: str
    models: tuple[str, ...]


class CapabilitiesAnswer(Answered):
    heard: tuple[HeardAnswer, ...]
    translated: tuple[TranslatedAnswer, ...]
    spoken: tuple[SpokenAnswer, ...]
    aligned: tuple[AlignedAnswer, ...]
    obtainable: tuple[ObtainableAnswer, ...]


class LimitsAnswer(Answered):
    """Times are seconds."""

    sessions: int
    """Live sessions that this server carries at once."""
    running: int
    sessions_per_account: int
    longest: float
    idle: float
    tokens_per_second: dict[Product, int]
