"""Six: the champion's six questions, each answered in a sentence or two, or with why it cannot be and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.find.checks.look import resource_of
from procmine.find.shorter.wins import quick_wins
from procmine.find.time.owners import MINE, STATUTE
from procmine.find.waits.causes import causes
from procmine.log import LogError
from procmine.publish.few import LEAST
from procmine.results import Result, seconds
from procmine.see.ending import MeanWithin, mean_within
from procmine.see.flow import PATH
from procmine.see.happy import DEVIATION, happy_path
from procmine.see.rework_cost import rework_cost
from procmine.simulate.contention import NO_SIGN, QUEUE, Contention
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from procmine.publish.findings import Findings

MAJOR, MAJOR_ALONE = 0.1, 0.2  # of all time, for certain, that makes a place major; where there is no range, the share
MUCH, SOME = 0.1, 0.02  # of all time in doing things again
HARDLY = 0.1  # of cases on the most frequent good path: fewer, and it is hardly one
MOST = 2  # places named beside the first
SEEN = 0.1  # of cases that must have begun so long ago, for an average to count times up to there
WEEK = 7


@dataclass(frozen=True)
class Answer:
    """The answer to one of the six questions; `result`: where its figures are found again, None if it cannot be answered."""

    number: int
    question: Message
    answer: Message
    result: Result | None


def six_answers(found: Findings) -> tuple[Answer, ...]:
    """All six, in their order."""
    asked: tuple[Callable[[Findings], tuple[Message, Result | None]], ...] = (
        _how_long, _bottlenecks, _happy, _rework, _wins, _reassigning,
    )  # fmt: skip
    answers = []
    for number, ask in enumerate(asked, 1):
        try:
            said, result = ask(found)
        except LogError:
            said, result = Message(f"six.{number}.cannot"), None
        if found.safe(said) is None:
            said, result = Message("six.few", {"least": LEAST}), None
        answers.append(Answer(number, Message(f"six.{number}.question"), said, result))
    return tuple(answers)


def ranged(low: Span | None, high: Span | None) -> Message:
    """Where it likely lies, in brackets."""
    return Message("six.no_range") if low is None or high is None else Message("six.range", {"low": low, "high": high})


def of_a_whole(low: float, high: float, whole: int) -> Message:
    """The same of parts (nan: not known) of every 10 days or 100 cases; nothing where both ends are said alike."""
    if np.isnan(low) or np.isnan(high):
        return Message("six.no_range")
    digits = 1 if whole == 10 else 0
    ends: dict[str, Value] = {"low": whole * float(low), "high": whole * float(high)}
    alike = f"{whole * low:.{digits}f}" == f"{whole * high:.{digits}f}"
    return Message("nothing") if alike else Message(f"six.range.of_{whole}", ends)


def _how_long(found: Findings) -> tuple[Message, Result | None]:
    whole = found.whole
    place = int(np.flatnonzero(np.isclose(whole.rows["share"], 0.5))[0])
    half, low, high = (_span(whole, name, place) for name in ("time", "low", "high"))
    mean = _mean(found)
    values: dict[str, Value] = {
        "counts": found.counts(),
        "n": len(found.log),
        "long": _too_long(found, half, low, high),
    }
    if half is None:
        return Message("six.1.never", values), whole
    values |= {"p50": half, "range": ranged(low, high), "mean": _said_mean(found, mean)}
    return Message("six.1.half", values), Both.of(whole, mean)


def _mean(found: Findings) -> MeanWithin:
    """Of all cases where none is open, else up to the time within which 9 in 10 were over, or as many as is known of times
    that enough cases could have taken when the data end."""
    log, whole = found.log, found.whole
    if not log.open.any() and log.about.complete_from is None:
        return mean_within(log, horizon=max(float((log.until - log.arrival).max()) / 1e6 / DAY, 1.0))
    told = whole.rows["time"][(whole.rows["share"] <= 0.9) & ~np.isnat(whole.rows["time"])]
    ago = float(np.quantile(log.about.cutoff - log.arrival, 1 - SEEN)) / 1e6
    known = [one for one in map(seconds, told) if one <= ago]
    days = max(known) / DAY if known else min(ago / DAY, 365.0)
    return mean_within(log, horizon=float(WEEK * max(ceil(days / WEEK), 1)))


def _said_mean(found: Findings, mean: MeanWithin) -> Message:
    spans = {name: _span(mean, name, 0) for name in ("mean", "mean_low", "mean_high")}
    if spans["mean"] is None:
        return Message("six.1.mean.untold")
    values: dict[str, Value] = {"mean": spans["mean"], "range": ranged(spans["mean_low"], spans["mean_high"])}
    cut = found.log.open.any() or found.log.about.complete_from is not None
    return Message(
        "six.1.mean.within" if cut else "six.1.mean", {**values, "within": _span(mean, "within", 0) or Span(0)}
    )


def _too_long(found: Findings, half: Span | None, low: Span | None, high: Span | None) -> Message:
    """By the standard of the plan, else by its target of the whole case; nobody may have said."""
    if found.kept is not None:
        return kept(found)
    plan = found.plan
    if plan is None or plan.target.days is None or half is None:
        return Message("six.1.nobody")
    if plan.baseline.start or plan.baseline.stop:
        return Message("six.1.part", {"target": Span(plan.target.days * DAY), "stop": _end(plan.baseline.stop)})
    ends = [half.seconds if one is None else one.seconds for one in (low, high)]
    limit = plan.target.days * DAY
    key = "yes" if ends[0] > limit else "no" if ends[1] <= limit else "unsure"
    return Message(f"six.1.target.{key}", {"target": Span(limit)})


def _end(stop: str | None) -> Message:
    return Message("compare.end") if stop is None else Message("bottleneck.step", {"step": stop})


def kept(found: Findings) -> Message:
    """Whether the plan's standard is kept, in words."""
    assert found.kept is not None and found.standard is not None
    one = {name: column[0] for name, column in found.kept.rows.items()}
    values: dict[str, Value] = {"standard": str(one["standard"]), "limit": found.standard.said}
    if not one["due"]:
        return Message("six.1.standard.none", values)
    hundred = {name: 100 * float(one[name]) for name in ("share", "low", "high", "asked")}
    key = str(one["verdict"]).replace(" ", "_")
    return Message(f"six.1.standard.{key}", {**values, **hundred, "cases": int(one["due"])})


