"""Sampler: the paths of many cases at once, step by step, every random number drawn by its own key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.episodes import Episodes
from procmine.kernels.operational import Clocks

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = 2**62  # microseconds: later than anything; two of them still fit a 64-bit integer
FIRST, OTHER = 0, 1  # what a random number is for: the time that comes first, the other one
GOLDEN, SILVER = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03


def keys(seed: int, draw: int, replication: Ints, case: Ints) -> Words:
    """One key per path; both arms of a comparison use the same, so that they face the same cases."""
    with np.errstate(over="ignore"):
        word = mix(np.array([seed % 2**64], np.uint64))
        for part in (np.array([draw]), replication, case):
            word = mix(word ^ part.astype(np.uint64))
    return word


def uniform(key: Words, step: Ints, purpose: int) -> Floats:
    """In [0, 1): the number of this path, step and purpose, however the path came here."""
    with np.errstate(over="ignore"):
        place = step.astype(np.uint64) * np.uint64(GOLDEN) + np.uint64(purpose * SILVER % 2**64)
        return (mix(key + place) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def mix(word: Words) -> Words:
    """The finaliser of splitmix64 (Steele, Lea & Flood 2014); wraps by intent."""
    word = word + np.uint64(GOLDEN)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@dataclass(frozen=True, eq=False)
class Drawable:
    """Rows from which (gap, cause) are drawn together; they lie table by table, by gap.

    `key[i]` = number of row i's table + the share that has gone by row i; shares may stop below 1: then a case never leaves
    (gap NEVER). `first[t]`, `first[t + 1]`: rows of table t. `gap` and `cause` have one row more than `key`, for those.
    `when[i]` = number of the table x `wide` + gap.
    """

    key: Floats
    first: Ints
    gap: Ints
    cause: Ints
    when: Ints
    wide: int
    episode: Ints | None = None  # per row, and one more: the episode in which it ends, -1 where its cause is no block

    def draw(self, table: Ints, u: Floats) -> tuple[Ints, Ints]:
        row = np.searchsorted(self.key, table + u, side="right")
        row[row >= self.first[table + 1]] = len(self.key)
        return self.gap[row], self.cause[row]

    def draw_after(self, table: Ints, gap: Ints, u: Floats) -> tuple[Ints, Ints]:
        """The same, given that it comes later than `gap`."""
        row = np.searchsorted(self.when, table * self.wide + gap, side="right")
        gone = np.where(row > self.first[table], np.concatenate(([0.0], self.key))[row] - table, 0.0)
        return self.draw(table, gone + u * (1 - gone))


@dataclass(frozen=True, eq=False)
class Chain:
    """Where paths go: `table[stratum, context]` to draw from, `follow[context, step]` = the next context.

    A visit ends at the earlier of two independent times: when it is decided what happens to the case, and when its people
    give up (causes in `leaving`); at the same moment the decision stands. `every` draws which comes first and when;
    `decide` and `leave` draw the other one where a rule asks for it.
    """

    table: Ints
    follow: NDArray[np.int32]
    every: Drawable
    decide: Drawable
    leave: Drawable
    leaving: Flags  # per cause
    start: int  # the context of a case that has just arrived
    last: Ints | None = None  # per context: its last step; the number of steps for the arrival
    shorter: Ints | None = None  # per context: the same without its oldest step, -1 at length 1
    trust: Floats | None = None  # [stratum, context]: chance to draw from its own table, else from the shorter one's
    clocks: Clocks | None = None  # gaps are in operational time; None: in calendar time
    clock: Ints | None = None  # per last step: the clock that runs while a case stays there
    frailty: Floats | None = None  # [classes, places + 1]: which quantile a class of cases draws at each place of [0, 1]
    episodes: Episodes | None = None  # causes between the activities and the end are blocks, played from these

    @property
    def end(self) -> int:
        """The cause that finishes a case."""
        return int(self.follow.shape[1])


@dataclass(frozen=True, eq=False)
class Rule:
    """`fixed[cause]` = gap before that step in the paths of `applies`, -1 where it stays; used only if `on`.

    Off, the first visit where it might apply is remembered as the path's fork. `pairs`: two rows of flags per cause, the
    milestones whose first times (the second one's after the first's) are remembered.
    """

    fixed: Ints
    applies: Flags
    on: bool = False
    pairs: Sequence[tuple[Flags, Flags]] = ()


@dataclass(eq=False)
class Walk:
    """Paths on their way; times in microseconds since each case's arrival, NEVER where it did not happen."""

    key: Words
    stratum: Ints
    context: Ints
    time: Ints
    step: Ints
    ended: Ints
    last: Ints  # the last step so far, -1 before the first
    fork: Ints  # [4, paths]: step (-1: none), context, time and last step where the rule first applies
    seen: Ints  # [pairs, 2, paths]
    events: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)  # path, step, time

    @classmethod
    def begin(cls, chain: Chain, key: Words, stratum: Ints, pairs: int = 0) -> Walk:
        n = len(key)
        context, never = np.full(n, chain.start), np.full(n, NEVER)
        none, seen = np.full((4, n), -1), np.full((pairs, 2, n), NEVER)
        return cls(
            key, stratum, context, np.zeros(n, np.int64), np.zeros(n, np.int64), never, np.full(n, -1), none, seen
        )

    def from_fork(self, paths: Ints) -> Walk:
        """These paths again, from the visit where the rule first applies."""
        step, context, time, last = (row[paths] for row in self.fork)
        never, none = np.full(len(paths), NEVER), np.empty((0, 2, len(paths)), np.int64)
        key, stratum = self.key[paths], self.stratum[paths]
        return Walk(key, stratum, context, time, step, never, last, self.fork[:, paths], none)


