import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.errors import InvalidMessage
from dragoman.protocols.socketio import packets
from dragoman.protocols.socketio.packets import MAX_ATTACHMENTS, Kind, Packet, decode, filled

NAMESPACE = "/api/realtime-translator"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(), inner, max_size=4), max_leaves=8,
)  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "packet"),
    [
        ("40", Packet(Kind.CONNECT, "/", None, None)),
        (f"40{NAMESPACE},", Packet(Kind.CONNECT, NAMESPACE, None, None)),
        (f"40{NAMESPACE}", Packet(Kind.CONNECT, NAMESPACE, None, None)),
        (f"40{NAMESPACE}?apiKey=k,", Packet(Kind.CONNECT, NAMESPACE, None, None)),
        (f'40{NAMESPACE},{{"token":"t"}}', Packet(Kind.CONNECT, NAMESPACE, None, {"token": "t"})),
        (f"41{NAMESPACE},", Packet(Kind.DISCONNECT, NAMESPACE, None, None)),
        ('42["e"]', Packet(Kind.EVENT, "/", None, ["e"])),
        (f'42{NAMESPACE},["e",{{"a":1}}]', Packet(Kind.EVENT, NAMESPACE, None, ["e", {"a": 1}])),
        (f'42{NAMESPACE},17["e"]', Packet(Kind.EVENT, NAMESPACE, 17, ["e"])),
        (
            f'451-{NAMESPACE},["e",{{"_placeholder":true,"num":0}}]',
            Packet(Kind.BINARY_EVENT, NAMESPACE, None, ["e", {"_placeholder": True, "num": 0}], 1),
        ),
    ],
)
def test_frames_of_the_npm_client(frame, packet):
    assert decode(frame) == packet


@pytest.mark.parametrize(
    "frame",
    [
        "4", "49", "47[]", "42", "42[]", "42{}", "42[1]", '42["e"', "42nonsense", f"42{NAMESPACE}", '42/ns["e"]',
        '40"text"', "40[1]", "43[]", "44{}", '45["e"]', '450-["e"]', f'45{MAX_ATTACHMENTS + 1}-["e"]', '421-["e"]',
        "461-[]", "42[" * 3000, "459999999999-[1]", '42["e",NaN]',
    ],
)  # fmt: skip
def test_malformed_frames_are_refused_without_being_repeated(frame):
    with pytest.raises(InvalidMessage) as caught:
        decode(frame)
    assert str(caught.value) == "This is no Socket.IO packet. Use a Socket.IO client of version 3 or 4"


@given(st.text())
def test_no_text_breaks_the_decoder(text):
    for frame in (text, f"42{text}", f"42{NAMESPACE},{text}"):
        try:
            packet = decode(frame)
        except InvalidMessage:
            continue
        assert packet.kind in Kind


@given(st.text(), JSON, st.none() | st.integers(0, 10**9))
def test_events_survive_the_wire(name, payload, packet_id):
    frame = f"42{NAMESPACE},{'' if packet_id is None else packet_id}{json.dumps([name, payload])}"
    assert decode(frame) == Packet(Kind.EVENT, NAMESPACE, packet_id, [name, payload])


@given(st.text(), st.dictionaries(st.text(), JSON, max_size=4))
def test_what_the_server_sends_can_be_read(name, payload):
    packet = decode(packets.event(NAMESPACE, name, payload))
    assert (packet.event, packet.payload) == (name, payload)


def test_an_event_without_payload_has_no_argument():
    assert packets.event(NAMESPACE, "ready_for_audio") == f'42{NAMESPACE},["ready_for_audio"]'


def test_refusals():
    assert packets.refused("/", "no") == '44{"message":"no"}'
    assert packets.refused("/a", "no", {"code": "c"}) == '44/a,{"message":"no","data":{"code":"c"}}'


def test_acknowledgement():
    assert packets.acknowledged("/a", 3) == "43/a,3[]"


def test_greeting_speaks_milliseconds():
    frame = packets.opened("s", ping_interval=25, ping_timeout=20, max_payload=9)
    assert json.loads(frame[1:]) == {
        "sid": "s", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 9,
    }  # fmt: skip


def binary(payload, count=1):
    return Packet(Kind.BINARY_EVENT, "/", 5, ["e", payload], count)


def test_attachments_take_their_places():
    place = {"_placeholder": True, "num": 0}
    assert filled(binary(place), [b"x"]) == Packet(Kind.EVENT, "/", 5, ["e", b"x"])
    assert filled(binary({"audioData": place, "seq": 1}), [b"x"]).payload == {"audioData": b"x", "seq": 1}


@given(JSON)
def test_placeholders_that_point_nowhere_are_nothing(number):
    payload = filled(binary({"audioData": {"_placeholder": True, "num": number}}), [b"x"]).payload
    assert payload["audioData"] in (None, b"x")
