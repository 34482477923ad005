"""Calendars: when an office is open, by weekly hours, public holidays, closed days and half days."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.kernels.worktime import DAY, Hours, Opening, opening
from procmine.kernels.zones import stretches

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RANGE = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MINUTE = 60_000_000
CLOSED = -1
MOST_NAMED = 12


@dataclass(frozen=True)
class Calendar:
    """An office's opening hours, on its own wall clock.

    `hours` by weekday: {"monday": "09:00-12:00, 13:00-17:00", ...}; a weekday that is not named is closed, and 24:00 is the
    end of a day. `zone` is the office's ("Europe/Vienna"), else that of the log. `holidays` is a country ("AT") whose public
    holidays are closed, with those of a `region` of it. `closed` are other closed days: "2026-12-24", or
    "2026-12-24..2026-12-31". `half_days` gives single days hours of their own, which win over weekday and holiday.
    """

    hours: Mapping[str, str]
    zone: str | None = None
    holidays: str | None = None
    region: str | None = None
    closed: tuple[str, ...] = ()
    half_days: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in (("hours", dict(self.hours)), ("half_days", dict(self.half_days))):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "closed", (self.closed,) if isinstance(self.closed, str) else tuple(self.closed))
        unknown = [name for name in self.hours if name not in WEEKDAYS]
        if unknown or not self.hours:
            said = f"{unknown[0]!r} is no weekday" if unknown else "hours name no weekday"
            raise ValueError(f"{said}; there are: {', '.join(WEEKDAYS)}.")
        self._week()
        _check_zone(self.zone)
        _check_country(self.holidays, self.region)
        both = sorted({*self._closed()} & {*self._half_days()})
        if both:
            raise ValueError(f"{_iso(both[0])} is both closed and a half day.")

    def __hash__(self) -> int:
        days = (tuple(sorted(self.hours.items())), tuple(sorted(self.half_days.items())))
        return hash((*days, self.zone, self.holidays, self.region, self.closed))

    @classmethod
    def from_spec(cls, written: Mapping[str, Any]) -> Calendar:
        """From what a spec says of a calendar."""
        return cls(**written)

    @property
    def day(self) -> float:
        """The office's working day in seconds: the most frequent length of its open weekdays; of several, the longest."""
        lengths = Counter(sum(end - begin for begin, end in one) for one in self._week() if one)
        length, _ = max(lengths.items(), key=lambda one: (one[1], one[0]))
        return length / 1e6

    def open_days(self, first: str | np.datetime64, last: str | np.datetime64) -> NDArray[np.bool_]:
        """For each date from the first to the last, both included: whether the office opens on it at all."""
        begin, end = (int(np.datetime64(str(one), "D").astype(np.int64)) for one in (first, last))
        opens: NDArray[np.bool_] = self._pattern(begin, end) != CLOSED
        return opens

    def years_without_holidays(self, first: int, last: int) -> list[int]:
        """Years, both included, for which the library of holidays has none, though a country is named."""
        if self.holidays is None:
            return []
        return [year for year in range(first, last + 1) if not len(_public(self.holidays, self.region, year))]

    def opening(self, first_year: int, last_year: int, zone: str | None = None) -> Opening:
        """When it is open in these years: on the wall clock, or in UTC as the wall clock of a zone has it."""
        return _opening(self, first_year, last_year, zone)

    def _week(self) -> tuple[Hours, ...]:
        """Hours of each weekday, Monday first."""
        return tuple(_hours(name, self.hours[name]) if name in self.hours else () for name in WEEKDAYS)

    def _closed(self) -> Collection[int]:
        return {day for text in self.closed for day in _days(text)}

    def _half_days(self) -> Mapping[int, Hours]:
        return {_day("half_days", text): _hours(text, hours) for text, hours in self.half_days.items()}

    def _pattern(self, first: int, last: int) -> Ints:
        """Per day its weekday, or 7 and on for each half day in turn, or CLOSED."""
        days = np.arange(first, last + 1)
        weekday = (days + 3) % 7
        works = np.array([bool(one) for one in self._week()])
        shut = ~works[weekday] | np.isin(days, list(self._closed()))
        if self.holidays is not None:
            years = (
                int(np.int64(one).astype("M8[D]").astype("M8[Y]").astype(np.int64)) + 1970 for one in (first, last)
            )
            shut |= np.isin(days, _public_of(self.holidays, self.region, *years))
        pattern = np.where(shut, CLOSED, weekday)
        for k, day in enumerate(self._half_days()):
            pattern[days == day] = 7 + k
        return pattern


