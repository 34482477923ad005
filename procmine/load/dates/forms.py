"""The written forms of dates: which a column has, and in what order day, month and year stand, as the column proves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import Flags, flags, is_empty, scalar, whole_numbers
from procmine.load.columns import mask
from procmine.load.dates.fields import DAY, MISSING, Clock, Found, Split, clocks, days, fields, fold, split
from procmine.load.dates.names import meant, readings, weekdays
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

CENTURY = 69  # two digits from here on are years of the 1900s, below it of the 2000s, as in strptime
MANY, FEW = 28, 14  # numbers that a day of the month takes in a column of many dates, and that it does not keep to
SAMPLE = 5_000  # values that show whether the rest is worth a second look
END = r"[\s.,]*(?:[grг]\.?)?\s*$"
NAME = r"(?P<b>\p{L}{2,}(?: fomhair)?)"
BLANK = r"[\s.,/'’-]*(?:(?:den|del|de|di|ta|gada|gads|of|the|m|g|d|r|г)[\s.,'’-]+)*"
OPEN = r"^(?:(?:den|le|el|il|the)\s+)?"
NTH = r"(?:st|nd|rd|th|er|[oae])?"
Which: TypeAlias = "tuple[str, str]"  # an order, and the languages of its words


@dataclass(frozen=True)
class Form:
    """One way to write a date. `orders`: what its numbers (groups i, j, k) may be, a letter each (y, m, d)."""

    name: str
    pattern: str
    orders: tuple[str, ...]
    short: bool = False  # a year of two digits
    settled: bool = False  # the whole source proved its one order, and the languages of its words
    tongues: str = ""


def _numeric(name: str, mark: str, short: bool) -> Form:
    year = r"(?P<k>\d{2})" if short else r"(?P<k>\d{4})"
    first = r"^(?P<i>(?P<tens>\d)?\d)" if short else r"^(?P<i>\d{1,2})"
    orders = ("dmy", "mdy", "ymd") if short else ("dmy", "mdy")
    return Form(name, rf"{first}\s?{mark}\s?(?P<j>\d{{1,2}})\s?{mark}\s?{year}{END}", orders, short)


ISO = (
    Form("iso", rf"^(?P<i>\d{{4}})\s?[-/.:]\s?(?P<j>\d{{1,2}})\s?[-/.:]\s?(?P<k>\d{{1,2}}){END}", ("ymd",)),
    Form("iso", r"^(?P<i>(?:19|20)\d{2})(?P<j>\d{2})(?P<k>\d{2})$", ("ymd",)),
    Form("week", r"^(?P<i>\d{4})-?w(?P<j>\d{2})-?(?P<k>[1-7])$", ("ywu",)),
    Form("day_of_year", r"^(?P<i>\d{4})-(?P<j>\d{3})$", ("yo",)),
)
NUMERIC = (
    _numeric("slash", "/", False),
    _numeric("dash", "-", False),
    _numeric("dot", r"\.", False),
    _numeric("short_slash", "/", True),
    _numeric("short_dash", "-", True),
    _numeric("short_dot", r"\.", True),
)
NAMED = (
    Form("named", rf"{OPEN}(?P<i>\d{{1,2}}){NTH}{BLANK}{NAME}{BLANK}(?P<k>\d{{4}}){END}", ("dy",)),
    Form("named", rf"{OPEN}{NAME}{BLANK}(?P<i>\d{{1,2}}){NTH}{BLANK}(?P<k>\d{{4}}){END}", ("dy",)),
    Form("named", rf"{OPEN}(?P<i>\d{{4}}){BLANK}{NAME}{BLANK}(?P<k>\d{{1,2}})[\s.,]*(?:d\.?)?{END}", ("yd",)),
    Form("named", rf"{OPEN}(?P<i>\d{{4}}){BLANK}(?P<k>\d{{1,2}}){BLANK}{NAME}{END}", ("yd",)),
    Form(
        "short_named", rf"{OPEN}(?P<i>(?P<tens>\d)?\d){NTH}{BLANK}{NAME}{BLANK}(?P<k>\d{{2}}){END}", ("dy", "yd"), True
    ),
    Form("short_named", rf"{OPEN}{NAME}{BLANK}(?P<i>\d{{1,2}}){NTH}{BLANK}(?P<k>\d{{2}}){END}", ("dy",), True),
)
# Values that are put in the usual order before they are split: pattern, and what becomes of it.
REWRITTEN = (
    (
        r"^((?:19|20)\d\d)(\d\d)(\d\d)[t ]?(\d\d)(\d\d)(\d\d)[.,]?(\d{3}|\d{6})(z|[+-]\d\d:?\d\d)?$",
        r"\1-\2-\3 \4:\5:\6.\7\8",
    ),
    (r"^((?:19|20)\d\d)(\d\d)(\d\d)[t ]?(\d\d)(\d\d)(\d\d)(z|[+-]\d\d:?\d\d)?$", r"\1-\2-\3 \4:\5:\6\7"),
    (r"^((?:19|20)\d\d)(\d\d)(\d\d)[t ]?(\d\d)(\d\d)(z|[+-]\d\d:?\d\d)?$", r"\1-\2-\3 \4:\5\6"),
    (r"^(\p{L}+ \p{L}+ \d{1,2}) (\d\d:\d\d:\d\d) ?(\p{L}*(?:[+-]\d\d:\d\d)?) (\d{4})$", r"\1 \4 \2 \3"),
    (r"^(\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?)[\s,]+(\S.*)$", r"\2 \1"),
)


@dataclass(frozen=True, eq=False)
class Written:
    """The different values of a column, and which row has which (-1: none)."""

    name: str
    levels: pa.StringArray
    codes: Ints
    show: bool

    def rows(self, which: Flags) -> int:
        """How many rows have one of these values."""
        return int(np.append(which, False)[self.codes].sum())

    def where(self, level: int) -> str:
        """A value of an error, masked, and its first row."""
        return f"{mask(self.levels[level].as_py(), self.show)} in row {self.row(level):,} of the data"

    def row(self, level: int) -> int:
        """The first row with a value, counted from 1."""
        return int(np.argmax(self.codes == level)) + 1


@dataclass(frozen=True, eq=False)
class Parsed:
    """Per different value: wall-clock microseconds (UTC plus `shift` where zoned), MISSING where it is no time."""

    wall: Ints
    shift: Ints
    zoned: Flags
    dated: Flags
    empty: Flags
    reading: Message


@dataclass(frozen=True, eq=False)
class Reading:
    """A form that a column has, read in one order: the days since 1970, and what is said about it."""

    form: Form
    days: Ints
    said: Message
    which: Which = ("", "")


def read_forms(written: Written, forms: Sequence[Form] | None = None) -> Parsed:
    """The column read in the forms it is written in (of all, or of those given); LogError where a form may be two things."""
    folded = fold(written.levels)
    parts, found = take_apart(folded, forms)
    chosen = [decide(form, part, parts, written) for form, part in found]
    return join(written, parts, chosen)


def take_apart(folded: pa.StringArray, forms: Sequence[Form] | None) -> tuple[Split, list[tuple[Form, Found]]]:
    """The values as dates and times of day, and the forms that the dates have."""
    parts, wanted = split(folded), (*ISO, *NUMERIC) if forms is None else tuple(forms)
    found = find(parts, wanted)
    left = np.flatnonzero(~read_by(found, parts)[parts.date])
    if not len(left) or (2 * len(left) > len(folded) and _hopeless(folded, left, forms)):
        return parts, found
    parts = _second_chance(folded, parts, found, forms is None or any(form.settled for form in forms))
    return parts, find(parts, (*wanted, *NAMED) if forms is None and lettered(parts) else wanted)


def _hopeless(folded: pa.StringArray, left: Ints, forms: Sequence[Form] | None) -> bool:
    """Whether most of a long column is no dates: of a sample of what is left, none has a form at the second look either."""
    if len(left) <= SAMPLE:
        return False
    some = folded.take(whole_numbers(left[:: len(left) // SAMPLE + 1]))
    parts, found = take_apart(some, forms)
    return not np.any(read_by(found, parts)[parts.date])


def lettered(parts: Split) -> bool:
    import pyarrow.compute as pc

    return bool(flags(pc.match_substring_regex(parts.dates, r"\p{L}")).any())


def find(parts: Split, forms: Sequence[Form]) -> list[tuple[Form, Found]]:
    """The forms that the dates have."""
    import pyarrow.compute as pc

    found, left = [], np.ones(len(parts.dates), bool)
    for form in forms:
        if not left.any() or not flags(pc.match_substring_regex(parts.dates, form.pattern)).any():
            continue
        part = fields(parts.dates, form.pattern)
        found.append((form, part))
        left &= ~part.there
    return found


def read_by(found: list[tuple[Form, Found]], parts: Split) -> Flags:
    """Which dates have a form, or are empty."""
    held = is_empty(parts.dates)
    for _, part in found:
        held |= part.there
    return held


def _second_chance(folded: pa.StringArray, parts: Split, found: list[tuple[Form, Found]], named: bool) -> Split:
    """Split anew where values have another order, and days of the week before or after the date are left out."""
    import pyarrow.compute as pc

    left = ~read_by(found, parts)[parts.date]
    changed = pc.if_else(_mask(left), folded, scalar(""))
    for pattern, becomes in REWRITTEN:
        changed = pc.replace_substring_regex(changed, pattern, becomes)
    parts = split(pc.if_else(_mask(left), changed, folded))
    if not named or not lettered(parts):
        return parts
    found = find(parts, (*ISO, *NUMERIC, *NAMED))
    unread = _mask(~read_by(found, parts))
    names = "|".join(re.escape(name) for name in weekdays())
    # Of short ones some are halves of the day: "du." is a Sunday in Romanian and the afternoon in Hungarian.
    full = "|".join(re.escape(name) for name in weekdays() if len(name) > 3)
    bare = pc.replace_substring_regex(parts.dates, rf"^(?:{names})[\s.,]+(\S.*)$", r"\1")
    bare = pc.replace_substring_regex(bare, rf"^(.*\d[\s.d]*)[\s,.]+(?:{full})[\s.,]*$", r"\1")
    return Split(pc.if_else(unread, bare, parts.dates), parts.date, parts.clocks, parts.clock)


def _mask(which: Flags) -> pa.BooleanArray:
    import pyarrow as pa

    return whole_numbers(which.astype(np.int64)).cast(pa.bool_())


def _possible(form: Form, found: Found, language: str = "") -> dict[Which, Ints]:
    """The days by each order of the form, and each language in which its words have a meaning of their own."""
    if not found.words:
        return {(order, ""): _days(form, found, order) for order in form.orders}
    if form.settled:
        month = meant(found.words, form.tongues.split(",")[0])
        return {(order, form.tongues): _days(form, found, order, month[found.part("b")]) for order in form.orders}
    used = np.unique(found.part("b")[found.there]).tolist()
    months = readings(found.words, used, language)
    return {
        (order, tongue): _days(form, found, order, month[found.part("b")])
        for order in form.orders
        for tongue, month in months.items()
    }


def _days(form: Form, found: Found, order: str, month: Ints | None = None) -> Ints:
    places = "ik" if len(order) == 2 and month is not None else "ijk"
    part = dict(zip(order, (found.part(place) for place in places), strict=False))
    year = part["y"]
    if form.short:
        year = np.where(year < CENTURY, 2_000 + year, 1_900 + year)
        if order[0] == "y":
            year = np.where(found.has("tens"), year, 0)
    if "w" in part:
        number = _week_day(year, part["w"], part["u"])
    elif "o" in part:
        number = _day_of_year(year, part["o"])
    else:
        number = days(year, part["m"] if month is None else month, part["d"])
    return np.where(found.there, number, MISSING)


def _week_day(year: Ints, week: Ints, day: Ints) -> Ints:
    """Week 1 is the one with 4 January; a week 53 that the year has not is no date."""
    fourth, next_fourth = (days(one, np.full_like(year, 1), np.full_like(year, 4)) for one in (year, year + 1))
    begins, ends = (one - (one + 3) % 7 for one in (fourth, next_fourth))  # 1970-01-01 was a Thursday
    number = begins + 7 * (week - 1) + day - 1
    good = (fourth != MISSING) & (week >= 1) & ((number < ends) | (next_fourth == MISSING) & (week <= 52))
    return np.where(good, number, MISSING)


def _day_of_year(year: Ints, day: Ints) -> Ints:
    one = np.full_like(year, 1)
    number, last = days(year, one, one) + day - 1, days(year, 12 * one, 31 * one)
    return np.where((last != MISSING) & (day >= 1) & (number <= last), number, MISSING)


def decide(form: Form, found: Found, parts: Split, written: Written, language: str = "") -> Reading:
    """The one order that reads every date of the form that can be read at all; LogError where there are more, or none."""
    possible = _possible(form, found, language)
    valid = {which: number != MISSING for which, number in possible.items()}
    some = np.logical_or.reduce(list(valid.values()))
    left = [which for which, good in valid.items() if good[some].all()]
    if not left:
        raise _conflict(form, valid, parts, written)
    left, why = _choose(form, found, {which: possible[which] for which in left})
    if len(left) > 1:
        raise _either(form, {which: possible[which] for which in left}, parts, written)
    n, example = _proof(left[0], valid, parts, written) if len(possible) > 1 and why == "proved" else (0, "")
    return Reading(form, possible[left[0]], _said(form, left[0][0], why, n, example, written.name), left[0])


def _choose(form: Form, found: Found, left: Mapping[Which, Ints]) -> tuple[list[Which], str]:
    """Of the orders left, those that the column still allows, and why."""
    which, numbers = list(left), list(left.values())
    dots = [one for one in which if one[0] == "dmy" and form.name in ("dot", "short_dot")]
    if len(which) == 1:
        return which, "proved"
    if all(np.array_equal(numbers[0], one) for one in numbers[1:]):
        return which[:1], "same"
    if dots:
        return dots, "dotted"
    return _spread(form, found, which) if form.short else which, "spread"


def _proof(which: Which, valid: Mapping[Which, Flags], parts: Split, written: Written) -> tuple[int, str]:
    """How many values another order could not read, and the shape of the first: it may be somebody's date of birth."""
    others = [~good for one, good in valid.items() if one != which]
    proof = valid[which] & np.logical_and.reduce(others)
    if not proof.any():  # one value rules out the one order, another the other
        proof = valid[which] & np.logical_or.reduce(others)
    if not proof.any():
        return 0, ""
    return written.rows(proof[parts.date]), _place(int(np.argmax(proof)), parts, replace(written, show=False))


