"""`procmine shard`: a folder of shards from a source of any size, in bounded memory, and continued where it was ended."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from procmine.kernels.case_hash import case_shard
from procmine.load import door
from procmine.load.columns import Columns, over
from procmine.load.events.facts import RowFacts
from procmine.load.events.settled import survey_rows
from procmine.load.events.table import Given, Loaded
from procmine.load.events.watch import Ends
from procmine.load.raw import Raw, file_hash
from procmine.load.shape import sources
from procmine.load.shape.sources import Part, Parts
from procmine.load.sharding.buckets import Buckets, Layout, Source
from procmine.load.sharding.building import Builder
from procmine.load.sharding.reading import Measures, hash_of, layout_of, notes_of, read_all, row_facts
from procmine.load.sharding.streams import Stream, head_of, stream_of
from procmine.load.sharding.work import PLAN, Work, check_same, check_space, identity, told_when_full, work_on
from procmine.log import EventLog, LogError
from procmine.progress import Line
from procmine.scale.files import Record, read_shard, write_record, write_shard
from procmine.words import Message, Span

if TYPE_CHECKING:
    import pyarrow as pa

    from procmine.load.spec import Spec
    from procmine.scale.shards import ShardedLog

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}
LEAST = 512 << 20  # bytes of memory with which anything can be read
READING, BUILDING = 0.5, 0.5  # shares of the time


def shard(
    source: door.Source,
    folder: str | Path,
    *,
    columns: Columns | None = None,
    spec: str | Path | Spec | None = None,
    cutoff: str | None = None,
    ends: Ends | Literal["every case"] = None,
    memory: str | int = "2 GiB",
    shards: int | None = None,
) -> ShardedLog:
    """Make a new folder of shards from a source that may be larger than memory; `read(folder)` opens it.

    CSV and the like (packed too), Parquet, Feather, and a folder of such files with the same columns are read in parts,
    in about so much `memory`; other sources are read in memory, and so is one whose spec shapes or joins tables. The rest
    is as in `read`: the same events, cases and rows set aside. A case is in the shard that a hash of its name tells.

    The folder appears when it is complete. A run that was ended is continued by the same call, as long as the source has
    not changed. LogError where the disk is too small, or gets full: what was done is kept for the next run.
    """
    final, most = Path(folder), bytes_of(memory)
    if final.exists():
        raise LogError(f"{final.name} exists already; name a new folder.")
    if isinstance(source, str | Path) and (Path(source) / door.SAVED).is_file():
        raise LogError(f"{Path(source).name} is a folder of shards already.")
    asked = Asked.of(source, columns, spec, cutoff, ends)
    stream = asked.stream()
    if stream is None:
        return _from_memory(source, final, asked, shards or 1, columns=columns, spec=spec, cutoff=cutoff, ends=ends)
    with work_on(final) as work, _Progress() as progress:
        _make(asked, stream, work, _Plan(most, shards), progress)
        work.built.rename(final)
        work.remove()
    return _opened(final)


@dataclass(frozen=True)
class Asked:
    """What was asked for: the data, how they are read, and what is said of the log."""

    data: Any
    spec: Spec | None
    file: Path | None
    columns: Columns
    given: Given

    @classmethod
    def of(
        cls,
        source: door.Source,
        columns: Columns | None,
        spec: str | Path | Spec | None,
        cutoff: str | None,
        ends: Ends | Literal["every case"],
    ) -> Asked:
        found, file, data = door.spec_of(source, spec)
        given = door.given_of(found, file, columns, cutoff, ends, None)
        whole = columns or Columns()
        if found is not None:
            whole = over(whole, found.as_columns())
            data = found.source_of(file.parent if file else Path()) if data is None and not found.sources else data
        return cls(data, found, file, whole, given)

    def stream(self) -> Stream | None:
        """The source in parts; None where it must be read as a whole."""
        said, columns = self.spec, self.columns
        whole = bool(columns.milestones or columns.clock is not None or columns.object_type is not None)
        if said is not None:
            whole = whole or sources.is_shaped(said, columns) or bool(said.renames or said.mended)
        if whole or not isinstance(self.data, str | Path):
            return None
        return stream_of(self.data, columns, door.readable)

    def told(self) -> str:
        """A hash of all that was said."""
        return hashlib.sha256(repr((self.given, self.columns, version("procmine"))).encode()).hexdigest()

    def check(self, raw: Raw) -> None:
        """LogError for names of columns that are nowhere."""
        door.check_dates(self._parts(raw))

    def finished(self, raw: Raw, log: EventLog) -> EventLog:
        """The log with what is told of its calendars, once it is known what its columns are."""
        door.check_persons(self.given.persons, self._parts(raw), log)
        timed = door.with_calendars(Loaded(log, np.zeros(0, np.uint8)), self.spec).log
        return timed if self.spec is None or self.spec.voice is None else _without_voice(timed)

    def _parts(self, raw: Raw) -> Parts:
        return Parts([Part(raw.name, "", raw, self.columns, None, self.data)], spec=self.spec, name=raw.name)

    def source(self, hashes: list[str]) -> dict[str, str]:
        """Names and hashes, as `read` gives them."""
        spec = {"spec": self.file.name, "spec_sha256": file_hash(self.file)} if self.file else {}
        return {"data": Path(self.data).name, "data_sha256": hash_of(hashes)} | spec


@dataclass(frozen=True)
class _Plan:
    memory: int
    shards: int | None


def _make(asked: Asked, stream: Stream, work: Work, plan: _Plan, progress: _Progress) -> None:
    """All that the folder holds, in `work.built`."""
    head = next(iter(stream.batches()), None)
    if head is None:
        raise LogError(f"{stream.name}: no row can be used.")
    asked.check(head_of(stream, head.table))
    measures = Measures.of(stream, head.table)
    layout = layout_of(stream, asked.columns, head.table, plan.shards or measures.shards(plan.memory))
    said = {"source": identity(stream.paths), "asked": asked.told(), "layout": _plain(layout), "memory": plan.memory}
    if work.plan is None:
        check_space(work, measures.disk)
        work.keep(PLAN, said)
    check_same(work, said)
    with told_when_full(work, layout.shards):
        survey = partial(_row_facts, stream, layout, asked.given)
        said_of = progress.part(0, READING)
        read = work.read or read_all(stream, layout, measures.chunk(plan.memory), work, said_of, survey)
        given = replace(asked.given, source=asked.source(read["hashes"]))
        lost = {int(key): text for key, text in read["lost"].items()}
        source = Source(stream.name, stream.names, stream.files, notes_of(read), lost)
        buckets = Buckets(work.chunks(), layout, source)
        rows = row_facts(work, lambda chunk: survey_rows(buckets.chunk(chunk), given))
        _build(asked, rows, Builder(buckets, given, work), progress.part(READING, BUILDING))


def _row_facts(stream: Stream, layout: Layout, given: Given, table: pa.Table) -> RowFacts:
    """What the rows of a chunk tell."""
    return survey_rows(Source(stream.name, stream.names, stream.files).raw(table, layout, first=False), given)


def _build(asked: Asked, rows: RowFacts, builder: Builder, said: Callable[[float], None]) -> None:
    """All shards, and last of all what is known of the log."""
    about = builder.build(rows, said).about
    assert about is not None
    first = read_shard(builder.work.built, 0, about, about.attributes, about.event_attributes)
    about = asked.finished(builder.buckets.raw(0), first).about
    write_record(builder.work.built, Record(about, builder.buckets.layout.shards, hashed=True))


def _from_memory(source: door.Source, final: Path, asked: Asked, shards: int, **how: Any) -> ShardedLog:
    """What cannot be read in parts, read as a whole and saved."""
    log = door.read(source, **how)
    assert isinstance(log, EventLog)
    log = log if log.voice is None else _without_voice(replace(log, voice=None))
    name = Path(asked.data).name if isinstance(asked.data, str | Path) else "the source"
    about = replace(log.about, notes=(*log.about.notes, Message("shard.in_memory", {"source": name})))
    of = case_shard(log.case.levels, shards)[log.case.codes]
    with work_on(final) as work, told_when_full(work, shards):
        work.built.mkdir(exist_ok=True)
        for number in range(shards):
            part = log.take(np.flatnonzero(of == number))
            write_shard(replace(part, about=about, origin=None), work.built, number)
        write_record(work.built, Record(about, shards, hashed=True))
        work.built.rename(final)
    return _opened(final)


def _without_voice(log: EventLog) -> EventLog:
    """What people said is of no case alone, and is not asked for in parts."""
    return replace(log, about=replace(log.about, notes=(*log.about.notes, Message("shard.no_voice"))))


def _opened(final: Path) -> ShardedLog:
    from procmine.scale.shards import ShardedLog

    return ShardedLog.open(final)


def bytes_of(memory: str | int) -> int:
    """2 GiB, 800 MB, or a number of bytes."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?i?)b?\s*", str(memory).lower())
    if found is None or found[2] not in UNITS:
        raise ValueError(f'memory={memory!r}: write it as "2 GiB" or "800 MB".')
    most = int(float(found[1]) * UNITS[found[2]])
    if most < LEAST:
        raise ValueError(f"memory={memory!r}: at least 512 MiB are needed.")
    return most


def _plain(layout: Layout) -> dict[str, Any]:
    return {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(layout).items()}


class _Progress:
    """How far all is, and how long the rest may take."""

    def __init__(self) -> None:
        self.begun, self.line = monotonic(), Line()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.clear()

    def part(self, begin: float, share: float) -> Callable[[float], None]:
        def said(done: float) -> None:
            whole = begin + share * min(done, 1.0)
            left = (monotonic() - self.begun) * (1 - whole) / max(whole, 0.01)
            self.line.tell(Message("shard.progress", {"share": round(100 * whole), "left": Span(max(left, 1.0))}))

        return said
