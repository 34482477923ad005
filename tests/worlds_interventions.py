"""Worlds with a known intervention: a log with one time for each event, and what each policy truly does there.

Nothing here uses procmine but `log_of`: cases are played by numpy and a heap, stage by stage, all random numbers drawn first,
so that a policy meets the same cases. Days are numbers since a Monday.
"""

import heapq
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from procmine.about import About
from procmine.log import EventLog, Text

DAY = 86_400_000_000
START = 19_002 * DAY  # a Monday
WATCHED = 224.0  # days of a log: whole weeks
YEAR, BEFORE = 364.0, 400.0  # days played after a log; before it, where cases share somebody
A_DAY = 400 / WATCHED  # arrivals: about 400 in a log
STEPS = ("Received", "Returned", "Resubmitted", "Complete", "Assigned", "Report", "Reviewed", "Decided", "Paid", "Refused",
         "Withdrawn")  # fmt: skip
CODE = {name: code for code, name in enumerate(STEPS)}
ENDS = {"Paid": "paid", "Refused": "refused", "Withdrawn": "withdrawn"}
ROUNDS = 4  # times a form may be sent back
RETURNED = {"online": 0.15, "paper": 0.4}
REVIEWED = {"simple": 0.6, "complex": 0.85}
# mean and spread (of the logarithm) of each time, in days
GAPS = {"Returned": (5, 0.5), "Resubmitted": (16, 0.6), "Complete": (8, 0.6), "Assigned": (6, 0.9), "Report": (11, 0.7),
        "Reviewed": (14, 0.9), "Decided": (32, 0.6), "Prepared": (6, 0.6), "Paid": (10, 0.7),
        "Refused": (3, 0.5)}  # fmt: skip
SLOW = {"Reviewed": 1.5, "Decided": 1.6}  # times as long for the complex
OFFICE = 45 / 7 / 24  # of all time that an office is open: Monday to Friday, 8 to 17
LAST_SHIFT = 1.8  # in the world that drifts, decisions take so many times as long at the end as at the beginning


@dataclass(frozen=True)
class World:
    """What is special about a world; the rest is as in the plain one."""

    decided: str = "delay"  # or queue, priority, session
    servers: int = 1
    load: float = 0.92
    seats: int | None = None  # in a session every fortnight
    leave: float | None = 150.0  # mean days after which who waits for a decision gives up; None: nobody does
    hours: bool = False
    drift: float = 1.0
    frailty: float = 0.0
    beside: bool = False  # Assigned and Report come beside each other; both are awaited

    @property
    def shared(self) -> bool:
        """Whether cases can stand in each other's way."""
        return self.decided in ("queue", "priority") or self.seats is not None


WORLDS = {
    "delay": World(),
    "office hours": World(hours=True, leave=None),
    "queue": World(decided="queue", servers=2, leave=None),
    "priority": World(decided="priority", leave=None),
    "session": World(decided="session", leave=None),
    "session with seats": World(decided="session", seats=28, leave=None),
    "drift": World(drift=LAST_SHIFT),
    "correlated gaps": World(frailty=0.6, leave=None),
    "parallel": World(beside=True),
}


@dataclass(frozen=True)
class Change:
    """An intervention: what is to be different for cases that arrive (and in sessions and at desks: from) then."""

    set_decided: float | None = None
    cap_review: float | None = None
    escalate: tuple[float, float] | None = None  # Assigned: after so many days, at most so many more
    scale_paid: float = 1.0
    skip_review: bool = False  # of the simple
    returned: float | None = None  # of forms received on paper, the first time
    simple: float = 0.6  # share of the cases
    deadline: float | None = None  # days after the arrival
    weekly: bool = False
    more: int = 0  # servers
    volume: float = 1.0
    complex_first: bool | None = None


TODAY = Change()
CHANGES = {
    "set": Change(set_decided=5.0),
    "cap": Change(cap_review=10.0),
    "escalate": Change(escalate=(6.0, 2.0)),
    "scale": Change(scale_paid=0.5),
    "skip": Change(skip_review=True),
    "reroute": Change(returned=0.1),
    "mix": Change(simple=0.85),
    "deadline": Change(deadline=120.0),
    "twice as often": Change(weekly=True),
    "one more": Change(more=1),
    "volume": Change(volume=1.2),
}
ALWAYS = ("set", "cap", "escalate", "scale", "skip", "reroute", "mix", "deadline", "one more", "volume")


def policies(name):
    """Those tried in a world."""
    return (*ALWAYS, "twice as often") if WORLDS[name].decided == "session" else ALWAYS


# ---- random numbers, drawn before anything is looked at


