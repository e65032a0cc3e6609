import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dragoman.core.options import JobOptions, RunOptions, Shortfall
from dragoman.core.transcript import Punctuation, Sentence, Transcript, Translation, Word
from dragoman.jobs.model import Job, JobError, Submission
from dragoman.jobs.results import Result
from dragoman.protocols.speechmatics.batch_documents import details, document, log, notified

pytestmark = pytest.mark.anyio

AT = datetime(2026, 2, 3, 10, 0, 0, 123_987, tzinfo=UTC)
CONFIG = (
    '{"type":"transcription","transcription_config":{"language":"en"},'
    '"translation_config":{"target_languages":["no","nb","cmn"]}}'
)
RUN = RunOptions("en", ("nb", "zh"))
JOB = Job("k3v9q2m1xz", Submission("acme", CONFIG, JobOptions(RUN), data_name="a.wav", duration=1.4), "done", "over",
          100, (JobError(AT, "error sending notification: http status code 500"),), AT, AT)  # fmt: skip
SENTENCE = Sentence((Word("Boats", 0.5, 1.0), Punctuation(".", 1.0, is_eos=True)), "en")
TRANSLATIONS = {"nb": (Translation("Båter.", "nb", 0.5, 1.0),), "zh": (Translation("船。", "zh", 0.5, 1.0),)}
RESULT = Result(Transcript("en", 1.4, (SENTENCE,), TRANSLATIONS, notices=("its tail is broken",)), ())


async def read(result=RESULT):
    return json.loads(await document(JOB, result, "json-v2"))


async def test_translations_are_called_as_the_client_calls_their_languages():
    made = (await read())["translations"]
    assert {code: [each["content"] for each in sentences] for code, sentences in made.items()} == {
        "no": ["Båter."],
        "nb": ["Båter."],
        "cmn": ["船。"],
    }


async def test_a_translation_that_failed_in_a_step_is_missing_under_all_its_names():
    failed = Shortfall("translation", "translation_failed", "the engine broke", "nb")
    made = await read(replace(RESULT, shortfalls=(failed,)))
    assert (made["translations"]["no"], made["translations"]["nb"]) == ([], [])
    assert made["translations"]["cmn"]
    assert {error["type"] for error in made["metadata"]["translation_errors"]} == {"translation_failed"}


async def test_what_the_document_has_no_place_for_stands_in_the_log():
    noted = Shortfall("configuration", "no_effect", "Without effect: x")
    result = replace(RESULT, shortfalls=(noted,))
    assert "configuration_errors" not in (await read(result))["metadata"]
    assert log(JOB, result).splitlines() == [
        "2026-02-03T10:00:00.123Z accepted",
        "2026-02-03T10:00:00.123Z error sending notification: http status code 500",
        "2026-02-03T10:00:00.123Z done",
        "configuration: no_effect: Without effect: x",
        "notice: its tail is broken",
    ]


def test_details_of_a_job():
    made = details(JOB, with_config=False)
    assert made == {
        "created_at": "2026-02-03T10:00:00.123Z",
        "data_name": "a.wav",
        "duration": 1,
        "id": "k3v9q2m1xz",
        "status": "done",
        "errors": [{"timestamp": "2026-02-03T10:00:00.123Z", "message": JOB.errors[0].message}],
        "progress": {"stage": "over", "percent": 100},
    }


async def test_a_notification_carries_what_there_is():
    names = ("jobinfo", "transcript.json-v2", "transcript.txt", "transcript.srt", "text", "alignment.one_per_line")
    made = {document.name: document.data for document in await notified(JOB, RESULT, names)}
    assert list(made) == list(names[:4])
    assert made["transcript.txt"] == b"Boats."
    assert json.loads(made["jobinfo"])["job"]["config"] == json.loads(CONFIG)
    rejected = await notified(replace(JOB, status="rejected"), None, names)
    assert [document.name for document in rejected] == ["jobinfo"]


async def test_a_notification_carries_the_recording():
    async def pieces():
        yield b"RIFF"

    data = pieces()
    (made,) = await notified(JOB, None, ("data",), data)
    assert made.data is data
