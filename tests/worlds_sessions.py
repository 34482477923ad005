"""Made worlds of sessions: who is ready when, on which days a board sits, with how many seats; and the truth by replay.

Nothing here uses procmine but `build_log`: the days and the replay are written again, in plain loops.
"""

import datetime as dt

import numpy as np
import pyarrow as pa

from procmine.about import About
from procmine.log import EventLog, Text

DAY = 86_400_000_000
FIRST = dt.date(2023, 1, 2)  # a Monday
CLOSED = ((1, 1), (1, 6), (5, 1), (7, 4), (8, 15), (11, 1), (11, 26), (12, 25), (12, 26))
HOLIDAYS = {dt.date(year, *day) for year in (2023, 2024, 2025) for day in CLOSED}


def dates(weeks):
    return [FIRST + dt.timedelta(days=k) for k in range(7 * weeks)]


def is_open(day):
    return day.weekday() < 5 and day not in HOLIDAYS


def moved(day):
    """The next open day."""
    while not is_open(day):
        day += dt.timedelta(days=1)
    return day


def schedule(kind, weeks):
    """Session days as planned, and as moved by holidays."""
    every = dates(weeks)
    if kind == "weekly":
        planned = [day for day in every if day.weekday() == 2]
    elif kind == "fortnightly":
        planned = [day for day in every if day.weekday() == 1 and (day - FIRST).days // 7 % 2 == 0]
    elif kind == "two":
        planned = [day for day in every if day.weekday() in (1, 3)]
    elif kind == "first tuesday":
        planned = [day for day in every if day.weekday() == 1 and day.day <= 7]
    else:  # month end: the last open day
        ends = {}
        for day in every:
            if is_open(day):
                ends[day.year, day.month] = day
        planned = list(ends.values())
    return planned, [moved(day) for day in planned]


def twice(planned, held):
    """A second session before each one: the open day nearest to half way since the one before; of two the earlier."""
    extra = []
    for k in range(1, len(planned)):
        half = held[k].toordinal() - (planned[k] - planned[k - 1]).days / 2
        between = [planned[k - 1] + dt.timedelta(days=d) for d in range(1, (held[k] - planned[k - 1]).days)]
        options = [day for day in between if is_open(day)]
        if options:
            extra.append((k, min(options, key=lambda day: (abs(day.toordinal() - half), day))))
    return extra


def replay(ready, days, seats):
    """Each item's session day, first come first served; None if there is none."""
    waiting, taken = sorted(range(len(ready)), key=lambda k: ready[k]), [None] * len(ready)
    for day, room in sorted(zip(days, seats)):
        going = [k for k in waiting if ready[k] <= day][:room]
        for k in going:
            taken[k] = day
        gone = set(going)
        waiting = [k for k in waiting if k not in gone]
    return taken


def halves(seats, extra):
    """Half of the seats of each session go to the one added before it, the odd one by turns."""
    kept, given, turn = list(seats), [], 0
    for k, _ in extra:
        odd = seats[k] % 2
        turn += odd
        half = seats[k] // 2 + (odd if turn % 2 == 0 else 0)
        given.append(half)
        kept[k] -= half
    return kept, given


def board(kind, *, seed, weeks=104, a_week=8.0, seats=10**6, out=0.05, lead=0.0):
    """A log, the mean days that sitting twice as often would save (half the seats each, then the same seats), and its items.

    Filed (any working day) -> Checked (1 to 5 working days) -> Board -> Letter (1 to 3 days after). `out` of the items are
    decided on any day; `lead`: mean days of preparation after Checked that no log shows.
    """
    draw = np.random.default_rng(seed)
    planned, held = schedule(kind, weeks)
    workdays = [day for day in dates(weeks) if is_open(day)]
    filed, checked, true_ready = [], [], []
    weekly = draw.gamma(20, 1 / 20, weeks)
    for place, day in enumerate(workdays[:-45]):
        for _ in range(draw.poisson(a_week / 5 * weekly[(day - FIRST).days // 7])):
            filed.append(day)
            checked.append(workdays[place + int(draw.integers(1, 6))])
            more = round(draw.exponential(lead)) if lead else 0
            true_ready.append(checked[-1] + dt.timedelta(days=more))
    early = [day + dt.timedelta(days=1) for day in true_ready]  # ready on the day itself is too late
    free = draw.random(len(filed)) < out
    room = [seats] * len(held)
    taken = replay([d for d, f in zip(early, free) if not f], held, room)
    extra = twice(planned, held)
    kept, given = halves(room, extra) if seats < 10**6 else (room, [seats] * len(extra))
    days = held + [day for _, day in extra]
    both = [d for d, f in zip(early, free) if not f]
    half, same = replay(both, days, kept + given), replay(both, days, room + [seats] * len(extra))
    taken, half, same = iter(taken), iter(half), iter(same)
    board_day, saved, saved_same = [], [], []
    for k in range(len(filed)):
        if free[k]:
            board_day.append(moved(early[k] + dt.timedelta(days=int(draw.integers(0, 10)))))
            saved.append(0.0), saved_same.append(0.0)
            continue
        now, one, two = next(taken), next(half), next(same)
        board_day.append(now)
        saved.append(None if now is None or one is None else float((now - one).days))
        saved_same.append(None if now is None or two is None else float((now - two).days))
    last = workdays[-1]
    rows = []
    for k in range(len(filed)):
        case = [("Filed", filed[k]), ("Checked", checked[k])]
        if board_day[k] is not None:
            letter = moved(board_day[k] + dt.timedelta(days=int(draw.integers(1, 4))))
            case += [("Board", board_day[k]), ("Letter", letter)]
        rows.append([(step, day) for step, day in case if day <= last])
    told = [one for one, day in zip(saved, board_day) if one is not None and day <= last]
    told_same = [one for one, day in zip(saved_same, board_day) if one is not None and day <= last]
    return build_log(rows, last), float(np.mean(told)), float(np.mean(told_same))


def build_log(rows, last, attributes=None):
    """Rows per case of (step, date or moment), in order; the last step named ends the case."""
    steps = ("Filed", "Checked", "Board", "Letter")
    names = tuple(dict.fromkeys([*steps, *(step for case in rows for step, _ in case)]))
    names = tuple(name for name in names if any(name == step for case in rows for step, _ in case))
    code = {name: k for k, name in enumerate(names)}
    time = np.array([_micros(moment) for case in rows for _, moment in case], np.int64)
    activity = np.array([code[step] for case in rows for step, _ in case], np.uint8)
    offset = np.concatenate(([0], np.cumsum([len(case) for case in rows])))
    cutoff = _micros(last) + DAY - 1
    still = np.array([case[-1][0] != "Letter" for case in rows])
    about = About(
        activities=names,
        cutoff=cutoff,
        ends=("Letter",),
        axis="civil",
        precision="microsecond" if np.any(time % DAY) else "day",
        begins=int(time.min()),
        attributes=tuple(attributes or ()),
    )
    number = Text(np.arange(len(rows), dtype=np.int32), pa.array([str(k) for k in range(len(rows))]))
    return EventLog(about, activity, time, offset, time[offset[:-1]], np.where(still, cutoff, time[offset[1:] - 1]), still,
                    number, attributes or {})  # fmt: skip


def _micros(moment):
    if isinstance(moment, int | np.integer):
        return int(moment)
    return (moment.toordinal() - dt.date(1970, 1, 1).toordinal()) * DAY


def poisson(seed, *, weeks=78, steps=6, a_day=6.0):
    """An office where nothing is held in sessions: every wait is random, in open days.

    Weekends and holidays closed, weekdays of uneven work (Mondays busy), some days with twice the work of others, one step on
    the days after another, one after a fixed time, one by a clerk who works three days a week.
    """
    draw = np.random.default_rng([seed, 77])
    workdays = [day for day in dates(weeks) if is_open(day)]
    busy = draw.dirichlet([6, 4, 4, 4, 4]) * 5
    noise = draw.gamma(4, 1 / 4, len(workdays)) * [busy[day.weekday()] for day in workdays]
    upto = np.cumsum(noise)
    part_time = set(map(int, draw.choice(5, 3, replace=False)))
    mean = draw.lognormal(1.2, 0.8, steps)
    rows, last = [], workdays[-1]
    arriving = np.flatnonzero(draw.poisson(a_day / 5 * noise) > 0)
    for place in np.repeat(arriving, 1 + draw.integers(0, 4, len(arriving))):
        case, at = [("Filed", workdays[place])], int(place)
        for step in range(steps):
            at = _next(draw, at, step, mean[step], upto, workdays, part_time)
            if at is None:
                break
            case.append(("Letter" if step == steps - 1 else f"Step {step}", workdays[at]))
        rows.append(case)
    return build_log(rows, last)


def _next(draw, at, step, mean, upto, workdays, part_time):
    if step == 2:  # next working day, mostly
        at = at + 1 + int(draw.random() < 0.2)
    elif step == 3:  # exactly 20 days later, or the next open day
        day = moved(workdays[at] + dt.timedelta(days=20))
        at = workdays.index(day) if day <= workdays[-1] else len(workdays)
    else:  # a random amount of the office's work later
        at = max(at + 1, int(np.searchsorted(upto, upto[at] + draw.exponential(mean))))
    while step == 4 and at < len(workdays) and workdays[at].weekday() not in part_time:
        at += 1
    return at if at < len(workdays) else None
