"""Manifests: files that list something, one a line, as JSON Lines or as CSV with a header."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from preflight.errors import SourceError, UsageError
from preflight.evidence.file import resolve

__all__ = ["read_lines"]

T = TypeVar("T")
_MAX_BYTES = 64 << 20
"""Ours: a million lines, which nobody waits for."""
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def read_lines(
    name: str | os.PathLike[str], kind: type[T], *, lists: tuple[str, ...] = (), flags: tuple[str, ...] = ()
) -> tuple[Iterator[tuple[int, Callable[[], T]]], Path]:
    """The lines of a manifest, each with its number and a function that reads it; and the folder it lies in.

    ``-`` is standard input, and the folder then the working one. In CSV, the columns ``lists`` are separated
    by ``;`` and ``flags`` are true or false. Raises UsageError or SourceError for a file that is no manifest;
    a function raises ValueError (msgspec's errors are some) for a line that is none of ``kind``.
    """
    shown, (data, folder) = os.fspath(name), _read(name)
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{shown}: a manifest of more than {_MAX_BYTES >> 20} MiB is not read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise UsageError(f"{shown}: is not UTF-8 text") from exc
    if text.lstrip().startswith("["):
        raise UsageError(f"{shown}: is one JSON list; a manifest has a JSON object on each line")
    if text.lstrip().startswith("{"):
        return _json_lines(text, kind), folder
    return _csv_lines(shown, text, kind, lists, flags), folder


def _read(name: str | os.PathLike[str]) -> tuple[bytes, Path]:
    if os.fspath(name) == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        return sys.stdin.buffer.read(_MAX_BYTES + 1), Path.cwd()
    path = resolve(name)
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES + 1), path.parent
    except OSError as exc:
        raise SourceError(f"{os.fspath(name)}: {exc.strerror or 'cannot be read'}") from exc


def _json_lines(text: str, kind: type[T]) -> Iterator[tuple[int, Callable[[], T]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, partial(_of_json, line, kind)


def _of_json(line: str, kind: type[T]) -> T:
    try:
        return msgspec.convert(json.loads(line, object_pairs_hook=_without_duplicates), kind)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError("a key stands there twice")
    return dict(pairs)


def _csv_lines(
    shown: str, text: str, kind: type[T], lists: tuple[str, ...], flags: tuple[str, ...]
) -> Iterator[tuple[int, Callable[[], T]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        heads = list(reader.fieldnames or ())
        if len(set(heads)) < len(heads):
            raise UsageError(f"{shown}, line 1: a column stands there twice")
        for row in reader:
            yield reader.line_num, partial(_of_row, row, kind, lists, flags)
    except csv.Error as exc:
        raise UsageError(f"{shown}, line {reader.line_num}: {exc}") from exc


def _of_row(
    row: Mapping[str | None, Any], kind: type[T], lists: tuple[str, ...], flags: tuple[str, ...]
) -> T:
    if None in row:
        raise ValueError("more values than the header has columns")
    given: dict[str, Any] = {str(key): value for key, value in row.items() if value not in (None, "")}
    for column in lists:
        if column in given:
            given[column] = [part.strip() for part in given[column].split(";") if part.strip()]
    for column in flags:
        word = str(given.get(column, "false")).strip().lower()
        if word not in _TRUE | _FALSE:
            raise ValueError(f"{column} is true or false")
        given[column] = word in _TRUE
    return msgspec.convert(given, kind)
