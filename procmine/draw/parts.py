"""Parts: stacked bars of shares whose last part is what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.draw.stacked import LOOKS, REST, Stack, stacks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Parts:
    """One bar: the shares of its parts in order."""

    label: str
    values: tuple[float, ...]


def part_bars(
    data: Sequence[Parts], names: Sequence[str], *, title: str, axis: str, percent: bool, rest: bool, ax: Axes | None
) -> Axes:
    drawn = [Stack(one.label, np.array(one.values)) for one in data]
    return stacks(drawn, names, looks=[*LOOKS[: len(names) - 1], REST], title=title, axis=axis, ax=ax)
