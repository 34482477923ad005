"""Cohorts: who enters when, how long each case is watched, and which weeks may be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.blocks import DAY, EntryWeeks
from procmine.kernels.contrast import complete_since, window
from procmine.kernels.durations import Durations
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.partial import Partial
from procmine.kernels.survival import Curve, kaplan_meier
from procmine.log import EventLog, LogError, Summary, codes_of, moment, shown
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.times import Milestone
from procmine.words import Message, Span, Value

Flags = NDArray[np.bool_]
Where = tuple[tuple[str, tuple[str, ...]], ...]

WEEK = 7 * DAY
YEAR = 52  # weeks
MOST_YEARS = 3
MIDDLE = 6_000  # key of the week that begins with the change
WEEKS = 2 * MIDDLE
LEAST_BEFORE, LEAST_AFTER, LEAST_CASES = 26, 8, 30


@dataclass(frozen=True, eq=False)
class Watched:
    """Per case: when it entered and, as seen at the end of watching, until when it waited and what came then.

    cause: WAITING, or the place of what ended the wait in `Cohort.ends`.
    """

    entry: Ints
    until: Ints
    cause: Ints


WAITING = -1


@dataclass(frozen=True)
class Cohort:
    """Cases enter with their first `start` (None: when they arrive) and wait for their first `stop` (None: their end).

    Only cases `where` attributes have one of the values named, or, `others`, all but these.
    """

    start: Milestone | None = None
    stop: Milestone | None = None
    where: Where = ()
    others: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The attributes that it is chosen by."""
        return tuple(name for name, _ in self.where)

    def ends(self, about: About) -> tuple[str, ...]:
        """What may end the wait: the stop, if one is named, then the outcomes; "" is an end that has no name."""
        outcomes = dict.fromkeys(about.outcomes.get(name, name) for name in about.ends)
        return (*([self.stop.step] if self.stop else []), *outcomes, "")

    def enter(self, log: EventLog) -> tuple[Ints, Flags]:
        """Per case: when it enters (else its arrival), and whether it does."""
        inside = np.ones(len(log), bool)
        for name, values in self.where:
            inside &= log.attributes[name].among(values)
        if self.others:
            inside = ~inside
        if self.start is None:
            return log.arrival, inside
        place = self.start.place(log)
        entry = log.arrival.copy()
        entry[place >= 0] = log.time[place[place >= 0]]
        return entry, inside & (place >= 0)

    def watch(self, log: EventLog, entry: Ints, limit: Ints) -> Watched:
        """Each case as it stood just after `limit`: what came later, even a case taken up again, is not known yet.

        A stop counts from the moment of the entry on, as in `time_between`.
        """
        until, cause = limit.copy(), np.full(len(log), WAITING, np.int64)
        ended, when, code = _closed(log, limit)
        until[ended], cause[ended] = when[ended], self._causes(log.about)[code[ended]]
        if self.stop is not None:
            place = self.stop.place(log, None if self.start is None else self.start.place(log))
            time = np.append(log.time, 0)[place]
            reached = (place >= 0) & (time >= entry) & (time <= limit)
            until[reached], cause[reached] = time[reached], 0
        return Watched(entry, np.maximum(until, entry), cause)

    def _causes(self, about: About) -> Ints:
        """Per activity, and one more for no event at all: the place in `ends` of what it means as a case's last event."""
        ends = self.ends(about)
        first = 1 if self.stop else 0
        names = [about.outcomes.get(name, name) if name in about.ends else "" for name in about.activities]
        return np.array([*(ends.index(name, first) for name in names), len(ends) - 1], np.int64)


def _closed(log: EventLog, limit: Ints) -> tuple[Flags, Ints, Ints]:
    """Per case: whether it was closed as far as one could see at `limit`, when, and the code of its last event by then.

    Where every case counts as finished no step says so by itself: only the last event of all does.
    """
    of_event = cases_of(log.offset)
    events = np.bincount(of_event[log.time <= limit[of_event]], minlength=len(log))
    last = np.where(events > 0, log.offset[:-1] + events - 1, len(log.time))
    code = np.append(log.activity.astype(np.int64), len(log.about.activities))[last]
    finishing = () if log.about.every_case else log.about.ends
    ending = np.array([name in finishing for name in log.about.activities] + [False])
    for_good = ~log.open & (log.until <= limit)
    when = np.where(for_good, log.until, np.append(log.time, 0)[last])
    return for_good | ending[code], when, code


