"""Several logs as one: of different cases, or of the same cases as they stood at different times."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.arrow import as_arrow, as_text
from procmine.kernels.flow import Ints, cases_of
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


def nothing(rows: int) -> Text:
    """An attribute of which every value is missing."""
    import pyarrow as pa

    return Text(np.full(rows, -1, np.int32), pa.array([], pa.string()))


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


def continued(
    old: EventLog, new: EventLog, *, replaced_by: str | None = None, partly: Collection[str] = ()
) -> EventLog:
    """The cases of `new` with the events of both; `old` holds such of them as were known before.

    A row of `new` that equals one that is known is dropped; of attributes that exports had only `partly`, a value that is
    missing equals any. With `replaced_by`, an attribute of events, a known row of the
    case that has the same value there gives way. An attribute of a case keeps the value that was known. Events of one
    moment: those known before come first. `arrival` is the earlier one; `until` and `open` are those of `new`.
    """
    case = np.concatenate((_place_in(old, new), cases_of(new.offset)))
    both = {"activity": np.concatenate((old.activity.astype(np.uint32), new.activity))}
    both["time"] = np.concatenate((old.time, new.time))
    for name, of in (("start", _starts), ("dated", _dated)):
        if old.__dict__[name] is not None or new.__dict__[name] is not None:
            both[name] = np.concatenate((of(old), of(new)))
    before = nothing(len(old.time))
    texts = {
        name: joined_text([old.event_attributes.get(name, before), one]) for name, one in new.event_attributes.items()
    }
    exact = [*both.values(), *(one.codes for name, one in texts.items() if name not in partly)]
    kept = _kept(case, len(old.time), exact, [one.codes for name, one in texts.items() if name in partly])
    if replaced_by is not None:
        kept = _numbered(case, len(old.time), texts[replaced_by].codes, kept)
    order = np.lexsort((both["time"], case))
    order = order[kept[order]]
    width = max(old.activity.dtype, new.activity.dtype, key=lambda one: one.itemsize)
    events: dict[str, Any] = {name: column[order] for name, column in both.items()}
    events["activity"] = events["activity"].astype(width)
    offset = np.searchsorted(case[order], np.arange(len(new) + 1))
    taken = {name: one.take(order) for name, one in texts.items()}
    cases = _known_first(old, new)
    return replace(new, offset=offset, event_attributes=taken, origin=None, **events, **cases)


def _place_in(old: EventLog, new: EventLog) -> Ints:
    """Per event of `old`: the number of its case in `new`."""
    return cases_of(old.offset) if not len(old) else numbers_in(old, new)[cases_of(old.offset)]


def numbers_in(old: EventLog, new: EventLog) -> Ints:
    """Per case of `old`: its number in `new`."""
    from pyarrow import compute

    places = compute.index_in(names_of(old), value_set=names_of(new))
    return np.asarray(places.to_numpy(zero_copy_only=False)).astype(np.int64)


def _kept(
    case: Ints, known: int, columns: Sequence[NDArray[Any]], partly: Sequence[NDArray[np.int32]]
) -> NDArray[np.bool_]:
    """All rows but those that equal one of the first, which are known; a code of -1 in `partly` equals any."""
    kept, row = np.ones(len(case), bool), _rows(case, columns)
    lacking = [codes < 0 for codes in partly]
    kind = _rows(np.zeros(len(case), np.int64), lacking)  # which of them a row lacks
    before, after = (np.unique(some, return_index=True) for some in (kind[:known], kind[known:]))
    for (one, first), (two, second) in product(zip(*before), zip(*after)):
        both = [codes for codes, none in zip(partly, lacking) if not (none[first] or none[known + second])]
        here = _rows(row, both)
        again = (kind[known:] == two) & np.isin(here[known:], here[:known][kind[:known] == one])
        kept[known:] &= ~again
    return kept


def _numbered(case: Ints, known: int, number: NDArray[np.int32], kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The same, but of rows with a number the new ones, and none that is known with a number of a new one."""
    row, there = _rows(case, [number]), number >= 0
    kept = kept.copy()
    kept[known:] |= there[known:]
    kept[:known] &= ~there[:known] | ~np.isin(row[:known], row[known:])
    return kept


def _rows(case: Ints, columns: Sequence[NDArray[Any]]) -> Ints:
    """A number for each row, the same for those that are equal in all columns."""
    number = case
    for column in columns:
        values, codes = np.unique(column, return_inverse=True)
        number = np.unique(number * (len(values) + 1) + codes, return_inverse=True)[1]
    return number


def _known_first(old: EventLog, new: EventLog) -> dict[str, Any]:
    """The columns of cases: an attribute's value is the one known before, if there is one."""
    place, arrival, texts = numbers_in(old, new), new.arrival.copy(), {}
    arrival[place] = np.minimum(arrival[place], old.arrival)
    for name, text in new.attributes.items():
        joined = joined_text([old.attributes.get(name, nothing(len(old))), text])
        before, codes = joined.codes[: len(old)], joined.codes[len(old) :].copy()
        codes[place] = np.where(before >= 0, before, codes[place])
        texts[name] = Text(codes, joined.levels)
    return {"arrival": arrival, "attributes": texts}
