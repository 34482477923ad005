"""The files of a folder of shards: how a part of a log is written and read back, and what about.json says of all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.arrow import as_arrow, as_text
from procmine.kernels.flow import Ints
from procmine.log import EventLog, LogError, Text
from procmine.scale.damage import believed, broken, check_about, check_columns, check_fit, check_record, sound

if TYPE_CHECKING:
    import pyarrow as pa

ABOUT = "about.json"
FORMAT = 2
EVENT, CASE = "event:", "case:"  # before the names of attributes, so that none meets another column
CHANGED = (
    "The files of {name} are not those that it was opened with: it was compacted or written anew meanwhile. "
    "Read the folder again."
)


@dataclass(frozen=True)
class Delta:
    """The cases that a month touched, each whole, in the shards that have such cases; `cutoff` when it was written."""

    name: str
    shards: tuple[int, ...]
    cutoff: int


@dataclass(frozen=True)
class Record:
    """What about.json holds. `base` is the folder in it that holds the shards' files ("": itself); `deltas` are those of
    later months, in order: of each case the newest version counts. `hashed`: a case's name tells its shard. `facts`: what
    is needed to add a month. `whole`: one shard that is opened in memory. `cutoff`: when the base was written. `newest`: the
    name of the last base or delta."""

    about: About
    shards: int
    hashed: bool = False
    base: str = ""
    deltas: tuple[Delta, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = False
    cutoff: int | None = None
    newest: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """The folders in it that hold files."""
        return (self.base, *(one.name for one in self.deltas))


def write_record(folder: Path, record: Record) -> None:
    """Written last of all, and at once: who reads the folder meanwhile finds the old record, or the new one."""
    plain = {"format": FORMAT, "about": record.about.to_dict(), "shards": record.shards, "hashed": record.hashed}
    plain |= {"base": record.base, "deltas": [asdict(one) for one in record.deltas], "facts": dict(record.facts)}
    plain |= {"cutoff": record.about.cutoff if record.cutoff is None else record.cutoff}
    plain |= {"whole": True} if record.whole else {}
    plain |= {"newest": record.newest} if record.newest else {}
    written = folder / f".{ABOUT}.partial"
    written.write_text(json.dumps(plain, indent=1), encoding="utf-8")
    written.replace(folder / ABOUT)


def read_record(folder: Path) -> Record:
    """Also of folders that were written before there were deltas (format 1)."""
    if not (folder / ABOUT).is_file():
        raise LogError(
            f"{folder.name} holds no {ABOUT}: it is not a log written by procmine.save() or procmine shard, or that did "
            "not come to its end."
        )
    with believed(folder):
        plain = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if plain.get("format", 1) > FORMAT:
            raise LogError(
                f"{folder.name} was written by a newer procmine (format {plain['format']}): read it with that one."
            )
        plain = check_record(plain, folder)
        given = {one: plain[one] for one in ("hashed", "base", "facts", "whole", "cutoff", "newest") if one in plain}
        deltas = tuple(Delta(one["name"], tuple(one["shards"]), one["cutoff"]) for one in plain.get("deltas", ()))
        about = check_about(About.from_dict(plain["about"]), folder)
        return Record(about, plain["shards"], deltas=deltas, **given)


def write_shard(part: EventLog, folder: Path, number: int, *, compression: str = "lz4") -> None:
    """The two files of one shard: whole cases, in the order given. Not kept: where rows stood, and what people said.

    What follows from the events, `ends` and `cutoff` is not written (see `watched`), so that a later month leaves the
    files as they are. A file of that name is complete: it is written under another. The same part gives the same bytes.
    """
    import pyarrow as pa

    text = {EVENT + name: as_arrow(used(one)) for name, one in part.event_attributes.items()}
    optional = {name: one for name, one in (("start", part.start), ("dated", part.dated)) if one is not None}
    events = pa.table({"activity": part.activity, "time": part.time, **optional, **text})
    text = {CASE + name: as_arrow(used(one)) for name, one in part.attributes.items()}
    names = part.case.levels.take(pa.array(part.case.codes))
    count = np.diff(part.offset).astype(np.int32)
    cases = pa.table({"n": count, "case": names, **_not_told(part), **text})
    _write(events, folder / f"events-{number:05}.parquet", compression)
    _write(cases, folder / f"cases-{number:05}.parquet", compression)


def used(text: Text) -> Text:
    """The same values, with levels for these only, in the order that they had."""
    import pyarrow as pa

    there = np.zeros(len(text.levels) + 1, bool)
    there[text.codes] = True  # the last place stands for what is missing
    codes = np.flatnonzero(there[:-1])
    new = np.full(len(text.levels) + 1, -1, np.int32)
    new[codes] = np.arange(len(codes), dtype=np.int32)
    return Text(new[text.codes], text.levels.take(pa.array(codes.astype(np.int64))))


def _write(table: pa.Table, file: Path, compression: str) -> None:
    """Times are not repeated, so a dictionary of them would only cost; one group of rows, so that nothing is joined."""
    from pyarrow import parquet

    coded = [name for name in table.column_names if name.startswith((EVENT, CASE)) or name in ("activity", "n")]
    partial = file.with_name(f".{file.name}.partial")
    parquet.write_table(
        table, partial, compression=compression, use_dictionary=coded, row_group_size=max(len(table), 1)
    )
    os.replace(partial, file)


def _not_told(part: EventLog) -> dict[str, NDArray[Any]]:
    """The columns of cases that do not follow from the events."""
    later = later_of(part)
    told = Told(part.activity, part.time, part.start, part.offset, later)
    arrival, until, is_open = told.watched(part.about)
    kept: dict[str, NDArray[Any]] = {"last": part.last_seen} if part.about.cut else {}
    kept |= {} if np.array_equal(arrival, part.arrival) else {"arrival": part.arrival}
    if np.array_equal(is_open, part.open) and np.array_equal(until, part.until):
        return {**kept, "later": later}
    return {**kept, "until": part.until, "open": part.open}


def later_of(part: EventLog) -> NDArray[np.bool_]:
    """Per case: whether it went on after the cutoff, though its last event finishes cases."""
    return part.open & _stopped(part.about, part.activity, part.offset)


def _stopped(about: About, activity: NDArray[Any], offset: Ints) -> NDArray[np.bool_]:
    """Per case: whether its last event finishes it. Without any event it does not."""
    finishing = np.array([code for code, name in enumerate(about.activities) if name in about.ends], np.int64)
    filled = np.diff(offset) > 0
    stopped = np.zeros(len(offset) - 1, bool)
    stopped[filled] = np.isin(activity[offset[1:][filled] - 1], finishing)
    return stopped


@dataclass(frozen=True, eq=False)
class Told:
    """Events of cases, and per case whether an event after the cutoff was seen when they were written (`later`)."""

    activity: NDArray[Any]
    time: Ints
    start: Ints | None
    offset: Ints
    later: NDArray[np.bool_]

    def watched(self, about: About) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Per case arrival, until and open, as the door says them of these events."""
        filled = np.flatnonzero(np.diff(self.offset) > 0)
        arrival = np.full(len(self.offset) - 1, about.cutoff)
        until = arrival.copy()
        first = self.offset[:-1][filled]
        begun = self.time if self.start is None else self.start
        arrival[filled] = (
            begun[first] if self.start is None else np.minimum.reduceat(begun, first) if len(first) else []
        )
        is_open = ~_stopped(about, self.activity, self.offset) | self.later
        ended = filled[~is_open[filled]]
        until[ended] = self.time[self.offset[1:][ended] - 1]
        return arrival, until, is_open


