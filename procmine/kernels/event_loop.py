"""Event loop: cases that compete for servers and seats, in the order of time; the same lines run compiled or as they stand."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.crowd import Arm, Crowd, Events
from procmine.kernels.edits import Pool, Shared
from procmine.kernels.operational import HOUR, Clocks
from procmine.kernels.sampler import FIRST, NEVER, Chain

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

DAY = 86_400_000_000
SERVICE = 40  # what a random number is for: how long a server is held
NEW, STAYING, READY, SERVED, WAITING, COMING, GONE = range(7)  # where a case is
NOBODY = -1
SIZE, IN, EVENTS, TURNS = range(4)
OUT = 1024  # events of one stay, at most
BOOK = 65_536  # events and turns that are noted before the books are carried away
GOLDEN, SILVER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03)
ONE_IN = 2.0**-53
S11, S27, S30, S31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)
M1, M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class World(NamedTuple):
    """What `next_stop` and `move` read and change, and whether the plan is on."""

    law: Any
    rules: Any
    cases: Any
    state: Any
    on: bool


class Law(NamedTuple):
    table: Ints
    follow: Ints
    row: Floats
    first: Ints
    gap: Ints
    cause: Ints
    steps: int


class Cases(NamedTuple):
    key: Words
    stratum: Ints
    known: Ints


class State(NamedTuple):
    context: Ints
    begun: Ints
    at: Ints  # the step a case is at; the number of steps for the arrival
    times: Ints  # [cases, steps + 1]: how often it has been there
    ended: Ints


class Room(NamedTuple):
    """Pools and seats as arrays; a step is in one pool or has seats, or neither (-1)."""

    pool: Ints  # per step
    tables: Ints  # per step: its service times
    first: Ints  # per table of service times: its first place in `service`
    service: Floats
    servers: Ints
    clock: Ints
    newest: NDArray[np.bool_]
    lane: Ints  # per pool: its first lane; cases of one priority wait in one lane
    rank: Ints  # [pools, cases]: the lane that a case takes
    origin: int
    upto: Floats
    seats: Ints  # per step: which plan of days
    day: Ints  # per plan: its first place in `planned`
    planned: Ints
    left: Ints  # seats
    free: Ints  # per planned day: a later one that may have a seat


class Desk(NamedTuple):
    """Where everything is at one moment, and what was counted so far; the loop can be left and taken up again."""

    entry: Ints  # cases in the order in which they come in
    start: Ints  # per case: when it comes in
    limit: Ints
    price: Floats
    state: Ints
    cause: Ints  # the step that ends the stay
    active: Ints  # what the stay's own function said of it
    pool: Ints  # where it stands or is served
    moves: Ints
    before: Ints  # when its last event was
    came: Ints  # when it came to a pool
    called: Ints  # when its turn was
    behind: Ints  # who stands behind it
    front: Ints  # per lane
    rear: Ints
    busy: Ints  # per pool: servers
    lane: Ints  # per pool: the first lane in which somebody may stand
    woken: Ints  # per pool: 1 if it is to look again when it opens
    when: Ints  # the heap
    who: Ints
    count: Ints  # SIZE of the heap, cases that came IN, EVENTS and TURNS in the books
    events: Ints  # [3, places]: path, step, time
    turns: Ints  # [5, places]: path, pool, came, called, done
    ended: Ints
    last: Ints
    cost: Floats
    spent: Floats
    waited: Floats
    queue: Floats  # [pools and plans of days, days]: microseconds that cases stood there on that day
    step_out: Ints  # events of one stay
    time_out: Ints
    most: int
    grid: int  # when day 0 begins
    stop: int
    record: bool


@dataclass(frozen=True, eq=False)
class Turns:
    """One row per turn taken: whose (place in the crowd), at which place (pools, then plans of days), when the case came, was
    called, and was done; microseconds on the log's axis."""

    path: Ints
    place: Ints
    came: Ints
    called: Ints
    done: Ints


