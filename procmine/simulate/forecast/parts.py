"""Parts of a forecast: what it says besides times, each a table with its own sentences and picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.log import shown
from procmine.results import Result, Rows, seconds
from procmine.simulate.forecast.told import ARMS
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SLOWER, NO_GAIN, SOONER, UNSURE = "slower", "no gain", "sooner", "cannot tell"
TINY = 0.002  # of the mean of today: less is not worth a sentence
LITTLE = 0.01  # of the mean of today: less is no gain
MOST_NAMED = 5
MOST_STEPS = 12


def words(key: str) -> str:
    return Message(key).say()


@dataclass(frozen=True, eq=False)
class Amounts(Result):
    """A row is a measure that is no time. policy, measure, unit (text): "of 100 cases", "cases", "cases a week", "money
    a case"; today, with_policy, effect (floats; nan: only bounds are known) and their ends (90%): effect_low,
    effect_high, today_low, ... Open cases and those finished are of the time ahead, with the luck of who comes in
    it.
    """

    meaning = "define.forecast.amounts"

    def findings(self) -> Sequence[Message]:
        return [self._said(row) for row in range(len(self))]

    def told_besides(self) -> Rows:
        """The rows that say more than the picture of open cases does."""
        kept = ~np.isin(
            self.rows["measure"].astype(str), [words("forecast.open_on_average"), words("forecast.open_at_the_end")]
        )
        return {name: column[kept] for name, column in self.rows.items()}

    def _said(self, row: int) -> Message:
        one = {name: column[row] for name, column in self.rows.items()}
        values: dict[str, Value] = {"measure": str(one["measure"]), "unit": str(one["unit"])}
        values |= {name: amount(float(one[name])) for name in ARMS}
        if values["measure"] == words("forecast.cost.own"):
            return Message("forecast.amount.own", values)  # stated, so without a range
        values |= {"low": amount(float(one["with_policy_low"])), "high": amount(float(one["with_policy_high"]))}
        if np.isnan(one["with_policy"]):
            ends = [name for name in ("low", "high") if np.isfinite(one[f"with_policy_{name}"])]
            return Message(f"forecast.amount.bounds.{'both' if len(ends) == 2 else (ends or ['none'])[0]}", values)
        ranged = np.isfinite(one["with_policy_low"]) and np.isfinite(one["with_policy_high"])
        return Message("forecast.amount.ranged" if ranged else "forecast.amount", values)

    def shown(self) -> Rows:
        wanted = ("policy", "measure", "unit", *ARMS, "effect", "effect_low", "effect_high")
        return {name: self.rows[name] for name in wanted if name in self.rows}


def less(days: float) -> str:
    """So much less or more."""
    return Message("forecast.less" if days < 0 else "forecast.more", {"time": Span(abs(days) * DAY)}).say()


def amount(value: float) -> str:
    """A number as people say it: three digits that count."""
    if not np.isfinite(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2g}"


@dataclass(frozen=True, eq=False)
class Saved(Result):
    """Where the time goes that a case takes less (or more): a row is a step, or "the end" of cases, or "not finished"
    (time of cases that do not end while followed). policy, step (text); today, with_policy, effect, low, high
    (timedelta): mean time of all simulated cases in stays that end with the step; over all rows they add up to the
    mean and its change.
    """

    meaning = "define.forecast.saved"

    def findings(self) -> Sequence[Message]:
        effect = self.rows["effect"] / np.timedelta64(1, "s")
        if not np.isfinite(effect).any() or not np.nansum(np.abs(effect)) > 0:
            return ()
        order = np.argsort(-np.abs(np.nan_to_num(effect)), kind="stable")[:2]
        least = max(
            0.05 * np.nansum(np.abs(effect)), TINY * float(np.nansum(self.rows["today"] / np.timedelta64(1, "s")))
        )
        ends = {words("forecast.saved.end"), words("forecast.saved.open")}
        named = [int(row) for row in order if abs(effect[row]) > least and self.rows["step"][row] not in ends]
        return [
            Message(
                "forecast.saved.less" if effect[row] < 0 else "forecast.saved.more",
                {"step": str(self.rows["step"][row]), "time": Span(abs(float(effect[row])))},
            )
            for row in named
        ]

    def plot(self, ax: Axes | None = None) -> Axes:
        """By how much a case waits less before each step, with ranges; the largest changes first."""
        from procmine.draw.effects import Effect
        from procmine.draw.forecasts import changes

        change = self.rows["effect"] / np.timedelta64(1, "D")
        least = LITTLE * float(np.max(np.abs(np.nan_to_num(change)), initial=0.0))
        order = [
            int(row) for row in np.argsort(-np.abs(np.nan_to_num(change)), kind="stable") if abs(change[row]) > least
        ]
        data = []
        for row in order[:MOST_STEPS]:
            low, high = (float(self.rows[end][row] / np.timedelta64(1, "D")) for end in ("low", "high"))
            data.append(
                Effect(
                    str(self.rows["step"][row]),
                    float(change[row]),
                    low,
                    high,
                    less(float(change[row])),
                    change[row] > 0,
                )
            )
        return changes(data, title=words("forecast.saved.picture"), axis=words("forecast.saved.axis"), ax=ax)

    @property
    def pictured(self) -> bool:
        return bool(np.nansum(np.abs(self.rows["effect"].astype(np.int64))[~np.isnat(self.rows["effect"])]) > 0)


@dataclass(frozen=True, eq=False)
class ByGroup(Result):
    """Whom it helps: a row is a group of cases by one attribute (never one that names people; groups of at least 20
    cases). policy, attribute, group (text), cases (int, in the log), today, with_policy, effect, low, high
    (timedelta): mean time from arrival to any end; helped (text): "sooner", "no gain" (less than 1% of today),
    "slower", "cannot tell" (the range holds 0).
    """

    meaning = "define.forecast.groups"

    def findings(self) -> Sequence[Message]:
        named = {kind: np.flatnonzero(self.rows["helped"] == kind) for kind in (SLOWER, NO_GAIN)}
        if len(self) and len(named[NO_GAIN]) == len(self):
            return [Message("forecast.groups.none")]
        return [Message(f"forecast.groups.{kind.replace(' ', '_')}", {"groups": self._named(rows)})
                for kind, rows in named.items() if len(rows)]  # fmt: skip

    def _named(self, rows: np.ndarray[Any, Any]) -> str:
        names = [f"{self.rows['attribute'][row]}: {self.rows['group'][row]}" for row in rows[:MOST_NAMED]]
        more = len(rows) - MOST_NAMED
        return ", ".join([*names, *([Message("forecast.groups.rest", {"n": more}).say()] if more > 0 else [])])

    def plot(self, ax: Axes | None = None) -> Axes:
        """The change in the mean of each group, with ranges."""
        from procmine.draw.effects import Effect, effects

        change = self.rows["effect"] / np.timedelta64(1, "D")
        data = []
        for row in range(min(len(self), 2 * MOST_STEPS)):
            low, high = (float(self.rows[end][row] / np.timedelta64(1, "D")) for end in ("low", "high"))
            label = f"{self.rows['attribute'][row]}: {self.rows['group'][row]}"
            note = Message("forecast.groups.note", {"n": int(self.rows["cases"][row])}).say()
            data.append(Effect(label, float(change[row]), low, high, note, self.rows["helped"][row] != SOONER))
        return effects(data, title=words("forecast.groups.picture"), axis=words("forecast.saved.axis"), ax=ax)


@dataclass(frozen=True, eq=False)
class OpenCases(Result):
    """Cases open over the time after the data: a row is a date. policy (text), time (datetime64), today, with_policy
    (floats; nan: only bounds are known) and their ends (90%, with the luck of who comes). `before`: time and open,
    as they were in the log.
    """

    before: Rows
    meaning = "define.forecast.open"

    def findings(self) -> Sequence[Message]:
        last = {name: column[-1] for name, column in self.rows.items()}
        values: dict[str, Value] = {
            "time": Span(seconds(last["time"] - self.rows["time"][0])),
            "now": round(self.rows["today"][0]),
        }
        values |= {"today": amount(float(last["today"])), "with_policy": amount(float(last["with_policy"]))}
        low, high = (amount(float(last[f"with_policy_{end}"])) for end in ("low", "high"))
        if np.isnan(last["with_policy"]):
            ends = [name for name, end in (("low", low), ("high", high)) if end != "-"]
            key = "both" if len(ends) == 2 else (ends or ["none"])[0]
            return [Message(f"forecast.open.bounds.{key}", {**values, "low": low, "high": high})]
        return [
            Message("forecast.open.no_range" if low == "-" else "forecast.open", {**values, "low": low, "high": high})
        ]

    def _label(self, arm: str) -> str:
        return curve_label(arm, *(self.rows[name][-1] for name in (arm, f"{arm}_low", f"{arm}_high")))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Open cases as they were, and where they likely go: as today goes on, and with the policy."""
        from procmine.draw.forecasts import Fan, fan

        fans = [
            Fan(words(self._label(arm)), self.rows[arm], self.rows[f"{arm}_low"], self.rows[f"{arm}_high"])
            for arm in ARMS
        ]
        said = {"title": words("forecast.open.picture"), "axis": words("forecast.open.axis")}
        past = (self.before["time"], self.before["open"])
        return fan(self.rows["time"], fans, before=past, known=words("forecast.open.before"), **said, ax=ax)


