"""Steps that are in the log more often than they were done: near repeats, forms that save several steps, log noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from procmine.find.checks.look import MINUTE, SECOND, Finding, Flags, Look
from procmine.kernels.flow import Ints, cases_of
from procmine.log import CHUNK

SOON, LATER = 5 * MINUTE, 65 * MINUTE
AT_ONCE = 10 * SECOND
LEAST = 5  # near repeats, below which nothing is said
FORM = 10  # events saved together, below which nothing is said; and times that a set of steps must come back
TRAILS, OFTEN, BEHIND, MOST_ONE = 0.95, 3, 5, 0.5  # when a step is noise, see `collateral`
PAIR = 30  # times that two steps come together before they are called one
MOST_FORMS = 10


@dataclass(frozen=True, eq=False)
class Again:
    """Same step, same case: places of the events that come soon after the one before, their steps; by step, how many come
    soon, how many in the hour after that, and in how many cases the step is."""

    place: Ints
    soon: Ints
    later: Ints
    cases: Ints


def again(look: Look) -> Again:
    """Some cases at a time, so that scratch memory stays small."""
    k = len(look.names)
    soon, later, cases = (np.zeros(k, np.int64) for _ in range(3))
    places, begin = [], 0
    for part in look.log.views(CHUNK):
        n = len(part.time)
        key = cases_of(part.offset) * k + part.activity
        order = np.argsort(key, kind="stable")
        here = key[order]
        same = here[1:] == here[:-1]
        timed = look.timed[begin : begin + n][order]
        gap = np.abs(np.diff(part.time[order]))
        step = part.activity[order]
        close = same & timed[1:] & timed[:-1]
        near = close & (gap <= SOON)
        places.append(order[1:][near] + begin)
        soon += np.bincount(step[1:][near], minlength=k)
        later += np.bincount(step[1:][close & (gap > SOON) & (gap <= LATER)], minlength=k)
        cases += np.bincount(step[np.append(True, ~same)[:n]] if n else step, minlength=k)
        begin += n
    return Again(np.concatenate(places), soon, later, cases)


def repeats(look: Look) -> Iterator[Finding]:
    """Near repeats (`near`), forms (`saved_together`) and noise (`collateral`), as each leaves out what the others have."""
    found = again(look)
    noise, told = collateral(look, found.cases)
    yield from told
    yield from near(look, found, noise)
    yield from saved_together(look, noise)


def near(look: Look, found: Again, noise: Flags) -> Iterator[Finding]:
    """A step that its case had at most 5 minutes before, more than 10 times as often as the rate of the hour after those 5
    minutes brings by chance; at least 5 in all. Only events with a time of day."""
    expected = found.later / ((LATER - SOON) / SOON)
    far = (found.soon > 10 * expected) & ~noise
    place = np.sort(found.place[far[look.step[found.place]]])
    if len(place) < LEAST:
        return
    steps = np.flatnonzero(far & (found.soon > 0))
    steps = steps[np.argsort(-found.soon[steps], kind="stable")]
    yield Finding("near_duplicate_found", len(place), len(look.step), "events", {"steps": look.named(steps)}, place,
                  spec={"near_duplicates": SOON // MINUTE}, without="events")  # fmt: skip


def saved_together(look: Look, noise: Flags) -> Iterator[Finding]:
    """Different steps of a case at exactly the same moment, beyond the first; at least 10, and more often than one unit of
    the log's clock apart (chance brings half of that). Only events with a time of day, ended and begun together."""
    quiet = ~noise[look.step]
    pair = look.follows & quiet
    pair[1:] &= quiet[:-1]
    together = pair & (look.gap == 0)
    if look.log.start is not None:
        together[1:] &= look.log.start[1:] == look.log.start[:-1]
    other = np.append(True, look.step[1:] != look.step[:-1])[: len(pair)]
    together = _of_several(together, other)
    apart = int(np.count_nonzero(pair & other & (look.gap == look.unit)))
    n = int(np.count_nonzero(together))
    if n < FORM or n <= apart or n - apart / 2 < 3 * np.sqrt(apart / 2 + 1):
        return
    sets = _sets(look, together)
    number = count(1)
    forms = {f"form {next(number)}": [look.names[code] for code in codes] for codes, _ in sets[:MOST_FORMS]}
    example = look.named(sets[0][0]) if sets else look.named(np.unique(look.step[together])[:1])
    values = {"steps": example, "sets": len(sets)}
    kind = "form" if sets else "same_moment"
    yield Finding(kind, n, len(look.step), "events", values, np.flatnonzero(together), spec={"forms": forms} if forms else {},
                  without="events")  # fmt: skip


