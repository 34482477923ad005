"""Shards: a log in a folder, some whole cases in each file, asked without loading it all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np

from procmine.kernels import compiled
from procmine.log import NOT_IN_MEMORY, EventLog, LogError
from procmine.scale.files import Record, case_values, read_record, read_shard, write_record, write_shard
from procmine.scale.folds import Folded, NotInMemoryError, Steps
from procmine.scale.together import newest


@dataclass(frozen=True, repr=False, eq=False)
class ShardedLog(Folded):
    """A folder: about.json, and for each shard a file of events and one of cases (see docs/scale.md). Asked like a log in
    memory; filters are applied to each shard as it is read. Where rows stood in the source is not kept.

    A month that is added while the folder is open is not seen until it is read again.
    """

    folder: Path
    record: Record

    open: ClassVar[_Opens]

    @property
    def shards(self) -> int:
        return self.record.shards

    def _parts(self, columns: Sequence[str]) -> Iterator[EventLog]:
        """While a shard is used the next one is read, in a thread; so two are in memory at most."""
        with ThreadPoolExecutor(1) as ahead:
            waiting = [ahead.submit(self.shard, 0, columns)]
            for number in range(1, self.shards + 1):
                part = [waiting.pop().result()]
                compiled(len(part[0].time) * self.shards)  # so many are to come: loaded once, at the beginning, it pays
                if number < self.shards:
                    waiting.append(ahead.submit(self.shard, number, columns))
                yield part.pop()

    def shard(self, number: int, columns: Sequence[str]) -> EventLog:
        """One shard before the filters: of each case the newest version."""
        about = self.whole
        per_case = [one for one in dict.fromkeys(columns) if one in about.attributes]
        per_event = [one for one in dict.fromkeys(columns) if one in about.event_attributes]
        read = [
            read_shard(folder, number, about, per_case, per_event, newest=cutoff >= about.cutoff)
            for folder, cutoff in self._of(number)
        ]
        return newest(read)

    def _of(self, number: int) -> list[tuple[Path, int]]:
        """The folders with files of a shard, the oldest first, and the cutoff when they were written."""
        base = self.whole.cutoff if self.record.cutoff is None else self.record.cutoff
        later = [(self.folder / one.name, one.cutoff) for one in self.record.deltas if number in one.shards]
        return [(self.folder / self.record.base, base), *later]

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        return {}

    def _values(self, name: str) -> set[str]:
        """Only that column is read; a value that a later month replaced everywhere counts as known."""
        if name not in self._known:
            folders = [(number, folder) for number in range(self.shards) for folder, _ in self._of(number)]
            files = (folder / f"cases-{number:05}.parquet" for number, folder in folders)
            self._known[name] = {value for file in files for value in case_values(file, name)}
        return self._known[name]


def _opened(folder: str | Path) -> ShardedLog:
    record = read_record(Path(folder))
    return ShardedLog(record.about, Steps(record.about), Path(folder), record)


class _Opens:
    """`ShardedLog.open(folder)`. Of a log that is open it is a column, which only a log in memory has."""

    def __get__(self, log: ShardedLog | None, kind: type[ShardedLog]) -> Callable[[str | Path], ShardedLog]:
        if log is not None:
            raise NotInMemoryError(NOT_IN_MEMORY)
        return _opened


ShardedLog.open = _Opens()


def save(log: EventLog, folder: str | Path, *, shards: int = 1) -> ShardedLog:
    """Write a log as a new folder of shards of equally many cases; an existing folder is refused.

    The folder appears when it is complete: it is written under a sibling name.
    """
    if shards < 1:
        raise ValueError(f"{shards} shards: at least 1 is needed.")
    final = Path(folder)
    if final.exists():
        raise LogError(f"{final.name} exists already; name a new folder.")
    partial = final.with_name(f".{final.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True)
    try:
        bounds = np.linspace(0, len(log), shards + 1).astype(int)
        for number, (first, last) in enumerate(pairwise(bounds)):
            write_shard(log.take(np.arange(first, last)), partial, number)
        write_record(partial, Record(log.about, shards))
        partial.rename(final)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return ShardedLog.open(final)