@dataclass(frozen=True, eq=False)
class Queues(Result):
    """A row is a pool: policy, pool (text), today, with_policy, effect (floats): cases that wait in front of it, on
    average over the time ahead, and their ends (90%).
    """

    meaning = "define.forecast.queues"

    def findings(self) -> Sequence[Message]:
        return [
            Message("forecast.queue", {"pool": str(self.rows["pool"][row]),
                                       **{name: amount(float(self.rows[name][row])) for name in ARMS}})
            for row in range(len(self))
        ]  # fmt: skip


def curve_label(arm: str, value: float, low: float, high: float) -> str:
    """The key of what stands beside the colour of an arm; of bounds also whether one is missing."""
    ends = int(np.isfinite(low)) + int(np.isfinite(high))
    if np.isfinite(value) or not ends:
        return f"forecast.curve.{arm}"
    return "forecast.curve.bounds" if ends == 2 else "forecast.curve.open"


def of_policy(rows: Rows, policy: str) -> Rows:
    """The rows of one policy, without its name."""
    if not rows:
        return rows
    here = rows["policy"] == policy
    return {name: column[here] for name, column in rows.items() if name != "policy"}


def stacked(tables: Sequence[Mapping[str, Any]]) -> Rows:
    """Tables with the same columns, one below the other."""
    return {name: np.concatenate([one[name] for one in tables]) for name in tables[0]} if tables else {}


def dates(about: Any, time: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    moments: np.ndarray[Any, Any] = shown(about, time).astype("M8[s]")
    return moments
