"""The month told: its figures beside those of the months before, in sentences that are made of these figures only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.find.service.caseload import caseload
from procmine.find.service.standards import Standard
from procmine.find.service.standards import standards as kept_standards
from procmine.find.time.bottlenecks import bottlenecks
from procmine.find.voice.voice import voice
from procmine.log import EventLog
from procmine.publish.batch.headline import PAST, Figure, Kind
from procmine.publish.batch.months import day_after, months_up_to
from procmine.publish.batch.reason import named, said
from procmine.results import Result, Rows
from procmine.see.pending import waiting_now
from procmine.words import DAY, Message, Span, Value

FLOW = ("begun", "finished", "open")
DORMANT = "dormant"
VOICES = ("contacted", "complained", "noted")
BLANK = "\N{NO-BREAK SPACE}"
LEAST_FINISHED = 30  # cases of a period, below which its figures move much by chance


@dataclass(frozen=True, eq=False)
class Untold(Result):
    """No rows: what was asked for cannot be told of these cases, and `why` says why."""

    meaning = "define.untold"
    none_is_an_answer = True
    why: Message

    @classmethod
    def of(cls, about: About, key: str, values: Mapping[str, Value] | None = None) -> Untold:
        return cls({}, about, True, {}, why=Message(f"month.untold.{key}", values or {}))

    def messages(self) -> Sequence[Message]:
        return [self.why]


@dataclass(frozen=True, eq=False)
class Waits(Result):
    """One row per step at which open cases are now, the most cases first: step (text); n (int); since_p50, age_p50
    (timedelta64[s]): half of these have been so long at that step, and in all (NaT: not told). Dormant cases are left out."""

    meaning = "define.waiting_now"
    none_is_an_answer = True

    def findings(self) -> Sequence[Message]:
        top = {name: column[0] for name, column in self.rows.items()}
        place = Message("pending.after", {"step": str(top["step"])}) if str(top["step"]) else Message("pending.nowhere")
        values: dict[str, Value] = {"n": int(top["n"]), "place": place}
        if np.isnat(top["since_p50"]):
            return [Message("month.waits.bare", values)]
        return [Message("month.waits", {**values, "half": Span(top["since_p50"] / np.timedelta64(1, "s"))})]

    def shown(self) -> Rows:
        return {"cases" if name == "n" else name: column for name, column in self.rows.items()}


@dataclass(frozen=True, eq=False)
class MonthTold(Result):
    """One row per month and figure, oldest month first: month (text); figure (text) and what it is of (text); unit ("cases",
    "days", "share"); value, low, high (float, nan: not told) with the range in which the value likely lies; n (int, -1: not
    told): cases it is of. Figures: those of `define.month`; each as the data stood at the end of its month.

    `month`, `kind`: the month, and over how many months its figures go; `first`, `last`: their days. `log` is as it stood on
    the last day. `places`, `waiting`, `chart` ... each look at one thing more closely; what cannot be told says why.
    """

    meaning = "define.month"
    log: EventLog
    figures: tuple[Figure, ...]
    month: str
    kind: Kind
    first: str
    last: str
    pile: str  # how the cases open at the end stand to the usual ups and downs; "": not set beside them
    wait: str
    asked: tuple[Standard, ...]
    charts: Mapping[str, Any]

    @classmethod
    def of(cls, log: EventLog, figures: Sequence[Figure], **known: Any) -> Self:
        return cls(_rows(figures), log.about, True, {}, log=log, figures=tuple(figures), **known)

    def with_figures(self, figures: Sequence[Figure]) -> Self:
        return replace(self, rows=_rows(figures), figures=tuple(figures))

    # what is said

    def findings(self) -> Sequence[Message]:
        return [*self._flow(), *self._longer(), *self._half(), *self._wait(), *self._kept(), *self._voices()]

    def shown(self) -> Rows:
        """The month's own figures, in words, with those of the month before."""
        table = [self._line(one) for one in self.figures if self._is_now(one) and one.figure != "entered"]
        names = ("what", "told", "told_range", *(("month_before",) if self.kind == "month" else ()), "told_cases")
        return {name: np.array([line[name] for line in table], object) for name in names}

    def _is_now(self, one: Figure) -> bool:
        """Whether it is told as the month's own; two are of the last month that could be followed so long."""
        return one.month == self.month or one.figure in ("wait", "promised")

    def hidden(self, safe: Sequence[Figure]) -> int:
        """How many of the month's own figures, which are told here, are not told among these."""
        pairs = zip(self.figures, safe)
        return sum(self._is_now(one) and one.value is not None and other.value is None for one, other in pairs)

    def _line(self, one: Figure) -> dict[str, str]:
        before = next((two for two in self.figures if two.key == one.key and two.month == _before(one.month)), None)
        ends: dict[str, Value] = {"low": _said(one, one.low), "high": _said(one, one.high)}
        likely = Message("month.likely", ends).say() if None not in (one.low, one.high) else ""
        return {
            "what": _named(one).say(),
            "told": _whole(_said(one, one.value)),
            "told_range": likely.replace(" ", BLANK),
            "month_before": "" if before is None else _whole(_said(before, before.value)),
            "told_cases": "" if one.n < 0 or one.unit == "cases" else f"{one.n:,}",
        }

    def _now(self, figure: str) -> Figure | None:
        """The period's figure, None where it is not told."""
        found = next((one for one in self.figures if one.figure == figure and one.month == self.month), None)
        return found if found is not None and found.value is not None else None

    @property
    def period(self) -> Message:
        return Message(f"month.period.{self.kind}", {"month": self.month})

    @property
    def _when(self) -> dict[str, Value]:
        return {"month": self.month, "period": self.period}

    def _flow(self) -> Iterator[Message]:
        counts = {name: round(one.value or 0) for name in FLOW if (one := self._now(name)) is not None}
        judged = {"judged": Message(f"month.judged.{self.pile}")} if self.pile else {}
        bare = "" if self.pile else ".bare"
        if len(counts) == len(FLOW):
            values: dict[str, Value] = {
                "arrived": counts["begun"],
                "closed": counts["finished"],
                "open": counts["open"],
            }
            yield Message(f"month.flow{bare}", {**self._when, **values, **judged})
        else:
            yield Message("month.flow.few", self._when)
            if "open" in counts:
                yield Message(f"month.open{bare}", {**self._when, "open": counts["open"], **judged})
        dormant = self._now(DORMANT)
        if dormant is not None and dormant.n:
            yield Message("month.dormant", {"dormant": dormant.n})

    def _longer(self) -> Iterator[Message]:
        if self.kind != "month":
            yield Message("month.longer", {**self._when, "first": self.first, "last": self.last})
        finished = self._now("finished")
        if finished is None or (finished.value or 0) < LEAST_FINISHED:
            yield Message("month.chance")

    def _half(self) -> Iterator[Message]:
        half, year = self._now("half"), self._now("year")
        yield Message(f"month.half{_ranged(half)}", {**self._when, **_spans(half)})
        if year is not None and self.kind != "rolling_year":
            yield Message(f"month.year{_ranged(year)}", {**self._when, **_spans(year)})

    def _wait(self) -> Iterator[Message]:
        """The average wait of the last month that could be followed, and how long those wait who are still here."""
        one = next((one for one in self.figures if one.figure == "wait" and one.value is not None), None)
        if one is not None and self.wait:
            values: dict[str, Value] = {"month": one.month, "watched": Span(float(one.of) * DAY), "cases": one.n}
            values |= {"value": Span((one.value or 0) * DAY), "judged": Message(f"huddle.wait.judged.{self.wait}")}
            yield Message("huddle.wait", values)
        waited = self._now("waited")
        if waited is not None:
            yield Message("month.waited", {**self._when, "half": Span((waited.value or 0) * DAY)})

    def _kept(self) -> Iterator[Message]:
        asked = {one.name: one.share / 100 for one in self.asked}
        for one in self.figures:
            values: dict[str, Value] = {**self._when, "standard": one.of, "n": one.n}
            values |= {name: getattr(one, name) for name in ("low", "high") if getattr(one, name) is not None}
            values["share"] = one.value if one.value is not None else float("nan")
            if one.figure == "standard" and one.month == self.month and one.value is not None:
                yield Message(f"month.kept{'' if 'low' in values else '.bare'}", {**values, "asked": asked[one.of]})
            if one.figure == "promised" and one.value is not None:
                yield Message("month.promised", {**values, "month": one.month, "days": float(one.of)})

    def _voices(self) -> Iterator[Message]:
        if self.log.voice is None:
            yield Message("huddle.voice.none")
            return
        people, angry, staff = (self._now(name) for name in VOICES)
        if people is None:
            yield Message("month.voice.few", self._when)
        else:
            yield Message("month.voice", {**self._when, "n": people.n})
        if angry is not None and angry.n:
            yield Message("month.voice.complaints", {**self._when, "n": angry.n})
        if staff is not None and staff.n:
            yield Message("month.voice.staff", {**self._when, "n": staff.n})

    # one thing more closely

    def chart(self) -> Result:
        """The cases open at the end of each month beside the usual ups and downs."""
        if self.kind != "month":
            return Untold.of(self.about, "chart.longer", {"period": self.period})
        return self.charts["pile"] or Untold.of(self.about, "chart")

    def caseload(self) -> Result:
        """What came, went and was pending, by month; of a longer period by quarter."""
        return caseload(self.log, period="month" if self.kind == "month" else "quarter")

    def places(self) -> Result:
        """Before which steps the time went, from their first day on, of all cases open at some time of the period."""
        here = self.log.between(self.first, day_after(self.last), rule="touching")
        if not len(here):
            return Untold.of(self.about, "places", self._when)
        found = bottlenecks(here)
        return found if len(found) else Untold.of(self.about, "places", self._when)

    def waiting(self) -> Result:
        """Who waits at the end of the period, at which step, and for how long."""
        if not self.log.open.any():
            return Untold.of(self.about, "waiting", self._when)
        return waiting_now(self.log)

    def promise(self) -> Result:
        """How often standards were kept by cases of the last twelve months; without any, what could have been promised."""
        if not self.asked:
            return self.charts["promised"] or Untold.of(self.about, "promise")
        here = self.log.between(months_up_to(self.month, PAST), day_after(self.last))
        return kept_standards(here, self.asked) if len(here) else Untold.of(self.about, "promise")

    def voices(self) -> Result:
        """At which steps people got in touch, since the data begin."""
        return Untold.of(self.about, "voice") if self.log.voice is None else voice(self.log)


