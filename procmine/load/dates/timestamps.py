"""Times in a column: how they are written, decided over the whole column and never guessed, and the moments they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfoNotFoundError

import numpy as np

from procmine.clocks import to_wall
from procmine.kernels.flow import Ints
from procmine.load.arrays import Flags, numbers, scalar, strings, whole_numbers
from procmine.load.dates.fields import DAY, FIRST, LAST, MISSING, SECOND, shift_of
from procmine.load.dates.forms import ISO, Form, Parsed, Written, beside, read_forms
from procmine.load.dates.told import UNITS, as_numbers, format_pattern, told_format, told_numbers, with_serials
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DAY", "MISSING", "SECOND", "Moments", "canonical", "format_pattern", "iso_text", "read_times"]
PROBE = 64  # values that show whether the rest is worth reading at once


@dataclass(frozen=True, eq=False)
class Moments:
    """The times of a column, one a row: UTC microseconds where `zoned`, else wall-clock; MISSING where there is none.

    `dated`: only a date was written. `unreadable`: something was written that is not a time. `shift`: microseconds east
    of UTC as written, made when asked for. `reading`: how the column was read, in words.
    """

    time: Ints
    zoned: Flags
    dated: Flags
    unreadable: Flags
    shift: Callable[[], Ints]
    reading: Message

    def wall(self, zone: str | None) -> Ints:
        """Wall-clock microseconds: in `zone`, else as written."""
        there = self.zoned & (self.time != MISSING)
        if not there.any():
            return self.time
        wall = self.time.copy()
        wall[there] = to_wall(self.time[there], zone) if zone else (self.time + self.shift())[there]
        return wall


def read_times(
    column: pa.ChunkedArray,
    name: str,
    *,
    dates: str | None,
    serials: bool,
    show: bool,
    forms: Sequence[Form] | None = None,
) -> Moments:
    """The moments of a column of times, dates or text.

    `dates` as in Columns. Text without it is read in every form whose order of day, month and year the column proves;
    where it proves nothing, or two things, the column is refused. `serials` takes plain numbers as spreadsheet days.
    Times outside the years 1 to 9999 cannot be read. `forms`: this is a part of a column that proved these (see
    `dates.parts`); none: that is written as told.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind) and not pa.types.is_string(kind.value_type):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return typed_moments(column, name)
    if not pa.types.is_dictionary(kind):
        text = as_texts(column, name)
        quick = iso_moments(text) if dates in (None, "iso") and forms is None else None
        if quick is not None:
            return replace(quick, reading=_said("load.dates.iso", name))
        column = text.dictionary_encode()
    written = written_in(column, name, show)
    if forms is not None:
        return _gather(read_forms(written, forms) if forms else read_told(written, str(dates)), written.codes)
    moments = _gather(_parsed(written, dates, serials), written.codes)
    return _refuse_half(moments, written, dates)


def written_in(column: pa.ChunkedArray, name: str, show: bool) -> Written:
    """The different values of a column of texts with a dictionary, and which row has which."""
    import pyarrow as pa

    whole = column.unify_dictionaries().combine_chunks()
    codes, none = numbers(whole.indices.cast(pa.int64()))
    codes[none] = -1
    return Written(name, whole.dictionary.cast(pa.string()), codes, show)


def canonical(
    column: pa.ChunkedArray, name: str, *, dates: str | None, serials: bool, show: bool
) -> tuple[pa.ChunkedArray, Message]:
    """The column as ISO text, so that it can stand under or beside another, and how it was read. See `iso_text`."""
    moments = read_times(column, name, dates=dates, serials=serials, show=show)
    return iso_text(moments, column), moments.reading


