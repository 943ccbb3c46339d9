"""Which addresses are public: a long table, the edges of each network, and a comparison with ipaddress."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.network.address import IPAddress, why_refused

pytestmark = pytest.mark.timeout(20)

PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 52.216.0.1 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255
192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 2001:200:: 2001:4860:4860::8888
2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9:: 2003:: 2600:: 2606:4700::1111 2a00:1450:4009::200e
2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:1000::
::ffff:8.8.8.8 64:ff9b::8.8.8.8 ::ffff:1.1.1.1 64:ff9b::34d8:1
"""

REFUSED = {
    "reserved": """
        0.0.0.0 0.255.255.255 192.0.0.0 192.0.0.8 192.0.0.9 192.0.0.192 192.0.0.255 192.88.99.0 192.88.99.255
        240.0.0.0 255.255.255.255 :: ::2 ::127.0.0.1 ::169.254.169.254 ::8.8.8.8
        64:ff9b:1:: 64:ff9b:1::10.0.0.1
        64:ff9b:1:ffff:ffff:ffff:ffff:ffff 64:ff9b:0:0:0:1:: 64:ff9a:: 100:: 100::1 100:0:0:1:: 5f00:: 5f00::1
        2001:: 2001:0:a9fe:a9fe:: 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1::1 2001:2:: 2001:10:: 2001:20::1
        2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff 1fff:ffff:: 4000:: 8000::1 f000:: fbff:: fe00:: fe7f::
        ::ffff:0:8.8.8.8 ::ffff:0:127.0.0.1""",
    "private": """
        10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 fc00:: fd00:ec2::254
        fd20:ce::254 fd00:c1::a9fe:a9fe fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fec0:: fec0::1 feff:ffff::
        ::ffff:10.0.0.1 64:ff9b::10.0.0.1 ::ffff:192.168.1.1 64:ff9b::172.16.0.1""",
    "carrier-grade NAT": """
        100.64.0.0 100.100.100.200 100.127.255.255 ::ffff:100.100.100.200 64:ff9b::100.64.0.1""",
    "loopback": "127.0.0.0 127.0.0.1 127.1.2.3 127.255.255.255 ::1 ::ffff:127.0.0.1 64:ff9b::127.0.0.1",
    "cloud metadata": "168.63.129.16 ::ffff:168.63.129.16 64:ff9b::168.63.129.16",
    "link-local": """
        169.254.0.0 169.254.169.254 169.254.170.2 169.254.169.123 169.254.255.255 fe80:: fe80::1 fe80::1%eth0
        febf:ffff:: 2001:4860:4860::8888%1 ::ffff:8.8.8.8%1 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe""",
    "documentation": """
        192.0.2.0 192.0.2.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 2001:db8::
        2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 3fff:: 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff
        ::ffff:192.0.2.1""",
    "benchmarking": "198.18.0.0 198.19.255.255 ::ffff:198.18.0.1",
    "multicast": "224.0.0.0 224.0.0.1 239.255.255.255 ff00:: ff02::1 ff0e::1 ffff:ffff:: ::ffff:224.0.0.1",
    "6to4": "2002:: 2002:a9fe:a9fe:: 2002:808:808::1 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
}

V4 = st.integers(0, 2**32 - 1).map(IPv4Address)
V6 = st.integers(0, 2**128 - 1).map(IPv6Address)
PREFIXES = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 ::/8 64:ff9b::/96
64:ff9b:1::/48 100::/64 2000::/3 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10
fec0::/10 ff00::/8
"""
NEAR_A_BORDER = st.sampled_from(
    [
        (network.version, int(end) + step)
        for network in map(ip_network, PREFIXES.split())
        for end in (network[0], network[-1])
        for step in (-1, 0, 1)
        if 0 <= int(end) + step < 2**network.max_prefixlen
    ]
).map(lambda at: IPv4Address(at[1]) if at[0] == 4 else IPv6Address(at[1]))
ANY = st.one_of(V4, V6, NEAR_A_BORDER, st.integers(2**125, 2**126 - 1).map(IPv6Address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses_are_asked(address: str) -> None:
    """Among them the neighbours of every network that is refused."""
    assert why_refused(ip_address(address)) is None


@pytest.mark.parametrize(
    ("why", "address"), [(why, address) for why, table in REFUSED.items() for address in table.split()]
)
def test_other_addresses_are_refused(why: str, address: str) -> None:
    """With the kind of address it is: first and last of each network, and what clouds put there."""
    assert why == why_refused(ip_address(address))


@given(ANY)
def test_what_python_does_not_call_public_is_refused(address: IPAddress) -> None:
    """Ours is the stricter table in whatever version of Python; what is carried is judged by what it is."""
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    judged = inner or address
    nat64 = address in ip_network("64:ff9b::/96")  # newer Pythons call it global, older ones reserved too

    if not nat64 and (not judged.is_global or judged.is_multicast or judged.is_reserved):
        assert why_refused(address) is not None


@given(st.one_of(V4, NEAR_A_BORDER.filter(lambda address: address.version == 4)))
def test_an_address_within_ipv6_is_judged_as_itself(inner: IPv4Address) -> None:
    """Mapped ones are what systems connect to for IPv4, NAT64 what networks without IPv4 look up, and ISATAP
    what tunnels through a network that has no other."""
    for prefix in ("::ffff:0:0", "64:ff9b::", "2600::5efe:0:0", "2600::200:5efe:0:0"):
        carrying = IPv6Address(int(IPv6Address(prefix)) | int(inner))

        assert why_refused(inner) == why_refused(carrying)


@given(V4)
def test_an_address_within_other_forms_is_never_asked(inner: IPv4Address) -> None:
    """6to4, Teredo, compatible, translated and local NAT64 are refused whatever they carry."""
    carried = int(inner)
    for prefix, shift in (("2002::", 80), ("2001::", 0), ("::", 0), ("::ffff:0:0:0", 0), ("64:ff9b:1::", 0)):
        carrying = IPv6Address(int(IPv6Address(prefix)) | carried << shift)

        assert why_refused(carrying) is not None
