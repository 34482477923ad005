"""Times in a column: how they are written, decided over the whole column and never guessed, and the moments they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import to_wall
from procmine.kernels.flow import Ints
from procmine.load.arrays import flags, is_empty, numbers, scalar
from procmine.load.columns import mask
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

Flags = NDArray[np.bool_]
MISSING = int(np.iinfo(np.int64).min)  # times before 1970 are negative, so no ordinary number can stand for "none"
SECOND, DAY = 1_000_000, 86_400_000_000
SERIAL_ZERO = -25_569  # 1899-12-30, day 0 of a spreadsheet, in days since 1970

CLOCK = (
    r"(?:(?:[Tt]|,?\s+)(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?:\s*(?P<p>[AaPp])\.?[Mm]\.?)?(?:\s*(?P<z>Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?\s*$"
)
YEAR_FIRST = r"^\s*(?P<Y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + CLOCK
YEAR_LAST = r"^\s*(?P<i>\d{1,2})(?P<s>[-/.])(?P<j>\d{1,2})[-/.](?P<Y>\d{4})" + CLOCK
DIGITS = r"^\s*(?P<Y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})(?P<z>Z)?)?\s*$"
NUMBER = r"^\s*(?P<n>\d+(?:\.\d+)?)\s*$"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DIRECTIVES = {
    "%Y": r"(?P<Y>\d{4})",
    "%y": r"(?P<y>\d{2})",
    "%m": r"(?P<m>\d{1,2})",
    "%d": r"(?P<d>\d{1,2})",
    "%b": r"(?P<b>[A-Za-z]{3})",
    "%B": r"(?P<b>[A-Za-z]{3,9})",
    "%H": r"(?P<H>\d{1,2})",
    "%I": r"(?P<H>\d{1,2})",
    "%M": r"(?P<M>\d{2})",
    "%S": r"(?P<S>\d{2})",
    "%f": r"(?P<f>\d{1,9})",
    "%p": r"(?P<p>[AaPp])\.?[Mm]\.?",
    "%z": r"(?P<z>Z|[+-]\d{2}(?::?\d{2})?)",
    "%%": "%",
}


def _shift_of(written: str) -> int:
    """Microseconds east of UTC of Z, UTC, +02:00, +0200 or +02."""
    found = re.fullmatch(r"([+-])(\d{2}):?(\d{2})?", written)
    if not found:
        return 0
    minutes = 60 * int(found[2]) + int(found[3] or 0)
    return (-1 if found[1] == "-" else 1) * minutes * 60 * SECOND


def _month_of(word: str) -> int:
    return MONTHS.index(word[:3].lower()) + 1 if word[:3].lower() in MONTHS else 0


WORDS: Mapping[str, Callable[[str], int]] = {
    "s": lambda mark: int(mark == "."),
    "p": lambda half: int(half.lower() == "p"),
    "z": _shift_of,
    "b": _month_of,
}


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


def read_times(column: pa.ChunkedArray, name: str, *, dates: str | None, serials: bool, show: bool) -> Moments:
    """The moments of a column of times, dates or text.

    `dates` as in Columns. Text without it is read as ISO 8601, or as day/month/year or month/day/year if the column
    proves which; a column that proves nothing, or both, is refused. `serials` takes plain numbers as spreadsheet days.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind) and pa.types.is_timestamp(kind.value_type):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _typed(column, name)
    if not pa.types.is_dictionary(kind):
        text = column.cast(pa.string())
        quick = _iso(text) if dates in (None, "iso") else None
        if quick is not None:
            return _whole(quick, name)
        column = text.dictionary_encode()
    column = column.unify_dictionaries().combine_chunks()
    levels = column.dictionary.cast(pa.string())
    codes, none = numbers(column.indices.cast(pa.int64()))
    parsed = _parsed(levels, name, dates, serials, show)
    codes[none] = len(levels)  # one place more, for what is missing
    moments = _gather(parsed, codes)
    return _refuse_half(moments, column, name, show)


@dataclass(frozen=True, eq=False)
class _Parsed:
    """Distinct values: wall-clock (or UTC where `shift` was written), and what each is."""

    wall: Ints
    shift: Ints
    zoned: Flags
    dated: Flags
    empty: Flags
    reading: Message


