"""Causes: why cases wait before each step, as far as the log can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import CALENDAR_TIME
from procmine.find.checks.look import resource_of
from procmine.find.waits.parts import CANNOT_TELL, CAUSES, UNEXPLAINED, Waits, begins, parties_of, split_waits
from procmine.find.waits.places import Places, places_of
from procmine.kernels.blocks import EntryWeeks, week_of
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.partial import Partial
from procmine.log import Clock, EventLog, Log, LogError, Text, check_attributes, in_memory
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.groups import by_groups
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SECOND = 1_000_000
LEAST = 0.05  # of a wait: smaller causes are not told in sentences
MOST_BARS = 10
MUCH = 0.25  # of all waiting outside working hours: then working time is what to ask about
LEAST_WEEKS = 20  # of intervals that deserve trust; below, none is told


@dataclass(frozen=True, eq=False)
class Causes(Result):
    """One row per place and cause of waiting; the first rows are of all places together (place ""), then the places by all
    their waiting, longest first. Of a place, causes without any time are left out.

    place (text): a step, a move ("A → B"), or a unit, as asked; cause (text): batching, contention, prioritisation,
    unavailability, the name of a party that was tagged, unexplained, or cannot tell; total (timedelta64[us]): time that
    events waited for it, exact, so that the causes of a place add up to its waiting; share, low, high (floats 0..1): part
    of all waiting of the group, with its 95% interval from entry weeks (nan below 20 weeks); n (int): events at this place
    whose wait is known; delayed (int): those that waited for this cause; mean (timedelta64[s]): total / n; share_worked:
    work / (work + waiting) of all places together, work being the union of each case's events; share_worked_without: the
    same if this row's waiting were gone and nothing else changed.
    """

    meaning = "define.causes"
    notes: tuple[Message, ...] = field(default=(), kw_only=True)  # how the causes were found, and what is not in them

    def findings(self) -> Sequence[Message]:
        whole = np.flatnonzero(self.rows["place"] == "")
        n = int(self.rows["n"][whole[0]])
        if not self.rows["share"][whole].any():
            return [Message("causes.none", {"n": n}) if n else Message("causes.unknown")]
        places = list(dict.fromkeys(self.rows["place"][len(whole) :]))
        told = [self._told("causes.all", whole)]
        told += [self._told("causes.place", np.flatnonzero(self.rows["place"] == one)) for one in places[:1]]
        return [*told, *self._gain(whole)]

    def messages(self) -> Sequence[Message]:
        return [*super().messages(), *self.notes]

    def shown(self) -> Rows:
        """The same in the words of the sentences."""
        if not len(self):
            return self.rows
        place = [one or Message("causes.everywhere").say() for one in self.rows["place"]]
        cause = [self._cause("causes.short", one).say() for one in self.rows["cause"]]
        return {**self.rows, "place": np.array(place, object), "cause": np.array(cause, object)}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Days of waiting by place, the largest first, each bar in parts by cause; of groups, the last one's."""
        from procmine.draw.stacked import Stack, cause_looks, lengths

        if self.groups and len(self):
            return self.plot_last(ax)
        there = self.rows["place"] != ""
        names = list(dict.fromkeys(self.rows["place"][there]))[:MOST_BARS]
        kinds = [one for one in self._order() if np.any(there & (self.rows["cause"] == one))]
        length = {(p, c): seconds(t) for p, c, t in zip(*(self.rows[one] for one in ("place", "cause", "total")))}
        count = dict(zip(self.rows["place"], self.rows["n"]))
        data = [
            Stack(
                name,
                np.array([length.get((name, kind), 0.0) / self.day for kind in kinds]),
                Message("causes.bar", {"n": int(count[name])}).say(),
            )
            for name in names
        ]
        words = [self._cause("causes.short", kind).say() for kind in kinds]
        title = Message("causes.picture").say()
        unit = Message("causes.axis" if self.day == DAY else "causes.axis.working").say()
        more = len(set(self.rows["place"][there])) - len(names)
        foot = Message("causes.foot", {"n": int(self.rows["n"][0]), "more": self._more(more)}).say()
        return lengths(data, words, looks=cause_looks(kinds), title=title, axis=unit, footer=foot, ax=ax)

    def _more(self, more: int) -> Message:
        return Message("causes.foot.more", {"more": more}) if more > 0 else Message("nothing")

    def _order(self) -> list[str]:
        """Causes as they are taken, what is not explained last."""
        there = list(dict.fromkeys(self.rows["cause"]))
        fixed = [*CAUSES, *(one for one in there if one not in (*CAUSES, UNEXPLAINED, CANNOT_TELL))]
        return [one for one in (*fixed, UNEXPLAINED, CANNOT_TELL) if one in there]

    def _told(self, key: str, rows: Ints) -> Message:
        """Of every 10 days, how many for which cause, largest first."""
        total = self.rows["total"][rows] / np.timedelta64(1, "us")
        whole = float(total.sum())
        order = [int(k) for k in np.argsort(-total, kind="stable") if total[k] >= LEAST * whole]
        said = tuple(
            Message("causes.part", {"tenths": 10 * float(total[k]) / whole,
                                    "why": self._cause("causes.why", str(self.rows["cause"][rows[k]])),
                                    "range": self._range(rows[k]) if key == "causes.all" else Message("nothing")})
            for k in order
        )  # fmt: skip
        values: dict[str, Value] = {"place": str(self.rows["place"][rows[0]]), "n": int(self.rows["n"][rows[0]])}
        whole_span = Span(whole / SECOND, self.day)
        return Message(key, {**values, "said": said, "total": whole_span, "kind": Message(f"causes.at.{self._per()}")})

    def _per(self) -> str:
        per = str(self.arguments.get("per", "step"))
        return per if per in ("step", "transition") else "unit"

    def _range(self, row: Any) -> Message:
        low, high = float(self.rows["low"][row]), float(self.rows["high"][row])
        return (
            Message("causes.no_range")
            if np.isnan(low)
            else Message("causes.range", {"low": 10 * low, "high": 10 * high})
        )

    def _cause(self, key: str, cause: str) -> Message:
        if cause in (*CAUSES, UNEXPLAINED, CANNOT_TELL):
            return Message(f"{key}.{cause.replace(' ', '_')}")
        return Message(f"{key}.party", {"party": cause})

    def _gain(self, whole: Ints) -> list[Message]:
        """What would change if the largest cause that somebody here may change were gone."""
        ours = whole[np.isin(self.rows["cause"][whole], CAUSES)]
        ours = ours[self.rows["share"][ours] >= LEAST]
        if not len(ours) or np.isnan(self.rows["share_worked"][ours[0]]):
            return []
        top = int(ours[np.argmax(self.rows["share"][ours])])
        now, then = (100 * float(self.rows[name][top]) for name in ("share_worked", "share_worked_without"))
        why = self._cause("causes.short", str(self.rows["cause"][top]))
        return [Message("causes.gain", {"now": now, "then": then, "why": why})]


