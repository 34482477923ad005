"""A new month for a folder of shards: read as the folder was, settled with what is there, and written beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.case_hash import case_shard
from procmine.kernels.durations import Durations
from procmine.kernels.flow import Ints, is_first
from procmine.kernels.partial import Partial
from procmine.load import door
from procmine.load.columns import Columns
from procmine.load.dates.timestamps import DAY
from procmine.load.events.facts import Days
from procmine.load.events.watch import EMPTY_YEAR, LEAST_DORMANT, bounds_of, days_of, listed
from procmine.log import EventLog, LogError, day_of
from procmine.scale.files import ABOUT, later_of, width_of
from procmine.scale.locking import writing
from procmine.scale.months import CASES, add_parts
from procmine.scale.shards import ShardedLog
from procmine.scale.together import names_of, nothing
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from procmine.load.spec import Spec

SETTLED, LONG = 0.95, 0.99  # of all waits, as the door takes them
ADDED = "months.added"
DATED = "load.axis.dated"  # how many events are known by their date
COUNTS = ("load.rows", "load.rows.joined")


def add_month(
    source: door.Source,
    folder: str | Path,
    *,
    columns: Columns | None = None,
    spec: str | Path | Spec | None = None,
    cutoff: str | None = None,
    replaces: str | None = None,
) -> ShardedLog:
    """Add a new export to a folder made by `procmine.shard`; the source is read as in `read`, in memory.

    A case that goes on is completed. `replaces` says what becomes of entries that were corrected since: None, rows equal
    to one that is known are dropped, all others are added; "cases", a case of the new export replaces the known one whole
    (for exports that hold every row of the cases that they name); else the column with the number of an entry, which
    must be an attribute of events: an entry with a known number replaces the known one of its case.

    `cutoff` is the last day that the new export could show. Finishing steps and the dormant limit of the folder hold on;
    if they were found, not given, they are found again from all cases. Activities keep their codes. LogError where the
    new export is not recorded as the folder is (dates only, another zone), and where it was added before.
    """
    held = ShardedLog.open(Path(folder))
    if isinstance(source, (str, Path)) and (Path(source) / ABOUT).is_file():
        raise LogError(
            f"{Path(source).name} is a folder of shards, which cannot be added to another: name the new export."
        )
    if not held.record.hashed:
        raise LogError(
            f"{Path(folder).name} was written by save(): which shard a case is in cannot be told from its name. Make it "
            "with procmine.shard(source, folder) to add months to it."
        )
    with writing(Path(folder)):
        held = ShardedLog.open(Path(folder))
        fitted = _new(source, held, columns or Columns(), spec, cutoff)
        if replaces is not None and replaces != CASES and replaces not in fitted.event_attributes:
            raise LogError(
                f"replaces: the entries have no attribute {replaces!r}. There are: "
                f"{listed(fitted.about.event_attributes) or 'none'}."
            )
        of = case_shard(names_of(fitted), held.shards)
        parts = ((number, fitted.take(np.flatnonzero(of == number))) for number in np.unique(of).tolist())
        lacking = [name for name, one in fitted.event_attributes.items() if not len(one.levels)]
        return add_parts(Path(folder), parts, fitted.about, replaces=replaces, settle=settle_again, lacking=lacking)


def _new(
    source: door.Source, held: ShardedLog, columns: Columns, spec: str | Path | Spec | None, cutoff: str | None
) -> EventLog:
    """The new export as a part of the folder."""
    new = _read(source, columns, spec, cutoff)
    alike = _alike(held.about, new.about, columns)
    new = new if alike is None else _read(source, alike, spec, cutoff)
    _check(held.about, new.about, held.folder.name)
    _check_reach(held, new, told=cutoff is not None)
    return _fitted(held.about, new)


def _read(source: door.Source, columns: Columns, spec: str | Path | Spec | None, cutoff: str | None) -> EventLog:
    log = door.read(source, columns=columns, spec=spec, cutoff=cutoff)
    if not isinstance(log, EventLog):
        raise LogError("A folder cannot be added to a folder: name the new export.")
    return log


def _alike(old: About, new: About, columns: Columns) -> Columns | None:
    """The columns, with attributes of events named that look like those of cases in one month alone; None: there are none."""
    once = [name for name in old.event_attributes if name in new.attributes and name not in new.event_attributes]
    if not once:
        return None
    of_cases = tuple(name for name in new.attributes if name not in once or name in old.attributes)
    return replace(columns, attributes=of_cases, event_attributes=(*new.event_attributes, *once))


def _check(old: About, new: About, name: str) -> None:
    """LogError where rows of one would mean something else in the other."""
    data = new.source.get("data_sha256")
    if data is not None and data in {old.source.get("data_sha256"), *_added(old)}:
        raise LogError(f"{new.source['data']} was added to {name} already: its content is the same.")
    said = {"axis": "axis of times", "zone": "time zone", "precision": "times", "arrival": "column of arrivals"}
    for one, what in said.items():
        before, now = getattr(old, one), getattr(new, one)
        if one == "precision":
            before, now = _recorded(old), _recorded(new)
        if before != now:
            raise LogError(
                f"The new export does not fit {name}: the {what} there: {before}, here: {now}. Read it as the folder was "
                "made (same columns, spec and dates), or make a new folder of all exports."
            )


def _check_reach(held: ShardedLog, new: EventLog, *, told: bool) -> None:
    """LogError where the new export holds what all of it in one export would set aside: a few events years from all others.

    They would move the first or last day of all. `told`: the last day was given.
    """
    old = held.about
    if new.about.cutoff <= old.cutoff + EMPTY_YEAR * DAY and new.about.begins >= old.begins - EMPTY_YEAR * DAY:
        return
    day = np.arange(old.begins // DAY, old.cutoff // DAY + 1)
    count = np.zeros(len(day), np.int64)
    count[0] = held.size
    known = Days(day, count, {int(day[-1]): old.cutoff}, {int(day[0]): old.begins})
    bounds = bounds_of(days_of(new.time)[0].merge(known), None, old.axis, old.zone)
    far = np.flatnonzero((new.time < bounds.begins) | ((new.time > bounds.cutoff) & (not told)))
    if not len(far):
        return
    assert new.origin is not None
    day_far, last = (day_of(old, one) for one in (int(new.time[far[0]]), min(bounds.cutoff, new.about.cutoff)))
    raise LogError(
        f"{len(far):,} of {len(new.time):,} events of the new export are years from all others (the first in row "
        f"{int(new.origin.row[far[0]]):,}, of {day_far}) and would move the first or last day of all. Correct them or leave "
        f'them out; if they are later than the export reaches, say up to when it does, such as cutoff="{last}".'
    )


def _recorded(about: About) -> str:
    """How exactly times are known."""
    mixed = any(note.key in ("load.axis.dated", "load.axis.civil") for note in about.notes)
    return "some by the day, some exactly" if mixed else {"day": "by the day"}.get(about.precision, "exactly")


def _added(about: About) -> list[str]:
    return [str(note.values["hash"]) for note in about.notes if note.key == ADDED]


def _fitted(old: About, new: EventLog) -> EventLog:
    """The new log with the codes and kinds of attributes of the folder; what is only here comes behind."""
    names = (*old.activities, *(one for one in new.about.activities if one not in old.activities))
    code = np.array([names.index(one) for one in new.about.activities], width_of(len(names)))
    for name in new.about.event_attributes:
        if name in old.attributes and name not in old.event_attributes and name not in new.about.attributes:
            new = new.with_case_attribute(name, rule="first")
    per_case = {
        name: one for name, one in new.attributes.items() if name in old.attributes or name not in old.event_attributes
    }
    per_event = {
        name: one for name, one in new.event_attributes.items() if name in old.event_attributes or name not in per_case
    }
    per_case |= {name: nothing(len(new)) for name in old.attributes if name not in per_case}
    per_event |= {name: nothing(len(new.time)) for name in old.event_attributes if name not in per_event}
    return replace(
        new,
        open=later_of(new),  # as the month's own steps say it; the rest follows from the folder's
        activity=code[new.activity],
        attributes=per_case,
        event_attributes=per_event,
        about=_about(old, new.about, names, tuple(per_case), tuple(per_event)),
    )


def _about(
    old: About, new: About, names: tuple[str, ...], per_case: tuple[str, ...], per_event: tuple[str, ...]
) -> About:
    """What is known of both, before what depends on whole cases is settled again."""
    values: dict[str, Value] = {
        "source": new.source.get("data", "the new export"),
        "hash": new.source.get("data_sha256", ""),
    }
    counted = next((note for note in new.notes if note.key in COUNTS), None)
    values["rows"] = 0 if counted is None else counted.values["rows"]
    cutoff = max(old.cutoff, new.cutoff)
    return replace(
        old,
        activities=names,
        cutoff=cutoff,
        begins=min(old.begins, new.begins),
        attributes=tuple(dict.fromkeys((*old.attributes, *per_case))),
        event_attributes=tuple(dict.fromkeys((*old.event_attributes, *per_event))),
        persons=tuple(dict.fromkeys((*old.persons, *new.persons))),
        files=tuple(dict.fromkeys((*old.files, *new.files))),
        notes=(*_notes(old.notes, new.notes, day_of(old, cutoff)), Message(ADDED, values)),
    )


def _notes(old: Sequence[Message], new: Sequence[Message], day: str) -> list[Message]:
    """The folder's notes, with the rows of both counted, and the last day of both."""
    counted = [note for note in new if note.key in (*COUNTS, DATED) or note.key.startswith("load.aside.")]
    told: list[Message] = []
    for note in old:
        same = [one for one in counted if one.key == note.key or {one.key, note.key} <= set(COUNTS)]
        if note.key.startswith("load.cutoff."):
            note = Message(note.key, {**note.values, "cutoff": day})
        told.append(_sum(note, same[0]) if same else note)
        counted = [one for one in counted if one not in same]
    place = next((k for k, note in enumerate(told, 1) if note.key in COUNTS), 0)
    return [*told[:place], *counted, *told[place:]]


