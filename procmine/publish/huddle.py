"""Huddle: one page for the team that does a step: this month, who waits, what was said, one question, who does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from procmine.about import Audience
from procmine.find.service.promise import Kept
from procmine.find.voice.voice import complaints_of, from_people
from procmine.languages import language as spoken_in
from procmine.log import EventLog, codes_of, shown
from procmine.proof.charts.control import ControlChart, said
from procmine.publish.few import LEAST, suppressed, to_least
from procmine.publish.findings import Findings
from procmine.publish.page import Stamp
from procmine.publish.paper.blocks import Block, Box, Figure, Figures, Folded, Heading, Listing, Paper, Paragraph, Table
from procmine.publish.paper.write import write_paper
from procmine.publish.plans.plan import Plan
from procmine.publish.this_month import ABOVE, OLD, OfMonths, ThisMonth, as_of, judged, plain, this_month
from procmine.results import seconds
from procmine.words import Message, Span, Value, speaking

MOST_PILES, MOST_SAID, MOST_STEPS, EMPTY = 5, 2, 5, 4
SEVERAL = 3  # cases: of fewer, a pile is rather a case
BLANK = "\N{NO-BREAK SPACE}"  # in a line to write on


@dataclass(frozen=True)
class Huddle:
    """One page; `paper` is what stands on it."""

    headline: str
    paper: Paper = field(repr=False)
    findings: Findings = field(repr=False)

    def save(self, path: str | Path) -> Path:
        """Write the page as .pdf, .html or .png; replaces `path` when complete."""
        with speaking(self.findings.speaks(spoken_in(self.paper.language))):
            return write_paper(self.paper, path)[0]

    def __str__(self) -> str:
        return self.headline


def huddle(
    log: EventLog,
    *,
    step: str | None = None,
    plan: Plan | None = None,
    audience: Audience | None = None,
    month: str | None = None,
    language: str | None = None,
    size: Literal["a4", "us-letter"] = "a4",
) -> Huddle:
    """One page for the team that does `step` (None: the plan's, else the one before which most time passes).

    Waits are counted to the step from the plan's beginning, else from the step that most often comes directly before.
    month ("2026-09"): the page as of the end of that month; None: of the last whole month in the data. Months are judged by
    the rules of `control_chart`, drawn anew where the plan's change began. Nobody is named or ranked. LogError for a step
    that there is not; ValueError for a month beyond the data.
    """
    here = log if month is None else as_of(log, month)
    found = Findings.of(here, plan=plan, audience=audience)
    if plan is not None:
        plan.refuse_others(found.audience)
    if step is not None:
        codes_of(found.log.about, step)
    about = this_month(found.log, step or found.step, plan, found.standard)
    code = language or (plan.language if plan is not None else "en")
    with speaking(found.speaks(spoken_in(code))):
        page = _Page(found, about)
        return Huddle(page.headline, page.paper(code, size), found)


@dataclass(frozen=True, eq=False)
class _Page:
    found: Findings
    about: ThisMonth

    def paper(self, language: str, size: Literal["a4", "us-letter"]) -> Paper:
        found = self.found
        stamp = Stamp.of(found.log.about, found.audience)
        labels = [one for one in (self.about.step, self.about.start, self.about.stop) if one]
        blocks = [*self._top(), *self._waiting(), *self._voice(), *self._question(), *self._next(), *self._how()]
        return Paper(self.headline, blocks, stamp, language, size, pages=1, labels=labels)

    def say(self, key: str, values: dict[str, Value] | None = None) -> str:
        """As the audience may have it; "" if it may not."""
        return self.found.say(Message(key, values or {}))

    @property
    def team(self) -> bool:
        return self.found.audience == "team"

    @property
    def ends(self) -> dict[str, Value]:
        start, stop = self.about.start, self.about.stop
        return {"start": start or Message("compare.arrival"), "stop": stop or Message("compare.end")}

    @property
    def month(self) -> str:
        return self.about.month

    # this month

    @property
    def headline(self) -> str:
        chart = self.about.backlog
        if chart is None:
            return self.say("huddle.month.cannot")
        values = {**self.flow(), **self.ends, "month": self.month}
        told = judged(chart, len(chart) - 1)
        values["judged"] = Message(f"huddle.judged.{told}")
        growing = ".growing" if self._grows() and told != ABOVE else ""
        key = f"huddle.month{growing}" if "arrived" in values else "huddle.month.first"
        return self.say(key, values) or self.say("huddle.month.few", {"month": self.month, "least": LEAST})

    def flow(self) -> dict[str, Value]:
        """How many came in the last month, how many left, and how many there were at its end."""
        chart, came = self.about.backlog, self.about.came
        if chart is None:
            return {}
        pile = [round(plain(one)) for one in chart.rows["value"][-2:]]
        values: dict[str, Value] = {"open": pile[-1]}
        if came is None or len(pile) < 2 or came.rows["begin"][-1] != chart.rows["begin"][-1]:
            return values
        arrived = round(plain(came.rows["value"][-1]))
        return {**values, "arrived": arrived, "closed": pile[0] + arrived - pile[1]}

    def _grows(self) -> bool:
        values = self.flow()
        grows = "arrived" in values and int(str(values["arrived"])) > int(str(values["closed"]))
        return self.team and grows  # of rounded counts it would not show

    def _top(self) -> list[Block]:
        title = self.say("huddle.title", {"step": self.about.step, "month": self.month})
        numbers = [self._waiting_number(), self._half(), self._promise()]
        return [Paragraph(title, "about"), Heading(self.headline, 1), Paragraph(self._wait(), "lead"), Figures(numbers)]

    def _wait(self) -> str:
        """The average wait of the last month that could be followed."""
        chart = self.about.wait
        if self.about.recorded is not None:
            return self.say("huddle.wait.recorded", {"verdict": self.about.recorded})
        if chart is None:
            return self.say("huddle.wait.cannot")
        row = len(chart) - 1
        values: dict[str, Value] = {
            "month": str(chart.rows["begin"][row].astype("M8[M]")),
            "watched": Span(chart.points.watch / 1e6),
            "value": said(plain(chart.rows["value"][row]), chart.what.kind),
            "cases": int(chart.rows["n"][row]),
            "judged": Message(f"huddle.wait.judged.{judged(chart, row)}"),
        }
        return self.say("huddle.wait", values) or self.say("huddle.wait.cannot")

    # who is waiting

    @property
    def waiting(self) -> int:
        return int(self.about.piles.rows["n"].sum())

    def _waiting_number(self) -> Figure:
        what = self.say("huddle.waiting.what", {**self.ends, "day": self.found.until})
        dormant = int(self.about.piles.rows["dormant"].sum())
        note = self.say("huddle.waiting.dormant", {"dormant": dormant}) if dormant else ""
        number = (
            self.say("huddle.waiting.number", {"n": self.waiting}) if self.waiting else self.say("huddle.waiting.none")
        )
        return Figure(number or self.say("huddle.waiting.few", {"least": LEAST}), what, note)

    def _half(self) -> Figure:
        """Half of all those waiting, where enough are."""
        half = self.about.half
        if np.isnat(half) or (not self.team and self.waiting < 2 * LEAST):
            return Figure(self.say("huddle.half.none"), self.say("huddle.half.none.what"))
        beyond = int(self.about.piles.rows["beyond"].sum())
        note = self.say("huddle.beyond", {"beyond": beyond}) if self.team and self.about.usual_known else ""
        return Figure(self.say("huddle.half.number", {"half": Span(seconds(half))}), self.say("huddle.half.what"), note)

    def _waiting(self) -> list[Block]:
        rows, hidden = dict(self.about.piles.rows), 0
        rows = {name: column[rows["n"] > 0] for name, column in rows.items()}
        if not self.team:
            kept, hidden = suppressed({"step": rows["step"], "n": rows["n"], "p50": rows["waited_p50"]})
            rows = {"step": kept["step"], "n": to_least(kept["n"], LEAST), "waited_p50": kept["p50"]}
        if not len(rows["n"]):
            return []
        head = ["step", "n", "half", *(["beyond"] if self._counts_beyond else [])]
        lines = [self._pile({name: column[row] for name, column in rows.items()}) for row in range(len(rows["n"]))]
        more = len(lines) - MOST_PILES
        note = [self._oldest(rows)]
        note += [self.say("huddle.pile.more", {"more": more})] if more > 0 else []
        note += [self.say("huddle.pile.hidden", {"hidden": hidden, "least": LEAST})] if hidden else []
        title = self.say("huddle.pile.title.late" if self._counts_beyond else "huddle.pile.title")
        names = [self.say(f"huddle.pile.{name}") for name in head]
        said_below = " ".join(one for one in note if one)
        return [Table(names, lines[:MOST_PILES], title, said_below, tuple(range(1, len(head))))]

    @property
    def _counts_beyond(self) -> bool:
        return self.team and self.about.usual_known

    def _pile(self, one: dict[str, Any]) -> list[str]:
        half, n = one["waited_p50"], int(one["n"])
        told: dict[str, Value] = {} if np.isnat(half) else {"half": Span(seconds(half))}
        long = self.say("huddle.half.number" if told else "huddle.pile.untold", told)
        line = [str(one["step"]) or self.say("huddle.pile.nowhere"), f"{n:,}", long]
        return [*line, str(one["beyond"])] if self._counts_beyond else line

    def _oldest(self, rows: Mapping[str, NDArray[Any]]) -> str:
        """The pile whose half has waited longest, where there are several; never a person."""
        known = np.flatnonzero(~np.isnat(rows["waited_p50"]) & (rows["n"] >= (SEVERAL if self.team else 2 * LEAST)))
        if len(known) < 2:
            return ""
        row = int(known[np.argmax(rows["waited_p50"][known])])
        step = str(rows["step"][row]) or Message("huddle.pile.nowhere")
        half = Span(seconds(rows["waited_p50"][row]))
        return self.say("huddle.pile.oldest", {"step": step, "n": int(rows["n"][row]), "half": half})

    # what was promised and said

    def _promise(self) -> Figure:
        """Of the last month that can be judged: of the plan's standard or target, else what could have been promised."""
        kept = self.about.promise
        if self.about.recorded is not None:
            what = self.say("huddle.kept.recorded.what", {"verdict": self.about.recorded})
            return Figure(self.say("huddle.kept.none"), what)
        if not len(kept) or np.datetime64(self.month, "M") - np.datetime64(str(kept.rows["month"][-1]), "M") > OLD:
            return Figure(self.say("huddle.kept.none"), self.say("huddle.kept.none.what"))
        values = _of_months(kept) if isinstance(kept, OfMonths) else _of_promise(kept)
        done, cases = int(str(values["kept"])), int(str(values["cases"]))
        if not self.team and min(done, cases - done) < LEAST:
            return Figure(self.say("huddle.kept.few"), self.say("huddle.kept.few.what", {"least": LEAST}))
        kind = "kept" if isinstance(kept, OfMonths) else "promised"
        note = self.say(f"huddle.{kind}.note{'' if self.team else '.rounded'}", values)
        late = self.say("huddle.late", {"note": note, "waiting": self.about.late}) if self.about.late else ""
        note = late or note
        return Figure(self.say("huddle.kept.number", values), self.say(f"huddle.{kind}.what", values), note)

    def _voice(self) -> list[Block]:
        lines = self._counted_voices() if self.found.log.voice is not None else [self.say("huddle.voice.none")]
        plan = self.found.plan
        if plan is not None and self.team:
            for name, told in (("customers", plan.voice.customers), ("staff", plan.voice.staff)):
                lines += [self.say(f"huddle.voice.quote.{name}", {"said": one}) for one in told[:MOST_SAID]]
        return [Heading(self.say("huddle.voice"), 2), Listing(lines, least=1)]

    def _counted_voices(self) -> list[str]:
        """Of this month and the one before, what people said and what staff noted."""
        voice = self.found.log.voice
        assert voice is not None
        month = shown(self.found.log.about, voice.time).astype("M8[M]")
        now = np.datetime64(self.month, "M")
        here = np.isin(voice.case, self.found.log.case.codes) & (voice.case >= 0)
        people, angry = from_people(voice) & here, complaints_of(voice)
        n = [int((people & (month == one)).sum()) for one in (now, now - 1)]
        worse = [int((people & angry & (month == one)).sum()) for one in (now, now - 1)]
        staff = [int((~from_people(voice) & here & (month == one)).sum()) for one in (now, now - 1)]
        if not self.team:
            told = self.say("huddle.voice.rounded", {"n": n[0], "month": self.month}) if n[0] >= LEAST else ""
            return [told or self.say("huddle.voice.few", {"month": self.month, "least": LEAST})]
        values: dict[str, Value] = {"n": n[0], "complaints": worse[0], "before": n[1], "complaints_before": worse[1]}
        lines = [self.say("huddle.voice.month", {**values, "month": self.month})]
        noted: dict[str, Value] = {"n": staff[0], "before": staff[1], "month": self.month}
        return [*lines, *([self.say("huddle.voice.staff", noted)] if any(staff) else [])]

    # one question, and who does what

    def _question(self) -> list[Block]:
        return [Box([Paragraph(self.question, bold=self.say("huddle.question") + ":")], "note")]

    @property
    def question(self) -> str:
        """Of the pile with most that wait too long; else of a month that grew; else what bottlenecks ask of the step."""
        rows = self.about.piles.rows
        if self._counts_beyond and rows["beyond"].max(initial=0) >= SEVERAL:
            row = int(np.argmax(rows["beyond"]))
            step = str(rows["step"][row]) or Message("huddle.pile.nowhere")
            return self.say("huddle.question.beyond", {"n": int(rows["beyond"][row]), "step": step})
        if self._grows() and (told := self.say("huddle.question.growing", {**self.flow(), "month": self.month})):
            return told
        asked = self.found.places.questions().rows
        mine = np.flatnonzero((asked["step"] == self.about.step) & self.team)
        return (
            str(asked["question"][mine[0]]) if len(mine) else self.say("huddle.question.any", {"step": self.about.step})
        )

    def _next(self) -> list[Block]:
        plan = self.found.plan
        steps = [] if plan is None else plan.next_steps[:MOST_STEPS]
        lines: list[Sequence[str]] = [[one.what, one.owner, self.say("huddle.by", {"by": one.by})] for one in steps]
        note = "" if lines else self.say("huddle.next.empty")
        lines += [[BLANK * 60, BLANK * 24, BLANK * 14]] * (EMPTY - len(lines))  # as wide as what is written there
        head = [self.say(f"slides.next.{name}") for name in ("what", "who", "by")]
        return [Table(head, lines, self.say("huddle.next"), note)]

    def _how(self) -> list[Block]:
        """Definitions, in small print."""
        charts: list[ControlChart] = [one for one in (self.about.backlog,) if one is not None]
        results = [self.about.piles, self.about.promise, *charts]
        said = [Paragraph(one.definition, "how", spare=place) for place, one in enumerate(results, 1)]
        return [Folded(self.say("huddle.how"), said)]


def _of_months(kept: OfMonths) -> dict[str, Value]:
    """The last month all of whose cases were due."""
    one = {name: column[-1] for name, column in kept.rows.items()}
    standard: Any = kept.arguments["standard"]
    values: dict[str, Value] = {
        "cases": int(one["cases"]),
        "kept": int(one["kept"]),
        "hundred": 100 * float(one["share"]),
    }
    return {**values, "month": str(one["month"]), "limit": standard.said, "asked": float(standard.share)}


def _of_promise(kept: Kept) -> dict[str, Value]:
    one = {name: column[-1] for name, column in kept.rows.items()}
    values: dict[str, Value] = {
        "cases": int(one["cases"]),
        "kept": int(one["kept"]),
        "hundred": 100 * float(one["share"]),
    }
    asked = 100 * float(str(kept.arguments["share"]))
    return {**values, "month": str(one["month"]), "published": float(one["published"]), "asked": asked}
