"""Which IP addresses are public, from a table of our own: that of Python changes from version to version.

The table follows the special-purpose registries of IANA (RFC 6890), and adds what cloud providers put at
addresses that look public.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

__all__ = ["IPAddress", "why_refused"]

IPAddress = IPv4Address | IPv6Address

_REFUSED_V4 = {
    IPv4Network(network): why
    for network, why in {
        "0.0.0.0/8": "reserved",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "carrier-grade NAT",  # Alibaba's metadata among it
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "cloud metadata",  # Azure's
        "169.254.0.0/16": "link-local",  # the metadata of most clouds among it
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved",  # Oracle's metadata among it
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "reserved",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
_REFUSED_V6 = {
    IPv6Network(network): why
    for network, why in {
        "::1/128": "loopback",
        "fc00::/7": "private",
        "fe80::/10": "link-local",
        "fec0::/10": "private",
        "ff00::/8": "multicast",
        "2001::/23": "reserved",  # Teredo, benchmarking and ORCHID among it
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4",
        "3fff::/20": "documentation",
    }.items()
}
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_CARRY_V4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))  # mapped, NAT64
_32_BITS = 0xFFFFFFFF
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # before an IPv4 address, in any network (RFC 5214, 6.1)


def why_refused(address: IPAddress) -> str | None:
    """What kind of address it is, where it is one that strangers cannot reach; ``None`` for a public one.

    An IPv6 address that stands for an IPv4 address is judged as that one.
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "link-local"
        if not any(address in network for network in _CARRY_V4):
            listed = next((why for network, why in _REFUSED_V6.items() if address in network), None)
            if listed is not None or address not in _GLOBAL_UNICAST:
                return listed or "reserved"
            if int(address) >> 32 & _32_BITS not in _ISATAP:
                return None
        address = IPv4Address(int(address) & _32_BITS)
    return next((why for network, why in _REFUSED_V4.items() if address in network), None)