@dataclass(frozen=True)
class Plan:
    """Which weeks are compared, counted from the change (week 0 begins with it), and how long each case is watched.

    Before: `before` weeks whose cases can be watched for `watched` weeks until the change; after: `after` weeks whose
    cases can be until the data end, from week `ramp` on. Cases alive across the change belong to neither. In the last `gap`
    weeks before the change nothing is known (two logs as one).
    """

    change: int
    watched: int
    before: int
    after: int
    ramp: int = 0
    gap: int = 0

    @property
    def horizon(self) -> int:
        return self.watched * WEEK

    def weeks(self, period: str) -> tuple[int, int]:
        """The first week of "before" or "after", and how many there are."""
        return (self.ramp, self.after) if period == "after" else (-self.gap - self.watched - self.before, self.before)

    @property
    def span(self) -> int:
        """How many weeks there are from the first before to the last after, those between them included."""
        return self.gap + self.watched + self.before + self.ramp + self.after

    def marks(self, period: str) -> Flags:
        """Which weeks of that span are "before" or "after"."""
        first, count = self.weeks(period)
        place = np.arange(self.span) - self.gap - self.watched - self.before
        return (place >= first) & (place < first + count)

    def week(self, time: Ints) -> Ints:
        return (time - self.change) // WEEK

    def kept(self, week: Ints) -> Flags:
        spans = [(week >= first) & (week < first + count) for first, count in map(self.weeks, ("before", "after"))]
        return spans[0] | spans[1]

    def begins(self, week: int) -> int:
        """When that week begins."""
        return self.change + week * WEEK