@dataclass(frozen=True, eq=False)
class QueuedArm(Arm):
    """An arm, with each turn where events were asked for."""

    turns: Turns | None = None


def mixed(word: Any) -> Any:
    """The finaliser of splitmix64, of one word."""
    word = word + GOLDEN
    word = (word ^ (word >> S30)) * M1
    word = (word ^ (word >> S27)) * M2
    return word ^ (word >> S31)


def chance(key: Any, at: int, times: int, purpose: int) -> float:
    """The number in [0, 1) of a case, the step it is at, how often it has been there, and purpose."""
    place = np.uint64(at) * GOLDEN + np.uint64(purpose) * SILVER
    word = mixed(key + place) ^ np.uint64(times)
    return float(mixed(word) >> S11) * ONE_IN


def place_after(values: Any, low: int, high: int, wanted: float) -> int:
    """The first of values[low:high] above `wanted`."""
    while low < high:
        middle = (low + high) >> 1
        if values[middle] <= wanted:
            low = middle + 1
        else:
            high = middle
    return low


def place_of(values: Any, low: int, high: int, wanted: float) -> int:
    """The first of values[low:high] that is not below `wanted`."""
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


# --- the stays: where a case goes next, and when -------------------------------------------------------------------


def next_stop(law: Any, rules: Any, cases: Any, state: Any, c: int, on: bool) -> tuple[int, int, int]:
    """The step that ends the stay which began at `since`, and when that would be; known not to end by `known` if later."""
    table = law.table[cases.stratum[c], state.context[c]]
    at = state.at[c]
    since = state.begun[c]
    known = cases.known[c]
    low, high = law.first[table], law.first[table + 1]
    u = chance(cases.key[c], at, state.times[c, at], FIRST)
    gone = 0.0
    if known > since:
        row = place_after(law.gap, low, high, known - since)
        if row > low:
            gone = law.row[row - 1] - table
    row = place_after(law.row, low, high, table + (gone + u * (1.0 - gone)))
    if row >= high:
        row = len(law.row)
    if law.gap[row] >= NEVER:
        return NEVER, law.cause[row], 0
    return since + law.gap[row], law.cause[row], 0


def move(law: Any, rules: Any, cases: Any, state: Any, c: int, end: int, cause: int, active: int, step_out: Any, time_out: Any) -> int:
    """The case has come to `cause`; whether it goes on."""
    if cause == law.steps:
        state.ended[c] = end
        return 0
    state.times[c, state.at[c]] += 1
    state.at[c] = cause
    state.context[c] = law.follow[state.context[c], cause]
    state.begun[c] = end
    step_out[0], time_out[0] = cause, end
    return 1


# --- clocks and service times ------------------------------------------------------------------------------------


def shown(room: Any, k: int, time: int) -> int:
    """What clock k shows, as `Clocks.read`."""
    since = time - room.origin
    if k == 0 or since < 0:
        return since
    last = room.upto.shape[1] - 1
    if since >= last * HOUR:
        return int(np.rint(room.upto[k, last] + (since - last * HOUR)))
    hour = since // HOUR
    part = (since - hour * HOUR) / HOUR
    return int(np.rint(room.upto[k, hour] + (room.upto[k, hour + 1] - room.upto[k, hour]) * part))


def moment(room: Any, k: int, wanted: int) -> int:
    """The first time at which clock k shows that, as `Clocks.at`."""
    if k == 0 or wanted < 0:
        return wanted + room.origin
    upto = room.upto[k]
    last = len(upto) - 1
    if wanted > upto[last]:
        return int(np.rint(last * HOUR + (wanted - upto[last]))) + room.origin
    hour = min(max(place_of(upto, 0, last + 1, wanted) - 1, 0), last - 1)
    wide = upto[hour + 1] - upto[hour]
    if wide <= 0:
        wide = 1.0
    return int(np.rint((hour + (wanted - upto[hour]) / wide) * HOUR)) + room.origin


