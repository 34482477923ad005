"""Compare: did waits differ since a change, open cases counted, as far as one can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.asking import ask
from procmine.clocks import CALENDAR_TIME
from procmine.log import Clock, Log, LogError, check_attributes, day_of
from procmine.proof.arms import OTHERWISE, PERIODS, ArmsPart, ArmsSummary
from procmine.proof.cohorts import Cohort, Plan, said_where
from procmine.proof.joined import Joined, joined
from procmine.proof.offices.weekly import Control
from procmine.proof.planned import asked_of, planned
from procmine.proof.records.change import Change
from procmine.proof.records.looks import Look
from procmine.proof.verdict.backlog import Piles
from procmine.proof.verdict.early import AFTER, BEFORE, finished_only, too_little
from procmine.proof.verdict.evidence import Evidence
from procmine.proof.verdict.judging import Asked, judge, look_of
from procmine.proof.verdict.kinds import ARTEFACT, IMPROVED, Verdict
from procmine.proof.verdict.said import Said, details, said
from procmine.proof.verdict.strata import Strata
from procmine.results import Result, Rows, html_table, plain, seconds, table
from procmine.see.times import Milestone
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.charts import Curve

SHOWN = (
    "group",
    "period",
    "weeks",
    "cases",
    "waiting",
    "mean",
    "difference",
    "low",
    "high",
    "p50",
    "p80",
    "p90",
    "share",
)
OTHERS_AFTER = 3  # row


@dataclass(frozen=True, eq=False)
class Outcomes(Result):
    """One row per way in which the wait ended within the time of watching, and one for cases still waiting then.

    outcome (text); cases_before, cases_after (int); share_before, share_after (0..1) of all cases; share_change: their
    difference; low, high: where that likely lies (95%).
    """

    meaning = "define.compare"


@dataclass(frozen=True, eq=False)
class Comparison(Result):
    """One row per group and period ("before", "after"): the cases named by `where`, then all others.

    begin, end (datetime64[us]): first moment of the entries and the first after them; weeks (int) whole weeks; cases (int),
    of which ended within the time of watching, otherwise (closed without the stop) and waiting; mean (timedelta64[s]) wait,
    counted up to the time of watching; p50, p80, p90 with _low, _high: by then that share of all cases had ended; share
    (0..1) ended, with share_low, share_high; difference from the mean before, with low, high (95%), and visible, the change
    that would be seen 4 times in 5. NaT, nan: not reached, or too little to tell.

    outcomes: how the waits of the first group ended. weekly: a row per entry week of the first group: period, week
    (datetime64[D], its first day), cases, mean, share_waiting. curve: a row per period and time: the share of the first
    group that had ended by then, with low, high. instead: what is said where there is too little to tell. verdict: what may
    be made of it, and why; its difference is that of the same mix of cases and without the season, beside the plain one of
    the rows. look: how strict it had to be. strata: the kinds of cases that were averaged separately. piles: a row per week,
    the cases open at its end.
    """

    meaning = "define.compare"
    cohort: Cohort
    plan: Plan
    outcomes: Outcomes
    weekly: Rows
    curve: Rows
    instead: Message | None
    notes: tuple[Message, ...]
    verdict: Verdict
    look: Look
    strata: Strata | None
    piles: Piles | None

    @property
    def said(self) -> Said:
        """What stands on the page, what one may say aloud, what one may not, and what to do next."""
        return said(self)

    def findings(self) -> Sequence[Message]:
        answer, may_not, next_step = self.said.messages()
        if self.instead is not None:
            return [answer, may_not, next_step]
        halves = [] if self.verdict.kind in (IMPROVED, ARTEFACT) else self.halves()  # said already; not to be said
        known = [answer, *halves, self._counts(), self._ends(), may_not, next_step]
        return [*known, *details(self), *self._others(), *self.notes]

    def shown(self) -> Rows:
        return {name: self.rows[name] for name in SHOWN}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share that had ended by each day, before and after, up to the time of watching; too early: before only."""
        from procmine.draw.charts import before_after, curves

        said = {name: Message(f"compare.{name}", self.values()).say() for name in ("title", "axis", "across")}
        never = Message("compare.not_reached").say()
        drawn = [self._curve(period) for period in PERIODS if period in set(self.curve["period"])]
        if len(drawn) == len(PERIODS):
            return before_after(drawn[0], drawn[1], not_reached=never, **said, ax=ax)
        return curves(drawn, not_reached=never, **said, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        parts = {"outcomes": self.outcomes.rows, "weekly": self.weekly}
        said = {part: {name: plain(column) for name, column in rows.items()} for part, rows in parts.items()}
        told = self.said
        words = {name: getattr(told, name).say() for name in ("page", "may_say", "may_not", "next_step")}
        found = [{"name": one.name, "state": one.state, "figures": dict(one.figures)} for one in self.verdict.findings]
        verdict = {"kind": self.verdict.kind, **words, "figures": dict(self.verdict.figures), "findings": found}
        return {**super().to_dict(), **said, "verdict": verdict}

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *([] if self.instead else ["", *table(self.outcomes.rows)])])

    def _repr_html_(self) -> str:
        return super()._repr_html_() + ("" if self.instead else html_table(self.outcomes.rows))

    def values(self) -> dict[str, Value]:
        """What its sentences name: whom, since when, from where to where, watched how long."""
        start, stop = self.cohort.start, self.cohort.stop
        named: dict[str, Value] = {
            "change": day_of(self.about, self.plan.change),
            "group": _group(self.cohort),
            "watched": Span(self.plan.horizon / 1e6),
            "start": start.step if start else Message("compare.arrival"),
            "stop": stop.step if stop else Message("compare.end"),
        }
        who = f"compare.who{'.where' if self.cohort.where else ''}.{'step' if start else 'case'}"
        return {**named, "who": Message(who, named)}

    def _span(self, name: str, row: int) -> Span:
        return Span(abs(seconds(self.rows[name][row])), self.day)

    def halves(self) -> list[Message]:
        """By when half were there, before and since, where both are known."""
        if np.isnat(self.rows["p50"][[BEFORE, AFTER]]).any():
            return []
        before, after = (self._span("p50", row) for row in (BEFORE, AFTER))
        return [Message("compare.half", {**self.values(), "before": before, "after": after})]

    def _counts(self) -> Message:
        values: dict[str, Value] = {}
        for name in ("cases", "weeks", "waiting"):
            values |= {f"{name}_{period}": int(self.rows[name][row]) for row, period in enumerate(PERIODS)}
        until = day_of(self.about, self.plan.begins(sum(self.plan.weeks("before"))))
        return Message("compare.counts", {**self.values(), **values, "until": until})

    def _ends(self) -> Message:
        """How many of every 100 ended in which way."""
        rows, told = self.outcomes.rows, []
        for name, before, after in zip(rows["outcome"], rows["share_before"], rows["share_after"]):
            values: dict[str, Value] = {"outcome": name, "before": 100 * float(before), "after": 100 * float(after)}
            told.append(Message("compare.outcome", values))
        return Message("compare.outcomes", {**self.values(), "ends": tuple(told)})

    def _others(self) -> list[Message]:
        """What the mean of all other cases did over the same weeks."""
        if len(self) <= OTHERS_AFTER or np.isnat(self.rows["difference"][OTHERS_AFTER]):
            return []
        low, high, visible = (seconds(self.rows[name][OTHERS_AFTER]) for name in ("low", "high", "visible"))
        spans = {name: self._span(name, OTHERS_AFTER) for name in ("difference", "low", "high")}
        if high < 0:
            return [Message("compare.others.less", {**spans, "low": spans["high"], "high": spans["low"]})]
        none = "compare.others.none" if visible else "compare.others.alike"
        return [Message("compare.others.more" if low > 0 else none, dict(spans))]

    def _curve(self, period: str) -> Curve:
        from procmine.draw.charts import Curve

        here = {name: column[self.curve["period"] == period] for name, column in self.curve.items()}
        days = here["time"] / (np.timedelta64(1, "s") * self.day)
        longest = float(np.max(self.curve["time"] / (np.timedelta64(1, "s") * self.day), initial=0))
        drawn = [np.append(here[name], here[name][-1:]) for name in ("share", "low", "high")]
        label = Message(f"compare.{period}", self.values()).say()
        return Curve(label, np.append(days, longest), drawn[0], *(drawn[1:] if np.isfinite(drawn[1]).all() else ()))