def _bottlenecks(found: Findings) -> tuple[Message, Result | None]:
    rows, there, row = found.places.rows, found.there(), found.row
    values: dict[str, Value] = {"step": str(row["step"]), "n": int(row["n"]), "tenths": 10 * float(row[found.part])}
    values["p50"] = Span(seconds(row["p50"]), found.places.day)
    values["range"] = Message("nothing") if found.mostly_dormant else of_a_whole(row["low"], row["high"], 10)
    values["dormant"] = Message("six.2.dormant" if found.mostly_dormant else "nothing")
    big = [str(rows["step"][place]) for place in there if _major(found, int(place))]
    others = tuple(Message("bottleneck.step", {"step": step}) for step in big if step != row["step"])[:MOST]
    values["others"] = Message("six.2.others", {"steps": others}) if others else Message("nothing")
    sure = not (np.isnan(row["low"]) or found.mostly_dormant)
    key = "six.2.minor" if str(row["step"]) not in big else "six.2.major" if sure else "six.2.major.alone"
    return Message(key, values), found.places


def _major(found: Findings, place: int) -> bool:
    low, share = (float(found.places.rows[name][place]) for name in ("low", found.part))
    return share >= MAJOR_ALONE if np.isnan(low) or found.mostly_dormant else low >= MAJOR


def _happy(found: Findings) -> tuple[Message, Result | None]:
    log = found.log
    if log.about.cut:
        return Message("six.3.cannot"), None
    good = _usual_end(found)
    path = happy_path(log, outcome=good)
    rows = path.rows
    share = float(rows["share"][0])
    if np.isnan(share):
        return Message("six.3.cannot"), path
    steps = len(str(path.arguments["path"]).split(PATH))
    n = int(rows["cases"][:3].sum() + rows["open"][0])  # those begun before the data are complete are not among them
    values: dict[str, Value] = {"share": 100 * share, "steps": steps, "n": n}
    values["range"] = of_a_whole(rows["low"][0], rows["high"][0], 100)
    values["end"] = Message("six.3.end", {"outcome": good}) if good else Message("six.3.any_end")
    values["leave"] = _leave(found, rows)
    return Message("six.3.many" if share >= HARDLY else "six.3.hardly", values), path


def _usual_end(found: Findings) -> str | None:
    """Of several outcomes the one in which most cases ended."""
    log = found.log
    known = sorted(set(log.about.outcomes.values()))
    if len(known) < 2:
        return known[0] if known else None
    filled = np.flatnonzero((np.diff(log.offset) > 0) & ~log.open)
    last = np.bincount(log.activity[log.offset[filled + 1] - 1], minlength=len(log.about.activities))
    count = dict.fromkeys(known, 0)
    for code, step in enumerate(log.about.activities):
        if step in log.about.outcomes:
            count[log.about.outcomes[step]] += int(last[code])
    return max(known, key=lambda name: count[name])


def _leave(found: Findings, rows: Any) -> Message:
    """Where most cases leave the path."""
    places = np.flatnonzero(rows["way"] == DEVIATION)
    if not len(places) or rows["cases"][places[0]] < (1 if found.audience == "team" else LEAST):
        return Message("nothing")
    after, instead = (str(rows[name][places[0]]) for name in ("left_after", "instead"))
    key = "six.3.leave" if after and instead else "six.3.leave.end" if after else "six.3.leave.first"
    return Message(key, {"after": after, "instead": instead, "cases": int(rows["cases"][places[0]])})


