"""Chain: a file to which lines are only ever added, each with the hash of the one before it and of itself."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BufferedRandom
from pathlib import Path
from typing import Any

from procmine.log import LogError

NOTHING = "0" * 64  # the hash before the first line
KEYS = {"n", "at", "kind", "record", "before", "hash"}
SHORT = 12  # letters of a hash that name an entry
LOCKED = 2**30  # the byte that is locked while a line is added: far beyond any line, so that others may read
EDITED, MOVED, TORN = "edited", "moved", "torn"
OPENED, REPAIRED = "opened", "repaired"
FORM = "procmine ledger 1"
BEGINS = b'{"at":'  # every line


@dataclass(frozen=True)
class Entry:
    """One line: the how-manieth (from 1), when it was written (UTC, as that computer's clock said), what it holds."""

    n: int
    at: str
    kind: str
    record: Mapping[str, Any]
    before: str
    hash: str

    @property
    def id(self) -> str:
        """Names the entry, and pins what it says: another text has another name."""
        return self.hash[:SHORT]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line: EDITED (not as it was written), MOVED (does not follow the line before it: something was
    taken out, put in or moved), TORN (the last one is not whole)."""

    line: int
    what: str


@dataclass(frozen=True)
class Chain:
    """A file as read: the entries of all lines that say what one must, and every fault; `torn`: the piece at the end."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    torn: bytes = b""

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self.entries[-1].hash if self.entries else NOTHING

    def holds(self, head: str) -> int | None:
        """The line with that hash (or its first 12 letters or more); None: it is not there."""
        wanted = head.strip().lower()
        if len(wanted) < SHORT:
            raise ValueError(f"{head!r} is too short for a head: at least its first {SHORT} letters are needed.")
        return next((one.n for one in self.entries if one.hash.startswith(wanted)), None)


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON in one way only: keys in order, no blanks, plain letters; ValueError for what is no number."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def hash_of(entry: Mapping[str, Any]) -> str:
    """Of all that an entry says but its own hash."""
    return sha256(canonical({name: value for name, value in entry.items() if name != "hash"})).hexdigest()


def read_chain(path: Path) -> Chain:
    """Every line checked by itself and against the one before it; a file that is not there has no lines."""
    return parse(path.read_bytes()) if path.exists() else Chain((), ())


def parse(data: bytes) -> Chain:
    *lines, torn = data.split(b"\n")
    entries, faults, before, last = list[Entry](), list[Fault](), NOTHING, 0
    for n, line in enumerate(lines, 1):
        entry = _entry(line)
        if entry is None:
            faults.append(Fault(n, EDITED))
            last += 1
            continue
        follows = entry.before == before and entry.n == last + 1
        if not follows and (not faults or faults[-1] != Fault(n - 1, EDITED)):
            faults.append(Fault(n, MOVED))
        entries.append(entry)
        before, last = entry.hash, entry.n
    return Chain(tuple(entries), (*faults, *([Fault(len(lines) + 1, TORN)] if torn else [])), torn)


def append(path: Path, kind: str, record: Mapping[str, Any]) -> Entry:
    """Add a line, when nobody else does and all lines before it are as they were written; on the disk when this returns."""
    with _locked(path) as file:
        chain = parse(file.read())
        _refuse(chain, path)
        if not chain.entries:
            chain = Chain((_write(file, chain, OPENED, {"form": FORM, "name": os.urandom(8).hex()}),), ())
        return _write(file, chain, kind, record)


def repair(path: Path, *, why: str) -> Entry:
    """Put a torn end right, and say so in a line of its own: the piece is kept beside the file, or in it if it is whole."""
    if not why.strip():
        raise ValueError(
            "Say what happened: why='the computer went off while it wrote'. It is written into the ledger."
        )
    with _locked(path) as file:
        data = file.read()
        chain = parse(data)
        if not chain.torn:
            raise LogError(f"{path.name} has no torn end: there is nothing to repair. Other faults cannot be mended.")
        if not chain.entries and not chain.torn.startswith(BEGINS):
            raise LogError(f"{path.name} is no ledger: it does not begin as one. Nothing was changed.")
        _refuse(Chain(chain.entries, chain.faults[:-1]), path)
        whole = parse(data + b"\n")
        kept = not whole.faults
        said = {"why": why, "bytes": len(chain.torn), "sha256": sha256(chain.torn).hexdigest(), "kept": kept}
        if kept:
            file.write(b"\n")
            return _write(file, whole, REPAIRED, said)
        aside = path.with_name(f"{path.name}.torn-{said['sha256'][:SHORT]}")  # type: ignore[index]
        aside.write_bytes(chain.torn)
        file.truncate(len(data) - len(chain.torn))
        return _write(file, chain, REPAIRED, said)


def _entry(line: bytes) -> Entry | None:
    """None unless the line is to the letter what its hash says."""
    try:
        read = json.loads(line)
        right = isinstance(read, dict) and _formed(read) and canonical(read) == line and hash_of(read) == read["hash"]
    except (ValueError, RecursionError):
        return None
    return Entry(**read) if right else None


def _formed(read: Mapping[str, Any]) -> bool:
    if set(read) != KEYS or type(read["n"]) is not int or not isinstance(read["record"], dict):
        return False
    return all(isinstance(read[name], str) for name in KEYS - {"n", "record"})


def _write(file: BufferedRandom, chain: Chain, kind: str, record: Mapping[str, Any]) -> Entry:
    n, now = len(chain.entries) + 1, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    entry: dict[str, Any] = {"n": n, "at": now, "kind": kind, "record": dict(record), "before": chain.head}
    entry["hash"] = hash_of(entry)
    file.seek(0, os.SEEK_END)
    file.write(canonical(entry) + b"\n")
    file.flush()
    os.fsync(file.fileno())
    return Entry(**entry)


def _refuse(chain: Chain, path: Path) -> None:
    """Nothing is added to a chain that was tampered with: it would look as if all before it were right."""
    if not chain.faults:
        return
    one = chain.faults[0]
    if one.what == TORN:
        raise LogError(
            f"The last line of {path.name} (line {one.line}) is not whole: writing it was interrupted. "
            'ledger.repair(why="...") puts it right, and says so in the ledger.'
        )
    raise LogError(
        f"{path.name} was changed by hand or damaged: {len(chain.faults)} line(s) are not as they were written, the first is "
        f"line {one.line}. Nothing is added to it. Take a copy from before, or begin a new ledger and keep this one."
    )


@contextmanager
def _locked(path: Path) -> Iterator[BufferedRandom]:
    """The file, open for reading and adding, while nobody else adds to it; the system lets go of it after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(exist_ok=True)
    with path.open("r+b") as file:
        try:
            _lock(file, True)
        except OSError as error:
            raise LogError(
                f"{path.name} cannot be locked: another program holds it, or its folder cannot lock files ({error}). Try "
                "again; if that does not help, keep the ledger in another folder."
            ) from error
        try:
            file.seek(0)
            yield file
        finally:
            file.flush()
            _lock(file, False)


if sys.platform == "win32":  # pragma: no cover

    def _lock(file: BufferedRandom, on: bool) -> None:
        import msvcrt

        file.seek(LOCKED)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if on else msvcrt.LK_UNLCK, 1)

else:

    def _lock(file: BufferedRandom, on: bool) -> None:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX if on else fcntl.LOCK_UN)