def opens(room: Any, k: int, time: int) -> int:
    """The first time from `time` on at which clock k runs."""
    since = time - room.origin
    last = room.upto.shape[1] - 1
    if k == 0 or since < 0 or since >= last * HOUR:
        return time
    hour = since // HOUR
    if room.upto[k, hour + 1] > room.upto[k, hour]:
        return time
    while hour < last and room.upto[k, hour + 1] <= room.upto[k, hour]:
        hour += 1
    return int(hour * HOUR + room.origin)


def service_time(room: Any, cause: int, u: float) -> int:
    """The quantile at u of the step's service times."""
    low, high = room.first[room.tables[cause]], room.first[room.tables[cause] + 1]
    if high - low == 1:
        return int(np.rint(room.service[low]))
    place = u * (high - low - 1)
    whole = int(place)
    one, two = room.service[low + whole], room.service[low + whole + 1]
    return int(np.rint(one + (two - one) * (place - whole)))


# --- what comes when: a heap of (time, number) ---------------------------------------------------------------------


def push(when: Any, who: Any, size: int, time: int, one: int) -> int:
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if when[above] < time or (when[above] == time and who[above] < one):
            break
        when[place], who[place] = when[above], who[above]
        place = above
    when[place], who[place] = time, one
    return size + 1


def pop(when: Any, who: Any, size: int) -> int:
    """Take the top away; it was read before."""
    size -= 1
    time, one = when[size], who[size]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        right = below + 1
        if right < size and (when[right] < when[below] or (when[right] == when[below] and who[right] < who[below])):
            below = right
        if time < when[below] or (time == when[below] and one < who[below]):
            break
        when[place], who[place] = when[below], who[below]
        place = below
    when[place], who[place] = time, one
    return size



# --- the loop ------------------------------------------------------------------------------------------------------


def loop(world: Any, room: Any, desk: Any) -> bool:
    """Take one happening after the other until nothing is left or it is time to stop (True), or the books are full (False).

    A case beyond its own limit goes on, so that those behind it wait as they would, but is not counted.
    """
    n = len(desk.start)
    while True:
        if desk.count[EVENTS] > desk.events.shape[1] - OUT or desk.count[TURNS] == desk.turns.shape[1]:
            return False
        time, c = soonest(desk)
        if time > desk.stop:
            return True
        advance(desk, n)
        if c >= n:
            desk.woken[c - n] = 0
            serve(world, room, desk, c - n, time)
        elif desk.state[c] == READY:
            take_seat(room, desk, c, time)
        else:
            turn_up(world, room, desk, c, time)


def soonest(desk: Any) -> tuple[int, int]:
    """When and to whom something happens next; those under way before those who come in."""
    coming = desk.count[IN]
    more = coming < len(desk.entry)
    if desk.count[SIZE] > 0 and not (more and desk.start[desk.entry[coming]] < desk.when[0]):
        return desk.when[0], desk.who[0]
    if more:
        return desk.start[desk.entry[coming]], desk.entry[coming]
    return NEVER * 2 - 1, NOBODY


def advance(desk: Any, n: int) -> None:
    coming = desk.count[IN]
    more = coming < len(desk.entry)
    if desk.count[SIZE] > 0 and not (more and desk.start[desk.entry[coming]] < desk.when[0]):
        desk.count[SIZE] = pop(desk.when, desk.who, desk.count[SIZE])
    else:
        desk.count[IN] += 1


def turn_up(world: Any, room: Any, desk: Any, c: int, time: int) -> None:
    """A case comes in, or its stay ends; its next stay begins."""
    left = joined = NOBODY
    before = desk.state[c]
    if before == SERVED:
        left = desk.pool[c]
        leave(desk, c, left, time)
    if before == COMING:
        joined = line_up(room, desk, c, time)
    elif before == NEW or close(world, desk, c, time):
        joined = enter(world, room, desk, c, time)
    if left >= 0:
        serve(world, room, desk, left, time)
    if joined >= 0 and joined != left:
        serve(world, room, desk, joined, time)


