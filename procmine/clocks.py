"""Clocks: how moments become time run so far, and UTC becomes an agency's wall clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from procmine.about import LogError
from procmine.calendars import Calendar, years_of
from procmine.kernels.flow import Ints
from procmine.kernels.worktime import DAY as DAY_LENGTH
from procmine.kernels.worktime import Opening, opening
from procmine.kernels.zones import stretches
from procmine.words import DAY, Message

DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?")
QUARTER = 900_000_000  # microseconds; zones change their offset on the quarter of an hour
HOUR = 3_600_000_000
MOST_VALUES = 12  # named in an error
FARTHEST = 2_500  # the last year in which a due date may lie
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = -719_161, 2_932_895  # 0001-01-02 and 9999-12-30


@dataclass(frozen=True)
class CalendarTime:
    """Runs day and night."""

    @property
    def said(self) -> Message:
        return Message("clock.calendar")

    @property
    def day(self) -> float:
        return DAY

    def read(self, time: Ints, case: Ints, log: Any) -> Ints:
        return time


@dataclass(frozen=True)
class WorkingTime:
    """Runs from `opens` to `closes` (hours) on `weekdays` (Monday = 0) that are not `holidays` ("2026-12-25", ...).

    Its day is `closes - opens` hours long, and so are the days in which its results are told. Moments of a log on the
    "instant" axis are read on the wall clock of the log's zone.
    """

    opens: float = 9.0
    closes: float = 17.0
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: tuple[str, ...] = ()
    counts_work: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= 24 or not self.weekdays or not set(self.weekdays) <= set(range(7)):
            raise ValueError(
                f"Working time from {self.opens} to {self.closes} on weekdays {self.weekdays}: hours must lie in order in "
                "0..24, weekdays in 0 (Monday) to 6 (Sunday), at least one."
            )

    @property
    def said(self) -> Message:
        return Message("clock.working", {"opens": self.opens, "closes": self.closes})

    @property
    def day(self) -> float:
        return (self.closes - self.opens) * 3_600

    def read(self, time: Ints, case: Ints, log: Any) -> Ints:
        return _worked(self, *years_of([time]), getattr(log, "zone", None)).read(time)


@lru_cache(maxsize=64)
def _worked(clock: WorkingTime, first_year: int, last_year: int, zone: str | None) -> Opening:
    first, last = (int(np.datetime64(f"{year:04}-01-01", "D").astype(np.int64)) for year in (first_year, last_year + 1))
    days = np.arange(first - 2, last + 3)
    closed = np.array(clock.holidays, "M8[D]").astype(np.int64)
    works = np.isin((days + 3) % 7, clock.weekdays) & ~np.isin(days, closed)
    hours = ((round(clock.opens * HOUR), round(clock.closes * HOUR)),)
    wall = opening(first - 2, np.where(works, 0, -1), (hours,))
    return wall if zone is None else wall.within(stretches(zone, first_year - 1, last_year + 1))


@dataclass(frozen=True)
class OfficeHours:
    """Runs while the office of a case is open: `calendars` by name, `by` the case attribute whose value is a name.

    The calendar "default", or the only one, is for cases without the attribute or with another value; without such a one
    they are a LogError. Moments of a log on the "instant" axis are read on the wall clock of the calendar's zone, else of
    the log's. `day` is an office's working day; where offices' days differ in length, readings are scaled so that one
    working day of each counts as one day, `day` being the most frequent length (of several, the longest).
    """

    calendars: Mapping[str, Calendar]
    by: str | None = None
    counts_work: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not self.calendars:
            raise ValueError("Office hours need at least one calendar.")
        object.__setattr__(self, "calendars", dict(self.calendars))
        if self.by is None and self._rest is None:
            raise ValueError(
                f"There are {len(self.calendars)} calendars ({', '.join(self.calendars)}): say by which attribute of cases "
                "one is chosen (calendar_by), or call one of them default."
            )

    def __hash__(self) -> int:
        return hash((tuple(self.calendars.items()), self.by))

    @property
    def columns(self) -> tuple[str, ...]:
        return () if self.by is None else (self.by,)

    @property
    def day(self) -> float:
        lengths = Counter(one.day for one in self.calendars.values())
        return max(lengths.items(), key=lambda one: (one[1], one[0]))[0]

    @property
    def said(self) -> Message:
        days = sorted({one.day for one in self.calendars.values()})
        hours = {"offices": len(self.calendars), "hours": self.day / 3_600}
        if len(days) == 1:
            return Message("clock.office" if len(self.calendars) == 1 else "clock.offices", hours)
        return Message("clock.offices.days", {**hours, "low": days[0] / 3_600, "high": days[-1] / 3_600})

    def read(self, time: Ints, case: Ints, log: Any) -> Ints:
        read = self.open_time(time, case, log)
        for calendar, here in self._each(time, case, log):
            scale = Fraction(round(self.day), round(calendar.day))
            if scale != 1:
                read[here] = read[here] * scale.numerator // scale.denominator
        return read

    def open_time(self, time: Ints, case: Ints, log: Any) -> Ints:
        """As `read`, but in true microseconds wherever days differ in length."""
        read, years = np.zeros(len(time), np.int64), years_of([time])
        for calendar, here in self._each(time, case, log):
            read[here] = calendar.opening(*years, _zone(calendar, log)).read(time[here])
        return read

    def working_days(self, begin: Ints, end: Ints, case: Ints, log: Any) -> Ints:
        """Dates on which each case's office is open, after the date of `begin` up to and including that of `end`.

        So a day within which both lie counts as none, a half day as one; negative where `end` comes first.
        """
        counted = np.zeros(len(begin), np.int64)
        for calendar, here in self._each(begin, case, log):
            dates = [_dates(one[here], _zone(calendar, log)) for one in (begin, end)]
            first, upto = _open_upto(calendar, *years_of([one * DAY_LENGTH for one in dates]))
            counted[here] = upto[dates[1] - first] - upto[dates[0] - first]
        return counted

    def nth_working_day(self, begin: Ints, n: int | Ints, case: Ints, log: Any) -> Ints:
        """The last microsecond of the n-th date on which each case's office is open after the date of `begin`.

        0 is that date itself.
        """
        due, ahead = np.zeros(len(begin), np.int64), np.broadcast_to(np.asarray(n, np.int64), len(begin))
        if np.any(ahead < 0):
            raise ValueError(f"{ahead.min()} working days: a due date lies 0 or more of them ahead.")
        for calendar, here in self._each(begin, case, log):
            zone = _zone(calendar, log)
            date = _dates(begin[here], zone)
            found = _ahead(calendar, date, ahead[here])
            due[here] = _day_ends(np.where(ahead[here] == 0, date, found), zone)
        return due

    @property
    def _rest(self) -> Calendar | None:
        """The calendar of cases for which none is named."""
        only = next(iter(self.calendars.values())) if len(self.calendars) == 1 else None
        return self.calendars.get("default", only)

    def _each(self, time: Ints, case: Ints, log: Any) -> Iterator[tuple[Calendar, NDArray[Any] | slice]]:
        """Each calendar with the places of its moments."""
        if self.by is None:
            calendar = self._rest
            assert calendar is not None
            yield calendar, slice(None)
            return
        text = _attribute(log, self.by)
        levels = text.levels.to_pylist()
        which = np.array([self._place(level) for level in [*levels, None]], np.int64)
        of_moment = which[text.codes[case]]
        if np.any(of_moment < 0):
            without = np.unique(text.codes[case[of_moment < 0]])
            raise LogError(self._without(log, [levels[code] for code in without if code >= 0]))
        for k, calendar in enumerate([*self.calendars.values(), *([self._rest] if self._rest else [])]):
            here = np.flatnonzero(of_moment == k)
            if len(here):
                yield calendar, here

    def _place(self, value: str | None) -> int:
        """Which of the calendars a value names: the last place is that for the rest, -1 none."""
        names = list(self.calendars)
        if value in names:
            return names.index(value)
        return -1 if self._rest is None else len(names)

    def _without(self, log: Any, values: list[str]) -> str:
        private = self.by in log.about.persons or len(values) > MOST_VALUES
        shown = f"{len(values):,} values" if private else ", ".join(map(repr, values))
        what = f"{shown} of {self.by}" if values else f"cases whose {self.by} is missing"
        return (
            f"There is no calendar for {what}. There are calendars for: {', '.join(self.calendars)}. Name the others, or "
            "one for all the rest: calendars: {default: {hours: ...}}."
        )


def office_hours(log: Any) -> OfficeHours:
    """The clock of the opening hours in the log's spec (`calendars`, `calendar_by`); a LogError if it has none."""
    about = log.about
    if not about.calendars:
        raise LogError(
            "This log has no calendars. Name the opening hours in its spec: calendars: {default: {hours: {monday: "
            '"08:00-16:00", ...}, holidays: AT}}; or use a clock of your own: OfficeHours({"default": Calendar(...)}).'
        )
    try:
        return OfficeHours({name: Calendar.from_spec(one) for name, one in about.calendars.items()}, about.calendar_by)
    except ValueError as error:
        raise LogError(f"The calendars of this log: {error}") from error


