"""Days: acts on session days and opening hours, in numbers; known where the log shows that such a mechanism is at work."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from procmine.calendars import Calendar, years_of
from procmine.kernels import edits
from procmine.kernels.blocks import DAY
from procmine.kernels.edits import Edit, Seats
from procmine.kernels.flow import Ints
from procmine.kernels.operational import HOUR, Clocks
from procmine.log import EventLog, LogError, shown
from procmine.simulate.meetings import Meeting, planned
from procmine.simulate.operational import SESSIONS, Operational
from procmine.simulate.policies.acts import Hours, Session
from procmine.simulate.policies.people import at_their_fastest
from procmine.simulate.policies.pieces import Look, Made, Pieces
from procmine.simulate.policies.seen import Flags
from procmine.simulate.policies.takes import Floats
from procmine.simulate.policies.times import later_step
from procmine.words import Message, Value, after_each_other

YEAR = 365 * DAY
HARDLY, SLOW = 0.01, 0.2  # of the usual pace of work: below the first an hour is closed, below the second hardly open
FULL, OFTEN, MANY = 3, 0.15, 10  # sessions, and share of them, within one item of the most that any held, and that most
OUTSIDE = 0.2  # of all work that is done in hours that would be closed: then the new hours are fewer
HOLIDAY = 0.1  # of what a weekday usually brings: a day with less was closed


def session(act: Session, look: Look) -> Made:
    code, log = later_step(act, look), look.model.log
    meeting = look.model.meetings.of_step(code)
    begin, end = int(log.arrival.min()), look.horizon + YEAR
    days = planned(log, every=act.every, on=act.on, begin=begin, end=end, like=meeting)
    if not len(days[days > log.about.cutoff]):
        raise LogError(f"{act.said.say()}: no such day comes after the data end.")
    seats = _seats(act, look, code, days)
    one = Edit(edits.SESSION, code, planned=days, scope=look.scope)
    if meeting is not None:
        return _moved(act, meeting, replace(one, held=meeting.held, table=meeting.lead), seats, _room(log, meeting))
    none = np.zeros(0, np.int64)
    fast, slow = (Pieces(edits=(replace(one, held=none, ready=ready),), seats=seats) for ready in (0.0, 1.0))
    why = Message("standing.no_session", {"step": act.step})
    return Made(fast, slow, (), why, Message("standing.resolve.session", {"step": act.step}))


def _moved(act: Session, meeting: Meeting, one: Edit, seats: tuple[Seats, ...], room: int | None) -> Made:
    """Known where cases wait for nothing but their session and what takes time before it; where they wait for a seat too, it
    looks as if they were not ready yet: then they gain at least what they would if it were so, at most all of their wait.
    """
    values: dict[str, Value] = {"step": act.step, "when": meeting.when, "share": meeting.share}
    said = [Message("policy.today.session", values)]
    slow = Pieces(edits=(one,), seats=seats)
    if room is None:
        return Made.known(slow, said, Message("standing.session", {"step": act.step, "when": meeting.when}))
    fast = Pieces(edits=(replace(one, held=np.zeros(0, np.int64), table=None, ready=0.0),), seats=seats)
    why = Message("standing.session.seats", {"step": act.step, "seats": room})
    return Made(fast, slow, tuple(said), why, Message("standing.resolve.session", {"step": act.step}))


def _room(log: EventLog, meeting: Meeting) -> int | None:
    """Seats of a session, if these seem to fill up; where only few of many did, by how many were as full as any."""
    time, held = log.time[log.activity == meeting.step], meeting.held[: meeting.seen]
    place = np.searchsorted(held, time, side="right")
    count = np.bincount(place[place > 0] - 1, minlength=1)
    most = int(count.max())
    as_full = most >= MANY and int((count >= most - 1).sum()) >= max(FULL, OFTEN * len(count))
    return meeting.seats or (most if as_full else None)


def _seats(act: Session, look: Look, code: int, days: Ints) -> tuple[Seats, ...]:
    """Refused where more cases come than there is room for: they would wait longer and longer."""
    if act.capacity is None:
        return ()
    if not look.chosen.all():
        raise LogError("A session has its capacity for all cases: leave `where` out, or capacity.")
    cutoff = look.model.log.about.cutoff
    a_week = float(((days > cutoff) & (days <= cutoff + YEAR)).sum()) / 52.1
    coming = look.a_week(code)
    if coming >= a_week * act.capacity:
        least = int(np.floor(coming / a_week)) + 1
        raise ValueError(
            f"{act.step!r}: {coming:.1f} cases a week come to it, and there would be room for "
            f"{a_week * act.capacity:.1f}: ever more "
            f"would wait. Name a capacity of at least {least}, or more sessions."
        )
    return (Seats(code, days, act.capacity),)


def hours(act: Hours, look: Look) -> Made:
    """Every stay on an office's clock goes on in the new hours, at the pace that an open hour has today."""
    model, log = look.model, look.model.log
    steps = [act.step] if act.step is not None else list(log.about.activities)
    pairs = [
        (after, look.code(step)) for step in steps for after in look.seen.befores(look.code(step), look.chosen).tolist()
    ]
    on_clock = [(after, code, _clock_of(model.operational, after)) for after, code in pairs]
    there = sorted({k for _, _, k in on_clock if k > 0})
    if not there:
        key = "standing.no_hours" if act.step is None else "standing.no_hours.step"
        why = after_each_other((Message(key, {"step": act.step or ""}), Message("standing.range.hours")))
        fewer = act.step is None and _within(act, look)
        fast = Pieces() if fewer else at_their_fastest(look, steps, look.chosen)
        return Made(fast, None, (), why, Message("standing.resolve.hours"))
    first = len(model.clocks.upto) + len(look.clocks)
    made = [Opened.of(log, model.clocks, k, act) for k in there]
    look.clocks.extend(one.upto for one in made)
    number = {k: first + place for place, k in enumerate(there)}
    found = tuple(
        Edit(edits.CLOCK, code, after=after, clock=number[k], scope=look.scope) for after, code, k in on_clock if k > 0
    )
    return Made.known(Pieces(edits=found), [made[0].said], Message("standing.hours"))