@dataclass(frozen=True, eq=False)
class CausePart(Partial):
    total: Ints  # microseconds, by place and cause
    delayed: Ints  # events, likewise
    n: Ints  # events whose wait is known, by place
    worked: Ints  # one number: microseconds in which a case had something going on
    weeks: EntryWeeks  # seconds, in the columns of `total`


@dataclass(frozen=True)
class Table:
    """What the rows are of: places and causes in the order of the columns of a part."""

    places: tuple[str, ...]
    causes: tuple[str, ...]

    def rows(self, partial: CausePart) -> Rows:
        k, m = len(self.causes), len(self.places)
        total, delayed = partial.total.reshape(m, k), partial.delayed.reshape(m, k)
        sums = partial.weeks.sums.reshape(len(partial.weeks.week), m, k)
        overall = EntryWeeks(partial.weeks.week, sums.sum(axis=1))
        order = np.argsort(-total.sum(axis=1), kind="stable")
        table = np.concatenate((total.sum(axis=0)[None], total[order]))
        counts = np.concatenate((delayed.sum(axis=0)[None], delayed[order]))
        n = np.concatenate(([partial.n.sum()], partial.n[order]))
        both = zip(_shares(overall), _shares(partial.weeks))
        share, low, high = (np.concatenate((one.reshape(1, k), two.reshape(m, k)[order])) for one, two in both)
        kept = (table > 0).ravel() | (np.arange((m + 1) * k) < k)
        names = np.repeat(np.array(["", *(self.places[int(one)] for one in order)], object), k)
        worked, waited = float(partial.worked[0]), float(total.sum())
        spent = worked + waited
        without = worked / np.where(spent - table > 0, spent - table, np.nan)
        columns = {
            "place": names,
            "cause": np.tile(np.array(self.causes, object), m + 1),
            "total": table.ravel().astype("m8[us]"),
            "share": share.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "n": np.repeat(n, k),
            "delayed": counts.ravel(),
            "mean": timedeltas((table / np.where(n > 0, n, np.nan)[:, None] / SECOND).ravel()),
            "share_worked": np.full((m + 1) * k, worked / spent if spent else np.nan),
            "share_worked_without": without.ravel(),
        }
        return {name: column[kept] for name, column in columns.items()}


