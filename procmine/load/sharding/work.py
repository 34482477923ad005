"""The work in progress beside a folder to be: what is done is kept, so that a run that was ended goes on."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from procmine.log import LogError
from procmine.scale.locking import held

EDGE = 1 << 20  # bytes at the beginning and at the end of a file that tell it from another
FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
PLAN, READ, BUILT = "plan.json", "read.json", "built"


@dataclass(frozen=True)
class Work:
    """A hidden folder: the plan, the chunks of rows that were read, and the shards that are made."""

    folder: Path
    final: Path

    @property
    def built(self) -> Path:
        return self.folder / BUILT

    @property
    def plan(self) -> dict[str, Any] | None:
        """What a run that was ended had planned."""
        return _read(self.folder / PLAN)

    @property
    def read(self) -> dict[str, Any] | None:
        """What was noted over the source, once all of it is in chunks."""
        return _read(self.folder / READ)

    def keep(self, name: str, what: Mapping[str, Any]) -> None:
        partial = self.folder / f"{name}.partial"
        partial.write_text(json.dumps(what), encoding="utf-8")
        partial.replace(self.folder / name)

    def chunk(self, number: int) -> Path:
        return self.folder / f"rows-{number:05}.arrow"

    def chunks(self) -> list[Path]:
        return sorted(self.folder.glob("rows-*.arrow"))

    def shards(self) -> int:
        """How many are made."""
        return len(list(self.built.glob("cases-*.parquet")))

    def size(self) -> int:
        return sum(one.stat().st_size for one in self.folder.rglob("*") if one.is_file())

    def remove(self) -> None:
        shutil.rmtree(self.folder)


@contextmanager
def work_on(final: Path) -> Iterator[Work]:
    """The work for a folder, for one run at a time; what is there of an earlier one is found in it."""
    folder = final.with_name(f".{final.name}.sharding")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogError(f"{final.parent} cannot be written to ({error.strerror}): name another folder.") from error
    lock = (folder / "lock").open("ab")
    try:
        if not held(lock):
            raise LogError(f"{final.name} is being made by another run just now. Wait for it, or name another folder.")
        yield Work(folder, final)
    finally:
        lock.close()
        if folder.exists() and not (folder / PLAN).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _read(file: Path) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


def identity(paths: Sequence[Path]) -> list[list[Any]]:
    """What tells each file: its name, size, when it was changed, and a hash of its beginning and its end."""
    return [[path.name, path.stat().st_size, path.stat().st_mtime_ns, _edges(path)] for path in paths]


def _edges(path: Path) -> str:
    with path.open("rb") as file:
        told = hashlib.sha256(file.read(EDGE))
        file.seek(max(path.stat().st_size - EDGE, 0))
        told.update(file.read(EDGE))
    return told.hexdigest()


def check_same(work: Work, told: Mapping[str, Any]) -> None:
    """LogError where a run that was ended read another source, or was asked otherwise."""
    kept = work.plan
    if kept is None:
        return
    changed = "source" if kept["source"] != told["source"] else "asked" if kept["asked"] != told["asked"] else ""
    if changed:
        what = (
            "the source is not the one that was read then (another size, date or content)"
            if changed == "source"
            else "it was asked otherwise then (columns, spec, cutoff, ends, memory or version of procmine)"
        )
        raise LogError(
            f"A run that was to make {work.final.name} did not come to its end, and cannot be continued: {what}. Remove "
            f"{work.folder} to begin anew, or name another folder."
        )


def check_space(work: Work, needed: int) -> None:
    """LogError, before anything is written, where the disk is too small."""
    free = shutil.disk_usage(work.folder).free
    if needed > free:
        raise LogError(
            f"{work.final.name} needs about {size(needed)} on its disk while it is made, and {size(free)} are free. Free "
            "some, or name a folder on another disk."
        )


@contextmanager
def told_when_full(work: Work, shards: int) -> Iterator[None]:
    """One LogError for a full disk: what is done is kept."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL and not any(os.strerror(one) in str(error) for one in FULL):
            raise
        done, free = len(work.chunks()), shutil.disk_usage(work.folder).free
        raise LogError(
            f"There is no room left on the disk for {work.final.name} ({size(free)} free): "
            f"{done:,} chunks of the source and {work.shards():,} of {shards:,} shards are done and kept "
            f"({size(work.size())}). Free some room and run the same command: it continues. Or remove {work.folder}."
        ) from error


def size(n: float) -> str:
    """Bytes in words."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if n < 1000 or unit == "GB":
            return f"{n:,.0f} {unit}" if unit in ("bytes", "kB") or n >= 100 else f"{n:,.1f} {unit}"
        n /= 1000
    raise AssertionError
