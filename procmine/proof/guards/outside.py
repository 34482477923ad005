"""Outside: whether work may have moved to where the wait is not counted: before the start, or out of the log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.about import About
from procmine.kernels.blocks import EntryWeeks, Floats
from procmine.kernels.contrast import Arm, contrast, window
from procmine.kernels.flow import Ints, cases_of
from procmine.log import EventLog
from procmine.proof.cohorts import Cohort, Plan
from procmine.proof.guards.grew import CERTAIN, POINTS, arms, enough, grown
from procmine.proof.verdict.kinds import FINE, UNKNOWN, UNSURE, Finding

EVENTS, LEAD, WAIT, WHOLE, STEPS = 1, 3, 5, 7, 9  # columns, each with its squares behind it; then three per activity
MIXED = 0.1  # of all cases: so many more or fewer begin with a step
OFTEN, GONE, EARLY = 0.1, 0.1, 2.0  # a step of so many cases; a tenth of them is left; it came first or second
FEWER, THINNER = 0.1, 0.15  # cases; events of a case
HALF = 0.5  # of the gain: so much that moved before the start, and the whole wait shows no gain


@dataclass(frozen=True)
class Edge:
    """By entry week: with what cases begin, how much is written of them in the time of watching, how long before the start
    they had arrived."""

    cohort: Cohort
    plan: Plan

    def of(self, log: EventLog) -> EntryWeeks:
        entry, member = self.cohort.enter(log)
        week = self.plan.week(entry)
        here = np.flatnonzero(member & self.plan.kept(week))
        case, code, place, count = _early(log, entry, self.plan.horizon, here)
        until = self.cohort.watch(log, entry, entry + self.plan.horizon).until[here]
        lead, wait = np.maximum(entry - log.arrival, 0)[here] / 1e6, (until - entry[here]) / 1e6
        values = [np.ones(len(here)), *(x for one in (count, lead, wait, lead + wait) for x in (one, one**2))]
        size, n = len(log.about.activities), len(here)
        weeks, columns = np.tile(week[here], len(values)), np.repeat(np.arange(len(values)), n)
        first, began = STEPS + code[place == 0], case[place == 0]
        weeks = np.concatenate((weeks, week[began], np.tile(week[case], 2)))
        columns = np.concatenate((columns, first, STEPS + size + code, STEPS + 2 * size + code))
        filled = np.concatenate((*values, np.ones(len(first) + len(code)), place))
        return EntryWeeks.of(weeks, columns, filled, STEPS + 3 * size)

    def finding(self, weeks: EntryWeeks, about: About) -> Finding:
        if not enough(weeks, self.plan):
            return Finding("outside", UNKNOWN)
        if self.cohort.start is not None:
            return self._before_start(weeks)
        if about.arrival is not None:  # the wait is counted from a date of its own, whatever is written of the case
            return Finding("outside", FINE)
        first, fewer = self._first(weeks, about), self._fewer(weeks)
        left = {**self._gone(weeks, about), **self._thinner(weeks)}
        moved = bool(first) or bool(fewer and left)  # a step that is dropped, of as many cases, moves no beginning
        return Finding("outside", UNSURE if moved else FINE, {**first, **left, **(fewer if left else {})})

    def _before_start(self, weeks: EntryWeeks) -> Finding:
        """Time from the arrival to the start grew, and eats at least half of the gain since the start."""
        wait, whole = (contrast(*arms(weeks, self.plan, one, one + 1)) for one in (WAIT, WHOLE))
        usual = arms(weeks, self.plan, WAIT, WAIT + 1)[0].mean
        lead = grown(weeks, self.plan, LEAD, LEAD + 1, POINTS * usual)
        figures: dict[str, float | str] = {"lead_before": lead.before, "lead_after": lead.after}
        figures |= {"gained": -wait.difference, "shown": -whole.difference}
        eaten = wait.high < 0 <= whole.high and whole.difference > HALF * wait.difference
        return Finding("outside", lead.state if eaten else FINE, figures)

    def _first(self, weeks: EntryWeeks, about: About) -> dict[str, float | str]:
        """The step with which most more, or fewer, cases begin."""
        shares = self._shares(weeks, STEPS, len(about.activities))
        step = int(np.abs(shares[1] - shares[0]).argmax())
        if abs(shares[1][step] - shares[0][step]) <= MIXED:
            return {}
        before, after = arms(weeks, self.plan, STEPS + step, STEPS + step)
        moved = contrast(before, after, CERTAIN)
        if moved.low <= 0 <= moved.high:
            return {}
        return {
            "first": about.activities[step],
            "share_before": float(shares[0][step]),
            "share_after": float(shares[1][step]),
        }

    def _gone(self, weeks: EntryWeeks, about: About) -> dict[str, float | str]:
        """An early step that is hardly written any more."""
        size = len(about.activities)
        often = self._shares(weeks, STEPS + size, size)
        place = self._shares(weeks, STEPS + 2 * size, size)[0] / np.maximum(often[0], 1e-300)
        gone = (often[0] >= OFTEN) & (often[1] <= GONE * often[0]) & (place < EARLY)
        gone &= np.array([name not in about.ends for name in about.activities])  # fewer ends are longer waits
        for step in np.flatnonzero(gone).tolist():
            before, after = arms(weeks, self.plan, STEPS + size + step, STEPS + size + step)
            if contrast(before, after, CERTAIN).high < 0:
                found = {"gone_before": float(often[0][step]), "gone_after": float(often[1][step])}
                return {"gone": about.activities[step], **found}
        return {}

    def _thinner(self, weeks: EntryWeeks) -> dict[str, float | str]:
        """Less is written of each case."""
        before, after = arms(weeks, self.plan, EVENTS, EVENTS + 1)
        fell = _fell(before, after) >= THINNER
        return {"events_before": before.mean, "events_after": after.mean} if fell else {}

    def _fewer(self, weeks: EntryWeeks) -> dict[str, float | str]:
        """Fewer cases a week."""
        counts = [window(weeks, *self.plan.weeks(period))[:, 0] for period in ("before", "after")]
        before, after = (Arm(np.ones(len(one)), one, one**2) for one in counts)
        fell = _fell(before, after)
        return {"fewer": fell} if fell >= FEWER else {}

    def _shares(self, weeks: EntryWeeks, first: int, count: int) -> list[Floats]:
        """Of the cases before and after, the mean of each of these columns."""
        sums = [window(weeks, *self.plan.weeks(period)).sum(axis=0) for period in ("before", "after")]
        return [one[first : first + count] / max(one[0], 1.0) for one in sums]


def _fell(before: Arm, after: Arm) -> float:
    """By which part the mean fell, if beyond chance; else 0."""
    part = 1 - after.mean / before.mean
    return part if part >= min(FEWER, THINNER) and contrast(before, after, CERTAIN).high < 0 else 0.0


def _early(log: EventLog, entry: Ints, within: int, here: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """Of each of these cases' steps in that time from its entry on, the first of its kind: case, code, place among its
    events; and how many events there are of each case."""
    of_event = cases_of(log.offset)
    chosen = np.zeros(len(log), bool)
    chosen[here] = True
    kept = np.flatnonzero(chosen[of_event] & (log.time >= entry[of_event]) & (log.time <= entry[of_event] + within))
    case, size = of_event[kept], len(log.about.activities)
    count = np.bincount(case, minlength=len(log))
    place = np.arange(len(kept)) - (np.cumsum(count) - count)[case]
    key, first = np.unique(case * size + log.activity[kept], return_index=True)
    return key // size, key % size, place[first], count[here].astype(np.float64)
