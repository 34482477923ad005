"""Tables: what came next and when, after which steps, ready to be weighed again for every draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.episodes import Episodes
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.operational import Clocks
from procmine.kernels.product_limit import gone_shares, hazards, sums
from procmine.kernels.sampler import NEVER, Chain, Drawable, Flags, Floats
from procmine.kernels.sorting import stable_order
from procmine.log import EventLog
from procmine.simulate.contexts import MEMORY, Contexts

if TYPE_CHECKING:
    from procmine.simulate.concurrent import Blocks
    from procmine.simulate.frailty import Frailty

LEAST = 5  # visits that went on: fewer do not make a context of several steps
LEAST_APART = 20  # the same for a stratum of its own
TAIL = 20  # of the last ones to leave a step: what may come after the longest time that anybody was watched there
TIED = 0.5  # share of like visits: if more take the same time, that time tells nothing
SURE = 4 / 3
ALIKE = 1e-12  # squared distance of shares that are the same
QUIET = 7  # visits that should have gone on: with 1 chance in 1,000 none does
DECIDED, LEFT, OPEN = 0, 1, 2  # how a visit ended; at one moment in this order


@dataclass(frozen=True, eq=False)
class Visits:
    """One row per stay of a case: from its arrival or one of its steps to the next step, its end, or the end of
    watching.

    recent[k]: the step k steps back (0: that of the stay), `steps` for the arrival, `steps + 1` for what lies before
    it; gap in microseconds, on the clock of the stay; cause: the next step, `steps` = the case ended, -1 = still there;
    case: its number; begin, until: moments. Steps are the log's activities, then its blocks; episode: which one a stay
    ended with, or -1.
    """

    recent: NDArray[np.int32]
    gap: Ints
    cause: Ints
    case: Ints
    steps: int
    begin: Ints
    until: Ints
    episode: Ints | None = None

    @classmethod
    def of(
        cls, log: EventLog, *, blocks: Blocks | None = None, clocks: Clocks | None = None, clock: Ints | None = None
    ) -> Visits:
        """clock[step]: which of the clocks runs while a case is at that step (the last one: before its first)."""
        steps, step = len(log.about.activities), log.activity.astype(np.int64)
        time, offset = log.time, log.offset
        if blocks is not None:
            steps, step, time, offset = blocks.steps, blocks.step, blocks.time, blocks.offset
        count = np.diff(offset) + 1
        first = np.concatenate(([0], np.cumsum(count)))
        case = np.repeat(np.arange(len(log)), count)
        event = np.arange(len(step)) + cases_of(offset) + 1
        now = np.full(first[-1], steps, np.int32)
        now[event] = step
        begin = log.arrival[case]
        begin[event] = time
        last = first[1:] - 1
        cause, until = np.append(now[1:], 0).astype(np.int64), np.append(begin[1:], 0)
        cause[last], until[last] = np.where(log.open, -1, steps), log.until
        until = np.maximum(until, begin)
        place = np.arange(first[-1]) - first[case]
        recent = np.stack([np.where(place >= k, np.roll(now, k), steps + 1) for k in range(MEMORY)]).astype(np.int32)
        gap = until - begin
        if clocks is not None and clock is not None:
            runs = clock[now]
            gap = np.maximum(clocks.read(runs, until) - clocks.read(runs, begin), 0)
        found = None
        if blocks is not None:
            found = np.full(first[-1], -1)
            found[event - 1] = blocks.episode
        return cls(recent, gap, cause, case, steps, begin, until, found)


@dataclass(frozen=True, eq=False)
class Lists:
    """Visits by context: list t is `rows[first[t]:first[t + 1]]`, by gap, then by how they ended.

    The first lists are those of the contexts, whatever the stratum; then come those of one stratum, for the contexts
    where it has enough. own[stratum, context]: its list, or -1.
    """

    rows: NDArray[np.int32]
    first: Ints
    own: Ints
    after: Ints  # the list one step shorter, of the same stratum; after its last one, that of all; -1: none
    levels: Ints  # the first list of each length, of all, then of single strata

    @classmethod
    def of(cls, contexts: Contexts, order: Ints, stratum: Ints, strata: int, went_on: Flags) -> Lists:
        lists = [_listed(node, order, low, high) for node, low, high in _spans(contexts)]
        own, following = np.full((strata, len(contexts)), -1), [contexts.shorter]
        number, levels = len(contexts), [*contexts.first]
        for node, low, high in _spans(contexts) if strata > 1 else ():
            code = np.where(node >= 0, stratum * (high - low) + node - low, -1)
            kept = np.bincount(code[(code >= 0) & went_on], minlength=strata * (high - low)) >= LEAST_APART
            at = np.cumsum(kept) - 1
            lists.append(_listed(np.where((code >= 0) & kept[code], at[code], -1), order, 0, int(kept.sum())))
            own[:, low:high] = np.where(kept, number + at, -1).reshape(strata, -1)
            of, context = np.divmod(np.flatnonzero(kept), high - low)
            following.append(context if not low else own[of, contexts.shorter[context + low]])
            number += int(kept.sum())
            levels.append(number)
        rows, count = (np.concatenate(column) for column in zip(*lists))
        return cls(rows, np.concatenate(([0], np.cumsum(count))), own, np.concatenate(following), np.array(levels))


def _spans(contexts: Contexts) -> list[tuple[NDArray[np.int32], int, int]]:
    return [(node, int(low), int(high)) for node, low, high in zip(contexts.node, contexts.first, contexts.first[1:])]


def _listed(code: Ints | NDArray[np.int32], order: Ints, low: int, high: int) -> tuple[NDArray[np.int32], Ints]:
    """Visits in the given order, list by list, and how many each list has; -1: in none."""
    code = code[order]
    order = order[code >= 0]
    code = (code[code >= 0] - low).astype(np.int32)
    return order[stable_order(code)].astype(np.int32), np.bincount(code, minlength=high - low)


@dataclass(frozen=True, eq=False)
class Flat:
    """All rows of all tables, one after the other; table t owns `first[t]:first[t + 1]`; `ends` = first row after each
    row's segment. `gap`, `cause` and `episode` have one row more, for a case that never goes.
    """

    case: Ints
    first: Ints
    ends: Ints
    kind: Ints
    gap: Ints
    cause: Ints
    episode: Ints | None
    own: Flags  # rows of the table's own context, that went on

    @cached_property
    def last(self) -> Ints:
        """Rows that nobody outlasts."""
        return np.flatnonzero((self.ends - 1 == np.arange(len(self.ends))) & (self.kind != OPEN))

    @cached_property
    def gone(self) -> tuple[Gone, Gone, Gone]:
        """Every visit that went on, those decided, those left."""
        return Gone.of(self, self.kind != OPEN), Gone.of(self, self.kind == DECIDED), Gone.of(self, self.kind == LEFT)

    @cached_property
    def backed(self) -> tuple[Ints, Ints]:
        """Rows of the tables' own contexts that went on, and the first one of each table."""
        place = np.flatnonzero(self.own)
        return place, np.searchsorted(place, self.first)