def iso_text(moments: Moments, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """2026-03-04 where only a date was written, 2026-03-04 14:05:07, or 2026-03-04 14:05:07+02:00 with the offset written.

    What could not be read stays as it is in `column`; nothing stays nothing. Read again with dates="iso".
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    there = moments.time != MISSING
    wall = moments.wall(None)
    unit, size = ("us", 1) if np.any(wall[there] % SECOND) else ("s", SECOND)
    text = whole_numbers(np.where(there, wall // size, 0)).cast(pa.timestamp(unit)).cast(pa.string())
    if moments.dated.any():
        text = pc.if_else(_mask(moments.dated), pc.utf8_slice_codeunits(text, 0, 10), text)
    if moments.zoned.any():
        text = pc.binary_join_element_wise(
            text, _offsets(np.where(moments.zoned, moments.shift(), MISSING)), scalar("")
        )
    if not there.all():
        kept = as_texts(column, "").combine_chunks() if moments.unreadable.any() else pa.nulls(len(there), pa.string())
        text = pc.if_else(_mask(there), text, pc.if_else(_mask(moments.unreadable), kept, None))
    return pa.chunked_array([text])


def _offsets(shift: Ints) -> pa.StringArray:
    """+02:00 and the like, empty where MISSING."""
    different, place = np.unique(shift, return_inverse=True)
    minutes = np.abs(different) // (60 * SECOND)
    said = [
        "" if one == MISSING else f"{'-' if one < 0 else '+'}{minute // 60:02}:{minute % 60:02}"
        for one, minute in zip(different.tolist(), minutes.tolist(), strict=True)
    ]
    return strings(said).take(whole_numbers(place.astype(np.int64)))


def _mask(which: Flags) -> pa.BooleanArray:
    import pyarrow as pa

    return whole_numbers(which.astype(np.int64)).cast(pa.bool_())


def as_texts(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """The values as text, numbers as people write them; LogError for lists and the like."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        if pa.types.is_floating(column.type) and pc.all(pc.equal(pc.floor(column), column)).as_py():
            column = column.cast(pa.int64())
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise LogError(
            f"Column {name!r} holds {column.type}, which are not times. Name the column of times: Columns(timestamp=...)."
        ) from error


def typed_moments(column: pa.ChunkedArray, name: str) -> Moments:
    """A column that holds times or dates already."""
    import pyarrow as pa

    dated = pa.types.is_date(column.type)
    zone = getattr(column.type, "tz", None)
    unit = "s" if dated else column.type.unit
    whole = column.cast(pa.timestamp(unit)) if dated else column
    time, none = numbers(whole.combine_chunks().cast(pa.int64()))
    size = {"s": SECOND, "ms": 1_000, "us": 1}.get(unit, 1)
    per = 1_000 if unit == "ns" else 1
    out, missing = np.zeros(len(time), bool), none
    if len(time) and (time.min() < FIRST // size * per or time.max() > LAST // size * per):
        out = ((time < FIRST // size * per) | (time > LAST // size * per)) & ~none
        missing = none | out
        time[missing] = 0
    if unit != "us":
        time = time // 1_000 if unit == "ns" else time * size
    if column.null_count or missing is not none:
        time[missing] = MISSING

    def shift() -> Ints:
        return _shift_in(str(zone), np.where(missing, 0, time), name)

    zoned = np.full(len(time), zone is not None)
    return Moments(
        time, zoned, ~missing if dated else np.zeros(len(time), bool), out, shift, _said("load.dates.typed", name)
    )


def _shift_in(zone: str, time: Ints, name: str) -> Ints:
    """Microseconds east of UTC in a zone that may be an offset (+02:00)."""
    if re.fullmatch(r"[+-]\d{2}:?\d{2}", zone):
        return np.full(len(time), shift_of(zone))
    try:
        return to_wall(time, zone) - time
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise LogError(f"Column {name!r} is in a time zone that is not known: {zone!r}. Store it in UTC.") from error


def iso_moments(text: pa.ChunkedArray) -> Moments | None:
    """Columns that are ISO 8601 throughout, all with or all without an offset: Arrow reads them at once, or not at all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    head = text.slice(0, PROBE)  # an error costs Arrow more than reading, and most columns show theirs at once
    for zone in (None, "UTC"):
        for unit in ("us", "ns"):
            try:
                head.cast(pa.timestamp(unit, zone))
                read = text.cast(pa.timestamp(unit, zone))
            except pa.ArrowInvalid:
                continue
            moments = typed_moments(read, "")
            dates = np.zeros(len(moments.time), bool)
            if zone is None and len(dates) and pc.min(pc.binary_length(text)).as_py() == 10:
                lengths, none = numbers(pc.binary_length(text).combine_chunks().cast(pa.int64()))
                dates = (lengths == 10) & ~none
            return replace(moments, dated=dates & ~moments.unreadable, shift=lambda: _written(text))
    return None


def _written(text: pa.ChunkedArray) -> Ints:
    """The offsets at the end of ISO texts: few differ, so only those are read."""
    import pyarrow.compute as pc

    ends = pc.utf8_slice_codeunits(text, -6, 2**31 - 1).dictionary_encode().combine_chunks()
    shift = np.array([shift_of(re.sub(r"^.*?(?=Z$|[+-]\d\d:?\d*$)", "", end)) for end in ends.dictionary.to_pylist()])
    codes, none = numbers(ends.indices.cast("int64"))
    codes[none] = len(shift)
    return np.append(shift, 0).astype(np.int64)[codes]


def _gather(parsed: Parsed, codes: Ints) -> Moments:
    """From distinct values to rows; the place -1 is for what is missing."""
    empty = np.append(parsed.empty, True)[codes]
    bad = np.append(parsed.wall == MISSING, True)[codes]
    zoned = np.append(parsed.zoned, False)[codes] & ~bad
    shift = np.where(zoned, np.append(parsed.shift, 0)[codes], 0)
    wall = np.append(parsed.wall, MISSING)[codes]
    time = np.where(bad, MISSING, wall - shift)
    dated = np.append(parsed.dated, False)[codes] & ~bad
    out = ~bad & ((time < FIRST) | (time > LAST))
    return Moments(
        np.where(out, MISSING, time), zoned & ~out, dated & ~out, out | (bad & ~empty), lambda: shift, parsed.reading
    )


def _refuse_half(moments: Moments, written: Written, dates: str | None) -> Moments:
    """A column of which most cannot be read is not a column of times, or its format must be told."""
    bad, good = int(moments.unreadable.sum()), int((moments.time != MISSING).sum())
    if bad <= good:
        return moments
    first = int(np.argmax(moments.unreadable))
    levels = np.unique(written.codes[moments.unreadable])[:10_000]
    hint = as_numbers([written.levels[int(one)].as_py() for one in levels])
    told = f" (dates={dates!r})" if dates else ""
    say = hint or ' If it holds times, say how they are written: Columns(dates="%d/%m/%Y %H:%M").'
    raise LogError(
        f"Column {written.name!r}: {bad:,} of {bad + good:,} values are not times that can be read{told}; the first is "
        f"{written.where(int(written.codes[first]))}.{say}"
    )


def _parsed(written: Written, dates: str | None, serials: bool) -> Parsed:
    """How the distinct values are written, and what they say."""
    if dates is None or dates == "iso":
        parsed = read_forms(written, ISO if dates else None)
        return with_serials(parsed, written) if serials and not dates else parsed
    told = read_told(written, dates)
    if not np.any(told.wall != MISSING):
        return read_forms(written, ISO)  # the format is meant for another column: ISO needs no telling
    if serials and dates not in UNITS and not dates.startswith("%Y"):
        return beside(told, with_serials(read_forms(written, ISO), written))  # text among cells that are dates
    return told


def read_told(written: Written, dates: str) -> Parsed:
    """The values as the user told that they are written."""
    return told_numbers(written, dates) if dates in UNITS else told_format(written, dates)


def _said(key: str, column: str) -> Message:
    return Message(key, {"column": column})
