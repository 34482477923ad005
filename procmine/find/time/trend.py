"""Trend: whether gaps before a step became longer: those begun in some weeks against those begun a year before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.blocks import EntryWeeks, lags_of, long_run, t_quantile
from procmine.kernels.counts import Counts, seconds_of
from procmine.kernels.flow import Codes, Ints
from procmine.log import Clock, EventLog

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEEK = 7 * 86_400_000_000
YEAR = 52  # weeks: weekdays and season stay alike
LEAST_LONG = 12  # weeks on either side, as in a quarter: the range of fewer says nothing
LEAST_BEGUN = 30  # gaps on either side
SMALLEST = 0.05  # a smaller change is not called one
FAMILY = 0.03  # for all steps together, so that no more than 5% of logs without a trend are said to have one: measured
BURN_IN = 0.9  # of finished cases: until so many would be over, only quick cases have come to the late steps
LEAST_EXPECTED, SOME = 5, 0.1  # gaps not over that should be there; part of a step's gaps, from which on they matter
CHANGES = ("change", "change_low", "change_high")
RISING, FALLING, NO_TREND = "rising", "falling", "no clear trend"


@dataclass(frozen=True, eq=False)
class Gaps:
    """Of each event: when the gap before it began (log's axis), its length on the clock, the step that ended it and the one
    before (`steps` is none), and whether it counts. Of each case: its last event, the step of that, and whether it waits."""

    steps: int
    begin: Ints
    spent: Ints
    step: Codes
    before: Codes
    known: Flags
    last: Ints
    after: Ints
    waits: Flags


@dataclass(frozen=True)
class Years:
    """The weeks compared: `weeks` (at most YEAR) up to the moment `end` of the log's axis, and the same a year before."""

    end: int
    weeks: int

    def of(self, log: EventLog, gaps: Gaps, clock: Clock) -> EntryWeeks:
        """Gaps by the week they began in (-1: the last), each as it stood at the end of its year.

        So both years are watched alike, and a gap that was not over by then counts as far as it went. Columns: how many
        were over, by the step that ended them; their seconds; how many were not, by the step before; their seconds.
        """
        k, rows = gaps.steps, YEAR + self.weeks
        row = (gaps.begin - (self.end - rows * WEEK)) // WEEK
        np.clip(row, -1, rows, out=row)
        row += 1  # the first row and the last hold what is not looked at
        row *= gaps.known
        row *= k
        row += gaps.step
        every = [np.bincount(row, one, (rows + 2) * k).reshape(-1, k)[1:-1] for one in (None, gaps.spent)]
        sums: list[Floats] = [*(one.astype(np.float64) for one in every), *np.zeros((2, rows, k + 1))]
        for ago in (0, YEAR):
            self._not_over(log, gaps, clock, self.end - ago * WEEK, sums)
        table: Floats = np.concatenate((sums[0], sums[1] / 1e6, sums[2], sums[3] / 1e6), axis=1)
        there = np.flatnonzero(table.any(axis=1))
        return EntryWeeks(there - rows, table[there])

    def _not_over(self, log: EventLog, gaps: Gaps, clock: Clock, upto: int, sums: list[Floats]) -> None:
        """Count gaps that were not over by then as far as they had gone."""
        first = upto - self.weeks * WEEK
        if upto > int(log.time.max(initial=0)):
            cut = np.empty(0, np.int64)
        else:
            cut = np.flatnonzero((log.time >= upto) & (gaps.begin < upto))
            cut = cut[(gaps.begin[cut] >= first) & gaps.known[cut]]
        waits = np.flatnonzero((gaps.last >= first) & (gaps.last < upto) & gaps.waits)
        case = np.concatenate((np.searchsorted(log.offset, cut, side="right") - 1, waits))
        begin = np.concatenate((gaps.begin[cut], gaps.last[waits]))
        so_far = clock.read(np.minimum(upto, log.until[case]), case, log) - clock.read(begin, case, log)
        row = (begin - (self.end - len(sums[0]) * WEEK)) // WEEK
        np.add.at(sums[0], (row[: len(cut)], gaps.step[cut]), -1)
        np.add.at(sums[1], (row[: len(cut)], gaps.step[cut]), -gaps.spent[cut])
        after = np.concatenate((gaps.before[cut], gaps.after[waits]))
        np.add.at(sums[2], (row, after), 1)
        np.add.at(sums[3], (row, after), so_far)

    def long(self, about: About, lengths: Counts) -> int:
        """How many weeks can be compared: those a year before must lie after the first weeks of the log."""
        burn = seconds_of(lengths.quantile(BURN_IN, 1))[0] * 1e6
        begins = max(about.begins, about.complete_from or about.begins)
        back = 0 if np.isnan(burn) else (self.end - YEAR * WEEK - begins - int(burn)) // WEEK
        long = int(min(self.weeks, back))
        return long if long >= LEAST_LONG else 0


def trends(begun: EntryWeeks, pairs: Counts, steps: int, long: int) -> Mapping[str, NDArray[Any]]:
    """Per step: trend (text, "" if it cannot be told), change of the mean gap (0.1: a tenth longer), its range.

    Gaps not over are divided among the next steps as those that went on from the same step were.
    """
    word, sizes = np.full(steps, "", object), {name: np.full(steps, np.nan) for name in CHANGES}
    if not long or not len(begun.week):
        return {"trend": word, **sizes}
    number, seconds, left_out = _weekly(begun, pairs, steps, long)
    n, whole = number.sum(axis=1), seconds.sum(axis=1)
    known = np.flatnonzero((n >= LEAST_BEGUN).all(axis=0) & (whole > 0).all(axis=0) & ~left_out)
    n, whole = n[:, known], whole[:, known]
    lags = lags_of(long)
    df = 1.5 * long / lags
    rest = seconds[:, :, known] / whole[:, None] - number[:, :, known] / n[:, None]
    part = lags / long
    lost = 1 - part + part**2 / 3  # of the variance, as the rests add up to none (Kiefer & Vogelsang 2005)
    error = np.sqrt(long_run(rest[1] - rest[0], lags) / lost)  # the same week a year before was watched as long
    change = np.log(whole[1] / n[1]) - np.log(whole[0] / n[0])
    clear = _clear(change, error, df) & (np.abs(np.expm1(change)) >= SMALLEST)
    word[known] = np.where(clear, np.where(change > 0, RISING, FALLING), NO_TREND)
    for name, one in zip(CHANGES, (0.0, -1.0, 1.0)):
        sizes[name][known] = np.expm1(change + one * t_quantile(0.975, df) * error)
    return {"trend": word, **sizes}


def _weekly(begun: EntryWeeks, pairs: Counts, k: int, long: int) -> tuple[Floats, Floats, Flags]:
    """[year before or this, week, step]: how many gaps, and their seconds; and of which steps open cases are missing."""
    table = np.zeros((2, long, 4 * k + 2))
    year, back = np.divmod(-1 - begun.week, YEAR)
    here = back < long
    table[1 - year[here], long - 1 - back[here]] = begun.sums[here]
    moves = np.zeros((k + 1, k))
    moves[np.divmod(pairs.code, k)] = pairs.count
    went = moves / np.maximum(moves.sum(axis=1, keepdims=True), 1)
    number, seconds, waiting, so_far = np.split(table, [k, 2 * k, 3 * k + 1], axis=2)
    came = moves / np.maximum(moves.sum(axis=0), 1)
    left_out = _open_left_out(number.sum(axis=1) @ came.T, waiting.sum(axis=1))
    return number + waiting @ went, seconds + so_far @ went, left_out @ came >= SOME


def _open_left_out(over: Floats, waiting: Floats) -> Floats:
    """Per step that gaps begin with (1.0: yes): whether those not over are missing now, though a year ago they were there.

    Such an extract holds finished cases only, of which the quick ones come first: all would seem to become faster.
    """
    share = waiting[0] / np.maximum(over[0] + waiting[0], 1)
    expected = share * (over[1] + waiting[1])
    missing: Floats = ((expected >= LEAST_EXPECTED) & (waiting[1] < expected / 4)).astype(np.float64)
    return missing


def _clear(change: Floats, error: Floats, df: float) -> Flags:
    """Which changes stand out although many steps were looked at (Holm 1979)."""
    clear = np.zeros(len(change), bool)
    size = np.abs(change) / np.maximum(error, 1e-12)
    for passed, place in enumerate(np.argsort(-size, kind="stable")):
        if size[place] <= t_quantile(1 - FAMILY / 2 / (len(size) - passed), df):
            break
        clear[place] = True
    return clear
