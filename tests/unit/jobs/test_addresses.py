"""Nothing behind this server is reached by whoever can name a URL."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.errors import InvalidSetting
from dragoman.jobs.addresses import is_public, networks

BEHIND_US = """
    127.0.0.1 127.8.9.1 10.0.0.1 172.16.3.4 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 0.0.0.1 192.0.0.8 198.18.0.1
    224.0.0.1 240.0.0.1 255.255.255.255 192.0.2.1 ::1 :: fe80::1 fec0::1 fc00::1 fd12::1 ff02::1 ff0e::1 2001:db8::1
    ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2002:c0a8:101::
    2001:0:4136:e378:8000:63bf:3fff:fdd2
"""
OUT_THERE = "8.8.8.8 1.1.1.1 93.184.216.34 2606:4700::1111 2a00:1450:4001:81b::200e ::ffff:8.8.8.8 64:ff9b::808:808"


@pytest.mark.parametrize("address", BEHIND_US.split())
def test_what_is_behind_us_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUT_THERE.split())
def test_what_is_out_there_is(address):
    assert is_public(ipaddress.ip_address(address))


PRIVATE = [ipaddress.ip_network(net) for net in ("127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "169.254.0.0/16")]


@given(
    st.sampled_from(PRIVATE), st.integers(0, 2**32 - 1), st.sampled_from(["", "::ffff:", "64:ff9b::", "::", "2002:"])
)
def test_no_way_of_writing_a_private_address_makes_it_public(network, host, way):
    inner = ipaddress.IPv4Address(int(network.network_address) | (host & int(network.hostmask)))
    groups = f"{int(inner) >> 16:x}:{int(inner) & 0xFFFF:x}"
    text = {"": str(inner), "2002:": f"2002:{groups}::"}.get(way, f"{way}{groups}")
    assert not is_public(ipaddress.ip_address(text))


def test_what_the_operator_allows():
    allowed = networks(["10.0.0.0/8", " 127.0.0.1 ", "fd00::/8"])
    assert ipaddress.ip_address("10.2.3.4") in allowed[0]
    with pytest.raises(InvalidSetting, match="nonsense"):
        networks(["nonsense"])
