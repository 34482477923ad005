"""Observing: what a forecast was about, counted in a log, and whether that log goes on from the one that predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from procmine.kernels.blocks import DAY, Floats
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.sampler import Flags, quantile
from procmine.log import EventLog, LogError, check_attributes, moment
from procmine.proof.cohorts import WAITING, WEEK, Cohort, check_kept, cohort_of, kept_of
from procmine.proof.ledger.record import HALF, MEAN, Fingerprint, StoredForecast
from procmine.words import Message

UNSAID = ("kept.between", "kept.cut_to", "kept.forecast")  # filters by time alone: who is in the cohort stays the same
FEWER, OTHERS, LATER, MANY, STEPS, MEMBERS, SHORTER = "fewer", "others", "later", "many", "steps", "members", "shorter"
SERIOUS = (FEWER, OTHERS, MANY, MEMBERS, SHORTER)  # the log is not the continuation
LATE = 0.1  # of the cases that predicted: if more came into the data later, they may be others


@dataclass(frozen=True, eq=False)
class Waits:
    """Per case that enters: which case of the log, when (microseconds), how long it waited within the horizon (seconds), and
    whether it got there."""

    case: Ints
    entry: Ints
    time: Floats
    reached: Flags

    def take(self, kept: Flags) -> Waits:
        return Waits(self.case[kept], self.entry[kept], self.time[kept], self.reached[kept])


def waits(log: EventLog, cohort: Cohort, horizon: int) -> Waits:
    """As compare watches cases, for `horizon` days; only those that entered so long before the cutoff are fully watched."""
    entry, member = cohort.enter(log)
    limit = np.minimum(entry + horizon * DAY, log.about.cutoff)
    seen = cohort.watch(log, entry, limit)
    here = np.flatnonzero(member & (entry + horizon * DAY <= log.about.cutoff + 1))
    reached = seen.cause == 0 if cohort.stop else seen.cause != WAITING
    return Waits(here, entry[here], (seen.until - entry)[here] / 1e6, reached[here])


def measured(found: Waits, measure: str, horizon: int) -> float:
    """Mean days, days by which half were there (the horizon, if they were not), or how many of 100 were."""
    if measure == MEAN:
        return float(found.time.mean()) * 1e6 / DAY
    if measure == HALF:
        half = quantile(np.sort(np.where(found.reached, found.time, np.inf)), 0.5)
        return min(half * 1e6 / DAY, float(horizon))
    return 100 * float(found.reached.mean())


def cohort_asked(log: EventLog, one: StoredForecast) -> Cohort:
    check_attributes(log.about, one.where, log.about.attributes)
    return cohort_of(log.about, one.where, one.start, one.stop)


def counted(log: EventLog, one: StoredForecast, change: str) -> Waits:
    """The cases that entered in the weeks the forecast is about, if the log can show them all; LogError where it cannot."""
    cohort = cohort_asked(log, one)
    check_kept(log.about, cohort.where)
    begin = moment(log.about, change) + one.ramp * DAY
    end = begin + one.weeks * WEEK
    kept = kept_of(log.about)
    if kept.said is not None and (kept.until < end or kept.since > begin):
        raise LogError(f"This log holds only {kept.said.say()}; the forecast is about other weeks too.")
    found = waits(log, cohort, one.horizon)
    return found.take((found.entry >= begin) & (found.entry < end))


def filters_of(log: EventLog) -> tuple[str, ...]:
    """How cases were chosen, but for filters by time, in words."""
    steps = [step for step in log.about.history if step.key.startswith("kept.") and not step.key.startswith(UNSAID)]
    return tuple(step.say() for step in steps)


def chosen_by(log: EventLog) -> set[str]:
    """The attributes by which its cases were chosen."""
    found, left = set[str](), list(log.about.history)
    while left:
        for name, value in left.pop().values.items():
            left += [one for one in (value if isinstance(value, tuple) else [value]) if isinstance(one, Message)]
            found |= {str(value)} if name == "name" else set()
    return found


def fingerprint(log: EventLog, cohort: Cohort, until: int) -> Fingerprint:
    """Of the cases begun and the events up to `until`, in whatever order the log has them."""
    order = np.argsort(log.case.values().astype(str), kind="stable")
    begun = order[log.arrival[order] <= until]
    part = log.take(begun)
    seen = part.time <= until
    case, time, code = cases_of(part.offset)[seen], part.time[seen], part.activity[seen]
    names = sorted({log.about.activities[one] for one in np.unique(code).tolist()})
    rank = np.array([names.index(name) if name in names else -1 for name in log.about.activities], np.int64)[code]
    placed = np.lexsort((rank, time, case))
    entry, member = cohort.enter(part)
    return Fingerprint(
        cases=len(part),
        entered=int(np.count_nonzero(member & (entry <= until))),
        events=len(case),
        cases_sha256=_digest(part.case.values().tolist(), part.arrival),
        events_sha256=_digest(names, *(column[placed] for column in (case, time, rank))),
    )


def continues(then: Fingerprint, now: Fingerprint, *, longer: bool) -> tuple[tuple[str, int], ...]:
    """In what the log at hand differs from the one that predicted, over the time that both tell of: (what, how many)."""
    found = [] if longer else [(SHORTER, 0)]
    if now.cases < then.cases:
        found.append((FEWER, then.cases - now.cases))
    elif now.cases > then.cases:
        late = now.cases - then.cases
        found.append((LATER if late <= LATE * then.cases else MANY, late))
    elif now.cases_sha256 != then.cases_sha256:
        found.append((OTHERS, now.cases))
    elif now.events_sha256 != then.events_sha256:
        found.append((STEPS, abs(now.events - then.events)))
    left = now.cases >= then.cases and now.entered < then.entered
    if left or (now.cases == then.cases and now.entered > then.entered):
        found.append((MEMBERS, abs(now.entered - then.entered)))
    return tuple(found)


def _digest(names: Sequence[str], *columns: Ints) -> str:
    whole = sha256("\0".join(names).encode())
    for column in columns:
        whole.update(np.ascontiguousarray(column, "<i8").tobytes())
    return whole.hexdigest()