def _sum(one: Message, two: Message) -> Message:
    """Counts add up; what else is said stays as it was."""
    both = {**two.values, **one.values}
    for name in ("rows", "kept", "joined", "aside", "n", "of"):
        one_has, two_has = one.values.get(name, 0), two.values.get(name, 0)
        if name in both and isinstance(one_has, int) and isinstance(two_has, int):
            both[name] = one_has + two_has
    return Message("load.rows.joined" if both.get("joined") and one.key in COUNTS else one.key, both)


# settled again from all cases


@dataclass(frozen=True, eq=False)
class Waits(Partial):
    """Waits after each step, and whole ones."""

    after: Durations


@dataclass(frozen=True, eq=False)
class Stops(Partial):
    """Per step: settled events, and those of them that were their case's last; how many events were settled, of how many."""

    happened: Ints
    stopped: Ints
    events: Ints


@dataclass(frozen=True)
class Stopping:
    """Events after which cases had time to go on: so long before the cutoff."""

    margin: tuple[int, ...]  # per step

    def of(self, log: EventLog) -> Stops:
        size = len(self.margin)
        settled = log.time < log.about.cutoff - np.array(self.margin, np.int64)[log.activity]
        last = _last(log.offset)
        happened = np.bincount(log.activity[settled], minlength=size)
        stopped = np.bincount(log.activity[settled & last], minlength=size)
        return Stops(happened, stopped, np.array([settled.sum(), len(settled)]))