def _zone(calendar: Calendar, log: Any) -> str | None:
    """The zone on whose wall clock this log's moments are read; None if they are wall-clock already."""
    if log.about.axis == "civil":
        return None
    zone = calendar.zone or log.about.zone
    if zone is None:
        raise LogError(
            "The times of this log are in UTC, and opening hours are told by a clock on a wall: name the time zone in the "
            "spec (zone: Europe/Vienna), or that of each calendar."
        )
    return str(zone)


def _attribute(log: Any, name: str) -> Any:
    if name not in log.attributes:
        there = ", ".join(log.attributes) or "none"
        raise LogError(f"calendar_by: cases have no attribute {name!r} that names their calendar. There are: {there}.")
    return log.attributes[name]


def _dates(time: Ints, zone: str | None) -> Ints:
    """The date of each moment, counted from 1970."""
    return (to_wall(time, zone) if zone else time) // DAY_LENGTH


def _day_ends(date: Ints, zone: str | None) -> Ints:
    """The last microsecond of each date, on the log's axis."""
    if zone is None:
        return (date + 1) * DAY_LENGTH - 1
    dates, place = np.unique(date + 1, return_inverse=True)
    return np.array([from_wall(np.int64(one).astype("M8[D]"), zone) - 1 for one in dates], np.int64)[place]