@dataclass(frozen=True, eq=False)
class Gone:
    """The visits of some kind that went on, among all rows; gap, cause and episode with one more for cases that never
    go."""

    place: Ints
    table: Ints
    first: Ints  # per table: its first row; and the number of rows
    gap: Ints
    cause: Ints
    when: Ints
    wide: int
    episode: Ints | None

    @classmethod
    def of(cls, flat: Flat, which: Flags) -> Gone:
        place, tables = np.flatnonzero(which), len(flat.first) - 1
        more, first = np.append(place, len(flat.kind)), np.searchsorted(place, flat.first)
        table = np.repeat(np.arange(tables), np.diff(first))
        gap, wide = flat.gap[more], int(flat.gap[:-1].max()) + 1
        episode = None if flat.episode is None else flat.episode[more]
        return cls(place, table, first, gap, flat.cause[more], table * wide + gap[:-1], wide, episode)

    def drawable(self, hazard: Floats) -> Drawable:
        key = self.table + gone_shares(hazard[self.place], self.first)
        return Drawable(key, self.first, self.gap, self.cause, self.when, self.wide, self.episode)


@dataclass(frozen=True)
class Beyond:
    """share: of all stays, those at `step` that last longer than any that was watched; whether they go on by the tail."""

    step: int
    share: float
    goes_on: bool


