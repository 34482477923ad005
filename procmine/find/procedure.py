"""The written procedure beside the log: steps nobody records, steps nobody named, believed against measured times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import CALENDAR_TIME
from procmine.find.time.bottlenecks import BEFORE, bottlenecks
from procmine.kernels.flow import case_steps, is_first
from procmine.load.columns import plain
from procmine.load.procedure import WrittenStep, read_procedure
from procmine.log import EventLog, Log, LogError, in_memory
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.survival import SHARES, SurvivalPart, interval, weekly
from procmine.words import Message, Span, Value

ALIKE = 88  # of 100: names that differ in a letter or two
SAME, UNRECORDED, UNNAMED = "same", "unrecorded", "unnamed"
APART = 1.5  # times longer or shorter before believed and measured are told apart in a sentence
LEAST = 20  # times measured, before that
MIDDLE = len(SHARES) // 2


@dataclass(frozen=True, eq=False)
class Procedure(Result):
    """A row is a step, in the order of the list, then those of the log that it does not name, most frequent first.

    written (text, "" if not in the list), in_log (text, "" if not in the log), found ("same", "unrecorded", "unnamed");
    cases (int) of the log that have the step, share of all cases; believed (timedelta64[s], NaT: not said); n (int) times
    measured; measured and measured_8_in_10 (timedelta64[s], NaT without any): within what time of the step before it half,
    and 8 in 10, of them came; measured_low, measured_high: where `measured` likely lies, 95%, by a bootstrap of entry weeks,
    for steps of the list (NaT below 20 weeks; high NaT: not told).
    """

    meaning = "define.procedure"

    def findings(self) -> Sequence[Message]:
        found = self.rows["found"]
        counts = {name: int(np.count_nonzero(found == name)) for name in (UNRECORDED, UNNAMED)}
        written = int(np.count_nonzero(found != UNNAMED))
        said = [Message("procedure.all", {"written": written, "found": written - counts[UNRECORDED], **counts})]
        for kind, column in ((UNRECORDED, "written"), (UNNAMED, "in_log")):
            names = ", ".join(map(str, self.rows[column][found == kind]))
            said += [Message(f"procedure.{kind}", {"steps": names})] if names else []
        return [*said, *self._apart(), *self._alike()]

    def _apart(self) -> list[Message]:
        """Steps that take far longer, or far shorter, than is believed; the largest difference first."""
        believed, measured = (self.rows[name] / np.timedelta64(1, "s") for name in ("believed", "measured"))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = measured / believed
        wrong = (self.rows["n"] >= LEAST) & ((ratio >= APART) | (ratio <= 1 / APART))
        rows = np.flatnonzero(wrong)
        rows = rows[np.argsort(-np.abs(measured - believed)[rows], kind="stable")][:5]
        return [self._told(int(row), "longer" if ratio[row] > 1 else "shorter") for row in rows]

    def _told(self, row: int, how: str) -> Message:
        spans = {"believed": self.rows["believed"][row], "p50": self.rows["measured"][row]}
        told = {name: Span(seconds(value)) for name, value in spans.items()}
        ends = {name: self.rows[f"measured_{name}"][row] for name in ("low", "high")}
        known = {name: Span(seconds(value)) for name, value in ends.items() if not np.isnat(value)}
        span = Message("procedure.range", known) if len(known) == 2 else Message("procedure.no_range")
        values: dict[str, Value] = {"step": str(self.rows["in_log"][row]), "n": int(self.rows["n"][row]), "range": span}
        return Message(f"procedure.{how}", {**values, **told})

    def _alike(self) -> list[Message]:
        pairs = [
            Message("procedure.pair", {"written": str(one), "step": str(other)})
            for one, other in zip(self.rows["written"], self.rows["in_log"])
            if one and other and plain(str(one)) != plain(str(other))
        ]
        return [Message("procedure.alike", {"pairs": tuple(pairs)})] if pairs else []

    def shown(self) -> Rows:
        kinds = [Message(f"procedure.kind.{kind}").say() for kind in self.rows["found"]]
        return {**self.rows, "found": np.array(kinds, object)}


def procedure(log: Log, written: str | Path, *, names: Mapping[str, str] | None = None) -> Procedure:
    """Lay a procedure, as staff wrote it down in a text file, beside the log; `names` maps written steps to the log's."""
    here = in_memory(log)
    steps = read_procedure(Path(written))
    match = _matched(steps, here.about.activities, names or {})
    times = bottlenecks(here).rows
    gaps = {str(step): row for row, step in enumerate(times["step"]) if times["kind"][row] == BEFORE}
    cases = _cases(here)
    named = set(match.values())
    rest = sorted((step for step in cases if cases[step] and step not in named), key=lambda step: -cases[step])
    lines = [(step.name, match.get(step.name, ""), step.believed) for step in steps]
    lines += [("", step, None) for step in rest]
    place = [gaps.get(step, -1) for _, step, _ in lines]
    low, high = _ranges(here, [step if name else "" for name, step, _ in lines])
    counts = np.array([cases.get(step, 0) for _, step, _ in lines], np.int64)
    rows = {
        "written": np.array([name for name, *_ in lines], object),
        "in_log": np.array([step for _, step, _ in lines], object),
        "found": np.array([_kind(name, step) for name, step, _ in lines], object),
        "cases": counts,
        "share": counts / max(len(here), 1),
        "believed": timedeltas(np.array([np.nan if one is None else one for *_, one in lines], np.float64)),
        "n": np.append(times["n"], 0)[place],
        "measured": np.append(times["p50"], np.timedelta64("NaT", "s"))[place],
        "measured_low": low,
        "measured_high": high,
        "measured_8_in_10": np.append(times["p80"], np.timedelta64("NaT", "s"))[place],
    }
    return Procedure(rows, here.about, True, {"written": Path(written).name})