@lru_cache(maxsize=256)
def _open_upto(calendar: Calendar, first_year: int, last_year: int) -> tuple[int, Ints]:
    """The first day (from 1970), and on how many dates from then on, up to and including each, the office is open."""
    first, after = (np.datetime64(f"{year:04}-01-01", "D") for year in (first_year, last_year + 1))
    return int(first.astype(np.int64)), np.cumsum(calendar.open_days(first, after - 1))


def _ahead(calendar: Calendar, date: Ints, n: Ints) -> Ints:
    """The first date up to which, after `date`, the office was open n times; farther years are looked at as needed."""
    first_year, last_year = years_of([date * DAY_LENGTH])
    while True:
        first, upto = _open_upto(calendar, first_year, last_year)
        wanted = upto[date - first] + n
        if not len(date) or wanted.max() <= upto[-1]:
            return first + np.searchsorted(upto, wanted)
        if last_year > FARTHEST:
            raise ValueError(f"{int(n.max()):,} working days ahead lie beyond the year {FARTHEST:,}.")
        last_year += 10


CALENDAR_TIME = CalendarTime()


def read_day(text: str) -> np.datetime64:
    """A date (2026-03-01), or a date and time of day (2026-03-01 14:30), of the years 1800 to 2200."""
    found = DAY_FORM.fullmatch(str(text).strip())
    try:
        wall = np.datetime64(found[0].replace(" ", "T")) if found else None
    except ValueError:
        wall = None
    if wall is None or not 1800 <= int(str(wall)[:4]) <= 2200:
        raise ValueError(f"{text!r} is not a date; write it as 2026-03-01.")
    return wall


def to_wall(time: Ints, zone: str) -> Ints:
    """UTC microseconds as wall-clock microseconds of a zone ("Europe/Vilnius")."""
    return stretches(zone, *years_of([time])).wall(time) if len(time) else time


def from_wall(moment: np.datetime64, zone: str) -> int:
    """A wall-clock moment of a zone as UTC microseconds; of two such moments (clocks put back) the first."""
    wall: datetime = moment.astype("M8[us]").item()
    return round((wall.replace(tzinfo=ZoneInfo(zone)) - EPOCH) / timedelta(microseconds=1))


def clock_changes(wall: Ints, zone: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which wall-clock moments of a zone never were (clocks put forward), and which were twice (clocks put back)."""
    there, day = ZoneInfo(zone), wall // (96 * QUARTER)
    days = [int(one) for one in np.unique(day) if _offset_on(int(one) - 1, there) != _offset_on(int(one) + 2, there)]
    near = np.flatnonzero(np.isin(day, days))
    quarter, place = np.unique(wall[near] // QUARTER, return_inverse=True)
    moments = [(EPOCH + timedelta(minutes=15 * int(one))).replace(tzinfo=there) for one in quarter]
    by = np.array([[_east(one.replace(fold=fold)) for fold in (0, 1)] for one in moments], np.int64).reshape(-1, 2)
    never, twice = np.zeros(len(wall), bool), np.zeros(len(wall), bool)
    never[near], twice[near] = (by[:, 0] < by[:, 1])[place], (by[:, 0] > by[:, 1])[place]  # PEP 495
    return never, twice


def _offset_on(day: int, zone: ZoneInfo) -> int:
    """At the beginning of a day, counted from 1970."""
    return _offset(EPOCH + timedelta(days=min(max(day, FIRST_DAY), LAST_DAY)), zone)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    """In microseconds; in the first and the last days that Python knows, as a day further in."""
    inside = min(max(moment, EPOCH + timedelta(days=FIRST_DAY)), EPOCH + timedelta(days=LAST_DAY))
    return _east(inside.astimezone(zone))


def _east(moment: datetime) -> int:
    shift = moment.utcoffset()
    return 0 if shift is None else round(shift / timedelta(microseconds=1))
