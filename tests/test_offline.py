"""Without a network, everything that is here still runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.cases import Case, argv, load_cases
from tests.conftest import ROOT

pytestmark = [pytest.mark.media, pytest.mark.asr]

FIRST = {(case.role, case.expect.verdict): case for case in load_cases() if case.demo}
DEMO = list(FIRST.values())  # of each kind and each verdict one: what else they hold needs no network either
PREFLIGHT = Path(sys.executable).with_name("preflight")
EXIT = {"pass": 0, "fail": 1, "review": 3}

# Runs the console command with every way out of this machine refused at the level of Python.
OFFLINE = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise SystemExit("reached for the network: %s %r" % (event, args))
sys.addaudithook(refuse)
from submit.cli import main
main()
"""


def without_a_network() -> list[str]:
    """A network namespace of its own where the system allows it: not even loopback is up there."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    for options in (["--net"], ["--net", "--map-root-user"]):
        tried = subprocess.run([unshare, *options, "true"], capture_output=True, timeout=10, check=False)
        if tried.returncode == 0:
            return [unshare, *options]
    return []


@pytest.mark.parametrize("case", DEMO, ids=[case.name for case in DEMO])
def test_demo_case_runs_without_a_network(case: Case, recogniser_folder: Path) -> None:
    """Each case of the demonstration comes out as it should with networking blocked."""
    arguments = [*argv(case), "--asr-model", str(recogniser_folder)]

    done = subprocess.run(
        [*without_a_network(), sys.executable, "-c", OFFLINE, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (EXIT[case.expect.verdict], "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("model", ["small", "large-v3"])
def test_missing_model_without_a_network(model: str, tmp_path: Path) -> None:
    """A model that is not here is one clear message and exit code 2, not a wait for a hub."""
    clip = ROOT / "fixtures" / "training_video" / "20-seconds-error" / "clip.mp4"

    done = subprocess.run(
        [
            *(*without_a_network(), sys.executable, "-c", OFFLINE),
            *("check", "--train-video", str(clip), "--asr-model", model),
        ],
        env={"HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert f"get it with: preflight fetch-model {model}" in done.stderr


def test_fetching_without_a_network_says_so(tmp_path: Path) -> None:
    """The one command that downloads fails in one line where it cannot."""
    if not without_a_network():
        pytest.skip("this system allows no network namespace")

    done = subprocess.run(
        [*without_a_network(), PREFLIGHT, "fetch-model", "tiny"],
        env={"HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 2 == done.returncode
    assert "model 'tiny' could not be downloaded" in done.stderr.splitlines()[-1]
