"""Every sentence a user reads, as a key with values: a language is one such table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

DAY = 86_400.0

ENGLISH: Mapping[str, str] = {
    # lengths of time
    "span.seconds": "{n} seconds",
    "span.minutes": "{n} minutes",
    "span.hours": "{n} hours",
    "span.days": "{n} days",
    "span.second": "{n} second",
    "span.minute": "{n} minute",
    "span.hour": "{n} hour",
    "span.day": "{n} day",
    "span.working_days": "{n} working days",
    "span.working_day": "{n} working day",
    # the log
    "log.of": "{cases:,} cases, {events:,} events, data up to {cutoff}.",
    "log.open": "{open:,} cases are still open and are counted as waiting, not as finished.",
    "log.none_open": "No case is open: either all are finished, or the export holds finished cases only.",
    "log.dormant": "{dormant:,} of the open cases have had no step for more than {after}.",
    "log.next": "Next: {calls}",
    # how a log was filtered
    "kept.where": "cases where {what}",
    "kept.where.one": "{name} is {value}",
    "kept.between.started": "cases that started from {first} up to, not including, {last}",
    "kept.between.touching": "cases that were open at some time from {first} up to, not including, {last}",
    "kept.between.inside": "cases that started and ended from {first} up to, not including, {last} (this selects short ones)",
    "kept.having": "cases that have {steps}",
    "kept.not_having": "cases without {steps}",
    "kept.only_activities": "only the steps {steps}",
    "kept.cut_to": "as the log stood on {cutoff}",
    "kept.sample": "{cases:,} cases drawn by chance (seed {seed})",
    "with.attribute": "each case has its {rule} {name}",
    "with.first": "first",
    "with.last": "last",
    # results
    "result.grid": "The log is too large to hold every length of time: figures are within 0.5%.",
    "result.cut": "Some steps were left out of this log: neighbours here need not follow each other directly.",
    "result.simulated": "These cases are simulated, not real.",
    "result.how": "How we know",
    "result.more": "{more:,} more rows; .frame holds all.",
    "result.empty": "There is nothing to show: no case is left.",
    "result.clock": "Time is counted on this clock: {clock}.",
    "clock.calendar": "calendar time, day and night",
    "clock.working": "working time, {opens:g} to {closes:g} o'clock",
    "sheet.definitions": "Definitions",
    "sheet.days": "days",
    # flow
    "flow.top": "{before} → {after} is the most frequent move: {n:,} times, half within {p50}.",
    "variants.top": "{cases:,} cases take {paths:,} different paths. The most frequent one has {n:,} ({share:.0%}): {top}.",
    "rework.none": "No step is done twice in a case.",
    "rework.top": "{step} is done more than once in {repeated:,} of the {cases:,} cases that have it ({share:.0%}), "
    "{repeats:,} repeats in all.",
    "handovers.top": "Work passes most often from {before} to {after}: {n:,} times, on average after {mean}.",
    # times
    "times.middle": "{n:,} finished cases: half took at most {p50}, 8 in 10 at most {p80}; on average {mean}.",
    "times.open": "{open:,} open cases are not in these times, and long ones are among them: survival() counts them.",
    "times.none": "No case is finished yet; {open:,} are open.",
    "step_times.top": "Cases stay longest after {step}: half go on within {p50} ({n:,} times, {open:,} still there).",
    "survival.half": "Half were there within {time}; too few weeks for a range.",
    "survival.half.low": "Half were there within {time}, likely at least {low}.",
    "survival.half.range": "Half were there within {time}, likely between {low} and {high}.",
    "survival.never": "Fewer than half were there when the data end.",
    "survival.counts": "{n:,} cases: {ended:,} got there, {otherwise:,} ended otherwise, {open:,} are still waiting and are "
    "counted as waiting.",
    # bottlenecks
    "bottleneck.top": "{step}: of every 10 days that cases wait, {tenths:.1f} pass before this step ({n:,} times, half "
    "within {p50}; {range}).",
    "bottleneck.top.unseen": "{step}: of every 10 days that cases wait, {tenths:.1f} pass before this step ({range}).",
    "bottleneck.ours": "The largest that is ours to change is {step}: {tenths:.1f} of every 10 days ({n:,} times, half "
    "within {p50}; {range}).",
    "bottleneck.ours.unseen": "The largest that is ours to change is {step}: {tenths:.1f} of every 10 days ({range}).",
    "bottleneck.law": "The wait before {step} is set by law.",
    "bottleneck.range": "its share is likely between {low:.0%} and {high:.0%}",
    "bottleneck.no_range": "too few weeks for a range",
    "bottleneck.open": "{share:.0%} of all waiting is in cases that are still open, where the next step is not known.",
    "bottleneck.dormant": "{share:.0%} of all waiting is in dormant cases, where nothing has happened for long: the column "
    "'share without dormant cases' leaves it out.",
    # definitions
    "define.flow": "Time from one event's end to the next event's end in the same case. Share = that time / all time in the "
    "cases, from arrival to the end or, for open cases, to the last day of the data.",
    "define.variants": "A path is the list of a case's steps in order; an open case stands with its path so far.",
    "define.rework": "Repeats are events of a step beyond the first in its case; open cases count as far as they have come.",
    "define.handovers": "A handover: two events that follow each other in a case, done by different units.",
    "define.cycle_times": "Finished cases only: from arrival (or first event) to the last event. Ranges: 95%, from a "
    "bootstrap of the weeks in which cases began.",
    "define.step_times": "Time from a step to the next step of the case, whichever it is (Kaplan-Meier: a case that has not "
    "gone on is counted as waiting).",
    "define.survival": "Time from arrival to the end of the case (Kaplan-Meier; with one outcome named: Aalen-Johansen). "
    "Ranges: 95%, from a bootstrap of the weeks in which cases began.",
    "define.between": "Time between two milestones (Aalen-Johansen): a case that closed without the second never counts as "
    "having reached it. Ranges: 95%, from a bootstrap of the weeks in which cases began.",
    "define.bottlenecks": "Share = time before the step / all time from arrival to the end or, for open cases, to the last "
    "day of the data. Elapsed time, not waiting: work and waiting cannot be told apart with one time per event. Ranges: 95%, "
    "from sums by the week in which cases began.",
    # headings of columns
    "column.before": "from step",
    "column.after": "to step",
    "column.step": "step",
    "column.kind": "where",
    "column.n": "times",
    "column.cases": "cases",
    "column.mean": "mean",
    "column.p50": "half within",
    "column.p80": "8 in 10 within",
    "column.p90": "9 in 10 within",
    "column.p95": "19 in 20 within",
    "column.p50_low": "half within, from",
    "column.p50_high": "half within, to",
    "column.share": "share",
    "column.low": "likely from",
    "column.high": "to",
    "column.share_active": "share without dormant cases",
    "column.who": "who can change it",
    "column.time": "within",
    "column.repeated": "cases with repeats",
    "column.self_loops": "at once again",
    "column.mean_low": "mean, from",
    "column.mean_high": "mean, to",
    "column.ended": "ended",
    "column.otherwise": "ended otherwise",
    "column.open": "still open",
    "column.variant": "path",
    "column.year": "year",
    "column.quarter": "quarter",
    "column.month": "month",
}


@dataclass(frozen=True)
class Span:
    """A length of time to be said in words; `day` is the length in seconds of the clock's day."""

    seconds: float
    day: float = DAY