def read_shard(
    folder: Path, number: int, about: About, per_case: Sequence[str], per_event: Sequence[str], *, newest: bool = True
) -> EventLog:
    """A shard's cases with these attributes, as `about` has them. `newest`: nothing was added to the log since the files
    were written; else what they say of later events is past."""
    events = _read(folder / f"events-{number:05}.parquet", ["activity", "time", "start", "dated"], EVENT, per_event)
    watched = ["n", "case", "arrival", "later", "until", "open", "last"]
    cases = _read(folder / f"cases-{number:05}.parquet", watched, CASE, per_case)
    check_columns(events, ("activity", "time"), folder / f"events-{number:05}.parquet")
    check_columns(cases, ("n", "case"), folder / f"cases-{number:05}.parquet")
    held = {name: cases[name].to_numpy() for name in cases.column_names if name in ("arrival", "until", "open", "last")}
    fixed: dict[str, Any] = {name: _column(events, name) for name in ("start", "dated")}
    fixed |= {"activity": _narrow(events["activity"].to_numpy(), about), "time": events["time"].to_numpy()}
    fixed["offset"] = np.concatenate(([0], np.cumsum(cases["n"].to_numpy(), dtype=np.int64)))
    check_fit(events, fixed["offset"], len(about.activities), folder / f"events-{number:05}.parquet")
    if not held.keys() >= {"arrival", "until", "open"}:
        later = cases["later"].to_numpy() if newest and "later" in cases.column_names else np.zeros(len(cases), bool)
        told = Told(fixed["activity"], fixed["time"], fixed["start"], fixed["offset"], later)
        held = dict(zip(("arrival", "until", "open"), told.watched(about))) | held
    names = Text(np.arange(len(cases), dtype=np.int32), _whole(cases["case"]))
    fixed |= {"attributes": _texts(cases, CASE, per_case), "event_attributes": _texts(events, EVENT, per_event)}
    return EventLog(about=about, case=names, **fixed, **held)


