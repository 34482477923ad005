"""Voice of staff: the steps that staff name as slow, beside those before which the log has most time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import CALENDAR_TIME
from procmine.find.time.bottlenecks import BEFORE, bottlenecks
from procmine.find.voice.voice import from_people, voices
from procmine.log import Clock, Log, LogError, in_memory
from procmine.results import Result
from procmine.words import Message, Value


@dataclass(frozen=True, eq=False)
class StaffRanking(Result):
    """A row is a step, those named most first, then by their share of the time.

    step; named (int) rows of the kind "staff" that name it; staff_rank (int, 0: not named; ties share the first place);
    log_rank (int): its place by the share of all time that passes before it; share (float 0..1) with low, high (95%).
    """

    meaning: ClassVar[str] = "define.staff_ranking"

    def findings(self) -> Sequence[Message]:
        top, slow = 0, int(np.argmin(self.rows["log_rank"]))
        step, named, share = (self.rows[name] for name in ("step", "named", "share"))
        values: dict[str, Value] = {"step": str(step[top]), "n": int(named[top]), "all": int(named.sum())}
        said = [Message("staff.top", {**values, "rank": int(self.rows["log_rank"][top]), "share": float(share[top])})]
        if slow == top:
            return [*said, Message("staff.agree")]
        key = "staff.slow" if named[slow] else "staff.unnamed"
        return [*said, Message(key, {"step": str(step[slow]), "share": float(share[slow]), "n": int(named[slow])})]


def staff_ranking(log: Log, *, clock: Clock = CALENDAR_TIME) -> StaffRanking:
    """Rows of the spec's `voice:` table whose kind is "staff" and that name a step, beside `bottlenecks`.

    They need no case. Staff are not named: rows of one person cannot be told from those of several.
    """
    here = in_memory(log)
    said = voices(here)
    counted = ~from_people(said) & (said.step >= 0)
    if not counted.any():
        raise LogError(
            'No row of the table of contacts is of the kind "staff" with a step of this log. Add a row for each step that '
            "somebody names as slow: date, step, kind = staff (no case is needed)."
        )
    size = len(here.about.activities)
    places = bottlenecks(here, clock=clock).rows
    before = np.flatnonzero(places["kind"] == BEFORE)
    codes = np.array([here.about.activities.index(one) for one in places["step"][before]], np.int64)
    parts = {name: np.full(size, empty) for name, empty in (("share", 0.0), ("low", np.nan), ("high", np.nan))}
    for name, column in parts.items():
        column[codes] = places[name][before]
    named = np.bincount(said.step[counted], minlength=size)
    ranks = {
        "staff_rank": np.where(named > 0, _ranks(named.astype(np.float64)), 0),
        "log_rank": _ranks(parts["share"]),
    }
    rows = {"step": np.array(here.about.activities, object), "named": named, **ranks, **parts}
    order = np.lexsort((-parts["share"], -named))
    return StaffRanking({name: column[order] for name, column in rows.items()}, here.about, True, {"clock": clock})


def _ranks(value: NDArray[np.float64]) -> NDArray[np.int64]:
    """1 for the largest; equal ones share the first of their places."""
    ranks: NDArray[np.int64] = 1 + (value[None, :] > value[:, None]).sum(axis=1)
    return ranks