def _shares(weeks: EntryWeeks) -> tuple[NDArray[np.float64], ...]:
    share, low, high = weeks.shares()
    few = len(weeks.week) < LEAST_WEEKS
    return share, *(np.full_like(one, np.nan) if few else one for one in (low, high))


def causes(
    log: Log,
    *,
    by: Sequence[str] = (),
    per: str = "step",
    resource: str | None = None,
    tags: Mapping[str, str] | None = None,
    clock: Clock = CALENDAR_TIME,
) -> Causes:
    """Why cases wait: each event's wait, from when it was possible to its beginning, split into causes that add up to it.

    In this order, each taking what is left: *batching* (until the last of those done with it was possible), *contention*
    (its resource was busy with what was possible no later), *prioritisation* (busy with what came later), *unavailability*
    (outside the office's hours in the spec, else outside the week that the resource, those who do the same, or all, show in
    the log), and what is *unexplained*. `tags` names who has the case before a step, such as {"Documents received":
    "applicant"} (steps of the spec tagged "another party" count as such): what is unexplained there is then theirs. *cannot
    tell*: events without a resource or with a date only, and resources that do several things at once.

    `per` is "step", "transition", or an event attribute of units or roles; people are none, and units of fewer than five are
    put together. `resource` is the event attribute of who did it (else the one the log was read with). Waits that have not
    ended yet are not in it. LogError without a beginning for each event. After Lashkevich et al. (2024), as in Kronos.
    """
    log = in_memory(log)
    by = (by,) if isinstance(by, str) else tuple(by)
    check_attributes(log.about, by, log.about.attributes)
    _refuse_people(log, by)
    begins(log)
    who = _resource(log, resource)
    _check_clock(log, clock, by)
    waits = split_waits(log, who, parties_of(log, tags), clock)
    places = places_of(log, per, who, resource or resource_of(log), waits)
    table = Table(places.names, waits.causes)

    def rows_of(part: EventLog) -> Rows:
        """Causes are found in the whole log, as a resource works for all groups, and counted in each."""
        return table.rows(_counted(log, waits, places, clock, np.isin(log.case.codes, part.case.codes)))

    rows, groups, about = by_groups(log, rows_of, by)
    arguments = {"per": per, "resource": resource, "clock": clock}
    return Causes(rows, about, True, arguments, groups=groups, notes=_notes(log, waits, who, places))


