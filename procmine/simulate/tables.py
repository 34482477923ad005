"""Tables: what came next and when, after which steps, ready to be weighed again for every draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.sampler import NEVER, Chain, Drawable, Flags, Floats, at_risk, share_gone
from procmine.log import EventLog

LEAST = 20  # visits that went on: fewer do not make a table of their own
ORDERS = 3  # steps that are remembered
DECIDED, LEFT, OPEN = 0, 1, 2  # how a visit ended; at one moment in this order


@dataclass(frozen=True, eq=False)
class Visits:
    """One row per stay of a case: from its arrival or one of its steps to the next step, its end, or the end of watching.

    recent[k]: the step k steps back (0: that of the stay), `steps` for the arrival, `steps + 1` for what lies before it;
    gap in microseconds; cause: the next step, `steps` = the case ended, -1 = still there; case: its number.
    """

    recent: Ints
    gap: Ints
    cause: Ints
    case: Ints
    steps: int

    @classmethod
    def of(cls, log: EventLog) -> Visits:
        steps = len(log.about.activities)
        count = np.diff(log.offset) + 1
        offset = np.concatenate(([0], np.cumsum(count)))
        case = np.repeat(np.arange(len(log)), count)
        event = np.arange(len(log.activity)) + cases_of(log.offset) + 1
        now = np.full(offset[-1], steps)
        now[event] = log.activity
        begin = log.arrival[case]
        begin[event] = log.time
        last = offset[1:] - 1
        cause, until = np.append(now[1:], 0), np.append(begin[1:], 0)
        cause[last], until[last] = np.where(log.open, -1, steps), log.until
        place = np.arange(offset[-1]) - offset[case]
        back = [np.where(place >= k, np.roll(now, k), steps + 1) for k in range(ORDERS)]
        return cls(np.stack(back), np.maximum(until - begin, 0), cause, case, steps)

    @cached_property
    def codes(self) -> list[Ints]:
        """Per order: one number per list of so many last steps."""
        found = []
        for order in range(1, ORDERS + 1):
            code = self.recent[order - 1]
            for k in range(order - 2, -1, -1):
                code = code * (self.steps + 2) + self.recent[k]
            found.append(code)
        return found


@dataclass(frozen=True, eq=False)
class Groups:
    """Visits by one code: `rows` sorted by (code, gap, how they ended); group g owns `rows[start[g]:start[g + 1]]`."""

    rows: Ints
    code: Ints
    start: Ints
    support: Ints  # visits that went on

    @classmethod
    def of(cls, code: Ints, gap: Ints, kind: Ints) -> Groups:
        rows = np.lexsort((kind, gap, code))
        found, first = np.unique(code[rows], return_index=True)
        went_on = (kind[rows] != OPEN).astype(np.int64)
        support = np.add.reduceat(went_on, first) if len(first) else first
        return cls(rows, found, np.append(first, len(rows)), support)

    def find(self, code: Ints) -> Ints:
        """Number of each code's group, or -1."""
        place = np.minimum(np.searchsorted(self.code, code), len(self.code) - 1)
        return np.where(self.code[place] == code, place, -1)

    def of_group(self, group: int) -> Ints:
        return self.rows[self.start[group] : self.start[group + 1]]