def _typed(column: pa.ChunkedArray, name: str) -> Moments:
    """A column that holds times or dates already."""
    import pyarrow as pa

    dated = pa.types.is_date(column.type)
    zone = getattr(column.type, "tz", None)
    unit = "s" if dated else column.type.unit
    whole = column.cast(pa.timestamp(unit)) if dated else column
    time, none = numbers(whole.combine_chunks().cast(pa.int64()))
    if unit != "us":
        time = time // 1_000 if unit == "ns" else time * {"s": SECOND, "ms": 1_000}[unit]
    time[none] = MISSING
    nothing = np.zeros(len(time), bool)

    def shift() -> Ints:
        there = np.where(none, 0, time)
        return to_wall(there, str(zone)) - there

    return Moments(
        time, np.full(len(time), zone is not None), ~none & dated, nothing, shift, _said("load.dates.typed", name)
    )


def _iso(text: pa.ChunkedArray) -> Moments | None:
    """Columns that are ISO 8601 throughout, all with or all without an offset: Arrow reads them at once, or not at all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for zone in (None, "UTC"):
        for unit in ("us", "ns"):
            try:
                read = text.cast(pa.timestamp(unit, zone))
            except pa.ArrowInvalid:
                continue
            moments = _typed(read, "")
            dates = np.zeros(len(moments.time), bool)
            if zone is None and len(dates) and pc.min(pc.binary_length(text)).as_py() == 10:
                lengths, none = numbers(pc.binary_length(text).combine_chunks().cast(pa.int64()))
                dates = (lengths == 10) & ~none
            return Moments(
                moments.time, moments.zoned, dates, moments.unreadable, lambda: _written(text), moments.reading
            )
    return None


def _whole(moments: Moments, name: str) -> Moments:
    return Moments(
        moments.time, moments.zoned, moments.dated, moments.unreadable, moments.shift, _said("load.dates.iso", name)
    )


def _written(text: pa.ChunkedArray) -> Ints:
    """The offsets at the end of ISO texts: few differ, so only those are read."""
    import pyarrow.compute as pc

    ends = pc.utf8_slice_codeunits(text, -6, 2**31 - 1).dictionary_encode().combine_chunks()
    shift = np.array([_shift_of(re.sub(r"^.*?(?=Z$|[+-]\d\d:?\d*$)", "", end)) for end in ends.dictionary.to_pylist()])
    codes, none = numbers(ends.indices.cast("int64"))
    codes[none] = len(shift)
    return np.append(shift, 0).astype(np.int64)[codes]


def _gather(parsed: _Parsed, codes: Ints) -> Moments:
    """From distinct values to rows."""
    empty = np.append(parsed.empty, True)[codes]
    bad = np.append(parsed.wall == MISSING, True)[codes]
    zoned = np.append(parsed.zoned, False)[codes] & ~bad
    shift = np.where(zoned, np.append(parsed.shift, 0)[codes], 0)
    wall = np.append(parsed.wall, MISSING)[codes]
    time = np.where(bad, MISSING, wall - shift)
    dated = np.append(parsed.dated, False)[codes] & ~bad
    return Moments(time, zoned, dated, bad & ~empty, lambda: shift, parsed.reading)


def _refuse_half(moments: Moments, column: pa.DictionaryArray, name: str, show: bool) -> Moments:
    """A column of which most cannot be read is not a column of times, or its format must be told."""
    bad, good = int(moments.unreadable.sum()), int((moments.time != MISSING).sum())
    if bad <= good:
        return moments
    first = int(np.argmax(moments.unreadable))
    value = str(column[first].as_py())
    digits = re.fullmatch(NUMBER, value)
    hint = ' Numbers are read with dates="excel", "unix" or "unix_ms".' if digits else ""
    raise LogError(
        f"Column {name!r}: {bad:,} of {bad + good:,} values are not times that can be read; the first is "
        f"{mask(value, show)} in row {first + 1:,} of the data. If it holds times, say how they are written: "
        f'Columns(dates="%d/%m/%Y %H:%M").{hint}'
    )


def _parsed(levels: pa.Array, name: str, dates: str | None, serials: bool, show: bool) -> _Parsed:
    """How the distinct values are written, and what they say."""
    if dates in ("excel", "unix", "unix_ms"):
        return _numbered(levels, name, dates)
    if dates not in (None, "iso"):
        told = _moments(levels, [_fields(levels, format_pattern(dates))], _said("load.dates.given", name, format=dates))
        if np.any(told.wall != MISSING):
            return told
        dates = "iso"  # another column may be meant: ISO needs no telling
    found = [_fields(levels, YEAR_FIRST), _fields(levels, DIGITS)]
    if dates == "iso":
        return _moments(levels, found, _said("load.dates.iso", name))
    last = _fields(levels, YEAR_LAST)
    reading = _said("load.dates.iso", name)
    if last["there"].any():
        first, reading = _day_or_month(last, levels, name)
        last["d"], last["m"] = (last["i"], last["j"]) if first == "day" else (last["j"], last["i"])
        found.append(last)
    parsed = _moments(levels, found, reading)
    return _with_serials(parsed, levels, name) if serials else parsed


def _day_or_month(fields: Mapping[str, Ints], levels: pa.Array, name: str) -> tuple[str, Message]:
    """Whether 03/04/2026 is 3 April or 4 March: only the column can tell, by a number above 12."""
    one, two, there = fields["i"], fields["j"], fields["there"].astype(bool)
    day = np.flatnonzero(there & (one > 12) & (two <= 12))
    month = np.flatnonzero(there & (two > 12) & (one <= 12))
    either = np.flatnonzero(there & (one <= 12) & (two <= 12) & (one != two))
    if len(day) and len(month):
        raise LogError(
            f"Column {name!r}: {len(day):,} different values can only be day/month/year (the first is "
            f"{levels[int(day[0])]}) and {len(month):,} only month/day/year ({levels[int(month[0])]}). Say which is "
            f"right, and the others are set aside: {_paste(levels[int(day[0])].as_py(), '%d', '%m')} or "
            f"{_paste(levels[int(month[0])].as_py(), '%m', '%d')}."
        )
    if len(month):
        return "month", _said("load.dates.month_first", name, n=len(month), example=str(levels[int(month[0])]))
    if len(day):
        return "day", _said("load.dates.day_first", name, n=len(day), example=str(levels[int(day[0])]))
    dotted = set(fields["s"][either].tolist()) == {1}
    if not len(either) or dotted:
        return "day", _said("load.dates.dotted" if dotted else "load.dates.same", name)
    value = max(
        (levels[int(place)].as_py() for place in either[:1_000]), key=len
    )  # with its time of day, if any has one
    place = next(int(one) for one in either if levels[int(one)].as_py() == value)
    a, b, year = (int(fields[part][place]) for part in ("i", "j", "Y"))
    raise LogError(
        f"Column {name!r}: {value} may be {a} {_month(b)} {year} or {b} {_month(a)} {year}, and no value in the column "
        f"tells which ({len(either):,} different values read both ways). Ask who made the file, then say "
        f"{_paste(value, '%d', '%m')} or {_paste(value, '%m', '%d')}."
    )


def _month(number: int) -> str:
    return MONTHS[number - 1].capitalize()


def _paste(value: str, first: str, second: str) -> str:
    """The line that fixes the format of a value like 03/04/2026 14:05."""
    mark = next(one for one in value if one in "-/.")
    date = f"{first}{mark}{second}{mark}%Y"
    clock = re.search(r"(,?\s+|T)\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?(\s*[AaPp]\.?[Mm])?", value)
    if clock:
        hour, blank = ("%I" if clock[4] else "%H"), re.sub(r"\s+", " ", clock[1])
        date += f"{blank}{hour}:%M" + (":%S" if clock[2] else "") + (f"{clock[3][0]}%f" if clock[3] else "")
        date += re.sub(r"\S+", "%p", clock[4]) if clock[4] else ""
    return f'Columns(dates="{date}")'


def format_pattern(dates: str) -> str:
    """A strptime format as a pattern; what follows the date may be absent, which makes the value a date only."""
    unknown = [one for one in re.findall("%.", dates) if one not in DIRECTIVES]
    if unknown or not re.search("%[Yy]", dates) or not re.search("%[mbB]", dates) or "%d" not in dates:
        raise ValueError(
            f"dates={dates!r} is not a format that can be read: it needs a year, a month and a day (like %d/%m/%Y), and "
            f'may have {", ".join(DIRECTIVES)}; or "iso", "excel", "unix", "unix_ms".'
        )
    parts = [DIRECTIVES.get(one) or _literal(one) for one in re.findall(r"%.|\s+|[^%\s]+", dates)]
    tokens = re.findall(r"%.|\s+|[^%\s]+", dates)
    last = max(place for place, one in enumerate(tokens) if one in ("%Y", "%y", "%m", "%d", "%b", "%B"))
    rest = "".join(parts[last + 1 :])
    return r"^\s*" + "".join(parts[: last + 1]) + (f"(?:{rest})?" if rest else "") + r"\s*$"


def _literal(text: str) -> str:
    return r"\s+" if text.isspace() else re.escape(text)


def _fields(levels: pa.Array, pattern: str) -> dict[str, Ints]:
    """The parts of the values that match, as numbers; `there` says which do."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(levels, pattern)
    fields = {"there": flags(found.is_valid()).astype(np.int64)}
    nothing, zero = scalar(""), scalar("0")
    for place, field in enumerate(found.type):
        text = pc.if_else(pc.is_valid(found), found.field(place), nothing)
        empty = is_empty(text)
        fields[field.name + "?"] = (~empty).astype(np.int64)
        if field.name in WORDS:
            fields[field.name] = _worded(text, WORDS[field.name])
        else:
            text = pc.utf8_slice_codeunits(pc.utf8_rpad(text, 6, "0"), 0, 6) if field.name == "f" else text
            fields[field.name], _ = numbers(pc.if_else(pc.equal(text, nothing), zero, text).cast(pa.int64()))
    return fields