def compare(
    log: Log,
    after: Log | None = None,
    *,
    change: str | Change | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    control: Control | None = None,
    mix: Sequence[str] | None = None,
    ramp: int | None = None,
    start: str | Milestone | None = None,
    stop: str | Milestone | None = None,
    horizon: int | None = None,
    clock: Clock = CALENDAR_TIME,
) -> Comparison:
    """Cases begun since the day of the `change` beside those begun before: how they wait and end, and what to make of it.

    A case begins when it arrives, or when it first comes to `start`; its wait ends with its first `stop` or when it closes.
    Each is watched for `horizon` days (whole weeks; None: as long as 9 in 10 took before), those before only until the
    change: cases alive across it are in neither group, and nothing is compared that the newest cannot have shown yet. Those
    begun in the first `ramp` days (whole weeks) after the change are left out. `where` names the cases that the change is
    for; all others stand beside them. `control` names offices where nothing was changed, as `where` does. `mix` names
    attributes whose kinds of cases are averaged separately (None: those that mattered before).

    Two logs, compare(before, after), are taken as one (proof/joined.py): the change is the day on which the second begins,
    or one that lies in it.

    A day as text is a date that somebody may have picked: the verdict is stricter. A `Change` that was recorded in time is
    not, and brings its own where, control, ramp, start, stop and horizon. Too few weeks or cases: the result says so, and
    from when one can tell, instead of a number. LogError for a log whose cases or steps were chosen by what came later
    (having, not_having, rule="inside", only_activities, attributes made of events): it would flatter. It says what changed
    since, never why (statistics: docs/decisions).
    """
    two = None if after is None else joined(log, after, change.date if isinstance(change, Change) else change)
    log, gap = (log, 0) if two is None else (two.log, two.gap)
    record = _record(change, two)
    given = {"where": where, "control": control, "ramp": ramp, "start": start, "stop": stop, "horizon": horizon}
    told = asked_of(record, given)
    check_attributes(log.about, mix or (), log.about.attributes)
    who = planned(log, told, [record.date], ramp=told["ramp"] or 0, gap=gap)
    question = ArmsSummary(who.cohort, who.plan, clock)
    arguments = {
        **told,
        "change": record.date,
        "what": record.what,
        "mix": mix,
        "horizon": 7 * who.plan.watched,
        "clock": clock,
    }
    asked = Asked(record, told["control"], None if mix is None else tuple(mix), two is None or two.carried)
    found = _compared(log, question, who.known, asked, arguments)
    if two is None:
        return found
    return replace(found, notes=(*found.notes, *([Message("joined.gap", {"gap": gap})] if gap else [])))


