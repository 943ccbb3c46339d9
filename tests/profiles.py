"""Small colour profiles (ICC.1:2001), made by hand: a wide gamut, a grey of another gamma, and inks."""

from __future__ import annotations

import itertools
import struct

__all__ = ["display_p3", "grey", "inks"]

# The primaries of Display P3, adapted to D50.
_P3 = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
_D50 = (0.9642, 1.0, 0.8249)


def display_p3(name: str = "Display P3") -> bytes:
    """The primaries of Display P3, with a gamma of 2.2."""
    curves = {tag: _curve(2.2) for tag in (b"rTRC", b"gTRC", b"bTRC")}
    return _profile(name, b"mntr", b"RGB ", b"XYZ ", {tag: _xyz(at) for tag, at in _P3.items()} | curves)


def grey(gamma: float, name: str = "Grey") -> bytes:
    return _profile(name, b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _curve(gamma)})


def inks(name: str = "Inks") -> bytes:
    """Inks whose darkness adds up: black is as dark as L* 10, each of the others takes 20 of 100."""
    return _profile(name, b"prtr", b"CMYK", b"Lab ", {b"A2B0": _table()})


def _table() -> bytes:
    corners = bytearray()
    for cyan, magenta, yellow, black in itertools.product((0, 1), repeat=4):
        light = max(0.0, 100 - 20 * (cyan + magenta + yellow) - 90 * black)
        corners += bytes([round(light * 2.55), 128, 128])
    straight = bytes(range(256))
    unit = struct.pack(">9i", *(0x10000 if at % 4 == 0 else 0 for at in range(9)))
    return b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + unit + straight * 4 + corners + straight * 3


def _curve(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _description(name: str) -> bytes:
    text = name.encode("ascii") + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)


def _profile(name: str, device: bytes, colours: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    copyright_ = b"text" + bytes(4) + b"none\0"
    tags = {b"desc": _description(name), b"cprt": copyright_, b"wtpt": _xyz(_D50)} | tags
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = 128 + len(table) + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, device, colours, connection)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _xyz(_D50)[8:]
    return head + bytes(128 - len(head)) + table + data
