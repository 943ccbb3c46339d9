"""Lays the repository's Markdown out as pages of the site: which text stands where, and where links lead.

Nothing is written twice. README.md and docs/rules.md are cut at headings into pages, every other page is a
file of docs/ as it stands. Links between files become links between pages; one to a file that is no page
leads to a page that shows it.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

__all__ = ["Cut", "Layout", "Page", "Plan", "SiteError", "cut", "place", "read_plan", "slug"]

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
NAV = DOCS / "site" / "nav.toml"
_HEADING = re.compile(r"^(#{1,6}) (.+?)\s*$")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_COMMENT = re.compile(r"^<!--.*?-->\n*", re.MULTILINE | re.DOTALL)
_LINK = re.compile(
    r"(?P<code>`+)(?:(?!\n\n).)+?(?P=code)|(?P<label>!?\[(?:[^\[\]]|\[[^\]]*\])*\])\((?P<to>[^)\s]+)\)",
    re.DOTALL,
)
_START = "Start <self>"
_OWN = "site:"  # begins the target of a link between pages that are made here
_PICTURES = {".png", ".svg", ".jpg"}


class SiteError(Exception):
    """The pages cannot be laid out, and why."""


@dataclass(slots=True)
class Page:
    """One page of the site. ``origin`` is the file that its links are relative to; ``below`` its parent.

    One that is not ``listed`` is reached by links alone.
    """

    path: str
    text: str
    origin: str
    below: str | None = None
    suffix: str = ".md"
    listed: bool = True

    @property
    def file(self) -> str:
        return self.path + self.suffix


# ---- the plan


@dataclass(frozen=True, slots=True)
class Plan:
    """What docs/site/nav.toml says."""

    sections: tuple[tuple[str, tuple[str, ...]], ...]
    readme: Mapping[str, str]
    left_out: Mapping[str, str]


def read_plan(path: Path = NAV) -> Plan:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    sections = tuple((section["title"], tuple(section["pages"])) for section in document["section"])
    return Plan(sections, document["readme"], document["left_out"])


def place(paths: Sequence[str], plan: Plan) -> list[tuple[str, list[str]]]:
    """Each section with its pages. Raises SiteError for a page that no section names."""
    left, placed = dict.fromkeys(paths), []
    for title, names in plan.sections:
        found: list[str] = []
        for name in names:
            found += [path for path in left if path not in found and fnmatchcase(path, name)]
        for path in found:
            del left[path]
        placed.append((title, found))
    if left:
        raise SiteError(f"in no section of the site: {', '.join(left)}; name it in docs/site/nav.toml")
    return placed


# ---- text


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to a fenced block."""
    fence = ""
    for line in text.splitlines(keepends=True):
        found = _FENCE.match(line)
        inside = bool(fence)
        if found and not fence:
            fence, inside = found[1], True
        elif found and found[1].startswith(fence) and line.strip() == found[1]:
            fence = ""
        yield line, inside


def _outside_blocks(text: str, change: Callable[[str], str]) -> str:
    """The text with everything outside of fenced blocks changed."""
    parts: list[tuple[str, bool]] = []
    for line, fenced in _lines(text):
        if parts and parts[-1][1] == fenced:
            parts[-1] = (parts[-1][0] + line, fenced)
        else:
            parts.append((line, fenced))
    return "".join(part if fenced else change(part) for part, fenced in parts)


