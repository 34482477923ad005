"""First page of a brief: the sentence, the large numbers, what changed and for whom it did not, the six questions, a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procmine.proof.compare import Comparison
from procmine.proof.verdict.kinds import NO_EVIDENCE, TOO_FEW
from procmine.publish.brief.pictures import Drawn
from procmine.publish.few import LEAST
from procmine.publish.paper.blocks import Block, Box, Columns, Figure, Figures, Heading, Listing, Paragraph
from procmine.publish.plans.plan import UNWRITTEN
from procmine.publish.safety import show
from procmine.results import seconds
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from procmine.publish.findings import Findings
    from procmine.publish.plans.plan import Plan, SeenBy

MOST_KINDS = 4
PAGE, BESIDE = 6.9, 2.66  # inches: a page's text, and the column of the map
NOT_SHORTER = 0.95  # of the time before: from here on a kind of cases has not gained


def first_page(found: Findings, drawn: dict[str, Drawn]) -> list[Block]:
    """Everything on it, from top to bottom."""
    top: list[Block] = [*_above(found), *_sentence(found), _figures(found), *_whose(found)]
    told: list[Block] = [*_changed(found), *_six(found)]
    head, seen = Heading(Message("brief.map").say()), drawn["map"]
    room = PAGE if seen.wide else BESIDE
    drawn_map = seen.picture(width=min(float(seen.figure.get_size_inches()[0]) / room, 1.0))
    if seen.wide:
        return [*top, *told, head, drawn_map]
    return [*top, Columns(told, [head, drawn_map], left=0.6)]


def _above(found: Findings) -> list[Block]:
    """What the page is about, and what must be known before it is read."""
    plan, title = found.plan, found.log.about.title
    named = [plan.title, plan.named_office] if plan else [title] if title else []
    blocks: list[Block] = [Paragraph(" · ".join(one for one in named if one), "about", spare=2)] if named else []
    missing = draft(found)
    if plan is not None and not missing:
        blocks.append(Paragraph(found.say(_named(found, plan)), "about", spare=2))
    if plan is not None and plan.at and not found.of_office:
        blocks.append(Box([Paragraph(Message("brief.office.unknown").say())], "warning"))
    if missing:
        blocks.append(Paragraph(Message("brief.draft.why", {"missing": missing}).say(), "about", spare=1))
    if plan is not None and plan.supersedes is not None:
        values: dict[str, Value] = {
            "day": plan.supersedes.day,
            "hash": plan.supersedes.hash,
            "why": plan.supersedes.why,
        }
        blocks.append(Box([Paragraph(found.say(Message("brief.supersedes", values)))], "warning"))
    return blocks


def draft(found: Findings) -> tuple[Message, ...]:
    """Who has still to be named before this is more than a draft."""
    plan = found.plan
    named = {} if plan is None else {"owner": plan.owner, "data_owner": plan.data_owner, "seen_by": seen(found)}
    values: dict[str, Value] = {"day": found.until, "fields": ", ".join(plan.unwritten() if plan else [])}
    absent = [name for name in ("owner", "data_owner", "seen_by") if not named.get(name)]
    return tuple(
        Message(f"brief.draft.{name}", values) for name in [*absent, *(["unwritten"] if values["fields"] else [])]
    )


def seen(found: Findings) -> list[SeenBy]:
    """Who of those that do the step saw it when the data had ended: who saw the plan before has not seen these figures."""
    return [] if found.plan is None else [one for one in found.plan.seen_by if one.on >= found.until]


def _named(found: Findings, plan: Plan) -> Message:
    who = tuple(Message("brief.named.seen", {"who": one.who, "day": one.on}) for one in seen(found))
    return Message("brief.named", {"owner": plan.owner, "data_owner": plan.data_owner, "seen": who})


def _sentence(found: Findings) -> list[Block]:
    page = found.verdict_page
    if page is None:
        blocks: list[Block] = [Heading(found.say(found.sentence), 1), Paragraph(found.say(found.lead), "lead")]
    else:
        blocks = [Heading(page.say(), 1), Paragraph(found.say(found.sentence) or Message("brief.few").say(), "answer")]
    if found.forecast is not None:
        told = list(show(found.forecast, found.audience).sentences)[:1]
        blocks += [Paragraph(one, "lead", spare=1) for one in told]
    return blocks


def _figures(found: Findings) -> Figures:
    return Figures([Figure(found.say(one.number), found.say(one.what), found.say(one.note)) for one in found.figures])


def _changed(found: Findings) -> list[Block]:
    """What was done differently, since when, for whom, and for whom nothing is shorter."""
    told, plan = found.comparison, found.plan
    blocks: list[Block] = [Heading(Message("brief.changed").say())]
    if plan is not None:
        for who, said in (("staff", plan.problem.staff), ("customers", plan.problem.customers)):
            if said == UNWRITTEN:
                continue
            bold = Message(f"brief.problem.{who}").say()
            blocks.append(Paragraph(said, bold=bold, spare=3))
    if told is None:
        return [*blocks, Paragraph(found.say(_nothing_yet(found)))]
    what = change_words(found)
    values: dict[str, Value] = {**told.values(), "what": what or Message("brief.changed.unsaid")}
    blocks.append(Paragraph(found.say(Message("brief.changed.what", values))))
    lines = [one for one in map(found.say, for_whom_not(found, told)) if one]
    return [*blocks, Listing(lines, least=2)] if lines else blocks


def _nothing_yet(found: Findings) -> Message:
    plan = found.plan
    if plan is None or plan.change == UNWRITTEN:
        return Message("brief.changed.none")
    entry = plan.entry()
    what = (entry.what or entry.idea) if entry is not None else str(plan.change)
    return Message("brief.changed.planned", {"what": what, "day": plan.dates.begin})


def change_words(found: Findings) -> str:
    """What the change is, in the team's words; "" if nobody wrote it down."""
    if found.plan is not None:
        entry = found.plan.entry()
        said = (entry.what or entry.idea) if entry is not None else str(found.plan.change)
        return "" if said == UNWRITTEN else said
    return "" if found.comparison is None else str(found.comparison.arguments.get("what") or "")


