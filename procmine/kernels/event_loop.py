"""Event loop: cases that compete for servers and seats, in the order of time; compiled where numba is there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.crowd import Crowd
from procmine.kernels.edits import Pool, Shared
from procmine.kernels.jit_paths import (
    due,
    fast,
    move,
    next_stop,
    read,
    settle,
    since_origin,
    skipped,
    uniform,
)  # fmt: skip
from procmine.kernels.laws import DAY, NEVER, Cases, Law, Rules, State
from procmine.kernels.operational import HOUR
from procmine.kernels.paths import World

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SERVICE = 40  # what a random number is for: how long a server is held
NEW, STAYING, READY, COMING, WAITING, SERVED, GONE = range(7)  # where a case is
NOBODY = -1
SIZE, IN, EVENTS, TURNS = range(4)
BOOK = 65_536  # events and turns that are noted before the books are carried away


class Room(NamedTuple):
    """Pools and plans of days with seats, as arrays; a step is in one pool, or has seats, or neither (NOBODY)."""

    pool: Ints  # per cause
    table: Ints  # per cause: its service times
    first: Ints  # per table of service times: its first place in `service`
    service: Floats
    servers: Ints
    clock: Ints
    newest: NDArray[np.bool_]
    lane: Ints  # per pool: its first lane; cases of one priority wait in one lane
    rank: Ints  # [pools, cases]: the lane that a case takes
    plan: Ints  # per cause
    day: Ints  # per plan: its first place in `planned`
    planned: Ints
    left: Ints  # seats, per planned day
    free: Ints  # per planned day: a later one that may have a seat


class Desk(NamedTuple):
    """Where everything is at one moment, and what was counted so far: the loop can be left and taken up again."""

    entry: Ints  # cases of this world in the order in which they come in
    start: Ints  # per case: when it comes in
    state: Ints
    cause: Ints  # the step that ends the stay
    end: Ints  # when that would be if nobody else were there
    was: Ints  # and if there were no policy
    over: Ints  # its deadline, the step that comes with it, and whether that is what comes next
    by: Ints
    late: Ints
    next: Ints  # when something happens to it; what the heap holds besides is past
    pool: Ints  # where it stands or is served
    came: Ints
    called: Ints
    moves: Ints
    behind: Ints  # who stands behind it
    front: Ints  # per lane
    rear: Ints
    lowest: Ints  # per pool: the first lane in which somebody may stand
    busy: Ints  # per pool: servers
    woken: Ints  # per pool: 1 if it is to look again when it opens
    when: Ints  # the heap
    who: Ints
    counts: Ints  # SIZE of the heap, cases that came IN, EVENTS and TURNS in the books
    events: Ints  # [3, places]: path, step, time
    turns: Ints  # [5, places]: path, pool, came, called, done
    step_out: Ints  # events of one stay
    time_out: Ints
    waited: Ints
    queue: Floats  # [pools and plans, days]: microseconds that cases stood there on that day
    grid: int  # when day 0 begins
    stop: int
    most: int
    record: bool


class Office(NamedTuple):
    """All that the loop reads and changes."""

    law: Law
    rules: Rules
    cases: Cases
    state: State
    room: Room
    desk: Desk
    on: bool


# ---- what comes when: a heap of (time, number) ----


@fast
def push(desk: Desk, time: int, one: int) -> None:
    place = desk.counts[SIZE]
    while place > 0:
        above = (place - 1) >> 1
        if desk.when[above] < time or (desk.when[above] == time and desk.who[above] < one):
            break
        desk.when[place], desk.who[place] = desk.when[above], desk.who[above]
        place = above
    desk.when[place], desk.who[place] = time, one
    desk.counts[SIZE] += 1


@fast
def pop(desk: Desk) -> None:
    """Take the top away; it was read before."""
    size = desk.counts[SIZE] - 1
    time, one, place = desk.when[size], desk.who[size], 0
    while 2 * place + 1 < size:
        below = 2 * place + 1
        if below + 1 < size and earlier(desk, desk.when[below + 1], desk.who[below + 1], below):
            below += 1
        if earlier(desk, time, one, below):
            break
        desk.when[place], desk.who[place] = desk.when[below], desk.who[below]
        place = below
    desk.when[place], desk.who[place] = time, one
    desk.counts[SIZE] = size


@fast
def earlier(desk: Desk, time: int, one: int, place: int) -> bool:
    return bool(time < desk.when[place] or (time == desk.when[place] and one < desk.who[place]))


@fast
def draws_in(desk: Desk) -> bool:
    """Whether the next to happen is that a case comes in; at one moment those under way go first."""
    if desk.counts[IN] == len(desk.entry):
        return False
    return bool(desk.counts[SIZE] == 0 or desk.start[desk.entry[desk.counts[IN]]] < desk.when[0])


# ---- the loop ----


@fast
def loop(office: Office) -> bool:
    """Take one happening after the other until nothing is left or it is time to stop (True), or the books are full (False).

    A case beyond its own limit goes on, so that those behind it wait as they would, but is not counted.
    """
    desk, n = office.desk, len(office.desk.start)
    while desk.counts[EVENTS] + len(desk.step_out) <= desk.events.shape[1] and desk.counts[TURNS] < desk.turns.shape[1]:
        if draws_in(desk):
            c = desk.entry[desk.counts[IN]]
            time = desk.start[c]
            desk.counts[IN] += 1
        elif desk.counts[SIZE] > 0:
            time, c = desk.when[0], desk.who[0]
            pop(desk)
        else:
            return True
        if time > desk.stop:
            return True
        if c >= n:
            desk.woken[c - n] = 0
            serve(office, c - n, time)
        elif time == desk.next[c]:
            happen(office, c, time)
    return False


@fast
def happen(office: Office, c: int, time: int) -> None:
    """A case comes in, or its stay ends, and the next one begins; servers that are free by then are given out."""
    desk, left, joined = office.desk, NOBODY, NOBODY
    before = desk.state[c]
    if before == SERVED:
        left = desk.pool[c]
        leave(desk, c, left, time)
    if desk.late[c] == 1:
        run_out(office, c, time)
    elif before == READY:
        take_seat(office, c, time)
    elif before == COMING:
        joined = line_up(office, c, time)
    elif before == NEW or close(office, c, time):
        joined = enter(office, c, time)
    if left >= 0:
        serve(office, left, time)
    if joined >= 0 and joined != left:
        serve(office, joined, time)


@fast
def enter(office: Office, c: int, time: int) -> int:
    """A stay begins; the pool that the case joins, if any."""
    desk, room, state = office.desk, office.room, office.state
    state.ready[c] = NEVER
    end, cause, was = next_stop(office.law, office.rules, office.cases, state, c, office.on)
    desk.over[c], desk.by[c] = due(office.rules, office.cases, state, c, office.on)
    desk.end[c], desk.cause[c], desk.was[c], desk.state[c] = end, cause, was, STAYING
    begun = state.begun[c]
    if room.pool[cause] >= 0 and end < NEVER and not passes(office, c, cause, was):
        if begun <= time:
            return line_up(office, c, begun)
        desk.state[c], end = COMING, begun
    elif room.plan[cause] >= 0 and not passes(office, c, cause, was):
        desk.state[c], desk.came[c], end = READY, min(state.ready[c], end), min(state.ready[c], end)
    await_time(desk, c, max(end, time))
    return NOBODY


@fast
def passes(office: Office, c: int, cause: int, was: int) -> bool:
    """Whether the step is left out this time."""
    state = office.state
    at = state.at[c]
    visit = state.visits[c, at]
    return bool(office.on and skipped(office.law, office.rules, office.cases, c, cause, at, at, visit, was))


@fast
def await_time(desk: Desk, c: int, time: int) -> None:
    """Something happens to the case then, unless its deadline comes before."""
    desk.late[c] = 1 if desk.over[c] < time else 0
    time = min(desk.over[c], time)
    desk.next[c] = time
    if time < NEVER:
        push(desk, time, c)


@fast
def close(office: Office, c: int, time: int) -> bool:
    """The stay ends: its events are noted; whether the case goes on."""
    desk, state = office.desk, office.state
    step, when = desk.step_out, desk.time_out
    made = move(office.law, office.rules, office.cases, state, c, time, desk.cause[c], desk.was[c], step, when)
    for k in range(made):
        write(office, c, step[k], when[k])
    desk.state[c], desk.next[c] = GONE, NEVER
    desk.moves[c] += 1
    return bool(state.ended[c] >= NEVER and desk.moves[c] < desk.most)


@fast
def write(office: Office, c: int, step: int, time: int) -> None:
    if time > office.cases.limit[c]:
        return
    events, row = office.desk.events, office.desk.counts[EVENTS]
    events[0, row], events[1, row], events[2, row] = c, step, time
    office.desk.counts[EVENTS] += 1


@fast
def run_out(office: Office, c: int, time: int) -> None:
    """The deadline of the case comes first."""
    desk = office.desk
    if desk.state[c] == WAITING:
        stand(desk, desk.pool[c], desk.came[c], time)
    write(office, c, desk.by[c], time)
    office.state.ended[c] = time
    desk.state[c], desk.next[c] = GONE, NEVER


# ---- pools ----


@fast
def line_up(office: Office, c: int, since: int) -> int:
    """Behind those of its lane, or before them where the newest is served first; which pool it is."""
    desk, room = office.desk, office.room
    pool = room.pool[desk.cause[c]]
    desk.state[c], desk.came[c], desk.pool[c], desk.behind[c] = WAITING, since, pool, NOBODY
    lane = room.lane[pool] + room.rank[pool, c]
    if desk.front[lane] == NOBODY:
        desk.front[lane] = desk.rear[lane] = c
    elif room.newest[pool]:
        desk.behind[c] = desk.front[lane]
        desk.front[lane] = c
    else:
        desk.behind[desk.rear[lane]] = c
        desk.rear[lane] = c
    desk.lowest[pool] = min(desk.lowest[pool], lane)
    await_time(desk, c, NEVER)
    return int(pool)


@fast
def serve(office: Office, pool: int, time: int) -> None:
    """Call who is next while a server is free, or look again when the pool opens."""
    desk, room = office.desk, office.room
    while desk.busy[pool] < room.servers[pool]:
        c = first_in_line(desk, room, pool)
        if c == NOBODY:
            return
        opening = opens(office.law, room.clock[pool], time)
        if opening > time:
            if desk.woken[pool] == 0:
                desk.woken[pool] = 1
                push(desk, opening, len(desk.start) + pool)
            return
        desk.front[desk.lowest[pool]] = desk.behind[c]
        call(office, c, pool, time)


@fast
def first_in_line(desk: Desk, room: Room, pool: int) -> int:
    lane = desk.lowest[pool]
    while lane < room.lane[pool + 1]:
        c = desk.front[lane]
        if c == NOBODY:
            lane += 1
        elif desk.state[c] == WAITING:
            desk.lowest[pool] = lane
            return int(c)
        else:
            desk.front[lane] = desk.behind[c]  # its deadline has come
    desk.lowest[pool] = lane
    return NOBODY


@fast
def call(office: Office, c: int, pool: int, time: int) -> None:
    """A server takes the case, for a time of its own that is drawn whatever the queue was like."""
    desk, state, clock = office.desk, office.state, office.room.clock[pool]
    desk.busy[pool] += 1
    desk.state[c], desk.called[c] = SERVED, time
    stand(desk, pool, desk.came[c], time)
    u = uniform(office.cases.key[c], state.at[c], state.visits[c, state.at[c]], SERVICE)
    shown = read(office.law, clock, time) + service_time(office.room, desk.cause[c], u)
    if clock > 0 and shown >= 0:
        shown = since_origin(office.law, clock, shown)
    await_time(desk, c, max(shown + office.law.origin, time))


@fast
def leave(desk: Desk, c: int, pool: int, time: int) -> None:
    """A server is free again."""
    desk.busy[pool] -= 1
    if desk.record:
        write_turn(desk, c, pool, desk.called[c], time)


@fast
def write_turn(desk: Desk, c: int, place: int, called: int, done: int) -> None:
    turns, row = desk.turns, desk.counts[TURNS]
    turns[0, row], turns[1, row], turns[2, row], turns[3, row], turns[4, row] = c, place, desk.came[c], called, done
    desk.counts[TURNS] += 1


@fast
def service_time(room: Room, cause: int, u: float) -> int:
    """The quantile at u of the step's service times, as of an edit's table."""
    low, places = room.first[room.table[cause]], room.first[room.table[cause] + 1] - room.first[room.table[cause]] - 1
    if places < 1:
        return int(np.rint(room.service[low]))
    place = min(int(u * places), places - 1)
    one, two = room.service[low + place], room.service[low + place + 1]
    return int(np.rint(one + (two - one) * (u * places - place)))


@fast
def opens(law: Law, clock: int, time: int) -> int:
    """The first time from `time` on at which a clock runs."""
    since, last = time - law.origin, law.upto.shape[1] - 1
    hour = since // HOUR
    if clock == 0 or since < 0 or hour >= last or law.upto[clock, hour + 1] > law.upto[clock, hour]:
        return time
    while hour < last and law.upto[clock, hour + 1] <= law.upto[clock, hour]:
        hour += 1
    return int(hour * HOUR + law.origin)


@fast
def stand(desk: Desk, place: int, came: int, until: int) -> None:
    """A case stood in a queue from `came` to `until`: add it to the days."""
    came = max(came, desk.grid)
    if until <= came:
        return
    desk.waited[place] += until - came
    day = (came - desk.grid) // DAY
    while came < until and day < desk.queue.shape[1]:
        to = min(until, desk.grid + (day + 1) * DAY)
        desk.queue[place, day] += to - came
        came = to
        day += 1


# ---- seats ----


@fast
def take_seat(office: Office, c: int, time: int) -> None:
    """The first planned day with a seat; those who were ready before have taken theirs."""
    desk, room = office.desk, office.room
    plan = room.plan[desk.cause[c]]
    number, end = len(room.servers) + plan, room.day[plan + 1]
    wished = first_day(room, plan, desk.came[c])
    place = free_day(room, wished, end)
    desk.came[c], desk.state[c] = time, STAYING
    if place == end or room.planned[place] > desk.over[c]:
        stand(desk, number, time, min(desk.over[c], desk.stop))
        await_time(desk, c, NEVER)
        return
    room.left[place] -= 1
    day = room.planned[place]
    stand(desk, number, time, min(day, desk.stop))
    if desk.record:
        write_turn(desk, c, number, day, day)
    await_time(desk, c, max(day + max(desk.end[c] - room.planned[wished], 0), time))


@fast
def first_day(room: Room, plan: int, ready: int) -> int:
    """The first planned day from `ready` on; the plan's end where there is none."""
    low, high = room.day[plan], room.day[plan + 1]
    while low < high:
        middle = (low + high) >> 1
        if room.planned[middle] < ready:
            low = middle + 1
        else:
            high = middle
    return int(low)


