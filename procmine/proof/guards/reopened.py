"""Reopened: whether more cases than before are taken up again after an end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import EntryWeeks
from procmine.kernels.flow import Ints, cases_of, first_match
from procmine.log import EventLog
from procmine.proof.cohorts import WEEK, Cohort, Plan
from procmine.proof.guards.again import back_within, longer

Flags = NDArray[np.bool_]
ROUTINE = 0.1  # of the ended cases before the change: a step so often after the end (archived, paid) is no taking up


def ending(log: EventLog) -> Ints:
    """Per case the place of its first finishing step, or -1; where every case counts as finished no step says so."""
    finishing = () if log.about.every_case else log.about.ends
    ends = np.array([name in finishing for name in log.about.activities], bool)
    return first_match(ends[log.activity], log.offset)


def usual_after(log: EventLog, change: int) -> Ints:
    """How many cases ended before the change, and per activity in how many of them it then followed the end."""
    place, of_event = ending(log), cases_of(log.offset)
    ended = (place >= 0) & (np.append(log.time, 0)[place] < change)
    after = ended[of_event] & (np.arange(len(log.time)) > place[of_event]) & (log.time < change)
    size = len(log.about.activities)
    pairs = np.unique(of_event[after] * size + log.activity[after])
    return np.concatenate(([ended.sum()], np.bincount(pairs % size, minlength=size))).astype(np.int64)


def reopened(log: EventLog, cohort: Cohort, plan: Plan, usual: Ints) -> EntryWeeks:
    """By entry week: cases that ended while watched, and those of them that were taken up again soon after their end.

    Taken up again: a step that the case had already, or one that seldom followed an end before the change.
    """
    weeks = back_within(plan)
    entry, member = cohort.enter(log)
    place = ending(log)
    end = np.append(log.time, 0)[place]
    inside = (place >= 0) & (end >= entry) & (end <= entry + plan.horizon)
    of_event = cases_of(log.offset)
    late = inside[of_event] & (log.time > end[of_event]) & (log.time <= end[of_event] + weeks * WEEK)
    back = np.zeros(len(log), bool)
    back[of_event[late & (_seldom(usual)[log.activity] | _repeated(log, of_event, place, late))]] = True
    week = plan.week(entry)
    here = member & inside & longer(plan, weeks).kept(week)
    return counted(week[here], back[here])


def counted(week: Ints, back: Flags) -> EntryWeeks:
    """By entry week: cases, and those that came back."""
    column = np.repeat(np.arange(2), len(week))
    return EntryWeeks.of(np.tile(week, 2), column, np.concatenate((np.ones(len(week)), back)), 2)


def _seldom(usual: Ints) -> Flags:
    return usual[1:] < ROUTINE * max(int(usual[0]), 1)


def _repeated(log: EventLog, of_event: Ints, place: Ints, late: Flags) -> Flags:
    """Of the late events, those whose step the case had by its end."""
    size, found = len(log.about.activities), np.zeros(len(late), bool)
    key = of_event * size + log.activity
    upto = (np.arange(len(late)) <= place[of_event]) & (np.bincount(of_event[late], minlength=len(log)) > 0)[of_event]
    found[late] = np.isin(key[late], key[upto])
    return found
