"""Whom a job names: where its recording and its text are to be had, and who is told its end."""

from collections.abc import Iterator, Sequence
from typing import Literal

from dragoman.core.errors import InvalidOption
from dragoman.core.options import Fetch, Notification
from dragoman.jobs.notify import CONTENTS, content_name
from dragoman.jobs.outbound import checked_headers, checked_url
from dragoman.protocols.speechmatics.batch_config import FetchData, NotificationConfig, refused


def fetch(wanted: FetchData | None, field: str, what: Literal["audio", "text"] = "audio") -> Fetch | None:
    if wanted is None:
        return None
    _check(wanted.url, wanted.auth_headers, field)
    return Fetch(wanted.url, tuple(wanted.auth_headers), what)


def notifications(wanted: Sequence[NotificationConfig]) -> Iterator[Notification]:
    for place, each in enumerate(wanted):
        field = f"notification_config[{place}]"
        _check(each.url, each.auth_headers, field)
        for content in each.contents or ():
            if content_name(content) is None:
                choices = f"transcript, alignment, {', '.join(CONTENTS)}"
                raise refused(f"{field}.contents is {content[:50]!r}: it can be {choices}")
        contents = None if each.contents is None else tuple(each.contents)
        yield Notification(each.url, contents, each.method, tuple(each.auth_headers))


def _check(url: str, headers: Sequence[str], field: str) -> None:
    try:
        checked_url(url, f"{field}.url")
        checked_headers(headers, f"{field}.auth_headers")
    except InvalidOption as error:
        raise refused(str(error)) from error