def _of_several(together: Flags, other: Flags) -> Flags:
    """Without the moments that hold one step only."""
    run = np.cumsum(~together)
    several = np.zeros(int(run[-1]) + 1 if len(run) else 1, bool)
    several[run[together & other]] = True
    found: Flags = together & several[run]
    return found


def _sets(look: Look, together: Flags) -> list[tuple[Ints, int]]:
    """The sets of steps that were saved together at least 10 times, the most frequent first, and how often."""
    run = np.cumsum(~together)
    inside = together.copy()
    inside[:-1] |= together[1:]
    here = np.flatnonzero(inside)
    key = np.unique(run[here].astype(np.int64) * len(look.names) + look.step[here])
    which, step = np.divmod(key, len(look.names))
    begin = np.flatnonzero(np.diff(which, prepend=-1))
    draw = np.random.default_rng(1).integers(0, 2**62, len(look.names), dtype=np.uint64)
    with np.errstate(over="ignore"):
        sign = np.add.reduceat(draw[step], begin)
    _, first, often = np.unique(sign, return_index=True, return_counts=True)
    order = np.argsort(-often, kind="stable")
    stop = np.append(begin[1:], len(step))
    return [(step[begin[first[one]] : stop[first[one]]], int(often[one])) for one in order if often[one] >= FORM]


def collateral(look: Look, cases: Ints) -> tuple[Flags, list[Finding]]:
    """Steps that say nothing on their own. Noise: in 95 of 100 times within 10 seconds after another event of the case, at
    least 3 times in each case that has it, and behind at least 5 different steps, none of them half of the time. Doubles: two
    steps that come within 10 seconds of each other in 95 of 100 times that either happens, at least 30 times.

    Per step whether it is noise, and the findings.
    """
    close = look.follows & (look.gap <= AT_ONCE)
    often = look.happened / np.maximum(cases, 1)
    noise = (look.share_of(close) >= TRAILS) & (often >= OFTEN) & (look.happened >= PAIR)
    for code in np.flatnonzero(noise):
        noise[code] = _behind_many(look, int(code), noise)
    told = []
    if noise.any():
        codes = np.flatnonzero(noise)
        place = np.flatnonzero(noise[look.step])
        spec = {"leave_out": [look.names[code] for code in codes]}
        values = {"steps": look.named(codes)}
        told.append(
            Finding("collateral", len(place), len(look.step), "events", values, place, spec=spec, without="events")
        )
    return noise, [*told, *_doubles(look, close, noise)]


def _behind_many(look: Look, code: int, noise: Flags) -> bool:
    """Whether the step comes behind at least 5 different steps that are no noise, none of them half of the time."""
    real = np.where(noise[look.step], 0, np.arange(len(look.step)))
    before = np.maximum.accumulate(real)[look.places(code)]
    n = np.bincount(look.step[before], minlength=len(look.names))
    return bool(np.count_nonzero(n) >= BEHIND and n.max() <= MOST_ONE * n.sum())


def _doubles(look: Look, close: Flags, noise: Flags) -> Iterator[Finding]:
    """The second step of two that always come together, at different moments."""
    k = len(look.names)
    here = np.flatnonzero(close & (look.gap > 0))
    pair, often = np.unique(look.step[here - 1].astype(np.int64) * k + look.step[here], return_counts=True)
    one, two = np.divmod(pair, k)
    both = (often >= PAIR) & (often >= TRAILS * look.happened[one]) & (often >= TRAILS * look.happened[two])
    both &= ~noise[one] & ~noise[two] & (one != two)
    if not both.any():
        return
    second = np.zeros(k, bool)
    second[two[both]] = True
    place = here[second[look.step[here]]]
    pairs = [f"{look.names[int(a)]} + {look.names[int(b)]}" for a, b in zip(one[both], two[both])]
    spec = {"leave_out": [look.names[int(code)] for code in np.flatnonzero(second)]}
    values = {"pairs": ", ".join(pairs[:3]), "sets": len(pairs)}
    yield Finding("always_together", len(place), len(look.step), "events", values, place, spec=spec, without="events")


CHECKS = (repeats,)
