"""Content: what stands on the five slides, on the page of questions, and in the notes for the speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from procmine.proof.compare import Comparison
from procmine.publish.brief.first_page import draft
from procmine.publish.brief.second_page import advice, doubts, outside
from procmine.publish.facts import Fact
from procmine.publish.few import LEAST, in_months
from procmine.publish.findings import Findings
from procmine.publish.page import Stamp
from procmine.publish.safety import show
from procmine.publish.slides.deck import Bars, Deck, Grid, Numbers, Part, Place, Slide, Text
from procmine.publish.slides.pictures import (
    MAP_ROOM,
    UNSEEN,
    before_and_since,
    foretold,
    small_map,
    waiting_bars,
    where_time_goes,
)
from procmine.publish.slides.questions import because, questions, results_of
from procmine.words import Language, Message, Value, spoken

TOP, BOTTOM, EDGE, WHOLE = 1.85, 6.95, 0.5, 12.33
MOST_LINES = 6
LEAD = Place(EDGE, TOP, WHOLE, 1.7)
FIGURES = Place(EDGE, 3.65, WHOLE + 0.2, 2.6)
BELOW = Place(EDGE, 6.35, WHOLE, 0.6)
LEFT, RIGHT, UNDER_LEFT = Place(EDGE, TOP, 7.6, 4.25), Place(8.3, 1.72, *MAP_ROOM), Place(EDGE, 6.13, 7.6, 0.85)


def deck_of(found: Findings, language: str) -> Deck:
    """All of it in the language spoken now."""
    stamp = Stamp.of(found.log.about, found.audience)
    made = [_first(found), _where(found), _change(found), _limits(found), _next(found), _asked(found)]
    foot = Message("slides.foot", {"mark": Message(f"audience.{found.audience}"), "data": _data(stamp)}).say()
    return Deck(_say(found, found.headline), made, foot, stamp.until, _mark(found), language)


def _data(stamp: Stamp) -> Message:
    title: Value = stamp.title or Message("page.untitled")
    return Message("page.data", {"title": title, "until": stamp.until})


def _mark(found: Findings) -> str:
    """Why it is a draft, and that its language is not reviewed."""
    missing, speaks = draft(found), spoken()
    told = [Message("slides.draft", {"missing": missing})] if missing else []
    if isinstance(speaks, Language) and speaks.code != "en" and not speaks.reviewed:
        told.append(Message("brief.not_reviewed"))
    return " ".join(one.say() for one in told)


def _first(found: Findings) -> Slide:
    page, sentence = found.verdict_page, _say(found, found.sentence)
    alone = page is None or found.headline is found.sentence
    title = sentence if alone or page is None else _say(found, page)
    lead = _say(found, found.lead) if alone and found.comparison is None else "" if alone else sentence
    told = [(_say(found, one.number), _say(found, one.what), _say(found, one.note)) for one in found.figures]
    parts: list[tuple[Place, Part]] = [(LEAD, Text([lead], kind="lead"))] if lead else []
    parts.append((FIGURES if lead else Place(EDGE, 2.6, WHOLE + 0.2, 2.6), Numbers(told)))
    parts.append((BELOW, Text(_several(found, [found.counts()]), kind="small")))
    figures = [_figure(found, one) for one in found.figures]
    means = [Message("slides.means", {"sentence": one.result.definition}).say() for one in found.figures]
    return Slide(title, parts, [*_aloud(found), *figures, *dict.fromkeys(means)])


def _figure(found: Findings, fact: Fact) -> str:
    """Number, what it is, and its range, in one line; "" if it may not be said."""
    told = {name: _say(found, getattr(fact, name)) for name in ("number", "what", "note")}
    return Message("slides.figure", dict(told)).say()


def _where(found: Findings) -> Slide:
    bars, caption = where_time_goes(found)
    drawn, below = small_map(found)
    row = found.row
    key = "slides.where.active" if found.mostly_dormant else "slides.where"
    values: dict[str, Value] = {"step": str(row["step"]), "tenths": 10 * float(row[found.part]), "n": int(row["n"])}
    parts: list[tuple[Place, Part]] = [
        (_tall(bars), bars),
        (UNDER_LEFT, Text([_say(found, caption), below.say()], kind="small")),
    ]
    parts.append((RIGHT, drawn))
    say = Message("slides.say", {"sentence": _say(found, found.lead)}).say()
    say_not = Message("slides.say_not", {"sentence": Message("brief.wrong.nobody")}).say()
    means = Message("slides.means", {"sentence": found.places.definition}).say()
    return Slide(_say(found, Message(key, values)), parts, [say, say_not, bars.alt, means])


def _tall(bars: Bars) -> Place:
    """No taller than its bars need."""
    return replace(LEFT, height=min(LEFT.height, 0.45 + 0.65 * len(bars.labels)))


def _change(found: Findings) -> Slide:
    if found.comparison is not None:
        return _compared(found)
    return _forecast(found) if found.forecast is not None else _now(found)


def _compared(found: Findings) -> Slide:
    told = found.comparison
    assert told is not None
    said = told.said
    lines = before_and_since(found)
    ranges = [_figure(found, one) for one in found.figures[:2]]
    page = _say(found, said.page)
    next_step = Message("verdict.next_step", {"sentence": said.next_step})
    may_not = Message("verdict.may_not_say", {"sentence": said.may_not})
    means = Message("slides.means", {"sentence": told.definition}).say()
    notes = [*_aloud(found), *show(told, found.audience).sentences, means]
    if lines is None:
        reason = Message(f"slides.count.{_why_no_curve(found, told)}", {"least": LEAST}).say()
        shown = _several(found, [found.sentence, may_not, next_step])
        parts: list[tuple[Place, Part]] = [
            (Place(EDGE, TOP, WHOLE, 4.3), Text(shown, kind="lead")),
            (Place(EDGE, 6.3, WHOLE, 0.6), Text([reason], kind="small")),
        ]
        return Slide(page, parts, notes)
    title = _say(found, Message("slides.curve", {**told.values(), "page": said.page}))
    results = Message("slides.pair", {"question": Message("slides.question.results"), "answer": results_of(found)})
    beside = Text([*ranges, *_several(found, [results, may_not])], kind="frame")
    return Slide(title, [(Place(EDGE, TOP, 7.6, 5.05), lines), (Place(8.3, TOP, 4.53, 5.05), beside)], notes)


def _why_no_curve(found: Findings, told: Comparison) -> str:
    if told.instead is not None:
        return "early"
    return "no_curve" if found.flatters else "chance" if told.verdict.kind in UNSEEN else "few"


def _forecast(found: Findings) -> Slide:
    told = found.forecast
    assert told is not None
    lines = foretold(found)
    only = Message("slides.forecast.only").say()
    said = list(show(told, found.audience).sentences)
    title = Message("slides.forecast", {"policy": str(told.rows["policy"][0])}).say()
    beside = Text([only, *said[:2]], kind="frame")
    whole = [(Place(EDGE, TOP, WHOLE, 5.0), beside)]
    parts: Sequence[tuple[Place, Part]] = (
        whole if lines is None else [(Place(EDGE, TOP, 7.6, 5.05), lines), (Place(8.3, TOP, 4.53, 5.05), beside)]
    )
    return Slide(title, parts, [*_aloud(found), *said, told.definition])


def _now(found: Findings) -> Slide:
    title, now = Message("slides.now").say(), found.waiting
    bars = waiting_bars(found)
    if now is None or bars is None:
        key = "slides.now.none" if now is None else "slides.now.few"
        lead = Text([Message(key, {"least": LEAST}).say()], kind="lead")
        return Slide(title, [(Place(EDGE, TOP, WHOLE, 4.0), lead)], _aloud(found))
    told = [one.say() for one in now.messages()] if found.audience == "team" else []
    affected = found.figures[-1]
    beside = [*told[:2], *(_several(found, [affected.note]) if not told else [])]
    parts: list[tuple[Place, Part]] = [(_tall(bars), bars), (UNDER_LEFT, Text([bars.name], kind="small"))]
    parts += [(Place(8.3, TOP, 4.53, 4.5), Text(beside, kind="frame"))] if any(beside) else []
    return Slide(
        title, parts, [*_aloud(found), bars.alt, *told, Message("slides.means", {"sentence": now.definition}).say()]
    )


def _limits(found: Findings) -> Slide:
    plan = found.plan
    cost = plan.cost if plan is not None else ""
    none = "slides.cost.no_change" if plan is None and found.comparison is None else "slides.cost.none"
    beyond = _several(found, outside(found))
    wrong = _several(found, doubts(found))
    columns = (
        ("slides.cost", [cost or Message(none).say()], 3.3),
        ("slides.wrong", wrong, 5.0),
        ("slides.outside", beyond, 3.63),
    )
    parts: list[tuple[Place, Part]] = []
    left = EDGE
    for key, lines, wide in columns:
        parts.append((Place(left, TOP, wide, 5.05), Text(lines, Message(key).say(), bullets=True, kind="frame")))
        left += wide + 0.2
    whole = [Message("slides.whole", {"sentence": one}).say() for one in wrong]
    return Slide(Message("slides.limits").say(), parts, [*whole, *beyond])


def _next(found: Findings) -> Slide:
    lines = next_steps(found)
    head = [Message(f"slides.next.{name}").say() for name in ("what", "who", "by")]
    high = min(5.05, 0.42 + 0.85 * len(lines))
    grid = Grid(head, lines, (0.58, 0.24, 0.18), Message("slides.next.alt", {"n": len(lines)}).say())
    notes = [Message("slides.promise").say(), Message("slides.ask").say(), *(" · ".join(line) for line in lines)]
    return Slide(Message("slides.next").say(), [(Place(EDGE, TOP, WHOLE, high), grid)], notes)


def next_steps(found: Findings) -> list[list[str]]:
    """What, who by role, by when: the plan's, with its next review; without a plan what the figures ask for."""
    plan, free = found.plan, Message("slides.next.open").say()
    if plan is not None and (plan.next_steps or plan.dates.review):
        told = [(one.what, one.owner, one.by) for one in plan.next_steps]
        coming = [day for day in plan.dates.review if day > found.until][:1]
        told += [(Message("slides.next.review").say(), plan.owner or free, day) for day in coming]
        if told:
            return [[what, who, _day(found, day)] for what, who, day in sorted(told, key=lambda one: one[2])][
                :MOST_LINES
            ]
    return [[one, free, free] for one in _several(found, advice(found))][:MOST_LINES]


