"""Said: a verdict in words: what stands on the page, what one may say aloud, what one may not, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from procmine.log import day_of
from procmine.proof.guards.said import said as of_guard
from procmine.proof.verdict.early import AFTER, BEFORE
from procmine.proof.verdict.kinds import (
    ARTEFACT,
    CANNOT_JUDGE,
    DIFFERENT_RESULTS,
    FAILS,
    FINE,
    FOR_MOST,
    GUARDS,
    IMPROVED,
    MIXED,
    NO_EVIDENCE,
    SLOWER_UNCLEAR,
    TOO_EARLY,
    TOO_FEW,
    UNCLEAR,
    UNKNOWN,
    UNSURE,
    WORSE,
    Finding,
)
from procmine.words import Message, Span, Value, after_each_other

if TYPE_CHECKING:
    from procmine.proof.compare import Comparison

TIMES = (
    "difference", "low", "high", "visible", "bound", "beyond", "gaining_difference", "gaining_low", "gaining_high",
    "finished_before", "finished_since",
)  # fmt: skip
SECONDS = ("difference", "effect", "low", "high", "raw", "adjusted")  # figures of guards and rivals
SMALLER = 0.8  # of the difference told, below which the smallest of all windows is told too
OF_SPEC = ("bunching", "pauses")  # where the spec names no limit and no pause, there is nothing to look at
SHARES = ("share", "waiting", "beyond", "gone")  # figures of guards, before and after
LEAST_COUNTED = 2 / 3  # of the cases that ended: what guards leave out at most of the newest
COUNTS = ("overdue", "open", "arrived", "closed")
OF_LOOKS = ("look.shared", "look.provisional", "look.between")
OWN = ("reopened", "bunching", "pauses", "outside")  # guards that say themselves what they found
TOLD_APART = 0.05  # of the difference: so far from the plain one that both are told
FIGURED = (IMPROVED, FOR_MOST, UNCLEAR, WORSE, SLOWER_UNCLEAR, MIXED)  # kinds whose sentence names the difference
WHY = {ARTEFACT: (FAILS,), DIFFERENT_RESULTS: (FAILS,), UNCLEAR: (FAILS, UNSURE), SLOWER_UNCLEAR: (FAILS,)}
OF_SLOWER = ("queue", "control")  # what leaves open why waits are longer
HELP = {"short_before": ".history", "too_short": ".longer", "kept": ".all", "no_case": ".all"}


@dataclass(frozen=True)
class Said:
    """page: the words over it; may_say: what is true to say aloud; may_not: what is not; next_step: what to do now."""

    page: Message
    may_say: Message
    may_not: Message
    next_step: Message
    alone: bool = False  # may_say holds what stands on the page

    @property
    def answer(self) -> Message:
        return self.may_say if self.alone else Message("verdict.answer", {"page": self.page, "sentence": self.may_say})

    def messages(self) -> list[Message]:
        """The answer first."""
        return [
            self.answer,
            Message("verdict.may_not_say", {"sentence": self.may_not}),
            Message("verdict.next_step", {"sentence": self.next_step}),
        ]


def said(found: Comparison) -> Said:
    """Of a comparison, its verdict in words."""
    kind, values = found.verdict.kind, _values(found)
    may_not = Message(f"verdict.{kind}.not{_not(found)}")
    if "finished_before" in found.verdict.figures:
        may_not = after_each_other([may_not, Message("verdict.finished_only.not", values)])
    may_say = found.instead or _may_say(found, values)
    page = "improved_for_some" if _few_gain(found) else kind
    return Said(Message(f"verdict.{page}.page"), may_say, may_not, _next(found, values), found.instead is not None)


def _values(found: Comparison) -> dict[str, Value]:
    figures = found.verdict.figures
    values = found.values()
    for name in TIMES:
        if name in figures:
            values[name] = Span(abs(float(figures[name])), found.day)
    for low, high in (("low", "high"), ("gaining_low", "gaining_high")):
        if float(figures.get(high, 1)) <= 0:  # so much less: the smaller end first
            values[low], values[high] = values[high], values[low]
    less = float(figures.get("difference", 0)) < 0
    values |= {"less_or_more": Message("verdict.less" if less else "verdict.more"), "day": _day(found)}
    values |= {"others": str(figures.get("others", "")), "slowest": 100 * float(figures.get("slowest", 0))}
    counts: dict[str, Value] = {name: int(float(figures.get(name, 0))) for name in ("weeks", "expected")}
    share = float(figures.get("others_share", figures.get("slowest", 1)))
    few = round(share * min(int(one) for one in found.rows["cases"][[BEFORE, AFTER]]))  # behind what is said of a part
    return {**values, **counts, "share": 100 * float(figures.get("others_share", 0)), "n": few}


def _day(found: Comparison) -> str:
    """When it is worth asking again: once twice as many weeks could be watched."""
    told = found.verdict.figures.get("day")
    plan = found.plan
    return str(told or day_of(found.about, plan.begins(plan.ramp + 2 * max(plan.after, 1) + plan.watched) - 1))


def _may_say(found: Comparison, values: dict[str, Value]) -> Message:
    kind, figures = found.verdict.kind, found.verdict.figures
    if kind in WHY:
        why = [_told(found, one) for one in _reasons(found)]
        return Message(f"verdict.{kind}.say", {**values, "why": after_each_other(why)})
    if kind == IMPROVED:
        more = [*found.halves(), *([Message("verdict.improved.compared")] if _compared(found) else [])]
        return after_each_other([Message("verdict.improved.say", values), *more])
    if kind == CANNOT_JUDGE:
        return Message("verdict.closures_missing", values)
    leans = float(figures.get("low", 0)) > 0 or float(figures.get("high", 0)) < 0
    key = {
        FOR_MOST: _part(found) or ".say",
        TOO_FEW: ".leaning" if leans else ".say",
        NO_EVIDENCE: ".same" if not float(figures.get("visible", 0)) else ".leaning" if leans else ".say",
    }.get(kind, ".say")
    return Message(f"verdict.{kind}{key}", values)


def _next(found: Comparison, values: dict[str, Value]) -> Message:
    kind, figures = found.verdict.kind, found.verdict.figures
    key = {
        IMPROVED: ".unrecorded" if found.look.picked else "",
        FOR_MOST: _part(found).removesuffix(".some"),
        UNCLEAR: _compared(found),
        CANNOT_JUDGE: HELP.get(str(figures.get("reason")), ""),
    }.get(kind, "")
    if kind == TOO_EARLY and not figures.get("day"):
        kind, key = CANNOT_JUDGE, ".all"
    return Message(f"verdict.{kind}.next{key}", values)


def _reasons(found: Comparison) -> list[Finding]:
    """What stands against it: of an artefact and of other results the guards that fail, else all that is not fine."""
    kind = found.verdict.kind
    told = [one for one in found.verdict.findings if one.state in WHY[kind]]
    return [one for one in told if kind == UNCLEAR or one.name in (OF_SLOWER if kind == SLOWER_UNCLEAR else GUARDS)]


def details(found: Comparison) -> list[Message]:
    """Whether this look is the last, and what guards and rivals found that is not fine and not in the answer already."""
    told = _reasons(found) if found.verdict.kind in WHY else []
    fine = [
        one for one in found.verdict.findings if one.state != FINE or (one.name == "control" and not _gained(found))
    ]
    left = [one for one in fine if one not in told]
    left = [one for one in left if not (one.state == UNKNOWN and one.name in OF_SPEC)]
    return [*_looks(found), *_adjusted(found), *_least(found), *(_told(found, one) for one in left)]


def looked_at(found: Comparison) -> list[Message]:
    """What each guard and rival found, those that are fine too: what is not fine first, then the offices compared."""
    told = [one for one in found.verdict.findings if not (one.state == UNKNOWN and one.name in OF_SPEC)]
    told.sort(key=lambda one: (one.state == FINE, one.name != "control"))
    return [_told(found, one) for one in told]


def _least(found: Comparison) -> list[Message]:
    """That the difference is smaller against some weeks before, where it clearly is."""
    figures = found.verdict.figures
    if found.verdict.kind not in FIGURED:
        return []
    least, difference = float(figures["least"]), float(figures["difference"])
    if abs(least) >= SMALLER * abs(difference):
        return []
    way = Message("verdict.less" if least < 0 else "verdict.more")
    return [Message("verdict.least", {"least": Span(abs(least), found.day), "less_or_more": way})]


def _looks(found: Comparison) -> list[Message]:
    """Of the days of decision: that the error is shared, that it is not the last one; of a record, that it names none."""
    told = OF_LOOKS if found.look.picked else (*OF_LOOKS, "look.no_date")
    return [one for one in found.look.why if one.key in told]


def _adjusted(found: Comparison) -> list[Message]:
    """That the figure said is not that of the rows, where the mix of cases or the season makes it another."""
    figures = found.verdict.figures
    if found.verdict.kind not in FIGURED or _fails(found, "mix"):  # the mix tells of both figures itself
        return []
    raw, difference = float(figures["raw"]), float(figures["difference"])
    what = "both" if figures["mix"] and figures["season"] else "mix" if figures["mix"] else "season"
    if abs(raw - difference) <= TOLD_APART * abs(difference):
        return []
    without = Message(f"verdict.adjusted.{what}", {"mix": str(figures["mix"])})
    way = Message("verdict.less" if raw < 0 else "verdict.more")
    return [Message("verdict.adjusted", {"without": without, "raw": Span(abs(raw), found.day), "less_or_more": way})]


def _told(found: Comparison, one: Finding) -> Message:
    """What a guard or rival found, in a sentence or more."""
    if one.name in OWN:
        whole = after_each_other(of_guard(one, found.day))
        return Message(whole.key, {**whole.values, **_behind(found, one)})
    figures = {name: _value(name, value, found.day) for name, value in one.figures.items()}
    return Message(f"verdict.{one.name}.{one.state}", {**found.values(), **figures, **_behind(found, one)})


def _behind(found: Comparison, one: Finding) -> dict[str, Value]:
    """The fewest cases that a share in its sentence is of: others than the team do not hear of a few."""
    cases = [float(found.rows["cases"][row]) for row in (BEFORE, AFTER)]
    if one.name in OWN:  # of those that ended, the newest left out
        cases = [LEAST_COUNTED * float(found.rows["ended"][row]) for row in (BEFORE, AFTER)]
    few = [float(one.figures.get("group_share", 0)) * min(cases)]
    for row, period in ((BEFORE, "before"), (AFTER, "after")):
        few += [float(one.figures.get(f"{name}_{period}", 0)) * cases[row] for name in SHARES]
    there = [round(count) for count in few if count > 0]
    return {"n": min(there)} if there else {}


def _value(name: str, value: float | str, day: float) -> Value:
    if isinstance(value, str):
        return value
    if name.removesuffix("_then") in COUNTS:
        return round(value)
    return Span(abs(value), day) if name in SECONDS else float(value)


def _gained(found: Comparison) -> bool:
    return found.verdict.kind in (IMPROVED, FOR_MOST)


def _not(found: Comparison) -> str:
    """Which of the sentences that may not be said."""
    part = ".slowest" if "slowest" in found.verdict.figures else ""
    return {IMPROVED: _compared(found), FOR_MOST: part}.get(found.verdict.kind, "")


def _part(found: Comparison) -> str:
    """Who does not gain: the slowest, most kinds of cases, or (empty) fewer than half."""
    return ".slowest" if "slowest" in found.verdict.figures else ".some" if _few_gain(found) else ""


def _few_gain(found: Comparison) -> bool:
    """Whether the kinds of cases that do not gain are more than half."""
    return found.verdict.kind == FOR_MOST and float(found.verdict.figures.get("others_share", 0)) > 0.5


def _fails(found: Comparison, name: str) -> bool:
    return any(one.name == name and one.state == FAILS for one in found.verdict.findings)


def _compared(found: Comparison) -> str:
    """Whether comparison offices bear the gain out."""
    return ".compared" if any(one.name == "control" and one.state == FINE for one in found.verdict.findings) else ""
