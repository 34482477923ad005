"""Briefs: what was found on one printed page, for people who will not open a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from procmine.about import About, Audience
from procmine.find.time.bottlenecks import BEFORE, DORMANT_AFTER, OURS, Bottlenecks, bottlenecks
from procmine.log import EventLog, LogError, shown
from procmine.publish.drawn import safe_map
from procmine.publish.few import LEAST, by_month, may_be_said, rounded
from procmine.publish.page import (
    Html,
    Stamp,
    figures,
    heading,
    joined,
    listing,
    page,
    paragraph,
    picture,
    text,
    write_page,
)
from procmine.publish.persons import filters, refuse_chosen
from procmine.publish.safety import show, without_few_dormant
from procmine.results import Result, seconds
from procmine.see.maps import ProcessMap, process_map
from procmine.see.survival import Survival, survival
from procmine.words import Message, Span, Value

MOST_BARS = 6
MAP_STEPS = 8
LITTLE = 0.005  # a smaller share of the time is said as "0.0 of 10 days"
COLUMN = 3.45  # inches: half a page
RIGHT = 0.94  # of it: where the chart ends, so that the last number below it has room
MOST_TICKS = 4
LETTERS = 8.5  # size of the names beside bars
NO_PLACE = {  # why a row is in no figure: the words for it
    **dict.fromkeys(("no_time", "unreadable_time", "unreadable_start", "not_a_date"), "no_date"),
    **dict.fromkeys(("after_cutoff", "far_before", "start_after_end"), "impossible"),
}
KNOWN_NOTES = ("load.rows", "load.ends.", "load.cutoff.")  # what the door said that bears on the answer


@dataclass(frozen=True)
class Brief:
    """One page; `html` is the whole file."""

    headline: str
    html: str

    def save(self, path: str | Path) -> Path:
        """Write the page; replaces `path` when complete. Its name must end in .html or .htm."""
        file = Path(path)
        if file.suffix.lower() not in (".html", ".htm"):
            raise ValueError(
                f"A brief is a page: name it something.html, not {file.name!r}. A browser prints it as PDF."
            )
        return write_page(file, self.html)

    def __str__(self) -> str:
        return self.headline


def brief(
    log: EventLog,
    *,
    forecast: Result | None = None,
    comparison: Result | None = None,
    audience: Audience | None = None,
    next_steps: Sequence[str] = (),
) -> Brief:
    """The step before which most time passes, how sure that is, and what to do next, on one A4 page.

    forecast, comparison: their first sentences are added. audience: the log's own unless named; for others than the team
    small counts are left out, as `safety.show` says. next_steps: your own lines instead of the usual ones.
    """
    if audience is not None and audience not in get_args(Audience):
        raise ValueError(f"No audience {audience!r}; there are: {', '.join(get_args(Audience))}.")
    if not len(log):
        raise LogError("No case is left to write about. Which filter is too narrow?")
    whom = audience or log.about.audience
    if whom != "team":
        refuse_chosen(log.about)
        if len(log) < 2 * LEAST:
            raise LogError(
                f"{len(log)} cases: a brief that leaves the team needs {2 * LEAST}, since it tells of their half."
            )
    further = [one for one in (comparison, forecast) if one is not None]
    places = bottlenecks(log) if whom == "team" else without_few_dormant(bottlenecks(log))
    return _Draft(log, places, survival(log), whom).written(further, next_steps)


@dataclass(frozen=True, eq=False)
class _Draft:
    log: EventLog
    places: Bottlenecks
    whole: Survival
    audience: Audience

    def written(self, further: Sequence[Result], next_steps: Sequence[str]) -> Brief:
        headline = self.say("brief.top.active" if self.mostly_dormant else "brief.top", self.top_values())
        lead = [self.lead(), *(one for result in further for one in list(show(result, self.audience).sentences)[:1])]
        drawn = process_map(self.log, show="median", steps=MAP_STEPS, mark=self.step)
        left = joined([heading(Message("brief.map").say()), _map(drawn, self.step, self.audience)])
        right = joined([heading(Message("brief.chart").say()), self.chart(), *self.lists(next_steps)])
        stamp = Stamp.of(self.log.about, self.audience)
        parts = [
            paragraph(stamp.title, "about") if stamp.title else Html(""),
            heading(headline, 1),
            *(paragraph(line, "lead") for line in lead),
            figures([self.half(), self.share(), self.waiting()]),
            Html(f'<div class="columns"><div>{left}</div><div>{right}</div></div>'),
            joined([Html(f"<p><b>{text(Message('result.how').say())}.</b> {text(self.how())}</p>")], "how"),
        ]
        short = replace(stamp, source={name: value[:12] for name, value in stamp.source.items() if "sha" in name})
        return Brief(headline, page(headline, parts, short, kind="brief"))

    @property
    def row(self) -> dict[str, Any]:
        """The place where most time goes: of those that enough cases came to."""
        rows, there = self.places.rows, self.there()
        if not len(there):
            raise LogError(
                "No step with a known wait before it: each case has one event only, or too few cases have more."
            )
        if not rows[self.part][there[0]] >= LITTLE:
            raise LogError(
                "No time passes between the steps of these cases, or less than 1 in 200 of all, so there is no wait to write "
                "about. Are the times of all steps the same, as after a migration? Or has all the time passed since the last "
                "step of open cases: are steps missing from the export?"
            )
        return {name: column[there[0]] for name, column in rows.items()}

    @property
    def dormant(self) -> float:
        """The share of all time since the last step of dormant cases."""
        return float(self.places.rows["share"][self.places.rows["kind"] == DORMANT_AFTER].sum())

    @property
    def mostly_dormant(self) -> bool:
        return self.dormant > 0.5

    @property
    def part(self) -> str:
        """The column of shares that is told: without dormant cases if most of all time is theirs."""
        return "share_active" if self.mostly_dormant else "share"

    def there(self) -> NDArray[np.int64]:
        """The rows of steps that were reached often enough for their half to be told, largest share first."""
        rows = self.places.rows
        enough = 1 if self.audience == "team" else 2 * LEAST
        return np.flatnonzero((rows["kind"] == BEFORE) & (rows["n"] >= enough))

    @property
    def step(self) -> str:
        return str(self.row["step"])

    def say(self, key: str, values: dict[str, Value]) -> str:
        """In the words of the audience: for others than the team counts are rounded, for the public days are months."""
        message = Message(key, values)
        said = message.say() if self.audience == "team" else rounded(message).say()
        return by_month(said) if self.audience == "public" else said

    def top_values(self) -> dict[str, Value]:
        row = self.row
        spans: dict[str, Value] = {"p50": Span(seconds(row["p50"]), self.places.day)}
        return {"step": str(row["step"]), "tenths": 10 * float(row[self.part]), "n": int(row["n"]), **spans}

    def lead(self) -> str:
        return self.say("brief.lead.counted", self.top_values())

    def half(self) -> tuple[str, str, str]:
        """By when half of all cases are finished."""
        rows = self.whole.rows
        place = int(np.flatnonzero(np.isclose(rows["share"], 0.5))[0])
        time, low, high = (rows[name][place] for name in ("time", "low", "high"))
        cases = self.say("brief.cases.few" if self.few else "brief.cases", {"cases": len(self.log), "open": self.open})
        if np.isnat(time):
            return Message("brief.half.never").say(), Message("brief.half.never.what").say(), cases
        spans = {name: Span(seconds(one), self.whole.day) for name, one in (("low", low), ("high", high))}
        between = Message(_range_key(low, high), dict(spans)).say()
        number = Message("brief.half", {"time": Span(seconds(time), self.whole.day)}).say()
        return number, Message("brief.half.what").say(), f"{between}; {cases}"

    def share(self) -> tuple[str, str, str]:
        row = self.row
        if self.mostly_dormant:  # the range is that of the share with them
            number, what = (self.say(key, self.top_values()) for key in ("brief.share", "brief.share.what"))
            return number, what, Message("brief.share.active", {"dormant": self.dormant}).say()
        known = not np.isnan(row["low"])
        ends: dict[str, Value] = {"low": 10 * float(row["low"]), "high": 10 * float(row["high"])}
        between = Message("brief.share.range", ends).say() if known else Message("brief.no_range").say()
        number, what = (self.say(key, self.top_values()) for key in ("brief.share", "brief.share.what"))
        return number, what, between

    @property
    def open(self) -> int:
        return int(self.log.open.sum())

    @property
    def few(self) -> bool:
        """Whether so few are open that others than the team may not know how many."""
        return self.audience != "team" and 0 < self.open < LEAST

    def waiting(self) -> tuple[str, str, str]:
        """Cases that are open when the data end, and how long half of them have been."""
        day = str(shown(self.log.about, np.array([self.log.about.cutoff]))[0])[:10]
        number = (
            Message("brief.waiting.few", {"least": LEAST}).say()
            if self.few
            else self.say("brief.waiting", {"open": self.open})
        )
        what = Message("brief.waiting.what").say()
        if self.open < (1 if self.audience == "team" else 2 * LEAST):
            return number, what, self.say("brief.waiting.on", {"day": day})
        long = np.median((self.log.until - self.log.arrival)[self.log.open]) / 1e6
        return number, what, self.say("brief.waiting.half", {"time": Span(float(long)), "day": day})

    def chart(self) -> Html:
        """The largest places where time goes, of enough cases."""
        from procmine.draw.charts import LABEL_ROOM, Bar, bars
        from procmine.draw.lettering import width, wrap
        from procmine.draw.picture import new_figure, style

        rows, there = self.places.rows, self.there()[:MOST_BARS]
        data = []
        for place in there:
            share = float(rows[self.part][place])
            ends = (np.nan, np.nan) if self.mostly_dormant else (float(rows["low"][place]), float(rows["high"][place]))
            data.append(Bar(str(rows["step"][place]), share, *ends, f"{share:.0%}", marked=place == there[0]))
        names = [wrap(bar.label, LABEL_ROOM, LETTERS, most=3) for bar in data]
        beside = max(width(line, LETTERS) for name in names for line in name) + 10
        high = 0.25 + sum(0.34 + 0.1 * (len(name) - 1) for name in names)
        left, low = beside / 72 / COLUMN, 0.22 / high
        with style():
            figure = new_figure(COLUMN, high)
            axes = figure.add_axes((left, low, RIGHT - left, 0.99 - low))
        bars(data, ax=axes)
        axes.set_xticks(_few_ticks(axes.get_xlim()[1]))
        told = [Message("brief.chart.bar", {"step": bar.label, "share": bar.value}).say() for bar in data]
        alt = Message("brief.chart.alt", {"bars": ", ".join(told)}).say()
        key = "brief.chart.caption.active" if self.mostly_dormant else "brief.chart.caption"
        return picture(figure, alt, caption=Message(key).say())

    def lists(self, next_steps: Sequence[str]) -> list[Html]:
        wrong, further = Message("brief.wrong").say(), Message("brief.next").say()
        return [
            joined([heading(wrong), listing(self.doubts())]),
            joined([heading(further), listing(next_steps or self.advice())]),
        ]

    def doubts(self) -> list[str]:
        found = [
            one for one in self.places.messages() if one.key in ("bottleneck.open", "result.simulated", "result.cut")
        ]
        if self.dormant >= LITTLE:
            key = "brief.wrong.dormant.active" if self.mostly_dormant else "brief.wrong.dormant"
            found.append(Message(key, {"share": self.dormant}))
        doubts = [one.say() for one in found if self.audience == "team" or may_be_said(one, whole=True)]
        always = [Message(f"brief.wrong.{key}").say() for key in ("elapsed", "nobody")]
        return [*always, *doubts, *self.left_out(), *([] if self.open else [Message("brief.wrong.cases").say()])]

    def left_out(self) -> list[str]:
        """How many rows have no place in time, or an impossible one: they are in no figure."""
        counts = dict.fromkeys(dict.fromkeys(NO_PLACE.values()), 0)
        for note in self.log.about.notes:
            reason = note.key.removeprefix("load.aside.")
            if reason in NO_PLACE and note.key != reason:
                counts[NO_PLACE[reason]] += int(str(note.values["n"]))
        said = [Message(f"brief.wrong.{key}", {"n": n}) for key, n in counts.items() if n]
        return [self.say(one.key, dict(one.values)) for one in said if self.audience == "team" or may_be_said(one)]

    def advice(self) -> list[str]:
        who = str(self.row["who"])
        kind = "law" if who == "law" else "ours" if who in OURS else "other" if who else "unknown"
        first = Message(f"brief.next.{kind}", {"step": self.step, "who": who})
        return [first.say(), *(Message(f"brief.next.{key}").say() for key in ("try", "compare"))]

    def how(self) -> str:
        """Definitions, filters, and what the door said, in one paragraph."""
        history = [f"{step[:1].upper()}{step[1:]}." for step in filters(self.log.about, others=self.audience != "team")]
        notes = things(self.log.about) if self.audience == "team" else []
        said = " ".join([self.places.definition, self.whole.definition, *history, *notes])
        return by_month(said) if self.audience == "public" else said


def things(about: About) -> list[str]:
    """What the door noted that a reader should know: how many rows were kept, when a case is finished, up to when."""
    return [note.say() for note in about.notes if note.key.startswith(KNOWN_NOTES)]


def _map(drawn: ProcessMap, step: str, audience: Audience) -> Html:
    """The map in half a page's width; the caption stands in the page."""
    from procmine.draw.picture import new_figure, style
    from procmine.draw.process_map import draw_map_on

    safe = drawn if audience == "team" else safe_map(drawn)
    with style():
        figure = new_figure(COLUMN, 5.3)
        axes = figure.add_axes((0, 0, 1, 1))
    draw_map_on(axes, safe.picture)
    values: dict[str, Value] = {"steps": safe.scope.steps, "all": safe.scope.all_steps, "step": step}
    some, over = safe.scope.steps < safe.scope.all_steps, any(one.dashed for one in safe.picture.arrows)
    values["which"] = Message("brief.map.some" if some else "nothing", dict(values))
    values["over"] = Message("brief.map.over" if over else "nothing")
    alt, caption = (Message(f"brief.map.{key}", values).say() for key in ("alt", "caption"))
    return picture(figure, alt, caption=caption)


def _range_key(low: np.timedelta64, high: np.timedelta64) -> str:
    if np.isnat(low) and np.isnat(high):
        return "brief.no_range"
    return "brief.range.most" if np.isnat(low) else "brief.range.least" if np.isnat(high) else "brief.range"


def _few_ticks(end: float) -> list[float]:
    """Whole steps of percents from none to the end of the axis."""
    steps = (0.01 * step * ten for ten in (0.1, 1, 10) for step in (1, 2, 5))
    step = next((one for one in steps if end / one < MOST_TICKS), 0.5)
    return [step * k for k in range(int(min(end, 1.0) / step + 1e-9) + 1)]