def for_whom_not(found: Findings, told: Comparison) -> list[Message]:
    """Kinds of cases whose wait is no shorter, and all others, for whom nothing was changed."""
    if found.flatters:
        return [Message("brief.kinds.untold")]
    beside = [one for one in told.findings() if one.key.startswith("compare.others.")]
    if told.verdict.kind in (NO_EVIDENCE, TOO_FEW):  # of many kinds one will differ by chance
        return [Message("brief.kinds.alike"), *beside]
    gains = "others" in told.verdict.figures  # told apart already, in the sentence
    return [*_kinds(found, told), *beside] or ([] if gains else [Message("brief.kinds.none")])


def _kinds(found: Findings, told: Comparison) -> list[Message]:
    """By kind of case what the average was and is, those that did not gain first."""
    if told.strata is None or not len(told.strata):
        return []
    rows = told.strata.rows
    least = 1 if found.audience == "team" else LEAST
    counts = np.stack([rows["cases_before"], rows["cases_after"]])
    if np.any((counts > 0) & (counts < least)):  # a kind left out could be had from the others
        return []
    known = ~np.isnat(rows["mean_before"]) & ~np.isnat(rows["mean_after"])
    ratio = rows["mean_after"] / np.where(
        rows["mean_before"] > np.timedelta64(0, "s"), rows["mean_before"], np.timedelta64(1, "s")
    )
    order = np.flatnonzero(known)[np.argsort(-ratio[known], kind="stable")][:MOST_KINDS]
    return [_kind(told, int(place), float(ratio[place])) for place in order]


def _kind(told: Comparison, place: int, ratio: float) -> Message:
    assert told.strata is not None
    rows = told.strata.rows
    values: dict[str, Value] = {"stratum": str(rows["stratum"][place])}
    values |= {name: int(rows[name][place]) for name in ("cases_before", "cases_after")}
    values |= {name: Span(seconds(rows[f"mean_{name}"][place]), told.day) for name in ("before", "after")}
    return Message("brief.kinds.not" if ratio >= NOT_SHORTER else "brief.kinds.shorter", values)


def _whose(found: Findings) -> list[Block]:
    """Whose answers and map these are, where the sentence is of fewer cases."""
    if found.comparison is None:
        return []
    office = found.plan.named_office if found.plan is not None and found.of_office else ""
    of: dict[str, Value] = {"cases": len(found.log), "office": office}
    return [Paragraph(found.say(Message("brief.six.office" if office else "brief.six.all", of)), "about")]


def _six(found: Findings) -> list[Block]:
    blocks: list[Block] = [Heading(Message("brief.six").say())]
    for one in found.six:
        asked = Message("brief.six.asked", {"number": one.number, "question": one.question}).say()
        blocks.append(Paragraph(found.say(one.answer), bold=asked))
    return blocks
