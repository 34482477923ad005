"""Cases as a whole: steps in an order that cannot be, cases cut at the edges of the data, and stretches without any."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from procmine.find.checks.look import DAY, Finding, Flags, Look
from procmine.kernels.blocks import week_of
from procmine.kernels.flow import Ints, cases_of, first_match
from procmine.kernels.shares import wilson
from procmine.log import CHUNK, EventLog, shown

Months = NDArray[np.datetime64]

SURE = 0.95  # of the cases with both steps have them in this order
MOST_STEPS = 100  # the most frequent ones are looked at for an order
USUAL, ALL = 0.05, 0.95  # of cases begin with a usual first step; with any of them
EARLY = 10  # times as many cases without the usual beginning in the first weeks as later
THIN, WEEKS, TYPICAL = 0.25, 4, 8  # of the usual number of new cases; weeks; new cases a week
GAP, MISSED = 8, 20  # days without an event, and events that would have been expected
FEW, MONTHLY = 0.25, 30  # of the neighbouring months; events a month from which that is told
LEAST = 5
PARALLEL = 10  # events expected open at any time


def impossible_order(look: Look) -> Iterator[Finding]:
    """Events that come before a step which otherwise (in 95 of 100 cases with both, for sure: the lower end of Wilson's 95%
    interval) comes first; of two in the wrong order, the one that is wrong with more others. The first time of each step
    counts; events of one moment, or of one day where only dates are known, have no order."""
    k = min(len(look.names), MOST_STEPS)
    kept = np.sort(np.argsort(-look.happened, kind="stable")[:k])
    before = np.zeros((k, k), np.int64)
    for one, two, *_ in _pairs(look, kept):
        before += np.bincount(one * k + two, minlength=k * k).reshape(k, k)
    rule = _surely(before, before.T)  # rule[a, b]: a comes before b
    if not (rule & (before.T > 0)).any():
        return
    wrong = [
        (first[bad], second[bad]) for one, two, first, second in _pairs(look, kept) if (bad := rule[two, one]).any()
    ]
    earlier, later = (np.concatenate(side) for side in zip(*wrong))
    place = _to_blame(earlier, later, len(look.step))
    codes = np.argsort(-np.bincount(look.step[place]), kind="stable")[: len(np.unique(look.step[place]))]
    yield Finding("order", len(place), len(look.step), "events", {"steps": look.named(codes)}, place, without="events")


def _surely(yes: Ints, no: Ints) -> Flags:
    """Whether the share is at least 95%, by the lower end of Wilson's interval."""
    n = np.maximum(yes + no, 1)
    found: Flags = wilson(yes / n, n.astype(np.float64))[0] >= SURE
    return found


def _pairs(look: Look, kept: Ints) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    """Of some cases at a time: every two steps of a case whose first times have an order, the earlier one first, as codes
    among `kept` and as places of the events."""
    number = np.full(len(look.names), -1)
    number[kept] = np.arange(len(kept))
    begin = 0
    for part in look.log.views(CHUNK):
        yield from _pairs_of(part, number, begin, look)
        begin += len(part.time)


def _pairs_of(part: EventLog, number: Ints, begin: int, look: Look) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    code = number[part.activity]
    case = cases_of(part.offset)
    _, place = np.unique(case * (len(number) + 1) + code, return_index=True)
    place = np.sort(place[code[place] >= 0])
    if not len(place):
        return
    case, code = case[place], code[place]
    time, timed = look.wall[begin + place], look.timed[begin + place]
    behind = 1
    while True:
        same = np.flatnonzero(case[behind:] == case[:-behind])
        if not len(same):
            return
        one, two = same, same + behind
        unit = np.where(timed[one] & timed[two], 1, DAY)
        ordered = time[one] // unit < time[two] // unit
        one, two = one[ordered], two[ordered]
        yield code[one], code[two], begin + place[one], begin + place[two]
        behind += 1


def _to_blame(earlier: Ints, later: Ints, size: int) -> Ints:
    """One event of each pair in the wrong order: that of more such pairs, of two alike the earlier one."""
    n = np.bincount(np.concatenate((earlier, later)), minlength=size)
    return np.unique(np.where(n[later] > n[earlier], later, earlier))