def plan_of(about: About, change: int, first: int, watched: int, ramp: int = 0, gap: int = 0) -> Plan:
    """Whole weeks: before, one to three whole years if there are, else what there is from week `first` on; after, all from
    week `ramp` on."""
    there = max(-gap - watched - first, 0)
    years = min(there // YEAR, MOST_YEARS)
    after = (min(about.cutoff + 1 - watched * WEEK, kept_of(about).until) - change) // WEEK - ramp
    return Plan(change, watched, years * YEAR if years else there, max(after, 0), ramp, gap)


@dataclass(frozen=True, eq=False)
class Baseline(Result):
    """One row, what was known when the change came.

    complete_from (datetime64[us]): since when all cases are in the log; stated (bool) or taken from the number of cases;
    first (int): the first week of entries, counted from the change, that may be compared; cases (int) of that time, each
    watched until the change; p90 (timedelta64[s], NaT: not reached): by then 9 in 10 had ended; open (int): cases of the
    whole log that are open when the data end; expected (float): how many of those entered by then should still wait.
    """

    meaning = "define.compare"

    def findings(self) -> Sequence[Message]:
        since, p90 = str(self.rows["complete_from"][0])[:10], self.rows["p90"][0]
        values: dict[str, Value] = {"since": since, "cases": int(self.rows["cases"][0])}
        if np.isnat(p90):
            return [Message("compare.baseline.never", values)]
        return [Message("compare.baseline", {**values, "p90": Span(seconds(p90))})]


@dataclass(frozen=True, eq=False)
class BaselinePart(Partial):
    """Lengths and counts by week of the arrival or entry, counted from the change."""

    ended: Durations
    waiting: Durations
    lead: Durations  # arrival to entry, of entries before the change
    arrived: EntryWeeks  # of all cases, up to the change
    entered: EntryWeeks  # all entries, up to the end of the data
    open: NDArray[np.int64]


@dataclass(frozen=True)
class BaselineSummary(Summary[BaselinePart, Baseline]):
    """What the cases before `change` (a moment of the log) tell, each watched only until then; on calendar time."""

    cohort: Cohort
    change: int

    @property
    def columns(self) -> tuple[str, ...]:
        return self.cohort.columns

    def of(self, log: EventLog) -> BaselinePart:
        entry, member = self.cohort.enter(log)
        here = member & (entry < self.change) & (self.week(entry) >= -MOST_YEARS * YEAR)
        seen = self.cohort.watch(log, entry, np.full(len(log), self.change - 1))
        length, key = seen.until - entry, self.week(entry) + MIDDLE
        ended = here & (seen.cause != WAITING)
        waiting = here & (seen.cause == WAITING)
        lead = (entry - log.arrival)[here]
        return BaselinePart(
            Durations.of(key[ended], length[ended], WEEKS),
            Durations.of(key[waiting], length[waiting], WEEKS),
            Durations.of(np.zeros(len(lead), np.int64), np.maximum(lead, 0), 1),
            _counted(self.week(log.arrival[log.arrival < self.change])),
            _counted(self.week(entry[member])),
            np.array([log.open.sum()], np.int64),
        )

    def week(self, time: Ints) -> Ints:
        return np.clip((time - self.change) // WEEK, -MIDDLE, MIDDLE - 1)

    def rows(self, partial: BaselinePart, about: About) -> Rows:
        since = self._complete_from(partial, about)
        lead = float(partial.lead.quantile(0.95)[0]) if self.cohort.start and len(partial.lead.value) else 0.0
        first = max(-(-(since + int(lead * 1e6) - self.change) // WEEK), -MOST_YEARS * YEAR)
        ended, waiting = (_since(kind, first + MIDDLE) for kind in (partial.ended, partial.waiting))
        curve = kaplan_meier(ended, waiting)
        cases = int(ended.n()[0] + waiting.n()[0])
        p90 = np.array([np.mean(curve.quantile(0.9)) if cases else np.nan])
        rows = {"first": first, "cases": cases, "open": int(partial.open[0]), "stated": about.complete_from is not None}
        counted = {name: np.array([value]) for name, value in rows.items()}
        expected = np.array([self._expected(partial.entered, curve, first, about)])
        return {
            "complete_from": shown(about, np.array([since])),
            **counted,
            "p90": timedeltas(p90),
            "expected": expected,
        }

    def result(self, rows: Rows, about: About, exact: bool) -> Baseline:
        return Baseline(rows, about, exact, self.arguments)

    def _complete_from(self, partial: BaselinePart, about: About) -> int:
        kept = kept_of(about).since
        if about.complete_from is not None:
            return max(about.complete_from, kept)
        weeks = partial.arrived
        if not len(weeks.week):
            return self.change
        first = int(weeks.week[0])
        found = first + complete_since(window(weeks, first, -first)[:, 0])
        return max(self.change + found * WEEK, about.begins, kept)

    def _expected(self, entered: EntryWeeks, curve: Curve, first: int, about: About) -> float:
        """How many of the cases that entered would still wait when the data end, were they like those before."""
        here = entered.week >= first
        age = (about.cutoff - self.change - (entered.week[here] + 1) * WEEK) / 1e6
        left = np.append(1.0, curve.survival)[np.searchsorted(curve.left, age, side="right")]
        return float(entered.sums[here, 0] @ left)


def _since(kind: Durations, first: int) -> Durations:
    """Under one key the durations whose key is not below `first`."""
    kept = kind.key >= first
    return Durations(kind.keys, kind.key[kept], kind.value[kept], kind.count[kept], kind.exact, kind.cap).whole()


def _counted(week: Ints) -> EntryWeeks:
    return EntryWeeks.of(week, np.zeros(len(week), np.int64), np.ones(len(week)), 1)


def cohort_of(
    about: About,
    where: Mapping[str, str | Sequence[str]] | None,
    start: str | Milestone | None,
    stop: str | Milestone | None,
) -> Cohort:
    """Checked arguments; a milestone must be known when it happens, so the last of its kind will not do."""
    wanted = tuple(
        (name, (value,) if isinstance(value, str) else tuple(value)) for name, value in (where or {}).items()
    )
    return Cohort(_known(about, start), _known(about, stop), wanted)


def _known(about: About, step: str | Milestone | None) -> Milestone | None:
    if step is None:
        return None
    found = Milestone(step, "first") if isinstance(step, str) else step
    if found.which == "last":
        raise ValueError(
            f"last({found.step!r}): while a case is watched nobody knows which one will be its last. "
            f"Use first({found.step!r}), or leave it out to count from the arrival or to the end of the case."
        )
    codes_of(about, found.step)
    return found


ALL_THERE = ("kept.between.started", "kept.between.touching")  # every case that began in the period is in such a log
FAIR = (
    *ALL_THERE, "kept.where", "kept.sample", "kept.cut_to", "kept.simulated", "kept.by_stages", "with.attribute",
    "joined.history", "joined.moved",
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """From when (a moment of the log) up to, not including, when all cases that began are still there after the filters."""

    since: int = -(2**63)
    until: int = 2**63 - 1
    said: Message | None = None  # the filter that sets `until`


def kept_of(about: About) -> Kept:
    """What filters by period left: cases that were only touched by it are survivors, so entries count from its begin."""
    kept = Kept()
    for step in about.history:
        if step.key in ALL_THERE:
            first, last = (moment(about, str(step.values[name])) for name in ("first", "last"))
            kept = replace(kept, since=max(kept.since, first))
            kept = replace(kept, until=last, said=step) if last < kept.until else kept
    return kept


def check_kept(about: About, where: Where) -> None:
    """Cases kept for what happened in them later cannot be compared: the newest have not come so far."""
    if about.cut:
        raise LogError(
            "Steps were left out of this log, so when and how its cases ended cannot be told. Compare before "
            "only_activities(...), with start= and stop= for the steps; where= chooses cases."
        )
    for step in about.history:
        if step.key not in FAIR and not step.key.startswith("fixed."):  # a repair by the spec chooses no cases
            raise LogError(
                f"This log holds only {step.say()}. New cases have not come so far, so a comparison would flatter. "
                "Use all cases, with start= and stop= for the steps, or where= for what is known when a case begins."
            )
    late = derived(about) & ({name for name, _ in where} | _chosen_by(about))
    if late:
        name = min(late)
        raise LogError(
            f"{name!r} was taken from the events of each case: new cases may not have come so far, so a comparison would "
            f"flatter. If it is known when a case begins, read it as an attribute of cases: Columns(attributes=({name!r},))."
        )


def derived(about: About) -> set[str]:
    """Attributes of cases that were made of those of events."""
    return {str(step.values["name"]) for step in about.history if step.key == "with.attribute"}


def _chosen_by(about: About) -> set[str]:
    """Attributes by which cases were kept."""
    chosen = [step.values["what"] for step in about.history if step.key == "kept.where"]
    return {str(one.values["name"]) for what in chosen if isinstance(what, tuple) for one in what}


def said_where(where: Where) -> Message:
    """As the filter says it: cases where office is North."""
    said = tuple(Message("kept.where.one", {"name": name, "value": ", ".join(values)}) for name, values in where)
    return Message("kept.where", {"what": said})