@dataclass(frozen=True, eq=False)
class Tables:
    """The structure of a model: it stays, while the weights of cases change from draw to draw.

    A context is a list of 1 to 3 last steps that at least LEAST visits went on from (any single step is one). A case of a
    stratum draws from the visits of its own stratum in the longest such context that has LEAST of them there, else from
    all strata. Where nobody was watched longer than some time, the visits of the next shorter context that lasted longer
    take over; past the last of those a case never leaves.
    """

    visits: Visits
    stratum: Ints  # per visit
    strata: int
    leaving: Flags  # per cause

    @cached_property
    def kind(self) -> Ints:
        cause = self.visits.cause
        return np.where(cause < 0, OPEN, self.leaving[cause].astype(np.int64))

    @cached_property
    def pooled(self) -> list[Groups]:
        return [Groups.of(code, self.visits.gap, self.kind) for code in self.visits.codes]

    @cached_property
    def apart_codes(self) -> list[Ints]:
        return [code * self.strata + self.stratum for code in self.visits.codes]

    @cached_property
    def apart(self) -> list[Groups]:
        if self.strata == 1:
            return self.pooled
        return [Groups.of(code, self.visits.gap, self.kind) for code in self.apart_codes]

    @cached_property
    def contexts(self) -> list[Ints]:
        """Per order: the groups of `pooled` that are contexts."""
        one, *longer = self.pooled
        return [np.arange(len(one.code)), *(np.flatnonzero(groups.support >= LEAST) for groups in longer)]

    @cached_property
    def suffix(self) -> list[Ints]:
        """Per order: each context's code at that order, -1 if it is shorter; contexts in order of their lengths."""
        visit = np.concatenate([groups.rows[groups.start[kept]] for groups, kept in zip(self.pooled, self.contexts)])
        length = np.repeat(np.arange(1, ORDERS + 1), [len(kept) for kept in self.contexts])
        return [np.where(length > k, code[visit], -1) for k, code in enumerate(self.visits.codes)]

    @cached_property
    def follow(self) -> NDArray[np.int32]:
        """[context, step]: the longest context that ends with the step."""
        base, steps = self.visits.steps + 2, np.arange(self.visits.steps)
        after = np.broadcast_to(self._context(1, steps), (len(self.suffix[0]), len(steps))).copy()
        for order in range(2, ORDERS + 1):
            before = self.suffix[order - 2][:, None]
            longer = np.where(before >= 0, self._context(order, before * base + steps), -1)
            after = np.where(longer >= 0, longer, after)
        return after.astype(np.int32)

    def _context(self, order: int, code: Ints) -> Ints:
        """Number of the context with this code, or -1."""
        known = self.contexts[order - 1]
        names = self.pooled[order - 1].code[known]
        if not len(names):
            return np.full(code.shape, -1)
        place = np.minimum(np.searchsorted(names, code), len(names) - 1)
        return np.where(names[place] == code, place + sum(map(len, self.contexts[: order - 1])), -1)

    @cached_property
    def chosen(self) -> tuple[Ints, Ints]:
        """[stratum, context]: which table, where reached; and per table its source (among `apart`, `pooled`) and group."""
        source = np.stack([np.where(code >= 0, order, -1) for order, code in enumerate(self.suffix)]).max(axis=0)
        group = np.concatenate(self.contexts)
        shape = (self.strata, len(source))
        source = np.broadcast_to(source + ORDERS, shape).copy()
        group = np.broadcast_to(group, shape).copy()
        for order, groups in enumerate(self.apart):
            code = self.suffix[order] * self.strata + np.arange(self.strata)[:, None]
            place = np.where(self.suffix[order] >= 0, groups.find(code), -1)
            enough = (place >= 0) & (groups.support[place] >= LEAST)
            source, group = np.where(enough, order, source), np.where(enough, place, group)
        here, table = self.reached, np.zeros(shape, np.int64)
        both = np.stack((source[:, here].ravel(), group[:, here].ravel()))
        pairs, number = np.unique(both, axis=1, return_inverse=True)
        table[:, here] = number.reshape(self.strata, len(here))
        return table, pairs

    @cached_property
    def reached(self) -> Ints:
        """The contexts that a path can come to: most short ones it cannot, a longer one is there instead."""
        visits = self.visits
        went = (visits.cause >= 0) & (visits.cause < visits.steps)
        seen = np.zeros((visits.steps + 1, visits.steps), bool)
        seen[visits.recent[0][went], visits.cause[went]] = True
        found = np.zeros(len(self.suffix[0]), bool)
        new = np.array([self.start])
        while len(new):
            found[new] = True
            there = np.unique(self.follow[new][seen[self.suffix[0][new]]])
            new = there[~found[there]]
        return np.flatnonzero(found)

    def segments(self, source: int, group: int) -> Iterator[Ints]:
        """Rows of a table, then rows of shorter contexts that lasted longer than any before."""
        groups = [*self.apart, *self.pooled]
        codes = [*self.apart_codes, *self.visits.codes]
        rows = groups[source].of_group(group)
        first, reach = rows[0], -1
        for place in (source, *self._shorter(source)):
            own = groups[place].find(codes[place][[first]])
            rows = groups[place].of_group(int(own[0]))
            rows = rows[self.visits.gap[rows] > reach]
            if not len(rows):
                continue
            yield rows
            reach = self.visits.gap[rows[-1]]
            if self.kind[rows[-1]] == DECIDED:
                return

    def _shorter(self, source: int) -> list[int]:
        order = source % ORDERS
        fewer = list(range(source - 1, source - order - 1, -1))
        return fewer if source >= ORDERS or self.strata == 1 else [*fewer, ORDERS]

    @cached_property
    def flat(self) -> Flat:
        pieces, table = [], []
        for number, (source, group) in enumerate(self.chosen[1].T):
            for rows in self.segments(int(source), int(group)):
                pieces.append(rows)
                table.append(number)
        length = np.array([len(rows) for rows in pieces])
        rows = np.concatenate(pieces)
        lists = (np.repeat(table, length), np.repeat(np.cumsum(length), length), self.kind[rows])
        visits, tables = self.visits, self.chosen[1].shape[1]
        gap, cause = np.append(visits.gap[rows], NEVER), np.append(visits.cause[rows], visits.steps)
        return Flat(visits.case[rows], *lists, gap, cause, tables)

    @cached_property
    def start(self) -> int:
        return int(self._context(1, np.array([self.visits.steps]))[0])

    def weighed(self, weight: Floats) -> Chain:
        """The chain when case c counts `weight[c]` times: Aalen-Johansen in every table."""
        hazard = self.flat.hazard(weight)
        every = self.flat.gone[0].drawable(hazard)
        split = self.leaving.any()
        decide, leave = (rows.drawable(hazard) if split else every for rows in self.flat.gone[1:])
        return Chain(self.chosen[0], self.follow, every, decide, leave, self.leaving, self.start)


