"""The arrows between the packages, read from their imports, and what importing them costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from preflight.version import __version__

pytestmark = pytest.mark.timeout(30)

ROOT = Path(__file__).parents[1]
MODULES = tuple(
    sorted(
        path.relative_to(ROOT).as_posix()
        for package in ("preflight", "submit")
        for path in (ROOT / package).rglob("*.py")
    )
)
PURE = ("preflight/rules/", "preflight/consent/", "preflight/mend/")
HEAVY = {"numpy", "cv2", "httpx", "faster_whisper", "av", "PIL", "rich", "jinja2", "sqlalchemy", "psycopg"}
THE_WORLD = HEAVY | {"click", "ffmpeg", "subprocess", "multiprocessing", "socket", "urllib", "ctypes"}
GATHERING = {f"preflight.evidence.{name}" for name in ("ffmpeg", "gather", "transcript", "model")}
PROCESS_CALLS = ("os.system", "os.popen", "os.spawn", "os.exec", "os.posix_spawn", "os.fork", "pty.")


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for name in MODULES:
        if name.startswith(folders or ("",)):
            yield name, parsed(name)


@cache
def parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text("utf-8"))


@cache
def imports(tree: ast.Module) -> frozenset[str]:
    """Every module that is imported, at the top or in a function, with the names taken from it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def packages(tree: ast.Module) -> set[str]:
    return {name.partition(".")[0] for name in imports(tree)}


@cache
def calls(tree: ast.Module) -> frozenset[str]:
    """The dotted name of everything that is called."""
    return frozenset(ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_the_modules_are_found() -> None:
    """What the tests below say of every module, they say of modules that exist."""
    assert {"preflight/cli.py", "preflight/consent/judge.py", "submit/client.py"} < set(MODULES)
    assert any(name.startswith("preflight/rules/vid001") for name in MODULES)


def test_imports_are_absolute_and_static() -> None:
    """So that reading them tells the truth; the two loaders that import by name stay within the package."""
    relative = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    }
    by_name = {name for name, tree in trees() if {"importlib.import_module", "__import__"} & calls(tree)}

    assert set() == relative
    assert {"preflight/__init__.py", "preflight/rule.py"} == by_name


def test_checking_never_imports_sending() -> None:
    """The one arrow between the packages goes from submit to preflight."""
    assert set() == {name for name, tree in trees("preflight/") if "submit" in packages(tree)}


def test_rules_and_consent_reach_nothing_outside() -> None:
    """They judge facts; they cannot gather any."""
    reached = {name: THE_WORLD & packages(tree) | GATHERING & imports(tree) for name, tree in trees(*PURE)}

    assert {} == {name: found for name, found in reached.items() if found}


def test_consent_needs_little() -> None:
    """The standard library, the word and name comparers, the reader of its data, and the verdict."""
    allowed = set(sys.stdlib_module_names) | {"rapidfuzz", "msgspec", "jellyfish", "anyascii"}
    ours = ("preflight.consent", "preflight.convert", "preflight.verdict")
    foreign = {
        module
        for _, tree in trees("preflight/consent/")
        for module in imports(tree)
        if module.partition(".")[0] not in allowed and not module.startswith(ours)
    }

    assert set() == foreign


def test_one_module_starts_processes() -> None:
    """Command lines that meet untrusted media are built in one place; a batch begins this program anew."""
    starters = {
        name
        for name, tree in trees()
        if {"subprocess", "multiprocessing", "pty"} & packages(tree)
        or any(call.startswith(PROCESS_CALLS) for call in calls(tree))
        or any(name.startswith(PROCESS_CALLS) for name in imports(tree))
        or any(call.startswith("asyncio.create_subprocess") for call in calls(tree))
    }

    assert {"preflight/evidence/ffmpeg.py", "preflight/batch.py"} == starters


def test_one_module_looks_for_faces() -> None:
    """OpenCV is an extra: what happens where it is missing is decided in one place."""
    assert {"preflight/evidence/faces.py"} == {name for name, tree in trees() if "cv2" in packages(tree)}


def test_two_modules_open_pictures() -> None:
    """One reads them, one writes them, which mending alone asks for; the engine asks for the version.

    Another makes small pictures of pixels that are there, and opens nothing.
    """
    openers = {name for name, tree in trees() if "PIL" in packages(tree)}
    writers = {name for name, tree in trees() if "preflight.evidence.image_write" in imports(tree)}

    assert {
        "preflight/evidence/image.py",
        "preflight/evidence/image_write.py",
        "preflight/evidence/exhibits.py",
        "preflight/engine.py",
    } == openers
    assert "Image.open" not in calls(parsed("preflight/evidence/exhibits.py"))
    assert {"preflight/fix/photo.py"} == writers


CLIENTS = {"httpx", "httpcore", "requests", "aiohttp", "urllib3", "http", "ftplib", "smtplib"}


def test_two_doors_lead_to_the_network() -> None:
    """Files are asked for in one package, and the service in the other; its fake calls back."""
    speakers = {name for name, tree in trees() if CLIENTS & packages(tree)}

    assert "submit/service.py" in speakers
    assert {"preflight/network", "submit", "submit/testing"} == {str(Path(name).parent) for name in speakers}


def test_one_module_of_a_check_connects() -> None:
    """What opens sockets, resolves names or makes HTTP clients: every address passes the table on its way."""
    opening = ("socket.", "asyncio.open_connection", "anyio.connect", "ssl.create", "urllib.request.urlopen")
    openers = {
        name
        for name, tree in trees("preflight/")
        if {"socket", "urllib.request", "telnetlib", "socketserver"} & imports(tree)
        or any(call.startswith(opening) for call in calls(tree))
        or any(
            call.startswith("httpx.") and ("Client" in call or "Transport" in call or call.islower())
            for call in calls(tree) - {"httpx.create_ssl_context"}
        )
    }

    assert {"preflight/network/door.py"} == openers


def test_one_package_speaks_to_databases() -> None:
    """The ledger: what an address of a server holds is kept secret in one place."""
    speakers = {name for name, tree in trees() if {"sqlalchemy", "psycopg", "sqlite3"} & packages(tree)}

    assert {"submit/ledger"} == {str(Path(name).parent) for name in speakers}
    assert {"submit/ledger/place.py"} == {
        name for name, tree in trees() if {"psycopg"} & packages(tree) or "create_engine" in calls(tree)
    }


def test_nothing_prints() -> None:
    """Output goes through the command line's own writers, which know encodings and terminals."""
    assert set() == {name for name, tree in trees() if {"print", "click.echo", "pprint"} & calls(tree)}


def loaded_by(module: str) -> str:
    """Which of the heavy packages importing a module loads, in an interpreter of its own."""
    code = f"import sys, {module}; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    )
    return done.stdout.strip()


def test_importing_the_checker_loads_nothing_heavy() -> None:
    """Neither the library nor its command line; what a command needs is loaded when it runs."""
    assert "[]" == loaded_by("preflight, preflight.cli")


def test_starting_the_command_line_loads_nothing_heavy() -> None:
    """The console command is submit.cli: a check must not pay for the HTTP client."""
    assert "[]" == loaded_by("submit.cli")


def test_the_version_is_that_of_the_distribution() -> None:
    """One version, wherever it is asked for."""
    assert metadata.version("replica-preflight") == __version__
