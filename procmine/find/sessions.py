"""Sessions: steps held only on certain days (court days, boards, month ends), and what sitting more often would save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.asking import MISSING, split, told_late
from procmine.find.twice_as_often import FEW_PASSED, Free, Weeks, saved_full, seats_of
from procmine.kernels.enabling import Flags
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.sessions import (
    LAST,
    MONTH_DAY,
    MONTH_END,
    NTH_WEEKDAY,
    WEEKLY,
    WEEKS_APART,
    Pattern,
    between,
    by_chance,
    divergence,
    holm,
    opening,
    patterns,
    surprise,
    weekday_of,
)
from procmine.log import EventLog, Log, LogError, check_attributes, in_memory, shown, unlike
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.activity import need_steps
from procmine.see.enabling import beside, enabled, enabled_by
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_ITEMS, LEAST_BLOCKS = 20, 6
MOSTLY = 0.75  # of the items that are held on session days, at least
LEVEL = 0.05
OVERNIGHT = 1 / 3  # of the items wait for another day at least; else the step goes with the one before it
CLEARLY = 0.6  # of what chance would leave out of session is in session all the same
LEAST_REST, ONE_DAY = 0.03, 0.8  # of the items out of session; of them on one weekday
LEAST_PREPARED = 300  # items, where they wait for something else first: with fewer the saving comes out too large
MOST_TOLD, MOST_DRAWN = 5, 12
SHOWN = ("step", "when", "n", "share", "sessions", "items", "waited", "saved", "saved_low", "saved_high")


@dataclass(frozen=True, eq=False)
class Sessions(Result):
    """A row is a step (in each group) with items enough, those held in sessions first, the largest saving first.

    step; in_sessions (bool); rhythm (weekly, every few weeks, ...) and when (text); every
    (timedelta64[s], the usual time from one to the next); n (int) times held whose readiness is known; share of them held
    on session days, and share_expected, as expected if days did not matter (waits, closed days and busy weekdays as they
    are); log_p (float): natural log of a bound on the probability of that by chance, corrected for all that was tried (Holm);
    sessions (int) held; items (float) in half of the sessions at most, and most (int); full: share (float) of sessions that
    were full, with items left over (nan if they do not fill up); share_passed of items that let a session pass; waited and
    waited_mean (timedelta64[s], calendar): from ready to held, half within and mean; added (text): when a second session
    would be; saved (timedelta64[s]) per case that comes to the step, if it sat twice as often with half the seats each, with
    saved_low, saved_high (95%, weeks drawn again, NaT below 20 weeks), NaT where too few items tell; saved_seats: with the
    same seats each.
    """

    meaning = "define.sessions"
    none_is_an_answer = True
    none = "sessions.short"

    def findings(self) -> Sequence[Message]:
        found = np.flatnonzero(self.rows["in_sessions"])
        if not len(found):
            hint = [Message("sessions.by")] if not self.groups and self.about.attributes else []
            return [Message("sessions.none", {"steps": len(self)}), *hint]
        said: list[Message] = []
        for row in found[:MOST_TOLD]:
            said += self._told(int(row))
        said += [Message("sessions.by")] if not self.groups and self.about.attributes else []
        more = len(found) - MOST_TOLD
        return [*said, *([Message("sessions.more", {"more": more})] if more > 0 else [])]

    def shown(self) -> Rows:
        """The steps held in sessions."""
        held = self.rows["in_sessions"]
        return {name: self.rows[name][held] for name in (*self.groups, *SHOWN)}

    def _told(self, row: int) -> list[Message]:
        one = {name: column[row] for name, column in self.rows.items()}
        values: dict[str, Value] = {name: int(one[name]) for name in ("n", "sessions")}
        values |= {"step": str(one["step"]), "when": str(one["when"]), "share": float(one["share"])}
        values["waited"] = Span(seconds(one["waited"]))
        said = [Message("sessions.found", values), self._saving(one)]
        if not np.isnan(one["share_full"]):
            seats: dict[str, Value] = {"items": float(one["items"]), "saved": Span(seconds(one["saved_seats"]))}
            said.append(Message("sessions.full", {"full": float(one["share_full"]), **seats}))
        elif one["share_passed"] >= FEW_PASSED:
            said.append(Message("sessions.passed", {"passed": float(one["share_passed"])}))
        return said

    def _saving(self, one: dict[str, Any]) -> Message:
        if np.isnat(one["saved"]):
            return Message("sessions.too_few", {"least": LEAST_PREPARED})
        if not one["added"]:
            return Message("sessions.no_room")
        values: dict[str, Value] = {"added": str(one["added"]), "saved": Span(seconds(one["saved"]))}
        if np.isnat(one["saved_low"]):
            return Message("sessions.saving.no_range", values)
        ends = {"low": Span(seconds(one["saved_low"])), "high": Span(seconds(one["saved_high"]))}
        return Message("sessions.saving", {**values, **ends})

    def plot(self, ax: Axes | None = None) -> Axes:
        """What sitting twice as often would save per case, in days, with its range, for each step held in sessions."""
        from procmine.draw.offices import Dot, dots

        drawn, day = [], np.timedelta64(1, "D")
        for row in np.flatnonzero(self._drawable())[:MOST_DRAWN]:
            name = ", ".join(str(self.rows[one][row]) for one in (*self.groups, "step"))
            low, high, saved = (float(self.rows[one][row] / day) for one in ("saved_low", "saved_high", "saved"))
            values: dict[str, Value] = {"when": str(self.rows["when"][row]), "n": int(self.rows["n"][row])}
            note = Message("sessions.note", {**values, "share": float(self.rows["share"][row])}).say()
            drawn.append(Dot(name, saved, low, high, note))
        title, axis = Message("sessions.picture").say(), Message("sessions.axis").say()
        return dots(drawn, title=title, axis=axis, ax=ax)

    @property
    def pictured(self) -> bool:
        return len(self) > 0 and bool(self._drawable().any())

    def _drawable(self) -> Flags:
        there: Flags = self.rows["in_sessions"] & ~np.isnat(self.rows["saved"])
        return there


@dataclass(frozen=True, eq=False)
class Items:
    """One step's events whose readiness is known: ready (microseconds), the days of ready and held, whether held without a
    time of day, `eligible` the first day on which each could be held, and its case."""

    ready: Ints
    begin: Ints
    ready_day: Ints
    held_day: Ints
    case: Ints

    def __len__(self) -> int:
        return len(self.ready)


def sessions(log: Log, *, by: Sequence[str] = ()) -> Sessions:
    """Steps that are held only on certain days: weekly (one or two weekdays), every 2 to 4 weeks, monthly.

    `by` looks in each group on its own: offices and courts have days of their own. An item is ready when the step before it
    ended (steps that run beside each other allowed for), else when its case came in. A step that always comes some days after
    another one is not called a session, whatever weekdays that gives. Items not held yet are not in it. LogError where steps
    were left out.
    """
    whole = need_steps(in_memory(log))
    by = (by,) if isinstance(by, str) else tuple(by)
    check_attributes(whole.about, by, whole.about.attributes)
    named = [name for name in by if name in whole.about.persons]
    if named:
        raise LogError(f"{named[0]!r} names people: sessions are looked for by office, court or unit, not by person.")
    which, usual = beside(whole), weekday_counts(whole)
    groups = split(whole, by, None) if by else iter([((), whole)])
    found = [(key, *one) for key, part in groups for one in _searched(part, which, usual)]
    return _answer(whole, by, found)


def weekday_counts(log: EventLog) -> NDArray[np.float64]:
    return np.bincount(weekday_of(_days(log, log.time)), minlength=7).astype(np.float64)


def _days(log: EventLog, time: Ints) -> Ints:
    return shown(log.about, time).astype("M8[D]").astype(np.int64)


def _searched(log: EventLog, which: Flags, usual: NDArray[np.float64]) -> list[tuple[int, dict[str, Any]]]:
    """Each step of a group with enough items: its code, and its row (without correction for many looks)."""
    if not len(log.time):
        return []
    cause = enabled_by(log, which)
    begin = log.time if log.start is None else log.start
    ready = enabled(log, cause)
    known = (cause >= 0) | (log.about.arrival is not None)
    day, ready_day, case = _days(log, begin), _days(log, ready), cases_of(log.offset)
    grid = np.arange(min(int(ready_day.min()), int(day.min())), int(day.max()) + 1)
    all_days = np.bincount(day - grid[0], minlength=len(grid)).astype(np.float64)
    rows = []
    for code in np.flatnonzero(np.bincount(log.activity[known]) >= LEAST_ITEMS):
        here = np.flatnonzero(known & (log.activity == code))
        items = Items(ready[here], begin[here], ready_day[here], day[here], case[here])
        own = np.bincount(day[log.activity == code] - grid[0], minlength=len(grid))
        row = _of_step(log, items, grid, all_days - own, usual)
        rows += [(int(code), row)] if row is not None else []
    return rows


@dataclass(frozen=True, eq=False)
class Fit:
    """How a pattern fits: shares in session (found and by chance), and the log of the bound on its chance."""

    pattern: Pattern
    share: float
    chance: float
    log_p: float


def _of_step(
    log: EventLog, items: Items, grid: Ints, others: NDArray[np.float64], usual: NDArray[np.float64]
) -> dict[str, Any] | None:
    """The row of one step; None where too few items waited overnight to tell."""
    waited = items.held_day > items.ready_day
    if waited.sum() < LEAST_ITEMS:
        return None
    is_open, busy = opening(grid, others, usual)
    is_open |= (busy[weekday_of(grid)] > 0) & np.isin(grid, items.held_day)
    fit, tried = best_fit(items, waited, grid, (is_open, others > 0), busy)
    wait = (items.begin - items.ready) / 1e6
    row = {"n": len(items), "waited": float(np.median(wait)), "waited_mean": float(wait.mean()), "log_p": 0.0}
    if fit is None or waited.mean() < OVERNIGHT:
        return {**row, "fit": None}
    facts = _held(log, items, fit, grid, (grid[is_open], grid[others > 0]))
    return {**row, **facts, "log_p": fit.log_p + np.log(tried), "fit": fit}


def best_fit(
    items: Items, waited: Flags, grid: Ints, days: tuple[Flags, Flags], busy: NDArray[np.float64]
) -> tuple[Fit | None, int]:
    """The pattern that tells most, of those that most items keep to; and how many patterns were tried.

    days: whether each is open, and whether anything else is done on it.
    """
    is_open, lively = days
    ready, held = items.ready_day[waited] - grid[0], items.held_day[waited] - grid[0]
    tried, best, most = patterns(grid, is_open, lively), None, 0.0
    weekday_busy = busy[weekday_of(grid)]
    for pattern in tried:
        in_session = pattern.here[held]
        if in_session.mean() < MOSTLY or pattern.here[is_open].all():
            continue
        chance = by_chance(ready, held, pattern.here, is_open, weekday_busy)
        share, expected, log_p, blocks = surprise(in_session, chance, pattern.block[held])
        told = divergence(share, expected)
        clear = share >= MOSTLY and share - expected >= CLEARLY * (1 - expected) and blocks >= LEAST_BLOCKS
        if clear and told > most and _regular(pattern, weekday_of(grid[held]), in_session, held):
            best, most = Fit(pattern, float(in_session.mean()), expected, log_p), told
    return best, max(len(tried), 1)


def _regular(pattern: Pattern, weekday: Ints, in_session: Flags, held: Ints) -> bool:
    """No third weekday takes nearly all of the rest (a clerk's three days); two weekdays are both used from first to last."""
    rest = np.bincount(weekday[~in_session], minlength=7)
    if pattern.weekdays and rest.sum() >= LEAST_REST * len(weekday) and rest.max() > ONE_DAY * rest.sum():
        return False
    if len(pattern.weekdays) < 2:
        return True
    early = held <= np.median(held)
    parts = [(weekday[half] == one).mean() for half in (early, ~early) if half.any() for one in pattern.weekdays]
    return bool(min(parts) >= 0.1)


def _held(log: EventLog, items: Items, fit: Fit, grid: Ints, days: tuple[Ints, Ints]) -> dict[str, Any]:
    """What the sessions are like, and what sitting twice as often would save.

    days: those on which the office is open, and those on which anything else is done. A planned session on one of the latter
    is taken to have sat, though nothing came before it.
    """
    doors, lively = days
    in_session = fit.pattern.here[items.held_day - grid[0]]
    held, count = np.unique(items.held_day[in_session], return_counts=True)
    eligible = np.minimum(eligible_days(log, items, held, in_session), items.held_day)
    planned = np.unique(fit.pattern.nominal)
    sat = np.union1d(held, planned[np.isin(planned, lively)])
    passed = np.searchsorted(sat, items.held_day) - np.searchsorted(sat, eligible) > 0
    passed &= in_session
    seats, full = seats_of(eligible[in_session], items.held_day[in_session], held, count, planned)
    added = between(held, fit.pattern.nominal, doors)
    saved, more = np.zeros(len(items)), np.zeros(len(items))
    weeks = Weeks.of(items.ready)
    if seats is None:
        free = Free.of(
            eligible[in_session],
            items.held_day[in_session],
            sat,
            added[np.searchsorted(held, items.held_day[in_session])],
        )
        saved[in_session] = free.gain * free.chance()
        more, (low, high) = saved, weeks.range_of_free(free, in_session)
    else:
        place = np.flatnonzero(in_session)[np.argsort(eligible[in_session], kind="stable")]
        saved[place], more[place] = saved_full(eligible[place], held, added, seats)
        low, high = weeks.range_of(saved)
    if seats is None and passed[in_session].mean() >= FEW_PASSED and len(items) < LEAST_PREPARED:
        saved = more = np.full(len(items), np.nan)
        low = high = np.nan
    times = len(items) / max(len(np.unique(items.case)), 1)
    return {
        "every": DAY * float(np.diff(planned).mean()) if len(planned) > 1 else np.nan,
        "sessions": len(held),
        "items": float(np.median(count)),
        "most": int(count.max()),
        "share_full": full,
        "share_passed": float(passed[in_session].mean()),
        "added": _added(added[added >= 0], fit.pattern),
        "saved": DAY * float(saved.mean()) * times,
        "saved_low": low * times,
        "saved_high": high * times,
        "saved_seats": DAY * float(more.mean()) * times,
    }


def eligible_days(log: EventLog, items: Items, held: Ints, in_session: Flags) -> Ints:
    """The first day on which each item could be held: that on which it is ready, or the next if it is ready too late.

    Too late is after the usual time of day of the sessions. Where that is not known: the same day counts if most items that
    became ready on a day of session were held on it.
    """
    clock = shown(log.about, items.begin)
    of_day = (clock - clock.astype("M8[D]")).astype(np.int64)[in_session]
    if of_day.any():
        at = shown(log.about, items.ready)
        late: Flags = (at - at.astype("M8[D]")).astype(np.int64) > np.median(of_day)
        return items.ready_day + late
    there = np.isin(items.ready_day, held)
    same = there.any() and (items.held_day == items.ready_day)[there].mean() >= 0.5
    return items.ready_day + (0 if same else 1)


def _weekday(one: int) -> Message:
    return Message(f"sessions.weekday.{one}")


def pattern_words(pattern: Pattern) -> str:
    """A pattern in words."""
    days = tuple(_weekday(one) for one in pattern.weekdays)
    if pattern.kind == WEEKLY:
        return Message("sessions.when.weekly", {"days": days}).say()
    if pattern.kind == WEEKS_APART:
        return Message("sessions.when.weeks", {"day": days[0], "weeks": pattern.number[0]}).say()
    if pattern.kind == NTH_WEEKDAY:
        places = tuple(Message("sessions.last" if one == LAST else f"sessions.nth.{one}") for one in pattern.number)
        return Message("sessions.when.nth", {"places": places, "day": days[0]}).say()
    if pattern.kind == MONTH_DAY:
        return Message("sessions.when.day", {"day": pattern.number[0]}).say()
    return Message("sessions.when.end").say()


def _added(days: Ints, pattern: Pattern) -> str:
    """When the added sessions would be: their usual weekday, or only half way between where that differs."""
    if not len(days):
        return ""
    count = np.bincount(weekday_of(days), minlength=7)
    often = np.flatnonzero(count >= 0.3 * count.sum())
    if pattern.kind in (MONTH_DAY, MONTH_END) or count[often].sum() < 0.75 * count.sum():
        return Message("sessions.added.between").say()
    key = "sessions.added.weekday" if pattern.kind == WEEKLY else "sessions.added.weekday_between"
    return Message(key, {"days": tuple(_weekday(int(one)) for one in often)}).say()


NUMBERS = ("every", "waited", "waited_mean", "saved", "saved_low", "saved_high", "saved_seats")
KINDS = {WEEKLY: "weekly", WEEKS_APART: "weeks", NTH_WEEKDAY: "nth", MONTH_DAY: "day", MONTH_END: "end"}


def _answer(log: EventLog, by: tuple[str, ...], found: list[tuple[Any, int, dict[str, Any]]]) -> Sessions:
    """Rows of all steps of all groups; a step is found where its pattern stands after the correction for many looks."""
    log_p = holm(np.array([row["log_p"] for _, _, row in found], np.float64))
    kept = np.array([row["fit"] is not None for _, _, row in found], bool) & (log_p <= np.log(LEVEL))
    table = [_row(row, bool(sure)) for (_, _, row), sure in zip(found, kept)]
    rows: dict[str, NDArray[Any]] = {"step": np.array([log.about.activities[code] for _, code, _ in found], object)}
    rows |= {name: np.array([one[name] for one in table], dtype) for name, dtype in COLUMNS.items()}
    rows |= {name: timedeltas(rows[name]) for name in NUMBERS}
    rows["log_p"] = log_p
    names: list[str] = []
    for name in by:
        names.append(unlike(name, [*rows, *names]))
    groups = {name: np.array([_called(key[k]) for key, _, _ in found], object) for k, name in enumerate(names)}
    saved = np.nan_to_num(rows["saved"] / np.timedelta64(1, "s"), nan=-1.0)
    keys = [tuple(column[row] for column in groups.values()) for row in range(len(found))]
    order = sorted(range(len(found)), key=lambda row: (keys[row], not kept[row], -saved[row], -rows["n"][row]))
    ordered = {name: column[order] for name, column in {**groups, **rows}.items()}
    return Sessions(ordered, told_late(log, by), True, {"by": by}, groups=tuple(names))


def _called(value: str | None) -> str:
    """What users read for a value of a group, one that looks like a missing one in quotes."""
    return MISSING if value is None else f'"{value}"' if value == MISSING else value


COLUMNS: dict[str, Any] = {
    "in_sessions": bool,
    **dict.fromkeys(("rhythm", "when"), object),
    "every": float,
    "n": np.int64,
    **dict.fromkeys(("share", "share_expected", "log_p"), float),
    "sessions": np.int64,
    "items": float,
    "most": np.int64,
    **dict.fromkeys(("share_full", "share_passed", "waited", "waited_mean"), float),
    "added": object,
    **dict.fromkeys(("saved", "saved_low", "saved_high", "saved_seats"), float),
}


def _row(row: dict[str, Any], sure: bool) -> dict[str, Any]:
    """A row with every column; of a step without sessions only its counts and waits are known."""
    empty = {name: "" if kind is object else 0 if kind is np.int64 else np.nan for name, kind in COLUMNS.items()}
    own = {name: row[name] for name in ("n", "waited", "waited_mean")}
    if not sure:
        return {**empty, **own, "in_sessions": False}
    fit: Fit = row["fit"]
    kind = Message(f"sessions.kind.{KINDS[fit.pattern.kind]}").say()
    said = {
        "in_sessions": True,
        "rhythm": kind,
        "when": pattern_words(fit.pattern),
        "share": fit.share,
        "share_expected": fit.chance,
    }
    return {**empty, **row, **said}