def draws(rng, arrival):
    n = len(arrival)
    normal = {name: rng.normal(size=(ROUNDS + 1, n)) for name in GAPS}
    uniform = {name: rng.random(n) for name in ("kind", "channel", "review", "paid", "leave", "volume")}
    uniform["returned"] = rng.random((ROUNDS, n))
    return {"arrival": arrival, "normal": normal, "factor": rng.normal(size=n), **uniform}


def alone(world, seed, n):
    """n cases that arrive evenly over the time of a log, the first on day 0."""
    rng = np.random.default_rng([seed, list(WORLDS.values()).index(world)])
    arrival = np.sort(rng.random(n)) * WATCHED
    arrival[0] = 0.0
    return draws(rng, opened(arrival) if world.hours else arrival)


def in_line(world, seed, until, most):
    """Cases that arrive at random from long before the log up to `until`, at `most` times the usual rate."""
    rng = np.random.default_rng([seed, list(WORLDS.values()).index(world)])
    n = rng.poisson(A_DAY * most * (until + BEFORE))
    return draws(rng, np.sort(rng.uniform(-BEFORE, until, n)))


# ---- the office's clock


def worked(day):
    """Hours that the office was open up to then."""
    week, rest = np.divmod(day, 7)
    of_week, rest = np.divmod(rest, 1)
    return 45 * week + 9 * np.minimum(of_week, 5) + np.where(of_week < 5, np.clip(24 * rest - 8, 0, 9), 0)


def day_of(hours):
    week, rest = np.divmod(hours, 45)
    of_week, rest = np.divmod(rest, 9)
    return 7 * week + of_week + (8 + rest) / 24


def opened(day):
    """The same numbers, spread over office hours only."""
    return np.maximum(day_of(day / WATCHED * worked(np.array(WATCHED))), 0)


# ---- stages


@dataclass
class Played:
    """Per case: rows [stage, case] of what came and when (nan: did not come), its attributes, when and how it ended."""

    step: list
    day: list
    arrival: np.ndarray
    simple: np.ndarray
    paper: np.ndarray
    end: np.ndarray


class Cases:
    """Cases of a world on their way, under a change that holds for those that arrive since some day."""

    def __init__(self, world, drawn, change, since):
        self.world, self.drawn, self.change = world, drawn, change
        self.new = drawn["arrival"] >= since
        self.since = since
        share = np.where(self.new, change.simple, TODAY.simple)
        self.simple, self.paper = drawn["kind"] < share, drawn["channel"] < 0.4
        self.now = drawn["arrival"].copy()
        self.step, self.day = [], []
        sigma = world.frailty
        self.factor = np.exp(sigma * drawn["factor"] - sigma**2 / 2)

    def length(self, name, turn=0, when=None):
        """Days that it takes, before any policy."""
        mean, sigma = GAPS[name]
        days = mean * np.exp(sigma * self.drawn["normal"][name][turn] - sigma**2 / 2) * self.factor
        days = days * np.where(self.simple, 1.0, SLOW.get(name, 1.0))
        if name == "Decided" and self.world.drift != 1:
            days = days * (1 + (self.world.drift - 1) * np.clip(self.now / WATCHED, 0, 1))
        return days

    def later(self, days, begin=None):
        """The day that lies so many days (in an office with hours: so much of its time) later."""
        begin = self.now if begin is None else begin
        return day_of(worked(begin) + 24 * OFFICE * days) if self.world.hours else begin + days

    def came(self, name, day, who):
        self.step.append(CODE[name])
        self.day.append(np.where(who, day, np.nan))

    def all(self):
        return np.ones(len(self.now), bool)


def intake(cases):
    """Received; sent back up to some times; complete."""
    change, drawn = cases.change, cases.drawn
    cases.came("Received", cases.now, cases.all())
    waiting = cases.all()
    for turn in range(ROUNDS):
        chance = np.where(cases.paper, RETURNED["paper"], RETURNED["online"])
        if turn:
            chance = np.full(len(chance), 0.1)
        elif change.returned is not None:
            chance = np.where(cases.new & cases.paper, change.returned, chance)
        back = waiting & (drawn["returned"][turn] < chance)
        on = waiting & ~back
        at = cases.later(cases.length("Complete", turn))
        cases.came("Complete", at, on)
        cases.now = np.where(on, at, cases.now)
        for name in ("Returned", "Resubmitted"):
            at = cases.later(cases.length(name, turn))
            cases.came(name, at, back)
            cases.now = np.where(back, at, cases.now)
        waiting = back
    at = cases.later(cases.length("Complete", ROUNDS))
    cases.came("Complete", at, waiting)
    cases.now = np.where(waiting, at, cases.now)


