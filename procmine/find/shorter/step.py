"""If a step took less time: how much sooner the whole case would end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.clocks import CALENDAR_TIME
from procmine.find.shorter.paths import Paths, check
from procmine.find.shorter.target import Target
from procmine.find.time.owners import STATUTE, owner_of_step, who_of
from procmine.log import Clock, EventLog, Log, LogError, codes_of, in_memory
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.enabling import beside
from procmine.see.groups import by_groups
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.charts import Bar

MUCH = 0.05  # of the time taken off a step that brings the case nothing: then it is said
MOST_BARS = 12
COLUMNS: tuple[str, ...] = (
    "step",
    "who",
    "target",
    "like",
    "n",
    "longer",
    "cases",
    "open",
    "late",
    "cut",
    "saving",
    "low",
    "high",
)
COLUMNS += ("now", "per_year", "horizon")


@dataclass(frozen=True, eq=False)
class Shorter(Result):
    """One row (a group). step (text); who (text) can change it, from the log's spec; target (timedelta64[s]): the most it
    would take from when it could begin; like (text): the office whose middle that is, "" if none; n (int): times it
    came; longer (int) of them that took longer; cases (int) that came, of which open; late (int): left out, begun before the
    data are complete; then timedelta64[s], all per case that came, whether or not it reached the step: cut = time taken off
    the step; saving = time taken off the whole case, low, high: where that likely lies (95%, by entry weeks, NaT
    below 20); now = from a case's beginning to its last step; per_year: saving of all the cases of
    a year together (NaT below half a year of arrivals);
    horizon (float): the age, in days of the calendar, up to which cases are counted (nan: to their end).
    """

    meaning = "define.shorter"

    def findings(self) -> Sequence[Message]:
        row = {name: column[0] for name, column in self.rows.items()}
        if not row["longer"] or not row["saving"]:
            return [Message("shorter.nothing", self._values(0)), *(limits(row) if row["longer"] else [])]
        said = [Message("shorter.top", {**self._values(0), "range": said_range(row, self.day)}), *self._more(row)]
        if owner_of_step(self.about, str(row["step"])) == STATUTE:
            said.append(Message("bottleneck.law", {"step": str(row["step"])}))
        return [*said, *limits(row)]

    def _more(self, row: dict[str, Any]) -> list[Message]:
        """How much of the whole that is, how often it came, and what runs beside it."""
        values = self._values(0)
        said = [Message("shorter.share", values), Message("shorter.counts", values)]
        lost = 1 - seconds(row["saving"]) / max(seconds(row["cut"]), 1e-9)
        return [*said, *([Message("shorter.beside", {**values, "lost": lost})] if lost >= MUCH else [])]

    def _values(self, place: int) -> dict[str, Value]:
        row = {name: column[place] for name, column in self.rows.items()}
        spans: dict[str, Value] = {
            name: Span(seconds(row[name]), self.day) for name in ("target", "saving", "cut", "now")
        }
        counts: dict[str, Value] = {name: int(row[name]) for name in ("n", "longer", "cases", "open")}
        share = seconds(row["saving"]) / max(seconds(row["now"]), 1e-9)
        like = Message("shorter.like", {"office": str(row["like"])}) if row["like"] else self._why()
        return {
            **spans,
            **counts,
            "step": str(row["step"]),
            "share": share,
            "like": like,
            "year": said_year(row, self.day),
        }

    def _why(self) -> Message:
        return Message("shorter.fifth" if self.arguments.get("days") is None else "nothing")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Time taken off the step and off the whole case, as shares of a case's time; of groups, off the whole case."""
        from procmine.draw.charts import Bar, bars

        title = Message("shorter.picture", self._values(0)).say()
        axis = Message("shorter.axis", {"cases": int(self.rows["cases"].sum())}).say()
        if self.groups:
            parts = list(self.parts().items())[:MOST_BARS]
            return bars([bar(name, part.rows, 0, self.day) for name, part in parts], title=title, axis=axis, ax=ax)
        row = {name: column[0] for name, column in self.rows.items()}
        whole = max(seconds(row["now"]), 1e-9)
        off = Message("shorter.note", {"saving": Span(seconds(row["cut"]), self.day)})
        step = Bar(Message("shorter.off_step").say(), seconds(row["cut"]) / whole, note=off.say())
        case = bar(Message("shorter.off_case").say(), self.rows, 0, self.day, marked=True)
        return bars([step, case], title=title, axis=axis, ax=ax)


