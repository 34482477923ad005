"""Dates in a format that the user told, as in strptime, and plain numbers: days of spreadsheets, seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import Flags, flags, is_empty, numbers, scalar
from procmine.load.dates.fields import DAY, FIRST, LAST, MISSING, SECOND, Found, Split, clock, fields, fold
from procmine.load.dates.forms import Form, Parsed, Written, assemble, beside, decide
from procmine.load.dates.names import LANGUAGES, fold_word
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

SERIAL_ZERO = -25_569  # 1899-12-30, day 0 of a spreadsheet, in days since 1970
UNITS = {"excel": DAY, "unix": SECOND, "unix_ms": 1_000, "unix_us": 1, "unix_ns": 0}  # microseconds (0: a thousandth)
LIKELY = {5: "excel", 10: "unix", 13: "unix_ms", 16: "unix_us", 19: "unix_ns"}  # by the digits of a number
QUOTED = ", ".join(f'"{one}"' for one in UNITS)
BELIEVED = (-14_641, 54_750)  # days since 1970 that a bare number in a spreadsheet may mean: 1930 to 2119
NUMBER = r"^(?P<minus>-)?(?P<n>\d{1,18}|[1-8]\d{18})(?:[.,](?P<rest>\d*))?$"
OFFSETS = r"z|[+\x{2212}-]\d{2}(?::?\d{2})?"
DIRECTIVES = {
    "%Y": r"(?P<Y>\d{4})",
    "%y": r"(?P<y>\d{2})",
    "%m": r"(?P<m>\d{1,2})",
    "%d": r"(?P<d>\d{1,2})",
    "%b": r"(?P<b>\p{L}+(?: fomhair)?)\.?",
    "%B": r"(?P<b>\p{L}+(?: fomhair)?)\.?",
    "%a": r"[\p{L}' -]+\.?",
    "%A": r"[\p{L}' -]+\.?",
    "%H": r"(?P<H>\d{1,2})",
    "%I": r"(?P<H>\d{1,2})",
    "%M": r"(?P<M>\d{2})",
    "%S": r"(?P<S>\d{2})",
    "%f": r"(?P<f>\d{1,9})",
    "%p": r"(?P<p>\p{L}[\p{L}.]*(?: m\.?)?)",
    "%z": rf"(?P<z>{OFFSETS})",
    "%Z": r"(?P<p>\p{L}+)",
    "%%": "%",
}


def told_format(written: Written, dates: str) -> Parsed:
    """The column as the format says; a value that is written otherwise is no time."""
    pattern, language = format_pattern(dates)
    found = fields(fold(written.levels), pattern)
    year = found.part("Y") if "Y" in found.numbers else found.part("y")
    month = found.part("b" if found.words else "m")
    order = "dy" if found.words else "dmy"
    parts = {"there": found.part("there"), "i": found.part("d"), "j": month, "k": year, "b": month, "tens": year}
    form = Form("told", dates, (order,), "Y" not in found.numbers)
    whole = np.arange(len(written.levels))
    split = Split(written.levels, whole, written.levels, whole)
    reading = decide(form, Found(parts, found.words), split, written, language)
    said = Message("load.dates.given", {"column": written.name, "format": dates})
    return assemble(written, reading.days, clock(found), whole, said)


def format_pattern(dates: str) -> tuple[str, str]:
    """A strptime format as a pattern, and the language in brackets after it ("%d %b %Y [pl]").

    What follows the date may be absent, which makes the value a date only.
    """
    told = re.fullmatch(r"(.*?)(?:\s*\[([a-z]{2})\])?", dates, re.DOTALL)
    form, language = (told[1], told[2] or "") if told else (dates, "")
    _check(dates, form, language)
    tokens = re.findall(r"%.|\s+|[^%\s]+", form)
    parts = [_token(one, form) for one in tokens]
    last = max(place for place, one in enumerate(tokens) if one in ("%Y", "%y", "%m", "%d", "%b", "%B"))
    rest = "".join(parts[last + 1 :])
    return r"^\s*" + "".join(parts[: last + 1]) + (f"(?:{rest})?" if rest else "") + r"\s*$", language


def _check(dates: str, form: str, language: str) -> None:
    """ValueError for a format that does not say a day, or says a part twice."""
    used = re.findall("%.?", form)
    parts = ["y" if one == "%Y" else "b" if one in ("%m", "%B") else "H" if one == "%I" else one[1:] for one in used]
    twice = len(set(parts) - {"%"}) < len([one for one in parts if one != "%"])
    if set(used) - set(DIRECTIVES) or not {"y", "b", "d"} <= set(parts) or twice or ("%p" in used and "%Z" in used):
        raise ValueError(
            f"dates={dates!r} is not a format that can be read: it needs a year, a month and a day, each once (like "
            f'%d/%m/%Y), and may have {", ".join(DIRECTIVES)}; or "iso", {QUOTED}.'
        )
    if "%I" in used and "%p" not in used:
        raise ValueError(f"dates={dates!r}: hours of twelve (%I) need the half of the day (%p); of 24 they are %H.")
    if language and language not in LANGUAGES:
        raise ValueError(f"dates={dates!r}: the language is one of {', '.join(LANGUAGES)}.")


def _token(one: str, form: str) -> str:
    if one == "%p" and "%H" in form:
        return r"\p{L}[\p{L}.]*(?: m\.?)?"  # hours of 24 need no half of the day
    if one.isspace():
        return r"\s+"
    return DIRECTIVES.get(one) or re.escape(_folded(one))


def _folded(literal: str) -> str:
    """As the values are folded, with its points."""
    return "".join(fold_word(mark) or mark for mark in literal)


def told_numbers(written: Written, dates: str) -> Parsed:
    """Numbers that count days since 1899-12-30 (wall-clock), or (parts of) seconds since 1970 (UTC)."""
    time, matched, whole = _counted(fold(written.levels), dates)
    zoned = matched & (dates != "excel")
    said = Message("load.dates.given", {"column": written.name, "format": dates})
    empty = is_empty(fold(written.levels))
    return Parsed(time, np.zeros(len(time), np.int64), zoned, whole & (dates == "excel"), empty, said)


def _counted(folded: pa.StringArray, dates: str) -> tuple[Ints, Flags, Flags]:
    """Microseconds since 1970 (MISSING: no number, or outside the years 1 to 9999), which they are, which are whole."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(folded, NUMBER)
    there = pc.and_(pc.is_valid(found), pc.invert(pc.match_substring_regex(folded, r",\d{3}$")))  # thousands, perhaps
    minus, text, rest = (pc.if_else(there, found.field(part), scalar("")) for part in ("minus", "n", "rest"))
    count, _ = numbers(pc.if_else(there, text, scalar("0")).cast(pa.int64()))
    parts, _ = numbers(pc.utf8_slice_codeunits(pc.utf8_rpad(rest, 9, "0"), 0, 9).cast(pa.int64()))
    unit, sign = UNITS[dates], np.where(is_empty(minus), 1, -1)
    near = count <= (LAST - FIRST) // unit if unit else count >= 0
    count = np.where(near, count, 0)
    time = sign * (count * unit + _fraction(parts, unit, dates)) if unit else sign * count // 1_000
    time = time + SERIAL_ZERO * DAY if dates == "excel" else time
    good = flags(there) & near & (time >= FIRST) & (time <= LAST)
    return np.where(good, time, MISSING), good, good & (parts == 0)


