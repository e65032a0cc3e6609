"""A form as it arrives, piece by piece: the parts of ``multipart/form-data``, in whatever order. Pure."""

from dataclasses import dataclass
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from dragoman.protocols.speechmatics.batch_faults import Refusal

_MAX_HEADERS: Final = 10
_MAX_HEADER_SIZE: Final = 4096
"""Of one part; names of files are the longest."""
_MAX_NAME: Final = 255
"""Characters of a file's name that are kept."""


@dataclass(frozen=True, slots=True)
class PartBegins:
    name: str
    """Of the field."""
    file_name: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnds:
    pass


FormEvent = PartBegins | PartData | PartEnds


class FormReader:
    """Every method raises :class:`Refusal` for what is no form."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind.lower() != b"multipart/form-data" or not options.get(b"boundary"):
            raise _malformed("the body should be multipart/form-data, with a boundary")
        self._events: list[FormEvent] = []
        self._data: list[bytes] = []
        """Of the part, since the last event: the parser gives what looks like a boundary piece by piece."""
        self._field, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._is_over = False
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._headers.clear,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
                max_header_count=_MAX_HEADERS,
                max_header_size=_MAX_HEADER_SIZE,
            )
        except MultipartParseError as error:
            raise _malformed(f"the boundary cannot be used: {error}") from error

    def feed(self, data: bytes) -> list[FormEvent]:
        """What these bytes tell."""
        self._events = []
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise _malformed(f"the form cannot be read: {error}") from error
        self._gather()
        return self._events

    def close(self) -> None:
        """No more comes."""
        if not self._is_over:
            raise _malformed("the form breaks off before its end")

    def _gather(self) -> None:
        if self._data:
            self._events.append(PartData(b"".join(self._data)))
            self._data = []

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field, self._value = b"", b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"name" not in options:
            raise _malformed("a part of the form has no name")
        file_name = options.get(b"filename")
        name = options[b"name"].decode("utf-8", "replace")
        self._events.append(PartBegins(name, None if file_name is None else plain_name(file_name)))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(data[start:end])

    def _on_part_end(self) -> None:
        self._gather()
        self._events.append(PartEnds())

    def _on_end(self) -> None:
        self._is_over = True


def plain_name(raw: bytes) -> str:
    """A file's name without folders and without what cannot be shown; it is told to whoever asks, and used for nothing
    else."""
    last = raw.decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
    return "".join(character if character.isprintable() else "�" for character in last)[:_MAX_NAME]


def _malformed(reason: str) -> Refusal:
    return Refusal(400, "Malformed request", reason[:1].upper() + reason[1:])