@lru_cache(maxsize=256)
def _opening(calendar: Calendar, first_year: int, last_year: int, zone: str | None) -> Opening:
    """The days of a zone reach one further each way: its wall clock is up to a day off."""
    first, last = (int(np.datetime64(f"{year:04}-01-01", "D").astype(np.int64)) for year in (first_year, last_year + 1))
    pattern = calendar._pattern(first - 2, last + 2)
    wall = opening(first - 2, pattern, (*calendar._week(), *calendar._half_days().values()))
    return wall if zone is None else wall.within(stretches(zone, first_year - 1, last_year + 1))


def years_of(times: Collection[Ints]) -> tuple[int, int]:
    """The first and last year of whole decades that hold 1970 and all these moments, so that few tables are made."""
    known = [one for one in times if len(one)]
    days = [0, *(int(one.min()) // DAY - 2 for one in known), *(int(one.max()) // DAY + 2 for one in known)]
    edges = [
        int(np.int64(day).astype("M8[D]").astype("M8[Y]").astype(np.int64)) + 1970 for day in (min(days), max(days))
    ]
    return edges[0] // 10 * 10, edges[1] // 10 * 10 + 9


def _hours(name: str, text: str) -> Hours:
    """Microseconds of the day from and to, in order."""
    found = [RANGE.fullmatch(part.strip()) for part in str(text).split(",")]
    ranges = [tuple(map(int, one.groups())) for one in found if one]
    if len(ranges) < len(found) or any(one[1] > 59 or one[3] > 59 for one in ranges):
        raise ValueError(f'{name}: {text!r} are no opening hours; write them as "09:00-12:00, 13:00-17:00".')
    edges = [(MINUTE * (60 * one[0] + one[1]), MINUTE * (60 * one[2] + one[3])) for one in ranges]
    if any(begin >= end or end > DAY for begin, end in edges):
        raise ValueError(f"{name}: {text!r} must begin before it ends, and end by 24:00; a night is two days' hours.")
    edges.sort()
    if any(end > begin for (_, end), (begin, _) in pairwise(edges)):
        raise ValueError(f"{name}: {text!r} overlap.")
    return tuple(edges)


def _days(text: str) -> range:
    """The days of "2026-12-24" or "2026-12-24..2026-12-31", counted from 1970."""
    begin, dots, end = text.partition("..")
    first, last = _day("closed", begin), _day("closed", end if dots else begin)
    if last < first:
        raise ValueError(f"closed: {text!r} ends before it begins.")
    return range(first, last + 1)


def _day(where: str, text: str) -> int:
    try:
        if DATE.fullmatch(text.strip()):
            return date.fromisoformat(text.strip()).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        pass
    likewise = ', or "2026-12-24..2026-12-31"' if where == "closed" else ""
    raise ValueError(f'{where}: {text!r} is no date; write it as "2026-12-24"{likewise}.')


def _iso(day: int) -> str:
    return str(np.int64(day).astype("M8[D]"))


def _check_zone(zone: str | None) -> None:
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"zone: no time zone is called {zone!r}; Europe/Vienna is such a name.") from error


def _check_country(country: str | None, region: str | None) -> None:
    if country is None:
        if region is not None:
            raise ValueError(f"region {region!r} without a country: say holidays: AT, or another country.")
        return
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=True)
    if country not in known:
        near = get_close_matches(country.upper(), known, 3, 0.4)
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(
            f"holidays: no country {country!r} is known; countries are named by two letters, such as AT or US.{meant}"
        )
    if region is not None and region not in known[country]:
        there = ", ".join(known[country]) or "none: leave it out"
        raise ValueError(f"region: {country} has no region {region!r} with holidays of its own. There are: {there}.")


def _public_of(country: str, region: str | None, first: int, last: int) -> list[int]:
    return [day for year in range(first, last + 1) for day in _public(country, region, year)]


@lru_cache(maxsize=20_000)
def _public(country: str, region: str | None, year: int) -> tuple[int, ...]:
    """Public holidays of a year, as days counted from 1970; substitutes for those on a Sunday are among them."""
    from holidays import country_holidays

    found = country_holidays(country, subdiv=region, years=year)
    return tuple(sorted(one.toordinal() - date(1970, 1, 1).toordinal() for one in found))
