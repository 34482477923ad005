"""Operational time: on which clock a case waits at each step, the calendar or the hours in which an office works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from procmine.calendars import Calendar
from procmine.clocks import to_wall
from procmine.kernels.closed_days import again, closed_days
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.operational import HOUR, Clocks, Floats, passed, running
from procmine.kernels.sampler import Flags
from procmine.log import EventLog
from procmine.words import Message

DAY = 24 * HOUR
AHEAD = 3 * 366 * DAY  # beyond the cutoff
LONGEST = 45 * 366 * DAY  # of a grid: what lies before runs like the calendar
MOST_STAYS = 4_000  # of each step, by which hours are learned
BANDS = np.array([0, 1, 6, 24, 96, 480]) * float(HOUR)  # a stay's chance to end differs between them
ROUNDS = 2  # to learn hours; one to choose
MOST_OWN = 40  # steps, those with most stays, may have hours of their own; the others are taken together
OWN_HOURS, OFFICE_HOURS = 2.0, 3.0  # events by which hours of a step lean to the office's, and those to weekday x hour
NONE = 3.0  # events of a step expected in an hour of the week by the office's hours, of which none came: closed for it
LEAST, LEAST_LATER = 60, 25  # stays that ended, of them in the later cases: by fewer a step goes with the others
EARLY = 0.6  # of the cases, by arrival: their stays teach, the later ones judge
CLEAR = 1.645
ROUND_THE_CLOCK = 20  # hours of every day: nobody would call these opening hours
ODD = 0.002  # of events that come at any hour
PIECES = 20
ALIKE = 1.5  # hours up to so many times as busy, or as idle, as the usual one are taken as alike
CALENDAR, OFFICE, BUSY, OWN = "calendar", "office", "office, by how busy it is", "own hours"
KINDS = (CALENDAR, OFFICE, BUSY, OWN)
SESSIONS = "sessions"  # see meetings.py


@dataclass(frozen=True, eq=False)
class Hours:
    """The hours from before a log's first event to three years after its cutoff, on its wall clock.

    slot: per hour its hour of the week (its weekday in a log of dates only); part: how much of its day is open, as far
    as known; day: its date, counted from 1970 (in a log of dates, noon to noon).
    """

    origin: int
    slot: Ints
    part: Floats
    day: Ints
    slots: int
    closed: Ints  # days found closed in the log
    known: int  # so many hours lie in the log

    @classmethod
    def of(cls, log: EventLog, done: Flags | None = None) -> Hours:
        """`done`: the events that tell on which days the office works; None: all."""
        dates = log.about.precision == "day"
        first = int(min(log.arrival.min(), log.time.min())) if len(log.time) else int(log.arrival.min())
        last = max(log.about.cutoff + AHEAD, int(log.time.max(initial=0)) + DAY)
        first = max(first - 8 * DAY, last - LONGEST)
        origin = first // DAY * DAY - (_shift(log, first) % HOUR)
        start = origin + np.arange((last - origin) // HOUR + 1) * HOUR
        wall = (to_wall(start, log.zone) if log.zone else start) + (DAY // 2 if dates else 0)
        day = wall // DAY
        slot = (day + 3) % 7 if dates else ((day + 3) % 7) * 24 + wall // HOUR % 24
        part, closed = _open_part(log, day, done)
        known = int(np.clip((log.about.cutoff - origin) // HOUR + 1, 1, len(slot)))
        return cls(origin, slot, part, day, 7 if dates else 168, closed, known)

    def fold(self, per: Floats) -> Floats:
        """Sums per slot over the first hours, closed days left out."""
        n = len(per)
        return np.bincount(self.slot[:n], per * self.part[:n], self.slots).astype(np.float64)

    def place(self, time: Ints) -> Ints:
        return np.clip((time - self.origin) // HOUR, 0, len(self.slot) - 1)

    def clock(self, rate: Floats) -> Floats:
        return running(rate[self.slot] * self.part)


def _shift(log: EventLog, time: int) -> int:
    """How far the wall clock is ahead."""
    return int(to_wall(np.array([time]), log.zone)[0]) - time if log.zone else 0


def _open_part(log: EventLog, day: Ints, done: Flags | None) -> tuple[Floats, Ints]:
    part, closed = open_days(log, int(day[0]), int(day[-1]), done)
    return part[day - day[0]], closed


def open_days(log: EventLog, first: int, last: int, done: Flags | None = None) -> tuple[Floats, Ints]:
    """How much of each day from the first to the last is open, and which were found closed in the log.

    As the log's calendars say; 0 on days without events where many would be expected, and on later days on which such
    come again (where calendars are stated, these know).
    """
    grid = np.arange(first, last + 1)
    part = stated(log, grid)
    when = wall_day(log, log.time if done is None else log.time[done])
    if not len(when):
        return part, grid[:0]
    begin, end = int(when.min()), _last_day(log)
    days = np.arange(begin, max(end, begin + 1))
    shut, known = closed_days(np.bincount(when - begin, minlength=len(days))[: len(days)].astype(np.float64))
    found = days[shut]
    part[np.isin(grid, found)] = 0.0
    if not log.about.calendars:
        part[(grid > days[-1]) & again(days, shut, known, grid)] = 0.0
    return part, found


def wall_day(log: EventLog, time: Ints) -> Ints:
    """The date of each moment on the log's wall clock, counted from 1970."""
    return (to_wall(time, log.zone) if log.zone else time) // DAY