def _counted(log: EventLog, waits: Waits, places: Places, clock: Clock, cases: NDArray[np.bool_]) -> CausePart:
    """The waits of some cases, added up by place and cause."""
    case = cases_of(log.offset)
    here = np.flatnonzero(cases[case] & waits.known & (places.of >= 0))
    k, m = len(waits.causes), len(places.names)
    column = (places.of[here] * k)[None] + np.arange(k)[:, None]
    parts = waits.parts[:, here]
    total, delayed = np.zeros(m * k, np.int64), np.zeros(m * k, np.int64)
    np.add.at(total, column, parts)
    np.add.at(delayed, column, (parts > 0).astype(np.int64))
    week = np.broadcast_to(week_of(log.arrival)[case[here]], parts.shape)
    weeks = EntryWeeks.of(week.ravel(), column.ravel(), parts.ravel() / SECOND, m * k)
    worked = _worked(log, clock, cases)
    return CausePart(total, delayed, np.bincount(places.of[here], minlength=m), np.array([worked], np.int64), weeks)


def _worked(log: EventLog, clock: Clock, cases: NDArray[np.bool_]) -> int:
    """Time in which something was going on in a case, all cases together: the union of each one's events."""
    case = cases_of(log.offset)
    here = np.flatnonzero(cases[case])
    order = here[np.lexsort((begins(log)[here], case[here]))]
    zero = np.zeros(len(order), np.int64)
    begin, end = (clock.read(one[order], zero, log) for one in (begins(log), log.time))
    if not len(order):
        return 0
    rank = np.unique(end, return_inverse=True)[1] + case[order] * len(end)
    until = end[_first_of(rank)]  # the latest end so far in the case
    new = np.ones(len(order), bool)
    new[1:] = case[order][1:] != case[order][:-1]
    before = np.where(new, begin, np.roll(until, 1))
    return int(np.maximum(end - np.maximum(begin, before), 0).sum())


def _first_of(rank: Ints) -> Ints:
    """Where the running maximum was reached."""
    highest = np.maximum.accumulate(rank)
    place = np.where(rank == highest, np.arange(len(rank)), 0)
    return np.maximum.accumulate(place)


def _resource(log: EventLog, named: str | None) -> Text | None:
    name = named or resource_of(log)
    if named is not None:
        check_attributes(log.about, [named], log.about.event_attributes)
    return None if name is None else log.event_attributes[name]


def _refuse_people(log: EventLog, by: Sequence[str]) -> None:
    people = [name for name in by if name in log.about.persons]
    if people:
        raise LogError(
            f"{people[0]!r} names people, and causes of waiting are told of no person: group by office or unit."
        )


def _check_clock(log: EventLog, clock: Clock, by: Sequence[str]) -> None:
    """A resource works for many cases, so the clock must show the same time in all of them."""
    case = cases_of(log.offset)
    if clock is not CALENDAR_TIME and not np.array_equal(
        clock.read(log.time, case, log), clock.read(log.time, np.zeros_like(case), log)
    ):
        raise LogError(
            "This clock runs differently in different cases, and whoever works on several cases waits by none of them: ask "
            "on calendar time, on WorkingTime(...), or with the cases of one office, log.where({...})."
        )


def _notes(log: EventLog, waits: Waits, who: Text | None, places: Places) -> tuple[Message, ...]:
    """How closed hours were found, what cannot be told, and what is not in these waits."""
    known = waits.known
    read = int((waits.weeks_known & known).sum())
    hours = [Message("causes.hours.own")] if waits.own else [Message("causes.hours.read", {"n": read})]
    if not waits.own and not read:
        hours = [Message("causes.hours.none")]
    nameless = int((~waits.named & known).sum())
    away = waits.parts[CAUSES.index("unavailability"), known].sum()
    notes = [
        (bool(away > MUCH * waits.wait[known].sum()), Message("causes.clock")),
        (who is None, Message("causes.no_resource")),
        (who is not None and nameless > 0, Message("causes.nameless", {"n": nameless})),
        (bool((waits.several & known).any()), Message("causes.several", {"n": int((waits.several & known).sum())})),
        (bool(log.open.any()), Message("causes.open", {"n": int(log.open.sum())})),
        (places.merged > 0, Message("causes.merged", {"n": places.merged})),
    ]
    return (*hours, *(message for holds, message in notes if holds))