@dataclass(frozen=True, eq=False)
class Tables:
    """The structure of a model: it stays, while the weights of cases change from draw to draw.

    A context is a list of 1 to 6 last steps that LEAST visits went on from (any single step is one). A case draws from
    the visits in the longest context it stands in with a chance, its trust, else from the next shorter one in the same
    way (see `trust`). A case of a stratum draws from the visits of its own stratum, as long as LEAST_APART went on in
    some context. Where nobody was watched longer than some time, the visits of the next shorter context that lasted
    longer take over; past the last of those see `_tail`.
    """

    visits: Visits
    stratum: Ints  # per visit
    strata: int
    leaving: Flags  # per cause
    kept: Flags | None = None  # per visit; the others are left out; None: all are kept
    clocks: Clocks | None = None
    clock: Ints | None = None
    frailty: Frailty | None = None
    episodes: Episodes | None = None

    @cached_property
    def kind(self) -> Ints:
        cause = self.visits.cause
        return np.where(cause < 0, OPEN, self.leaving[cause].astype(np.int64))

    @cached_property
    def contexts(self) -> Contexts:
        """The same whatever the strata, and whichever causes are leaving."""
        return Contexts.of(self.visits.recent, self._went_on, self.visits.steps, LEAST)

    @property
    def _went_on(self) -> Flags:
        went: Flags = self.visits.cause >= 0
        return went if self.kept is None else went & self.kept

    @cached_property
    def lists(self) -> Lists:
        order = np.argsort(self.visits.gap * 3 + self.kind, kind="stable")
        order = order if self.kept is None else order[self.kept[order]]
        return Lists.of(self.contexts, order, self.stratum, self.strata, self._went_on)

    @cached_property
    def flat(self) -> Flat:
        lists, tables = self.lists, len(self.lists.first) - 1
        rows, gap, edges = self._with_tails()
        table, low, high = _pieces(edges, lists.after, gap, self.kind[rows] == OPEN, tables)
        length = high - low
        place = np.repeat(low - np.concatenate(([0], np.cumsum(length)[:-1])), length) + np.arange(length.sum())
        own = np.zeros(len(table), bool)
        own[np.unique(table, return_index=True)[1]] = True
        first = np.concatenate(([0], np.cumsum(np.bincount(table, length, tables).astype(np.int64))))
        ends, rows, kind = np.repeat(np.cumsum(length), length), rows[place], self.kind[rows[place]]
        gaps, cause = np.append(gap[place], NEVER), np.append(self.visits.cause[rows], self.visits.steps)
        episode = None if self.visits.episode is None else np.append(self.visits.episode[rows], -1)
        return Flat(
            self.visits.case[rows], first, ends, kind, gaps, cause, episode, np.repeat(own, length) & (kind != OPEN)
        )

    def _with_tails(self) -> tuple[NDArray[np.int32], Ints, Ints]:
        """Rows of all lists and their gaps, then the tails of single steps, list `number of lists + context`."""
        lists = self.lists
        rows = [lists.rows]
        gaps, count = [self.visits.gap[lists.rows]], [np.diff(lists.first)]
        tail = [self._tail(context) for context in range(self.contexts.first[1])]
        more, gap = (np.concatenate(column) for column in zip(*tail))
        edges = np.cumsum(np.concatenate(([0], *count, [len(one) for one, _ in tail])))
        return np.concatenate((*rows, more)).astype(np.int32), np.concatenate((*gaps, gap)), edges

    def _tail(self, context: int) -> tuple[Ints, Ints]:
        """What may come after the longest time that anybody was watched at a step, where somebody was still there then.

        As in the last TAIL visits that went on from there: at their rate (their number by the time that all visits
        spent there from the first of them on), at evenly spaced places of an exponential distribution, to the same
        steps. But nothing where, at the rate at which these went on, more than QUIET visits should have gone on after
        the last of them and none did: who is still there then stays.
        """
        low, high = self.lists.first[context : context + 2]
        rows = self.lists.rows[low:high].astype(np.int64)
        gap, went = self.visits.gap[rows], self.kind[rows] != OPEN
        none = np.empty(0, np.int64)
        last = np.flatnonzero(went)[-TAIL:]
        if not len(rows) or went[-1] or not len(last):
            return none, none
        begin, end = gap[last[0]], gap[last[-1]]
        until = np.minimum(gap[last[0] :], end).sum() - begin * (len(rows) - last[0])
        after = np.maximum(gap - end, 0).sum()
        if after * (len(last) - 1) > QUIET * until:
            return none, none
        places = -np.log1p(-(np.arange(len(last)) + 0.5) / len(last))
        later = gap[-1] + 1 + np.minimum(places * ((until + after) / len(last)), NEVER // 4).astype(np.int64)
        return rows[last], later

    @cached_property
    def beyond(self) -> list[Beyond]:
        """The steps at which some cases were still there after the longest time that anybody was watched."""
        lists, found = self.lists, []
        for context in range(self.contexts.first[1]):
            rows = lists.rows[lists.first[context] : lists.first[context + 1]]
            waiting = self.kind[rows] == OPEN
            if len(rows) and waiting[-1]:
                there = len(rows) - np.arange(len(rows))
                left = float(np.prod(np.where(waiting, 1.0, 1 - 1 / there)))
                share = left * len(rows) / lists.first[self.contexts.first[1]]
                found.append(Beyond(int(self.contexts.oldest[context]), share, len(self._tail(context)[0]) > 0))
        return found

    def gone(self, least: int = LEAST_APART) -> Floats:
        """Per visit that is kept: the share of the visits like it that had gone on by its end, halfway through those
        that went on with it; nan for others, and where most of them went on at that very moment. Like it: in the
        longest context in which `least` went on (else: from the same step).
        """
        lists, flat = self.lists, self.flat
        chosen = self._backed_by(least)
        row_list = np.repeat(np.arange(len(lists.after)), np.diff(lists.first))
        mine = np.flatnonzero(chosen[lists.rows] == row_list)
        visit, place = lists.rows[mine], flat.first[row_list[mine]] + mine - lists.first[row_list[mine]]
        hazard = hazards(np.ones(len(flat.case)), flat.ends, flat.last)
        hazard[flat.kind == OPEN] = 0.0
        share = gone_shares(hazard, flat.first)
        table = np.repeat(np.arange(len(flat.first) - 1), np.diff(flat.first))
        new = np.append(True, (table[1:] != table[:-1]) | (flat.gap[1:-1] != flat.gap[:-2]))
        begin = np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))
        end = np.append(np.flatnonzero(new)[1:], len(new))[np.cumsum(new) - 1] - 1
        before = np.where(begin > flat.first[table], share[begin - 1], 0.0)
        found = np.full(len(self.visits.gap), np.nan)
        went = self.kind[visit] != OPEN
        halfway = (before[place] + share[end[place]]) / 2
        one_for_most = went & (share[end[place]] - before[place] > TIED)
        found[visit] = np.where(one_for_most, np.nan, np.where(went, halfway, share[place]))
        return found

    def _backed_by(self, least: int) -> Ints:
        """Per visit: the list of the longest context in which that many visits went on; of its own stratum where it has
        one.
        """
        lists, contexts = self.lists, self.contexts
        went = np.append(0, np.cumsum(self.kind[lists.rows] != OPEN))
        few = np.diff(went[lists.first]) < least
        found, context = np.full(len(self.stratum), -1), contexts.longest.copy()
        while (left := np.flatnonzero(found < 0)).size:
            own = lists.own[self.stratum[left], context[left]]
            one = np.where(own >= 0, own, context[left])
            last = contexts.shorter[context[left]] < 0
            found[left] = np.where(~few[one] | last, one, -1)
            context[left] = np.where(last, context[left], contexts.shorter[context[left]])
        return found

    def weighed(self, weight: Floats) -> Chain:
        """The chain when case c counts `weight[c]` times: Aalen-Johansen in every table. That of the weights that were asked
        for last is kept: a draw asks for new cases and for a whole office, or for one plan after the other.
        """
        if not self._last or self._last[0][0] is not weight:
            self._last[:] = [(weight, self._chain(weight))]
        return self._last[0][1]

    @cached_property
    def _last(self) -> list[tuple[Floats, Chain]]:
        return []

    def _chain(self, weight: Floats) -> Chain:
        flat = self.flat
        share = weight[flat.case]
        hazard = hazards(share, flat.ends, flat.last)
        every = flat.gone[0].drawable(hazard)
        split = self.leaving.any()
        decide, leave = (rows.drawable(hazard) if split else every for rows in flat.gone[1:])
        table, trust = self._chosen(share)
        contexts = self.contexts
        return Chain(
            table=table,
            follow=contexts.follow,
            every=every,
            decide=decide,
            leave=leave,
            leaving=self.leaving,
            start=contexts.start,
            last=contexts.last,
            shorter=contexts.shorter,
            trust=trust,
            clocks=self.clocks,
            clock=self.clock,
            frailty=None if self.frailty is None else self.frailty.table,
            episodes=self.episodes,
        )

    @cached_property
    def trust(self) -> Floats:
        """Per list of visits: how far it is believed, and not the one a step shorter; by what came next, or by when where
        the same step always did.

        What came next: SURE * (1 - v / d), within 0 and 1, where d is the squared distance between the shares of the next
        steps in both, and v how much of it chance alone gives in so few visits (the positive-part rule of James and Stein
        1961, applied to shares). 1 where the two are clearly not alike (d over 4 v): no path may leave what was seen there
        for what was seen elsewhere; 0 where they look alike. When: the same with 2 / z for v / d, where z is chi-squared of
        the log-rank test (as AIC has it).
        """
        lists, causes = self.lists, self.visits.steps + 1
        cause, of_row = self.visits.cause[lists.rows], np.repeat(np.arange(len(lists.after)), np.diff(lists.first))
        went = cause >= 0
        count = np.bincount(of_row[went] * causes + cause[went], minlength=len(lists.after) * causes)
        share = count.reshape(-1, causes).astype(np.float64)
        n = share.sum(axis=1)
        share /= np.maximum(n, 1)[:, None]
        trust, when = np.ones(len(n)), self._other_times()
        for low, high in zip(lists.levels, lists.levels[1:]):
            after = lists.after[low:high]
            if not len(after) or after[0] < 0:
                continue
            own, shorter = share[low:high], share[after]
            chance = (1 - (own**2).sum(axis=1)) / np.maximum(n[low:high] - 1, 1)
            apart = ((own - shorter) ** 2).sum(axis=1)
            tells = np.where(apart > ALIKE, 1 - chance / np.maximum(apart, ALIKE), when[low:high])
            trust[low:high] = np.clip(SURE * tells, 0, 1)
            share[low:high] = trust[low:high, None] * own + (1 - trust[low:high, None]) * shorter
        return trust

    def _other_times(self) -> Floats:
        """Per list: 1 - 2 / chi-squared, of whether visits went on sooner or later there than in the list a step shorter."""
        lists = self.lists
        gap, went = self.visits.gap[lists.rows], self.kind[lists.rows] != OPEN
        of_row = np.repeat(np.arange(len(lists.after)), np.diff(lists.first))
        new = np.append(True, (of_row[1:] != of_row[:-1]) | (gap[1:] != gap[:-1])) if len(gap) else np.zeros(0, bool)
        begin, end = np.flatnonzero(new), np.append(np.flatnonzero(new)[1:], len(gap))
        upto = np.concatenate(([0.0], np.cumsum(went / (lists.first[of_row + 1] - begin[np.cumsum(new) - 1]))))
        hazard = upto[end[np.cumsum(new) - 1]] - upto[lists.first[of_row]]
        found, place = np.zeros(len(lists.after)), np.zeros(len(self.stratum), np.int64)
        levels = list(zip(lists.levels, lists.levels[1:]))
        for low, high in levels:
            after = lists.after[low:high]
            if not len(after) or after[0] < 0:
                continue
            for above, below in levels:
                if above <= after[0] < below:
                    rows = slice(lists.first[above], lists.first[below])
                    place[lists.rows[rows]] = np.arange(rows.start, rows.stop)
            rows = slice(lists.first[low], lists.first[high])
            expected = np.bincount(of_row[rows] - low, hazard[place[lists.rows[rows]]], high - low)
            came = np.bincount(of_row[rows] - low, went[rows], high - low)
            size = np.diff(lists.first)
            varies = expected * (1 - size[low:high] / np.maximum(size[after], 1))
            away = np.maximum((came - expected) ** 2, 1e-300)
            found[low:high] = np.where(size[low:high] < size[after], 1 - 2 * varies / away, 0.0)
        return found

    def _chosen(self, share: Floats) -> tuple[Ints, Floats]:
        """[stratum, context]: which table, and the chance to draw from it; none of it is drawn from where no weight
        lies.
        """
        place, first = self.flat.backed
        some = sums(share[place], first) > 0
        own = np.where(self.lists.own >= 0, self.lists.own, 0)
        there = (self.lists.own >= 0) & some[own]
        table = np.where(there, own, np.arange(len(self.contexts)))
        apart = there[:, self.contexts.single] & ~there
        trust = np.where(some[table] & ~apart, self.trust[table], 0.0)
        return table, np.where(self.contexts.shorter < 0, 1.0, trust)