def _worded(text: pa.StringArray, meaning: Callable[[str], int]) -> Ints:
    """Parts that are words; few differ, so only those are read."""
    coded = text.dictionary_encode()
    value = [meaning(word) for word in coded.dictionary.to_pylist()]
    codes, _ = numbers(coded.indices.cast("int64"))
    return np.array([*value, 0], np.int64)[codes]


def _moments(levels: pa.Array, found: list[dict[str, Ints]], reading: Message) -> _Parsed:
    """Microseconds of the values that match one of the forms, MISSING for those that match none or are no date."""
    import pyarrow.compute as pc

    size = len(levels)
    wall, shift = np.full(size, MISSING), np.zeros(size, np.int64)
    zoned, dated = np.zeros(size, bool), np.zeros(size, bool)
    for fields in found:
        none = np.zeros(size, np.int64)
        time = _microseconds(fields, none)
        here = (time != MISSING) & (wall == MISSING)
        wall[here] = time[here]
        shift[here] = fields.get("z", none)[here]
        zoned[here] = fields.get("z?", none)[here] > 0
        dated[here] = fields.get("H?", none)[here] == 0
    return _Parsed(wall, shift, zoned, dated, is_empty(pc.utf8_trim_whitespace(levels)), reading)


def _microseconds(fields: Mapping[str, Ints], none: Ints) -> Ints:
    year = fields["Y"] if "Y" in fields else fields["y"] + np.where(fields["y"] < 69, 2000, 1900)
    month, day = fields["b" if "b" in fields else "m"], fields["d"]
    hour, minute, second = (fields.get(part, none) for part in "HMS")
    half = fields.get("p?", none) > 0
    good = (fields["there"] > 0) & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    good &= np.where(half, (hour >= 1) & (hour <= 12), hour <= 23) & (minute <= 59) & (second <= 59)
    good &= np.abs(fields.get("z", none)) <= 14 * 3_600 * SECOND
    hour = np.where(half, hour % 12 + 12 * fields.get("p", none), hour)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    days = months.astype("M8[D]").astype(np.int64) + day - 1
    good &= days < (months + 1).astype("M8[D]").astype(np.int64)
    clock = ((hour * 60 + minute) * 60 + second) * SECOND + fields.get("f", none)
    return np.where(good, days * DAY + clock, MISSING)


