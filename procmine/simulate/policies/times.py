"""Times: acts on how long steps take and in which order they come, in numbers; known wherever the steps were seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from procmine.kernels import edits
from procmine.kernels.blocks import DAY
from procmine.kernels.edits import Edit, Route
from procmine.kernels.flow import Ints
from procmine.log import LogError, codes_of
from procmine.simulate.policies.acts import (
    Act,
    Beside,
    Cap,
    Cost,
    Deadline,
    Delay,
    Escalate,
    Insert,
    Mix,
    Reroute,
    Scale,
    Session,
    Skip,
    Swap,
    days_said,
)
from procmine.simulate.policies.pieces import Look, Made, Pieces
from procmine.simulate.policies.seen import FEW, Flags
from procmine.simulate.policies.takes import Takes
from procmine.words import Message, Span, Value

OTHERS = "another party"  # a tag of steps


def delay(act: Delay, look: Look) -> Made:
    if not isinstance(act.step, str):
        return _pair(act, look)
    code = later_step(act, look)
    one = Edit(edits.SET, code, table=look.table(act.days, act.step), scope=look.scope)
    leaving = leaves(look, code, act.leaving)
    return Made.known(Pieces(edits=(one,), leaving=leaving), _took(act, look, look.seen.gaps(code, look.chosen)))


def _pair(act: Delay, look: Look) -> Made:
    assert not isinstance(act.step, str)
    begin, end = act.step
    about = look.model.log.about
    first, second = (look.flags(codes_of(about, name).tolist()) for name in (begin, end))
    took = look.seen.of_pair(begin, end, look.chosen)[0]
    pieces = Pieces(pairs=((first, second, act.length),), leaving=_named_ends(look, act.leaving or ()))
    return Made.known(pieces, _took(act, look, took))


def scale(act: Scale, look: Look) -> Made:
    code = later_step(act, look)
    one = Edit(edits.SCALE, code, factor=act.by, scope=look.scope)
    return Made.known(Pieces(edits=(one,), leaving=leaves(look, code, None)), _replaces(look, act.step))


def cap(act: Cap, look: Look) -> Made:
    code = later_step(act, look)
    one = Edit(edits.CAP, code, table=look.table(act.days, act.step), scope=look.scope)
    said = [*_replaces(look, act.step), *_longer(look, act, act.days if isinstance(act.days, float) else None)]
    return Made.known(Pieces(edits=(one,), leaving=leaves(look, code, act.leaving)), said)


def escalate(act: Escalate, look: Look) -> Made:
    code = later_step(act, look)
    table = look.table(act.days, act.step)
    one = Edit(edits.ESCALATE, code, limit=round(act.after * DAY), table=table, scope=look.scope)
    said = [*_replaces(look, act.step), *_longer(look, act, act.after)]
    return Made.known(Pieces(edits=(one,), leaving=leaves(look, code, None)), said)


def skip(act: Skip, look: Look) -> Made:
    code = later_step(act, look)
    one = Edit(edits.SKIP, code, chance=act.chance, scope=look.scope)
    return Made.known(Pieces(edits=(one,)), _replaces(look, act.step))


def insert(act: Insert, look: Look) -> Made:
    after, new = look.code(act.after), look.numbered(act.step)
    table = look.table(act.days, act.after)
    one = Edit(edits.INSERT, after, chance=act.chance, table=table, new=new, scope=look.scope)
    return Made.known(Pieces(edits=(one,)), _came(look, act.after))


def reroute(act: Reroute, look: Look) -> Made:
    after, to = look.code(act.after), look.code(act.to)
    if not look.seen.follows(after, to, look.chosen):
        raise LogError(
            f"{act.to!r} never came right after {act.after!r} in such cases, so nothing is known of how long it would take. "
            "Put it in with insert(a new name, after=..., days=...), or choose a step that did come there."
        )
    today = look.seen.share(after, to, look.chosen)
    said = [Message("policy.today.share", {"after": act.after, "to": act.to, "share": today})]
    return Made.known(Pieces(routes=(Route(after, to, act.chance, scope=look.scope),)), said)


def beside(act: Beside, look: Look) -> Made:
    first, second = _in_line(act, act.first, act.second, look)
    return Made.known(Pieces(beside=((first, second),)), _line(look, act.first, act.second))


def swap(act: Swap, look: Look) -> Made:
    first, second = _in_line(act, act.before, act.step, look)
    return Made.known(Pieces(swapped=((first, second),)), _line(look, act.before, act.step))


def deadline(act: Deadline, look: Look) -> Made:
    new = look.numbered(act.ends_as)  # a name of its own: else who is closed would count as who got a decision
    after = -1 if act.after is None else look.code(act.after)
    return Made.known(Pieces(deadlines=(edits.Deadline(round(act.days * DAY), new, after, scope=look.scope),)))


def cost(act: Cost, look: Look) -> Made:
    return Made.known(Pieces())


def mix(act: Mix, look: Look) -> Made:
    """Its weights are worked out with those of all policies, see `plan.weights`."""
    model = look.model
    rest, left = look.seen.everyone, 1.0
    for value, share in act.shares.items():
        here = look.among({act.attribute: (value,)})
        _check_kind(f"{act.attribute} = {value}", here, share, look)
        rest, left = rest & ~here, left - share
    if rest.any():
        _check_kind(f"another {act.attribute}", rest, left, look)
    if act.attribute not in model.by:
        raise LogError(
            f"The model does not tell cases apart by {act.attribute!r}, so other shares of it would change nothing: "
            f"fit(log, by=[{act.attribute!r}])."
        )
    return Made.known(Pieces())


def _check_kind(kind: str, here: Flags, share: float, look: Look) -> None:
    """Refused where more are to come of a kind that too few cases are of to know how they go."""
    if here.all():
        raise LogError(f"Every case of this log has {kind}: nothing is known of other kinds, so of no other mix.")
    ended = int((here & ~look.model.log.open).sum())
    if share > here.mean() and ended < FEW:
        raise LogError(
            f"Only {ended} cases with {kind} have ended in this log: too few to tell how more of them would go. At least "
            f"{FEW} are needed."
        )


def later_step(act: Delay | Scale | Cap | Escalate | Skip | Session, look: Look) -> int:
    """Refused where cases begin with the step: there is no time before it."""
    assert isinstance(act.step, str)
    code, seen = look.code(act.step), look.seen
    here = seen.step == code
    if here.any() and np.all(seen.after[here] == seen.arrival) and not np.any(seen.gap[here]):
        raise LogError(
            f"{act.verb}: cases begin with {act.step!r}, so no time passes before it and nothing can be changed there. "
            "Name a later step."
        )
    return code


def leaves(look: Look, code: int, names: Sequence[str] | None) -> tuple[int, ...]:
    """Ends that people choose while they wait for this step; None: those that the spec says are another party's."""
    about = look.model.log.about
    if names is None:
        names = tuple(name for name in about.ends if about.tags.get(name) == OTHERS)
    ends = _named_ends(look, names)
    places = look.seen.befores(code, look.seen.everyone)
    there = np.unique(look.seen.step[np.isin(look.seen.after, places)])
    return tuple(one for one in ends if one != code and one in there)


