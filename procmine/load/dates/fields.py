"""The parts of dates and times in text, as numbers: a value is split into its date and its time of day, each read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import Flags, flags, is_empty, numbers, scalar
from procmine.load.dates.names import HALVES, ZONES

if TYPE_CHECKING:
    import pyarrow as pa

MISSING = int(np.iinfo(np.int64).min)  # times before 1970 are negative, so no ordinary number can stand for "none"
LONGEST, NO_DATE = (
    500,
    "?",
)  # bytes that a date may have; what stands for a longer value, which would take minutes to read
SECOND, DAY = 1_000_000, 86_400_000_000
FIRST, LAST = -719_162 * DAY, 2_932_897 * DAY - 1  # the years 1 to 9999: others are no dates here
OFFSET = r"[+\x{2212}-]\d{1,2}(?::?\d{2})?"

# What stands between a date and its time of day: "um", "klo" and the like. Words that tell the half of the day may not.
LINKS = "um|klo|kl|kell|v|ve|o|u|ob|at|a|as|a las|a les|alle ore|alle|ore|la|om|orele|στισ|в|godz|plkst"
HOURS = r"\d{1,2}(?::\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?|\.\d{2}(?:\.\d{2}(?:[.,]\d{1,9})?)?|\s?h\s?\d{2}|\s?[ap]\.?\s?m)"
BESIDE = rf"[\p{{L}}\s.]*(?:{OFFSET})?(?:\s?\[[a-z_/+0-9-]+\])?"
LINK = rf"(?:t|:|[\s,]*[\s,-]\s?(?:(?:{LINKS})\.?,?\s)?)"
# Nearly all values are one date and one time, and this splits them ten times as fast as what reads the others.
PLAIN = (
    r"^(?P<date>\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})"
    r"(?P<clock>[t ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[ap]m)?(?:z|[+-]\d{2}:?\d{2})?)?$"
)
# After a hyphen alone a time has seconds: 2026-03-04-05:00 may be a date and how far its zone is from UTC.
HYPHENED = r"-\d{1,2}[:.]\d{2}[:.]\d{2}(?:[.,]\d{1,9})?"
BLANK = rf"(?:t|:|[\s,]+(?:-\s)?(?:(?:{LINKS})\.?,?\s)?)"
SPLIT = rf"^\s*(?P<date>.+?)(?P<clock>(?:t\d{{2}}|{HYPHENED}|{BLANK}{HOURS}){BESIDE})?\s*$"
CLOCK = (
    rf"^{LINK}(?P<H>\d{{1,2}})(?:(?::|\.|\s?h\s?)(?P<M>\d{{2}})(?:[:.](?P<S>\d{{2}})(?:[.,](?P<f>\d{{1,9}}))?)?)?"
    rf"(?P<p>[\p{{L}}\s.]*)(?P<z>{OFFSET})?(?:\s?\[[a-z_/+0-9-]+\])?\s*$"
)


@dataclass(frozen=True, eq=False)
class Found:
    """The parts of the values that match a pattern, as numbers: `there` says which do, "f?" which have the part f.

    The part b is a word: its number is the place in `words`.
    """

    numbers: Mapping[str, Ints]
    words: Sequence[str] = ()

    @property
    def there(self) -> Flags:
        return self.numbers["there"] > 0

    def part(self, name: str) -> Ints:
        """Zero where the value has no such part."""
        return self.numbers.get(name, np.zeros(len(self.numbers["there"]), np.int64))

    def has(self, name: str) -> Flags:
        return self.part(f"{name}?") > 0


@dataclass(frozen=True, eq=False)
class Clock:
    """Times of day: microseconds since midnight, MISSING where there is no such time, and what stood beside it.

    `shift`: microseconds east of UTC where `zoned`. `next_day`: written as 24:00. `leap`: written with a second 60.
    """

    time: Ints
    shift: Ints
    zoned: Flags
    written: Flags
    next_day: Flags
    leap: Flags


@dataclass(frozen=True, eq=False)
class Split:
    """Values as their date and their time of day: of each the different texts, and per value which."""

    dates: pa.StringArray
    date: Ints
    clocks: pa.StringArray
    clock: Ints


def fold(values: pa.StringArray) -> pa.StringArray:
    """In small letters without accents, with plain blanks; what is longer than any date is not looked at further."""
    import pyarrow.compute as pc

    if len(values) and (pc.max(pc.binary_length(values)).as_py() or 0) > LONGEST:
        trimmed = pc.utf8_trim_whitespace(values)
        values = pc.if_else(pc.greater(pc.binary_length(trimmed), LONGEST), scalar(NO_DATE), trimmed)
    if flags(pc.string_is_ascii(values).fill_null(True)).all():
        return pc.ascii_lower(pc.ascii_trim_whitespace(values))
    plain = pc.replace_substring_regex(pc.utf8_normalize(values, form="NFKD"), r"[\p{Mn}\x{200E}\x{200F}]", "")
    plain = pc.replace_substring(pc.utf8_lower(plain), "\N{GREEK SMALL LETTER FINAL SIGMA}", "σ")
    return pc.utf8_trim_whitespace(plain)


def split(values: pa.StringArray) -> Split:
    """Folded values as date and time of day; what is neither counts as date."""
    import pyarrow.compute as pc

    plain = pc.extract_regex(values, PLAIN)
    fits = pc.is_valid(plain)
    dates, clocks = plain.field("date"), plain.field("clock")
    if not flags(fits).all():
        rest = pc.extract_regex(pc.if_else(fits, scalar(""), values), SPLIT)
        dates = pc.if_else(fits, dates, pc.coalesce(pc.if_else(pc.is_valid(rest), rest.field("date"), values), values))
        clocks = pc.if_else(fits, clocks, pc.if_else(pc.is_valid(rest), rest.field("clock"), scalar("")))
    dates, clocks = (pc.fill_null(one, scalar("")).dictionary_encode() for one in (dates, clocks))
    return Split(dates.dictionary, _codes(dates), clocks.dictionary, _codes(clocks))


def fields(values: pa.StringArray, pattern: str) -> Found:
    """The parts of the values that match."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(values, pattern)
    parts, words = {"there": flags(found.is_valid()).astype(np.int64)}, []
    nothing, zero = scalar(""), scalar("0")
    for place, field in enumerate(found.type):
        text = pc.if_else(pc.is_valid(found), found.field(place), nothing)
        parts[field.name + "?"] = (~is_empty(text)).astype(np.int64)
        if field.name == "b":
            coded = text.dictionary_encode()
            words, parts["b"] = coded.dictionary.to_pylist(), _codes(coded)
        elif field.name in WORDS:
            parts[field.name] = _worded(text, WORDS[field.name])
        else:
            text = pc.utf8_slice_codeunits(pc.utf8_rpad(text, 6, "0"), 0, 6) if field.name == "f" else text
            parts[field.name], _ = numbers(pc.if_else(pc.equal(text, nothing), zero, text).cast(pa.int64()))
    return Found(parts, words)