@fast
def free_day(room: Room, first: int, end: int) -> int:
    """The first day with a seat left, from a place in `planned` on."""
    place = first
    while place < end and room.left[place] == 0:
        place = room.free[place]
    while first < place:  # who comes later need not look at the full days again
        beyond = room.free[first]
        room.free[first] = place
        first = beyond
    return int(place)


# ---- from pools and cases to arrays, and back ----


@dataclass(frozen=True, eq=False)
class Turns:
    """One row per turn that was taken, in order of (path, called), where events are recorded.

    path: whose (place in the crowd); place: at which pool (plans of days are numbered after them); came, called, done: when
    the case came there, was called, and was done.
    """

    path: Ints
    place: Ints
    came: Ints
    called: Ints
    done: Ints


@dataclass(frozen=True, eq=False)
class Queued:
    """What became of the cases, as `paths.walked` has it; and waited (microseconds) and queue (mean length by day, of all
    worlds), pools first, then plans of days. `state` shows the ends."""

    last: Ints
    cost: Floats
    tally: Ints
    events: tuple[Ints, Ints, Ints]
    waited: Floats
    queue: Floats
    turns: Turns


def queued(
    world: World, cases: Cases, state: State, crowd: Crowd, shared: Shared, *, on: bool, record: bool, since: int,
    threads: int | None = None,
) -> Queued:  # fmt: skip
    """Follow cases that compete, those of each `crowd.world` with each other; `since` is when day 0 of the queues begins.

    A case whose next step belongs to a pool joins it when its stay begins, is called in its turn, and comes to the step when
    the service is over; the stay's own time has no part in it. Open cases stand where they came, and are served from `known`
    on: a service under way begins again then. Waiting is counted on the calendar until the case is called, closed hours
    included, also of those who still wait in the end. Ties: by number in the crowd. A server works to the microsecond,
    though a log may hold dates only.
    """
    if len(world.rules.pair_length):
        raise ValueError(
            "A time between two milestones cannot be set where cases compete for servers or seats: set the times of steps."
        )
    room = room_of(shared, crowd.like, world.sizes[0] + 1)
    last = np.where(state.at < world.sizes[0], state.at, NOBODY)
    grown = desks(cases, state, crowd, room, world, since, record)
    offices = [Office(world.law, world.rules, cases, state, own, desk, on) for own, desk in grown]
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as workers:
        books = list(workers.map(run_one, offices))
    return together(world, cases, state, last, offices, books, record)


