"""The plugin, in a scratch project of its own, with the package as it is built and installed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.media, pytest.mark.timeout(120)]

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "fixtures" / "training_image"
PASS, FAIL = (
    {"train_image": "good.jpg", "voice_name": "anna"},
    {"train_image": "small.jpg", "voice_name": "anna"},
)

Pytest = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package from a wheel that was built now; what it needs comes from the environment of the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = folder.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "--target", str(folder / "site"), str(wheel)], check=True, capture_output=True, timeout=60
    )
    return folder / "site"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two photos, which is nobody else's."""
    (tmp_path / ".git").mkdir()
    shutil.copy(IMAGES / "portrait-valid" / "portrait.jpg", tmp_path / "good.jpg")
    shutil.copy(IMAGES / "too-small-error" / "portrait.jpg", tmp_path / "small.jpg")
    return tmp_path


@pytest.fixture
def run(project: Path, installed: Path) -> Pytest:
    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "no:cacheprovider",
                "-q",
                "-rA",
                "-W",
                "error",
                *arguments,
            ],
            cwd=project,
            env={"PATH": os.environ["PATH"], "HOME": str(project), "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            timeout=90,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_installed_package_is_the_one_that_runs(project: Path, run: Pytest, installed: Path) -> None:
    (project / "test_it.py").write_text(
        "import preflight.pytest_plugin as p\ndef test_it():\n    print('at', p.__file__)\n"
    )
    code, out = run()

    assert (0, True) == (code, f"at {installed}" in out)


def test_the_fixture_checks(project: Path, run: Pytest) -> None:
    """One that does not pass shows the whole report: what is wrong, and what to do."""
    (project / "test_it.py").write_text(
        "def test_good(preflight):\n"
        "    clearance = preflight(train_image='good.jpg', voice_name='anna').require_cleared()\n"
        "    assert 'tavus-replica-phoenix-4' == clearance.policy_id\n"
        "def test_small(preflight):\n"
        "    preflight(train_image='small.jpg', voice_name='anna').require_cleared()\n"
        "def test_known(preflight):\n"
        "    found = preflight(train_image='small.jpg', voice_name='anna')\n"
        "    found.require('fail', codes=['IMG002'])\n"
        "    assert found.verdict == 'fail'\n"
        "def test_other(preflight):\n"
        "    preflight(train_image='small.jpg', voice_name='anna').require('fail', codes=['IMG003'])\n"
    )
    code, out = run()

    assert 1 == code
    assert {
        "test_good": "PASSED",
        "test_small": "FAILED",
        "test_known": "PASSED",
        "test_other": "FAILED",
    } == (outcomes(out))
    assert "expected pass; found FAIL  small.jpg: is 511 x 640" in out.replace(str(project) + "/", "")
    assert "What to do:" in out
    assert "expected fail, and IMG003 to be broken" in out


def outcomes(out: str) -> dict[str, str]:
    """What became of each test."""
    lines = re.findall(r"^(PASSED|FAILED|ERROR) \S*::(.*?)(?: - .*)?$", out, re.MULTILINE)
    return {name: outcome for outcome, name in lines}


def test_a_marked_test_has_its_submission_checked_first(project: Path, run: Pytest) -> None:
    (project / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.preflight(train_image='good.jpg', voice_name='anna')\n"
        "def test_good(preflight_report):\n    assert 'IMG016' in preflight_report.passed\n"
        "@pytest.mark.preflight(train_image='small.jpg', voice_name='anna')\n"
        "def test_small():\n    raise SystemError('is not reached')\n"
        "@pytest.mark.preflight(train_image='small.jpg', voice_name='anna', expect='fail')\n"
        "def test_known(preflight_report):\n    assert preflight_report.verdict == 'fail'\n"
        "@pytest.mark.preflight('good.jpg')\n"
        "def test_wrong():\n    pass\n"
        "def test_unmarked(preflight_report):\n    pass\n"
    )
    code, out = run("--strict-markers")

    assert 1 == code
    assert ("PASSED", "PASSED") == (outcomes(out)["test_good"], outcomes(out)["test_known"])
    assert "is not reached" not in out
    assert "takes the fields of a submission by name" in out
    assert "preflight_report is for tests with @pytest.mark.preflight" in out


def test_the_lines_of_a_manifest_are_tests(project: Path, run: Pytest) -> None:
    """Of one that the settings name, and of one that an option names; a line may expect another verdict."""
    lines = [PASS | {"id": "Maria"}, FAIL, FAIL | {"expect": "fail"}, {"train_imago": "x"}]
    (project / "media.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (project / "preflight.toml").write_text('manifests = ["media.jsonl"]\n')
    (project / "more.csv").write_text("train_image,voice_name\ngood.jpg,anna\n")
    code, out = run("--preflight-manifest", "more.csv")

    assert 1 == code
    assert {
        "1: Maria": "PASSED",
        "2: small.jpg": "FAILED",
        "3: small.jpg": "PASSED",
        "4: line 4": "FAILED",
        "2: good.jpg": "PASSED",
    } == outcomes(out)
    assert "What to do:" in out
    assert "unknown field `train_imago`" in out


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('manifests = ["none.jsonl"]\n', "none.jsonl"),
        ('manifest = ["media.jsonl"]\n', "did you mean manifests?"),
        ('manifests = [""]\n', "preflight.toml: manifests"),
    ],
)
def test_settings_that_are_wrong_are_told(project: Path, run: Pytest, settings: str, said: str) -> None:
    (project / "preflight.toml").write_text(settings)
    code, out = run()

    assert code in (1, 2, 3, 4)
    assert said in out


