"""Quick wins: which step, if it took less time, would bring the whole case most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.clocks import CALENDAR_TIME
from procmine.find.shorter.paths import Paths, check
from procmine.find.shorter.step import COLUMNS, MOST_BARS, bar, columns, limits, said_range, said_year, table
from procmine.find.shorter.target import LEAST, Target
from procmine.find.time.owners import MINE, OTHERS, OWNERS, PARTLY, STATUTE, UNKNOWN, owner_of, who_of
from procmine.kernels.flow import Ints
from procmine.log import Clock, EventLog, Log, in_memory
from procmine.results import Result, Rows, seconds
from procmine.see.enabling import beside
from procmine.see.groups import by_groups
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHOSE = {
    MINE: "wins.ours",
    PARTLY: "wins.partly",
    UNKNOWN: "wins.unknown",
    OTHERS: "wins.others",
    STATUTE: "wins.by_law",
}
MOST_NAMED, LEAST_SHARE = 8, 0.005  # of a case's time: less is not worth a question


@dataclass(frozen=True, eq=False)
class QuickWins(Result):
    """One row per step that would shorten cases: those that are ours to change first, then those that are partly, then those
    of which the log's spec does not say it, then those of others, each with the largest saving first; last those set by law.

    rank (int, 0: set by law, not ranked); whose (text), one of OWNERS in find/owners.py; the rest as in `Shorter`. Steps
    that came fewer than 20 times are left out, and so are other ends than the commonest (the log's outcomes): to withdraw
    sooner is no win. The savings need not add up: each is that of one step alone.
    """

    meaning = "define.quick_wins"
    none_is_an_answer = True
    none = "wins.none"

    def findings(self) -> Sequence[Message]:
        whose = self.rows["whose"].astype(str)
        said = [self._told(int(place)) for place in np.flatnonzero(whose == MINE)[:3]]
        saving = self.rows["saving"] / np.timedelta64(1, "s")
        others = np.flatnonzero(~np.isin(whose, [MINE, STATUTE]))
        most = sorted(others, key=lambda place: -saving[place])
        said += [self._told(int(place)) for place in most[: 1 if said else 3]]
        much = self.rows["saving"] >= LEAST_SHARE * self.rows["now"]
        for key, wanted in (("wins.ask", UNKNOWN), ("wins.law", STATUTE)):
            named = [str(step) for step in self.rows["step"][(whose == wanted) & much]]
            said += [Message(key, {"steps": ", ".join(named[:MOST_NAMED])})] if named else []
        return [*said, *limits({name: column[0] for name, column in self.rows.items()})]

    def _told(self, place: int) -> Message:
        row = {name: column[place] for name, column in self.rows.items()}
        spans: dict[str, Value] = {name: Span(seconds(row[name]), self.day) for name in ("target", "saving")}
        counts: dict[str, Value] = {name: int(row[name]) for name in ("longer", "cases")}
        values = {
            **spans,
            **counts,
            "step": str(row["step"]),
            "who": str(row["who"]),
            "range": said_range(row, self.day),
            "year": said_year(row, self.day),
        }
        return Message("wins.gain", {**values, "whose": Message(WHOSE[str(row["whose"])], values)})

    def plot(self, ax: Axes | None = None) -> Axes:
        """What each step would bring, as a share of a case's time, with its range; of groups, the last one's."""
        from procmine.draw.charts import bars

        if self.groups:
            return self.plot_last(ax)
        places = range(min(len(self), MOST_BARS))
        drawn = [
            bar(self._label(place), self.rows, place, self.day, self.rows["whose"][place] == MINE) for place in places
        ]
        axis = Message("shorter.axis", {"cases": int(self.rows["cases"][0])}).say()
        return bars(drawn, title=Message("wins.picture").say(), axis=axis, ax=ax)

    def _label(self, place: int) -> str:
        row = {name: column[place] for name, column in self.rows.items()}
        target = Span(seconds(row["target"]), self.day)
        law = Message("wins.by_law" if row["whose"] == STATUTE else "nothing")
        return Message("wins.label", {"step": str(row["step"]), "target": target, "law": law}).say()


def quick_wins(
    log: Log,
    *,
    days: float | None = None,
    best: str | None = None,
    by: Sequence[str] = (),
    clock: Clock = CALENDAR_TIME,
) -> QuickWins:
    """What each step alone would bring the whole case, were it shorter; `days` and `best` as in `if_step_took`."""
    here = in_memory(log)
    by = (by,) if isinstance(by, str) else tuple(by)
    check(here, days, best)
    which = beside(here)
    whole = Paths.of(here, which, clock)
    found = {int(code): whole.target(np.array([code]), days, best, clock.day) for code in _worth_a_try(whole.log)}
    targets = {code: target for code, target in found.items() if target is not None}

    def rows_of(part: EventLog) -> Rows:
        return _ranked(Paths.of(part, which, clock), targets)

    rows, groups, about = by_groups(here, rows_of, by)
    return QuickWins(rows, about, True, {"days": days, "best": best, "clock": clock}, groups=groups)


def _worth_a_try(log: EventLog) -> Ints:
    """Steps that came often enough, without the ends in which fewer cases ended than in another."""
    times = np.bincount(log.activity, minlength=len(log.about.activities))
    ends = [code for code, name in enumerate(log.about.activities) if name in log.about.outcomes]
    other = [code for code in ends if code != max(ends, key=lambda end: times[end])]
    times[other] = 0
    return np.flatnonzero(times >= LEAST)


def _ranked(paths: Paths, targets: dict[int, Target]) -> Rows:
    """One line for each step that would shorten a case."""
    lines = [_line(paths, np.array([code]), target) for code, target in targets.items()]
    lines = [line for line in lines if line["saving"] > np.timedelta64(0, "s")]
    lines.sort(key=lambda line: (OWNERS.index(line["whose"]), -seconds(line["saving"])))
    for place, line in enumerate(lines, 1):
        line["rank"] = 0 if line["whose"] == STATUTE else place
    return columns(lines, ("rank", "whose", *COLUMNS))


def _line(paths: Paths, codes: Ints, target: Target) -> dict[str, Any]:
    step = paths.log.about.activities[codes[0]]
    who = who_of(paths.log.about, step)
    return {**table(step, who, target, paths.row(paths.effect(codes, target.length))), "whose": owner_of(who)}