def _spread(form: Form, found: Found, left: list[Which]) -> list[Which]:
    """Of the orders left, those whose days of the month go through the whole month where others keep to a few days."""
    places = "ik" if found.words else "ijk"
    differ = {which: len(np.unique(found.part(places[which[0].index("d")])[found.there])) for which in left}
    if max(differ.values()) < MANY:
        return left
    return [which for which in left if differ[which] > FEW]


def _example(date: int, parts: Split, written: Written) -> str:
    """The value of the column that has this date."""
    return str(written.levels[_level(date, parts)].as_py())


def _place(date: int, parts: Split, written: Written) -> str:
    """The same for a reader: masked, and in which row."""
    return written.where(_level(date, parts))


def _level(date: int, parts: Split) -> int:
    """The first value with this date, with a time of day if any has one."""
    having = np.flatnonzero(parts.date == date)[:1_000]
    timed = having[~is_empty(parts.clocks)[parts.clock[having]]]
    return int((timed if len(timed) else having)[0])


def _said(form: Form, order: str, why: str, n: int, example: str, column: str) -> Message:
    """How a form was read, and why so."""
    if form.name in ("iso", "week", "day_of_year", "named"):
        return Message(f"load.dates.{form.name}", {"column": column})
    if form.short:
        reason = Message(f"load.dates.why.{why}", {"n": n, "example": example})
        told = Message(f"load.dates.order.{order}")
        return Message("load.dates.short", {"column": column, "order": told, "why": reason})
    if why != "proved":
        return Message(f"load.dates.{why}", {"column": column})
    key = "load.dates.day_first" if order == "dmy" else "load.dates.month_first"
    return Message(key, {"column": column, "n": n, "example": example})