def leave(desk: Any, c: int, pool: int, time: int) -> None:
    """A server is free again."""
    desk.busy[pool] -= 1
    if desk.record:
        enter_turn(desk, c, pool, desk.came[c], desk.called[c], time)


def enter_turn(desk: Any, c: int, place: int, came: int, called: int, done: int) -> None:
    row = desk.count[TURNS]
    desk.turns[0, row], desk.turns[1, row] = c, place
    desk.turns[2, row], desk.turns[3, row], desk.turns[4, row] = came, called, done
    desk.count[TURNS] += 1


def close(world: Any, desk: Any, c: int, time: int) -> bool:
    """The stay ends: its events are noted; whether the case goes on."""
    desk.state[c] = GONE
    n = move(world.law, world.rules, world.cases, world.state, c, time, desk.cause[c], desk.active[c], desk.step_out, desk.time_out)
    for k in range(n):
        note(desk, c, desk.step_out[k], desk.time_out[k])
    ended = world.state.ended[c]
    if ended < NEVER:
        if ended <= desk.limit[c]:
            desk.ended[c] = ended
            desk.spent[len(desk.spent) - 1] += ended - desk.before[c]
        return False
    desk.moves[c] += 1
    return bool(desk.moves[c] < desk.most)


def note(desk: Any, c: int, step: int, time: int) -> None:
    """What an event adds up to."""
    if time > desk.limit[c]:
        return
    desk.spent[step] += time - desk.before[c]
    desk.before[c], desk.last[c] = time, step
    desk.cost[c] += desk.price[step]
    if desk.record:
        row = desk.count[EVENTS]
        desk.events[0, row], desk.events[1, row], desk.events[2, row] = c, step, time
        desk.count[EVENTS] += 1


def enter(world: Any, room: Any, desk: Any, c: int, time: int) -> int:
    """A stay begins; the pool that the case joins, if any."""
    end, cause, active = next_stop(world.law, world.rules, world.cases, world.state, c, world.on)
    desk.cause[c], desk.active[c], desk.state[c] = cause, active, GONE
    if end >= NEVER:
        return NOBODY
    begun = world.state.begun[c]
    if room.pool[cause] < 0:
        ready = end
        desk.state[c] = READY if room.seats[cause] >= 0 else STAYING
    elif begun <= time:
        return line_up(room, desk, c, begun)
    else:
        ready = begun
        desk.state[c] = COMING
    await_time(desk, c, ready)
    return NOBODY


def await_time(desk: Any, c: int, time: int) -> None:
    desk.count[SIZE] = push(desk.when, desk.who, desk.count[SIZE], time, c)


def line_up(room: Any, desk: Any, c: int, since: int) -> int:
    """Behind those of its lane, or before them where the newest is served first; which pool it is."""
    pool: int = room.pool[desk.cause[c]]
    desk.state[c], desk.came[c], desk.pool[c] = WAITING, since, pool
    lane = room.lane[pool] + room.rank[pool, c]
    if desk.front[lane] == NOBODY:
        desk.front[lane] = desk.rear[lane] = c
        desk.behind[c] = NOBODY
    elif room.newest[pool]:
        desk.behind[c] = desk.front[lane]
        desk.front[lane] = c
    else:
        desk.behind[desk.rear[lane]] = c
        desk.behind[c] = NOBODY
        desk.rear[lane] = c
    if lane < desk.lane[pool]:
        desk.lane[pool] = lane
    return pool


def serve(world: Any, room: Any, desk: Any, pool: int, time: int) -> None:
    """Call who is next while a server is free, or look again when the pool opens."""
    while desk.busy[pool] < room.servers[pool]:
        lane = desk.lane[pool]
        while lane < room.lane[pool + 1] and desk.front[lane] == NOBODY:
            lane += 1
        desk.lane[pool] = lane
        if lane == room.lane[pool + 1]:
            return
        opening = opens(room, room.clock[pool], time)
        if opening > time:
            look_again(desk, pool, opening)
            return
        c = desk.front[lane]
        desk.front[lane] = desk.behind[c]
        call(world, room, desk, c, pool, time)


