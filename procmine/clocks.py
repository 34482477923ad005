"""Clocks: how moments become time run so far, and UTC becomes an agency's wall clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.kernels.worktime import worked
from procmine.words import DAY, Message

DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?")
QUARTER = 900_000_000  # microseconds; zones change their offset on the quarter of an hour
NEVER = np.iinfo(np.int64).min
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

    def read(self, time: Ints, case: Ints, log: object) -> Ints:
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

    def read(self, time: Ints, case: Ints, log: object) -> Ints:
        zone = getattr(log, "zone", None)
        wall = never_back(time, zone) if zone else time
        closed = np.array(self.holidays, "M8[D]").astype(np.int64)
        return worked(wall, self.opens, self.closes, self.weekdays, closed)


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
    there = ZoneInfo(zone)
    quarter, place = np.unique(time // QUARTER, return_inverse=True)
    shift = [_offset(EPOCH + timedelta(minutes=15 * int(one)), there) for one in quarter]
    return time + np.array(shift, np.int64)[place] if len(time) else time


def from_wall(moment: np.datetime64, zone: str) -> int:
    """A wall-clock moment of a zone as UTC microseconds; of two such moments (clocks put back) the first."""
    wall: datetime = moment.astype("M8[us]").item()
    return round((wall.replace(tzinfo=ZoneInfo(zone)) - EPOCH) / timedelta(microseconds=1))


def never_back(time: Ints, zone: str) -> Ints:
    """As `to_wall`, but the clock stands still while an hour comes twice: time that is worked never falls."""
    there = ZoneInfo(zone)
    quarter, place = np.unique(time // QUARTER, return_inverse=True)
    floor = np.array([_reached(int(one), there) for one in quarter], np.int64)
    return np.maximum(to_wall(time, zone), floor[place]) if len(time) else time


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


def _reached(quarter: int, zone: ZoneInfo) -> int:
    """What the wall clock had shown at most in the three hours before, if it has been put back since."""
    moments = [EPOCH + timedelta(minutes=15 * one) for one in (quarter - 12, quarter)]
    if _offset(moments[0], zone) <= _offset(moments[1], zone):
        return NEVER
    before = range(quarter - 12, quarter)
    return max((one + 1) * QUARTER + _offset(EPOCH + timedelta(minutes=15 * one), zone) for one in before)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    """In microseconds; in the first and the last days that Python knows, as a day further in."""
    inside = min(max(moment, EPOCH + timedelta(days=FIRST_DAY)), EPOCH + timedelta(days=LAST_DAY))
    return _east(inside.astimezone(zone))


def _east(moment: datetime) -> int:
    shift = moment.utcoffset()
    return 0 if shift is None else round(shift / timedelta(microseconds=1))