def _record(change: str | Change | None, two: Joined | None) -> Change:
    if isinstance(change, Change):
        return change
    if two is None and change is None:
        raise ValueError(
            'Say which day: change="2026-03-01", or a procmine.Change; or give two logs, before and after.'
        )
    return Change(str(change) if two is None else two.change)


def _compared(
    log: Log, question: ArmsSummary, known: Mapping[str, Any], asked: Asked, arguments: Mapping[str, object]
) -> Comparison:
    about, cohort = log.about, question.cohort
    partial = log.reduce(question.of, question.reads)
    question = replace(question, silent=finished_only(known, question, partial))
    rows = _named(question.rows(partial, about), _group(cohort))
    if cohort.where:
        beside = ask(log, replace(question, cohort=replace(cohort, others=True)))
        others = _named(beside.rows, Message("compare.others.group"))
        rows = {name: np.concatenate((rows[name], others[name])) for name in rows}
    _check_reached(question, partial)
    early = too_little(question, partial, known, rows, about)
    look = look_of(asked, question.plan, about, int(known["first"]))
    strata, piles = None, None
    if early is not None:
        verdict = early.verdict
    else:
        evidence = Evidence.gather(log, question, partial, int(known["first"]), asked.mix)
        verdict, strata = judge(log, evidence, asked, look), evidence.strata
        piles = evidence.piles if asked.carried else None
    return Comparison(
        rows,
        about,
        partial.exact,
        arguments,
        cohort=cohort,
        plan=question.plan,
        outcomes=Outcomes(question.outcomes(partial, about), about, partial.exact, arguments),
        weekly=question.weekly(partial, about),
        curve=question.curve(partial),
        instead=early.said if early else None,
        notes=tuple(_notes(question, partial, known)),
        verdict=verdict,
        look=look,
        strata=strata,
        piles=piles,
    )


def _check_reached(question: ArmsSummary, partial: ArmsPart) -> None:
    start, stop = question.cohort.start, question.cohort.stop
    if stop is not None and question.tells(partial) and not partial.ended.n().any():
        raise LogError(
            f"No case that came to {start.step if start else 'the log'} then came to {stop.step} while it was watched, "
            "neither before nor since. Are the two steps the right way round?"
        )


def _group(cohort: Cohort) -> Message:
    return said_where(cohort.where) if cohort.where else Message("compare.cases")


def _named(rows: Rows, group: Message) -> dict[str, Any]:
    return {"group": np.full(len(rows["period"]), group.say(), object), **rows}


def _notes(question: ArmsSummary, partial: ArmsPart, known: Mapping[str, Any]) -> list[Message]:
    """What to look at, and what this comparison cannot see."""
    cohort, notes = question.cohort, [Message("compare.since")]
    if cohort.stop:
        moved = question.contrast(partial, OTHERWISE, OTHERWISE)
        values: dict[str, Value] = {"stop": cohort.stop.step, "points": 100 * abs(moved.difference)}
        notes[:0] = [Message("compare.otherwise", values)] if moved.low > 0 else []
    if not known["stated"]:
        notes.append(Message("compare.complete_from", {"day": str(known["complete_from"])[:10]}))
    return notes