def middle(cases):
    """Assigned, beside it in some worlds a report; reviewed or not."""
    change = cases.change
    end = cases.later(cases.length("Assigned"))
    if change.escalate is not None:
        limit, more = change.escalate
        slow = cases.new & (end - cases.now > limit)
        end = np.where(slow, np.minimum(end, cases.now + limit + more), end)
    cases.came("Assigned", end, cases.all())
    if cases.world.beside:
        other = cases.later(cases.length("Report"))
        cases.came("Report", other, cases.all())
        end = np.maximum(end, other)
    cases.now = end
    chance = np.where(cases.simple, REVIEWED["simple"], REVIEWED["complex"])
    reviewed = cases.drawn["review"] < chance
    if change.skip_review:
        reviewed &= ~(cases.new & cases.simple)
    end = cases.later(cases.length("Reviewed"))
    if change.cap_review is not None:
        end = np.where(cases.new, np.minimum(end, cases.now + change.cap_review), end)
    cases.came("Reviewed", end, reviewed)
    cases.now = np.where(reviewed, end, cases.now)


def decision(cases):
    """When each is decided, by the mechanism of its world."""
    change, world = cases.change, cases.world
    if world.decided == "session":
        ready = cases.later(cases.length("Prepared"))
        end = seated(ready, cases, cases.since)
    elif world.shared:
        end = served(cases)
    else:
        end = cases.later(cases.length("Decided"))
    if change.set_decided is not None:
        end = np.where(cases.new, cases.now + change.set_decided, end)
    return end


def seated(ready, cases, since):
    """The first session that a case is ready for, with a free seat: first come, first served."""
    first, limit = 2.375 - 14 * 40, float(np.max(ready)) + 4_000
    days = np.arange(first, limit, 7 if cases.change.weekly else 14)
    fortnight = np.isclose((days - first) % 14, 0)
    days = days[fortnight | (days >= since)]
    if cases.world.seats is None:
        return days[np.searchsorted(days, ready)]
    end, free, place = np.empty(len(ready)), cases.world.seats, 0
    for case in np.argsort(ready, kind="stable"):
        if free == 0 or days[place] < ready[case]:
            place = max(place + (free == 0), int(np.searchsorted(days, ready[case])))
            free = cases.world.seats
        end[case], free = days[place], free - 1
    return end


def served(cases):
    """One desk of some servers: in order of coming, or the complex first; who is past its deadline is not served."""
    world, change = cases.world, cases.change
    mean = world.load * world.servers / A_DAY
    sigma = 0.9
    service = mean * np.exp(sigma * cases.drawn["normal"]["Decided"][0] - sigma**2 / 2)
    stop = deadline_of(cases)
    free = [-BEFORE] * world.servers
    line, end, more = [], np.full(len(service), np.inf), change.more
    order = np.argsort(cases.now, kind="stable")
    coming, n = 0, len(order)
    rank = np.where(cases.simple, 1, 0) if world.decided == "priority" else np.zeros(n, int)
    while coming < n or line:
        if not line:
            line_in(line, order[coming], cases.now, rank)
            coming += 1
        begin = max(free[0], min(entry[3] for entry in line[:1]))
        while coming < n and cases.now[order[coming]] <= begin:
            line_in(line, order[coming], cases.now, rank)
            coming += 1
        if more and begin >= cases.since:
            for _ in range(more):
                heapq.heappush(free, cases.since)
            more = 0
            continue
        case = heapq.heappop(line)[2]
        begin = max(free[0], cases.now[case])
        if begin >= stop[case]:
            end[case] = np.inf
            continue
        end[case] = begin + service[case]
        heapq.heapreplace(free, end[case])
    return end


def line_in(line, case, ready, rank):
    heapq.heappush(line, (rank[case], ready[case], int(case), ready[case]))


def deadline_of(cases):
    days = cases.change.deadline
    return np.where(cases.new, cases.drawn["arrival"] + days, np.inf) if days else np.full(len(cases.new), np.inf)


def close(cases):
    """Decided, unless somebody gave up; then paid or refused."""
    end, gone = decision(cases), np.zeros(len(cases.now), bool)
    if cases.world.leave is not None:
        left = cases.now - cases.world.leave * np.log1p(-cases.drawn["leave"])
        gone = left < end
        cases.came("Withdrawn", left, gone)
        end = np.where(gone, left, end)
    cases.came("Decided", end, ~gone)
    cases.now, over = end, end
    paid = ~gone & (cases.drawn["paid"] < 0.8)
    for name, who in (("Paid", paid), ("Refused", ~gone & ~paid)):
        days = cases.length(name) * np.where(cases.new & (name == "Paid"), cases.change.scale_paid, 1.0)
        at = cases.later(days)
        cases.came(name, at, who)
        over = np.where(who, at, over)
    return np.minimum(over, deadline_of(cases))