def join(written: Written, parts: Split, chosen: Sequence[Reading]) -> Parsed:
    """The moments of values from their days and times of day."""
    time = clocks(parts.clocks)
    number = np.full(len(parts.dates), MISSING)
    form = np.full(len(parts.dates), -1)
    for place, reading in enumerate(chosen):
        here = (number == MISSING) & (reading.days != MISSING)
        number[here], form[here] = reading.days[here], place
    return assemble(written, number[parts.date], time, parts.clock, together(written, chosen, form[parts.date]))


def assemble(written: Written, number: Ints, time: Clock, at: Ints, reading: Message) -> Parsed:
    """Per value from its day and the place of its time of day; what is out of the years 1 to 9999 is no time."""
    good = (number != MISSING) & (time.time[at] != MISSING)
    wall = np.where(good, np.where(good, number, 0) * DAY + np.where(good, time.time[at], 0), MISSING)
    zoned, dated = time.zoned[at] & good, ~time.written[at] & good
    empty = is_empty(fold(written.levels))
    for key, which in (("next_day", time.next_day), ("leap", time.leap)):
        rows = written.rows(which[at] & good)
        if rows:
            more = Message(f"load.dates.{key}", {"n": rows})
            reading = Message("load.dates.also", {"reading": reading, "more": more})
    return Parsed(wall, np.where(zoned, time.shift[at], 0), zoned, dated, empty, reading)


