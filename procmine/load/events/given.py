"""What a user said of a log, the log that came of it, and why rows are not in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import Audience
from procmine.load.columns import Columns
from procmine.load.events.watch import Ends
from procmine.log import EventLog
from procmine.words import Message

# Why a row is not an event of its own; the first that holds counts.
REASONS = (
    "kept",
    "ragged",
    "no_case",
    "no_activity",
    "no_time",
    "unreadable_time",
    "unreadable_start",
    "joined",
    "in_progress",
    "lifecycle",
    "start_after_end",
    "after_cutoff",
    "far_before",
    "duplicate",
    "not_a_date",
    "near_duplicate",
    "same_form",
    "left_out",
    "step_left_out",
)
SHOWN = 5  # rows set aside that a note names, of each reason
WHY = {reason: code for code, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Given:
    """What a user said about a log, as arguments or in its spec; None and empty: not said."""

    columns: Columns = field(default_factory=Columns)
    cutoff: str | None = None
    ends: Ends = None
    first_steps: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zone: str | None = None
    complete_from: str | None = None
    dormant_after_days: float | None = None
    persons: Sequence[str] = ()
    by_date: Sequence[str] = ()
    same_moment: Sequence[str] = ()
    not_dates: Sequence[str] = ()
    near_duplicates: float | None = None  # minutes
    forms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    leave_out: Sequence[str] = ()  # steps
    left_out: Collection[tuple[str, int]] = ()  # file and number of rows that somebody left out by hand
    carried: Mapping[str, Any] = field(default_factory=dict)  # calendars and the like, straight into About
    history: tuple[Message, ...] = ()
    title: str = ""
    audience: Audience = "team"
    source: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, eq=False)
class Loaded:
    """A log, and per row of the table why it is not in it (a place in REASONS)."""

    log: EventLog
    why: NDArray[np.uint8]


def put_out(why: NDArray[np.uint8], which: NDArray[np.bool_], reason: str) -> None:
    """Give rows a reason, unless they have one."""
    why[which & (why == 0)] = WHY[reason]
