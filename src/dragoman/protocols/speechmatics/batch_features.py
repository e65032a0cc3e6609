"""What can be done here, and what was: feature discovery, and the use that was made of jobs."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Query, Response

from dragoman.core.capabilities import Capabilities
from dragoman.core.language import same_language
from dragoman.jobs.usage import JobUsage, job_usage
from dragoman.protocols.speechmatics.batch_bodies import UsageAnswer, UsageItem
from dragoman.protocols.speechmatics.batch_desk import BatchCaller, TheDesk
from dragoman.protocols.speechmatics.batch_documents import milliseconds
from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.batch_routes import batch_router, json_answer, route
from dragoman.render.language_pack import language_pack_info

router = batch_router()

_FIRST = date(2000, 1, 1)
"""Before any job."""


@route(router, "GET", "/v1/discovery/features", response_model=dict[str, Any])
async def features(desk: TheDesk) -> Response:
    """Languages that can be recognised and translated to, in recordings and live; no credential is needed."""
    return json_answer(_features(desk.capabilities))


@route(router, "GET", "/v2/usage", response_model=UsageAnswer)
async def usage(
    caller: BatchCaller,
    desk: TheDesk,
    since: Annotated[date, Query(description="First day")] = _FIRST,
    until: Annotated[date | None, Query(description="Last day; today is never counted")] = None,
) -> Response:
    """What the account's jobs used, in whole days of UTC."""
    if caller.client_ref is not None:
        raise Refusal(403, "Forbidden", "A temporary key with a client_ref sees only its own jobs")
    yesterday = desk.batch.now().astimezone(UTC).date() - timedelta(days=1)
    last = yesterday if until is None else min(until, yesterday)
    begin, end = _midnight(since), _midnight(last + timedelta(days=1))
    used = await job_usage(desk.batch.jobs.database, caller.account_id, begin, end)
    answer = UsageAnswer(
        since=milliseconds(begin),
        until=milliseconds(_midnight(last)),
        summary=_summary(used),
        details=[
            UsageItem(type=each.kind, language=each.language, count=each.count, duration_hrs=each.seconds / 3600)
            for each in used
        ],
    )
    return json_answer(answer.model_dump(exclude_none=True))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _summary(used: Sequence[JobUsage]) -> list[UsageItem]:
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in used:
        counts[each.kind][0] += each.count
        counts[each.kind][1] += each.seconds
    return [UsageItem(type=kind, count=count, duration_hrs=seconds / 3600) for kind, (count, seconds) in counts.items()]


def _features(capabilities: Capabilities) -> dict[str, Any]:
    every = [heard.language for heard in capabilities.heard]
    live = [heard.language for heard in capabilities.heard if heard.streaming]
    packs = {tag: {"language_description": language_pack_info(tag)["language_description"]} for tag in every}
    none: list[str] = []
    return {
        "metadata": {"language_pack_info": packs},
        "batch": {
            "transcription": [_transcription(every)],
            "translation": [_translation(every, capabilities)],
            "languageid": none,
            "languageId": none,
        },
        "realtime": {"transcription": [_transcription(live)], "translation": [_translation(live, capabilities)]},
    }


def _transcription(languages: list[str]) -> dict[str, Any]:
    return {"version": "latest", "languages": sorted(languages), "locales": {}, "domains": {}}


def _translation(sources: list[str], capabilities: Capabilities) -> dict[str, Any]:
    targets = {
        source: [target for target in capabilities.targets_of(source) if not same_language(source, target)]
        for source in sorted(sources)
    }
    return {"version": "latest", "languages": targets}