def said_range(row: dict[str, Any], day: float) -> Message:
    if np.isnat(row["low"]):
        return Message("shorter.no_range")
    return Message("shorter.range", {name: Span(seconds(row[name]), day) for name in ("low", "high")})


def said_year(row: dict[str, Any], day: float) -> Message:
    """What all cases of a year would gain together, where half a year of arrivals tells."""
    if np.isnat(row["per_year"]):
        return Message("nothing")
    return Message("shorter.year", {"per_year": Span(seconds(row["per_year"]), day)})


def limits(row: dict[str, Any]) -> list[Message]:
    """What the figure supposes, and which cases it does not count."""
    said = [Message("shorter.limits")]
    if row["late"]:
        said.append(Message("shorter.late", {"n": int(row["late"])}))
    if not np.isnan(row["horizon"]):
        said.append(Message("shorter.horizon", {"horizon": Span(row["horizon"] * DAY)}))
    if row["open"] == row["cases"]:
        said.append(Message("shorter.all_open"))
    return [*said, *([] if row["open"] else [Message("log.none_open")])]


def bar(label: str, rows: Rows, place: int, day: float, marked: bool = False) -> Bar:
    """Of one row: the share of a case's time that would go, with its range; the note says it in days."""
    from procmine.draw.charts import Bar

    row = {name: column[place] for name, column in rows.items()}
    whole = max(seconds(row["now"]), 1e-9)
    share = {name: seconds(row[name]) / whole for name in ("saving", "low", "high")}
    spans: dict[str, Value] = {name: Span(seconds(row[name]), day) for name in share if not np.isnat(row[name])}
    note = Message("shorter.note.range" if len(spans) == len(share) else "shorter.note", spans)
    return Bar(label, share["saving"], share["low"], share["high"], note.say(), marked)


def table(step: str, who: str, target: Target, figures: Mapping[str, object]) -> dict[str, Any]:
    length = timedeltas(np.array([target.length / 1e6]))[0]
    return {"step": step, "who": who, "target": length, "like": target.office, **figures}


def columns(lines: Sequence[Mapping[str, object]], names: Sequence[str] = COLUMNS) -> Rows:
    """Lines as columns, each of its kind."""
    kinds = {"n": np.int64, "longer": np.int64, "cases": np.int64, "open": np.int64, "late": np.int64, "rank": np.int64}
    text = ("step", "who", "like", "whose")
    kind = {name: kinds.get(name, object if name in text else "m8[s]") for name in names} | {"horizon": float}
    return {name: np.array([line[name] for line in lines], kind[name]) for name in names}


def if_step_took(
    log: Log,
    step: str,
    *,
    days: float | None = None,
    best: str | None = None,
    by: Sequence[str] = (),
    clock: Clock = CALENDAR_TIME,
) -> Shorter:
    """How much sooner cases would end if this step (or each step of this stage) took at most so long, every time it comes.

    At most `days` (of the clock); or what half of them take in the `best` office (an attribute of cases), drawn towards the
    others as far as chance may have made it best; or, with neither, the time within which the fastest fifth of them are done.
    A step's time runs from when all that it waits for was there: a join waits for the later of its branches, so that days
    taken off one branch may bring the case less, or nothing. Open cases count (see `Watched`). Groups share one target.
    """
    here = in_memory(log)
    by = (by,) if isinstance(by, str) else tuple(by)
    check(here, days, best)
    codes, which = codes_of(here.about, step), beside(here)
    target = Paths.of(here, which, clock).target(codes, days, best, clock.day)
    if target is None:
        raise LogError(_no_target(step, best))

    def rows_of(part: EventLog) -> Rows:
        paths = Paths.of(part, which, clock)
        figures = paths.row(paths.effect(codes, target.length))
        return columns([table(step, who_of(here.about, step), target, figures)])

    rows, groups, about = by_groups(here, rows_of, by)
    arguments = {"step": step, "days": days, "best": best, "clock": clock}
    return Shorter(rows, about, True, arguments, groups=groups)


def _no_target(step: str, best: str | None) -> str:
    if best is None:
        return f"No case of this log came to {step!r} while the data are complete: how fast it can be is unknown. Say days=."
    return (
        f"Fewer than two values of {best!r} have 20 cases that came to {step!r}: none can be called the best. Name another "
        "attribute, or days=."
    )