def case_values(file: Path, name: str) -> list[str]:
    """The values that an attribute of cases has in a shard."""
    table = _read(file, [], CASE, [name])
    values: list[str] = _text(table[CASE + name]).levels.to_pylist() if table.column_names else []
    return values


def _read(file: Path, fixed: Sequence[str], prefix: str, attributes: Sequence[str]) -> pa.Table:
    """Those of these columns that the file has."""
    from pyarrow import parquet

    try:
        with sound(file), parquet.ParquetFile(file) as opened:
            wanted = [*fixed, *(prefix + one for one in attributes)]
            return opened.read(columns=[one for one in opened.schema_arrow.names if one in wanted])
    except FileNotFoundError as error:
        raise _gone(file) from error


def _gone(file: Path) -> LogError:
    """A file that about.json still names is lost; one of a log that was compacted, or written anew, is replaced."""
    inner = file.parent.name.startswith(("base-", "delta-"))
    folder = file.parent.parent if inner else file.parent
    named = read_record(folder).named if (folder / ABOUT).is_file() else ()
    if (file.parent.name if inner else "") in named:
        return broken(folder, f"{file.parent.name if inner else ''}{'/' if inner else ''}{file.name} is missing")
    return LogError(CHANGED.format(name=folder.name))


def _texts(table: pa.Table, prefix: str, names: Sequence[str]) -> dict[str, Text]:
    """Of an attribute that a file does not have (no case of an earlier month had it) every value is missing."""
    import pyarrow as pa

    none = Text(np.full(len(table), -1, np.int32), pa.array([], pa.string()))
    return {name: _text(table[prefix + name]) if prefix + name in table.column_names else none for name in names}


def _text(column: pa.ChunkedArray) -> Text:
    return as_text(column.unify_dictionaries())


def _column(table: pa.Table, name: str) -> NDArray[Any] | None:
    return table[name].to_numpy() if name in table.column_names else None


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _narrow(activity: NDArray[Any], about: About) -> NDArray[Any]:
    """In the width that all activities of the log take: they may have become more since the file was written."""
    width = width_of(len(about.activities))
    return activity if activity.dtype.itemsize >= np.dtype(width).itemsize else activity.astype(width)


def width_of(activities: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if activities <= 2**8 else np.uint16 if activities <= 2**16 else np.uint32