def _day(found: Findings, day: str) -> str:
    """As people write it, for the public the month."""
    told = Message("slides.pair", {"question": day, "answer": ""})
    return (in_months(told) if found.audience == "public" else told).say().strip()


def _asked(found: Findings) -> Slide:
    """In two columns of about the same length."""
    told = questions(found)
    wide = WHOLE / 2 - 0.1
    pairs = [Message("slides.pair", {"question": question, "answer": answer}).say() for question, answer in told]
    upto = list(accumulate(len(one) for one in pairs))
    half = min(range(1, len(pairs)), key=lambda place: abs(2 * upto[place - 1] - upto[-1]))
    parts: list[tuple[Place, Part]] = []
    for left, here in ((EDGE, slice(None, half)), (EDGE + wide + 0.2, slice(half, None))):
        bold = [question for question, _ in told[here]]
        parts.append((Place(left, 1.6, wide, 5.35), Text(pairs[here], kind="small", bold=bold)))
    return Slide(Message("slides.questions").say(), parts, [Message("slides.aloud").say(), *pairs])


def _aloud(found: Findings) -> list[str]:
    """What may be said, what may not, and of how many cases."""
    told = found.comparison
    not_said = Message("brief.wrong.nobody") if told is None else told.said.may_not
    said = [("slides.say", found.sentence), ("slides.say_not", not_said), ("slides.counts", found.counts())]
    if told is not None:
        said.insert(2, ("slides.say_not", because(found)))
    return [
        Message(key, {"sentence": one}).say() for key, message in said[:2] + said[-1:] if (one := _say(found, message))
    ]


def _say(found: Findings, message: Message) -> str:
    return found.say(message)


def _several(found: Findings, messages: Sequence[Message]) -> list[str]:
    """Those that may be said, each once."""
    return list(dict.fromkeys(one for one in map(found.say, messages) if one))
