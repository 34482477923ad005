"""Put the finished folder of a job in the place of the old one, so that whoever looks sees one of them and no mixture."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from secrets import token_hex

from procmine.publish.batch.job import OFFICES, RECORD, Done

PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 14.0)  # seconds; a scanner lets go soon, a person who reads does not
PARTIAL, OLD, BESIDE = ".partial-", ".old-", " (new version)"
Wait = Callable[[float], object]


@dataclass(frozen=True)
class Put:
    """Where the new version lies; `held`: beside its place, since a file of the old version was open elsewhere."""

    folder: Path
    held: bool = False


def put(files: Mapping[str, Path], place: Path, done: Done, *, wait: Wait = time.sleep) -> Put:
    """Copy the files to a folder beside `place`, its record last, and let that take the place.

    Names in `files` are below the folder, with "/". OSError: it cannot be written; then nothing of it is left.
    """
    place = reachable(place)
    _no_link(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    token = token_hex(4)
    partial = place.with_name(f".{place.name}{PARTIAL}{token}")
    try:
        _write(files, partial, done)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return _into_place(partial, place, token, wait)


def record_of(place: Path) -> Done | None:
    """The record in the folder of a job; None where the job is not finished."""
    try:
        return Done.from_dict(json.loads((reachable(place) / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def intact(place: Path, done: Done) -> bool:
    """Whether each file is there as it was written."""
    folder = reachable(place)
    try:
        return all(digest(folder / name) == written for name, written in done.files.items())
    except OSError:
        return False


def digest(path: Path) -> str:
    """Of a file; of a folder with the names and the content of all files in it."""
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file())
        named = [f"{one.relative_to(path).as_posix()} {digest(one)}" for one in files]
        return sha256("\n".join(named).encode()).hexdigest()
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def recover(folder: Path, *, wait: Wait = time.sleep) -> None:
    """Put right what runs that were killed have left below `folder`; what was finished is kept.

    A finished folder takes its place, an old one whose successor was never finished comes back, all else goes.
    """
    for left in sorted(
        _left(reachable(folder)), key=lambda one: (OLD in one.name, -one.stat().st_mtime)
    ):  # newest first
        place = _place_of(left)
        if OLD not in left.name and record_of(left):
            _into_place(left, place, token_hex(4), wait)
        elif OLD in left.name and not place.exists():
            os.replace(left, place)
        else:
            shutil.rmtree(left, ignore_errors=True)


def reachable(path: Path) -> Path:
    """The path as Windows takes it at any length; on other systems as it is."""
    return Path(long_name(str(path.absolute()))) if os.name == "nt" else path


def long_name(path: str) -> str:
    r"""An absolute path of Windows with the prefix that lifts its limit of 260 letters: \\?\C:\..., \\?\UNC\server\..."""
    if path.startswith("\\\\?\\"):
        return path
    return "\\\\?\\UNC\\" + path[2:] if path.startswith("\\\\") else "\\\\?\\" + path


def _write(files: Mapping[str, Path], partial: Path, done: Done) -> None:
    partial.mkdir()
    for name, source in sorted(files.items()):
        target = partial.joinpath(*name.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        _settle(target)
    _settle(partial)
    unnamed = partial / f".{RECORD}"
    unnamed.write_text(json.dumps(done.to_dict(), ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")
    _settle(unnamed)
    os.replace(unnamed, partial / RECORD)
    _settle(partial)


def _settle(path: Path) -> None:
    """Wait until it is on the disk; Windows has no such thing for folders."""
    if os.name == "nt" and path.is_dir():
        return
    file = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _into_place(new: Path, place: Path, token: str, wait: Wait) -> Put:
    """Now, or as soon as whoever holds a file lets go; after the last pause it stays beside its place."""
    old = place.with_name(f".{place.name}{OLD}{token}")
    for pause in (*PAUSES, None):
        try:
            _swap(new, place, old)
        except PermissionError:
            if pause is not None:
                wait(pause)
            continue
        _settle(place.parent)
        _settled_beside(place)
        shutil.rmtree(old, ignore_errors=True)
        return Put(place)
    return Put(_beside(new, place), held=True)


def _swap(new: Path, place: Path, old: Path) -> None:
    if place.exists():
        os.replace(place, old)
    try:
        os.replace(new, place)
    except OSError:
        if old.exists():
            os.replace(old, place)
        raise


def _beside(new: Path, place: Path) -> Path:
    """Under a name that says what it is; a version that was kept so before gives way, unless it is open as well."""
    for number in range(1, 100):
        beside = place.with_name(f"{place.name}{BESIDE}" + (f" {number}" if number > 1 else ""))
        if beside == new:
            return beside
        try:
            shutil.rmtree(beside, ignore_errors=True)
            os.replace(new, beside)
            return beside
        except OSError:
            continue
    return new


def _settled_beside(place: Path) -> None:
    """What was kept beside has been overtaken."""
    for one in place.parent.glob("*"):
        if one.name.startswith(f"{place.name}{BESIDE}") and one.is_dir():
            shutil.rmtree(one, ignore_errors=True)


def _left(folder: Path) -> Iterator[Path]:
    for here, names, _ in os.walk(folder):
        ours = [name for name in names if _place_name(name) is not None]
        names[:] = [name for name in names if name not in ours]
        yield from (Path(here) / name for name in ours)


def _place_name(name: str) -> str | None:
    """Of which folder this is a version that is not in place."""
    for mark in (PARTIAL, OLD):
        if name.startswith(".") and mark in name:
            return name[1 : name.rindex(mark)]
    return name[: name.rindex(BESIDE)] if BESIDE in name else None


def _place_of(left: Path) -> Path:
    return left.with_name(_place_name(left.name) or left.name)


def _no_link(place: Path) -> None:
    """A link in the place of a folder would have us write elsewhere."""
    for one in (place, *place.parents):
        if one.name == OFFICES or (one != place and OFFICES not in place.parts):
            return
        if one.is_symlink():
            raise OSError(f"{one.name} is a link to another folder")
