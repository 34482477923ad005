"""Voice: at which steps people complain, ask, or score badly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.asking import Period
from procmine.kernels.flow import Ints, case_steps, cases_of
from procmine.load.columns import plain
from procmine.log import EventLog, Log, LogError, Voice, in_memory
from procmine.results import Result, Rows, timedeltas
from procmine.see.groups import by_groups
from procmine.words import Message, Value

LEAST = 20  # cases, or scores, before a range is given
WIDE = 1.96
COMPLAINT = (
    "complain",
    "beschwerde",
    "plainte",
    "reclam",
    "queja",
    "klacht",
    "skund",
    "skarg",
    "klag",
    "valitus",
    "sudzib",
)
STAFF = (
    "staff",
    "stafffeedback",
    "employee",
    "mitarbeiter",
    "personnel",
    "personal",
    "darbuotojai",
    "pracownik",
    "medewerker",
)
NONE = Message("nothing")


@dataclass(frozen=True, eq=False)
class VoiceBySteps(Result):
    """A row is a step, most contacts per 100 cases first.

    step; contacts (int) about cases of the log, complaints (int) of them; cases (int) that came to it; per_100 (float)
    contacts per 100 of these cases with per_100_low, per_100_high (95%, nan below 20 cases); complaints_per_100 (float);
    waited (timedelta64[s]): half of the contacts came within so long after the case had come to the step; scored (int); score
    (float, nan without any) with score_low, score_high. `arguments` holds `lost`, contacts of no case of the source, and
    `stepless`, those of cases that had not come to any step, or not to the one named.
    """

    meaning = "define.voice"

    def findings(self) -> Sequence[Message]:
        if not self.rows["contacts"].any():
            return [Message("voice.none")]
        one = {name: column[0] for name, column in self.rows.items()}
        ends = {"low": float(one["per_100_low"]), "high": float(one["per_100_high"])}
        values: dict[str, Value] = {
            "step": str(one["step"]),
            "per_100": float(one["per_100"]),
            "n": int(one["contacts"]),
        }
        span = NONE if np.isnan(one["per_100_low"]) else Message("voice.range", ends)
        lost, stepless = (int(str(self.arguments[name])) for name in ("lost", "stepless"))
        said = [Message("voice.top", {**values, "cases": int(one["cases"]), "range": span}), *self._scores()]
        return [*said, Message("voice.lost", {"n": lost, "stepless": stepless})] if lost or stepless else said

    def _scores(self) -> list[Message]:
        """The step with the lowest scores, of those with enough of them."""
        enough = np.flatnonzero(self.rows["scored"] >= LEAST)
        if len(enough) < 2:
            return []
        row = int(enough[np.argmin(self.rows["score"][enough])])
        one = {name: column[row] for name, column in self.rows.items()}
        span = Message("voice.score_range", {"low": float(one["score_low"]), "high": float(one["score_high"])})
        values: dict[str, Value] = {
            "step": str(one["step"]),
            "score": float(one["score"]),
            "scored": int(one["scored"]),
        }
        return [Message("voice.score", {**values, "range": span})]


def voice(log: Log, *, by: Sequence[str] = (), period: Period | None = None) -> VoiceBySteps:
    """What people said, by step: the contacts of the spec's `voice:` table about cases of this log, also after filters.

    Rows of the kind "staff" are what staff say, not people: `staff_ranking` has them.
    """
    here = in_memory(log)
    said = voices(here)
    rows, groups, about = by_groups(here, lambda part: _of_steps(part)[0], by, period)
    counted = from_people(said)
    lost = {"lost": int(((said.case < 0) & counted).sum()), "stepless": _of_steps(here)[1]}
    return VoiceBySteps(rows, about, True, lost, groups=groups)


def voices(log: EventLog) -> Voice:
    """The log's table of contacts, or a LogError that says how to name one."""
    if log.voice is None:
        raise LogError(
            "This log has no table of contacts. Name it in the spec (voice: complaints.csv), with a date and a case on "
            "each row, and read the log again."
        )
    return log.voice


def complaints_of(said: Voice) -> NDArray[np.bool_]:
    """Which contacts are complaints, by a word of their kind, in several languages."""
    levels = said.kind.levels.to_pylist()
    angry = [any(plain(level).startswith(word) for word in COMPLAINT) for level in levels]
    return np.array([*angry, False])[said.kind.codes]