@dataclass(frozen=True)
class Message:
    """A sentence before it is put into a language. Values may be messages and spans themselves."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def say(self, language: Mapping[str, str] = ENGLISH) -> str:
        said = {name: _said(value, language) for name, value in self.values.items()}
        return language[self.key].format_map(said)

    def to_dict(self) -> dict[str, Any]:
        return {"key": self.key, "values": {name: _plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Message:
        return cls(written["key"], {name: _read(value) for name, value in written["values"].items()})


Value: TypeAlias = "str | int | float | Span | Message | tuple[Message, ...]"


def say_span(span: Span, language: Mapping[str, str] = ENGLISH) -> str:
    """In the unit that a person would use: 72 days, 5.4 days, 40 minutes; on a working clock always in its days."""
    if span.day != DAY:
        return _counted(span.seconds / span.day, "working_day", language)
    for unit, size in (("second", 1.0), ("minute", 60.0), ("hour", 3_600.0)):
        if abs(span.seconds) < {"second": 60.0, "minute": 5_400.0, "hour": 1.5 * DAY}[unit]:
            return _counted(span.seconds / size, unit, language)
    return _counted(span.seconds / DAY, "day", language)


def _counted(number: float, unit: str, language: Mapping[str, str]) -> str:
    text = f"{number:,.0f}" if abs(number) >= 10 else f"{number:.1f}".removesuffix(".0")
    text = "0" if text == "-0" else text
    return language[f"span.{unit}" if text == "1" else f"span.{unit}s"].format(n=text)


def _said(value: Value, language: Mapping[str, str]) -> str | int | float:
    if isinstance(value, Message):
        return value.say(language)
    if isinstance(value, Span):
        return say_span(value, language)
    if isinstance(value, tuple):
        return ", ".join(one.say(language) for one in value)
    return value


def _plain(value: Value) -> Any:
    if isinstance(value, Message):
        return {"message": value.to_dict()}
    if isinstance(value, Span):
        return {"seconds": value.seconds, "day": value.day}
    if isinstance(value, tuple):
        return [one.to_dict() for one in value]
    return value


def _read(written: Any) -> Value:
    if isinstance(written, Mapping):
        if "message" in written:
            return Message.from_dict(written["message"])
        return Span(written["seconds"], written["day"])
    if isinstance(written, list):
        return tuple(Message.from_dict(one) for one in written)
    value: str | int | float = written
    return value
