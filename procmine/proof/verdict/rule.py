"""Rule: from the evidence to one of the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from procmine.kernels.contrast import POWER, Estimate
from procmine.proof.arms import ENDS, OTHERWISE
from procmine.proof.records.looks import Look
from procmine.proof.verdict import kinds, rivals
from procmine.proof.verdict.evidence import Evidence, Group
from procmine.proof.verdict.kinds import FAILS, FINE, UNSURE, Finding, Verdict
from procmine.words import DAY, Message, Span, Value

LEAST_CHANGE = 0.05  # of the mean before: the smallest change worth saying
WORTH_SEEING = 0.2  # of the mean before: a larger one should have been visible, or there are too few cases
ONE_SIDED, TWO_SIDED = 0.9, 0.95  # levels of ranges whose ends hold in 95 of 100
OTHER_ENDS = 0.02
LASTING = 0.01  # of the cases, still waiting
LEFT_WAITING = ("overdue", "tail")
Figures = Mapping[str, float | str]


@dataclass(frozen=True, eq=False)
class Heard:
    """What was heard beside the evidence: how strict to be, what the further guards found, the comparison offices."""

    look: Look
    guards: tuple[Finding, ...] = ()
    control: Finding | None = None


def verdict(evidence: Evidence, heard: Heard) -> Verdict:
    """The first row of the table that holds (statistics.md, section 2)."""
    level = heard.look.level
    better, worse = (_moved(evidence, level, sign) for sign in (-1, 1))
    picked = not better and heard.look.picked and _moved(evidence, TWO_SIDED, -1)
    guards = {one.name: one for one in (*_guards(evidence), *heard.guards)}
    others = {one.name: one for one in _rivals(evidence, heard, picked)}
    found = tuple({**guards, **others}.values())
    figures = _figures(evidence, level)
    if better or picked:
        kind, more = _faster(evidence, guards, others)
    elif _half_sooner(evidence) and any(guards[name].state == FAILS for name in LEFT_WAITING):
        kind, more = kinds.ARTEFACT, {}
    elif worse:
        kind, more = _slower(evidence, others), {}
    else:
        few = float(figures["visible"]) > WORTH_SEEING * float(figures["mean_before"])
        kind, more = kinds.TOO_FEW if few else kinds.NO_EVIDENCE, {}
    return Verdict(kind, found, {**figures, **more})


def _moved(evidence: Evidence, level: float, sign: int) -> bool:
    """Whether waits moved that way against every window before, surely and by enough to be worth saying."""
    return all(
        sign * one.difference > one.reach(level) and sign * one.difference >= LEAST_CHANGE * one.mean
        for one in evidence.gains.values()
    )


def _half_sooner(evidence: Evidence) -> bool:
    """Whether waits look shorter to everybody, whatever the average of all says."""
    return evidence.quantile("after", 0.5) < (1 - WORTH_SEEING) * evidence.quantile("before", 0.5)


def _faster(evidence: Evidence, guards: Mapping[str, Finding], others: Mapping[str, Finding]) -> tuple[str, Figures]:
    failed = {name for name, one in guards.items() if one.state == FAILS}
    if failed - {"other_ends", "outside"}:
        return kinds.ARTEFACT, {}
    if failed & {"other_ends"}:
        return kinds.DIFFERENT_RESULTS, {}
    unsure = {name for name, one in guards.items() if one.state == UNSURE and name in ("overdue", "pending", "outside")}
    if failed or unsure or any(one.state == FAILS for one in others.values()):
        return kinds.UNCLEAR, {}
    left = _left_out(evidence)
    return (kinds.FOR_MOST, left) if left else (kinds.IMPROVED, {})


def _slower(evidence: Evidence, others: Mapping[str, Finding]) -> str:
    if any(others[name].state == FAILS for name in ("queue", "control") if name in others):
        return kinds.SLOWER_UNCLEAR
    return kinds.MIXED if evidence.backlog.shrinks() else kinds.WORSE


def _figures(evidence: Evidence, level: float) -> Figures:
    long = evidence.gains["long"]
    told, raw = long.contrast(), evidence.raw.contrast()
    visible = max(one.reach(level) + POWER * one.error for one in evidence.gains.values())
    least = min(evidence.gains.values(), key=lambda one: abs(one.difference))
    return {
        "difference": told.difference,
        "low": told.low,
        "high": told.high,
        "mean_before": long.mean,
        "mean_after": long.mean + long.difference,
        "raw": raw.difference,
        "raw_low": raw.low,
        "raw_high": raw.high,
        "least": least.difference,
        "visible": visible,
        "bound": max(abs(told.low), abs(told.high)),
        "level": level,
        "mix": ", ".join(evidence.mix),
        "season": float(evidence.waves is not None),
    }


# ---- guards


def _guards(evidence: Evidence) -> list[Finding]:
    backlog = evidence.backlog
    return [_tail(evidence), backlog.overdue(TWO_SIDED), backlog.pending(TWO_SIDED), _other_ends(evidence)]


def _tail(evidence: Evidence) -> Finding:
    """More still wait at the end of watching, or cases of one kind wait longer."""
    ends = evidence.weekly.shape[1] - 1
    still = evidence.share(ends)
    figures: Figures = {"waiting_before": still.mean, "waiting_after": still.mean + still.difference}
    if still.difference > LASTING and still.difference > still.reach(ONE_SIDED):
        values: dict[str, Value] = {**figures, "watched": Span(evidence.plan.horizon / 1e6)}
        return Finding("tail", FAILS, {**figures, "told": Message("verdict.tail.waiting", values).say()})
    level = 1 - 2 * (1 - TWO_SIDED) / max(len(evidence.groups), 1)
    slower = [
        one for one in evidence.groups if one.own.difference > max(one.own.reach(level), LEAST_CHANGE * one.own.mean)
    ]
    if slower:
        most = max(slower, key=lambda one: one.own.difference)
        span = Span(most.own.difference, getattr(evidence.question.clock, "day", DAY))
        told = {"told": Message("verdict.tail.kind", {"group": most.name, "difference": span}).say()}
        of_kind: Figures = {"group": most.name, "group_share": most.share, "difference": most.own.difference}
        return Finding("tail", FAILS, {**figures, **told, **of_kind})
    return Finding("tail", FINE, figures)


def _other_ends(evidence: Evidence) -> Finding:
    """Cases end otherwise more often: than with the stop, or than in the way that was most frequent before."""
    sums = evidence.weekly
    before, after = (sums[weeks].sum(axis=0) for weeks in (evidence.before, evidence.after))
    ends = evidence.question.cohort.ends(evidence.strata.about)
    usual = 0 if evidence.question.cohort.stop else int(before[ENDS : ENDS + len(ends)].argmax())
    columns = [ENDS + at for at in range(len(ends)) if at != usual and before[ENDS + at] + after[ENDS + at] > 0]
    columns += [OTHERWISE] if evidence.question.cohort.stop and len(columns) > 1 else []
    over = [one[ENDS : ENDS + len(ends)].sum() for one in (before, after)]
    found: list[tuple[float, Finding]] = []
    level = 1 - 2 * (1 - TWO_SIDED) / max(len(columns), 1)
    for column in columns:
        moved = evidence.share(column)
        of_ended = after[column] / max(over[1], 1) - before[column] / max(over[0], 1)
        name = ("" if column == OTHERWISE else ends[column - ENDS]) or Message("compare.unnamed").say()
        figures: Figures = {"end": name, "share_before": moved.mean, "share_after": moved.mean + moved.difference}
        more = moved.difference > max(OTHER_ENDS, moved.reach(level)) and of_ended > OTHER_ENDS
        found.append((moved.difference - 10 * (not more), Finding("other_ends", FAILS if more else FINE, figures)))
    return max(found, key=lambda one: one[0])[1] if found else Finding("other_ends", FINE)


def _left_out(evidence: Evidence) -> Figures:
    """Who does not gain: kinds of cases that differ from all others in it, else the slowest part; empty: all do."""
    level = 1 - (1 - TWO_SIDED) / max(len(evidence.groups), 1)
    left = [one for one in evidence.groups if _apart(one, level)]
    if left:
        most = max(left, key=lambda one: _between(one).difference / max(_between(one).error, 1e-300))
        same = [one for one in left if one.by == most.by]
        own, others = most.own.contrast(), evidence.all_but(same).contrast()
        told = {
            "others": ", ".join(one.name for one in same),
            "by": most.by,
            "others_share": sum(one.share for one in same),
        }
        gaining = {"gaining_difference": others.difference, "gaining_low": others.low, "gaining_high": others.high}
        return {**told, **gaining, "others_difference": own.difference, "others_low": own.low, "others_high": own.high}
    slow = evidence.slowest
    if slow is None or slow.moved.difference <= -LEAST_CHANGE * slow.moved.mean:
        return {}
    more = slow.moved.mean + slow.moved.difference - slow.alike > slow.moved.reach(ONE_SIDED)
    return {"slowest": slow.share, "beyond": slow.beyond} if more else {}


def _between(group: Group) -> Estimate:
    """The difference of a kind's difference from that of all others, in parts of what each took before."""
    own, others = (
        (one.difference / max(one.mean, 1e-9), one.error / max(one.mean, 1e-9)) for one in (group.own, group.others)
    )
    error = (own[1] ** 2 + others[1] ** 2) ** 0.5
    return Estimate(own[0] - others[0], error, min(group.own.degrees, group.others.degrees), 1.0)


def _apart(group: Group, level: float) -> bool:
    """Whether the cases of a kind gain nothing that is sure and worth saying, while the others surely gain more."""
    apart, own = _between(group), group.own
    none = own.difference > -max(LEAST_CHANGE * own.mean, min(own.reach(TWO_SIDED), WORTH_SEEING / 2 * own.mean))
    return none and apart.difference > apart.reach(level)


# ---- rivals


def _rivals(evidence: Evidence, heard: Heard, picked: bool) -> list[Finding]:
    """Comparison offices that did not gain clear the season and a queue's moods, not fewer or other cases."""
    found = [one(evidence) for one in RIVALS]
    if heard.control is not None and heard.control.state == FINE:
        found = [replace(one, state=FINE) if one.name in ("season", "queue") else one for one in found]
    dated = rivals.date(heard.look, picked)
    return [*found, dated, *([heard.control] if heard.control is not None else [])]


RIVALS: tuple[Callable[[Evidence], Finding], ...] = (rivals.volume, rivals.mix, rivals.season, rivals.queue)
