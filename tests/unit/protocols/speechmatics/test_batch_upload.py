"""Uploads that are large, slow, broken off or hostile: the documented error each, and nothing left behind."""

import io
import json
import tracemalloc
import zipfile

import anyio
import av
import pytest
from tests.unit.protocols.speechmatics.batch import TOKENS, config, write_wav
from tests.unit.protocols.speechmatics.test_batch_rest import fault

from dragoman.protocols.speechmatics.batch_upload import UploadLimits, Uploads

pytestmark = pytest.mark.anyio

BOUNDARY = b"--it\r\n"
HEADS = {
    "config": b'Content-Disposition: form-data; name="config"\r\n\r\n',
    "data_file": b'Content-Disposition: form-data; name="data_file"; filename="a.wav"\r\n\r\n',
}


def part(name, content):
    return BOUNDARY + HEADS[name] + content + b"\r\n"


class Answer:
    def __init__(self):
        self.status_code, self.headers, self.text = None, {}, ""

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status_code = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.text += message["body"].decode()

    def json(self):
        return json.loads(self.text)


async def posted(face, *messages, then=None, headers=(), pause=0.0):
    """A request as it comes from the network. ``then`` is what comes when all has come, {} for nothing any more; with
    ``pause`` it never has."""
    left = list(messages)

    async def receive():
        if pause:
            await anyio.sleep(pause)
            return {"type": "http.request", "body": left.pop(0) if left else b"x", "more_body": True}
        if not left:
            return then or await anyio.sleep_forever()
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or then is not None}

    answer = Answer()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v2/jobs",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "http_version": "1.1",
        "headers": [
            (b"authorization", f"Bearer {face.key}".encode()),
            (b"content-type", b"multipart/form-data; boundary=it"),
            (b"transfer-encoding", b"chunked"),
            *headers,
        ],
    }
    await face.application(scope, receive, answer.send)
    return answer


def limited(face, **limits):
    object.__setattr__(face.desk, "uploads", Uploads(UploadLimits(**limits)))


async def test_a_request_in_small_pieces_is_a_job(face):
    whole = part("data_file", face.silence) + part("config", json.dumps(config()).encode()) + b"--it--\r\n"
    answer = await posted(face, *(whole[at : at + 1000] for at in range(0, len(whole), 1000)))
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "begun", [b"", BOUNDARY, part("config", b"{}"), part("config", b"{}") + part("data_file", b"x" * 5000)[:-100]]
)
async def test_a_client_that_leaves_in_the_middle_leaves_nothing(face, begun):
    answer = await posted(face, begun, then={"type": "http.disconnect"})
    assert answer.status_code is None
    assert await face.is_untouched()
    with face.desk.uploads.arriving(face.yard.account):
        assert sum(face.desk.uploads._arriving.values()) == 1


async def test_an_upload_that_stands_still_is_refused(face):
    limited(face, idle=0.05)
    answer = await posted(face, part("data_file", b"x" * 5000), then={})
    fault(answer, 408, "Bad Request")
    assert answer.headers["connection"] == "close"
    assert await face.is_untouched()


async def test_an_upload_that_drips_is_refused(face):
    """Every piece comes in time, and all of them together too slowly."""
    limited(face, idle=5.0, grace=0.2, slowest=1 << 20)
    fault(await posted(face, part("data_file", b"x" * 5000), pause=0.05), 408, "Bad Request")
    assert await face.is_untouched()


async def test_a_recording_that_is_too_large_is_refused(face):
    limited(face, size=len(face.silence) - 1)
    fault(await face.submit(), 413, "Bad Request")
    assert await face.is_untouched()
    limited(face, size=len(face.silence))
    await face.job()


async def test_an_endless_form_is_refused(face):
    limited(face, size=1000)
    pieces = [b"x" * (1 << 20)] * 5
    text = BOUNDARY + b'Content-Disposition: form-data; name="text_file"\r\n\r\n'
    fault(await posted(face, text, *pieces, b"x"), 400, "Job rejected due to invalid text")
    behind = BOUNDARY + b'Content-Disposition: form-data; name="config"\r\n\r\n{}\r\n--it--\r\n'
    fault(await posted(face, behind, *pieces, b"x"), 413)


