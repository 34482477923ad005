"""Session days: which patterns of the calendar there are, how well one fits by more than chance, and who gets a seat."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEEKLY, WEEKS_APART, NTH_WEEKDAY, MONTH_DAY, MONTH_END = (
    "weekly",
    "every k weeks",
    "nth weekday",
    "day of month",
    "month end",
)
MOST_WEEKS = 4
SURE_CLOSED = 5.0  # events expected on a day of which there is none: by chance on one such day in 150
NEAR = 4  # days by which a session is moved
LEAST_BUSY = 0.4  # of the middle weekday: what comes in on Sundays does not make it a day of work
LAST = 5  # the place in the month of the last Friday


@dataclass(frozen=True, eq=False)
class Pattern:
    """Days on which sessions would be: `nominal` as planned; `here` (per day of the grid) also beside a closed one.

    block: per day of the grid, a number that one session (or one of each weekday) falls into.
    """

    kind: str
    weekdays: tuple[int, ...]
    number: tuple[int, ...]  # weeks apart, places in the month, or the day of the month
    nominal: Ints
    here: Flags
    block: Ints


def weekday_of(day: Ints) -> Ints:
    """0 is Monday; days are counted from 1970-01-01."""
    weekday: Ints = (day + 3) % 7
    return weekday


def opening(day: Ints, others: Floats, usual: Floats) -> tuple[Flags, Floats]:
    """Per day of the grid: whether the office is open, and how busy such a weekday is (mean 1 over open weekdays).

    `others` counts what else is done on each day, `usual` per weekday in the whole log. A weekday on which
    much less is done than on the middle one is closed; so is a day without anything where many would be expected (a holiday).
    """
    weekday = weekday_of(day)
    seen = np.bincount(weekday, others, 7) + 50 * usual / max(usual.sum(), 1e-300)
    busy = np.where(seen >= LEAST_BUSY * np.median(seen[seen > 0]) if seen.any() else False, seen, 0.0)
    days = np.maximum(np.bincount(weekday, minlength=7), 1)
    expected = (np.bincount(weekday, others, 7) / days)[weekday]
    is_open: Flags = (busy[weekday] > 0) & ~((others == 0) & (expected >= SURE_CLOSED))
    return is_open, busy / max(busy[busy > 0].mean() if busy.any() else 1.0, 1e-300)


def patterns(day: Ints, is_open: Flags, lively: Flags) -> list[Pattern]:
    """All patterns that are looked for on consecutive days: weekly, every 2 to 4 weeks, and within the month.

    lively: something else is done on that day.
    """
    weekday, week, month = weekday_of(day), (day + 3) // 7, day.astype("M8[D]").astype("M8[M]").astype(np.int64)
    used = [one for one in range(7) if is_open[weekday == one].any()]
    sets = [(one,) for one in used] + (list(combinations(used, 2)) if len(used) > 2 else [])
    found = [_pattern(WEEKLY, one, (1,), np.isin(weekday, one), day, lively, week) for one in sets if len(used) > 1]
    for apart in range(2, MOST_WEEKS + 1):
        for phase in range(apart):
            block = (week - phase) // apart
            for one in used:
                on = (weekday == one) & ((week - phase) % apart == 0)
                found.append(_pattern(WEEKS_APART, (one,), (apart,), on, day, lively, block))
    return found + _monthly(day, is_open, lively, weekday, month, used)


def _monthly(day: Ints, is_open: Flags, lively: Flags, weekday: Ints, month: Ints, used: list[int]) -> list[Pattern]:
    in_month = (day.astype("M8[D]") - day.astype("M8[D]").astype("M8[M]").astype("M8[D]")).astype(np.int64)
    left = ((month + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)) - day
    place = in_month // 7 + 1
    found = []
    for one in used:
        for places in ((1,), (2,), (3,), (4,), (LAST,), (1, 3), (2, 4)):
            on = (weekday == one) & ((left <= 7) if places == (LAST,) else np.isin(place, places))
            found.append(_pattern(NTH_WEEKDAY, (one,), places, on, day, lively, month))
    for number in range(1, 29):
        found.append(_pattern(MONTH_DAY, (), (number,), in_month == number - 1, day, lively, month))
    ends = np.flatnonzero(is_open)
    last = ends[np.append(np.flatnonzero(np.diff(month[ends])), len(ends) - 1)] if len(ends) else ends
    on = np.zeros(len(day), bool)
    on[last[left[last] <= 7]] = True  # the last month may not be over
    return [*found, _pattern(MONTH_END, (), (), on, day, lively, month)]


def _pattern(
    kind: str, weekdays: tuple[int, ...], number: tuple[int, ...], on: Flags, day: Ints, lively: Flags, block: Ints
) -> Pattern:
    """A session planned for a day on which nothing else is done may be held on the lively day before or after it."""
    here, doors = on.copy(), np.flatnonzero(lively)
    moved = np.flatnonzero(on & ~lively)
    after = np.searchsorted(doors, moved)
    for place in (after - 1, after):
        inside = (place >= 0) & (place < len(doors))
        near = np.abs(doors[place[inside]] - moved[inside]) <= NEAR
        here[doors[place[inside][near]]] = True
    return Pattern(kind, weekdays, number, day[on], here, block)


def by_chance(ready: Ints, held: Ints, here: Flags, is_open: Flags, busy: Floats) -> Floats:
    """Per item: how likely it falls on these days if its wait has nothing to do with them.

    ready, held: places in the grid of days; `busy` per day of the grid. The waits are taken as they are, each as likely for
    every item: counted in open days and weighted by how busy the office is on the day it leads to, or counted in all days
    up to the next open one; the likelier counts. So closed days, busy weekdays, and a step that comes two days, or twenty,
    after another are no sessions.
    """
    upto, doors = np.cumsum(is_open), np.flatnonzero(is_open)
    wait = np.maximum(upto[held] - upto[ready], 1)
    # the open day with number upto[ready] stands at upto[ready] - 1; a wait of 1 leads to the next
    working = _landing(upto[ready] - 1, wait, busy[doors], busy[doors] * here[doors])
    place = np.searchsorted(doors, np.arange(len(here)))
    known = place < len(doors)
    lands = np.append(here[doors], False)[place]
    calendar = _landing(ready, np.maximum(held - ready, 0), known.astype(np.float64), lands.astype(np.float64))
    return np.maximum(working, calendar)


def _landing(start: Ints, wait: Ints, weight: Floats, wanted: Floats) -> Floats:
    """Per start: the sum of `wanted` over that of `weight`, at start + each of the waits as often as they occur."""
    waits = np.bincount(wait).astype(np.float64)
    size = 2 * (len(weight) + len(waits))
    turn = np.fft.rfft(waits, size).conj()
    whole, part = (np.fft.irfft(np.fft.rfft(one, size) * turn, size) for one in (weight, wanted))
    chance: Floats = np.clip(part[start], 0, None) / np.maximum(whole[start], 1e-9)
    return np.clip(chance, 0.0, 1.0)


def surprise(in_session: Flags, chance: Floats, block: Ints) -> tuple[float, float, float, int]:
    """Share in session and its expectation, as means over blocks; the log of a bound on the chance of it; and the blocks.

    Each block counts once, whatever it holds, as items of one day or week are not independent. The mean of independent
    numbers between 0 and 1 reaches a with probability at most exp(-K KL(a, expected)) (Hoeffding 1963, Theorem 1).
    """
    _, where = np.unique(block, return_inverse=True)
    n = np.bincount(where)
    share, expected = (float(np.mean(np.bincount(where, one) / n)) for one in (in_session, chance))
    return share, expected, -len(n) * divergence(share, expected), len(n)


def divergence(share: float, expected: float) -> float:
    """Of a share from a smaller expected one (Kullback & Leibler), in nats; 0 where it is not larger."""
    a, b = min(share, 1.0), min(max(expected, 1e-12), 1 - 1e-12)
    if a <= b:
        return 0.0
    return a * float(np.log(a / b)) + ((1 - a) * float(np.log((1 - a) / (1 - b))) if a < 1 else 0.0)


def holm(log_p: Floats) -> Floats:
    """Logs of p-values, corrected for how many there are (Holm 1979)."""
    order = np.argsort(log_p, kind="stable")
    times = np.log(np.arange(len(log_p), 0, -1))
    corrected = np.empty(len(log_p))
    corrected[order] = np.minimum(np.maximum.accumulate(log_p[order] + times), 0.0)
    return corrected


def between(held: Ints, nominal: Ints, doors: Ints) -> Ints:
    """The session to add before each held one: the open day nearest to half way since the one before it; -1: none.

    Of two as near, the earlier. All are day numbers; `doors` are the open ones, ascending.
    """
    if not len(nominal) or not len(doors):
        return np.full(len(held), -1, np.int64)
    right = np.clip(np.searchsorted(nominal, held), 1, max(len(nominal) - 1, 1))
    near = np.where(
        np.abs(nominal[right - 1] - held) <= np.abs(nominal[np.minimum(right, len(nominal) - 1)] - held),
        right - 1,
        right,
    )
    before = nominal[np.maximum(near - 1, 0)]
    half = held - (nominal[np.minimum(near, len(nominal) - 1)] - before) / 2
    after = np.searchsorted(doors, half)
    early, late = doors[np.clip(after - 1, 0, len(doors) - 1)], doors[np.clip(after, 0, len(doors) - 1)]
    nearest = np.where(half - early <= late - half, early, late)
    fits = (near > 0) & (nearest < held) & (nearest > before)
    return np.where(fits, nearest, -1)


def seated(ready: Ints, sessions: Ints, seats: Ints) -> Ints:
    """The day on which each item is taken, first come first served; `ready` ascends, as do the sessions' days.

    By session j at most as many are taken as were ready by then, and as there were seats since any earlier one:
    T_j = C_j + min(0, min over i <= j of (E_i - C_i)). An item for which there is no seat gets -1.
    """
    upto = np.cumsum(seats)
    there = np.searchsorted(ready, sessions, side="right")
    taken = upto + np.minimum(np.minimum.accumulate(there - upto), 0)
    place = np.searchsorted(taken, np.arange(len(ready)), side="right")
    return np.append(sessions, -1)[place]


def halved(seats: Ints) -> tuple[Ints, Ints]:
    """Seats of the added sessions and of those there are: half each, the odd one by turns."""
    odd = seats % 2
    turn = (np.cumsum(odd) + 1) % 2 * odd
    added = seats // 2 + turn
    return added, seats - added


def likely_waits(
    first: Ints, last: Ints, weight: Floats, share: Floats | None = None, *, rounds: int = 60, smooth: bool = False
) -> Floats:
    """How often a wait takes 0, 1, 2, ... days, where of each item is known only that it waits `first` to `last` days.

    The most likely distribution, the same for all items (Turnbull 1976, by EM), from `share` or else from the even one;
    `smooth`: a day's share is mixed with its neighbours' in each round (EMS, Silverman et al. 1990), as the most likely one
    stands on few days where items are few.
    """
    size = int(last.max()) + 2
    share = np.full(size - 1, 1 / (size - 1)) if share is None else share
    for _ in range(rounds):
        upto = np.concatenate(([0.0], np.cumsum(share)))
        each = weight / np.maximum(upto[last + 1] - upto[first], 1e-300)
        edges = np.bincount(first, each, size) - np.bincount(last + 1, each, size)
        share = np.maximum(share * np.cumsum(edges)[:-1] / weight.sum(), 0.0)
        if smooth:
            around = np.concatenate((share[:1], share, share[-1:]))
            share = 0.25 * around[:-2] + 0.5 * share + 0.25 * around[2:]
    return share


def chances(share: Floats, first: Ints, last: Ints, at: Ints) -> Floats:
    """Per item: how likely its wait is at most `at` days, being `first` to `last`, where waits are distributed as `share`."""
    upto = np.concatenate(([0.0], np.cumsum(share)))
    inside = upto[np.clip(at + 1, first, last + 1)] - upto[first]
    chance: Floats = np.clip(inside / np.maximum(upto[last + 1] - upto[first], 1e-300), 0.0, 1.0)
    return chance
