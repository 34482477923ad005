"""Result: what policies would change, in one careful sentence, figures with their ranges, and what was assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from procmine.results import Result, Rows, seconds
from procmine.simulate.forecast.asked import MEAN, MEAN_THERE
from procmine.simulate.forecast.foretold import Foretold
from procmine.simulate.forecast.parts import (
    LITTLE,
    Amounts,
    ByGroup,
    OpenCases,
    Queues,
    Saved,
    curve_label,
    less,
    of_policy,
    words,
)
from procmine.simulate.forecast.told import ARMS as ARMS
from procmine.simulate.forecast.told import BAND as BAND
from procmine.simulate.forecast.told import BOUNDS
from procmine.simulate.policy import Policy
from procmine.words import Message, Span, Value, after_each_other

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = ("measure", *ARMS, "effect", "low", "high", "share_affected", "cases")


@dataclass(frozen=True, eq=False)
class Forecast(Foretold):
    """One row per policy and measure of the time from arrival to the end (or to the outcome named), over all simulated
    cases.

    policy, measure (text): "half", "8 in 10", "9 in 10" = by when that share of all cases is there; "mean" = mean time
    to the end, counted at most as long as the log watches a case; with an outcome "mean of those who got there" (other
    cases with the policy than without). today (as the log was), with_policy, effect = with_policy - today
    (timedelta64[s]; NaT: not reached). low, high: where the effect likely lies (90%); today_low .. with_policy_high:
    the same for both arms; NaT below 20 entry weeks or where not reached. answer (text): "estimate", or "bounds": the
    log settles no figure, with_policy and effect are NaT, and the ends are those of the worlds between which it cannot
    decide. share_there_today, share_there_with_policy: cases that get there while watched; share_affected: cases whose
    end the policy changes (nan: other cases come, or bounds). share_closed: cases that a rule of the policy closes, done
    or not; they count as finished. share_chance: the part of the variance of the simulated effect that more simulated
    cases would take away; it is taken out of the ranges, which are for what the log cannot tell. cases: in the log.

    `curves`: arrays of one length: policy, days, today, with_policy (share of cases that are there), each with _low and
    _high. `amounts`, `saved`, `by_group`, `open_cases`, `queues`: what else is told, each a result of its own.
    `checked`: what a check of the model said (`checked_by`). `notes`: what was assumed.
    """

    curves: Rows
    amounts: Amounts
    saved: Saved
    by_group: ByGroup
    open_cases: OpenCases
    queues: Queues
    notes: tuple[Message, ...]
    own: Mapping[str, tuple[Message, ...]]  # by policy: what is to be said of it alone

    meaning = "define.forecast"

    def parts(self) -> Mapping[str, Self]:
        """Each policy's own forecast, by its name, in the order of the rows."""
        return {policy.name: self._of(policy) for policy in self.policies}

    def _of(self, policy: Policy) -> Self:
        inside = {one.name: getattr(self, one.name) for one in fields(self)}
        alone: dict[str, Any] = {
            name: replace(part, rows=of_policy(part.rows, policy.name))
            for name, part in inside.items()
            if isinstance(part, Result)
        }
        rows = {name: column[self.rows["policy"] == policy.name] for name, column in self.rows.items()}
        arguments = {**self.arguments, "policies": (policy,), "policy": policy}
        whole = replace(self, rows=rows, curves=of_policy(self.curves, policy.name), arguments=arguments, groups=())
        return replace(whole, own={policy.name: self.own[policy.name]}, **alone)

    @property
    def policies(self) -> tuple[Policy, ...]:
        policies = self.arguments["policies"]
        assert isinstance(policies, tuple)
        return policies

    @property
    def policy(self) -> Policy:
        """The policy, if it is one."""
        return self.policies[0]

    def messages(self) -> Sequence[Message]:
        """Of several policies the first sentence of each, and at the end what holds for all."""
        said = super().messages()
        return [*said, *self.notes, self.checked] if self.groups else said

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        there = []
        if self.arguments["outcome"] is not None and one["answer"] != BOUNDS:
            shares: dict[str, Value] = {name: float(one[f"share_there_{name}"]) for name in ARMS}
            there = [
                Message("forecast.there", {**shares, "reach": self._reach("forecast.reach", "forecast.reach.end")})
            ]
        amounts = replace(self.amounts, rows=self.amounts.told_besides())
        inside = (amounts, self.saved, self.by_group, self.open_cases, self.queues)
        more = [message for part in inside if len(part) for message in part.findings()]
        own = self.own[self.policy.name]
        return [
            self._headline(),
            *self._touched(),
            *there,
            *more,
            *own[one["answer"] == BOUNDS :],
            *self.notes,
            self.checked,
        ]

    def _touched(self) -> list[Message]:
        """How many cases it is about; first of all how many are only closed."""
        share = float(self.rows["share_closed"][0])
        closed = [Message("forecast.closed", {"share": share})] if share else []
        return [*closed, *self._changed()]

    def _changed(self) -> list[Message]:
        affected = float(self.rows["share_affected"][0])
        if self.rows["answer"][0] == BOUNDS:
            return []
        if np.isnan(affected):
            return [Message("forecast.others")]
        touched = Message("forecast.touched", {"share": affected, "rest": 1 - affected})
        return [touched if affected else Message("forecast.untouched")]

    def shown(self) -> Rows:
        several = ("policy",) if len(self.policies) > 1 else ()
        bounds = ("answer",) if (self.rows["answer"] == BOUNDS).any() else ()
        return {name: self.rows[name] for name in (*several, *SHOWN[:-2], *bounds, *SHOWN[-2:])}

    def _headline(self) -> Message:
        one = {name: column[0] for name, column in self.rows.items()}
        reach = self._reach("forecast.reach", "forecast.reach.end")
        if one["answer"] == BOUNDS:
            return self._bounds(reach)
        spans = {name: Span(seconds(one[name])) for name in ARMS if not np.isnat(one[name])}
        values: dict[str, Value] = {"policy": self.policy.said, "reach": reach, **spans}
        if len(spans) < 2:
            key = "forecast.slower" if "today" in spans else "forecast.gains" if spans else "forecast.never"
            return Message(key, values)
        if one["effect"] == np.timedelta64(0):
            return Message("forecast.same", values)
        if self._hardly():
            return Message("forecast.about", {**values, "range": self._range(-1.0)})
        sooner = bool(one["effect"] < np.timedelta64(0))
        key, sign = ("forecast.sooner", -1.0) if sooner else ("forecast.later", 1.0)
        return Message(key, {**values, "effect": Span(abs(seconds(one["effect"]))), "range": self._range(sign)})

    def _hardly(self) -> bool:
        """Whether it changes so little that nobody can say in which direction."""
        effect, low, high, today = (seconds(self.rows[name][0]) for name in ("effect", "low", "high", "today"))
        return abs(effect) <= LITTLE * today and low <= 0 <= high

    def _bounds(self, reach: Message) -> Message:
        """What the log does not settle, between what it lies, and why."""
        one = {name: column[0] for name, column in self.rows.items()}
        ends = [name for name in ("low", "high") if not np.isnat(one[name])]
        key = {("low", "high"): "both", ("low",): "low", ("high",): "high"}.get(tuple(ends), "none")
        known = not np.isnat(one["today"])
        today = (
            Message("forecast.today", {"today": Span(seconds(one["today"]))})
            if known
            else Message("forecast.never.today")
        )
        values: dict[str, Value] = {"policy": self.policy.said, "reach": reach, "today": today}
        values |= {name: _shift(seconds(one[name])) for name in ends}
        return after_each_other([Message(f"forecast.bounds.{key}", values), *self.own[self.policy.name][:1]])

    def _range(self, sign: float) -> Message:
        """Where the gain (sign -1) or the loss likely lies."""
        ends = [sign * seconds(self.rows[name][0]) for name in ("low", "high") if not np.isnat(self.rows[name][0])]
        if len(ends) < 2:
            return Message("forecast.no_range")
        low, high = sorted(ends)
        either = "forecast.range.sooner" if sign < 0 else "forecast.range.later"
        key = "forecast.range" if low >= 0 else either
        return Message(key, {"low": Span(abs(low)), "high": Span(high)})

    def _reach(self, key: str, end: str) -> Message:
        """What cases get to: the steps of the outcome, or the end."""
        outcome = self.arguments["outcome"]
        if outcome is None:
            return Message(end)
        return Message(
            key, {"steps": " / ".join(step for step, name in self.about.outcomes.items() if name == outcome)}
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of cases that are there by each day, as it is and with the policy, with bands; of several policies
        the change of each in the mean.
        """
        if len(self.policies) > 1:
            return self._compared(ax)
        from procmine.draw.charts import Curve
        from procmine.draw.forecasts import before_after

        days = self.curves["days"]
        drawn = [
            Curve(words(curve_label(arm, *(one[-1] for one in lines))), days, *lines)
            for arm, lines in ((arm, [self.curves[f"{arm}{end}"] for end in ("", *BAND)]) for arm in ARMS)
        ]
        effect = self.rows["effect"][0]
        gain = "" if np.isnat(effect) else Message("forecast.gain", {"effect": Span(abs(seconds(effect)))}).say()
        title = Message("forecast.picture", {"policy": self.policy.name}).say()
        axis, never = Message("forecast.axis").say(), Message("survival.not_reached").say()
        end = self._reach("forecast.across.step", "forecast.across.end")
        across = Message("forecast.across", {"end": end}).say()
        return before_after(*drawn, title=title, axis=axis, across=across, gain=gain, not_reached=never, ax=ax)

    def _compared(self, ax: Axes | None) -> Axes:
        from procmine.draw.effects import Effect, effects

        data = []
        for row in np.flatnonzero(np.isin(self.rows["measure"].astype(str), (MEAN, MEAN_THERE))):
            change, low, high = (
                float(self.rows[name][row] / np.timedelta64(1, "D")) for name in ("effect", "low", "high")
            )
            known = np.isfinite(change)
            both = np.isfinite(low) and np.isfinite(high)
            note = less(change) if known else words(f"forecast.compared.{'bounds' if both else 'open'}")
            data.append(Effect(str(self.rows["policy"][row]), change, low, high, note, known and high < 0))
        title, axis = (Message(f"forecast.compared.{one}").say() for one in ("picture", "axis"))
        return effects(data, title=title, axis=axis, ax=ax)


def _shift(seconds_: float) -> Message:
    """So much sooner or later, or as today."""
    if seconds_ == 0:
        return Message("forecast.shift.none")
    return Message("forecast.shift.sooner" if seconds_ < 0 else "forecast.shift.later", {"time": Span(abs(seconds_))})