def beside(one: Parsed, other: Parsed) -> Parsed:
    """The one, and the other where the one has no time."""
    mine = one.wall != MISSING
    if not np.any(~mine & (other.wall != MISSING)):
        return one
    more = Message("load.dates.also", {"reading": one.reading, "more": other.reading})
    return Parsed(
        wall=np.where(mine, one.wall, other.wall),
        shift=np.where(mine, one.shift, other.shift),
        zoned=np.where(mine, one.zoned, other.zoned),
        dated=np.where(mine, one.dated, other.dated),
        empty=one.empty,
        reading=more if mine.any() else other.reading,
    )


def together(written: Written, chosen: Sequence[Reading], form: Ints) -> Message:
    """One sentence for a column of one form; of several, each with how many values have it."""
    said = {reading.said.key + str(reading.said.values): reading.said for reading in chosen}
    keys = list(said)
    held: dict[str, int] = {}
    for place, reading in enumerate(chosen):
        rows = written.rows(form == place)
        if rows:
            key = reading.said.key + str(reading.said.values)
            held[key] = held.get(key, 0) + rows
    if not held:
        return Message("load.dates.iso", {"column": written.name}) if not keys else said[keys[0]]
    if len(held) == 1:
        return said[next(iter(held))]
    ways = tuple(Message("load.dates.way", {"n": n, "how": _way(said[key])}) for key, n in held.items())
    return Message("load.dates.several", {"column": written.name, "forms": len(ways), "ways": ways})