def _last_day(log: EventLog) -> int:
    """The first day that the log does not hold whole."""
    return int(wall_day(log, np.array([log.about.cutoff + 1]))[0])


def stated(log: EventLog, day: Ints) -> Floats:
    """How much of each day the log's calendars open, of what they open on such weekdays; their mean; 1 without
    calendars.
    """
    about = log.about
    if not about.calendars:
        return np.ones(len(day))
    parts = [_stated(Calendar.from_spec(one), day) for one in about.calendars.values()]
    if about.calendar_by is None or about.calendar_by not in log.attributes or len(parts) == 1:
        return np.asarray(np.mean(parts, axis=0))
    text = log.attributes[about.calendar_by]
    cases = dict(zip(text.levels.to_pylist(), np.bincount(text.codes[text.codes >= 0], minlength=len(text.levels))))
    weight = np.array([float(cases.get(name, 0)) + 1e-9 for name in about.calendars])
    return np.average(parts, axis=0, weights=weight)


def _stated(calendar: Calendar, day: Ints) -> Floats:
    first, last = (
        int(np.int64(one).astype("M8[D]").astype("M8[Y]").astype(np.int64)) + 1970 for one in (day[0], day[-1])
    )
    read = calendar.opening(first - 1, last + 1).read(np.append(day, day[-1] + 1) * DAY)
    spent = np.diff(read).astype(np.float64)
    weekday = (day + 3) % 7
    usual = np.array(
        [
            np.median(spent[(weekday == one) & (spent > 0)]) if (spent[weekday == one] > 0).any() else 0.0
            for one in range(7)
        ]
    )
    # a weekday that the calendar never opens is left to what the log shows: others may work then
    return np.where(usual[weekday] > 0, np.minimum(spent / np.maximum(usual[weekday], 1.0), 1.0), 1.0)