def test_a_project_without_any_of_it_is_left_alone(project: Path, run: Pytest) -> None:
    """The plugin is loaded wherever the package is installed: it costs next to nothing there."""
    (project / "test_it.py").write_text(
        "import sys\ndef test_it():\n"
        "    heavy = {'numpy', 'PIL', 'httpx', 'click', 'rich', 'sqlalchemy', 'preflight.engine'}\n"
        "    assert set() == heavy & set(sys.modules)\n"
    )

    assert 0 == run()[0]


# The hook and the action


def test_the_hook_runs(project: Path) -> None:
    """As pre-commit runs it: its entry, and after it the file that is committed."""
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    (entry,) = re.findall(r"^  entry: (.*)$", hook, re.MULTILINE)
    (files,) = re.findall(r"^  files: (.*)$", hook, re.MULTILINE)
    codes = []
    for line in (PASS, FAIL):
        (project / "preflight-manifest.jsonl").write_text(json.dumps(line) + "\n")
        command = [*shlex.split(entry), "preflight-manifest.jsonl"]
        command[0] = str(Path(sys.executable).with_name(command[0]))
        codes.append(subprocess.run(command, cwd=project, capture_output=True, timeout=60).returncode)

    assert [0, 1] == codes
    assert re.search(files, "preflight-manifest.csv")
    assert not re.search(files, "media/preflight-manifest.csv")


def test_the_action_runs(project: Path, tmp_path: Path) -> None:
    """Its last step, with the inputs as the runner hands them on; the steps before it install."""
    action = (ROOT / "action.yml").read_text("utf-8")
    script = action.split("      run: |\n")[1].split("      env:\n")[0]
    (tmp_path / "preflight").mkdir()
    (tmp_path / "preflight" / "bin").symlink_to(Path(sys.executable).parent)
    (project / "media.jsonl").write_text(json.dumps(FAIL) + "\n")
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=project,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(project),
            "RUNNER_TEMP": str(tmp_path),
            "MANIFEST": "media.jsonl",
            "ARGUMENTS": "--depth quick --jobs 1",
            "MODEL": str(ROOT / "fixtures" / "recogniser"),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (1, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("FAIL  1 submission: 1 failed")
    assert set(re.findall(r"inputs\.([a-z-]+)", action)) == set(
        re.findall(r"^  ([a-z-]+):\n    description", action, re.MULTILINE)
    )
