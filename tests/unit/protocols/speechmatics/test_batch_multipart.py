import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.protocols.speechmatics.batch_faults import Refusal
from dragoman.protocols.speechmatics.batch_multipart import FormReader, PartBegins, PartData, PartEnds, plain_name

KIND = "multipart/form-data; boundary=----it"


def form(*parts, end=b"------it--\r\n"):
    """Of (header, content)."""
    written = (
        b"------it\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + body + b"\r\n" for head, body in parts
    )
    return b"".join(written) + end


def read(data, cuts=()):
    reader = FormReader(KIND)
    events = []
    for begin, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
        events += reader.feed(data[begin:end])
    reader.close()
    parts = []
    for event in events:
        match event:
            case PartBegins(name, file_name):
                parts.append([name, file_name, b""])
            case PartData(data):
                parts[-1][2] += data
            case PartEnds():
                parts[-1].append("ended")
    return parts


@given(st.data())
def test_the_same_parts_come_out_however_they_arrive(data):
    content = data.draw(st.binary(max_size=200).filter(lambda raw: b"------it" not in raw))
    whole = form((b'name="config"', b"{}"), (b'name="data_file"; filename="a.wav"', content))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))
    assert read(whole, cuts) == [["config", None, b"{}", "ended"], ["data_file", "a.wav", content, "ended"]]


@pytest.mark.parametrize(
    "kind",
    ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=a", "multipart/form-data; boundary="],
)
def test_other_bodies_are_refused(kind):
    with pytest.raises(Refusal, match="Malformed request"):
        FormReader(kind)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        form((b'name="config"', b"{}"), end=b""),
        form((b'nome="config"', b"{}")),
        form((b'name="' + b"x" * 5000 + b'"', b"{}")),
        b"------it\r\n" + b"X: y\r\n" * 11 + b"\r\n\r\n------it--\r\n",
    ],
)
def test_forms_that_are_none_are_refused(body):
    with pytest.raises(Refusal, match="Malformed request"):
        read(body)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"a.wav", "a.wav"),
        (b"../../etc/passwd", "passwd"),
        (rb"C:\fakepath\a.wav", "a.wav"),
        (b"a\0b\n.wav", "a�b�.wav"),
        ("señor.wav".encode(), "señor.wav"),
        (b"\xff.wav", "�.wav"),
        (b"x" * 1000, "x" * 255),
        (b"", ""),
    ],
)
def test_names_of_files_are_only_names(raw, name):
    assert plain_name(raw) == name