def waits_of(log: EventLog) -> Waits:
    last = _last(log.offset)[:-1]
    wait = np.diff(log.time)[~last] if len(log.time) else np.empty(0, np.int64)
    step = log.activity[:-1][~last].astype(np.int64) if len(log.time) else np.empty(0, np.int64)
    return Waits(Durations.of(step, wait, len(log.about.activities)))


def _last(offset: Ints) -> NDArray[np.bool_]:
    return np.append(is_first(offset)[1:], True) if offset[-1] else np.empty(0, bool)


def _lower(value: Ints, count: Ints, share: float) -> int:
    """As numpy's quantile by the method "lower"."""
    upto = np.cumsum(count)
    return int(value[np.searchsorted(upto, int(np.floor(share * (int(upto[-1]) - 1))), side="right")])


def settle_again(log: ShardedLog) -> About:
    """What is known of the log, with the finishing steps and the dormant limit as its cases show them, if they were found."""
    about, keys = log.about, {note.key for note in log.about.notes}
    if about.every_case:
        about = replace(about, ends=about.activities)
    found = bool(keys & {"load.ends.found", "load.ends.none"})
    if not found and "load.dormant.given" in keys:
        return about
    waits = log.reduce(waits_of).after
    about = _ends(log, about, waits) if found else about
    return about if "load.dormant.given" in keys else _dormant(about, waits)


def _ends(log: ShardedLog, about: About, waits: Durations) -> About:
    whole = waits.whole()
    margin = _lower(whole.value, whole.count, SETTLED) if len(whole.value) else 0
    stops = log.reduce(Stopping((margin,) * len(about.activities)).of)
    if 2 * stops.events[0] < stops.events[1]:
        own = [waits.only(key) for key in range(waits.keys)]
        stops = log.reduce(Stopping(tuple(_lower(*one, SETTLED) if len(one[0]) else -1 for one in own)).of)
    found = np.flatnonzero((stops.happened > 0) & (2 * stops.stopped >= stops.happened))
    ends = tuple(about.activities[code] for code in found)
    note = Message("load.ends.found", {"ends": listed(ends)}) if ends else Message("load.ends.none")
    return replace(about, ends=ends, notes=_instead(about.notes, ("load.ends.found", "load.ends.none"), [note]))


def _dormant(about: About, waits: Durations) -> About:
    whole = waits.whole()
    long = _lower(whole.value, whole.count, LONG) if len(whole.value) else 0
    limit = max(long, LEAST_DORMANT) if long > 0 else None
    note = [] if limit is None else [Message("load.dormant.found", {"after": Span(limit / 1e6)})]
    return replace(about, dormant_after=limit, notes=_instead(about.notes, ("load.dormant.found",), note))


def _instead(notes: Sequence[Message], keys: Sequence[str], new: list[Message]) -> tuple[Message, ...]:
    """The new notes where the first of these keys stood, else behind."""
    place = next((k for k, note in enumerate(notes) if note.key in keys), len(notes))
    kept = [note for note in notes if note.key not in keys]
    return (*kept[:place], *new, *kept[place:])