def from_people(said: Voice) -> NDArray[np.bool_]:
    """Which rows are not staff's own."""
    staff = [plain(level) in STAFF for level in said.kind.levels.to_pylist()]
    return ~np.array([*staff, False])[said.kind.codes]


def _of_steps(here: EventLog) -> tuple[Rows, int]:
    """Rows of one group of cases, and how many of its contacts have no step that their case had come to."""
    said, size = voices(here), len(here.about.activities)
    number = np.full(len(here.case.levels) + 1, -1)
    number[here.case.codes] = np.arange(len(here))
    case = number[said.case]
    came = case_steps(here.activity, here.offset, size)
    about, known = (case >= 0) & from_people(said), np.isin(case * size + said.step, came) & (said.step >= 0)
    counted = np.flatnonzero(about & known)
    cases = np.bincount(came % size, minlength=size)
    step = said.step[counted]
    rate, low, high = rates(case[counted] * size + step, cases, size)
    waits = _waits(said, counted, _arrivals(came, here.time, cases_of(here.offset) * size + here.activity), case, size)
    complaints = np.bincount(step[complaints_of(said)[counted]], minlength=size)
    rows = {
        "step": np.array(here.about.activities, object),
        "contacts": np.bincount(step, minlength=size),
        "complaints": complaints,
        "cases": cases,
        "per_100": 100 * rate,
        "per_100_low": 100 * low,
        "per_100_high": 100 * high,
        "complaints_per_100": 100 * complaints / np.where(cases > 0, cases, np.nan),
        "waited": timedeltas(waits),
        **score_rows(said.score[counted], step, size),
    }
    order = np.argsort(-np.nan_to_num(rate), kind="stable")
    order = order[cases[order] > 0]
    return {name: column[order] for name, column in rows.items()}, int((about & ~known).sum())


def rates(
    key: NDArray[Any], cases: NDArray[Any], size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Contacts per case of each step, and their range: the score interval of a count, widened by how much more (or less)
    cases differ than by chance, as a case may write often."""
    different, count = np.unique(key, return_counts=True)
    total = np.bincount(different % size, count, minlength=size)
    squares = np.bincount(different % size, count.astype(np.float64) ** 2, minlength=size)
    n = np.where(cases > 0, cases, np.nan)
    mean = total / n
    spread = np.divide(squares / n - mean**2, mean, out=np.ones(size), where=mean > 0)  # variance over mean
    wide = WIDE**2 * np.maximum(spread, 0)
    wide[cases < LEAST] = np.nan
    middle, reach = total + wide / 2, np.sqrt(wide * (total + wide / 4))
    return mean, np.maximum(middle - reach, 0) / n, (middle + reach) / n


def _arrivals(came: Ints, time: Ints, key: Ints) -> tuple[Ints, Ints]:
    """When each case first came to each step: keys in order, and the moments."""
    first = np.full(len(came), np.iinfo(np.int64).max)
    np.minimum.at(first, np.searchsorted(came, key), time)
    return came, first


def _waits(said: Voice, counted: Ints, arrivals: tuple[Ints, Ints], case: Ints, size: int) -> NDArray[np.float64]:
    """Per step the middle of the times from coming to it to the contact, in seconds; nan where there are none."""
    came, first = arrivals
    step = said.step[counted]
    place = np.searchsorted(came, case[counted] * size + step)
    wait = np.maximum(said.time[counted] - first[place], 0) / 1e6
    middle = np.full(size, np.nan)
    for one in np.unique(step):
        middle[one] = np.median(wait[step == one])
    return middle


def score_rows(score: NDArray[np.float64], step: NDArray[np.int32], size: int) -> Rows:
    """Scores per step: how many, their mean, and its range."""
    there = ~np.isnan(score)
    score, step = score[there], step[there]
    n = np.bincount(step, minlength=size)
    some = np.where(n > 0, n, np.nan)
    mean = np.bincount(step, score, minlength=size) / some
    spread = np.bincount(step, (score - mean[step]) ** 2, minlength=size) / np.where(n > 1, n - 1, np.nan)
    error = WIDE * np.sqrt(spread / some)
    error[n < LEAST] = np.nan
    return {"scored": n, "score": mean, "score_low": mean - error, "score_high": mean + error}
