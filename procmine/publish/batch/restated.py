"""Restated: figures of past months that are other now than when they were released, and how many entries made them so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from procmine.publish.batch.headline import Figure, Headline
from procmine.publish.batch.marks import BEFORE_ALL
from procmine.publish.batch.reason import Reason, named, said
from procmine.words import Message, Value

FIRST = ("half", "year", "standard", "step_half", "finished", "begun", "open", "step_share", "waited")
OF_PERIOD = ("begun", "finished", "half", "standard")
ENTERED = ("entered", "")
LEAST_CASES, PART = 5, 0.02  # a count moved by more than both
LEAST_DAYS, LEAST_SHARE = 0.5, 0.01
MANY, MANY_PART = 20, 0.05  # entries of a month that hold it even where no figure moved


@dataclass(frozen=True)
class Changed:
    """Entries of a month, and of all months up to it, that were not there before or are gone; `same`: none is another."""

    late: int
    gone: int
    same: bool

    def __add__(self, other: Changed) -> Changed:
        return Changed(self.late + other.late, self.gone + other.gone, self.same and other.same)

    @property
    def any(self) -> bool:
        return bool(self.late or self.gone or not self.same)

    @property
    def why(self) -> Message:
        if self.late and self.gone:
            return Message("restated.both", {"late": self.late, "gone": self.gone})
        if self.late or self.gone:
            name, n = ("late", self.late) if self.late else ("gone", self.gone)
            return Message(f"restated.{name}", {name: n})
        return Message("restated.settings" if self.same else "restated.changed")


def restated(now: Headline, before: Headline) -> list[Reason]:
    """A reason for each month that both have and whose figures moved, oldest first; what moved nothing is a note.

    A figure as it stood at the end of a month is compared with the same figure when it was released, so nothing but the data
    up to then (or the settings) can have moved it. Entries are counted up to the month told: those of a month are counted by
    step, so one that went and one of the same step that came are taken for a change of one entry.
    """
    found, upto = [], _earlier(now, before)
    if now.data["begins"] != before.data["begins"]:
        days = {"now": str(now.data["begins"]), "then": str(before.data["begins"])}
        found.append(Reason("note", Message("restated.begins", days)))
    for month in [one for one in before.months if one in now.months]:
        own = changed(now, before, month)
        upto = upto + own
        found += list(_told(month, now, before, own, upto))
    return found if any(one.holds for one in found) else [*found, *_entered(now, before, upto)]


def _entered(now: Headline, before: Headline, upto: Changed) -> Iterator[Reason]:
    """Those who began in a month, followed up to the last release: later entries move it as well; the newest is told."""
    pairs = [(before.of(month).get(ENTERED), now.of(month).get(ENTERED)) for month in before.months]
    told = [(old, new) for old, new in pairs if old is not None and new is not None and moved(old, new)]
    if told:
        yield Reason("restated", _message(told[::-1], upto))


def changed(now: Headline, before: Headline, month: str) -> Changed:
    """How the entries of a month differ."""
    one, two = now.marks[month], before.marks[month]
    steps = {*one.steps, *two.steps}
    moved = [one.steps.get(step, 0) - two.steps.get(step, 0) for step in steps]
    return Changed(sum(n for n in moved if n > 0), -sum(n for n in moved if n < 0), one.hash == two.hash)


def _earlier(now: Headline, before: Headline) -> Changed:
    """Of all months before the first that both have; nothing where the data begin on another day."""
    both = [month for month in before.months if month in now.months]
    if not both or now.data["begins"] != before.data["begins"]:
        return Changed(0, 0, True)
    counts = []
    for one in (now, before):
        early = [mark for month, mark in one.marks.items() if month == BEFORE_ALL or month < both[0]]
        counts.append(sum(mark.entries for mark in early))
    more = counts[0] - counts[1]
    return Changed(max(more, 0), max(-more, 0), not more)


def _told(month: str, now: Headline, before: Headline, own: Changed, upto: Changed) -> Iterator[Reason]:
    pairs = moved_figures(now, before, month, upto)
    if pairs:
        slid = not upto.late and now.data["begins"] != before.data["begins"]  # older cases are no longer in the extract
        yield Reason("note" if slid else "restated", _message(pairs, upto))
    elif own.any:
        entries = max(before.marks[month].entries, 1)
        share = (own.late + own.gone) / entries
        if own.late + own.gone >= MANY and share >= MANY_PART:
            yield Reason("restated", Message("restated.many", {"month": month, "why": own.why, "share": share}))
        else:
            yield Reason("note", Message("restated.few", {"month": month, "why": own.why}))


def _message(pairs: Sequence[tuple[Figure, Figure]], upto: Changed) -> Message:
    old, new = pairs[0]
    values: dict[str, Value] = {"month": new.month, "what": named(new), "why": upto.why}
    values |= {"before": said(old, old.value), "after": said(new, new.value), "more": len(pairs) - 1}
    return Message("restated.figures" if len(pairs) > 1 else "restated.figure", values)


def moved_figures(now: Headline, before: Headline, month: str, upto: Changed) -> Sequence[tuple[Figure, Figure]]:
    """Then and now, of the figures that moved, the most telling first."""
    then, today = before.of(month), now.of(month)
    of_period = () if now.kind == before.kind else OF_PERIOD  # a quarter is not compared with a month
    both = [key for key in then if key in today and key != ENTERED and key[0] not in of_period]
    pairs = [(then[key], today[key]) for key in both if moved(then[key], today[key])]
    if not upto.any:  # what counts as waiting depends on a limit that is found anew in each extract
        pairs = [pair for pair in pairs if pair[0].figure != "waited"]
    return sorted(pairs, key=lambda pair: FIRST.index(pair[0].figure))


def moved(then: Figure, today: Figure) -> bool:
    """Whether a reader would see another number, and not for a rounding's sake."""
    if then.value is None or today.value is None:
        return False
    by, size = abs(today.value - then.value), abs(then.value)
    if then.unit == "cases":
        return by >= LEAST_CASES and by > PART * size
    if then.unit == "share":
        return by >= LEAST_SHARE
    return by >= LEAST_DAYS and by > PART * size