def clocks(values: pa.StringArray) -> Clock:
    """The times of day; of an empty text, midnight that was not written."""
    found = fields(values, CLOCK)
    time = clock(found)
    return Clock(
        np.where(is_empty(values), 0, time.time), time.shift, time.zoned, time.written, time.next_day, time.leap
    )


def clock(found: Found) -> Clock:
    """The time of day of values whose parts were found: hours of 12 where a half of the day is written beside them."""
    hour, minute, second, rest = (found.part(part) for part in "HMSp")
    half, named, shift = rest & 3, (rest >> 2 & 1) > 0, found.part("z") + (rest >> 3)
    good = found.there & (rest != NO_WORD) & (minute <= 59) & (np.abs(found.part("z")) <= 14 * 3_600 * SECOND)
    leap = good & (second == 60) & (minute % 15 == 14)  # a leap second falls on a quarter of an hour everywhere
    next_day = good & (hour == 24) & (minute == 0) & (second == 0) & (found.part("f") == 0) & (half == 0)
    plain = (half == 0) | ((half == PM) & (hour > 12)) | ((half == AM) & (hour == 0))
    good &= ((hour <= 23) & plain) | next_day | ((hour >= 1) & (hour <= 12))
    good &= (second <= 59) | leap
    hour = np.where(plain, hour, hour % 12 + 12 * (half == PM))
    time = ((hour * 60 + minute) * 60 + second) * SECOND + found.part("f")
    zoned = good & (found.has("z") | named)
    shift = np.where(found.has("z"), found.part("z"), shift)
    return Clock(np.where(good, time, MISSING), shift, zoned, found.has("H"), next_day, leap)


def days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970, MISSING where there is no such day."""
    good = (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    number = months.astype("M8[D]").astype(np.int64) + day - 1
    good &= number < (months + 1).astype("M8[D]").astype(np.int64)
    return np.where(good, number, MISSING)


def shift_of(written: str) -> int:
    """Microseconds east of UTC of Z, UTC, +02:00, +0200, +02 or +2."""
    found = re.fullmatch(r"([+−-])(\d{1,2}):?(\d{2})?", written)
    if not found:
        return 0
    minutes = 60 * int(found[2]) + int(found[3] or 0)
    return (1 if found[1] == "+" else -1) * minutes * 60 * SECOND


AM, PM = 1, 2
NO_WORD = -(2**62)  # a word beside a time that means nothing


def beside(written: str) -> int:
    """What the words after a time say: the half of the day (AM, PM) + 4 if a zone is named + 8 x its shift."""
    letters = "".join(one for one in written if one.isalpha())
    half, zone = 0, None
    while letters:
        word = next((letters[:size] for size in range(len(letters), 0, -1) if letters[:size] in KNOWN), None)
        if word is None:
            return NO_WORD
        half = HALVES.get(word, half)
        zone = ZONES.get(word, zone)
        letters = letters[len(word) :]
    return half + (0 if zone is None else 4 + 8 * zone * 60 * SECOND)


KNOWN = {*HALVES, *ZONES, "uhr", "h", "ч", "hod", "val", "klst"}
WORDS: Mapping[str, Callable[[str], int]] = {"p": beside, "z": shift_of}


def _worded(text: pa.StringArray, meaning: Callable[[str], int]) -> Ints:
    """Parts that are words; few differ, so only those are read."""
    coded = text.dictionary_encode()
    value = [meaning(word) for word in coded.dictionary.to_pylist()]
    return np.array([*value, 0], np.int64)[_codes(coded)]


def _codes(coded: pa.DictionaryArray) -> Ints:
    codes, none = numbers(coded.indices.cast("int64"))
    codes[none] = -1
    return codes