def _numbered(levels: pa.Array, name: str, dates: str) -> _Parsed:
    """Numbers that count days since 1899-12-30, or seconds or milliseconds since 1970 (UTC)."""
    import pyarrow.compute as pc

    matched = flags(pc.match_substring_regex(levels, NUMBER))
    value = np.array([float(one) if there else 0.0 for one, there in zip(levels.to_pylist(), matched)], np.float64)
    if dates == "excel":
        time = np.round((value + SERIAL_ZERO) * 86_400_000).astype(np.int64) * 1_000
    else:
        time = np.round(value * (SECOND if dates == "unix" else 1_000)).astype(np.int64)
    zoned = matched & (dates != "excel")
    whole = matched & (dates == "excel") & (value % 1 == 0)
    empty = is_empty(pc.utf8_trim_whitespace(levels))
    reading = _said("load.dates.given", name, format=dates)
    return _Parsed(np.where(matched, time, MISSING), np.zeros(len(time), np.int64), zoned, whole, empty, reading)


def _with_serials(parsed: _Parsed, levels: pa.Array, name: str) -> _Parsed:
    """Cells of a spreadsheet that hold a day's number instead of a date: 1930 to 2119 are believed."""
    serial = _numbered(levels, name, "excel")
    here = (parsed.wall == MISSING) & (serial.wall >= -40 * 366 * DAY) & (serial.wall < 150 * 365 * DAY)
    if not here.any():
        return parsed
    wall, dated = np.where(here, serial.wall, parsed.wall), np.where(here, serial.dated, parsed.dated)
    reading = _said("load.dates.serial", name, n=int(here.sum()))
    return _Parsed(wall, parsed.shift, parsed.zoned, dated, parsed.empty, reading)


def _said(key: str, column: str, **values: str | int) -> Message:
    return Message(key, {"column": column, **values})
