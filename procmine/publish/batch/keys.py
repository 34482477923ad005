"""Keys of jobs: a hash of all that goes into a job, so that one whose key is known need not run again."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from hashlib import file_digest, sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import procmine


def key_of(
    notebook: Path, log: str, parameters: Mapping[str, object], declared: Mapping[str, object], **said: Any
) -> str:
    """Of a notebook, the hash of its log, its parameters and what else is said; files that they name by what is in them.

    `declared` are the notebook's own values, which hold where nothing is given: files among them count too.
    """
    values = {**declared, **parameters}
    named = {name: _named(value, notebook.parent) for name, value in values.items()}
    record = {"notebook": content(notebook), "log": log, "values": named, "with": dict(environment()), **said}
    return sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()


def content(path: Path) -> str:
    """sha256 of a file, or of a folder's files with their names; "" where there is neither."""
    if path.is_file():
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else []
    said = [f"{one.relative_to(path).as_posix()} {content(one)}\n" for one in inside]
    return sha256("".join(said).encode()).hexdigest() if said else ""


@cache
def environment() -> tuple[tuple[str, str], ...]:
    """Python, procmine as it stands on this disk, and every package installed beside it."""
    there = sorted({f"{one.name.lower()}=={one.version}" for one in distributions() if one.name})
    home = Path(procmine.__file__).parent
    source = [f"{one.relative_to(home).as_posix()} {content(one)}\n" for one in sorted(home.rglob("*")) if _ours(one)]
    return (
        ("python", sys.version.split()[0]),
        ("procmine", f"{procmine.__version__} {sha256(''.join(source).encode()).hexdigest()}"),
        ("packages", sha256("\n".join(there).encode()).hexdigest()),
    )


def _ours(path: Path) -> bool:
    return path.suffix in (".py", ".yml", ".css", ".html", ".js", ".j2") and path.is_file()


def _named(value: object, folder: Path) -> object:
    """A file by its name and what is in it, seen from here or from the notebook; all else as it is."""
    if isinstance(value, list | tuple):
        return [_named(one, folder) for one in value]
    if not isinstance(value, str) or not value.strip() or len(value) > 1_000:
        return value
    for path in (Path(value), folder / value):
        try:
            if path.is_file():
                return [path.name, content(path)]
        except (OSError, ValueError):  # too long for a path, or with a zero byte
            return value
    return value
