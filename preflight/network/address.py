"""Which IP addresses are public, from a table of our own: that of Python changes from version to version.

The table follows the special-purpose registries of IANA (RFC 6890), and adds what cloud providers put at
addresses that look public. An IPv6 address that carries an IPv4 address is judged by what it carries.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

__all__ = ["IPAddress", "carried_by", "why_refused"]

IPAddress = IPv4Address | IPv6Address

_V4: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "a cloud provider's metadata"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "reserved"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
)
_V6: tuple[tuple[str, str], ...] = (
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "private"),
    ("ff00::/8", "multicast"),
    ("2001::/23", "reserved"),  # Teredo, benchmarking and ORCHID among others
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("3fff::/20", "documentation"),
)
_REFUSED_V4 = tuple((IPv4Network(network), why) for network, why in _V4)
_REFUSED_V6 = tuple((IPv6Network(network), why) for network, why in _V6)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_6TO4 = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_32_BITS = 0xFFFFFFFF


def why_refused(address: IPAddress) -> str | None:
    """What kind of address it is that nobody else can reach; ``None`` for a public one."""
    carried = carried_by(address)
    if carried is not None:
        why = why_refused(carried)
        if why is not None:
            return f"{why}, within IPv6"
        if address in _MAPPED or address in _NAT64:
            return None
    if isinstance(address, IPv4Address):
        return next((why for network, why in _REFUSED_V4 if address in network), None)
    if address.scope_id is not None:
        return "link-local"
    listed = next((why for network, why in _REFUSED_V6 if address in network), None)
    return listed or (None if address in _GLOBAL_UNICAST else "reserved")


def carried_by(address: IPAddress) -> IPv4Address | None:
    """The IPv4 address within an IPv6 one: mapped, compatible, NAT64, 6to4, or the client of Teredo."""
    if isinstance(address, IPv4Address):
        return None
    bits = int(address)
    if address in _MAPPED or address in _NAT64 or (address in _COMPATIBLE and bits > 1):
        return IPv4Address(bits & _32_BITS)
    if address in _6TO4:
        return IPv4Address(bits >> 80 & _32_BITS)
    if address in _TEREDO:
        return IPv4Address(~bits & _32_BITS)
    return None
