"""Drivers: what was known when a wait began and goes with its being long, in days; what goes together, not what causes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import CALENDAR_TIME
from procmine.find.drivers.known import OTHERS, Asked, Known, known_of, offices
from procmine.find.drivers.tree import DriverTree, Halves, grown
from procmine.find.drivers.waits import Followed, Wait, followed, waits_of
from procmine.kernels.blocks import week_of
from procmine.kernels.contrast import POWER
from procmine.kernels.drivers import STRETCH, Levels, Shuffle, by_chance, differences, largest, reach
from procmine.kernels.flow import Ints
from procmine.log import Clock, EventLog, Log, in_memory, shown
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
ALPHA = 0.03  # false alarms of the search, over everything it looks at
DRAWS = 400
LEAST_HALF = 20  # waits at a level and at the others, in each half
SETTLED = 0.95  # of the waits of an office have the same level
MOST_SEARCHED = 50_000  # waits of the search half; of more, so many are drawn
MOST_TOLD, MOST_DRAWN = 4, 14


@dataclass(frozen=True, eq=False)
class Drivers(Result):
    """A row is a level of an attribute, beside all other waits: first what stands (stands), then the rest, longest first.

    attribute, level (text); n (int) waits at it, of all; mean, others (timedelta64[s]): how long waits at it, and all others,
    lasted on average, each counted up to the horizon; difference (timedelta64[s]) of the two, with low and high (95%, by the
    weeks in which waits began): all from the half of the weeks that the search did not see. chance (float 0..1): how often
    something as large would be found anywhere if nothing went with the waits (Westfall & Young 1993), in the half that was
    searched. stands (bool): chance below the limit (3% for all looks), and the range of the other half on the same side of 0.
    visible (timedelta64[s]): the difference that the search would have seen 4 times in 5. `tree` has groups of waits,
    `left_out` why attributes were not looked at, `followed` what was counted.
    """

    meaning: ClassVar[str] = "define.drivers"
    none_is_an_answer: ClassVar[bool] = True

    tree: DriverTree
    left_out: Mapping[str, Sequence[str]]
    followed: Mapping[str, Value]  # for the sentences

    def findings(self) -> Sequence[Message]:
        found = np.flatnonzero(self.rows["stands"])
        looked = tuple(
            Message("drivers.name", {"name": one}) for one in dict.fromkeys(map(str, self.rows["attribute"]))
        )
        if not len(found):
            said = [Message("drivers.none", {**self.followed, "looked": looked})]
        else:
            said = [self._told(int(row)) for row in found[:MOST_TOLD]]
            said += [Message("drivers.more", {"more": len(found) - MOST_TOLD})] if len(found) > MOST_TOLD else []
            said += [*self.tree.findings(), Message("drivers.association")]
        said.append(Message("drivers.counted", self.followed))
        return [*said, *self._left_out()]

    def _told(self, row: int) -> Message:
        one = {name: column[row] for name, column in self.rows.items()}
        longer = seconds(one["difference"]) > 0
        spans = {"days": abs(seconds(one["difference"])), **_inner(one["low"], one["high"])}
        values: dict[str, Value] = {name: Span(length, self.day) for name, length in spans.items()}
        names: dict[str, Value] = {"attribute": str(one["attribute"]), "level": str(one["level"]), "n": int(one["n"])}
        means: dict[str, Value] = {name: Span(seconds(one[name]), self.day) for name in ("mean", "others")}
        return Message("drivers.longer" if longer else "drivers.shorter", {**values, **names, **means})

    def _left_out(self) -> list[Message]:
        return [
            Message(f"drivers.left.{why}", {"names": tuple(Message("drivers.name", {"name": one}) for one in names)})
            for why, names in self.left_out.items()
        ]

    def shown(self) -> Rows:
        """What stands, and beyond it what comes nearest."""
        few = max(int(self.rows["stands"].sum()), MOST_DRAWN)
        return {name: column[:few] for name, column in self.rows.items()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Differences in days with their ranges, what stands in colour."""
        from procmine.draw.effects import Effect, effects

        rows = self.shown()
        day = np.timedelta64(1, "s") * self.day
        drawn = []
        for row in range(len(rows["n"])):
            ends = [float(rows[name][row] / day) for name in ("difference", "low", "high")]
            note = Message("drivers.times", {"n": int(rows["n"][row])}).say()
            label = f"{rows['attribute'][row]}: {rows['level'][row]}"
            drawn.append(Effect(label, ends[0], ends[1], ends[2], note, bool(rows["stands"][row])))
        title = Message("drivers.picture", {"what": self.followed["what"]}).say()
        return effects(drawn, title=title, axis=Message("drivers.axis", self.followed).say(), ax=ax)


