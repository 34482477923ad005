"""Pages of a plan: the first in plain words, the second with what the data say to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from procmine.draw.picture import png
from procmine.languages import language
from procmine.log import LogError
from procmine.proof.charts.control import ControlChart, control_chart
from procmine.proof.records.told import came
from procmine.proof.verdict.kinds import UNTOLD
from procmine.publish.few import Months
from procmine.publish.page import Stamp
from procmine.publish.paper.blocks import (
    Block,
    Box,
    Columns,
    Figure,
    Figures,
    Folded,
    Heading,
    Listing,
    PageEnd,
    Paper,
    Paragraph,
    Picture,
    Table,
)
from procmine.publish.persons import refuse_chosen
from procmine.publish.plans.checks import earliest
from procmine.publish.plans.safely import safe
from procmine.publish.plans.standing import last_of
from procmine.publish.plans.year import alt, drawn
from procmine.publish.safety import show
from procmine.results import seconds
from procmine.words import Message, Span, speaking

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawn

    from procmine.publish.plans.check_plan import PlanCheck
    from procmine.publish.plans.plan import Plan

DPI = 200
WIDE = 0.64  # of the page, for a chart
ROWS = 3  # of the table of what could be seen


def paper(found: PlanCheck, size: Literal["a4", "us-letter"]) -> Paper:
    """In the plan's language."""
    plan = found.plan
    plan.refuse_others(found.about.audience)
    if found.about.audience != "team":
        refuse_chosen(found.about, plan.meant)
    with spoken_of(found):
        mark = _say("plan.page.draft") if plan.missing() else ""
        blocks = [*_first(found), PageEnd(), *_second(found)]
        return Paper(plan.title, blocks, Stamp.of(found.about), plan.language, size, 2, mark, labels=_labels(found))


def spoken_of(found: PlanCheck) -> AbstractContextManager[None]:
    """The plan's language; for the public with months for days."""
    said = language(found.plan.language)
    return speaking(Months(said) if found.about.audience == "public" else said)


def _say(key: str, **values: object) -> str:
    return Message(key, values).say()  # type: ignore[arg-type]


def _labels(found: PlanCheck) -> list[str]:
    plan = found.plan
    names = [plan.step, plan.office, plan.unit, plan.baseline.start or "", plan.baseline.stop or ""]
    return [one for one in (*names, *found.about.activities) if one]


def _first(found: PlanCheck) -> Iterator[Block]:
    plan = found.plan
    yield Heading(plan.title, 1)
    yield Paragraph(_who(plan), "about")
    yield Columns(
        [
            Heading(_say("plan.page.staff"), 2),
            Paragraph(_quoted(plan.problem.staff)),
            *_voices(found, plan.voice.staff),
        ],
        [
            Heading(_say("plan.page.customers"), 2),
            Paragraph(_quoted(plan.problem.customers)),
            *_voices(found, plan.voice.customers),
        ],
    )
    yield Heading(_say("plan.page.change"), 2)
    yield Paragraph(_change(found))
    yield _figures(plan)
    yield Heading(_say("plan.page.notice"), 2)
    yield Paragraph(plan.customers_notice, "lead")
    yield Heading(_say("plan.page.year"), 2)
    yield Picture(png(cast("Drawn", drawn(found.facts).figure), DPI), alt(found.facts).say())
    yield from _rest(plan)


def _who(plan: Plan) -> str:
    owner = plan.owner or Message("plan.page.nobody").say()
    values = {"office": plan.office, "stage": Message(f"plan.stage.{plan.at_stage()}"), "owner": owner}
    return _say("plan.page.who.unit" if plan.named_unit else "plan.page.who", unit=plan.named_unit, **values)


def _quoted(text: str) -> str:
    return _say("plan.page.quoted", text=text)


def _voices(found: PlanCheck, said: list[str]) -> list[Block]:
    """For the team only: what single people said is free text."""
    if found.about.audience != "team":
        return []
    return [Listing([_quoted(one) for one in said], least=0, spare=2)] if said else []


def _change(found: PlanCheck) -> str:
    entry = found.facts.entry
    what = str(found.plan.change) if entry is None else entry.what or entry.idea
    return _say("plan.page.what", what=_closed(what), step=found.plan.step)


def _closed(text: str) -> str:
    """With a full stop, if it ends without any."""
    return text if text.rstrip()[-1:] in ".!?…。;" else f"{text.rstrip()}."


def _figures(plan: Plan) -> Figures:
    base = plan.baseline
    start, stop = base.start or Message("compare.arrival"), base.stop or Message("compare.end")
    between = _say("plan.of", start=start, stop=stop)
    told = [
        Figure(*_number(plan, "baseline"), between),
        Figure(*_number(plan, "target"), _say("plan.page.by", by=plan.target.by)),
    ]
    return Figures([*told, Figure(_say("plan.page.begin.day", day=plan.dates.begin), _say("plan.page.begin"),
                                  _say("plan.page.ends", end=plan.ends))])  # fmt: skip


