"""Shards: a log in a folder, some whole cases in each file, asked without loading it all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.arrow import as_arrow, as_text
from procmine.kernels.partial import Partial, merge_all
from procmine.log import EventLog, LogError, Text

P = TypeVar("P", bound=Partial)
CASE_COLUMNS = ("arrival", "until", "open")
EVENT, CASE = "event:", "case:"  # before the names of attributes, so that none meets another column


@dataclass(frozen=True)
class ShardedLog:
    """A folder: about.json, and for each shard events (activity, time, and those `kept`) and cases (one
    row each, in the same order). Where rows stood in the source is not kept."""

    about: About
    folder: Path
    shards: int
    kept: tuple[str, ...]

    @classmethod
    def open(cls, folder: str | Path) -> ShardedLog:
        written = Path(folder) / "about.json"
        if not written.exists():
            raise LogError(f"{Path(folder).name} holds no about.json: it is not a log written by procmine.save().")
        record = json.loads(written.read_text(encoding="utf-8"))
        return cls(About.from_dict(record["about"]), Path(folder), record["shards"], tuple(record["kept"]))

    def parts(self, columns: Sequence[str] = ()) -> Iterator[EventLog]:
        """The shards one by one, with only these attributes."""
        for number in range(self.shards):
            yield self._part(number, tuple(dict.fromkeys(columns)))

    def reduce(self, of: Callable[[EventLog], P], columns: Sequence[str] = ()) -> P:
        return merge_all(map(of, self.parts(columns)))

    def _part(self, number: int, columns: tuple[str, ...]) -> EventLog:
        from pyarrow import parquet

        per_case = [one for one in columns if one in self.about.attributes]
        per_event = [one for one in columns if one in self.about.event_attributes]
        wanted = ["activity", "time", *self.kept, *(EVENT + one for one in per_event)]
        events = parquet.ParquetFile(self.folder / f"events-{number:05}.parquet").read(columns=wanted)
        wanted = ["n", "case", *CASE_COLUMNS, *(["last"] if self.about.cut else []), *(CASE + one for one in per_case)]
        cases = parquet.ParquetFile(self.folder / f"cases-{number:05}.parquet").read(columns=wanted)
        return EventLog(
            about=self.about,
            activity=events["activity"].to_numpy(),
            time=events["time"].to_numpy(),
            **{name: events[name].to_numpy() for name in self.kept},
            offset=np.concatenate(([0], np.cumsum(cases["n"].to_numpy()))),
            **{name: cases[name].to_numpy() for name in CASE_COLUMNS},
            last=cases["last"].to_numpy() if self.about.cut else None,
            case=Text(np.arange(len(cases), dtype=np.int32), cases["case"].combine_chunks()),
            attributes={one: as_text(cases[CASE + one].unify_dictionaries()) for one in per_case},
            event_attributes={one: as_text(events[EVENT + one].unify_dictionaries()) for one in per_event},
        )


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
            write_part(log.take(np.arange(first, last)), partial, number)
        record = {"about": log.about.to_dict(), "shards": shards, "kept": list(optional_columns(log))}
        (partial / "about.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
        partial.rename(final)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return ShardedLog.open(final)


def optional_columns(log: EventLog) -> dict[str, NDArray[Any]]:
    """The columns of events that not every log has."""
    held = {"start": log.start, "dated": log.dated}
    return {name: column for name, column in held.items() if column is not None}


def write_part(part: EventLog, folder: Path, number: int, *, compression: str = "zstd") -> None:
    """The files of one shard."""
    import pyarrow as pa
    from pyarrow import parquet

    text = {EVENT + name: as_arrow(one) for name, one in part.event_attributes.items()}
    events = pa.table({"activity": part.activity, "time": part.time, **optional_columns(part), **text})
    fixed = {name: getattr(part, name) for name in CASE_COLUMNS}
    fixed |= {"last": part.last_seen} if part.about.cut else {}
    text = {CASE + name: as_arrow(one) for name, one in part.attributes.items()}
    names = part.case.levels.take(pa.array(part.case.codes))
    cases = pa.table({"n": np.diff(part.offset), "case": names, **fixed, **text})
    parquet.write_table(events, folder / f"events-{number:05}.parquet", compression=compression)
    parquet.write_table(cases, folder / f"cases-{number:05}.parquet", compression=compression)