def _inner(low: np.timedelta64, high: np.timedelta64) -> dict[str, float]:
    """The ends of a range as lengths, the smaller first."""
    ends = sorted((abs(seconds(low)), abs(seconds(high))))
    return {"low": ends[0], "high": ends[1]}


def drivers(
    log: Log,
    *,
    step: Wait = None,
    attributes: Sequence[str] | None = None,
    protected: Sequence[str] = (),
    horizon: float | None = None,
    clock: Clock = CALENDAR_TIME,
    seed: int = 1,
) -> Drivers:
    """What goes with long waits: attributes of the case, month and weekday of its beginning, work in hand and arrivals.

    step: none, the whole case; a step, the wait before it (from the step that most often comes directly before); a pair of
    steps or milestones, from the one to the other. A wait also ends when its case closes. Waits are followed for `horizon`
    days of the clock (longer counts as that; not given: when 9 of 10 are over), and only those begun long enough ago count.
    attributes: only these, of cases, or of events (their last value when the wait began). Whatever looks protected by law is
    looked at only if named in `protected`; persons never. LogError where there are too few waits or weeks.
    """
    log = in_memory(log)
    asked = Asked(None if attributes is None else _names(attributes), _names(protected))
    every = waits_of(log, step, clock)
    seen = followed(log, every, horizon, clock)
    known = known_of(log, seen.waits, every, asked)
    halves = _halves(log, seen, known, seed)
    rows = _rows(halves, known, seed)
    standing = set(rows["attribute"][rows["stands"]])
    arguments = {"step": step, "horizon": horizon, "clock": clock, "seed": seed, "protected": asked.protected}
    tree = DriverTree(
        grown(halves, known, standing), log.about, True, {"clock": clock, "horizon": seen.horizon / 1e6 / clock.day}
    )
    counts = _counted(log, seen, clock)
    why = {**({"asked": list(asked.protected)} if asked.protected else {}), **asked.left_out}
    return Drivers(rows, log.about, True, arguments, tree=tree, left_out=why, followed=counts)


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))


def _counted(log: EventLog, seen: Followed, clock: Clock) -> dict[str, Value]:
    days = [str(one) for one in shown(log.about, seen.waits.begun[[0, -1]]).astype("M8[D]")]
    length: dict[str, Value] = {"horizon": Span(seen.horizon / 1e6, clock.day), "chance": ALPHA}
    return {"n": len(seen.waits.case), "what": seen.waits.said, "first": days[0], "last": days[1], **length}