def run_one(office: Office) -> tuple[Ints, Ints]:
    """One world to its end; its events and turns."""
    events, turns, desk = [], [], office.desk
    with np.errstate(over="ignore"):  # random numbers wrap by intent
        over = False
        while not over:
            over = loop(office)
            events.append(desk.events[:, : desk.counts[EVENTS]].copy())
            turns.append(desk.turns[:, : desk.counts[TURNS]].copy())
            desk.counts[EVENTS] = desk.counts[TURNS] = 0
        for c in desk.entry[desk.state[desk.entry] == WAITING]:
            stand(desk, int(desk.pool[c]), int(desk.came[c]), desk.stop)
    return np.concatenate(events, axis=1), np.concatenate(turns, axis=1)


def desks(
    cases: Cases, state: State, crowd: Crowd, room: Room, world: World, since: int, record: bool
) -> list[tuple[Room, Desk]]:
    """A desk and rooms for each world; they share what is kept per case."""
    n, pools, dues = len(cases.key), len(room.servers), len(world.rules.due_limit)
    stay = (2 + len(world.rules.kind)) * (2 + state.parts.shape[2])  # events of one, at most
    start = np.maximum(state.known, state.begun)
    order = np.lexsort((np.arange(n), state.begun, start, crowd.world))
    parts = np.split(order, np.flatnonzero(np.diff(crowd.world[order])) + 1)
    names = ("cause", "end", "was", "over", "by", "late", "pool", "came", "called", "moves")
    kept = {name: np.zeros(n, np.int64) for name in names}
    kept = {**kept, "state": np.full(n, NEW), "next": start, "behind": np.full(n, NOBODY), "start": start}
    found = []
    for part in parts:
        stop = int(cases.limit[part].max(initial=since))
        heap = len(part) * (2 + dues) + pools
        desk = Desk(
            **kept,
            entry=part,
            front=np.full(room.lane[-1], NOBODY),
            rear=np.full(room.lane[-1], NOBODY),
            lowest=room.lane[:-1].copy(),
            busy=np.zeros(pools, np.int64),
            woken=np.zeros(pools, np.int64),
            when=np.empty(heap, np.int64),
            who=np.empty(heap, np.int64),
            counts=np.zeros(4, np.int64),
            events=np.empty((3, min(BOOK, 32 * len(part)) + stay), np.int64),
            turns=np.empty((5, min(BOOK, 32 * len(part)) if record else 1), np.int64),
            step_out=np.empty(stay, np.int64),
            time_out=np.empty(stay, np.int64),
            waited=np.zeros(pools + len(room.day) - 1, np.int64),
            queue=np.zeros((pools + len(room.day) - 1, max((stop - since) // DAY + 1, 1))),
            grid=since,
            stop=stop,
            most=world.most,
            record=record,
        )
        found.append((room._replace(left=room.left.copy(), free=room.free.copy()), desk))
    return found


def room_of(shared: Shared, like: Ints, causes: int) -> Room:
    """Pools and seats as arrays; `causes`: all steps and the end."""
    pool, tables, plans = (np.full(causes, NOBODY) for _ in range(3))
    service: list[Floats] = []
    for number, one in enumerate(shared.pools):
        for step, table in zip(one.steps, one.service, strict=True):
            pool[step], tables[step] = number, len(service)
            service.append(np.asarray(table, np.float64))
    for number, plan in enumerate(shared.seats):
        plans[plan.step] = number
    planned = [np.asarray(plan.planned, np.int64) for plan in shared.seats]
    day = _firsts(planned)
    return Room(
        pool=pool,
        table=tables,
        first=_firsts(service),
        service=np.concatenate([np.empty(0), *service]),
        servers=np.array([one.servers for one in shared.pools], np.int64),
        clock=np.array([one.clock for one in shared.pools], np.int64),
        newest=np.array([one.newest for one in shared.pools], np.bool_),
        lane=_firsts([[0] if one.priority is None else np.unique(one.priority) for one in shared.pools]),
        rank=np.array([_rank(one, like) for one in shared.pools], np.int64).reshape(len(shared.pools), len(like)),
        plan=plans,
        day=day,
        planned=np.concatenate([np.empty(0, np.int64), *planned]),
        left=np.repeat(np.array([plan.seats for plan in shared.seats], np.int64), np.diff(day)),
        free=np.arange(1, day[-1] + 1),
    )


def _firsts(parts: Sequence[Any]) -> Ints:
    return np.concatenate(([0], np.cumsum([len(one) for one in parts]))).astype(np.int64)


def _rank(pool: Pool, like: Ints) -> Ints:
    """The lane of each case within its pool."""
    if pool.priority is None:
        return np.zeros(len(like), np.int64)
    return np.searchsorted(np.unique(pool.priority), pool.priority[like]).astype(np.int64)


def together(
    world: World, cases: Cases, state: State, last: Ints, offices: Sequence[Office],
    books: Sequence[tuple[Ints, Ints]], record: bool,
) -> Queued:  # fmt: skip
    """All worlds in one; events in order of (path, time)."""
    counted = world.sizes[1]
    desks = [office.desk for office in offices]
    events, turns = (np.concatenate([book[kind] for book in books], axis=1) for kind in (0, 1))
    turns, (path, step, time) = by_path(turns, len(cases.key)), by_path(events, len(cases.key))
    first = np.searchsorted(path, np.arange(len(cases.key) + 1))
    cost, tally, kept = np.zeros(len(cases.key)), np.zeros(counted, np.int64), np.zeros(events.shape[1], np.bool_)
    settle_all(world.rules, cases, state, step, time, first, last, cost, tally, kept)
    kept &= record
    told = path[kept], step[kept], time[kept]
    days = max(desk.queue.shape[1] for desk in desks)
    queue = sum(np.pad(desk.queue, ((0, 0), (0, days - desk.queue.shape[1]))) for desk in desks) / len(desks) / DAY
    waited = np.sum([desk.waited for desk in desks], axis=0).astype(np.float64)
    return Queued(last, cost, tally, told, waited, np.asarray(queue), Turns(*turns))


def by_path(book: Ints, n: int) -> Ints:
    """The columns path by path (the first row), each path's as they stand."""
    place = np.concatenate(([0], np.cumsum(np.bincount(book[0], minlength=n))))
    laid = np.empty_like(book)
    lay(book, place, laid)
    return laid


@fast
def lay(book: Ints, place: Ints, laid: Ints) -> None:
    for column in range(book.shape[1]):
        to = place[book[0, column]]
        place[book[0, column]] = to + 1
        for row in range(book.shape[0]):
            laid[row, to] = book[row, column]


@fast
def settle_all(
    rules: Rules, cases: Cases, state: State, step: Ints, time: Ints, first: Ints, last: Ints, cost: Floats, tally: Ints,
    kept: NDArray[np.bool_],
) -> None:  # fmt: skip
    for k in range(len(first) - 1):
        upto, final, cost[k] = settle(rules, cases, state, k, step, time, first[k], first[k + 1], tally)
        kept[first[k] : upto] = True
        if final >= 0:
            last[k] = final
