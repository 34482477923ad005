"""Findings: what a brief, slides, a huddle and a plan tell of, each computed once and said safely for its readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from procmine.about import Audience
from procmine.clocks import CALENDAR_TIME
from procmine.find.service.standards import Standard, Standards, standards, standards_of
from procmine.find.time.bottlenecks import BEFORE, DORMANT_AFTER, Bottlenecks, bottlenecks
from procmine.log import EventLog, LogError, shown
from procmine.proof.cohorts import WAITING, Cohort
from procmine.proof.compare import Comparison
from procmine.proof.verdict.kinds import ARTEFACT, CANNOT_JUDGE, TOO_EARLY
from procmine.publish.facts import Fact as Fact
from procmine.publish.facts import facts
from procmine.publish.few import LEAST, Months, in_months, may_be_said, rounded
from procmine.publish.persons import masked, refuse_chosen, refuse_persons
from procmine.publish.safety import without_few_dormant
from procmine.publish.six import Answer as Answer
from procmine.publish.six import six_answers
from procmine.results import Result, seconds, timedeltas
from procmine.see.pending import WaitingNow, waiting_now
from procmine.see.survival import Survival, survival
from procmine.see.times import first
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from procmine.publish.plans.plan import Plan

LITTLE = 0.005  # a smaller share of the time is said as "0.0 of 10 days"
YEAR = 365 * 86_400_000_000
UNTOLD = (ARTEFACT, TOO_EARLY, CANNOT_JUDGE)  # verdicts after which a figure of the new cases would flatter


@dataclass(frozen=True, eq=False)
class Affected(Result):
    """One row: the cases of one stretch (`start`, `stop` in the arguments; None: arrival, end).

    cases (int): that began it in the last 365 days of the data (in all of them, if shorter); waiting (int): those that are
    in it when the data end, dormant ones too; dormant (int) of these; since_p50 (timedelta64[s]): how long half of those
    waiting have been, at least.
    """

    meaning = "define.affected"


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found in a log for one audience. Nothing here depends on the language: it is said by `say`."""

    log: EventLog
    audience: Audience
    plan: Plan | None = None
    comparison: Comparison | None = None
    forecast: Result | None = None

    @classmethod
    def of(
        cls,
        log: EventLog,
        *,
        plan: Plan | None = None,
        comparison: Comparison | None = None,
        forecast: Result | None = None,
        audience: Audience | None = None,
    ) -> Findings:
        """audience: the log's own unless named. A plan's findings are those of its office. LogError for too few cases, and
        for results about people where others than the team read it."""
        if audience is not None and audience not in get_args(Audience):
            raise ValueError(f"No audience {audience!r}; there are: {', '.join(get_args(Audience))}.")
        whom = audience or log.about.audience
        here = log if plan is None else _of_office(log, plan)
        if not len(here):
            raise LogError("No case is left to write about. Which filter is too narrow?")
        if whom != "team":
            refuse_chosen(here.about)
            for one in (comparison, forecast):
                if one is not None:
                    refuse_persons(one)
            if len(here) < 2 * LEAST:
                raise LogError(
                    f"{len(here)} cases: a brief that leaves the team needs {2 * LEAST}, since it tells of their half."
                )
        return cls(here, whom, plan, comparison, forecast)

    # what was computed, each once

    @cached_property
    def places(self) -> Bottlenecks:
        found = bottlenecks(self.log)
        return found if self.audience == "team" else without_few_dormant(found)

    @cached_property
    def whole(self) -> Survival:
        return survival(self.log)

    @cached_property
    def waiting(self) -> WaitingNow | None:
        """Who waits now, by step; None where no case is open."""
        return waiting_now(self.log) if self.log.open.any() and not self.log.about.cut else None

    @cached_property
    def kept(self) -> Standards | None:
        """How often the plan's standard was kept."""
        one = self.standard
        return None if one is None else standards(self.log, one)

    @cached_property
    def kept_since(self) -> Standards | None:
        """The same of the cases that the change is for and that came since; None where nothing is compared or may be told."""
        if self.standard is None or self.plan is None or self.comparison is None or self.flatters:
            return None
        change, end = str(self.comparison.arguments["change"]), str(np.datetime64(self.until) + 1)
        return standards(self.log.where(self.plan.meant).between(change, end), self.standard)

    @cached_property
    def standard(self) -> Standard | None:
        """That the plan names; ValueError if its file has none of that name."""
        if self.plan is None or self.plan.standard is None:
            return None
        file, name = self.plan.standard.file, self.plan.standard.name
        there = {one.name: one for one in standards_of(self.plan.path.parent / file)}
        if name not in there:
            raise ValueError(f"No standard {name!r} in {file}; there are: {', '.join(there)}.")
        return there[name]

    @cached_property
    def six(self) -> tuple[Answer, ...]:
        """The champion's six questions, by number."""
        return six_answers(self)

    @cached_property
    def affected(self) -> Affected:
        return _affected(self.log, self.cohort)

    # where the time goes

    @cached_property
    def step(self) -> str:
        """The plan's step, else the one before which most time passes."""
        if self.plan is not None and self.plan.step in self.log.about.activities:
            return self.plan.step
        if self.comparison is not None and self.comparison.cohort.stop is not None:
            return self.comparison.cohort.stop.step
        return str(self.row["step"])

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

    def there(self) -> NDArray[np.int64]:
        """The rows of steps that were reached often enough for their half to be told, largest share first."""
        rows = self.places.rows
        enough = 1 if self.audience == "team" else 2 * LEAST
        return np.flatnonzero((rows["kind"] == BEFORE) & (rows["n"] >= enough))

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

    @property
    def cohort(self) -> Cohort:
        """Whose wait this is about, and from where to where: the comparison's, else the plan's, else all cases."""
        if self.comparison is not None:
            return self.comparison.cohort
        if self.plan is None:
            return Cohort()
        start, stop = self.plan.baseline.start, self.plan.baseline.stop
        of = {name: one for name, one in self.plan.meant.items() if name in self.log.about.attributes}
        where = tuple((name, (one,) if isinstance(one, str) else one) for name, one in of.items())
        return Cohort(first(start) if start else None, first(stop) if stop else None, where)

    @property
    def of_office(self) -> bool:
        """Whether the cases are those of the plan's office, as far as the plan names one by attributes of the log."""
        return self.plan is not None and any(name in self.log.about.attributes for name in self.plan.at)

    @property
    def open(self) -> int:
        return int(self.log.open.sum())

    # what is said first

    @property
    def flatters(self) -> bool:
        """Whether a figure, a curve or a share of the cases since the change would say more than is true."""
        return self.comparison is not None and self.comparison.verdict.kind in UNTOLD

    @property
    def verdict_page(self) -> Message | None:
        """The words over the page: Shorter waits."""
        return None if self.comparison is None else self.comparison.said.page

    @property
    def sentence(self) -> Message:
        """What may be said aloud; without a comparison where the time goes."""
        if self.comparison is None:
            return self._top("brief.top.active" if self.mostly_dormant else "brief.top")
        told = self.comparison.said.may_say
        if self.safe(told) is None and "why" in told.values:
            told = Message(told.key, {**told.values, "why": Message("brief.why.few")})
        return told if self.safe(told) is not None else Message("brief.few")

    @property
    def headline(self) -> Message:
        """The words over the page and the sentence."""
        page = self.verdict_page
        if page is None or (self.comparison is not None and self.comparison.said.alone):
            return self.sentence
        return Message("verdict.answer", {"page": page, "sentence": self.sentence})

    @property
    def figures(self) -> tuple[Fact, ...]:
        """Before; after, with its range; within the standard, if there is one; who is affected."""
        return facts(self)

    def _top(self, key: str) -> Message:
        row = self.row
        values: dict[str, Value] = {"step": str(row["step"]), "tenths": 10 * float(row[self.part]), "n": int(row["n"])}
        return Message(key, {**values, "p50": Span(seconds(row["p50"]), self.places.day)})

    @property
    def lead(self) -> Message:
        """How often the place was reached where most time goes, and how long half of the times took."""
        return self._top("brief.lead.counted")

    def counts(self) -> Message:
        """How many cases, and how many of them are open, where that may be known."""
        few = self.audience != "team" and 0 < self.open < LEAST
        if few:
            return Message("brief.cases.few", {"cases": len(self.log)})
        if not self.open:
            return Message("brief.cases.none", {"cases": len(self.log)})
        return Message("brief.cases", {"cases": len(self.log), "open": self.open})

    @property
    def until(self) -> str:
        """The last day of the data."""
        return str(shown(self.log.about, np.array([self.log.about.cutoff]))[0])[:10]

    # safely

    def speaks(self, language: Mapping[str, str]) -> Mapping[str, str]:
        """The language in which all is to be said: that of the public knows no days."""
        return Months(language) if self.audience == "public" else language

    def safe(self, message: Message) -> Message | None:
        """As the audience may have it: no names of people; for others than the team from 10 cases on and rounded, for the
        public with months for days. None: it may not be said."""
        told = masked(message, self.log.about)
        if self.audience == "team":
            return told
        if not may_be_said(told, whole=True):
            return None
        return in_months(rounded(told)) if self.audience == "public" else rounded(told)

    def say(self, message: Message) -> str:
        """In the language of now, "" if it may not be said to this audience."""
        told = self.safe(message)
        return "" if told is None else told.say()


def _of_office(log: EventLog, plan: Plan) -> EventLog:
    """The cases of the plan's office, where the log knows offices."""
    known = {name: value for name, value in plan.at.items() if name in log.about.attributes}
    return log.where(known) if known else log


def _affected(log: EventLog, cohort: Cohort) -> Affected:
    entry, member = cohort.enter(log)
    end = log.about.cutoff
    watched = cohort.watch(log, entry, np.full(len(log), end, np.int64))
    waits = member & log.open & (watched.cause == WAITING)
    since = (end - entry[waits]) / 1e6
    half = float(np.median(since)) if len(since) else np.nan
    rows: dict[str, NDArray[Any]] = {
        "cases": np.array([int((member & (entry > end - YEAR)).sum())]),
        "waiting": np.array([int(waits.sum())]),
        "dormant": np.array([int((waits & log.dormant).sum())]),
        "since_p50": timedeltas(np.array([half])),
    }
    start, stop = (None if one is None else one.step for one in (cohort.start, cohort.stop))
    return Affected(rows, log.about, True, {"start": start, "stop": stop, "clock": CALENDAR_TIME})
