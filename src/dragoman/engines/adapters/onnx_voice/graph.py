"""Edit ONNX models as bytes, so that the ``onnx`` package is not needed where speech is made.

An ONNX file is one protobuf message, ``ModelProto``. Two edits are enough here: give an inner tensor out as well, and
keep only what is needed to compute it. Field numbers are those of ``onnx.proto``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from mmap import mmap

Buffer = bytes | mmap

_GRAPH = 7  # ModelProto.graph
_NODE, _INITIALIZER, _OUTPUT = 1, 5, 12  # GraphProto
_VALUE_NAME = 1  # ValueInfoProto.name
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR = 1, 2, 4  # NodeProto
_TENSOR_NAME = 8  # TensorProto.name


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    begin: int
    """Where the field begins, tag included."""
    content: int
    """Where its value begins."""
    end: int


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of a graph."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def added_outputs(names: Iterable[str]) -> bytes:
    """Bytes which, put behind those of a model, give inner tensors out as well, behind its own outputs."""
    # Concatenated protobuf messages merge: the graph of the second is added to that of the first.
    return _field(_GRAPH, _outputs(names))


def pruned(model: Buffer, outputs: Iterable[str]) -> bytes:
    """The model with these outputs alone, and without the nodes and weights that they do not depend on."""
    outputs = tuple(outputs)
    view = memoryview(model)
    graph = _graph(view)
    parts = list(_fields(view, graph.content, graph.end))
    nodes = {part: _node(view, part) for part in parts if part.number == _NODE}
    needed = _ancestors(nodes.values(), outputs)
    kept = [part for part in parts if _is_kept(view, part, nodes, needed)]
    body = b"".join([bytes(view[part.begin : part.end]) for part in kept]) + _outputs(outputs)
    around = bytes(view[: graph.begin]), bytes(view[graph.end :])
    return around[0] + _field(_GRAPH, body) + around[1]


def nodes(model: Buffer) -> tuple[Node, ...]:
    """The operations of a model, in its order. Raises ValueError for bytes that are no model."""
    view = memoryview(model)
    graph = _graph(view)
    return tuple(_node(view, part) for part in _fields(view, graph.content, graph.end) if part.number == _NODE)


def _graph(view: memoryview) -> _Field:
    for part in _fields(view, 0, len(view)):
        if part.number == _GRAPH:
            return part
    raise ValueError("there is no graph in it")


def _is_kept(view: memoryview, part: _Field, nodes: dict[_Field, Node], needed: set[str]) -> bool:
    if part.number == _OUTPUT:
        return False
    if part.number == _NODE:
        return not needed.isdisjoint(nodes[part].outputs)
    if part.number == _INITIALIZER:
        return _text(view, part, _TENSOR_NAME)[0] in needed
    return True


def _ancestors(nodes: Iterable[Node], outputs: Iterable[str]) -> set[str]:
    """Names of all tensors that ``outputs`` are computed from, themselves included."""
    made_by = {name: node for node in nodes for name in node.outputs}
    needed: set[str] = set()
    waiting = list(outputs)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += made_by[name].inputs if name in made_by else ()
    return needed


def _node(view: memoryview, part: _Field) -> Node:
    return Node(
        _text(view, part, _NODE_OPERATOR)[0],
        tuple(_text(view, part, _NODE_INPUT)),
        tuple(_text(view, part, _NODE_OUTPUT)),
    )


def _text(view: memoryview, message: _Field, number: int) -> list[str]:
    inside = _fields(view, message.content, message.end)
    return [str(view[field.content : field.end], "utf-8") for field in inside if field.number == number]


def _fields(view: memoryview, begin: int, end: int) -> Iterator[_Field]:
    while begin < end:
        tag, content = _read_varint(view, begin)
        match tag & 7:
            case 0:
                after = _read_varint(view, content)[1]
            case 1:
                after = content + 8
            case 2:
                length, content = _read_varint(view, content)
                after = content + length
            case 5:
                after = content + 4
            case other:
                raise ValueError(f"it is no protobuf message (wire type {other})")
        if after > end:
            raise ValueError("it ends too early")
        yield _Field(tag >> 3, begin, content, after)
        begin = after


def _read_varint(view: memoryview, place: int) -> tuple[int, int]:
    """The number, and the place behind it."""
    value = shift = 0
    while True:
        if place >= len(view) or shift > 63:
            raise ValueError("it ends too early")
        byte = view[place]
        value |= (byte & 0x7F) << shift
        place += 1
        shift += 7
        if byte < 0x80:
            return value, place


def _outputs(names: Iterable[str]) -> bytes:
    return b"".join(_field(_OUTPUT, _field(_VALUE_NAME, name.encode())) for name in names)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])