def _pieces(edges: Ints, after: Ints, gap: Ints, waiting: Flags, tables: int) -> tuple[Ints, Ints, Ints]:
    """Per piece of a table, in order: the table, and its rows from low to high, not included.

    A table is its own list; while its last row is still waiting, the rows of the list after it that are longer; at last
    the tail.
    """
    single = len(edges) - 1 - tables
    after = np.append(np.where(after < 0, tables + np.arange(tables), after), np.full(single, -1))
    table, at, reach = np.arange(tables), np.arange(tables), np.full(tables, -1)
    found = []
    while len(table):
        low, high = _first_above(gap, edges[at], edges[at + 1], reach), edges[at + 1]
        some = high > low
        found.append((table[some], low[some], high[some]))
        reach = np.where(some, gap[high - 1], reach)
        at, on = after[at], ~some | waiting[high - 1]
        on &= at >= 0
        table, at, reach = table[on], at[on], reach[on]
    pieces = [np.concatenate(column) for column in zip(*found)]
    order = np.argsort(pieces[0], kind="stable")
    return pieces[0][order], pieces[1][order], pieces[2][order]


def _first_above(value: Ints, low: Ints, high: Ints, limit: Ints) -> Ints:
    """Per stretch [low, high) of ascending values: the first place whose value is above its limit, else `high`."""
    low, high = low.copy(), high.copy()
    while (open_still := low < high).any():
        middle = (low + high) // 2
        above = open_still & (value[np.minimum(middle, len(value) - 1)] > limit)
        high = np.where(above, middle, high)
        low = np.where(open_still & ~above, middle + 1, low)
    return low
