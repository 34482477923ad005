"""Times that are not when the step was done: filled in, entered in bulk or late, out of range, or at two places at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from procmine import clocks
from procmine.find.checks.look import DAY, MINUTE, Finding, Flags, Look, listed
from procmine.kernels.flow import Ints
from procmine.words import Message

NO_DATES = (
    *("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01"),
    *("1980-01-01", "2000-01-01", "2099-12-31", "2100-01-01", "2199-12-31", "2999-12-31", "9999-12-31"),
)
ALONE = 366  # days without another event around a date that stands for none
LEAST, TIMES = 10, 10  # events, and times as many as chance brings
PEAK = 3  # times as many as on the busiest other day
BULK = 20  # cases
FAR = 10  # times the length that 99 in 100 stay below
ENOUGH = 100  # lengths from which that is told
LATE = 7 * DAY
IN_ORDER = 0.9  # of the rows stand within a day of their place in time
BUSY = 0.2  # of the work of one person may overlap; of more it is no person
TABLE = 20_000_000  # cells of a table of steps by days
MIXED = 0.01  # of a step's events that have only a date, or a time


def at_midnight(look: Look) -> Iterator[Finding]:
    """Steps recorded at exactly 00:00:00, 10 times or more and 10 times as often as in a minute of the two hours around
    it; only events with a time of day, and only where other events of the step have another one."""
    if not look.clocked.any():
        return
    k, clock = len(look.names), look.wall % DAY
    exact = look.clocked & (clock == 0)
    if np.count_nonzero(exact) < LEAST:
        return
    near = look.clocked & (((clock > 0) & (clock < 120 * MINUTE)) | (clock >= DAY - 120 * MINUTE))
    n, around = (np.bincount(look.step[which], minlength=k) for which in (exact, near))
    found = (n >= LEAST) & (n > TIMES * around / 240)
    place = np.flatnonzero(exact & found[look.step])
    if len(place):
        codes = np.argsort(-n, kind="stable")[: np.count_nonzero(found)]
        spec = {"by_date": [look.names[code] for code in codes]}
        yield Finding("midnight", len(place), len(look.step), "events", {"steps": look.named(codes)}, place, spec=spec,
                      without="events")  # fmt: skip


def one_time_of_day(look: Look) -> Iterator[Finding]:
    """Steps of which half of the events (30 or more) stand at the same time of day, a full minute that is not midnight."""
    place = np.flatnonzero(look.filled & (look.wall % DAY >= MINUTE))
    if len(place):
        codes = np.unique(look.step[place])
        minutes = np.unique(look.wall[place] % DAY // MINUTE).tolist()
        values = {"steps": look.named(codes), "clock": listed([f"{one // 60:02d}:{one % 60:02d}" for one in minutes])}
        spec = {"by_date": [look.names[code] for code in codes]}
        yield Finding("one_time", len(place), len(look.step), "events", values, place, spec=spec)


def mixed_precision(look: Look) -> Iterator[Finding]:
    """Steps of which some events (at least 1 in 100, and 10) have a date only, and as many a time of day."""
    dated = ~look.clocked
    if not dated.any() or dated.all():
        return
    n = np.bincount(look.step[dated], minlength=len(look.names))
    other = look.happened - n
    least = np.maximum(MIXED * look.happened, LEAST)
    codes = np.flatnonzero((n >= least) & (other >= least))
    if len(codes):
        place = np.flatnonzero(dated & np.isin(look.step, codes))
        spec = {"by_date": [look.names[code] for code in codes]}
        yield Finding(
            "mixed_precision", len(place), len(look.step), "events", {"steps": look.named(codes)}, place, spec=spec
        )


def placeholders(look: Look) -> Iterator[Finding]:
    """Days that stand for no date: well-known ones (1900-01-01, 1970-01-01, 9999-12-31 ...) with no other event for a year
    around; and 31 December or 1 January where a step has 10 events or more on it, and 3 times as many as on its busiest
    other day."""
    day = look.wall // DAY
    if not len(day):
        return
    first = int(day.min())
    n = np.bincount(day - first)
    days = np.flatnonzero(n) + first
    wanted = np.array(NO_DATES, "M8[D]").astype(np.int64)
    alone = [one for one in np.intersect1d(days, wanted) if _alone(int(one), days)]
    if alone:
        yield _filled("placeholder", look, np.flatnonzero(np.isin(day, alone)), [int(one) for one in alone])
    edge = np.zeros(len(n), bool)
    edge[[one - first for one in days if str(np.int64(one).astype("M8[D]"))[5:] in ("12-31", "01-01")]] = True
    edge[np.array(alone, np.int64) - first] = False
    if n[edge].max(initial=0) >= LEAST and len(n) * len(look.names) <= TABLE:
        yield from _peaks(look, day - first, edge, first)


def _alone(one: int, days: Ints) -> bool:
    others = days[days != one]
    return not len(others) or int(np.abs(others - one).min()) >= ALONE


def _filled(kind: str, look: Look, place: Ints, days: list[int]) -> Finding:
    written = [str(np.int64(one).astype("M8[D]")) for one in days]
    values = {"days": listed(written)}
    return Finding(
        kind, len(place), len(look.step), "events", values, place, spec={"not_dates": written}, without="events"
    )


def _peaks(look: Look, day: Ints, edge: Flags, first: int) -> Iterator[Finding]:
    """`day` counts from `first`; `edge` says which days are the first or the last of a year."""
    k, size = len(look.names), len(edge)
    n = np.bincount(look.step.astype(np.int64) * size + day, minlength=k * size).reshape(k, size)
    usual = np.maximum(n[:, ~edge].max(axis=1, initial=0), 1)
    peak = (n >= LEAST) & (n >= PEAK * usual[:, None]) & edge
    if peak.any():
        place = np.flatnonzero(edge[day])
        place = place[peak[look.step[place], day[place]]]
        yield _filled("year_end", look, place, [int(one) + first for one in np.flatnonzero(peak.any(axis=0))])


def in_bulk(look: Look) -> Iterator[Finding]:
    """Events of at least 20 cases in the same minute by the same person or system (in all, where the log does not say who),
    and 10 times as many as in 99 of 100 such minutes. Midnight does not count here."""
    here = np.flatnonzero(look.timed & (look.wall % DAY != 0))
    if len(here) < BULK:
        return
    minute = look.wall[here] // MINUTE
    minute -= minute.min()
    who = np.zeros(len(here), np.int64) if look.resource is None else look.resource.codes[here].astype(np.int64) + 1
    key = who * (int(minute.max()) + 1) + minute
    ordered = np.sort(key)
    begin = np.flatnonzero(np.diff(ordered, prepend=-1))
    size = np.diff(np.append(begin, len(key)))
    least = max(BULK, TIMES * float(np.quantile(size, 0.99)))
    big = ordered[begin[size >= least]]
    inside = np.flatnonzero(np.isin(key, big)) if len(big) else np.empty(0, np.int64)
    groups = [here[inside[key[inside] == one]] for one in big]
    found = [group for group in groups if len(np.unique(look.case[group])) >= least]
    if found:
        place = np.sort(np.concatenate(found))
        codes = np.argsort(-np.bincount(look.step[place]), kind="stable")
        by = Message("nothing" if look.resource is None else "quality.bulk.by")
        values = {"minutes": len(found), "steps": look.named(codes[: len(np.unique(look.step[place]))]), "by": by}
        yield Finding("bulk", len(place), len(look.step), "events", values, place, without="events")


def entered_late(look: Look) -> Iterator[Finding]:
    """Events whose row stands more than 7 days after its place in time, in a source that is in the order of time (9 in 10
    rows stand within a day of their place): entered, or corrected, later."""
    origin = look.log.origin
    if origin is None or len(look.step) < ENOUGH:
        return
    order = np.argsort(origin.row.astype(np.int64), kind="stable")
    order = order if origin.file is None else order[np.argsort(origin.file[order], kind="stable")]
    time = look.wall[order]
    time = time[::-1] if time[: len(time) // 2].mean() > time.mean() else time
    order = order if time[0] == look.wall[order[0]] else order[::-1]
    lag = np.sort(time) - time
    if np.mean(np.abs(lag) <= DAY) < IN_ORDER or not np.any(lag > LATE):
        return
    place = np.sort(order[lag > LATE])
    yield Finding("entered_late", len(place), len(look.step), "events", {}, place, without="events")


def clock_changes(look: Look) -> Iterator[Finding]:
    """Times within an hour that the wall clock of the log's zone skipped, or showed twice; only where times are on the wall
    clock and have a time of day."""
    about = look.log.about
    if about.axis != "civil" or about.zone is None or not look.timed.any():
        return
    skipped, twice = clocks.clock_changes(look.wall, about.zone)
    for kind, changed in (("clock_skipped", skipped), ("clock_twice", twice)):
        place = np.flatnonzero(look.timed & changed)
        if len(place):
            yield Finding(kind, len(place), len(look.step), "events", {"zone": about.zone}, place)


def out_of_range(look: Look) -> Iterator[Finding]:
    """Cases longer than 10 times what 99 in 100 stay below (of 100 cases or more); steps whose own time is (and is more than
    an hour), where their beginning is recorded; finished cases of several steps that took no time at all, 5 or more, in a log
    with times of day."""
    yield from _long_cases(look)
    yield from _long_steps(look)
    log = look.log
    count = np.diff(log.offset)
    timed = np.logical_and.reduceat(look.timed, log.offset[:-1][count > 0]) if len(look.timed) else np.empty(0, bool)
    none = np.zeros(len(log), bool)
    none[count > 0] = timed
    cases = np.flatnonzero(none & (look.length == 0) & (count > 1) & ~log.open)
    if len(cases) >= 5:
        yield Finding("no_time_at_all", len(cases), len(log), "cases", {}, cases=cases, without="cases")


def _long_cases(look: Look) -> Iterator[Finding]:
    if len(look.log) < ENOUGH:
        return
    usual = int(np.quantile(look.length, 0.99, method="lower"))
    cases = np.flatnonzero(look.length > FAR * usual) if usual else np.empty(0, np.int64)
    if len(cases):
        values = {"days": usual / DAY, "longest": int(look.length.max()) / DAY / 365.25}
        yield Finding("long_case", len(cases), len(look.log), "cases", values, cases=cases, without="cases")


def _long_steps(look: Look) -> Iterator[Finding]:
    if look.log.start is None:
        return
    took = look.log.time - look.log.start
    yield from _longer(look, took)


def _longer(look: Look, took: Ints) -> Iterator[Finding]:
    long = np.zeros(len(took), bool)
    for code in np.flatnonzero(look.happened >= ENOUGH):
        place = look.places(int(code))
        usual = max(int(np.quantile(took[place], 0.99, method="lower")), 6 * MINUTE)
        long[place[took[place] > FAR * usual]] = True
    place = np.flatnonzero(long)
    if len(place):
        codes = np.unique(look.step[place])
        values = {"steps": look.named(codes)}
        yield Finding("long_step", len(place), len(look.step), "events", values, place, without="events")


def overlapping(look: Look) -> Iterator[Finding]:
    """Work that begins while the same person is still at another, 5 times or more, where that is less than a fifth of the
    person's work (of more, it is a team or a system, or they do several things at once as a rule)."""
    log, who = look.log, look.resource
    if log.start is None or who is None:
        return
    here = np.flatnonzero((who.codes >= 0) & (log.time > log.start))
    if not len(here):
        return
    place = here[_while_another(who.codes[here], log.start[here], log.time[here])]
    n, of = (np.bincount(who.codes[one], minlength=len(who.levels)) for one in (place, here))
    rare = n < BUSY * of
    place = np.sort(place[rare[who.codes[place]]])
    if len(place) >= 5:
        people = int(np.count_nonzero(rare & (n > 0)))
        yield Finding("overlap", len(place), len(look.step), "events", {"people": people}, place, without="events")


def _while_another(who: NDArray[np.int32], start: Ints, end: Ints) -> Ints:
    """Places of the events that begin before an earlier one of the same person has ended."""
    order = np.lexsort((end, start, who))
    codes, begin, stop = who[order], start[order], end[order]
    rank = np.argsort(np.argsort(stop, kind="stable"), kind="stable")
    block = np.cumsum(np.diff(codes, prepend=codes[:1]) != 0) * len(rank)
    top = np.maximum.accumulate(rank + block) - block
    latest = np.sort(stop)[np.maximum(top, 0)]
    same = codes[1:] == codes[:-1]
    found: Ints = order[1:][same & (begin[1:] < latest[:-1])]
    return found


CHECKS = (
    at_midnight,
    one_time_of_day,
    mixed_precision,
    placeholders,
    in_bulk,
    entered_late,
    clock_changes,
    out_of_range,
    overlapping,
)