def _fraction(parts: Ints, unit: int, dates: str) -> Ints:
    """Billionths of the unit as microseconds; of a day as whole milliseconds, as spreadsheets keep no more."""
    if dates == "excel":
        return np.round(parts / 1e9 * 86_400_000).astype(np.int64) * 1_000
    return parts * unit // 1_000_000_000


def with_serials(parsed: Parsed, written: Written) -> Parsed:
    """Cells of a spreadsheet that hold a day's number instead of a date: 1930 to 2119 are believed."""
    time, matched, whole = _counted(fold(written.levels), "excel")
    here = (parsed.wall == MISSING) & matched & (time >= BELIEVED[0] * DAY) & (time < BELIEVED[1] * DAY)
    if not here.any():
        return parsed
    more = Message("load.dates.serial", {"column": written.name, "n": written.rows(here)})
    nothing = np.zeros(len(time), np.int64)
    serial = Parsed(np.where(here, time, MISSING), nothing, nothing > 0, whole, parsed.empty, more)
    return beside(parsed, serial)


def as_numbers(values: Sequence[str]) -> str:
    """What a column of plain numbers would be if they were dates, and the line that says so; empty if they are not."""
    found = [re.fullmatch(r"(\d+)(?:[.,]\d*)?", value.strip()) for value in values]
    wholes = [one[1] for one in found if one]
    if 2 * len(wholes) <= len(values):
        return ""
    sizes = {len(one) for one in wholes}
    kind = LIKELY.get(sizes.pop()) if len(sizes) == 1 else None
    counts = [int(one) for one in wholes]
    if kind is None or (kind == "excel" and not 20_000 <= min(counts) <= max(counts) <= 60_000):
        return f" If its numbers are times, say what they count: dates= one of {QUOTED}."
    first, last = (_date(one, kind) for one in (min(counts), max(counts)))
    what = {"excel": "the day numbers of a spreadsheet", "unix": "seconds", "unix_ms": "milliseconds"}.get(kind)
    what = what or {"unix_us": "microseconds", "unix_ns": "nanoseconds"}[kind]
    since = "" if kind == "excel" else " since 1970"
    return f' Read as {what}{since} they would go from {first} to {last}; if they do, say Columns(dates="{kind}").'


def _date(count: int, kind: str) -> str:
    unit = UNITS[kind]
    time = count * unit if unit else count // 1_000
    return str(np.datetime64((time // DAY) + (SERIAL_ZERO if kind == "excel" else 0), "D"))
