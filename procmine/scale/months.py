"""New months: a delta beside the shards holds each case that a month touched, whole; compacting makes one of all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from procmine.about import About
from procmine.log import EventLog
from procmine.progress import told
from procmine.scale.files import Delta, Record, Told, later_of, width_of, write_record, write_shard
from procmine.scale.folds import Steps
from procmine.scale.locking import making, writing
from procmine.scale.shards import ShardedLog
from procmine.scale.together import continued, names_of, numbers_in

BASE, DELTA = "base-", "delta-"
PARTLY = "partly"  # in the facts: attributes of events that some exports had, and others not
CASES = "cases"  # replaces: a case of the new month replaces the one that is known, whole


def add_parts(
    folder: Path,
    parts: Iterable[tuple[int, EventLog]],
    about: About,
    *,
    replaces: str | None = None,
    settle: Callable[[ShardedLog], About] | None = None,
    lacking: Collection[str] = (),
) -> ShardedLog:
    """Add the cases of these parts (shard and log, all with the codes of `about`, which knows all activities that the
    folder knows, at the same places) as a delta. The folder is as before until all is written.

    `replaces`: None, equal rows are dropped and other rows added; "cases", a case here replaces the one that is known;
    else an attribute of events, whose value tells which known row of the case gives way to a new one. `settle` says of the
    log with the delta what is then known of it (else `about`). `lacking`: attributes of events that the parts do not have.
    """
    log = ShardedLog.open(folder)
    added = set(about.event_attributes) - set(log.about.event_attributes)
    partly = sorted({*log.record.facts.get(PARTLY, ()), *added, *lacking})
    tidy(folder, log.record)
    name = _next(log.record, DELTA)
    touched = []
    with making(folder, name) as partial:
        for number, part in parts:
            if len(part):
                write_shard(_whole(log, number, part, about, replaces, partly), partial, number)
                touched.append(number)
    delta = Delta(name, tuple(sorted(touched)), about.cutoff)
    facts = {**log.record.facts, **({PARTLY: partly} if partly else {})}
    record = replace(log.record, about=about, deltas=(*log.record.deltas, delta), newest=name, facts=facts)
    if settle is not None:
        record = replace(record, about=settle(ShardedLog(about, Steps(about), folder, record)))
    write_record(folder, record)
    return ShardedLog.open(folder)


def compact(folder: str | Path) -> ShardedLog:
    """Make one file a shard of the base and all months that were added; reading is quicker then.

    The files that were replaced stay until the next month, or the next call, so that who reads the folder meanwhile can
    read on. A call that was ended changed nothing, and can be repeated.
    """
    ShardedLog.open(folder)
    with writing(Path(folder)):
        return _compacted(Path(folder))


def _compacted(folder: Path) -> ShardedLog:
    log = ShardedLog.open(folder)
    record = log.record
    tidy(folder, record)
    if not record.deltas:
        return log
    name = _next(record, BASE)
    columns = (*log.about.attributes, *log.about.event_attributes)
    with making(folder, name) as partial:
        for number in told(range(record.shards)):
            write_shard(log.shard(number, columns), partial, number)
    write_record(folder, replace(record, base=name, deltas=(), cutoff=log.about.cutoff, newest=name))
    return ShardedLog.open(folder)


def tidy(folder: Path, record: Record) -> None:
    """Remove what no record names: files that were replaced, and what a run that was ended left."""
    kept = record.named
    for one in folder.iterdir():
        if re.fullmatch(r"\.?(base|delta)-\d+(\.partial)?", one.name) and one.name not in kept:
            shutil.rmtree(one)
        if record.base and re.fullmatch(r"(events|cases)-\d{5}\.parquet", one.name):
            one.unlink()


def _next(record: Record, kind: str) -> str:
    """A name that was never used, so that nobody who has the folder open finds other files under one that is known."""
    used = [int(one.split("-")[1]) for one in (record.newest, *record.named) if one]
    return f"{kind}{max(used, default=0) + 1:04}"


def _whole(
    log: ShardedLog, number: int, new: EventLog, about: About, replaces: str | None, partly: Collection[str]
) -> EventLog:
    """The cases of a new part in their newest version."""
    new = replace(new, about=about)
    later = later_of(new)
    if replaces != CASES:
        known = _known(log, number, new)
        if about.cutoff <= log.about.cutoff:  # what went on after the last day did, whoever exports it
            later[numbers_in(known, new)] |= later_of(known)
        new = continued(known, new, replaced_by=replaces, partly=partly)
    told_now = Told(new.activity, new.time, new.start, new.offset, later)
    arrival, until, is_open = told_now.watched(about)
    arrival = arrival if about.arrival is None else np.minimum(arrival, new.arrival)
    return replace(new, arrival=arrival, until=until, open=is_open)


def _known(log: ShardedLog, number: int, new: EventLog) -> EventLog:
    """What the folder has of these cases, with the attributes that the new ones have."""
    from pyarrow import compute

    columns: Sequence[str] = (*new.attributes, *new.event_attributes)
    there = log.shard(number, columns)
    among = np.asarray(compute.is_in(names_of(there), value_set=names_of(new)).to_numpy(zero_copy_only=False), bool)
    known = there.take(np.flatnonzero(among))
    return replace(known, activity=known.activity.astype(width_of(len(new.about.activities))))