def play(world, drawn, change=TODAY, since=-np.inf):
    """All cases to their ends."""
    if world.shared:
        kept = (drawn["arrival"] < since) | (drawn["volume"] < change.volume / MOST)
        kept &= (drawn["arrival"] >= since) | (drawn["volume"] < 1 / MOST)
        drawn = taken(drawn, kept)
    cases = Cases(world, drawn, change, since)
    intake(cases)
    middle(cases)
    end = close(cases)
    return Played(cases.step, cases.day, drawn["arrival"], cases.simple, cases.paper, end)


MOST = 1.2  # times the usual arrivals are drawn, and as many taken as come


def taken(drawn, kept):
    found = {name: value[..., kept] for name, value in drawn.items() if name != "normal"}
    return {**found, "normal": {name: value[:, kept] for name, value in drawn["normal"].items()}}


# ---- the truth


@dataclass(frozen=True)
class Truth:
    """Days: mean time to the end, each case counted at most `horizon`, and the time within which half of all are there."""

    today: float
    effect: float
    error: float  # standard error of the effect, by chance in playing
    half_today: float
    half: float
    half_error: float


@cache
def truth(name, policy, horizon=WATCHED, cases=200_000, seed=1):
    """A year of cases where the policy has always held and where it never has, the same ones; in parts, for the error.

    In the long run: just after a change that brings work sooner to a desk, that desk is busier for a while.
    """
    world, change = WORLDS[name], CHANGES[policy]
    parts = 40
    found = [_part(world, change, horizon, cases // parts, seed * 1_000 + part) for part in range(parts)]
    today, after, half, half_after = np.array(found).T
    chance = np.sqrt(parts)
    effect, middle_ = after - today, half_after - half
    return Truth(today.mean(), effect.mean(), effect.std(ddof=1) / chance,
                 half.mean(), middle_.mean(), middle_.std(ddof=1) / chance)  # fmt: skip


def _part(world, change, horizon, cases, seed):
    arms = []
    for one in (TODAY, change):
        if world.shared:
            times = np.concatenate([_year(world, one, 10_000 * seed + k) for k in range(round(cases / A_DAY / YEAR))])
        else:
            drawn = alone(world, 10_000 * seed, cases)
            drawn["arrival"] = drawn["arrival"] + WATCHED  # after the log, on the same weekdays
            played = play(world, drawn, one)
            times = played.end - played.arrival
        arms.append(times)
    return [*(np.minimum(one, horizon).mean() for one in arms), *(np.median(one) for one in arms)]


def _year(world, change, seed):
    drawn = in_line(world, seed, WATCHED + YEAR + 120, MOST)
    played = play(world, drawn, change)
    among = (played.arrival >= WATCHED) & (played.arrival < WATCHED + YEAR)
    return (played.end - played.arrival)[among]


# ---- a log


def made(name, seed, cases=400):
    """What an office has at the end: its cases since day 0, ended or open."""
    world = WORLDS[name]
    if world.shared:
        return log_of(play(world, in_line(world, seed, WATCHED, MOST)))
    return log_of(play(world, alone(world, seed, cases)))


def log_of(played):
    inside = (played.arrival >= 0) & (played.arrival < WATCHED)
    step = np.repeat(np.array(played.step)[:, None], inside.sum(), axis=1)
    day = np.array([row[inside] for row in played.day])
    case = np.broadcast_to(np.arange(inside.sum()), day.shape)
    seen = day < WATCHED
    case, step, time = case[seen], step[seen], START + np.round(day[seen] * 86_400).astype(np.int64) * 1_000_000
    order = np.lexsort((step, time, case))
    case, step, time = case[order], step[order], time[order]
    offset = np.concatenate(([0], np.cumsum(np.bincount(case, minlength=inside.sum()))))
    last, cutoff = offset[1:] - 1, int(START + WATCHED * DAY)
    waiting = ~np.isin(step[last], [CODE[end] for end in ENDS])
    about = About(activities=STEPS, cutoff=cutoff, ends=tuple(ENDS), axis="civil", precision="second",
                  begins=int(time.min()), attributes=("kind", "channel"), outcomes=ENDS)  # fmt: skip
    kinds = {
        "kind": (~played.simple[inside], ["simple", "complex"]),
        "channel": (played.paper[inside], ["online", "paper"]),
    }
    return EventLog(
        about=about,
        activity=step.astype(np.uint8),
        time=time,
        offset=offset,
        arrival=time[offset[:-1]],
        until=np.where(waiting, cutoff, time[last]),
        open=waiting,
        case=Text(np.arange(inside.sum(), dtype=np.int32), pa.array([str(k) for k in range(inside.sum())])),
        attributes={name: Text(code.astype(np.int32), pa.array(levels)) for name, (code, levels) in kinds.items()},
    )