def look_again(desk: Any, pool: int, opening: int) -> None:
    if desk.woken[pool] == 0:
        desk.woken[pool] = 1
        desk.count[SIZE] = push(desk.when, desk.who, desk.count[SIZE], opening, len(desk.start) + pool)


def call(world: Any, room: Any, desk: Any, c: int, pool: int, time: int) -> None:
    """A server takes the case for a service time of its own, drawn whatever the queue was like."""
    desk.busy[pool] += 1
    desk.state[c], desk.called[c] = SERVED, time
    stand(desk, pool, desk.came[c], time)
    u = chance(world.cases.key[c], world.state.at[c], world.state.times[c, world.state.at[c]], SERVICE)
    clock = room.clock[pool]
    done = moment(room, clock, shown(room, clock, time) + service_time(room, desk.cause[c], u))
    await_time(desk, c, max(done, time))


def take_seat(room: Any, desk: Any, c: int, time: int) -> None:
    """The first planned day with a seat left; those who were ready before have taken theirs."""
    plan = room.seats[desk.cause[c]]
    place = free_day(room, plan, time)
    pools = len(room.servers)
    if place == room.day[plan + 1]:
        desk.state[c], desk.came[c] = WAITING, time
        stand(desk, pools + plan, time, desk.stop)
        return
    room.left[place] -= 1
    day = room.planned[place]
    desk.state[c] = STAYING
    await_time(desk, c, day)
    stand(desk, pools + plan, time, min(day, desk.stop))
    if desk.record:
        enter_turn(desk, c, pools + plan, time, day, day)


def free_day(room: Any, plan: int, ready: int) -> int:
    """The first planned day from `ready` on with a seat, as a place in `planned`; the plan's end where there is none."""
    end: int = room.day[plan + 1]
    place = place_of(room.planned, room.day[plan], end, ready)
    first = place
    while place < end and room.left[place] == 0:
        place = room.free[place]
    while first < place:  # who comes later need not look at the full days again
        beyond = room.free[first]
        room.free[first] = place
        first = beyond
    return place


def stand(desk: Any, place: int, came: int, until: int) -> None:
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


# --- from cases, pools and seats to arrays, and back ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Watch:
    """How long cases are followed (absolute, per case), after how many steps one is left open, what steps cost, when day 0 of
    the queues begins, and whether events and turns are kept."""

    limit: Ints
    most: int
    price: Floats
    since: int
    record: bool = False


def run_queues(
    chain: Chain,
    stratum: Ints,
    crowd: Crowd,
    shared: Shared,
    watch: Watch,
    *,
    world: Ints | None = None,
    threads: int | None = None,
    compiled: bool | None = None,
) -> QueuedArm:
    """What becomes of a crowd whose cases compete for servers and seats.

    A case whose next step belongs to a pool joins it when its stay begins, is called in its turn, and comes to the step when
    the service is over. Open cases (`known` after `begun`) stand where they came, and are served from `known` on; a service
    under way begins again then. `world`: cases compete only with those of the same number (replications). waited and queue:
    calendar time until called, closed hours included, of those still waiting too; first the pools, then the plans of days;
    queue is the mean of the worlds. `compiled`: None takes what there is; both forms give the same bits.
    """
    world = np.zeros(len(crowd.key), np.int64) if world is None else world
    loop_form = loop_of(compiled)
    numbers = np.unique(world)

    def one(number: int) -> tuple[Desk, list[Ints], list[Ints], Ints]:
        cases = np.flatnonzero(world == number)
        part = Crowd(*(column[cases] for column in vars(crowd).values()))
        own = world_of(chain, stratum[cases], part)
        desk = desk_of(part, shared, replace(watch, limit=watch.limit[cases]))
        room = room_of(shared, chain.clocks, part.like, len(watch.price) + 1)
        return desk, *run_one(loop_form, own, room, desk), cases

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as workers:
        return together(list(workers.map(one, numbers)), len(crowd.key))