@dataclass(frozen=True, eq=False)
class Stays:
    """From each event of a case (or its arrival) to its next one, or to where watching ends."""

    begin: Ints
    end: Ints
    step: Ints  # at which the case is; the number of activities for the arrival
    ended: Flags
    case: Ints

    @classmethod
    def of(cls, log: EventLog, *, all_of_them: bool = False) -> Stays:
        """Without those that take no time, and those that end with an event of which only the date is known, unless
        all are asked for.
        """
        steps, count = len(log.about.activities), np.diff(log.offset) + 1
        offset = np.concatenate(([0], np.cumsum(count)))
        case = np.repeat(np.arange(len(log)), count)
        event = np.arange(len(log.activity)) + cases_of(log.offset) + 1
        step, begin = np.full(offset[-1], steps), log.arrival[case]
        step[event], begin[event] = log.activity, log.time
        last = offset[1:] - 1
        end, ended = np.append(begin[1:], 0), np.ones(offset[-1], bool)
        end[last], ended[last] = log.until, False
        dated = np.zeros(offset[-1], bool)
        if log.dated is not None:
            dated[event - 1] = log.dated
        kept = np.flatnonzero(((end > begin) & ~dated) | all_of_them)
        return cls(begin[kept], end[kept], step[kept], ended[kept], case[kept])

    def take(self, kept: Ints) -> Stays:
        return Stays(self.begin[kept], self.end[kept], self.step[kept], self.ended[kept], self.case[kept])

    def together(self, steps: int) -> tuple[Stays, Ints]:
        """At most MOST_STAYS of each group of steps, with the group for the step; and the group of each step.

        A step with many stays is a group, the others are one together (the last).
        """
        ended = np.bincount(self.step[self.ended], minlength=steps + 1)
        many = np.flatnonzero(ended >= LEAST)
        many = np.sort(many[np.argsort(-ended[many], kind="stable")][:MOST_OWN])
        group = np.full(steps + 1, len(many))
        group[many] = np.arange(len(many))
        return Stays(self.begin, self.end, group[self.step], self.ended, self.case).few(len(many)), group

    def few(self, steps: int) -> Stays:
        """At most MOST_STAYS of each step, evenly from the first case to the last."""
        order = np.argsort(self.step.astype(np.int16 if steps < 30_000 else np.int64), kind="stable")
        first = np.searchsorted(self.step[order], np.arange(steps + 2))
        n = np.diff(first)[self.step[order]]
        place = np.arange(len(order)) - first[self.step[order]]
        kept = (place * MOST_STAYS // np.maximum(n, 1)) != ((place - 1) * MOST_STAYS // np.maximum(n, 1))
        return self.take(order[(n <= MOST_STAYS) | kept])


@dataclass(frozen=True, eq=False)
class Rates:
    """How fast stays end in each slot, relative to others: of the whole office, and of each step."""

    office: Floats
    own: Floats

    @classmethod
    def of(cls, stays: Stays, hours: Hours, steps: int, among: Flags, rounds: int = ROUNDS) -> Rates:
        """Events over exposure, where the chance to end may differ with the time that a stay has lasted so far (BANDS).

        So hours in which many stays happen to begin are not taken for busy ones. Two rounds: how long a stay has
        lasted is read on the office's clock of the round before. The rates of a step lean to the office's (gamma
        prior), and those to the product of hour of day and weekday. `among`: the steps that tell the office's.
        """
        events = np.zeros((steps + 1, hours.slots))
        at = hours.slot[hours.place(stays.end)]
        open_then = stays.ended & (hours.part[hours.place(stays.end)] > 0)
        np.add.at(events, (stays.step[open_then], at[open_then]), 1.0)
        there = hours.fold(np.ones(hours.known))
        office = _lean(events[among].sum(axis=0), np.maximum(there, 1e-9), hours.slots)
        own = np.tile(office, (steps + 1, 1))
        for _ in range(rounds):
            expected = np.zeros_like(events)
            clocks = Clocks(hours.origin, np.stack((np.zeros(len(hours.slot) + 1), hours.clock(office))))
            for step in np.flatnonzero(events.sum(axis=1)):
                exposed, ends = _exposure(stays.take(np.flatnonzero(stays.step == step)), hours, clocks)
                expected[step] = _expected(exposed, ends, events[step], own[step])
            office = _lean(events[among].sum(axis=0), expected[among].sum(axis=0), hours.slots)
            own = (events + OWN_HOURS * office) / (expected + OWN_HOURS)
            own[(events == 0) & (expected * office >= NONE)] = 0.0
        return cls(office, own)


def _exposure(stays: Stays, hours: Hours, clocks: Clocks) -> tuple[Floats, Floats]:
    """[slot, band]: hours spent in stays; and per band how many stays ended in it."""
    office = np.ones(len(stays.begin), np.int64)
    shown = clocks.read(office, stays.begin)
    lasted = clocks.read(office, stays.end) - shown
    edge = stays.begin
    columns = [hours.fold(passed(edge - hours.origin, hours.known))]
    for upper in (*BANDS[1:], np.inf):
        reach = stays.end if np.isinf(upper) else clocks.at(office, shown + np.int64(upper))
        edge = np.clip(reach, edge, stays.end)
        columns.append(hours.fold(passed(edge - hours.origin, hours.known)))
    exposed = np.maximum(-np.diff(np.stack(columns, axis=1), axis=1), 0.0)
    band = np.searchsorted(BANDS, lasted[stays.ended], side="left") - 1
    return exposed, np.bincount(np.maximum(band, 0), minlength=len(BANDS)).astype(np.float64)


def _expected(exposed: Floats, ends: Floats, events: Floats, rate: Floats) -> Floats:
    """Per slot: events that would come if all slots were alike, by the rates of the bands (found by turns)."""
    expected = exposed @ np.ones(exposed.shape[1])
    for _ in range(8):
        of_band = ends / np.maximum(rate @ exposed, 1e-9)
        expected = exposed @ of_band
        rate = np.where(expected > 0, (events + 0.5 * rate) / (expected + 0.5), rate)
    return expected


def _lean(events: Floats, expected: Floats, slots: int) -> Floats:
    """Relative rates, mean 1 over the slots; those of few events lean to weekday x hour of day."""
    expected = expected * events.sum() / max(float(expected.sum()), 1e-300)
    if slots == 7:
        rate = (events + 0.5) / (expected + 0.5)
        rate = np.where(events > 0, rate, np.where(expected >= 5, 0.0, rate))
    else:
        table, there = events.reshape(7, 24), expected.reshape(7, 24)
        weekday = table.sum(axis=1) / np.maximum(there.sum(axis=1), 1e-9)
        of_day = table.sum(axis=0) / np.maximum((weekday[:, None] * there).sum(axis=0), 1e-9)
        both = (weekday[:, None] * of_day).ravel()
        rate = (events + OFFICE_HOURS * both) / (expected + OFFICE_HOURS)
        rate = np.where((events == 0) & (both * np.maximum(expected, OFFICE_HOURS) < 0.5), 0.0, rate)
    return np.asarray(rate / max(float(rate.mean()), 1e-300))


@dataclass(frozen=True, eq=False)
class Operational:
    """The clocks of a log, and which one runs at each step.

    clock: per step at which a case is (the last one: between its arrival and its first step), a number among the
    clocks. kind: what that is (KINDS, or SESSIONS). stays: that ended, per step. gain[k, step]: by how much a stay of
    the later cases is likelier (log) on the kind k than on the calendar; nan where too few.
    """

    clocks: Clocks
    clock: Ints
    kind: Sequence[str]
    stays: Ints
    gain: Floats
    rate: Floats  # of the office per slot
    closed: Ints  # days found closed
    names: Sequence[str]
    dates: bool

    def messages(self) -> list[Message]:
        office = [name for name, kind in zip(self.names, self.kind) if kind != CALENDAR]
        outside = [name for name, kind, n in zip(self.names, self.kind, self.stays) if kind == CALENDAR and n >= LEAST]
        if not office:
            return [Message("operational.calendar")]
        if self._round_the_clock:
            return [Message("operational.uneven", {"steps": len(office)})]
        said = [Message("operational.office", {"steps": len(office), "open": self.open_when})]
        if len(self.closed):
            day = str(self.closed[-1].astype("M8[D]"))
            said.append(Message("operational.closed", {"days": len(self.closed), "last": day}))
        if outside:
            said.append(Message("operational.outside", {"steps": ", ".join(outside[:5])}))
        return said

    @property
    def _round_the_clock(self) -> bool:
        """Whether the office works on all days, and (where known) nearly all hours."""
        busy = self.rate > 0.1 * float(self.rate.max())
        opens, closes = (0, 0) if self.dates else self._hours
        return bool(busy.mean() > 0.85 or (len(self._weekdays) == 7 and closes - opens >= ROUND_THE_CLOCK))

    @cached_property
    def open_when(self) -> Message:
        """The weekdays, and the hours of them, that hold nearly all that the office's clock runs."""
        days = tuple(Message(f"sessions.weekday.{one}") for one in self._weekdays)
        if self.dates:
            return Message("operational.days", {"days": days})
        opens, closes = self._hours
        return Message("operational.hours", {"days": days, "opens": opens, "closes": closes})

    @property
    def _weekdays(self) -> list[int]:
        """Those on which the office's clock runs."""
        each = self.rate.reshape(7, -1).sum(axis=1)
        return [int(one) for one in np.flatnonzero(each > 0.2 * each.max())]

    @property
    def _hours(self) -> tuple[int, int]:
        """Of the day, that hold nearly all that the clock runs."""
        upto = np.cumsum(self.rate.reshape(7, -1).sum(axis=0)) / self.rate.sum()
        return int(np.searchsorted(upto, 0.01)), int(np.searchsorted(upto, 0.99)) + 1


def clocks_of(log: EventLog) -> Operational:
    """The operational clocks of a log, one choice per step at which a case can be.

    A step goes by the calendar (as courts and outside parties do), by the hours in which the whole office works, by
    these with busy ones counted for more, or by hours of its own: whichever makes the stays of the later cases
    likelier, as learned from the earlier ones; the simpler one where that is not clear. Steps of few stays go with all
    others together. In logs of dates only weekdays and closed days count.
    """
    steps = len(log.about.activities)
    hours, every = Hours.of(log), Stays.of(log)
    stays, group = every.together(steps)
    groups = int(group.max())  # the last group holds the rest
    chosen, gain = _choose(log, stays, hours, groups, np.ones(groups + 1, bool))
    office = chosen > 0
    if (
        office.any() and not office.all()
    ):  # what outside parties do at night and on holidays tells nothing of the office's
        hours = Hours.of(log, _ends(log, office[group]))
        chosen, gain = _choose(log, stays, hours, groups, office)
    rates = Rates.of(stays, hours, groups, office if office.any() else np.ones(groups + 1, bool))
    upto, clock = [np.arange(len(hours.slot) + 1) * float(HOUR)], np.zeros(groups + 1, np.int64)
    for kind, rate in ((1, alike(rates.office)), (2, rates.office)):
        if (chosen == kind).any():
            clock[chosen == kind] = len(upto)
            upto.append(hours.clock(rate))
    for one in np.flatnonzero(chosen == 3):
        clock[one] = len(upto)
        upto.append(hours.clock(alike(rates.own[one])))
    dates = log.about.precision == "day"
    ended = np.bincount(every.step[every.ended], minlength=steps + 1)
    clocks = Clocks(hours.origin, np.stack(upto), DAY if dates else 1)
    kinds = [KINDS[one] for one in np.where(ended > 0, chosen[group], 0)]
    clock = np.where(ended > 0, clock[group], 0)
    names = log.about.activities
    return Operational(clocks, clock, kinds, ended, gain[:, group], rates.office, hours.closed, names, dates)


def alike(rate: Floats) -> Floats:
    """The same, where hours about as busy as the usual open one are made equal to it: what a task takes is then the
    same in each of them, and only closed, half-open and rush hours differ.
    """
    busiest = np.sort(rate)[::-1]
    # half of the time passes in hours at least this busy
    usual = float(busiest[np.searchsorted(np.cumsum(busiest), 0.5 * busiest.sum())])
    near = (rate >= usual / ALIKE) & (rate <= usual * ALIKE)
    return np.where(near, rate[near].mean(), rate)


def _ends(log: EventLog, office: Flags) -> Flags:
    """The events that end stays at these steps."""
    steps = len(log.about.activities)
    before = (
        np.append(steps, log.activity[:-1].astype(np.int64)) if len(log.activity) else log.activity.astype(np.int64)
    )
    before[log.offset[:-1][np.diff(log.offset) > 0]] = steps
    return np.asarray(office[before])


def _choose(log: EventLog, stays: Stays, hours: Hours, steps: int, office_steps: Flags) -> tuple[Ints, Floats]:
    """Per step the number of the kind, and the gains per stay; `office_steps` tell the office's hours."""
    early = log.arrival[stays.case] <= np.quantile(log.arrival, EARLY)
    chosen, gains = np.zeros(steps + 1, np.int64), np.full((len(KINDS), steps + 1), np.nan)
    ended = np.bincount(stays.step[stays.ended], minlength=steps + 1)
    later = np.bincount(stays.step[stays.ended & ~early], minlength=steps + 1)
    if ended.sum() < LEAST or later.sum() < LEAST_LATER:
        return chosen, gains
    rates = Rates.of(stays.take(np.flatnonzero(early)), hours, steps, office_steps, rounds=1)
    office = [hours.clock(one) for one in (alike(rates.office), rates.office)]
    few = (ended < LEAST) | (later < LEAST_LATER)
    better: list[Floats] = []
    for step in np.flatnonzero(ended):
        which = np.flatnonzero(stays.step == step)
        rows = np.stack((np.arange(len(office[0])) * float(HOUR), *office, hours.clock(alike(rates.own[step]))))
        scores = _scores(stays.take(which), early[which], Clocks(hours.origin, rows), hours)
        if scores is not None:
            gain = scores - scores[0]
            better.append(gain[1])
            if not few[step]:
                chosen[step], gains[:, step] = _best(gain), gain.mean(axis=1)
    chosen[few & (ended > 0)] = int(bool(better) and _clear(np.concatenate(better)))
    return chosen, gains


def _best(gain: Floats) -> int:
    """The simplest kind than which no later one is clearly better."""
    best = 0
    for kind in range(1, len(gain)):
        best = kind if _clear(gain[kind] - gain[best]) else best
    return best


def _clear(gain: Floats) -> bool:
    """Whether a mean is above 0 by more than chance."""
    return (
        len(gain) > 1 and float(gain.mean()) > CLEAR * float(gain.std(ddof=1)) / np.sqrt(len(gain)) and gain.mean() > 0
    )


def _scores(stays: Stays, early: Flags, clocks: Clocks, hours: Hours) -> Floats | None:
    """[clock, later stay]: the log of how likely each is, by the early ones on the same clock; None where these are
    few.
    """
    if (early & stays.ended).sum() < 2 or not (~early & stays.ended).any():
        return None
    found = []
    for k in range(len(clocks.upto)):
        clock = np.full(len(stays.begin), k)
        gap = np.maximum((clocks.read(clock, stays.end) - clocks.read(clock, stays.begin)) / HOUR, 0.0)
        place = hours.place(stays.end)
        speed = (clocks.upto[k][place + 1] - clocks.upto[k][place]) / HOUR
        ended, later = stays.ended, ~early
        found.append(_likely(gap[early], ended[early], gap[later], ended[later], speed[later]))
    return np.stack(found)


def _likely(known: Floats, known_end: Flags, gap: Floats, ended: Flags, speed: Floats) -> Floats:
    """Log density per calendar hour of the ends, log survival of the others, by a hazard constant within PIECES
    pieces.
    """
    edges = np.quantile(known[known_end], np.linspace(0, 1, PIECES + 1)[1:-1])
    edges = np.concatenate(([0.0], np.unique(np.maximum(edges, 1 / 60))))
    ends = np.bincount(np.searchsorted(edges, known[known_end], side="right") - 1, minlength=len(edges))
    upper = np.append(edges[1:], np.inf)
    spent = np.clip(np.minimum(known[:, None], upper) - edges, 0, None).sum(axis=0)
    least = np.where(np.isinf(upper), 1 / 60, np.minimum(upper - edges, 1.0)) / 60
    hazard = (ends + 0.5) / np.maximum(spent + 0.5 * (spent.sum() / max(ends.sum(), 1)), least)
    inside = np.clip(np.minimum(gap[:, None], upper) - edges, 0, None)
    survival = -(inside @ hazard)
    density = survival + np.log(hazard[np.searchsorted(edges, gap, side="right") - 1])
    usual = np.log(1 - ODD) + density + np.log(np.maximum(speed, 1e-300))
    at_any_hour = np.log(ODD / 1_000) + survival
    return np.asarray(np.where(ended, np.logaddexp(usual, at_any_hour), survival))