def _ranges(log: EventLog, steps: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where the middle of the times before each of these steps likely lies, as `survival` has it for cases."""
    spent, first = log.times(CALENDAR_TIME).since_previous(), is_first(log.offset)
    counted = np.ones(len(first), bool) if log.about.arrival is not None else ~first
    number = {name: code for code, name in enumerate(log.about.activities)}
    found = np.full((2, len(steps)), np.nan)
    for row, step in enumerate(steps):
        here = np.flatnonzero(counted & (log.activity == number.get(step, -1)))
        if len(here):
            arrival = log.arrival[np.searchsorted(log.offset, here, side="right") - 1]
            none = weekly(here[:0], here[:0])
            low, high = interval(SurvivalPart.from_start(weekly(arrival, spent[here]), none, none))
            found[:, row] = low[MIDDLE], high[MIDDLE]
    low, high = np.where(np.isinf(found), np.nan, found)
    return timedeltas(low), timedeltas(high)


def _kind(name: str, step: str) -> str:
    return UNNAMED if not name else SAME if step else UNRECORDED


def _matched(steps: list[WrittenStep], activities: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Written names and the log's: as the user says, else equal, else nearly equal and the only such pair."""
    from rapidfuzz import fuzz, process

    unknown = [name for name in names if name not in [step.name for step in steps]]
    unknown += [name for name in names.values() if name not in activities]
    if unknown:
        raise LogError(
            f"names: {unknown[0]!r} is not in the list, or not in the log. In the log: {', '.join(activities[:40])}."
        )
    found = dict(names)
    by_plain = {plain(one): one for one in activities}
    found |= {
        one.name: by_plain[plain(one.name)] for one in steps if one.name not in found and plain(one.name) in by_plain
    }
    left = [one.name for one in steps if one.name not in found]
    free = [one for one in activities if one not in found.values()]
    for name in left:
        near = process.extract(
            plain(name), [plain(one) for one in free], scorer=fuzz.ratio, score_cutoff=ALIKE, limit=2
        )
        back = [one for one in left if near and fuzz.ratio(plain(one), near[0][0]) >= ALIKE]
        if len(near) == 1 and len(back) == 1:
            found[name] = free[near[0][2]]
    return found


def _cases(log: EventLog) -> dict[str, int]:
    """How many cases have each step."""
    size = len(log.about.activities)
    came = case_steps(log.activity, log.offset, size)
    return dict(zip(log.about.activities, np.bincount(came % size, minlength=size).tolist()))