def _number(plan: Plan, name: Literal["baseline", "target"]) -> tuple[str, str]:
    said = plan.baseline if name == "baseline" else plan.target
    if said.days is not None:
        return _say("plan.figure.days", days=Span(said.days * 86_400)), _say(f"plan.page.{name}.days")
    within = Span(float(said.within or 0) * 86_400)
    return _say("plan.figure.share", share=float(said.share or 0)), _say(f"plan.page.{name}.share", within=within)


def _rest(plan: Plan) -> Iterator[Block]:
    """What a plan may say beside."""
    if plan.next_steps:
        yield Heading(_say("plan.page.next"), 2)
        told = [
            _say("plan.page.step", what=one.what.rstrip("."), owner=one.owner, by=one.by) for one in plan.next_steps
        ]
        yield Listing(told, least=1)
    if plan.outside_control:
        yield Heading(_say("plan.page.outside"), 2)
        yield Listing(
            [_say("plan.page.because", what=_closed(one.what), why=one.why) for one in plan.outside_control], least=1
        )
    if plan.cost:
        yield Paragraph(plan.cost, bold=_say("plan.page.cost"), spare=1)
    if plan.supersedes is not None:
        values = {"day": plan.supersedes.day, "hash": plan.supersedes.hash[:12], "why": plan.supersedes.why}
        yield Paragraph(_say("plan.page.supersedes", **values), "about")


def _second(found: PlanCheck) -> Iterator[Block]:
    plan = found.plan
    yield Heading(_say("plan.page.data"), 2)
    if plan.missing():
        yield Box([Paragraph(_say("plan.page.draft.why"), bold=_say("plan.page.draft")),
                   Listing([one.say() for one in plan.missing()])], "draft")  # fmt: skip
    for one in found.checks:
        if one.name != "draft":
            head = _say(
                "plan.page.check", name=Message(f"plan.check.{one.name}"), state=Message(f"plan.state.{one.state}")
            )
            yield Paragraph(" ".join(safe(part, found.about).say() for part in one.said), bold=head)
    yield from _chart(found)
    yield from _visible(found)
    yield from _came(found)
    yield Paragraph(_next(found), bold=_say("plan.page.review"))
    yield Folded(_say("result.how"), [Paragraph(found.definition, "how")])


def _chart(found: PlanCheck) -> Iterator[Block]:
    """The wait month by month, with the change as it is on record, or the curve of the time before."""
    chart = _control(found)
    if chart is not None:
        shown, caption = show(chart), Message("plan.page.chart", {"n": int(chart.rows["n"].sum())})
        figure, below = shown.figure(), safe(caption, found.about).say()
    elif found.facts.waits.cases and not np.isnan(found.facts.waits.half()[0]):
        shown = show(found.facts.waits)
        figure, below = shown.figure(), shown.sentences[0]
    else:
        return
    if figure is not None:
        yield Picture(png(figure, DPI), " ".join(shown.sentences), below, WIDE)


def _control(found: PlanCheck) -> ControlChart | None:
    """None where months are too few or cases lack in some, where what was found would make them flatter, and for others than
    the team: single months have few cases."""
    facts, last = found.facts, last_of(found.facts.entry)
    if found.about.audience != "team" or (last is not None and last.verdict in UNTOLD):
        return None
    try:
        return control_chart(facts.log, changes=(facts.planned,))
    except LogError:
        return None


def _visible(found: PlanCheck) -> Iterator[Block]:
    """What could be seen, by the day of the data."""
    try:
        sized = found.facts.sized
    except LogError:
        return
    rows = sized.rows
    head = [_say("plan.page.seen.day"), _say("plan.page.seen.cases"), _say("plan.page.seen.change")]
    lines = []
    for at in range(min(ROWS, len(sized))):
        count = safe(Message("plan.page.count", {"n": int(rows["cases"][at])}), found.about).say()
        change = _say("plan.figure.days", days=Span(seconds(rows["visible"][at]), sized.day))
        lines.append([_say("plan.page.begin.day", day=str(rows["ask"][at])), count, change])
    yield Table(head, lines, title=_say("plan.page.seen"), numbers=(1, 2), spare=1)


def _came(found: PlanCheck) -> Iterator[Block]:
    entry = found.facts.entry
    if entry is not None and entry.measured:
        yield Paragraph(came(entry).say(), bold=_say("plan.page.came"))
    else:
        yield Paragraph(_say("plan.page.unmeasured"), bold=_say("plan.page.came"))


def _next(found: PlanCheck) -> str:
    """The next day to look at it, seen from the end of the data."""
    ahead = [day for day in found.plan.dates.review if day > found.facts.cutoff]
    if ahead:
        return _say("plan.page.review.on", day=ahead[0])
    first = earliest(found.facts)
    if first > found.facts.cutoff:
        return _say("plan.page.review.first", day=first)
    return _say("plan.page.review.none", until=found.facts.cutoff)
