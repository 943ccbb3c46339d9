"""Looks at the built site: every link and anchor inside it is there, and nothing is fetched elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["faults_of"]

# What a browser fetches by itself, by element and attribute. What a reader may follow is none of these.
_FETCHED = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("img", "srcset"),
    ("source", "src"),
    ("source", "srcset"),
    ("iframe", "src"),
    ("video", "src"),
    ("video", "poster"),
    ("audio", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("use", "href"),
    ("form", "action"),
    ("base", "href"),
}
_IN_CSS = re.compile(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""")
_IN_JS = re.compile(r"""(?:fetch|import|importScripts|open|Worker)\(\s*["'`]((?:https?:)?//[^"'`]+)""")


class _Reader(HTMLParser):
    """What a page links to, what it fetches, and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            if name == "style":
                self.fetched += _IN_CSS.findall(value)
            if (tag, name) in _FETCHED:
                self.fetched += (
                    [part.split()[0] for part in value.split(",")] if name == "srcset" else [value]
                )
            elif name in ("href", "src"):
                self.links.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if self._style:
            self.fetched += _IN_CSS.findall(data)


def faults_of(folder: Path) -> list[str]:
    """A line for each link that leads nowhere, and for each thing fetched from elsewhere."""
    pages: dict[Path, _Reader] = {}
    for file in sorted(folder.rglob("*.html")):
        reader = pages[file] = _Reader()
        reader.feed(file.read_text(encoding="utf-8"))
    found = [fault for file, page in pages.items() for fault in _of_page(folder, file, page, pages)]
    for file in sorted(folder.rglob("*.css")):
        for address in _IN_CSS.findall(file.read_text(encoding="utf-8")):
            found += _of_fetched(folder, file, address)
    for file in sorted(folder.rglob("*.js")):
        for address in _IN_JS.findall(file.read_text(encoding="utf-8")):
            found += _of_fetched(folder, file, address)
    return found


def _of_page(folder: Path, file: Path, page: _Reader, pages: dict[Path, _Reader]) -> Iterator[str]:
    for address in page.fetched:
        yield from _of_fetched(folder, file, address)
    for address in dict.fromkeys(page.links):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = _at(folder, file, parts.path)
        if target is None:
            yield f"{file.relative_to(folder)}: {address} leads nowhere"
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
            yield f"{file.relative_to(folder)}: {address} has no such anchor"


def _of_fetched(folder: Path, file: Path, address: str) -> Iterator[str]:
    parts = urlsplit(address)
    if parts.scheme == "data" or address.startswith("#"):
        return
    if parts.scheme or parts.netloc:
        yield f"{file.relative_to(folder)}: fetches {address} from elsewhere"
    elif _at(folder, file, parts.path) is None:
        yield f"{file.relative_to(folder)}: fetches {address}, which is not there"


def _at(folder: Path, file: Path, path: str) -> Path | None:
    """The file that a relative path leads to. An absolute one would not work below another address."""
    if path.startswith("/"):
        return None
    target = (file.parent / unquote(path)).resolve() if path else file
    return target if target.is_relative_to(folder.resolve()) and target.is_file() else None