def run_one(form: Callable[..., Any], world: World, room: Room, desk: Desk) -> tuple[list[Ints], list[Ints]]:
    """One world to its end; its books."""
    events, turns = [], []
    with np.errstate(over="ignore"):  # the hash wraps by intent
        while True:
            over = form(world, room, desk)
            events.append(desk.events[:, : desk.count[EVENTS]].copy())
            turns.append(desk.turns[:, : desk.count[TURNS]].copy())
            desk.count[EVENTS] = desk.count[TURNS] = 0
            if over:
                still_standing(room, desk)
                return events, turns


def still_standing(room: Room, desk: Desk) -> None:
    """Those who wait when watching stops have waited too."""
    for c in np.flatnonzero((desk.state == WAITING) & (room.pool[desk.cause] >= 0)):
        stand(desk, int(room.pool[desk.cause[c]]), int(desk.came[c]), desk.stop)


def loop_of(compiled: bool | None) -> Callable[..., Any]:
    if compiled is False or (compiled is None and find_spec("numba") is None):
        return loop
    from procmine.kernels import jit_queue

    form: Callable[..., Any] = jit_queue.loop
    return form


def world_of(chain: Chain, stratum: Ints, crowd: Crowd) -> World:
    n, steps, rows = len(crowd.key), chain.end, chain.every
    last = np.full(n, steps, np.int64) if chain.last is None else chain.last[crowd.context]
    law = Law(
        chain.table.astype(np.int64),
        chain.follow.astype(np.int64),
        rows.key,
        rows.first.astype(np.int64),
        rows.gap,
        rows.cause,
        steps,
    )
    state = State(
        crowd.context.astype(np.int64),
        crowd.begun.copy(),
        last.astype(np.int64),
        np.zeros((n, steps + 1), np.int64),
        np.full(n, NEVER),
    )
    return World(law, 0, Cases(crowd.key, stratum, crowd.known), state, True)