def after_the_end(look: Look) -> Iterator[Finding]:
    """Events at a later moment (or, where one of the two is only a date, on a later day) than a finishing step of their case,
    where 95 of 100 times that step is the last."""
    log = look.log
    last = np.append(look.first[1:], True) if len(look.step) else look.first
    happened = look.happened
    stopped = np.bincount(look.step[last], minlength=len(look.names))
    ends = [
        code
        for code, name in enumerate(look.names)
        if name in log.about.ends and stopped[code] >= SURE * happened[code]
    ]
    if log.about.every_case or not ends:
        return
    finishing = np.zeros(len(look.names), bool)
    finishing[ends] = True
    place = first_match(finishing[look.step], log.offset)
    end = place[look.case]
    late = np.flatnonzero((end >= 0) & (log.time > log.time[end]))
    timed = look.timed[late] & look.timed[end[late]]
    late = late[timed | (look.wall[late] // DAY > look.wall[end[late]] // DAY)]
    if len(late):
        codes = np.argsort(-np.bincount(look.step[late]), kind="stable")[: len(np.unique(look.step[late]))]
        yield Finding(
            "after_end", len(late), len(look.step), "events", {"steps": look.named(codes)}, late, without="events"
        )


def beginnings(look: Look) -> Iterator[Finding]:
    """Cases that begin with another step than the usual ones: those stated, else those with which 1 in 20 cases or more
    begin, if 95 of 100 cases begin with one of them, those of the first weeks apart.

    Of these: cases that began before the log (10 times as many of them in its first weeks, 4 or as many as half of all
    cases take, as later); cases that have a usual first step later; and cases without any.
    """
    log = look.log
    filled = np.diff(log.offset) > 0
    opening = np.full(len(log), -1, np.int64)
    opening[filled] = look.step[log.offset[:-1][filled]]
    first_weeks = _first_weeks(look)
    usual = _usual(look, opening[filled & ~first_weeks])
    if not len(usual):
        return
    odd = filled & ~np.isin(opening, usual)
    has = first_match(np.isin(look.step, usual), log.offset) >= 0
    early = _before_the_log(odd & ~has, first_weeks)
    named = look.named(usual)
    tied = _tied_with_first(look, usual)
    for kind, which in (
        ("began_before", early),
        ("late_first", odd & has & ~tied),
        ("no_beginning", odd & ~has & ~early),
    ):
        cases = np.flatnonzero(which)
        if len(cases):
            spec = {"complete_from": _day(look, int(log.arrival[cases].max()) + DAY)} if kind == "began_before" else {}
            yield Finding(
                kind, len(cases), len(log), "cases", {"steps": named}, cases=cases, spec=spec, without="cases"
            )


def _usual(look: Look, opening: Ints) -> Ints:
    about = look.log.about
    if about.first_steps:
        return np.array([code for code, name in enumerate(look.names) if name in about.first_steps], np.int64)
    n = np.bincount(opening, minlength=len(look.names))
    usual = np.flatnonzero(n >= max(USUAL * len(opening), 2))
    return usual if n[usual].sum() >= ALL * len(opening) and len(opening) >= LEAST else np.empty(0, np.int64)


def _tied_with_first(look: Look, usual: Ints) -> Flags:
    """Per case: whether a usual first step shares the moment (or the day, if only that is known) of the first event."""
    first = look.log.offset[look.case]
    unit = np.where(look.timed & look.timed[first], 1, DAY)
    same = np.isin(look.step, usual) & (look.wall // unit == look.wall[first] // unit)
    tied = np.zeros(len(look.log), bool)
    tied[look.case[same]] = True
    return tied


def _first_weeks(look: Look) -> Flags:
    """Per case: whether it begins in the weeks in which half of the cases that were running before would be finished."""
    arrival, length = look.log.arrival, np.sort(look.length)
    weeks = min(int(length[len(length) // 2]) if len(length) else 0, look.span // 4)
    found: Flags = arrival <= arrival.min() + max(weeks, 28 * DAY)
    return found


def _before_the_log(odd: Flags, early: Flags) -> Flags:
    """Which of the cases without a beginning are in the log's first weeks, if most of them are there."""
    here, rest = (float(np.mean(odd[part])) if part.any() else 0.0 for part in (early, ~early))
    many = np.count_nonzero(odd & early) >= LEAST and here > EARLY * rest and bool(np.any(~early))
    return odd & early if many else np.zeros(len(odd), bool)


def _day(look: Look, time: int) -> str:
    return str(shown(look.log.about, np.array([time]))[0])[:10]


def late_entry(look: Look) -> Iterator[Finding]:
    """Cases that began before the day from which all cases are in the log. Where that day is not stated: cases of the first
    weeks, 4 or more, in each of which fewer than a quarter of the usual number (8 or more a week) began: of those that
    began before the log, only the long ones are in it."""
    log = look.log
    stated = log.about.complete_from
    if stated is not None:
        cases = np.flatnonzero(log.arrival < stated)
        values = {"day": _day(look, stated)}
        kind, spec = "late_entry", {}
    else:
        week = week_of(log.arrival)
        n = np.bincount(week - week.min()) if len(week) else np.zeros(1, np.int64)
        usual = float(np.median(n))
        full = np.flatnonzero(n >= THIN * usual)
        if usual < TYPICAL or full[0] < WEEKS or len(n) < 26:
            return
        cases = np.flatnonzero(week - week.min() < full[0])
        day = _day(look, int((week.min() + full[0]) * 7 - 3) * DAY)
        values, kind, spec = {"day": day}, "thin_start", {"complete_from": day}
    if len(cases):
        yield Finding(kind, len(cases), len(log), "cases", values, cases=cases, spec=spec, without="cases")


def no_end(look: Look) -> Iterator[Finding]:
    """Dormant cases, where they are 5 or more and more than the log's own waits bring (the time that waits which ended lay
    beyond the limit, over the length of the log, is how many were dormant at any time: Little's law); and suspended ones.
    An export without any open case, where 10 or more would be open at any time."""
    log = look.log
    limit = log.about.dormant_after
    dormant = log.dormant
    n = int(np.count_nonzero(dormant))
    if limit is not None and n >= LEAST:
        beyond = np.maximum(look.gap - limit, 0)[~look.first].sum() / look.span
        if n > 2 * beyond + 3 * np.sqrt(beyond):
            values = {"after": limit / DAY}
            yield Finding("dormant", n, len(log), "cases", values, cases=np.flatnonzero(dormant), without="cases")
    if len(log) and not log.open.any() and not log.about.every_case and not log.about.simulated:
        running = float(look.length.sum()) / look.span
        if running >= PARALLEL:
            yield Finding("finished_only", len(log), len(log), "cases", {"running": round(running)})
    yield from _suspended(look)


def _suspended(look: Look) -> Iterator[Finding]:
    log, said = look.log, look.log.about.suspended
    column = str(said.get("column", ""))
    if column in log.event_attributes:
        text = log.event_attributes[column]
        place = np.full(len(log), -1, np.int64)
        known = np.flatnonzero(text.codes >= 0)
        place[look.case[known]] = known
        held = np.zeros(len(text.codes) + 1, bool)
        held[:-1] = text.among(said["values"])
        now = held[place]
    elif column in log.attributes:
        now = log.attributes[column].among(said["values"])
    else:
        return
    cases = np.flatnonzero(now & log.open)
    if len(cases):
        yield Finding("suspended", len(cases), len(log), "cases", {"column": column}, cases=cases, without="cases")


def no_events(look: Look) -> Iterator[Finding]:
    """Days in a row without an event, 8 or more, in which (in the first 56 of them) 20 events or more would have been
    expected by the 8 weeks before and by the 8 weeks after.

    Months without any, or with less than a quarter of the busiest of the three months on either side (30 events or more);
    and months without any event of a step that had 30 or more in the months on both sides.
    """
    day = look.wall // DAY
    if not len(day):
        return
    first = int(day.min())
    n = np.bincount(day - first)
    if len(n) > 100_000:
        return  # three centuries: these are no days of one log
    months, label = _months(first, len(n))
    monthly = np.bincount(label, n, minlength=len(months))
    low = _low(monthly)
    yield from _empty_days(look, n, first, low, label)
    if low.any():
        named = [str(months[one]) for one in np.flatnonzero(low)]
        yield Finding("missing_months", len(named), len(months), "months", {"months": ", ".join(named[:6])})
    yield from _without_step(look, label[day - first], months, low)


def no_ends(look: Look) -> Iterator[Finding]:
    """Days up to the cutoff in which no case ended, 8 or more, where 20 ends or more would be expected by the 8 weeks before:
    the data do not reach as far as the cutoff says, so waiting cases look as if they had waited longer."""
    log = look.log
    if log.about.every_case or log.about.simulated or log.open.all() or not log.open.any():
        return
    done = log.until[~log.open]
    last = int(done.max())
    quiet = log.about.cutoff // DAY - last // DAY
    usual = np.count_nonzero(done > last - 56 * DAY) / 56
    if quiet >= GAP and usual * min(quiet, 56) >= MISSED:
        day = _day(look, last)
        values = {"last": day, "before": round(7 * usual), "cutoff": _day(look, log.about.cutoff)}
        yield Finding("no_ends", int(quiet), max(look.span // DAY, 1), "days", values, spec={"cutoff": day})


def _months(first: int, days: int) -> tuple[Months, Ints]:
    """The calendar months of so many days, and per day which of them."""
    all_days = (first + np.arange(days)).astype("M8[D]").astype("M8[M]")
    months, label = np.unique(all_days, return_inverse=True)
    return months, label


def _low(monthly: Ints) -> Flags:
    """Months, not the first or last, with less than a quarter of the quieter of the nearest full months on both sides."""
    low = np.zeros(len(monthly), bool)
    for one in range(1, len(monthly) - 1):
        sides = [_nearest(monthly, one, step) for step in (-1, 1)]
        low[one] = min(sides) >= MONTHLY and monthly[one] < FEW * min(sides)
    return low


def _nearest(monthly: Ints, one: int, step: int) -> float:
    """The largest of the three months on one side."""
    beside = [one + step * far for far in (1, 2, 3)]
    return max((float(monthly[place]) for place in beside if 0 <= place < len(monthly)), default=0.0)


def _empty_days(look: Look, n: Ints, first: int, low: Flags, label: Ints) -> Iterator[Finding]:
    there = np.flatnonzero(n)
    gap = np.diff(there) - 1
    found = []
    for place in np.flatnonzero(gap >= GAP):
        begin, end = int(there[place]) + 1, int(there[place + 1])
        around = min(n[max(begin - 56, 0) : begin].mean(), n[end : end + 56].mean())
        if around * min(end - begin, 56) >= MISSED and not low[label[begin:end]].any():
            found.append((begin, end))
    if found:
        named = [f"{np.int64(first + a).astype('M8[D]')} … {np.int64(first + b - 1).astype('M8[D]')}" for a, b in found]
        days = sum(b - a for a, b in found)
        yield Finding("no_events", days, len(n), "days", {"times": len(found), "when": ", ".join(named[:3])})


def _without_step(look: Look, month: Ints, months: Months, low: Flags) -> Iterator[Finding]:
    k, size = len(look.names), len(months)
    if k * size > 20_000_000:
        return
    n = np.bincount(look.step.astype(np.int64) * size + month, minlength=k * size).reshape(k, size)
    inside = np.zeros((k, size), bool)
    if size > 2:
        inside[:, 1:-1] = (n[:, 1:-1] == 0) & (n[:, :-2] >= MONTHLY) & (n[:, 2:] >= MONTHLY)
    inside &= ~low
    found = np.argwhere(inside)
    if len(found):
        told = ", ".join(f"{look.names[code]} {months[one]}" for code, one in found[:3])
        yield Finding("step_months", len(found), size * k, "months", {"which": told})


def changing_attributes(look: Look) -> Iterator[Finding]:
    """Attributes of events that never change in 95 of 100 cases that have them twice or more (30 cases), and do in the
    others: most likely attributes of cases."""
    for name, text in look.log.event_attributes.items():
        if text is look.resource:
            continue
        there = np.flatnonzero(text.codes >= 0)
        case, codes = look.case[there], text.codes[there]
        same = case[1:] == case[:-1]
        twice = int(np.count_nonzero(_cases_with(case[1:][same], len(look.log))))
        changed = np.flatnonzero(_cases_with(case[1:][same & (codes[1:] != codes[:-1])], len(look.log)))
        if twice >= 30 and 0 < len(changed) <= (1 - SURE) * twice:
            spec = {"columns": {"attributes": [name]}}
            yield Finding(
                "changing", len(changed), twice, "cases", {"column": name}, cases=changed, spec=spec, without="cases"
            )


def _cases_with(case: NDArray[np.int32], cases: int) -> Flags:
    there = np.zeros(cases, bool)
    there[case] = True
    return there


CHECKS = (impossible_order, after_the_end, beginnings, late_entry, no_end, no_events, no_ends, changing_attributes)
