"""The promises of the contract, as checks of a life that has been lived."""

import math
from collections import Counter
from itertools import pairwise

from tests.service.chance import Life
from tests.service.world import Heard

from dragoman.core.events import FinalTranscript, SynthesizedAudio
from dragoman.live.events import Attached, Closed, Exhausted, Initializing, Listening, Refused, SessionEvent, Trouble

OPENING = (Initializing, Attached, Listening)


def in_order(events: list[SessionEvent]) -> None:
    """Up to the end, or to where the client stopped listening."""
    kinds = [type(event) for event in events]
    opening = [kind for kind in kinds if kind in OPENING]
    assert opening == list(OPENING[: len(opening)]), kinds
    assert kinds[: len(opening)] == opening, kinds
    assert kinds.count(Closed) + kinds.count(Refused) <= 1, kinds
    if Refused in kinds:
        assert kinds[-1] is Refused, kinds
        assert Listening not in kinds, kinds
    if Closed in kinds:
        assert kinds[-1] is Closed, kinds
        assert Listening in kinds, kinds
        assert (kinds[-2] is Exhausted) == (events[-1].reason == "exhausted"), events[-2:]
    assert kinds.count(Exhausted) <= 1


def append_only(events: list[SessionEvent]) -> None:
    sentences = [event.sentence for event in events if isinstance(event, FinalTranscript)]
    for one, other in pairwise(sentences):
        assert one.end_time <= other.start_time
    audio = [event.audio for event in events if isinstance(event, SynthesizedAudio)]
    for one, other in pairwise(audio):
        assert one.end_time <= other.start_time + 1e-6


def ended_properly(life: Life, heard: Heard) -> None:
    """Only who is gone, or does not listen, or lost its server, is not told how it ended."""
    if not heard.cut_short:
        return
    assert heard.dropped_at is not None or heard.stalled or life.cut_at is not None, heard.events[-3:]


def seconds_between(first: float, last: float) -> int:
    """Rounded up, from milliseconds."""
    return max(0, math.ceil(round(1000 * (last - first)) / 1000))


def charged_by_the_clock(heard: Heard) -> None:
    """The client's own reckoning of what it owes."""
    began, closed = heard.when(Listening), heard.events[-1]
    if began is None or not isinstance(closed, Closed):
        return
    match closed.reason:
        case "stopped":
            assert heard.stopped_at is not None
            assert closed.seconds == seconds_between(began, max(began, heard.stopped_at))
        case "idle":
            assert closed.seconds == seconds_between(began, max(began, heard.last_sent))
    assert closed.seconds <= seconds_between(began, heard.times[-1])


def told_what_was_charged(life: Life) -> None:
    """What the clients were told is what stands in the books, session by session."""
    for id_, usage in life.usage.items():
        rows = Counter((row.seconds, row.tokens) for row in usage)
        told = Counter(
            (event.seconds, event.tokens)
            for heard in life.sessions
            if heard.account_id == id_
            for event in heard.events
            if isinstance(event, Closed)
        )
        assert told <= rows, (told, rows)


def books_balance(life: Life, *, to_the_millisecond: bool) -> None:
    assert life.audit is not None
    assert life.audit.findings == ()
    assert life.open_holds == 0
    for customer in life.customers:
        charged = sum(row.tokens for row in life.usage[customer.id])
        balance = life.balances[customer.id]
        assert balance.reserved == 0
        granted = life.granted[customer.id]
        assert granted >= customer.granted
        assert 0 <= charged <= granted
        assert balance.available == granted - charged
        for row in life.usage[customer.id]:
            assert row.tokens <= row.seconds * life.rate
            if to_the_millisecond and row.seconds:
                assert row.tokens > (row.seconds - 1) * life.rate  # nothing is given away
            if row.session_id in life.heartbeats:
                assert row.seconds <= life.heartbeats[row.session_id] // 1000


def check(life: Life, *, to_the_millisecond: bool = True) -> None:
    """``to_the_millisecond`` where time is played: on a busy machine, that tokens have run out is noticed late."""
    for heard in life.sessions:
        in_order(heard.events)
        append_only(heard.events)
        ended_properly(life, heard)
        if to_the_millisecond:
            charged_by_the_clock(heard)
    if not life.locked:
        told_what_was_charged(life)
    books_balance(life, to_the_millisecond=to_the_millisecond)


def ends(heard: Heard) -> list[str]:
    last = heard.events[-1] if heard.events else None
    match last:
        case Closed(reason):
            return [reason]
        case Refused(error):
            return [error.code]
        case _:
            return ["unheard", *[event.error.code for event in heard.events if isinstance(event, Trouble)]]