def _rows(figures: Sequence[Figure]) -> dict[str, NDArray[Any]]:
    texts = {
        name: np.array([getattr(one, name) for one in figures], object) for name in ("month", "figure", "of", "unit")
    }
    numbers = {
        name: np.array([np.nan if (value := getattr(one, name)) is None else value for one in figures], np.float64)
        for name in ("value", "low", "high")
    }
    return {**texts, **numbers, "n": np.array([one.n for one in figures], np.int64)}


def _before(month: str) -> str:
    return str(np.datetime64(month, "M") - 1)


def _named(one: Figure) -> Message:
    if one.figure in (*VOICES, DORMANT, "wait", "promised"):
        return Message(f"month.{one.figure}.what", {"month": one.month, **({"days": float(one.of)} if one.of else {})})
    return named(one)


def _said(one: Figure, value: float | None) -> Message:
    """A value in its unit; a length as the sentences say it."""
    if one.unit != "days" or value is None or value <= 0:
        return said(one, value)
    return Message("control.value.time", {"value": Span(value * DAY)})


def _whole(message: Message) -> str:
    """In one line of a narrow column."""
    return message.say().replace(" ", BLANK)


def _ranged(one: Figure | None) -> str:
    if one is None:
        return ".none"
    return ".bare" if one.low is None else ".open" if one.high is None else ""


def _spans(one: Figure | None) -> dict[str, Value]:
    if one is None:
        return {}
    ends = {"half": one.value, "low": one.low, "high": one.high}
    return {name: Span(value * DAY) for name, value in ends.items() if value is not None}