def desk_of(crowd: Crowd, shared: Shared, watch: Watch) -> Desk:
    n, pools, plans = len(crowd.key), len(shared.pools), len(shared.seats)
    start = np.maximum(crowd.known, crowd.begun)
    stop = int(watch.limit.max(initial=watch.since))
    lanes = int(first_lanes(shared)[-1])
    days = max((stop - watch.since) // DAY + 1, 1)
    book = BOOK if watch.record else OUT + 1
    whole, none = np.zeros(n, np.int64), np.full(n, NOBODY)
    return Desk(
        entry=np.lexsort((np.arange(n), crowd.begun, start)).astype(np.int64),
        start=start,
        limit=watch.limit,
        price=watch.price,
        state=whole.copy(),
        cause=whole.copy(),
        active=whole.copy(),
        pool=none.copy(),
        moves=whole.copy(),
        before=crowd.begun.copy(),
        came=whole.copy(),
        called=whole.copy(),
        behind=none.copy(),
        front=np.full(lanes, NOBODY),
        rear=np.full(lanes, NOBODY),
        busy=np.zeros(pools, np.int64),
        lane=first_lanes(shared)[:-1].copy(),
        woken=np.zeros(pools, np.int64),
        when=np.empty(n + pools, np.int64),
        who=np.empty(n + pools, np.int64),
        count=np.zeros(4, np.int64),
        events=np.empty((3, book), np.int64),
        turns=np.empty((5, book), np.int64),
        ended=np.full(n, NEVER),
        last=none.copy(),
        cost=np.zeros(n),
        spent=np.zeros(len(watch.price) + 1, np.int64),
        waited=np.zeros(pools + plans),
        queue=np.zeros((pools + plans, days)),
        step_out=np.zeros(OUT, np.int64),
        time_out=np.zeros(OUT, np.int64),
        most=watch.most,
        grid=watch.since,
        stop=stop,
        record=watch.record,
    )


def first_lanes(shared: Shared) -> Ints:
    lanes = [1 if pool.priority is None else len(np.unique(pool.priority)) for pool in shared.pools]
    return np.concatenate(([0], np.cumsum(lanes))).astype(np.int64)


def room_of(shared: Shared, clocks: Clocks | None, like: Ints, causes: int) -> Room:
    """Pools and seats as arrays; `causes`: all steps, new ones too, and the end."""
    pool, tables, seats = (np.full(causes, NOBODY) for _ in range(3))
    service: list[Floats] = []
    for number, one in enumerate(shared.pools):
        for step, table in zip(one.steps, one.service, strict=True):
            pool[step], tables[step] = number, len(service)
            service.append(np.asarray(table, np.float64))
    for number, plan in enumerate(shared.seats):
        seats[plan.step] = number
    planned = [np.asarray(plan.planned, np.int64) for plan in shared.seats]
    day = np.concatenate(([0], np.cumsum([len(one) for one in planned]))).astype(np.int64)
    none = np.empty(0, np.int64)
    return Room(
        pool=pool,
        tables=tables,
        first=np.concatenate(([0], np.cumsum([len(one) for one in service]))).astype(np.int64),
        service=np.concatenate([np.empty(0), *service]),
        servers=np.array([one.servers for one in shared.pools], np.int64),
        clock=np.array([one.clock for one in shared.pools], np.int64),
        newest=np.array([one.newest for one in shared.pools], np.bool_),
        lane=first_lanes(shared),
        rank=np.array([ranks(one, like) for one in shared.pools], np.int64).reshape(len(shared.pools), len(like)),
        origin=0 if clocks is None else clocks.origin,
        upto=np.zeros((1, 2)) if clocks is None else clocks.upto,
        seats=seats,
        day=day,
        planned=np.concatenate([none, *planned]),
        left=np.repeat(np.array([plan.seats for plan in shared.seats], np.int64), np.diff(day)),
        free=np.arange(1, day[-1] + 1),
    )


def ranks(pool: Pool, like: Ints) -> Ints:
    """The lane of each case within its pool."""
    if pool.priority is None:
        return np.zeros(len(like), np.int64)
    return np.searchsorted(np.unique(pool.priority), pool.priority[like]).astype(np.int64)


def together(parts: Sequence[tuple[Desk, list[Ints], list[Ints], Ints]], n: int) -> QueuedArm:
    """One arm of all worlds."""
    ended, last, cost = np.full(n, NEVER), np.full(n, NOBODY), np.zeros(n)
    for desk, _, _, cases in parts:
        ended[cases], last[cases], cost[cases] = desk.ended, desk.last, desk.cost
    desks = [desk for desk, *_ in parts]
    waited = np.sum([desk.waited for desk in desks], axis=0)
    queue = np.mean([_padded(desk.queue, max(one.queue.shape[1] for one in desks)) for desk in desks], axis=0) / DAY
    spent = np.sum([desk.spent for desk in desks], axis=0).astype(np.float64)
    if not desks[0].record:
        return QueuedArm(ended, last, cost, spent, waited, queue)
    events = _joined([(cases, book) for _, book, _, cases in parts])
    events = events[:, np.argsort(events[0], kind="stable")]
    turns = _joined([(cases, book) for _, _, book, cases in parts])
    return QueuedArm(ended, last, cost, spent, waited, queue, Events(*events), Turns(*turns))


def _padded(queue: Floats, days: int) -> Floats:
    return np.pad(queue, ((0, 0), (0, days - queue.shape[1])))


def _joined(books: Sequence[tuple[Ints, list[Ints]]]) -> Ints:
    """Books of worlds as one, with the places of cases in the whole crowd."""
    pages = []
    for cases, book in books:
        for page in book:
            pages.append(np.concatenate((cases[page[:1]], page[1:])))
    return np.concatenate(pages, axis=1)
