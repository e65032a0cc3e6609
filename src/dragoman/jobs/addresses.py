"""Where jobs may connect to: public addresses, and those that the operator allows.

A client names URLs that this server calls. Checked is the address of each socket just before it connects, so neither a
redirect nor a name that answers differently the second time (DNS rebinding) leads to a machine behind us.
"""

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, Final

import aiohttp

from dragoman.core.errors import InvalidSetting

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NOT_PUBLIC: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments; a few of them count as global
            "::/96",  # IPv4 inside IPv6, of old
            "64:ff9b:1::/48",  # NAT64 of a site
            "fec0::/10",  # site-local, of old
        ),
    )
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(OSError):
    """The socket would leave the public Internet. An OSError, so that another address of the same name is tried."""


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet reaches it under this address; one IPv4 address inside an IPv6 one counts."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _translated(address)
        if inner is not None:
            return is_public(inner)
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in network for network in _NOT_PUBLIC if network.version == address.version)


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def networks(allowed: Sequence[str]) -> tuple[Network, ...]:
    """Of a setting: addresses and networks that jobs may reach although they are not public.

    Raises :class:`InvalidSetting`.
    """
    try:
        return tuple(ipaddress.ip_network(entry.strip(), strict=False) for entry in allowed)
    except ValueError as error:
        raise InvalidSetting(
            f"jobs.allowed_addresses: {error}", remedy="Name addresses or networks, such as 10.0.0.0/8"
        ) from error


def checked_connector(allowed: Sequence[Network]) -> aiohttp.TCPConnector:
    """Connects to nothing else; at most 20 connections at once, 5 of them to one host."""

    def open_socket(info: Any) -> socket.socket:
        family, kind, protocol, _, where = info
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if not (is_public(address) or any(address in network for network in allowed)):
            raise AddressRefused(f"{address} is not a public address")
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(socket_factory=open_socket, limit=20, limit_per_host=5, ttl_dns_cache=10)