def _rework(found: Findings) -> tuple[Message, Result | None]:
    cost = rework_cost(found.log)
    one = {name: column[0] for name, column in cost.rows.items()}
    values: dict[str, Value] = {"cases": int(one["cases"]), "counts": found.counts()}
    if not one["n"]:
        return Message("six.4.none", {"counts": found.counts(), "n": len(found.log)}), cost
    share = 10 * float(one["share"])
    values |= {"tenths": share, "mean": Span(seconds(one["mean"]), cost.day), "top": str(cost.rows["of"][1])}
    values["range"] = of_a_whole(one["low"], one["high"], 10)
    key = "much" if share >= 10 * MUCH else "some" if share >= 10 * SOME else "little" if share >= 0.05 else "hardly"
    return Message(f"six.4.{key}", values), cost


def _wins(found: Findings) -> tuple[Message, Result | None]:
    wins = quick_wins(found.log)
    whose = wins.rows["whose"].astype(str)
    enough = wins.rows["n"] >= (1 if found.audience == "team" else 2 * LEAST)
    ours, others = (np.flatnonzero(of & enough) for of in (whose == MINE, (whose != MINE) & (whose != STATUTE)))
    if not len(ours) and not len(others):
        return Message("six.5.none"), wins
    place = int(ours[0]) if len(ours) else int(others[np.argmax(wins.rows["saving"][others])])
    one = {name: column[place] for name, column in wins.rows.items()}
    values: dict[str, Value] = {"step": str(one["step"]), "who": str(one["who"])}
    values |= {name: Span(seconds(one[name]), wins.day) for name in ("target", "saving")}
    values |= {"n": int(one["n"]), "late": int(one["longer"])}
    values["range"] = ranged(_span(wins, "low", place), _span(wins, "high", place))
    key = "ours" if len(ours) else "others" if one["who"] else "unknown"
    return Message(f"six.5.{key}", values), wins


def _reassigning(found: Findings) -> tuple[Message, Result | None]:
    log = found.log
    who = resource_of(log)
    if who is None or log.about.cut:
        return Message("six.6.cannot"), None
    if log.start is not None:
        return _waits(found, who)
    screen = Contention.of(log, resource=who)
    verdicts = screen.rows["verdict"].astype(str)
    queues, quiet = (np.flatnonzero(verdicts == kind) for kind in (QUEUE, NO_SIGN))
    there = queues if len(queues) else quiet
    if not len(there):
        return Message("six.6.unclear"), screen
    order = there[np.argsort(-screen.rows["n"][there], kind="stable")]
    steps = tuple(Message("bottleneck.step", {"step": str(screen.rows["step"][place])}) for place in order[: MOST + 1])
    values: dict[str, Value] = {"steps": steps, "n": int(screen.rows["n"][order].min())}
    more = len(there) - MOST - 1
    values["more"] = Message("contention.more", {"more": more}) if more > 0 else Message("nothing")
    seen = set(screen.rows["step"][np.concatenate((queues, quiet))])
    values["step"] = Message("nothing") if found.step in seen else Message("six.6.step", {"step": found.step})
    return Message("six.6.queue" if len(queues) else "six.6.none", values), screen


def _waits(found: Findings, who: str) -> tuple[Message, Result | None]:
    """Where beginnings are recorded: how much waiting is for somebody who is busy with other cases."""
    split = causes(found.log, resource=who)
    here = np.flatnonzero((split.rows["place"] == "") & (split.rows["cause"] == "contention"))
    if not len(here) or not split.rows["n"][here[0]]:
        return Message("six.6.unclear"), split
    one = {name: column[here[0]] for name, column in split.rows.items()}
    values: dict[str, Value] = {"tenths": 10 * float(one["share"]), "n": int(one["n"])}
    values["range"] = of_a_whole(one["low"], one["high"], 10)
    return Message("six.6.busy" if one["share"] >= MUCH else "six.6.free", values), split


def _span(result: Result, name: str, place: int) -> Span | None:
    value = result.rows[name][place]
    return None if np.isnat(value) else Span(seconds(value), result.day)


@dataclass(frozen=True, eq=False)
class Both(Result):
    """Rows: what (text), time, low, high (timedelta64[s]), cases, open (int): the half, and the average and its limit."""

    meaning = "define.six.how_long"

    @classmethod
    def of(cls, whole: Result, mean: MeanWithin) -> Both:
        place = int(np.flatnonzero(np.isclose(whole.rows["share"], 0.5))[0])
        parts: list[tuple[str, Any, str, int]] = [("half", whole, "", place), ("average", mean, "mean_", 0)]
        rows: dict[str, NDArray[Any]] = {"what": np.array(["half", "average", "limit"], object)}
        times = {name: [one.rows[f"{prefix}{name}"][at] for _, one, prefix, at in parts] for name in ("low", "high")}
        none = np.timedelta64("NaT", "s")
        rows["time"] = np.array([whole.rows["time"][place], mean.rows["mean"][0], mean.rows["within"][0]], "m8[s]")
        rows |= {name: np.array([*ends, none], "m8[s]") for name, ends in times.items()}
        rows |= {name: np.repeat(whole.rows[name][place], 3) for name in ("cases", "open")}
        return cls(rows, whole.about, whole.exact and mean.exact, dict(mean.arguments))
