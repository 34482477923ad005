"""Track record: how good the forecasts of a ledger have been, those without a score included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from procmine.proof.ledger.ledger import (
    DUE,
    NOT_DUE,
    NOT_TRIED,
    WITHDRAWN,
    Checked,
    Kept,
    Ledger,
    nothing_of,
    said_amount,
    said_doubt,
    said_inside,
    said_range,
    unit_of,
)
from procmine.proof.ledger.record import SHARE
from procmine.proof.ledger.scores import exact_range
from procmine.results import Result, Rows
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.ledger import Foreseen

SHOWN = ("what", "of_whom", "measure", "range", "as_it_was", "came", "unit", "hit", "state", "change_on", "id")
OTHERS = (DUE, NOT_TRIED, WITHDRAWN, NOT_DUE)
MOST = 40  # forecasts in a picture
MANY = 20  # scored forecasts before a hit rate says much
LEAST = 5  # scored forecasts before anything is said of ranges that are too narrow or of hope


@dataclass(frozen=True, eq=False)
class TrackRecord(Result):
    """One row per forecast, the last one stored first.

    id; stored (text, the day it was written down); what, of_whom, measure, unit (text); predicted, predicted_low,
    predicted_high, as_it_was (before), came (nan: no score), all in `unit`; range (text); cases (int) counted; hit (inside:
    yes, no or nothing); state (scored, due, not due, never tried, withdrawn); counts (bool): among those of the hit rate,
    which leaves out what was written down when its change had begun; change_on, due (text, days); interval_score, crps (in
    `unit`, small is good); times_scored (int); notes (text).
    """

    meaning = "define.ledger"
    none = "ledger.empty"
    none_is_an_answer = True
    kept: tuple[Kept, ...]
    checked: Checked
    today: str

    def messages(self) -> Sequence[Message]:
        """Faults of the file first: what follows may then not be all, or not be as it was."""
        faults = [] if self.checked.whole else list(self.checked.findings())[:-1]
        return [*faults, *super().messages()]

    def findings(self) -> Sequence[Message]:
        return [self._headline(), *self._rate(), *self._lean(), *self._notes(), self.checked.said_head()]

    def shown(self) -> Rows:
        return {name: self.rows[name] for name in SHOWN}

    @property
    def hits(self) -> tuple[int, int]:
        """How many of those that count came out inside, and of how many."""
        inside = [one.score.inside for one in self.counted if one.score]
        return sum(inside), len(inside)

    @property
    def counted(self) -> list[Kept]:
        """Those with a score that were written down before their change began."""
        return [one for one in self.kept if _counts(one)]

    def _headline(self) -> Message:
        hits, n = self.hits
        states = [one.state(self.today) for one in self.kept]
        others = [Message(f"ledger.count.{state}", {"n": states.count(state)}) for state in OTHERS if state in states]
        late = sum(one.score is not None and one.afterwards for one in self.kept)
        others += [Message("ledger.count.afterwards", {"n": late})] if late else []
        values: dict[str, Value] = {"all": len(self.kept), "n": n, "hits": hits, "misses": n - hits}
        rest = Message("ledger.rest", {"rest": tuple(others)}) if others else Message("ledger.rest.none")
        return Message("ledger.headline" if n else "ledger.headline.none", {**values, "rest": rest})

    def _rate(self) -> list[Message]:
        """The hit rate beside what it should be."""
        hits, n = self.hits
        if not n:
            return []
        low, high = exact_range(hits, n)
        wanted = float(np.mean([one.forecast.level for one in self.counted]))
        shares = {"low": low, "high": high, "wanted": wanted, "share": hits / n}
        values: dict[str, Value] = {"n": n, **{name: 100 * share for name, share in shares.items()}}
        said = "few" if n < LEAST else "narrow" if high < wanted else "wide" if low > wanted else "fits"
        said = "little" if said == "fits" and n < MANY else said
        return [Message("ledger.rate", {**values, "said": Message(f"ledger.rate.{said}")})]

    def _lean(self) -> list[Message]:
        """Whether more came out worse than predicted than chance allows."""
        worse = [_worse(one) for one in self.counted]
        if len(worse) < LEAST:
            return []
        low, high = exact_range(sum(worse), len(worse))
        key = "hopeful" if low > 0.5 else "careful" if high < 0.5 else "none"
        return [Message(f"ledger.lean.{key}", {"worse": sum(worse), "n": len(worse), "off": self._off()})]

    def _off(self) -> Message:
        """By how much of what was predicted waits came out longer, on average."""
        waits = [one for one in self.counted if one.forecast.measure != SHARE and one.forecast.predicted > 0]
        off = [one.score.came / one.forecast.predicted - 1 for one in waits if one.score]
        if not off:
            return Message("ledger.off.none")
        mean = 100 * float(np.mean(off))
        return Message("ledger.off.longer" if mean > 0 else "ledger.off.shorter", {"percent": abs(mean)})

    def _notes(self) -> list[Message]:
        scored, said = self.counted, []
        doubtful = sum(bool(one.score and one.score.doubtful) for one in scored)
        if doubtful:
            said.append(Message("ledger.doubtful", {"n": doubtful}))
        subjects = len({one.forecast.subject for one in scored})
        if subjects < len(scored):
            said.append(Message("ledger.same", {"n": len(scored), "changes": subjects}))
        late = sum(any(said.kind == WITHDRAWN and said.at[:10] > one.due for said in one.said) for one in self.kept)
        if late:
            said.append(Message("ledger.withdrawn_late", {"n": late}))
        return said

    def plot(self, ax: Axes | None = None) -> Axes:
        """What was predicted, as ranges, and what came, as points; days and shares apart."""
        from procmine.draw.ledger import forest

        of_unit: dict[str, list[Foreseen]] = {}
        for one in reversed(self.kept[-MOST:]):
            of_unit.setdefault(unit_of(one.forecast), []).append(self._foreseen(one))
        words = {
            key: Message(f"ledger.picture.{key}").say() for key in ("title", "inside", "outside", "range", "today")
        }
        if len(self.kept) > MOST:
            values: dict[str, Value] = {"shown": MOST, "all": len(self.kept)}
            words["title"] = f"{words['title']}. {Message('ledger.picture.more', values).say()}"
        return forest(of_unit, words, ax=ax)

    def _foreseen(self, one: Kept) -> Foreseen:
        from procmine.draw.ledger import Foreseen

        stored, score = one.forecast, one.score
        label = Message("ledger.picture.row", {"what": stored.what, "who": said_who(one), "change": one.change}).say()
        note = said_state(one, self.today) if score is None else said_amount(stored, score.came).say()
        came = np.nan if score is None else score.came
        return Foreseen(label, stored.low, stored.predicted, stored.high, stored.today, came, note)


def how_good(ledger: Ledger | str | Path) -> TrackRecord:
    """How good the forecasts in a ledger have been: how many came out inside their range, beside how many should have, and
    whether they lean to one side. Forecasts that were never tried, withdrawn, or not scored stay in the count."""
    ledger = ledger if isinstance(ledger, Ledger) else Ledger(ledger)
    kept, today = ledger.kept(), date.today().isoformat()
    about = nothing_of(ledger.path)
    return TrackRecord(_rows(kept, today), about, True, {"ledger": ledger.path.name}, kept, ledger.verify(), today)


def said_who(one: Kept) -> Message:
    """Whose waits, and from where to where."""
    stored = one.forecast
    where = tuple(Message("kept.where.one", {"name": name, "value": ", ".join(v)}) for name, v in stored.where.items())
    values: dict[str, Value] = {
        "who": Message("kept.where", {"what": where}) if where else Message("compare.cases"),
        "start": stored.start or Message("compare.arrival"),
        "stop": stored.stop or Message("compare.end"),
    }
    return Message("ledger.who", values)


def said_measure(one: Kept) -> Message:
    return Message(f"ledger.measure.{one.forecast.measure}", {"horizon": one.forecast.horizon})


def said_notes(one: Kept) -> str:
    """Doubts, reasons and other dates, in words."""
    score = one.score
    said = [said_doubt(*doubt).say() for doubt in (score.doubts if score else ())]
    said += [str(said.record["why"]) for said in one.said if "why" in said.record]
    if one.change != one.forecast.change:
        said.append(Message("ledger.moved", {"planned": one.forecast.change}).say())
    if one.afterwards:
        said.append(Message("ledger.afterwards").say())
    return " ".join(said)


def _worse(one: Kept) -> bool:
    """Whether what came is worse than what was predicted: longer, or fewer there in time."""
    assert one.score is not None
    more = one.score.came > one.forecast.predicted
    return more != (one.forecast.measure == SHARE)


def said_state(one: Kept, today: str) -> str:
    return Message(f"ledger.state.{one.state(today)}", {"due": one.due}).say()


def _counts(one: Kept) -> bool:
    """Whether it has a score and was written down before its change began."""
    return one.score is not None and not one.afterwards


def _rows(kept: Sequence[Kept], today: str) -> Rows:
    kept = kept[::-1]
    scores = [one.score for one in kept]
    text = {
        "id": [one.id for one in kept],
        "stored": [one.entry.at[:10] for one in kept],
        "what": [one.forecast.what for one in kept],
        "of_whom": [said_who(one).say() for one in kept],
        "measure": [said_measure(one).say() for one in kept],
        "unit": [unit_of(one.forecast) for one in kept],
        "range": [said_range(one.forecast).say() for one in kept],
        "hit": [said_inside(one) for one in scores],
        "state": [said_state(one, today) for one in kept],
        "change_on": [one.change for one in kept],
        "due": [one.due for one in kept],
        "notes": [said_notes(one) for one in kept],
    }
    numbers = {
        "predicted": [one.forecast.predicted for one in kept],
        "predicted_low": [one.forecast.low for one in kept],
        "predicted_high": [one.forecast.high for one in kept],
        "as_it_was": [one.forecast.today for one in kept],
        "came": [one.came if one else np.nan for one in scores],
        "interval_score": [one.interval_score if one else np.nan for one in scores],
        "crps": [one.crps if one else np.nan for one in scores],
    }
    counts = {"cases": [one.cases if one else 0 for one in scores], "times_scored": [len(one.scores) for one in kept]}
    return {
        **{name: np.array(column, object) for name, column in text.items()},
        **{name: np.array(column, np.float64) for name, column in numbers.items()},
        **{name: np.array(column, np.int64) for name, column in counts.items()},
        "counts": np.array([_counts(one) for one in kept], bool),
    }
