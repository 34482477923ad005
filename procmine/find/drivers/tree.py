"""A small tree: groups of waits that differ, split on one half of the weeks and measured on the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from procmine.find.drivers.known import Known
from procmine.kernels.drivers import Levels, differences, mean_range, reach
from procmine.kernels.flow import Ints
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEPTH = 3
APART = "; "  # between what sets a group apart and what then does
INDENT = "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}"
SURE = 0.99
LEAST_LEAF, LEAST_PART = 30, 0.05  # waits in each half
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Halves:
    """Waits, which of them the search sees, and which only the measuring."""

    levels: Levels
    value: Floats  # seconds, up to the horizon
    office: Ints
    searched: Ints
    held: Ints


@dataclass(frozen=True, eq=False)
class DriverTree(Result):
    """A row is a group of waits, each followed by the two that it is split into.

    depth (int, 0: all waits); group (text): what sets it apart from the other part; leaf (bool): not split further; n (int)
    waits in it, of all; mean (timedelta64[s]) with low and high (95%, by weeks): of the half of the weeks on which the splits
    were not chosen.
    """

    meaning: ClassVar[str] = "define.drivers_tree"
    none_is_an_answer: ClassVar[bool] = True

    def findings(self) -> Sequence[Message]:
        """The groups with the longest and the shortest waits."""
        leaves = np.flatnonzero(self.rows["leaf"])
        if len(leaves) < 2:
            return []
        order = leaves[np.argsort(self.rows["mean"][leaves], kind="stable")]
        return [
            Message("drivers.tree.longest", self._said(int(order[-1]))),
            Message("drivers.tree.shortest", self._said(int(order[0]))),
        ]

    def _said(self, row: int) -> dict[str, Value]:
        spans: dict[str, Value] = {one: Span(seconds(self.rows[one][row]), self.day) for one in ("mean", "low", "high")}
        return {
            **spans,
            "group": APART.join(self.path(row)),
            "n": int(self.rows["n"][row]),
        }

    def shown(self) -> Rows:
        """Groups set in by their depth."""
        group = [INDENT * int(depth) + str(one) for depth, one in zip(self.rows["depth"], self.rows["group"])]
        kept = ("n", "mean", "low", "high")
        return {"waits": np.array(group, object), **{name: self.rows[name] for name in kept}}

    def path(self, row: int) -> list[str]:
        """What sets the group of a row apart, from the first split to the last."""
        depth, said = int(self.rows["depth"][row]), []
        for one in range(row, -1, -1):
            if self.rows["depth"][one] == depth and depth > 0:
                said.append(str(self.rows["group"][one]))
                depth -= 1
        return said[::-1]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The groups that are not split further, with their ranges."""
        from procmine.draw.effects import Effect, effects

        leaves = np.flatnonzero(self.rows["leaf"])
        day = np.timedelta64(1, "s") * self.day
        drawn = []
        for row in leaves:
            mean, low, high = (float(self.rows[one][row] / day) for one in ("mean", "low", "high"))
            note = Message("drivers.times", {"n": int(self.rows["n"][row])}).say()
            drawn.append(Effect(APART.join(self.path(int(row))), mean, low, high, note))
        horizon = Span(float(str(self.arguments["horizon"])) * self.day, self.day)
        title = Message("drivers.tree.picture").say()
        axis = Message("drivers.tree.axis", {"horizon": horizon}).say()
        return effects(drawn, title=title, axis=axis, ax=ax)


def grown(halves: Halves, known: Sequence[Known], first: Collection[str]) -> Rows:
    """Rows of a tree: binary splits on the searched half that lessen the squares most, kept where the other half shows the
    same difference beyond chance (99%), to a depth of 3. All waits are split by an attribute of `first` only."""
    nodes = list(_nodes(halves, known, first, np.ones(len(halves.value), bool), (0, Message("drivers.tree.all").say())))
    depth, group, leaf, n, spans = zip(*nodes)
    times = np.array(spans, np.float64)
    return {
        "depth": np.array(depth, np.int64),
        "group": np.array(group, object),
        "leaf": np.array(leaf),
        "n": np.array(n, np.int64),
        **{name: timedeltas(times[:, k]) for k, name in enumerate(("mean", "low", "high"))},
    }


Node = tuple[int, str, bool, int, tuple[float, float, float]]


def _nodes(
    halves: Halves, known: Sequence[Known], first: Collection[str], here: Flags, called: tuple[int, str]
) -> Iterator[Node]:
    """This group, and after it those that it is split into."""
    depth, group = called
    by = [one for one in known if depth > 0 or one.name in first]
    split = _split(halves, by, here) if depth < DEPTH else None
    held = halves.held[here[halves.held]]
    yield depth, group, split is None, int(here.sum()), mean_range(halves.levels.week[held], halves.value[held])
    if split is not None:
        one, levels = split
        inside = np.isin(one.codes, levels)
        others = [code for code in range(len(one.levels)) if code not in levels and np.any(here & (one.codes == code))]
        for part, kept in ((inside, levels), (~inside, others)):
            yield from _nodes(halves, known, first, here & part, (depth + 1, _named(one, kept)))


def _named(known: Known, levels: Sequence[int]) -> str:
    values = tuple(Message("drivers.name", {"name": known.levels[code]}) for code in sorted(levels))
    return Message("drivers.tree.group", {"attribute": known.name, "levels": values}).say()


def _split(halves: Halves, known: Sequence[Known], here: Flags) -> tuple[Known, list[int]] | None:
    """The best split, if the other half confirms it: an attribute and the levels with the longer waits."""
    searched = halves.searched[here[halves.searched]]
    best = [(*_best(one.codes[searched], halves.value[searched]), one) for one in known]
    gain, levels, one = max(best, key=lambda split: split[0], default=(0.0, [], None))
    return (one, levels) if one is not None and gain > 0 and _holds(halves, np.isin(one.codes, levels), here) else None


def _best(codes: Ints, value: Floats) -> tuple[float, list[int]]:
    """How far the best cut of the levels, ordered by their means, lessens the squares; and the levels above it."""
    there, place = np.unique(codes, return_inverse=True)
    n = np.bincount(place).astype(np.float64)
    total = np.bincount(place, value)
    order = np.argsort(-total / n, kind="stable")
    above, sums = np.cumsum(n[order])[:-1], np.cumsum(total[order])[:-1]
    below, rest = len(value) - above, total.sum() - sums
    least = max(LEAST_LEAF, LEAST_PART * len(value))
    gain = np.where(
        (above >= least) & (below >= least),
        (sums / np.maximum(above, 1) - rest / np.maximum(below, 1)) ** 2 * above * below,
        0.0,
    )
    if not len(gain) or gain.max() <= 0:
        return 0.0, []
    best = int(np.argmax(gain))
    return float(gain[best]) / len(value), [int(one) for one in there[order[: best + 1]]]


def _holds(halves: Halves, longer: Flags, here: Flags) -> bool:
    """Whether the waits of the other half are longer there too, in groups that are large enough."""
    held = halves.held[here[halves.held]]
    code = (~longer[held]).astype(np.int64)
    if min(np.count_nonzero(code == 0), np.count_nonzero(code)) < LEAST_LEAF:
        return False
    levels = Levels(halves.levels.week[held], [code], [2])
    found = differences(levels, halves.value[held])
    return bool(found.difference[0] - reach(levels, SURE) * found.error[0] > 0)
