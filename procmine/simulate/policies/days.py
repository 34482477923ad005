"""Days: acts on session days and opening hours, in numbers; known where the log shows that such a mechanism is at work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from procmine.calendars import Calendar, years_of
from procmine.kernels import edits
from procmine.kernels.blocks import DAY
from procmine.kernels.edits import Edit, Seats
from procmine.kernels.flow import Ints
from procmine.kernels.operational import HOUR, Clocks
from procmine.log import EventLog, LogError, shown
from procmine.simulate.meetings import Meetings, planned
from procmine.simulate.policies.acts import Hours, Session
from procmine.simulate.policies.people import at_their_fastest
from procmine.simulate.policies.pieces import Look, Made, Pieces
from procmine.simulate.policies.takes import Floats
from procmine.words import Message

YEAR = 365 * DAY
HARDLY = 0.05  # of the usual pace: an hour that slow is closed
HOLIDAY = 0.1  # of what a weekday usually brings: a day with less was closed
WEEK = 168


def session(act: Session, look: Look) -> Made:
    code, log = look.code(act.step), look.model.log
    meeting = Meetings.of(log).of_step(code)
    begin, end = int(log.arrival.min()), look.horizon + YEAR
    days = planned(log, every=act.every, on=act.on, begin=begin, end=end, like=meeting)
    if not len(days[days > log.about.cutoff]):
        raise LogError(f"{act.said.say()}: no such day comes after the data end.")
    seats = _seats(act, look, code, days)
    one = Edit(edits.SESSION, code, planned=days, scope=look.scope)
    if meeting is not None:
        said = [Message("policy.today.session", {"step": act.step, "when": meeting.when, "share": meeting.share})]
        pieces = Pieces(edits=(replace(one, held=meeting.held),), seats=seats)
        return Made.known(pieces, said, Message("standing.session", {"step": act.step, "when": meeting.when}))
    none = np.zeros(0, np.int64)
    fast, slow = (Pieces(edits=(replace(one, held=none, ready=ready),), seats=seats) for ready in (0.0, 1.0))
    why = Message("standing.no_session", {"step": act.step})
    return Made(fast, slow, (), why, Message("standing.resolve.session", {"step": act.step}))


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
    clock = np.zeros(look.seen.arrival + 1, np.int64) if model.clock is None else model.clock
    on_clock = [(after, code, int(clock[min(after, len(clock) - 1)])) for after, code in pairs]
    there = sorted({k for _, _, k in on_clock if k > 0})
    if model.clocks is None or not there:
        key = "standing.no_hours" if act.step is None else "standing.no_hours.step"
        why = Message(key, {"step": act.step or ""})
        return Made(at_their_fastest(look, steps, look.chosen), None, (), why, Message("standing.resolve.hours"))
    made = [opened(log, model.clocks, k, act) for k in there]
    first = len(model.clocks.upto) + len(look.clocks)
    look.clocks.extend(upto for upto, _, _ in made)
    number = {k: first + place for place, k in enumerate(there)}
    found = tuple(
        Edit(edits.CLOCK, code, after=after, clock=number[k], scope=look.scope) for after, code, k in on_clock if k > 0
    )
    today, new = made[0][1:]
    said = [Message("policy.today.hours", {"today": f"{today:.0f}", "new": f"{new:.0f}"})]
    return Made.known(Pieces(edits=found), said, Message("standing.hours"))


def opened(log: EventLog, clocks: Clocks, k: int, act: Hours) -> tuple[Floats, float, float]:
    """A clock that runs in the new hours as fast as clock `k` does in an open hour; open hours a week on each of the two.

    A weekday that was closed on some date (a holiday) stays closed on it.
    """
    pace = np.diff(clocks.upto[k])
    time = clocks.origin + np.arange(len(pace) + 1) * HOUR
    share = np.diff(_calendar(log, act, time)) / HOUR
    wall = shown(log.about, time[:-1]).astype(np.int64)
    day = wall // (24 * HOUR)
    slot = (day + 3) % 7 * 24 + wall % (24 * HOUR) // HOUR
    usual = np.array([np.median(pace[slot == one]) if (slot == one).any() else 0.0 for one in range(WEEK)])
    runs = usual > HARDLY * HOUR
    if not runs.any():
        return clocks.upto[k], 0.0, 0.0
    new = share * np.where(runs[slot], pace, usual[runs].mean()) * ~_shut(pace, usual, day, slot)
    weekly = float(np.bincount(slot, share, WEEK).sum() / np.bincount(slot, minlength=WEEK).mean())
    return np.concatenate(([0.0], np.cumsum(new))), float(runs.sum()), weekly


def _calendar(log: EventLog, act: Hours, time: Ints) -> Ints:
    """Microseconds open up to each moment."""
    zone = log.about.zone if log.about.axis == "instant" else None
    opening = Calendar(act.hours, holidays=act.holidays).opening(*years_of([time]), zone)
    return opening.read(time)


def _shut(pace: Floats, usual: Floats, day: Ints, slot: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Hours of days that usually bring something and did not."""
    each = day - day[0]
    came, due = np.bincount(each, pace), np.bincount(each, usual[slot])
    shut = (due > 0) & (came < HOLIDAY * due)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = shut[each]
    return found
