"""Several logs as one: of different cases, or of the same cases as they stood at different times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.arrow import as_arrow, as_text
from procmine.kernels.flow import Ints
from procmine.log import EventLog, Text

if TYPE_CHECKING:
    import pyarrow as pa


def together(logs: Sequence[EventLog]) -> EventLog:
    """The cases of the first log, then those of the next; with the first's `about`. No two have a case in common."""
    import pyarrow as pa

    if len(logs) == 1:
        return logs[0]
    length = np.concatenate([np.diff(log.offset) for log in logs])
    names = pa.concat_arrays([names_of(log) for log in logs])
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(log, name) for log in logs])
        for name in ("activity", "time", "arrival", "until", "open")
    }
    for name, of in (("start", _starts), ("dated", _dated), ("last", _last)):
        there = any(getattr(log, name) is not None for log in logs)
        joined[name] = np.concatenate([of(log) for log in logs]) if there else None
    for kind in ("attributes", "event_attributes"):
        texts = [getattr(log, kind) for log in logs]
        joined[kind] = {name: joined_text([one[name] for one in texts]) for name in texts[0]}
    offset = np.concatenate(([0], np.cumsum(length)))
    case = Text(np.arange(len(names), dtype=np.int32), names)
    return replace(logs[0], offset=offset, case=case, origin=None, voice=None, **joined)


def newest(logs: Sequence[EventLog]) -> EventLog:
    """Each case as the last of these logs that has it knows it."""
    from pyarrow import compute

    kept: list[EventLog] = []
    later: pa.Array | None = None
    for log in reversed(logs):
        names = names_of(log)
        if later is not None and len(later):
            old = np.asarray(compute.is_in(names, value_set=later).to_numpy(zero_copy_only=False), bool)
            log = log.take(np.flatnonzero(~old)) if old.any() else log
        kept.append(log)
        later = names if later is None else _concatenated(later, names)
    return together(kept[::-1])


def names_of(log: EventLog) -> pa.Array:
    """The names of the cases, in their order."""
    import pyarrow as pa

    codes = log.case.codes
    whole = len(codes) == len(log.case.levels) and np.array_equal(codes, np.arange(len(codes)))
    return log.case.levels if whole else log.case.levels.take(pa.array(codes))


def joined_text(texts: Sequence[Text]) -> Text:
    """One after the other, with the levels of all."""
    import pyarrow as pa

    return as_text(pa.chunked_array([as_arrow(one) for one in texts]).unify_dictionaries())


def _concatenated(one: pa.Array, two: pa.Array) -> pa.Array:
    import pyarrow as pa

    return pa.concat_arrays([one, two])


def _starts(log: EventLog) -> Ints:
    return log.time if log.start is None else log.start


def _dated(log: EventLog) -> NDArray[np.bool_]:
    return np.zeros(len(log.time), bool) if log.dated is None else log.dated


def _last(log: EventLog) -> Ints:
    return log.last_seen