def _way(said: Message) -> Message:
    """The same as a part of a sentence about several forms."""
    return Message(said.key.replace("load.dates.", "load.dates.way."), said.values)


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NAMES = {"d": "day", "m": "month", "y": "year"}


def _conflict(form: Form, valid: Mapping[Which, Flags], parts: Split, written: Written) -> LogError:
    """Values that can only be the one, and others that can only be the other."""
    cases = []  # an order, how many dates only it can read, the first of them, and that as it may be said
    for which, good in valid.items():
        rest = np.logical_or.reduce([other for one, other in valid.items() if one != which])
        only = np.flatnonzero(good & ~rest)
        if len(only):
            first = int(only[0])
            n = int((good & ~rest)[parts.date].sum())
            cases.append((which, n, _example(first, parts, written), _place(first, parts, written)))
    if len(cases) < 2:
        return LogError(
            f"Column {written.name!r}: no one order of day, month and year reads all dates written like "
            f"{_place(int(np.argmax(np.logical_or.reduce(list(valid.values())))), parts, written)}. Say which is right, "
            f'and the others are set aside: Columns(dates="%d/%m/%y").'
        )
    told = [
        f"{n:,} {'different values can ' if not place else ''}only {'be ' if not place else ''}{_order(which)} "
        f"({'the first is ' if not place else ''}{said})"
        for place, (which, n, _, said) in enumerate(cases)
    ]
    paste = " or ".join(format_of(example, *which) for which, _, example, _ in cases)
    return LogError(
        f"Column {written.name!r}: {' and '.join(told)}. Say which is right, and the others are set aside: {paste}."
    )


