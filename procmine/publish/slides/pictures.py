"""Pictures: the charts and the map of the slides, as far as the audience may see them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.find.time.bottlenecks import BEFORE
from procmine.proof.compare import Comparison
from procmine.proof.verdict.kinds import NO_EVIDENCE, TOO_FEW
from procmine.publish.drawn import drawable, safe_map
from procmine.publish.few import LEAST, suppressed, to_least
from procmine.publish.findings import Findings
from procmine.publish.safety import show
from procmine.publish.slides.deck import Bars, Drawing, Lines
from procmine.results import Rows
from procmine.see.maps import ProcessMap, process_map
from procmine.simulate.forecast import Forecast
from procmine.words import Message, Span, Value

MOST_BARS = 6
UNSEEN = (NO_EVIDENCE, TOO_FEW)  # verdicts by which no difference was seen
MAP_STEPS = (5, 4, 3)  # the most of which names have 8 points or more on the slide, else the fewest
MAP_ROOM = (4.53, 5.24)  # inches
MAP_DPI = 220
MOST_DAYS = 54  # rows of the sheet behind a chart of lines
STEPS = (1, 2, 5, 7, 10, 14, 20, 25, 30, 50, 60, 90, 100, 150, 180, 200, 365, 500, 730, 1_000, 2_000, 3_650)  # days
DAY = np.timedelta64(1, "D")


def where_time_goes(found: Findings) -> tuple[Bars, Message]:
    """The largest places of enough cases, the step marked, and what its bars are."""
    places = found.places if found.audience == "team" else drawable(found.places)
    rows: Rows = {} if places is None else places.rows
    enough = 1 if found.audience == "team" else 2 * LEAST
    there = np.flatnonzero((rows["kind"] == BEFORE) & (rows["n"] >= enough))
    steps = rows["step"][there].astype(str)
    picked = list(range(min(MOST_BARS, len(there))))
    mine = np.flatnonzero(steps == found.step)
    if len(mine) and mine[0] not in picked:
        picked[-1] = int(mine[0])
    labels, shares = [str(steps[one]) for one in picked], [float(rows[found.part][there[one]]) for one in picked]
    marked = labels.index(found.step) if found.step in labels else 0
    key = "slides.where.marked" if found.step in labels else "slides.where.not_marked"
    told = tuple(
        Message("slides.where.bar", {"step": step, "share": share}) for step, share in zip(labels, shares, strict=True)
    )
    alt = Message("slides.where.alt", {"bars": told}).say()
    name = Message("slides.where.column.active" if found.mostly_dormant else "slides.where.column").say()
    return Bars(labels, name, shares, marked, alt), Message(key, {"step": found.step, "bars": name})


def small_map(found: Findings) -> tuple[Drawing, Message]:
    """The map of a few steps with the step marked, and what it shows."""
    for steps in MAP_STEPS:
        drawn = process_map(found.log, show="median", steps=steps, mark=found.step)
        safe = drawn if found.audience == "team" else safe_map(drawn)
        size = _size(safe)
        if all(points <= 72 * inches for points, inches in zip(size, MAP_ROOM, strict=True)):
            break
    values: dict[str, Value] = {"steps": safe.scope.steps, "all": safe.scope.all_steps, "step": found.step}
    return Drawing(_drawn(safe, size), Message("slides.map.alt", values).say()), Message("slides.map.caption", values)


def _size(safe: ProcessMap) -> tuple[float, float]:
    """Width and height in points."""
    from procmine.draw.process_map import plan_map

    wide, high = plan_map(safe.picture).placed.size
    return wide + 8, high + 8


def _drawn(safe: ProcessMap, size: tuple[float, float]) -> bytes:
    """Without a rim, so that it can be as large as its place on the slide."""
    from procmine.draw.picture import new_figure, png, style
    from procmine.draw.process_map import draw_map_on

    with style():
        figure = new_figure(size[0] / 72, size[1] / 72)
        axes = figure.add_axes((0, 0, 1, 1))
    draw_map_on(axes, safe.picture)
    return png(figure, MAP_DPI)


def before_and_since(found: Findings) -> Lines | None:
    """Of 100 cases, how many were there by each day, before and since; None where it may not be shown, or where lines that
    differ by chance would look like a gain."""
    told = found.comparison
    if told is None or found.flatters or told.instead is not None or told.verdict.kind in UNSEEN:
        return None
    safe: Any = told if found.audience == "team" else drawable(told)
    if safe is None or set(safe.curve["period"]) != {"before", "after"}:
        return None
    values = {name: found.safe(one) for name, one in told.values().items() if isinstance(one, Message)}
    said: dict[str, Value] = {**told.values(), **{name: one for name, one in values.items() if one is not None}}
    days = grid(safe.plan.horizon / 86_400e6)
    names = {period: Message(f"compare.{period}", said).say() for period in ("before", "after")}
    lines = {names[period]: _read(_of_period(safe, period), days, found.audience == "team") for period in names}
    return _lines(Message("slides.curve.across", said), days, lines)


def _of_period(told: Comparison, period: str) -> Rows:
    here = told.curve["period"] == period
    return {name: column[here] for name, column in told.curve.items()}


def _read(curve: Rows, days: list[float], whole: bool) -> list[float | None]:
    """Of 100, so many by each day: the last share reached by then. A coarse curve does not say what is below its first."""
    time = curve["time"] / DAY
    place = np.searchsorted(time, np.array(days) + 1e-9, side="right") - 1
    first: float | None = 0.0 if whole else None
    return [first if one < 0 else round(100 * float(curve["share"][one]), 6) for one in place.tolist()]


def foretold(found: Findings) -> Lines | None:
    """Of the first policy of a forecast, as far as it may be drawn."""
    told = found.forecast
    if told is None:
        return None
    drawn: Any = show(told, found.audience).picture
    if not isinstance(drawn, Forecast) or not len(drawn.curves["days"]):
        return None
    curves = drawn.curves
    here = curves["policy"] == curves["policy"][0]
    at = curves["days"][here]
    days = grid(float(np.nanmax(at)))
    names = {"today": "slides.forecast.today", "with_policy": "slides.forecast.with"}
    lines = {Message(key).say(): _upto(at, curves[name][here], days) for name, key in names.items()}
    return _lines(Message("slides.forecast.across"), days, lines)


def _upto(at: NDArray[Any], share: NDArray[Any], days: list[float]) -> list[float | None]:
    known = ~np.isnan(share)
    at, share = at[known], share[known]
    place = np.searchsorted(at, np.array(days) + 1e-9, side="right") - 1
    last = float(at[-1]) if len(at) else -1.0
    return [
        None if one < 0 or day > last + 1e-9 else round(100 * float(share[one]), 6)
        for one, day in zip(place.tolist(), days, strict=True)
    ]


def _lines(across: Message, days: list[float], lines: dict[str, list[float | None]]) -> Lines:
    """In words: what each line is half way and at its end."""
    told = []
    for name, values in lines.items():
        for place in dict.fromkeys((len(days) // 2, len(days) - 1)):
            share = values[place]
            if share is not None:
                time = Span(86_400 * days[place])
                told.append(Message("slides.curve.line", {"name": name, "time": time, "share": share}))
    alt = Message("slides.curve.alt", {"lines": tuple(told)}).say()
    return Lines(across.say(), Message("slides.curve.axis").say(), days, lines, alt)


def grid(longest: float) -> list[float]:
    """Even days from none up to the end, at most MOST_DAYS of them."""
    step = next((one for one in STEPS if longest / one <= MOST_DAYS - 1), STEPS[-1])
    return [float(step * k) for k in range(int(longest / step + 1e-9) + 1)]


def waiting_bars(found: Findings) -> Bars | None:
    """Open cases by their last step, the most first; None where nothing may be told."""
    now = found.waiting
    if now is None:
        return None
    rows: Rows = {"step": now.rows["step"], "n": now.rows["n"]}
    if found.audience != "team":
        rows = suppressed(rows)[0]
        rows = {"step": rows["step"], "n": to_least(rows["n"], LEAST)}
    rows = {name: column[rows["n"] > 0][:MOST_BARS] for name, column in rows.items()}
    if not len(rows["n"]):
        return None
    nowhere = Message("slides.now.nowhere").say()
    labels = [str(one) or nowhere for one in rows["step"]]
    counts = [int(one) for one in rows["n"]]
    told = tuple(Message("slides.now.bar", {"step": step, "n": n}) for step, n in zip(labels, counts, strict=True))
    alt = Message("slides.now.alt", {"bars": told}).say()
    return Bars(labels, Message("slides.now.column").say(), counts, 0, alt, of="count")