async def test_a_configuration_that_is_too_large_is_refused(face):
    fault(await face.submit(" " * (5 << 20)), 413)
    assert await face.is_untouched()


async def test_an_account_uploads_so_many_at_once(face):
    limited(face, per_account=0)
    fault(await face.submit(), 429, "Job error")


def zipped(size):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wav", bytes(size))
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense " * 1000, b"RIFF\x24\0\0\0WAVEfmt ", zipped(50 << 20), b"\0" * 100_000],
    ids=["empty", "text", "cut", "zip", "zeroes"],
)
async def test_what_is_no_recording_is_refused(face, content):
    fault(await face.submit(recording=content), 400, "Job rejected due to invalid audio")
    assert await face.is_untouched()


async def test_a_recording_without_samples_is_refused(face):
    empty = write_wav(face.folder / "empty.wav", 0).read_bytes()
    fault(await face.submit(recording=empty), 400, "Job rejected due to invalid audio")
    assert await face.is_untouched()


async def test_a_small_file_of_endless_silence_is_refused(face):
    """A FLAC of ten minutes of nothing is small."""
    path = face.folder / "bomb.flac"
    with av.open(path, "w") as container:
        stream = container.add_stream("flac", rate=8000, layout="mono")
        for _ in range(600):
            frame = av.AudioFrame(format="s16", layout="mono", samples=8000)
            frame.sample_rate = 8000
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    face.limit(longest=60.0)
    assert path.stat().st_size < 200_000
    detail = fault(await face.submit(recording=path.read_bytes()), 400, "Job rejected due to invalid audio")
    assert "60 s are allowed" in detail
    assert await face.is_untouched()


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ("{", "Job rejected"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "Job rejected"),
        (config("tlh"), "Job rejected"),
        (config(targets=["es", "fr", "de", "it", "pt", "ca"]), "Job rejected"),
        (config(fetch_data={"url": "https://example.org/a.wav"}), "Job rejected"),
        ({"type": "transcription"}, "No language selected"),
    ],
    ids=["json", "characters", "language", "targets", "sources", "nothing"],
)
async def test_a_wrong_configuration_is_refused(face, wanted, error):
    fault(await face.submit(wanted), 400, error)
    assert await face.is_untouched()


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ([("config", (None, json.dumps(config())))], "Missing data_file"),
        ([("data_file", ("a.wav", b"x"))], "Malformed request"),
        ([("config", (None, "{}")), ("config", (None, "{}"))], "Malformed request"),
        ([("config", (None, "{}")), ("data", (None, "{}"))], "Malformed request"),
        ([("config", (None, json.dumps(config()))), ("text_file", ("a.txt", "a"))], "Job rejected"),
    ],
    ids=["recording", "config", "twice", "unknown", "text"],
)
async def test_a_form_with_wrong_parts_is_refused(face, form, error):
    fault(await face.ask("POST", "/v2/jobs", files=form), 400, error)
    assert await face.is_untouched()


async def test_what_is_no_form_is_refused(face):
    fault(await face.ask("POST", "/v2/jobs", json=config()), 400, "Malformed request")
    fault(await face.ask("POST", "/v2/jobs"), 400, "Malformed request")
    fault(await posted(face, part("config", b"{}")), 400, "Malformed request")


async def test_a_refusal_waits_for_the_body_that_is_on_its_way(face):
    """One client looks at no answer before it has sent all."""
    messages = [b"x" * 1000] * 5
    face.key = "nonsense"
    answer = await posted(face, *messages)
    fault(answer, 401)
    assert "connection" not in answer.headers
    unasked = await posted(face, *messages, headers=[(b"expect", b"100-continue")])
    fault(unasked, 401)
    assert unasked.headers["connection"] == "close"


async def test_a_large_recording_never_lies_in_memory(face):
    large = write_wav(face.folder / "large.wav", 4500).read_bytes()  # 72 MB
    pieces = [large[at : at + (1 << 16)] for at in range(0, len(large), 1 << 16)]
    tracemalloc.start()
    try:
        answer = await posted(
            face,
            part("config", json.dumps(config()).encode()),
            BOUNDARY + HEADS["data_file"],
            *pieces,
            b"\r\n--it--\r\n",
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 201, answer.text
    assert peak < 16 << 20
    assert (await face.yard.ledger.balance(face.yard.account)).available == TOKENS - 9000