def _halves(log: EventLog, seen: Followed, known: Sequence[Known], seed: int) -> Halves:
    """Weeks in turns of four: those of the search (of very many waits, so many are drawn), and the others."""
    week = week_of(seen.waits.begun)
    levels = Levels(week - week[0], [one.codes for one in known], [len(one.levels) for one in known])
    first = (levels.week // STRETCH) % 2 == 0
    searched = np.flatnonzero(first)
    if len(searched) > MOST_SEARCHED:
        searched = np.sort(np.random.default_rng(seed).choice(searched, MOST_SEARCHED, replace=False))
    return Halves(levels, seen.value, offices(log, seen.waits), searched, np.flatnonzero(~first))


def _rows(halves: Halves, known: Sequence[Known], seed: int) -> Rows:
    half = halves.levels.take(halves.searched)
    value = halves.value[halves.searched]
    tested = _tested(halves, known)
    chance, visible = np.full(len(tested), np.nan), np.full(len(tested), np.nan)
    families = _families(halves, known, tested)
    errors, owner = differences(half, value).error, np.repeat(np.arange(len(known)), half.sizes)
    for name, flags in families:
        some = np.unique(owner[flags])
        family, here = half.only(some.tolist()), flags[np.isin(owner, some)]
        seen, drawn = largest(family, [value], here)[0], largest(family, _drawn(halves, name, seed), here)
        chance[flags] = np.minimum(by_chance(seen, drawn) * len(families), 1.0)
        limit = float(np.quantile(drawn.max(axis=1), 1 - ALPHA / len(families)))
        visible[flags] = (limit + POWER) * errors[flags]
    return _table(halves, known, tested, chance, visible)


def _drawn(halves: Halves, family: str, seed: int) -> list[Floats]:
    """What the waits of the search half could as well have been."""
    shuffle = Shuffle(halves.levels.take(halves.searched), halves.office[halves.searched])
    value, draw = halves.value[halves.searched], np.random.default_rng([seed, 7])
    mixed = {"inside": shuffle.inside, "offices": shuffle.offices, "times": shuffle.times}[family]
    return [mixed(value, draw) for _ in range(DRAWS)]


def _families(halves: Halves, known: Sequence[Known], tested: Flags) -> list[tuple[str, Flags]]:
    """Columns by what chance would mix: the dates, the offices (and what an office alone settles), or cases of one."""
    kinds = [("times" if one.of_time else "offices" if _settled(one, halves.office) else "inside") for one in known]
    of = np.repeat(kinds, [len(one.levels) for one in known])
    found = [(name, tested & (of == name)) for name in ("inside", "offices", "times")]
    return [(name, flags) for name, flags in found if flags.any()]


def _settled(known: Known, office: Ints) -> bool:
    """Whether nearly all waits of an office have the same level."""
    table = np.zeros((int(office.max()) + 1, len(known.levels)))
    np.add.at(table, (office, known.codes), 1)
    return len(table) > 1 and bool(table.max(axis=1).sum() >= SETTLED * table.sum())


def _tested(halves: Halves, known: Sequence[Known]) -> Flags:
    """Levels with enough waits, at them and beside them, in both halves; of two levels only the longer; never "others"."""
    tested = np.ones(halves.levels.columns, bool)
    for rows in (halves.searched, halves.held):
        n = halves.levels.take(rows).n.sum(axis=0)
        tested &= (n >= LEAST_HALF) & (len(rows) - n >= LEAST_HALF)
    mean = differences(halves.levels.take(halves.searched), halves.value[halves.searched]).difference
    first = 0
    for one in known:
        here = np.arange(first, first + len(one.levels))
        tested[here[[level == OTHERS.say() for level in one.levels]]] = False
        if tested[here].sum() == 2 and len(here) == 2:
            tested[here[int(np.argmin(mean[here]))]] = False
        first += len(one.levels)
    return tested


def _table(halves: Halves, known: Sequence[Known], tested: Flags, chance: Floats, visible: Floats) -> Rows:
    levels = halves.levels.take(halves.held)
    found = differences(levels, halves.value[halves.held])
    wide = reach(levels) * found.error
    low, high = found.difference - wide, found.difference + wide
    searched = differences(halves.levels.take(halves.searched), halves.value[halves.searched]).difference
    stands = (chance <= ALPHA) & np.where(searched > 0, low > 0, high < 0)
    order = np.flatnonzero(tested)
    order = order[np.lexsort((-np.abs(found.difference[order]), ~stands[order]))]
    names = np.array([one.name for one in known for _ in one.levels], object)
    values = np.array([level for one in known for level in one.levels], object)
    lengths = {"mean": found.mean, "others": found.rest, "difference": found.difference, "low": low, "high": high}
    return {
        "attribute": names[order],
        "level": values[order],
        "n": halves.levels.n.sum(axis=0).astype(np.int64)[order],
        **{name: timedeltas(column[order]) for name, column in lengths.items()},
        "chance": chance[order],
        "stands": stands[order],
        "visible": timedeltas(visible[order]),
    }
