"""Second page of a brief: the evidence, what it cost, what could make it wrong, what is out of reach, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from procmine.about import About
from procmine.find.time.owners import MINE, OTHERS, OURS, STATUTE, owner_of_step
from procmine.find.time.places import OPEN_AFTER
from procmine.proof.compare import Comparison
from procmine.proof.verdict.said import details, looked_at
from procmine.publish.brief.pictures import Drawn
from procmine.publish.few import LEAST
from procmine.publish.paper.blocks import Block, Columns, Folded, Heading, Listing, Paragraph, Table
from procmine.publish.persons import filters
from procmine.words import Message, Value

if TYPE_CHECKING:
    from procmine.publish.findings import Findings

LITTLE = 0.005
MUCH = 0.05  # of all time: smaller waits in others' hands are not told
NO_PLACE = {  # why a row is in no figure: the words for it
    **dict.fromkeys(("no_time", "unreadable_time", "unreadable_start", "not_a_date"), "no_date"),
    **dict.fromkeys(("after_cutoff", "far_before", "start_after_end"), "impossible"),
}
KNOWN_NOTES = ("load.rows", "load.ends.", "load.cutoff.")  # what the door said that bears on the answer


def second_page(found: Findings, drawn: dict[str, Drawn], next_steps: Sequence[str]) -> list[Block]:
    """Everything on it, from top to bottom."""
    left = [*_cost(found), *_wrong(found)]
    right = [*_outside(found), *_next(found, next_steps)]
    return [*_evidence(found, drawn), Columns(left, right), _how(found)]


def _evidence(found: Findings, drawn: dict[str, Drawn]) -> list[Block]:
    blocks: list[Block] = [Heading(Message("brief.evidence").say())]
    pictures = [drawn[name].picture() for name in ("curve", "chart") if name in drawn]
    blocks += [Columns(pictures[:1], pictures[1:])] if len(pictures) > 1 else [replace(pictures[0], width=0.5)]
    told = found.comparison
    if told is None:
        return [*blocks, Paragraph(Message("brief.evidence.none").say(), bold=Message("brief.looked").say())]
    counted = [one for one in (*_counts(found, told), *_outcomes(found, told)) if one]
    blocks += [Paragraph(one) for one in counted]
    looked = [one for one in map(found.say, looked_at(told)) if one]
    if not looked:
        return [*blocks, Paragraph(Message("brief.looked.nothing").say(), bold=Message("brief.looked").say())]
    half = _half(looked)
    lists = [Listing(part, least=3) for part in (looked[:half], looked[half:])]
    return [*blocks, Heading(Message("brief.looked").say(), 3), Columns(lists[:1], lists[1:])]


def _half(lines: Sequence[str]) -> int:
    """How many of the lines make half of their text, so that two columns are as long."""
    long = np.cumsum([len(one) for one in lines])
    return int(np.searchsorted(long, long[-1] / 2)) + 1


def _counts(found: Findings, told: Comparison) -> list[str]:
    return [] if found.flatters else [found.say(one) for one in told.findings() if one.key == "compare.counts"]


def _outcomes(found: Findings, told: Comparison) -> list[str]:
    """How the waits ended; not for others where an ending is of few, nor where it would flatter."""
    counts = np.concatenate([told.outcomes.rows[f"cases_{name}"] for name in ("before", "after")])
    few = found.audience != "team" and bool(np.any((counts > 0) & (counts < LEAST)))
    if found.flatters or few:
        return []
    return [found.say(one) for one in told.findings() if one.key == "compare.outcomes"]


def _cost(found: Findings) -> list[Block]:
    said = found.plan.cost if found.plan is not None else ""
    return [Heading(Message("brief.cost").say()), Paragraph(said or Message("brief.cost.unknown").say())]


def _wrong(found: Findings) -> list[Block]:
    lines = [one for one in map(found.say, doubts(found)) if one]
    return [Heading(Message("brief.wrong").say()), Listing(lines, least=3)]


def doubts(found: Findings) -> list[Message]:
    """What could make it wrong: what may not be said first, then what the verdict found, then the data."""
    told = found.comparison
    looked = [] if told is None else [one.key for one in looked_at(told)]
    more = [] if told is None else [one for one in details(told) if one.key not in looked]
    first = [] if told is None else [Message("verdict.may_not_say", {"sentence": told.said.may_not}), *more]
    first += [Message("compare.since")] if told is not None else []
    always = [Message("brief.wrong.nobody")]
    always += [] if found.log.start is not None else [Message("brief.wrong.elapsed")]
    seen = [one for one in found.places.messages() if one.key in ("result.simulated", "result.cut")]
    rows = found.places.rows
    open_part = float(rows["share"][rows["kind"] == OPEN_AFTER].sum())
    for key, part in (("open", open_part), ("dormant", found.dormant)):
        if part >= LITTLE:
            active = ".active" if key == "dormant" and found.mostly_dormant else ""
            seen.append(Message(f"brief.wrong.{key}{active}", {"tenths": 10 * part}))
    none_open = [] if found.open else [Message("brief.wrong.cases")]
    return [*first, *always, *none_open, *seen, *_left_out(found)]


def _left_out(found: Findings) -> list[Message]:
    """How many rows have no place in time, or an impossible one: they are in no figure."""
    counts = dict.fromkeys(dict.fromkeys(NO_PLACE.values()), 0)
    for note in found.log.about.notes:
        reason = note.key.removeprefix("load.aside.")
        if reason in NO_PLACE and note.key != reason:
            counts[NO_PLACE[reason]] += int(str(note.values["n"]))
    return [Message(f"brief.wrong.{key}", {"n": n}) for key, n in counts.items() if n]


def _outside(found: Findings) -> list[Block]:
    lines = [one for one in map(found.say, outside(found)) if one]
    return [Heading(Message("brief.outside").say()), Listing(lines, least=2)]


def outside(found: Findings) -> list[Message]:
    """What the plan names, then waits that the spec says are in the hands of others, then pauses that are not ours."""
    plan = found.plan
    named = [] if plan is None else plan.outside_control
    said = [Message("brief.outside.said", {"what": one.what, "why": one.why}) for one in named]
    rows = found.places.rows
    for place in found.there():
        whose, share = str(rows["whose"][place]), float(rows[found.part][place])
        if whose in (OTHERS, STATUTE) and share >= MUCH:
            values: dict[str, Value] = {
                "step": str(rows["step"][place]),
                "tenths": 10 * share,
                "n": int(rows["n"][place]),
            }
            key = "brief.outside.law" if whose == STATUTE else "brief.outside.others"
            said.append(Message(key, {**values, "who": str(rows["who"][place])}))
    for pause in found.log.about.clock.get("pauses") or ():
        pairs = {name: str(pause.get(name, "")) for name in ("from_step", "to_step", "whose")}
        if owner_of_step(found.log.about, pairs["to_step"]) == MINE:
            continue
        said += [Message("brief.outside.pause", dict(pairs))] if all(pairs.values()) else []
    return said or [Message("brief.outside.unknown")]


def _next(found: Findings, given: Sequence[str]) -> list[Block]:
    title = Message("brief.next").say()
    steps = found.plan.next_steps if found.plan is not None else []
    if steps and not given:
        head = [Message(f"brief.next.{name}").say() for name in ("what", "owner", "by")]
        table = [(one.what, one.owner, found.say(Message("brief.day", {"day": one.by}))) for one in steps]
        return [Heading(title), Table(head, table)]
    lines = list(given) or [one for one in map(found.say, advice(found)) if one]
    return [Heading(title), Listing(lines, least=2), Paragraph(Message("brief.next.unowned").say(), "about", spare=5)]


def advice(found: Findings) -> list[Message]:
    """What to do where nobody has said it: as the verdict says; else ask those who can change the step."""
    if found.comparison is not None:
        return [found.comparison.said.next_step, Message("brief.next.people", {"step": found.step})]
    who = str(found.row["who"])
    kind = "law" if who == "law" else "ours" if who in OURS else "other" if who else "unknown"
    first = Message(f"brief.next.{kind}", {"step": str(found.row["step"]), "who": who})
    return [first, Message("brief.next.try"), Message("brief.next.compare")]


def _how(found: Findings) -> Folded:
    """Definitions, filters, and what the door said, in small print."""
    about = found.log.about
    history = [f"{step[:1].upper()}{step[1:]}." for step in filters(about, others=found.audience != "team")]
    notes = things(about) if found.audience == "team" else []
    compared = [] if found.comparison is None else [Message("define.brief.compared").say()]
    defined = " ".join([Message("define.brief").say(), *compared])
    blocks: list[Block] = [Paragraph(defined, "how"), Paragraph(" ".join(history), "how", spare=2)]
    blocks.append(Paragraph(" ".join(notes), "how", spare=6))
    return Folded(Message("result.how").say(), [one for one in blocks if getattr(one, "text", "")])


def things(about: About) -> list[str]:
    """What the door noted that a reader should know: how many rows were kept, when a case is finished, up to when."""
    return [note.say() for note in about.notes if note.key.startswith(KNOWN_NOTES)]