def _within(act: Hours, look: Look) -> bool:
    """Whether work is done outside the new hours today: then these are fewer, which speeds up nothing."""
    log = look.model.log
    if log.about.precision == "day":
        return not bool(_open_days(act, shown(log.about, log.time).astype(np.int64) // DAY).all())
    time = np.sort(log.time)
    opened = _open_time(log, act, np.stack((time, time + HOUR), axis=1).ravel()).reshape(-1, 2)
    return bool((np.diff(opened, axis=1) == 0).mean() > OUTSIDE)


def _clock_of(operational: Operational, after: int) -> int:
    """The office clock that runs in stays at this step; 0 where it is the calendar, or counts sessions."""
    return 0 if operational.kind[after] == SESSIONS else int(operational.clock[after])


@dataclass(frozen=True, eq=False)
class Opened:
    """A clock that runs in new hours as fast as one of the model's does in an open hour (in a log of dates: on new days).

    A weekday that was closed on some date (a holiday) stays closed on it. today, new: open hours (days) of the week.
    """

    upto: Floats
    today: float
    new: float
    dates: bool

    @classmethod
    def of(cls, log: EventLog, clocks: Clocks, k: int, act: Hours) -> Opened:
        pace, dates = np.diff(clocks.upto[k]), log.about.precision == "day"
        time = clocks.origin + np.arange(len(pace) + 1) * HOUR
        wall = shown(log.about, time).astype(np.int64) + (DAY // 2 if dates else 0)
        day = wall[:-1] // DAY
        slot = (day + 3) % 7 if dates else (day + 3) % 7 * 24 + wall[:-1] % DAY // HOUR
        share = _open_days(act, day) if dates else np.diff(_open_time(log, act, time)) / HOUR
        slots = 7 if dates else 168
        usual = np.array([np.median(pace[slot == one]) if (slot == one).any() else 0.0 for one in range(slots)])
        work = float((usual**2).sum() / max(usual.sum(), 1e-9))  # the pace at which an hour of work is done
        runs, full = usual > HARDLY * work, usual > SLOW * work
        fast = usual[full].mean() if full.any() else 0.0
        new = share * np.where(runs[slot], pace, fast) * ~_shut(pace, usual, day, slot)
        often = np.bincount(slot, minlength=slots)
        weekly = float((np.bincount(slot, share, slots) / np.maximum(often, 1)).round(2).sum())
        return cls(np.concatenate(([0.0], np.cumsum(new))), float(full.sum()), weekly, dates)

    @property
    def said(self) -> Message:
        key = "policy.today.days" if self.dates else "policy.today.hours"
        return Message(key, {"today": f"{self.today:.0f}", "new": f"{self.new:.0f}"})


def _open_days(act: Hours, day: Ints) -> Floats:
    first, last = (np.int64(one).astype("M8[D]") for one in (day[0], day[-1]))
    opens = Calendar(act.hours, holidays=act.holidays).open_days(first, last)
    share: Floats = opens[day - day[0]].astype(np.float64)
    return share


def _open_time(log: EventLog, act: Hours, time: Ints) -> Ints:
    """Microseconds open up to each moment."""
    zone = log.about.zone if log.about.axis == "instant" else None
    opening = Calendar(act.hours, holidays=act.holidays).opening(*years_of([time]), zone)
    return opening.read(time)


def _shut(pace: Floats, usual: Floats, day: Ints, slot: Ints) -> Flags:
    """Hours of days that usually bring something and did not."""
    each = day - day[0]
    came, due = np.bincount(each, pace), np.bincount(each, usual[slot])
    shut = (due > 0) & (came < HOLIDAY * due)
    found: Flags = shut[each]
    return found