def _named_ends(look: Look, names: Sequence[str]) -> tuple[int, ...]:
    about = look.model.log.about
    unknown = [name for name in names if name not in about.ends]
    if unknown:
        raise LogError(f"{unknown[0]!r} does not end cases in this log. Those that do: {', '.join(about.ends)}.")
    return tuple(look.code(name) for name in names)


def _in_line(act: Act, first: str, second: str, look: Look) -> tuple[int, int]:
    codes = look.code(first), look.code(second)
    if not look.seen.follows(*codes, look.chosen):
        raise LogError(
            f"{act.verb}: {second!r} never came right after {first!r} in such cases, so there is nothing to put side by "
            "side or in another order. Name two steps that follow each other."
        )
    return codes


def _line(look: Look, first: str, second: str) -> list[Message]:
    n = look.seen.follows(look.code(first), look.code(second), look.chosen)
    came = len(look.seen.gaps(look.code(second), look.chosen))
    return [Message("policy.today.line", {"first": first, "second": second, "n": n, "came": came})]


def _came(look: Look, step: str) -> list[Message]:
    n = len(look.seen.gaps(look.code(step), look.chosen))
    return [Message("policy.today.came", {"step": step, "n": n}) if n else Message("forecast.nobody", {"step": step})]


def _replaces(look: Look, step: str) -> list[Message]:
    took = look.seen.gaps(look.code(step), look.chosen)
    if not len(took):
        return [Message("forecast.nobody", {"step": step})]
    half = Span(float(np.median(took)) / 1e6)
    return [Message("policy.today.took", {"step": step, "n": len(took), "half": half})]


def _longer(look: Look, act: Cap | Escalate, days: float | None) -> list[Message]:
    took = look.seen.gaps(look.code(act.step), look.chosen)
    if days is None or not len(took):
        return []
    longer = int((took > days * DAY).sum())
    return [
        Message("policy.today.longer", {"step": act.step, "longer": longer, "n": len(took), "time": days_said(days)})
    ]


def _took(act: Delay, look: Look, took: Ints) -> list[Message]:
    """What the log says of such a time: what it replaces, and whether it was ever that fast."""
    if not len(took):
        return [Message("forecast.nobody", {"step": act.name})]
    half = Span(float(np.median(took)) / 1e6)
    said = [Message("policy.today.took", {"step": act.name, "n": len(took), "half": half})]
    if isinstance(act.days, Takes):
        least = float(np.min(look.table(act.days, str(act.step))))
        if least < took.min():
            fastest = Span(float(took.min()) / 1e6)
            said.append(Message("policy.faster", {"step": act.name, "least": Span(least / 1e6), "fastest": fastest}))
        return said
    values: dict[str, Value] = {"step": act.name, "n": len(took), "time": days_said(act.days)}
    fast = int((took <= act.length).sum())
    if fast:
        return [*said, Message("forecast.seen", {**values, "fast": fast})]
    return [*said, Message("forecast.unseen", {**values, "tenth": Span(float(np.quantile(took, 0.1)) / 1e6)})]