def _order(which: Which) -> str:
    order, language = which
    said = "/".join(NAMES[letter] for letter in (order if len(order) == 3 else f"{order[0]}m{order[1]}"))
    return f"{said} in {_tongues(language)}" if language else said


def _tongues(languages: str) -> str:
    from babel import Locale

    return " or ".join(str(Locale.parse(one).english_name) for one in languages.split(","))


def _either(form: Form, possible: Mapping[Which, Ints], parts: Split, written: Written) -> LogError:
    """Values that may be two days or more, what they would be, and how far apart that is."""
    one, *others = possible.values()
    apart = np.logical_or.reduce([other != one for other in others])
    dates = np.flatnonzero(apart)
    timed = [date for date in dates[:1_000] if len(_clock_of(int(date), parts))]
    date = int((timed or dates)[0])
    value = _example(date, parts, written)
    days = [_day(int(number[date])) if written.show else _order(which) for which, number in possible.items()]
    may, n = " or ".join(days), int(apart[parts.date].sum())
    paste = " or ".join(
        _line(form.pattern, tongue) if form.name == "told" else format_of(value, order, tongue)
        for order, tongue in possible
    )
    return LogError(
        f"Column {written.name!r}: {_place(date, parts, written)} may be {may}, and no value in the column tells which "
        f"({n:,} different values read both ways). {_effect(possible)} Ask who made the file, then say {paste}."
    )


def _clock_of(date: int, parts: Split) -> str:
    return str(parts.clocks[int(parts.clock[_level(date, parts)])].as_py())


def _effect(possible: Mapping[Which, Ints]) -> str:
    """From when to when the column would go by each reading, and by how much half of its dates would move."""
    spans = []
    for which, number in possible.items():
        held = number[number != MISSING]
        spans.append(f"as {_order(which)} they go from {_iso(int(held.min()))[:7]} to {_iso(int(held.max()))[:7]}")
    (one, two), both = list(possible.values())[:2], np.ones(1, bool)
    both = (one != MISSING) & (two != MISSING) & (one != two)
    moved = int(np.median(np.abs(one - two)[both])) if both.any() else 0
    return f"Read {', '.join(spans)}; half of the dates move by {moved:,} days or more."


def _iso(number: int) -> str:
    return str(np.datetime64(number, "D"))


def _day(number: int) -> str:
    date = np.datetime64(number, "D").item()
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def format_of(value: str, order: str, language: str = "") -> str:
    """The line that fixes the format of a value like 03/04/2026 14:05."""
    letters = iter(order)

    def number(found: re.Match[str]) -> str:
        letter = next(letters, "")
        return f"%{'Y' if letter == 'y' and len(found[0]) == 4 else letter}" if letter else found[0]

    clock = re.search(r"(,?\s+|T)\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?(\s*[AaPp]\.?[Mm])?", value)
    date = value[: clock.start()] if clock else value
    date = re.sub(r"\d+|(?!\d)\w+", lambda one: number(one) if one[0].isdigit() else "%b", date.strip())
    if clock:
        hour, blank = ("%I" if clock[4] else "%H"), re.sub(r"\s+", " ", clock[1])
        date += f"{blank}{hour}:%M" + (":%S" if clock[2] else "") + (f"{clock[3][0]}%f" if clock[3] else "")
        date += re.sub(r"\S+", "%p", clock[4]) if clock[4] else ""
    return _line(date, language)


def _line(form: str, languages: str = "") -> str:
    tongue = languages.split(",")[0]
    return f'Columns(dates="{form} [{tongue}]")' if tongue else f'Columns(dates="{form}")'
