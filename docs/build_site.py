"""Builds the documentation as a site, from the repository's Markdown and from the program itself.

``python docs/build_site.py`` writes ``build/site``. A warning of Sphinx, a link that leads nowhere, a page in
no section and anything that would be fetched from elsewhere end it with 1. ``--source-only`` lays the pages
out in ``build/site-source`` and runs nothing: that needs no Sphinx.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from generate import FAMILIES, limits_of, shown_value  # noqa: E402 - beside this file, which is run as a script
from rule_pages import add_rules  # noqa: E402
from site_check import faults_of  # noqa: E402
from site_pages import add_reference  # noqa: E402
from site_source import ROOT, Layout, SiteError  # noqa: E402

__all__ = ["laid_out", "main"]

SETTINGS = ROOT / "docs" / "site"
TIMEOUT_S = 300


def laid_out() -> Layout:
    """Every page of the site."""
    layout = Layout()
    layout.add_docs()
    add_rules(layout, FAMILIES)
    add_reference(layout, shown_value, limits_of)
    return layout


def write(layout: Layout, folder: Path) -> None:
    """The pages as files, in a folder that holds nothing else."""
    texts = layout.finished()
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for name, picture in layout.pictures.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, file)


def built(source: Path, output: Path) -> int:
    """Have Sphinx build the site anew; every warning is an error."""
    shutil.rmtree(output, ignore_errors=True)
    strict = ("--fail-on-warning", "--keep-going", "--fresh-env", "--quiet")
    trees = ("--doctree-dir", str(output.with_name(f"{output.name}-trees")))
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--jobs", "2", *strict, *trees]
    command += ["--conf-dir", str(SETTINGS), str(source), str(output)]
    done = subprocess.run(command, cwd=ROOT, timeout=TIMEOUT_S, check=False)  # noqa: S603 - our own words
    return done.returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Lay out, build, look at the result."""
    parser = argparse.ArgumentParser(description="Builds the documentation as a site.")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "site", help="where it is written")
    parser.add_argument("--source-only", action="store_true", help="lay the pages out, and build nothing")
    options = parser.parse_args(arguments)
    source = options.output.with_name(f"{options.output.name}-source")
    try:
        write(laid_out(), source)
    except SiteError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    if options.source_only:
        return 0
    code = built(source, options.output)
    if code:
        return code
    faults = faults_of(options.output)
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    if not faults:
        sys.stdout.write(f"{options.output / 'index.html'}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
