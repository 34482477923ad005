"""Concurrent: steps that run beside each other, and the stretches of the cases in which they do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from procmine.kernels.critical import Needs, needs
from procmine.kernels.enabling import Flags
from procmine.kernels.episodes import Episodes
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.operational import Clocks
from procmine.log import EventLog
from procmine.see.enabling import beside
from procmine.words import Message

LEAST = 30  # stretches with two of its steps or more: fewer do not make a block
TOGETHER = 0.5  # share of the stretches of a block that hold two of its steps or more
REPEATED = 0.1  # share of those in which a step comes twice
WIDEST = 12  # steps of a block


@dataclass(frozen=True, eq=False)
class Blocks:
    """A log with each stretch of parallel steps as one step, which ends with the last of them.

    Step A + b is block b, A the number of activities. Case c owns items `offset[c]:offset[c + 1]`: step, time and
    episode (-1: an ordinary step). members: places of the events of the episodes, `first[e]:first[e + 1]` those of
    episode e. A stretch at the end of an open case that seems unfinished is left out: the case is still at the step
    before it.
    """

    within: Flags  # [block, activity]
    step: Ints
    time: Ints
    offset: Ints
    episode: Ints
    members: Ints
    first: Ints
    needs: Needs
    last: Ints  # per block: the activity with which it ends most often
    names: tuple[str, ...]

    @classmethod
    def of(cls, log: EventLog) -> Blocks | None:
        """None where no steps run beside each other in a way that can be told."""
        together = beside(log)
        block = _branching(together)
        if block.max(initial=-1) < 0:
            return None
        runs = Runs.of(log, block)
        block = _kept(block, runs)
        if block.max(initial=-1) < 0:
            return None
        return cls._collapsed(log, together, block, Runs.of(log, block))

    @classmethod
    def _collapsed(cls, log: EventLog, together: Flags, block: Ints, runs: Runs) -> Blocks:
        kept = ~runs.unfinished()
        several = kept & (runs.distinct > 1)
        steps, size = len(block), int(block.max()) + 1
        number = np.where(several, np.cumsum(several) - 1, -1)
        code = np.where(several, steps + block[log.activity[runs.first]], log.activity[runs.first]).astype(np.int64)
        # a run of one step that comes again and again is as many items as events
        item = np.flatnonzero(kept[runs.of_event] & ~several[runs.of_event] | runs.is_last & several[runs.of_event])
        run = runs.of_event[item]
        case = cases_of(log.offset)[item]
        member = np.flatnonzero(several[runs.of_event])
        first = np.concatenate(([0], np.cumsum(runs.length[several])))
        waits = needs(log.activity[member], log.time[member], log.time[member], first, together)
        within = np.zeros((size, steps), bool)
        within[block[block >= 0], np.flatnonzero(block >= 0)] = True
        return cls(
            within=within,
            step=code[run],
            time=log.time[item],
            offset=np.concatenate(([0], np.cumsum(np.bincount(case, minlength=len(log))))),
            episode=number[run],
            members=member,
            first=first,
            needs=waits,
            last=_last(log.activity[member[first[1:] - 1]], block, size),
            names=log.about.activities,
        )

    @property
    def steps(self) -> int:
        """Activities and blocks."""
        return sum(self.within.shape)

    def clock(self, clock: Ints) -> Ints:
        """`clock`, per activity and the arrival, with the blocks between them: that of their last steps."""
        return np.concatenate((clock[:-1], clock[self.last], clock[-1:]))

    def episodes(self, log: EventLog, clocks: Clocks | None, clock: Ints) -> Episodes:
        """The episodes, in what has passed on the clock of the stay that each ends; `clock` per step, blocks included."""
        which = np.flatnonzero(self.episode >= 0)
        begins = np.isin(which, self.offset)
        before = np.where(begins, self.steps, self.step[which - 1])
        since = np.where(begins, log.arrival[cases_of(self.offset)[which]], self.time[which - 1])
        runs = clock[before]
        of_member = np.repeat(np.arange(len(which)), np.diff(self.first))
        end, since = log.time[self.members], np.minimum(since, log.time[self.members[self.first[:-1]]])
        if clocks is not None:
            end, since = clocks.read(runs[of_member], end), clocks.read(runs, since)
        lag = np.maximum(end - self.needs.ready(end, since), 0)
        return Episodes(self.first, log.activity[self.members].astype(np.int64), lag, *self._needed, self.within)

    @cached_property
    def _needed(self) -> tuple[Ints, Ints]:
        """Of `needs`, member by member: where what each one needs begins, and which members that are."""
        n, found = len(self.members), self.needs
        rank = np.empty(n, np.int64)
        rank[found.events] = np.arange(n)
        count = np.diff(found.first)[rank]
        place = (
            np.repeat(found.first[:-1][rank], count)
            + np.arange(count.sum())
            - np.repeat(np.cumsum(count) - count, count)
        )
        needed = found.needed[place]
        inside = needed < n
        of_member = np.repeat(np.arange(n), count)[inside]
        return np.concatenate(([0], np.cumsum(np.bincount(of_member, minlength=n)))), needed[inside]

    def messages(self) -> list[Message]:
        count = np.bincount(self.step[self.episode >= 0] - self.within.shape[1], minlength=len(self.within))
        return [
            Message("fit.beside", {"steps": ", ".join(self.names[one] for one in np.flatnonzero(row)), "n": int(n)})
            for row, n in zip(self.within, count)
        ]


@dataclass(frozen=True, eq=False)
class Runs:
    """Stretches of a case that stay in one block; any event outside blocks is one of its own."""

    of_event: Ints
    first: Ints  # events
    length: Ints
    block: Ints
    distinct: Ints  # different steps in it
    is_last: Flags  # events that end a run
    mask: Ints  # per event: the steps of its run up to it, as bits
    open_end: Flags  # runs at the end of open cases

    @classmethod
    def of(cls, log: EventLog, block: Ints) -> Runs:
        here, case = block[log.activity], cases_of(log.offset)
        new = np.ones(len(here), bool)
        new[1:] = (here[1:] != here[:-1]) | (case[1:] != case[:-1]) | (here[1:] < 0)
        first = np.flatnonzero(new)
        length = np.diff(np.append(first, len(here)))
        run = np.cumsum(new) - 1
        is_last = np.append(new[1:], True)
        mask = _bits(_rank(block)[log.activity], first, length)
        distinct = np.zeros(len(first), np.int64)
        for bit in range(int(mask.max(initial=0)).bit_length()):
            distinct += mask[is_last] >> bit & 1
        open_end = np.zeros(len(first), bool)
        filled = np.flatnonzero(log.open & (np.diff(log.offset) > 0))
        open_end[run[log.offset[filled + 1] - 1]] = True
        return cls(run, first, length, here[first], distinct, is_last, mask, open_end & (here[first] >= 0))

    def unfinished(self) -> Flags:
        """Runs at the end of open cases after which, in the other runs, more steps of the block mostly came."""
        word = (self.block[self.of_event] << WIDEST) | self.mask
        other = (self.block[self.of_event] >= 0) & ~self.open_end[self.of_event]
        passed, ended = word[other & ~self.is_last], word[other & self.is_last]
        last = word[self.is_last]
        return self.open_end & (_count(passed, last) > _count(ended, last))


def _last(ends: Ints, block: Ints, blocks: int) -> Ints:
    count = np.bincount(ends, minlength=len(block))
    return np.array([np.argmax(np.where(block == one, count, -1)) for one in range(blocks)], np.int64)


def _count(known: Ints, wanted: Ints) -> Ints:
    known = np.sort(known)
    return np.searchsorted(known, wanted, "right") - np.searchsorted(known, wanted, "left")


def _rank(block: Ints) -> Ints:
    """Per activity: its place among those of its block."""
    rank = np.zeros(len(block), np.int64)
    for one in range(int(block.max(initial=-1)) + 1):
        rank[block == one] = np.arange((block == one).sum())
    return rank


def _bits(rank: Ints, first: Ints, length: Ints) -> Ints:
    """Per event: one bit per step of its run up to it."""
    mask, going, place = np.int64(1) << rank, np.flatnonzero(length > 1), 1
    while len(going):
        at = first[going] + place
        mask[at] |= mask[at - 1]
        place += 1
        going = going[length[going] > place]
    return mask


def _branching(together: Flags) -> Ints:
    """Per activity: its block, or -1. Blocks are the steps linked by running beside each other, if they fall into
    branches.

    They do if every step of a branch runs beside every step of all others: else some wait for each other in ways that
    an order alone does not tell, and the chain of last steps has to do.
    """
    block, number = np.full(len(together), -1), 0
    for members in _linked(together, np.arange(len(together))):
        inside = together[np.ix_(members, members)]
        if 1 < len(members) <= WIDEST and len(_linked(~inside, np.arange(len(members)))) > 1:
            block[members] = number
            number += 1
    return block


def _linked(link: Flags, nodes: Ints) -> list[Ints]:
    """Sets of nodes that are linked, directly or over others; in order of their first nodes."""
    found, left = [], np.ones(len(nodes), bool)
    for node in range(len(nodes)):
        if left[node]:
            reach = np.zeros(len(nodes), bool)
            reach[node] = True
            while (more := reach | link[reach].any(axis=0)).sum() > reach.sum():
                reach = more
            left &= ~reach
            found.append(nodes[reach])
    return found


def _kept(block: Ints, runs: Runs) -> Ints:
    """Blocks, numbered anew, that are seen often enough, mostly together, and whose steps mostly come once."""
    number, kept = 0, np.full(len(block), -1)
    for one in range(int(block.max()) + 1):
        mine = (runs.block == one) & ~runs.open_end
        several = mine & (runs.distinct > 1)
        repeated = (runs.length > runs.distinct) & several
        if (
            several.sum() >= LEAST
            and several.sum() >= TOGETHER * mine.sum()
            and repeated.sum() <= REPEATED * several.sum()
        ):
            kept[block == one] = number
            number += 1
    return kept