def walk(chain: Chain, paths: Walk, rule: Rule, *, limit: int, most: int, record: bool = False) -> Walk:
    """Move all paths until they end, pass `limit` or have made `most` steps; changes and returns `paths`."""
    alive = np.arange(len(paths.key))
    for _ in range(most):
        if not len(alive):
            break
        gap, cause = _next(chain, paths, alive, rule)
        alive = _move(chain, paths, alive, gap, cause, limit)
        _notice(paths, alive, rule)
        if record:
            paths.events.append((alive, paths.last[alive], paths.time[alive]))
    return paths


def _next(chain: Chain, paths: Walk, alive: Ints, rule: Rule) -> tuple[Ints, Ints]:
    """Gap and cause by which each path leaves its visit."""
    table = chain.table[paths.stratum[alive], paths.context[alive]]
    gap, cause = chain.every.draw(table, uniform(paths.key[alive], paths.step[alive], FIRST))
    due = (rule.fixed[cause] >= 0) & rule.applies[alive]
    left = chain.leaving[cause] & rule.applies[alive]
    if not rule.on:
        _remember(paths, alive[due | left])
        return gap, cause
    for hit, change in ((np.flatnonzero(due), _set), (np.flatnonzero(left), _stay)):
        if len(hit):
            u = uniform(paths.key[alive[hit]], paths.step[alive[hit]], OTHER)
            gap[hit], cause[hit] = change(chain, rule, table[hit], gap[hit], cause[hit], u)
    return gap, cause


def _set(chain: Chain, rule: Rule, table: Ints, gap: Ints, cause: Ints, u: Floats) -> tuple[Ints, Ints]:
    """The decision comes when the rule says, unless that is later than it was and people give up before."""
    fixed = rule.fixed[cause]
    if not chain.leaving.any():
        return fixed, cause
    leave, by = chain.leave.draw_after(table, gap, u)
    early = leave < fixed
    return np.where(early, leave, fixed), np.where(early, by, cause)


def _stay(chain: Chain, rule: Rule, table: Ints, gap: Ints, cause: Ints, u: Floats) -> tuple[Ints, Ints]:
    """Who gave up at `gap` is there for a decision that now comes before, if it is one that the rule sets."""
    _, decided = chain.decide.draw_after(table, gap, u)
    fixed = rule.fixed[decided]
    stays = (fixed >= 0) & (fixed <= gap)
    return np.where(stays, fixed, gap), np.where(stays, decided, cause)


def _remember(paths: Walk, hit: Ints) -> None:
    new = hit[paths.fork[0, hit] < 0]
    paths.fork[:, new] = paths.step[new], paths.context[new], paths.time[new], paths.last[new]


def _move(chain: Chain, paths: Walk, alive: Ints, gap: Ints, cause: Ints, limit: int) -> Ints:
    """Let the visits end; which paths go on."""
    time = paths.time[alive] + gap
    over = time > limit
    done = (cause == chain.end) & ~over
    paths.ended[alive[done]] = time[done]
    on = ~over & ~done
    alive, cause = alive[on], cause[on]
    paths.time[alive] = time[on]
    paths.last[alive] = cause
    paths.step[alive] += 1
    paths.context[alive] = chain.follow[paths.context[alive], cause]
    return alive


def _notice(paths: Walk, alive: Ints, rule: Rule) -> None:
    """Remember when milestones are first reached."""
    for pair, (first, second) in enumerate(rule.pairs):
        begun, done = paths.seen[pair]
        there = alive[second[paths.last[alive]] & (begun[alive] < NEVER) & (done[alive] == NEVER)]
        done[there] = paths.time[there]
        here = alive[first[paths.last[alive]] & (begun[alive] == NEVER)]
        begun[here] = paths.time[here]


def compressed(time: Ints, first: Ints, second: Ints, length: int) -> Ints:
    """`time` when first..second takes `length` instead: times in between in proportion, later ones shifted."""
    moved = time.copy()
    known = (second < NEVER) & (time < NEVER) & (time > first)
    after = known & (time >= second)
    moved[after] += length - (second - first)[after]
    inside = np.flatnonzero(known & (time < second))
    part = (time - first)[inside] / (second - first)[inside]
    moved[inside] = first[inside] + np.rint(part * length).astype(np.int64)
    return moved


def spread(weight: Floats, n: int, start: float) -> Ints:
    """`n` places drawn in proportion to `weight`, evenly spaced (systematic sampling); `start` in [0, 1)."""
    upto = np.cumsum(weight)
    place: Ints = np.searchsorted(upto, (np.arange(n) + start) / n * upto[-1], side="right")
    return np.minimum(place, len(weight) - 1)


def share_gone(hazard: Floats, table: Ints, first: Ints) -> Floats:
    """1 - product of (1 - hazard) up to each row of its table; rows lie table by table, from `first[t]` on."""
    log = np.cumsum(np.log1p(-np.minimum(hazard, 1 - 1e-15)))
    before = np.concatenate(([0.0], log))[first]
    gone = -np.expm1(log - before[table])
    return np.where(hazard >= 1, 1.0, np.clip(gone, 0.0, 1.0))


def at_risk(weight: Floats, segment_end: Ints) -> Floats:
    """Weight of each row and of all after it in its segment; `segment_end[i]` = first row after row i's segment."""
    upto = np.concatenate(([0.0], np.cumsum(weight)))
    later: Floats = upto[segment_end] - upto[:-1]
    return np.maximum(later, weight)


def quantile(sorted_time: NDArray[Any], p: float) -> float:
    """First time by which at least the share p has ended, of times sorted along one axis; inf if never."""
    place = int(np.ceil(p * len(sorted_time) - 1e-9)) - 1
    return float(sorted_time[max(place, 0)])
