"""Ledger: forecasts stored when they are made, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from procmine.about import About
from procmine.log import EventLog, Log, LogError, day_of, end_of_day, in_memory
from procmine.proof.ledger.chain import SHORT, Chain, Entry, Fault, append, read_chain, repair
from procmine.proof.ledger.observe import (
    SERIOUS,
    cohort_asked,
    continues,
    counted,
    filters_of,
    fingerprint,
    measured,
)
from procmine.proof.ledger.record import Fingerprint, StoredForecast, whole_day
from procmine.proof.ledger.scores import crps, interval_score
from procmine.results import Result, Rows
from procmine.words import Message

FORECAST, SCORE = "forecast", "score"
BEGAN, NOT_TRIED, WITHDRAWN = "began", "not_tried", "withdrawn"
SCORED, DUE, NOT_DUE = "scored", "due", "not_due"
OTHER_LOG, CANNOT = "other_log", "cannot"
HEAD = "head"
TOLD = 10  # faults, in sentences


@dataclass(frozen=True)
class Score:
    """What came of a forecast. doubts: in what the log that scored is not the one that predicted, carried on."""

    came: float
    cases: int
    inside: bool
    interval_score: float
    crps: float
    until: str
    change: str
    log: Fingerprint
    version: str
    doubts: tuple[tuple[str, int], ...] = ()

    @property
    def doubtful(self) -> bool:
        return any(name in SERIOUS for name, _ in self.doubts)

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "log": vars(self.log), "doubts": [list(one) for one in self.doubts]}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Score:
        read = {name: value for name, value in written.items() if name != "of"}
        doubts = tuple((str(name), int(n)) for name, n in written["doubts"])
        return cls(**{**read, "log": Fingerprint(**written["log"]), "doubts": doubts})


@dataclass(frozen=True)
class Kept:
    """A forecast in the ledger and all that was said of it since, in order."""

    entry: Entry
    forecast: StoredForecast
    said: tuple[Entry, ...] = field(default=())

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def change(self) -> str:
        """The day from which cases count: when the change really began, if that was said, else as planned."""
        began = [one.record["day"] for one in self.said if one.kind == BEGAN]
        return str(began[-1]) if began else self.forecast.change

    @property
    def due(self) -> str:
        return self.forecast.due(self.change)

    @property
    def afterwards(self) -> bool:
        """Whether it was written down, or its day set, when the change had begun: then it is no forecast of it."""
        days = [self.entry.at[:10], *(one.at[:10] for one in self.said if one.kind == BEGAN and one.record["late"])]
        return max(days) > self.change

    @property
    def scores(self) -> tuple[Score, ...]:
        return tuple(Score.from_dict(one.record) for one in self.said if one.kind == SCORE)

    @property
    def score(self) -> Score | None:
        """The one that counts: the first from a log that goes on from the one that predicted, else the first."""
        scores = self.scores
        return next((one for one in scores if not one.doubtful), scores[0] if scores else None)

    def state(self, day: str = "") -> str:
        """SCORED, DUE, NOT_DUE, NOT_TRIED or WITHDRAWN on that day; without one, what has no score and no end is NOT_DUE."""
        if self.score is not None:
            return SCORED
        last = [one.kind for one in self.said if one.kind in (BEGAN, NOT_TRIED, WITHDRAWN)][-1:]
        if last and last[0] != BEGAN:
            return last[0]
        return DUE if day > self.due else NOT_DUE


@dataclass(frozen=True, eq=False)
class Checked(Result):
    """One row per line of the file.

    line (int); at (text, UTC, as the writing computer's clock said); entry, id (text); state: "as written", or what is wrong
    with it. `head`: the hash of the last line.
    """

    meaning = "define.ledger"
    none = "ledger.empty"
    none_is_an_answer = True
    faults: tuple[Fault, ...]
    head: str

    @property
    def whole(self) -> bool:
        """Whether every line is as it was written, in its place (and the head that was asked for is there)."""
        return not self.faults

    def findings(self) -> Sequence[Message]:
        said = [Message(f"ledger.fault.{one.what}", {"line": one.line}) for one in self.faults[:TOLD]]
        said += [Message("ledger.fault.more", {"n": len(self.faults)})] if len(self.faults) > TOLD else []
        return [*(said or [Message("ledger.whole", {"lines": len(self)})]), self.said_head()]

    def said_head(self) -> Message:
        return Message("ledger.head", {"head": self.head, "lines": len(self)})


@dataclass(frozen=True, eq=False)
class Scoring(Result):
    """One row per forecast that was looked at: id, what, state (text: now scored, or why not), predicted, predicted_low,
    predicted_high, came (in `unit`), cases (int), hit (text), doubts (text)."""

    meaning = "define.ledger"
    none = "ledger.nothing_open"
    none_is_an_answer = True
    said: tuple[Message, ...]

    def findings(self) -> Sequence[Message]:
        return self.said


@dataclass(frozen=True)
class Ledger:
    """A file of forecasts to which lines are only added; each holds the hash of the line before it (docs/ledger.md).

    An edited, deleted, moved or added line is found. A file that was cut short at its end, or written anew as a whole, looks
    right: only its head, the hash of its last line, noted somewhere else, tells.
    """

    path: Path

    def __init__(self, path: str | Path) -> None:
        object.__setattr__(self, "path", Path(path))

    @property
    def head(self) -> str:
        """To be written down where nobody who may change the file can change it: minutes, a mail, paper."""
        return self.chain().head

    def chain(self) -> Chain:
        return read_chain(self.path)

    def verify(self, *, head: str | None = None) -> Checked:
        """Whether all lines are as they were written; `head`: one that was noted, which must still be among them."""
        chain = self.chain()
        faults = chain.faults
        if head is not None and chain.holds(head) is None:
            faults = (*faults, Fault(len(chain.entries) + 1, HEAD))
        rows = _lines(chain)
        return Checked(rows, nothing_of(self.path), True, {"head": head}, faults, chain.head)

    def repair(self, *, why: str) -> str:
        """Put right a last line that was not written to its end, and say so in the ledger; the piece is kept beside it."""
        return repair(self.path, why=why).id

    def store(self, forecast: StoredForecast) -> str:
        """Add a forecast; its id names it, and pins what it says. LogError where the file was tampered with."""
        return append(self.path, FORECAST, forecast.to_dict()).id

    def kept(self) -> tuple[Kept, ...]:
        """All forecasts in their order, with all that was said of them."""
        entries = self.chain().entries
        of = {one.id: list[Entry]() for one in entries if one.kind == FORECAST}
        for one in entries:
            of.get(str(one.record.get("of", ""))[:SHORT], []).append(one)
        forecasts = [one for one in entries if one.kind == FORECAST]
        return tuple(self._kept(one, of[one.id]) for one in forecasts)

    def _kept(self, one: Entry, said: Sequence[Entry]) -> Kept:
        try:
            kept = Kept(one, StoredForecast.from_dict(one.record), tuple(said))
            kept.scores, kept.due, kept.afterwards  # noqa: B018 (all that is read of its lines)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise LogError(
                f"Line {one.n} of {self.path.name} is no forecast that this version can read: {error}"
            ) from error
        return kept

    def find(self, id: str) -> Kept:
        """By its id, or the first letters of it."""
        found = [one for one in self.kept() if one.entry.hash.startswith(id.strip().lower())] if id.strip() else []
        if len(found) != 1:
            known = ", ".join(one.id for one in self.kept()[-10:]) or "none"
            what = f"{len(found)} forecasts begin with" if found else "No forecast has"
            raise LogError(f"{what} the id {id!r} in {self.path.name}. The last ones: {known}.")
        return found[0]

    def began(self, id: str, day: str) -> None:
        """The change of this forecast began on another day than planned: cases count from then."""
        one, today = self._unscored(id), date.today().isoformat()
        known = min(one.due, one.forecast.due(whole_day(day)))  # what came by one of the two days could be known since
        append(self.path, BEGAN, {"of": one.entry.hash, "day": day, "late": today > known})

    def not_tried(self, id: str, *, why: str) -> None:
        """The change of this forecast never came; it stays in the ledger and is counted as never tried."""
        self._ended(NOT_TRIED, id, why)

    def withdraw(self, id: str, *, why: str) -> None:
        """The forecast should not have been made; it stays in the ledger and is counted as withdrawn."""
        self._ended(WITHDRAWN, id, why)

    def score(self, log: Log, *, id: str | None = None) -> Scoring:
        """Score every forecast that this log can score and that has no score yet (or the one named, again), and add the
        scores to the ledger. The first score from a log that goes on from the one that predicted is the one that counts."""
        events = in_memory(log)
        wanted = [self.find(id)] if id is not None else [one for one in self.kept() if one.state() == NOT_DUE]
        ended = [one.id for one in wanted if one.state() in (NOT_TRIED, WITHDRAWN)]
        if ended:  # or whoever took it back could count it after all once it came true
            raise LogError(f"Forecast {ended[0]} was taken back, or said never to have been tried: it gets no score.")
        looked = [(one, *_looked(events, one)) for one in wanted]
        for one, found, _ in looked:
            if found is not None:
                append(self.path, SCORE, {"of": one.entry.hash, **found.to_dict()})
        rows = _scored_rows(looked)
        said = tuple(message for one, found, why in looked for message in _said(one, found, why))
        return Scoring(rows, events.about, True, {"id": id}, said)

    def _unscored(self, id: str) -> Kept:
        one = self.find(id)
        if one.score is not None:
            raise LogError(f"Forecast {one.id} has a score. What came of it cannot be taken back.")
        return one

    def _ended(self, kind: str, id: str, why: str) -> None:
        one = self._unscored(id)
        if not why.strip():
            raise ValueError("Say why: why='the board decided against it'. It is written into the ledger.")
        append(self.path, kind, {"of": one.entry.hash, "why": why})


def nothing_of(path: Path) -> About:
    """What is known of a file that is no log."""
    today = int(np.datetime64(date.today().isoformat(), "us").astype(np.int64))
    return About((), today, (), "civil", "day", 0, title=path.name)


def _looked(log: EventLog, one: Kept) -> tuple[Score | None, Message | None]:
    """The score, or why there is none."""
    stored, about = one.forecast, log.about
    if filters_of(log) != stored.filters:
        then, now = (
            ", ".join(names) or Message("ledger.unfiltered").say() for names in (stored.filters, filters_of(log))
        )
        return None, Message(f"ledger.{OTHER_LOG}", {"then": then, "now": now})
    if about.cutoff < end_of_day(about, one.due):
        return None, Message(f"ledger.{NOT_DUE}", {"due": one.due, "until": day_of(log.about, log.about.cutoff)})
    try:
        found = counted(log, stored, one.change)
        cohort = cohort_asked(log, stored)
    except LogError as error:
        return None, Message(f"ledger.{CANNOT}", {"why": str(error)})
    if not len(found.case):
        return None, Message("ledger.no_case", {"change": one.change})
    came = round(measured(found, stored.measure, stored.horizon), 6)
    return _score(log, one, came, len(found.case), fingerprint(log, cohort, stored.until_us)), None


def _score(log: EventLog, one: Kept, came: float, cases: int, now: Fingerprint) -> Score:
    from procmine import __version__

    stored = one.forecast
    doubts = continues(stored.log, now, longer=log.about.cutoff >= stored.until_us)
    width = interval_score(stored.low, stored.high, came, stored.level)
    return Score(
        came,
        cases,
        stored.low <= came <= stored.high,
        round(width, 6),
        round(crps(stored.points, came), 6),
        day_of(log.about, log.about.cutoff),
        one.change,
        now,
        __version__,
        doubts,
    )


def _said(one: Kept, found: Score | None, why: Message | None) -> list[Message]:
    name = Message("ledger.of", {"id": one.id, "what": one.forecast.what})
    if found is None:
        return [Message("ledger.unscored", {"name": name, "why": why or Message(f"ledger.{CANNOT}", {"why": ""})})]
    key = "ledger.came.inside" if found.inside else "ledger.came.outside"
    said = [
        Message(key, {"name": name, "came": said_amount(one.forecast, found.came), "range": said_range(one.forecast)})
    ]
    return [*said, *(said_doubt(*doubt) for doubt in found.doubts)]


def said_amount(one: StoredForecast, value: float) -> Message:
    return Message(f"ledger.amount.{'share' if one.measure == 'share' else 'days'}", {"n": f"{value:,.1f}"})


def said_range(one: StoredForecast) -> Message:
    key = f"ledger.range.{'share' if one.measure == 'share' else 'days'}"
    return Message(key, {"low": f"{one.low:,.1f}", "high": f"{one.high:,.1f}"})


def said_doubt(name: str, n: int) -> Message:
    return Message(f"ledger.doubt.{name}", {"n": n})


def _lines(chain: Chain) -> Rows:
    wrong = {fault.line: Message(f"ledger.state.{fault.what}").say() for fault in chain.faults}
    of = {one.n: one for one in chain.entries}
    lines = sorted(of.keys() | wrong.keys())
    columns: dict[str, list[object]] = {"line": [*lines], "at": [], "entry": [], "id": [], "state": []}
    for line in lines:
        one = of.get(line)
        columns["at"].append(one.at if one else "")
        columns["entry"].append(Message(f"ledger.kind.{one.kind}").say() if one else "")
        columns["id"].append(one.id if one else "")
        columns["state"].append(wrong.get(line) or Message("ledger.state.whole").say())
    return {name: np.array(column, np.int64 if name == "line" else object) for name, column in columns.items()}


def unit_of(one: StoredForecast) -> str:
    return Message(f"ledger.unit.{one.measure}").say()


def _scored_rows(looked: Sequence[tuple[Kept, Score | None, Message | None]]) -> Rows:
    kept = [one for one, _, _ in looked]
    scores = [found for _, found, _ in looked]
    states = [Message("ledger.now").say() if found else why.say() if why else "" for _, found, why in looked]
    doubts = [" ".join(said_doubt(*doubt).say() for doubt in found.doubts) if found else "" for found in scores]
    text = {"id": [one.id for one in kept], "what": [one.forecast.what for one in kept], "state": states}
    numbers = {
        "predicted": [one.forecast.predicted for one in kept],
        "predicted_low": [one.forecast.low for one in kept],
        "predicted_high": [one.forecast.high for one in kept],
        "came": [found.came if found else np.nan for found in scores],
    }
    return {
        **{name: np.array(column, object) for name, column in text.items()},
        "unit": np.array([unit_of(one.forecast) for one in kept], object),
        **{name: np.array(column, np.float64) for name, column in numbers.items()},
        "cases": np.array([found.cases if found else 0 for found in scores], np.int64),
        "hit": np.array([said_inside(found) for found in scores], object),
        "doubts": np.array(doubts, object),
    }


def said_inside(found: Score | None) -> str:
    return "" if found is None else Message(f"ledger.{'yes' if found.inside else 'no'}").say()