@dataclass(slots=True)
class Cut:
    """A text cut into pages: the lines of each, and the page and anchor of each heading."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    anchors: dict[str, tuple[str, str]] = field(default_factory=dict)


def cut(text: str, page_of: Callable[[int, str], str | None]) -> Cut:
    """Cut at the headings that begin a page. Deeper ones, and what follows, stay with the one above them."""
    done = Cut()
    open_pages: list[tuple[int, str]] = []
    for line, fenced in _lines(text):
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            done.pages[open_pages[-1][1]].append(line)
            continue
        level, title = len(heading[1]), heading[2]
        while open_pages and open_pages[-1][0] >= level:
            open_pages.pop()
        path = page_of(level, title)
        begins = path is not None and path not in done.pages
        if path is not None:
            # A page that goes on keeps the levels that it began with.
            open_pages.append((level, path))
            done.pages.setdefault(path, [])
        page = open_pages[-1][1]
        shown = 1 if begins else max(2, level - _base(open_pages, page) + 1)
        done.pages[page].append(f"{'#' * shown} {title}\n")
        known, anchor, again = slug(title), slug(title), 0
        while anchor in done.anchors:  # headings that say the same are counted, as code hosts do
            again += 1
            anchor = f"{known}-{again}"
        done.anchors[anchor] = (page, "" if begins else known)
    return done


def _base(open_pages: Sequence[tuple[int, str]], page: str) -> int:
    return next(level for level, path in open_pages if path == page)


# ---- where everything stands


class Layout:
    """All pages, and where a link to a file of the repository leads."""

    def __init__(self, root: Path = ROOT, plan: Plan | None = None) -> None:
        self.root = root
        self.plan = plan or read_plan()
        self.pages: dict[str, Page] = {}
        self.pictures: dict[str, Path] = {}
        self._homes: dict[str, str] = {}
        self._anchors: dict[str, dict[str, tuple[str, str]]] = {}

    def add(self, page: Page, stands_for: str | None = None) -> None:
        """One more page; ``stands_for`` is the file that links to it name."""
        if page.path in self.pages:
            raise SiteError(f"two pages are called {page.path}")
        self.pages[page.path] = page
        if stands_for is not None:
            self._homes[stands_for] = page.path

    def add_file(self, name: str, path: str, below: str | None = None) -> None:
        """A file as one page."""
        self.add(Page(path, (self.root / name).read_text(encoding="utf-8"), name, below), stands_for=name)

    def add_cut(self, name: str, home: str, page_of: Callable[[int, str], str | None]) -> None:
        """A file as several pages; links to the file itself lead to ``home``."""
        done = cut((self.root / name).read_text(encoding="utf-8"), page_of)
        for path, lines in done.pages.items():
            self.add(Page(path, "".join(lines).strip() + "\n", name))
        self._homes[name], self._anchors[name] = home, done.anchors

    def add_docs(self) -> None:
        """README.md, what is in docs/, and the few files beside them."""
        readme = _page_of_readme(self.plan)
        self.add_cut("README.md", "index", readme)
        for path in [path for path in self.pages if path.startswith("-")]:
            del self.pages[path]
        unknown = set(self.plan.readme) | set(self.plan.left_out)
        unknown -= {
            heading[2]
            for line, fenced in _lines((self.root / "README.md").read_text(encoding="utf-8"))
            if not fenced and (heading := _HEADING.match(line))
        }
        if unknown:
            raise SiteError(
                f"docs/site/nav.toml names headings that README.md lacks: {', '.join(sorted(unknown))}"
            )
        for file in sorted((self.root / "docs").rglob("*.md")):
            name = file.relative_to(self.root).as_posix()
            path = name.removeprefix("docs/").removesuffix(".md")
            if path == "rules":
                continue  # cut into a page a rule, by rule_pages
            folder, _, last = path.rpartition("/")
            index = f"{folder}/index"
            if last == "README":
                self.add_file(name, index)
            else:
                self.add_file(name, path, below=index if folder else None)
        self.add_file("CHANGELOG.md", "changelog")
        self.add_file("fixtures/README.md", "fixtures")

    # ---- links

    def link(self, page: Page, target: str) -> str:
        """Where a link of that page leads: to a page, to a picture, or to a page that shows a file."""
        if "://" in target or target.startswith("mailto:"):
            return target
        if target.startswith(_OWN):
            return _relative(page.path, self.pages[target.removeprefix(_OWN)].file)
        name, _, anchor = target.partition("#")
        if not name and page.origin not in self._anchors:
            return target
        file = page.origin if not name else posixpath.normpath(f"{PurePosixPath(page.origin).parent}/{name}")
        if PurePosixPath(file).suffix in _PICTURES:
            self.pictures[f"pictures/{PurePosixPath(file).name}"] = self.root / file
            return _relative(page.path, f"pictures/{PurePosixPath(file).name}")
        to, at = self._found(page, file, anchor)
        if to == page.path:
            return f"#{at}" if at else _relative(page.path, self.pages[to].file)
        return _relative(page.path, self.pages[to].file) + (f"#{at}" if at else "")

    def _found(self, page: Page, file: str, anchor: str) -> tuple[str, str]:
        if anchor and file in self._anchors:
            if anchor not in self._anchors[file]:
                raise SiteError(f"{page.origin}: no heading #{anchor} in {file}")
            path, at = self._anchors[file][anchor]
            return (path, at) if path in self.pages else (self._homes[file], "")
        if file in self._homes:
            return self._homes[file], anchor
        if not (self.root / file).is_file() or file.startswith(".."):
            raise SiteError(f"{page.origin}: a link to {file}, which is no file of the repository")
        self.add(_shown(file), stands_for=file)
        return self._homes[file], ""

    def finished(self) -> dict[str, str]:
        """The text of every file of the site, with links and navigation."""
        texts: dict[str, str] = {}
        while missing := [page for page in self.pages.values() if page.file not in texts]:
            for page in missing:  # showing a file is found out while links are followed
                texts[page.file] = self._finished(page)
        for parent, children in self._children().items():
            texts[self.pages[parent].file] += _toctree(children)
        top = [page.path for page in self.pages.values() if page.listed and not page.below]
        top.remove("index")
        texts["index.md"] += "\n## Contents\n"
        texts["index.md"] += _toctree(["self"])
        for title, paths in place(top, self.plan):
            texts["index.md"] += _toctree(paths, caption=title)
        return texts

    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for page in self.pages.values():
            if page.below:
                if page.below not in self.pages:
                    raise SiteError(f"{page.origin}: its folder has no README.md, which would list it")
                children.setdefault(page.below, []).append(page.path)
        return children

    def _finished(self, page: Page) -> str:
        if page.suffix != ".md":
            return page.text

        def linked(found: re.Match[str]) -> str:
            return found[0] if found["code"] else f"{found['label']}({self.link(page, found['to'])})"

        return _outside_blocks(page.text, lambda text: _LINK.sub(linked, _COMMENT.sub("", text)))


def _page_of_readme(plan: Plan) -> Callable[[int, str], str | None]:
    def page_of(level: int, title: str) -> str | None:
        if title in plan.left_out:
            return f"-{slug(title)}"
        return plan.readme.get(title, f"use/{slug(title)}" if level == 2 else None)

    return page_of


def _relative(page: str, file: str) -> str:
    return posixpath.relpath(file, posixpath.dirname(page) or ".")


def _toctree(paths: Sequence[str], caption: str = "") -> str:
    lines = ["", "```{toctree}", *([f":caption: {caption}"] if caption else []), ":maxdepth: 1", ""]
    lines += [_START if path == "self" else f"/{path}" for path in paths]
    return "\n".join([*lines, "```", ""])


_LANGUAGES = {".py": "python", ".toml": "toml", ".json": "json", ".md": "markdown", ".sh": "sh"}


def _shown(file: str) -> Page:
    """A page that shows a file of the repository, found by links and not by searching."""
    text = (ROOT / file).read_text(encoding="utf-8").rstrip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    language = _LANGUAGES.get(PurePosixPath(file).suffix, "text")
    head = f"---\norphan: true\nnosearch: true\n---\n\n# {file.rpartition('/')[2]}\n\n`{file}`\n\n"
    return Page(f"source/{file}", f"{head}{fence}{language}\n{text}\n{fence}\n", file, listed=False)
