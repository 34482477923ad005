"""Your office against the others: its own times, and of the others only how many are faster, alike or slower."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from procmine.about import Audience
from procmine.log import EventLog, moment
from procmine.publish.batch.months import day_after, days, months_up_to
from procmine.publish.batch.offices import NONE, cases_of_office, office_names
from procmine.publish.few import LEAST as ROUNDED_TO
from procmine.see.survival import SHARES, survival
from procmine.words import DAY, Message, Span

LEAST, OFFICES = 30, 5  # cases of an office, and offices, from which on they are compared
MEASURES = {"against.half": 0.5, "against.eight": 0.8}
STEPS = (1, 1.5, 2, 3, 5, 7)  # limits of bands: these, times a power of ten
NEVER = float("inf")


@dataclass(frozen=True)
class Time:
    """By when a share of an office's cases was closed, in days, and between which it likely lies (nan: not told)."""

    n: int
    days: float
    low: float
    high: float


@dataclass(frozen=True)
class Against:
    """What one office may know of the others. One row a measure: `own`, `low`, `high` (days; None: not reached or not
    told) and `n` cases are its own; faster, alike, slower, untold count the other `offices`; band_low, band_high (days)
    hold the middle half of all offices, itself among them. `said` tells the same. No rows where too little may be told."""

    rows: tuple[Mapping[str, Any], ...]
    said: tuple[Message, ...]

    def to_dict(self) -> dict[str, Any]:
        meaning = Message("define.against", {"least": LEAST, "offices": OFFICES})
        said = [one.to_dict() for one in self.said]
        return {"rows": [dict(one) for one in self.rows], "said": said, "definition": meaning.to_dict()}


def against_others(log: EventLog, by: str, month: str, *, audience: Audience = "team") -> dict[str, Against]:
    """For each office of the log ("" is none) what it may know, of the cases that began in the year up to the month's end."""
    names = [name for name in office_names(log, by) if name != NONE]
    first, last = months_up_to(month, 12), days("month", month)[1]
    began = (log.arrival >= moment(log.about, first)) & (log.arrival < moment(log.about, day_after(last)))
    parts = {name: log.take(np.flatnonzero(began & cases_of_office(log, by, name))) for name in names}
    enough = {name: part for name, part in parts.items() if len(part) >= LEAST}
    if len(enough) < OFFICES:
        few = Message("against.few", {"offices": OFFICES, "least": LEAST, "n": len(enough)})
        return dict.fromkeys(names, Against((), (few,)))
    times = {name: _times(part) for name, part in enough.items()}
    small = Against((), (Message("against.too_small", {"least": LEAST, "last": month}),))
    return {name: _against(name, times, month, audience) if name in times else small for name in names}


def _times(log: EventLog) -> dict[str, Time]:
    rows = survival(log).rows
    found = {}
    for measure, share in MEASURES.items():
        place = int(np.flatnonzero(np.isclose(SHARES, share))[0])
        time, low, high = (rows[name][place] / np.timedelta64(1, "D") for name in ("time", "low", "high"))
        reached = NEVER if np.isnan(time) else float(time)
        above = NEVER if np.isnan(high) and not np.isnan(low) else float(high)
        found[measure] = Time(len(log), reached, float(low), above)
    return found


def _against(name: str, times: Mapping[str, Mapping[str, Time]], month: str, audience: Audience) -> Against:
    rows: list[dict[str, Any]] = []
    said: list[Message] = []
    for measure in MEASURES:
        own = times[name][measure]
        others = [of[measure] for one, of in times.items() if one != name]
        row = {**_own(own, audience), **_bands(own, others), **_middle([own, *others])}
        rows.append({"measure": measure, **row})
        said += told(measure, row, month)
    return Against(tuple(rows), tuple(said))


def _own(own: Time, audience: Audience) -> dict[str, Any]:
    """Its own figures; for others than the team in whole days, and the cases rounded."""
    team = audience == "team"
    figures = {"own": own.days, "low": own.low, "high": own.high}
    told = {name: (one if team else float(round(one))) if np.isfinite(one) else None for name, one in figures.items()}
    return {**told, "n": own.n if team else round(own.n / ROUNDED_TO) * ROUNDED_TO}


def _bands(own: Time, others: Sequence[Time]) -> dict[str, int]:
    ways = [_way(own, other) for other in others]
    return {"offices": len(others), **{way: ways.count(way) for way in ("faster", "alike", "slower", "untold")}}


def _way(own: Time, other: Time) -> str:
    """Whether the other is clearly faster or slower than this one."""
    if np.isnan(own.low) or np.isnan(other.low):
        return "untold"
    return "faster" if other.high < own.low else "slower" if other.low > own.high else "alike"


def _middle(every: Sequence[Time]) -> dict[str, float | None]:
    """Between which limits the middle half of all offices lies, rounded outwards: the same for each of them."""
    ordered = sorted(one.days for one in every)
    low, high = ordered[(len(ordered) - 1) // 4], ordered[-((len(ordered) - 1) // 4) - 1]
    return {"band_low": _rounded(low, up=False), "band_high": _rounded(high, up=True)}


def _rounded(length: float, *, up: bool) -> float | None:
    """The next limit of bands at or below a length in days, or above it; None: not reached."""
    if not np.isfinite(length):
        return None
    limits = [0.0, *(step * 10.0**power for power in range(6) for step in STEPS)]
    return next(one for one in limits if one > length) if up else max(one for one in limits if one <= length)


def told(measure: str, row: Mapping[str, Any], month: str) -> Iterator[Message]:
    spans = {one: Span(row[name] * DAY) for one, name in _SPANS.items() if row[name] is not None}
    values = {"measure": Message(measure), "n": row["n"], "last": month, **spans}
    yield Message(f"against.own{_how(row)}", values)
    yield Message("against.others", {name: row[name] for name in ("offices", "faster", "alike", "slower")})
    if row["untold"]:
        yield Message("against.untold", {"n": row["untold"]})
    if row["band_low"] is not None:
        band = {name: Span(row[f"band_{name}"] * DAY) for name in ("low", "high") if row[f"band_{name}"] is not None}
        yield Message(
            "against.band" if len(band) == 2 else "against.band.open", {"offices": row["offices"] + 1, **band}
        )


_SPANS = {"time": "own", "low": "low", "high": "high"}


def _how(row: Mapping[str, Any]) -> str:
    if row["own"] is None:
        return ".never"
    if row["low"] is None:
        return ".bare"
    return ".open" if row["high"] is None else ""