@dataclass(frozen=True, eq=False)
class Gone:
    """The visits of some kind that went on, among all rows; gap and cause with one more for cases that never go."""

    place: Ints
    table: Ints
    first: Ints  # per table: its first row; and the number of rows
    gap: Ints
    cause: Ints
    when: Ints
    wide: int

    @classmethod
    def of(cls, flat: Flat, kinds: Sequence[int]) -> Gone:
        place = np.flatnonzero(np.isin(flat.kind, kinds))
        table, more = flat.table[place], np.append(place, len(flat.kind))
        first = np.searchsorted(table, np.arange(flat.tables + 1))
        gap, wide = flat.gap[more], int(flat.gap[:-1].max()) + 1
        return cls(place, table, first, gap, flat.cause[more], table * wide + gap[:-1], wide)

    def drawable(self, hazard: Floats) -> Drawable:
        key = np.maximum.accumulate(self.table + share_gone(hazard[self.place], self.table, self.first))
        return Drawable(key, self.first, self.gap, self.cause, self.when, self.wide)


@dataclass(frozen=True, eq=False)
class Flat:
    """All rows of all tables, one after the other; `ends` = first row after each row's segment; `gap` and `cause` have one
    row more, for a case that never goes.
    """

    case: Ints
    table: Ints
    ends: Ints
    kind: Ints
    gap: Ints
    cause: Ints
    tables: int

    @cached_property
    def last(self) -> Ints:
        """Rows that nobody outlasts."""
        return np.flatnonzero((self.ends - 1 == np.arange(len(self.ends))) & (self.kind != OPEN))

    @cached_property
    def gone(self) -> tuple[Gone, Gone, Gone]:
        """Every visit that went on, those decided, those left."""
        every = Gone.of(self, (DECIDED, LEFT))
        return every, Gone.of(self, (DECIDED,)), Gone.of(self, (LEFT,))

    def hazard(self, weight: Floats) -> Floats:
        share = weight[self.case]
        hazard: Floats = share / np.maximum(at_risk(share, self.ends), 1e-300)
        hazard[self.last] = 1.0
        return hazard
