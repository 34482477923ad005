"""Paths of single cases, stay by stay: compiled where numba is there, else the same lines as plain Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.edits import ANY, CAP, ESCALATE, INSERT, SCALE, SESSION, SET, SKIP
from procmine.kernels.laws import (
    BACKOFF,
    DAY,
    EDIT,
    FIRST,
    FRAILTY,
    NEVER,
    OTHER,
    ROUTE,
    ROUTED,
    Cases,
    Law,
    Rows,
    Rules,
    State,
)  # fmt: skip
from procmine.kernels.operational import HOUR

numba: Any
try:
    import numba
except ImportError:  # no wheels for some machines
    numba = None

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Function = TypeVar("Function", bound=Callable[..., Any])

COMPILED = numba is not None and not numba.config.DISABLE_JIT
NEAR = 256  # hours
GOLDEN, SILVER, COPPER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03), np.uint64(0x8CB92BA72F3D8DD7)
M1, M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S11, S27, S30, S31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)
ONE_IN = 2.0**-53


def fast(function: Function) -> Function:
    """Compiled where that can be; in line, and without counting references: these tuples hold a hundred arrays."""
    if numba is None:
        return function
    made: Function = numba.njit(cache=True, nogil=True, forceinline=True, _nrt=False)(function)
    return made


# ---- random numbers ----


@fast
def uniform(key: Any, at: int, visit: int, purpose: int) -> float:
    """In [0, 1): the number of this case, for this purpose, at its visit of that number of the step it is at."""
    word = key + np.uint64(at) * GOLDEN + np.uint64(visit) * SILVER + np.uint64(purpose) * COPPER + GOLDEN
    word = (word ^ (word >> S30)) * M1
    word = (word ^ (word >> S27)) * M2
    return float((word ^ (word >> S31)) >> S11) * ONE_IN


# ---- clocks ----


@fast
def read(law: Law, clock: int, time: int) -> int:
    """What the clock shows; as Clocks.read."""
    since = time - law.origin
    if clock == 0:
        return since
    last = law.upto.shape[1] - 1
    if since < 0:
        return since
    if since >= last * HOUR:
        return int(np.rint(law.upto[clock, last] + (since - last * HOUR)))
    hour = since // HOUR
    part = (since - hour * HOUR) / HOUR
    return int(np.rint(law.upto[clock, hour] + (law.upto[clock, hour + 1] - law.upto[clock, hour]) * part))


@fast
def moment(law: Law, clock: int, shown: int) -> int:
    """When the clock first shows that; as Clocks.at."""
    time = shown if clock == 0 or shown < 0 else since_origin(law, clock, shown)
    time += law.origin
    return time if law.whole == 1 else (time + law.whole // 2) // law.whole * law.whole


@fast
def since_origin(law: Law, clock: int, shown: int) -> int:
    upto, last = law.upto[clock], law.upto.shape[1] - 1
    if shown > upto[last]:
        return int(np.rint(last * HOUR + (shown - upto[last])))
    near = min(max(shown // HOUR, 0), last)  # clocks run as fast as the calendar, over some weeks
    low, high = max(near - NEAR, 0), min(near + NEAR, last) + 1
    if upto[low] >= shown:
        low, high = 0, low + 1
    elif upto[high - 1] < shown:
        low, high = high, last + 1
    while low < high:
        middle = (low + high) // 2
        if upto[middle] < shown:
            low = middle + 1
        else:
            high = middle
    hour = min(max(low - 1, 0), last - 1)
    wide = upto[hour + 1] - upto[hour]
    return int(np.rint((hour + (shown - upto[hour]) / (wide if wide > 0 else 1.0)) * HOUR))


@fast
def later(law: Law, clock: int, begun: int, gap: int) -> int:
    """`gap` on the clock after `begun`; as Clocks.after."""
    return NEVER if gap >= NEVER else max(begun, moment(law, clock, read(law, clock, begun) + gap))


# ---- what comes next, as it is ----


@fast
def bent(frailty: Floats, kind: int, u: float) -> float:
    """Which quantile a class of cases has where all have `u`."""
    places = frailty.shape[1] - 1
    if places < 1:
        return u
    place = min(int(u * places), places - 1)
    return float(frailty[kind, place] + (frailty[kind, place + 1] - frailty[kind, place]) * (u * places - place))


@fast
def straight(frailty: Floats, kind: int, share: float) -> float:
    """The other way round."""
    places = frailty.shape[1] - 1
    if places < 1:
        return share
    place = 0
    while place < places - 1 and frailty[kind, place + 1] <= share:
        place += 1
    wide = frailty[kind, place + 1] - frailty[kind, place]
    part = (share - frailty[kind, place]) / wide if wide > 0 else 0.0
    return float((place + min(max(part, 0.0), 1.0)) / places)


@fast
def row_after(rows: Rows, table: int, gap: int) -> int:
    """The first row of a table with a longer gap."""
    low, high = rows.first[table], rows.first[table + 1]
    while low < high:
        middle = (low + high) // 2
        if rows.gap[middle] <= gap:
            low = middle + 1
        else:
            high = middle
    return int(low)


@fast
def gone_by(rows: Rows, table: int, row: int) -> float:
    """The share of a table that has gone before a row."""
    return float(rows.key[row - 1] - table) if row > rows.first[table] else 0.0


@fast
def row_at(rows: Rows, table: int, share: float) -> int:
    """The row by which more than `share` has gone; the last of all (never) where that does not come."""
    place, low, high = table + share, rows.first[table], rows.first[table + 1]
    top = high
    while low < high:
        middle = (low + high) // 2
        if rows.key[middle] <= place:
            low = middle + 1
        else:
            high = middle
    return int(low) if low < top else len(rows.key)


@fast
def pick(law: Law, rows: Rows, table: int, kind: int, after: int, u: float) -> int:
    """A row of a table, given that its gap is longer than `after` (-1: nothing is given)."""
    if after < 0:
        return row_at(rows, table, bent(law.frailty, kind, u))
    gone = gone_by(rows, table, row_after(rows, table, after))
    least = straight(law.frailty, kind, gone)
    share = bent(law.frailty, kind, least + u * (1 - least))
    return row_at(rows, table, max(share, gone))


@fast
def table_of(law: Law, cases: Cases, k: int, context: int, at: int, visit: int, after: int) -> int:
    """The table that this visit draws from: its context's own, or one of fewer last steps."""
    key, stratum = cases.key[k], cases.stratum[k]
    if after >= 0:
        return longest_lasting(law, cases, k, context, at, visit, after)
    purpose = BACKOFF
    while law.shorter[context] >= 0 and law.trust[stratum, context] < 1:
        if uniform(key, at, visit, purpose) < law.trust[stratum, context]:
            break
        context = law.shorter[context]
        purpose += 1
    return int(law.table[stratum, context])


@fast
def lasting(law: Law, stratum: int, context: int, kind: int, after: int) -> float:
    """How many of a class of cases stay longer than `after`, whatever table they draw from."""
    chance, found = 1.0, 0.0
    while True:
        last = law.shorter[context] < 0 or law.trust[stratum, context] >= 1
        own = chance * (1.0 if last else law.trust[stratum, context])
        table = law.table[stratum, context]
        gone = gone_by(law.every, table, row_after(law.every, table, after))
        found += own * (1 - straight(law.frailty, kind, gone))
        if last:
            return found
        chance -= own
        context = law.shorter[context]


@fast
def classify(law: Law, cases: Cases, state: State) -> None:
    """Cases that have been in their stay for a while are of a slow class as much more often as more of these last so long."""
    classes, steps = law.frailty.shape[0], law.follow.shape[1]
    for k in range(len(cases.key)):
        if classes < 2 or state.known[k] <= state.begun[k]:
            continue
        clock, stratum, context = law.clock[state.at[k]], cases.stratum[k], state.context[k]
        after = max(read(law, clock, state.known[k]) - read(law, clock, state.begun[k]), 0)
        total = 0.0
        for kind in range(classes):
            total += lasting(law, stratum, context, kind, after)
        wanted, kind = uniform(cases.key[k], steps, 0, FRAILTY) * total, 0
        wanted -= lasting(law, stratum, context, 0, after)
        while kind < classes - 1 and wanted >= 0:
            kind += 1
            wanted -= lasting(law, stratum, context, kind, after)
        cases.kind[k] = kind


@fast
def longest_lasting(law: Law, cases: Cases, k: int, context: int, at: int, visit: int, after: int) -> int:
    """The same, given that the gap is longer than `after`: tables count as much more as more of them lasts so long."""
    stratum, u = cases.stratum[k], uniform(cases.key[k], at, visit, BACKOFF)
    total, wanted = 0.0, -1.0
    for again in range(2):
        here, chance, upto = context, 1.0, 0.0
        while True:
            last = law.shorter[here] < 0 or law.trust[stratum, here] >= 1
            table = law.table[stratum, here]
            gone = gone_by(law.every, table, row_after(law.every, table, after))
            own = chance * (1.0 if last else law.trust[stratum, here])
            upto += own * (1 - straight(law.frailty, cases.kind[k], gone))
            if last or (again == 1 and upto > wanted):
                break
            chance -= own
            here = law.shorter[here]
        if again == 1:
            return int(law.table[stratum, here])
        total = upto
        wanted = u * total
    return 0


# ---- what a policy changes ----


@fast
def live(cases: Cases, scope: int, k: int, was: int) -> bool:
    """Whether a scope is for this case, and a stay that would have ended at `was` in its time."""
    return bool(cases.applies[scope, k] and was > cases.start[scope, k])


@fast
def fits(law: Law, after: int, at: int) -> bool:
    """Whether an edit for what follows a step holds for what follows the step, or block, that the case is at."""
    if after in (ANY, at):
        return True
    inside = law.activities <= at < law.activities + law.within.shape[0] and after < law.activities
    return bool(inside and law.within[at - law.activities, after])


@fast
def quantile(rules: Rules, edit: int, u: float) -> int:
    low, places = rules.table_at[edit], rules.table_at[edit + 1] - rules.table_at[edit] - 1
    if places < 1:
        return int(np.rint(rules.table[low]))
    place = min(int(u * places), places - 1)
    one, two = rules.table[low + place], rules.table[low + place + 1]
    return int(np.rint(one + (two - one) * (u * places - place)))


@fast
def happens(
    law: Law, rules: Rules, cases: Cases, k: int, edit: int, cause: int, at: int, place: int, visit: int, was: int
) -> bool:
    """Whether an edit holds for a stay at `at` that ended by `cause` at `was`; its numbers are those of `place`, `visit`."""
    if rules.step[edit] != cause or not fits(law, rules.after[edit], at) or not live(cases, rules.scope[edit], k, was):
        return False
    return bool(rules.chance[edit] >= 1 or uniform(cases.key[k], place, visit, EDIT + 2 * edit) < rules.chance[edit])


@fast
def sooner(rules: Rules, edit: int, apart: float, long: float) -> float:
    """How many items are decided within `long` sessions that are `apart`, if they come evenly between these and are ready as
    the edit's table of times from the beginning on says."""
    found = 0.0
    for place in range(rules.table_at[edit], rules.table_at[edit + 1]):
        found += min(max(long - rules.table[place] / apart, 0.0), 1.0)
    return found


@fast
def prepared(rules: Rules, edit: int, begun: int, end: int, place: int, u: float, evenly: int) -> int:
    """When an item is ready that is decided in the session `place`: it is as late among all items as the number of sessions
    it takes (or as its time, where it ends between sessions); `evenly` where there is no table."""
    size = rules.table_at[edit + 1] - rules.table_at[edit]
    low, high = rules.held_at[edit], rules.held_at[edit + 1]
    number = place - low - np.searchsorted(rules.held[low:high], begun, side="right") + 1
    if size < 2 or high - low < 2:
        return evenly
    apart = (rules.held[high - 1] - rules.held[low]) / (high - 1 - low)
    if end - rules.held[place] > DAY:
        since = upto = sooner(rules, edit, apart, (end - begun) / apart)
    else:
        since, upto = sooner(rules, edit, apart, number - 1.0), sooner(rules, edit, apart, number * 1.0)
    rank = min(max(int(since + u * (upto - since)), 0), size - 1)
    return begun + int(np.rint(rules.table[rules.table_at[edit] + rank]))


@fast
def session(rules: Rules, edit: int, begun: int, end: int, u: float) -> tuple[int, int]:
    """`end`, decided on a day on which sessions are held, moved to the first planned one for which the case is ready; and
    when it is ready. Where no days are held today, all of the stay may have been waiting for one.
    """
    low, high = rules.held_at[edit], rules.held_at[edit + 1]
    held, since, place = end, begun, low
    if low < high:
        place = low + np.searchsorted(rules.held[low:high], end, side="right") - 1
        if place < low:
            return end, end
        held = rules.held[place]
        since = min(max(begun, rules.held[place - 1]) if place > low else begun, held)
    part = u if np.isnan(rules.ready[edit]) else 1 - rules.ready[edit]
    ready = held - int(np.floor(part * (held - since)))
    if np.isnan(rules.ready[edit]):
        ready = prepared(rules, edit, begun, end, place, u, ready)
        if rules.table_at[edit + 1] - rules.table_at[edit] > 1 and end - held > DAY:
            held = end  # the model has it end between sessions: with the policy, it is decided in one
    first, top = rules.planned_at[edit], rules.planned_at[edit + 1]
    next_one = first + int(np.searchsorted(rules.planned[first:top], ready, side="left"))
    return (int(rules.planned[next_one] + (end - held)) if next_one < top else NEVER), ready


@fast
def one_edit(law: Law, rules: Rules, edit: int, clock: int, begun: int, gap: int, end: int, u: float) -> int:
    """When the stay ends with this edit."""
    kind = rules.kind[edit]
    if kind == SET:
        return begun + quantile(rules, edit, u)
    if kind == SCALE:
        return end if rules.factor[edit] == 1 else later(law, clock, begun, int(np.rint(rules.factor[edit] * gap)))
    if kind == CAP:
        return min(end, begun + quantile(rules, edit, u))
    if kind == ESCALATE:
        over = begun + rules.limit[edit]
        return end if end <= over else min(end, over + quantile(rules, edit, u))
    if kind == SKIP:
        return begun
    return later(law, rules.clock[edit], begun, gap)


@fast
def floor(state: State, k: int) -> int:
    """Up to when it is known that the stay goes on."""
    return int(state.known[k]) if state.known[k] > state.begun[k] else -NEVER


@fast
def edited(
    law: Law,
    rules: Rules,
    cases: Cases,
    state: State,
    k: int,
    at: int,
    place: int,
    visit: int,
    clock: int,
    begun: int,
    gap: int,
    cause: int,
    end: int,
    was: int,
) -> int:
    """When a stay at `at` since `begun` ends by `cause`, which it did at `end`, after `gap` on its clock."""
    state.ready[k] = end
    if end >= NEVER or not rules.touches[cause]:
        return end
    key = cases.key[k]
    for edit in range(len(rules.kind)):
        if rules.kind[edit] == INSERT or not happens(law, rules, cases, k, edit, cause, at, place, visit, was):
            continue
        u = uniform(key, place, visit, EDIT + 2 * edit + 1)
        if rules.kind[edit] == SESSION:
            new, state.ready[k] = session(rules, edit, begun, end, u)
        else:
            new = one_edit(law, rules, edit, clock, begun, gap, end, u)
            state.ready[k] = new
        if new == end:
            continue
        end = max(new, cases.start[rules.scope[edit], k], floor(state, k))
        if end >= NEVER:
            return end
        gap = read(law, clock, end) - read(law, clock, begun)
    return end


@fast
def stay_edited(
    law: Law, rules: Rules, cases: Cases, state: State, k: int, at: int, begun: int, gap: int, cause: int, was: int
) -> int:
    """The same of the stay in which a case is, or of one that it would be in."""
    clock, visit = law.clock[at], state.visits[k, at]
    end = later(law, clock, begun, gap)
    return edited(law, rules, cases, state, k, at, at, visit, clock, begun, gap, cause, end, was)


# ---- blocks ----


@fast
def ready_for(law: Law, state: State, k: int, place: int, low: int, part: int, none: int) -> int:
    """When all that a member waits for is there; without any, `none`."""
    found = none
    for need in range(law.needs[place], law.needs[place + 1]):
        found = max(found, state.parts[k, part, law.needed[need] - low])
    return found


@fast
def waits_last_for(law: Law, state: State, k: int, place: int, low: int, at: int) -> int:
    """The step after which a member comes: that of the last it waits for; without any, the step the case is at."""
    found, latest = at, -1
    for need in range(law.needs[place], law.needs[place + 1]):
        end = state.parts[k, 0, law.needed[need] - low]
        if end > latest:
            found, latest = law.step[law.needed[need]], end
    return found


@fast
def play(
    law: Law, rules: Rules, cases: Cases, state: State, k: int, on: bool, write: bool, step_out: Ints, time_out: Ints
) -> tuple[int, int]:
    """The episode that was drawn for the stay, member by member: when the last one ends, and how many events are written.

    parts: what the clock shows, since the stay began, at each member's end as it was drawn, and as it comes; and the moment.
    """
    at, begun = state.at[k], state.begun[k]
    clock, shown = law.clock[at], read(law, law.clock[at], begun)
    low, high = law.members[state.episode[k]], law.members[state.episode[k] + 1]
    longer, join, made = state.gap[k] - longest(law, state, k, low, high), begun, 0
    for place in range(low, high):
        number, step = place - low, law.step[place]
        alone = law.needs[place] == law.needs[place + 1]
        lag = law.lag[place] + (longer if alone else 0)
        drawn = ready_for(law, state, k, place, low, 0, 0) + lag
        ready, since = ready_for(law, state, k, place, low, 1, 0), ready_for(law, state, k, place, low, 2, begun)
        end = max(since, moment(law, clock, shown + ready + lag))
        state.parts[k, 0, number], state.parts[k, 1, number] = drawn, ready + lag
        was = max(moment(law, clock, shown + drawn), begun) if on else -NEVER
        over, skips = end, False
        if was > state.known[k]:
            after = waits_last_for(law, state, k, place, low, at)
            visit = state.visits[k, step] + 1 + before(law, place, low)
            new = edited(law, rules, cases, state, k, after, step, visit, clock, since, lag, step, end, was)
            skips = skipped(law, rules, cases, k, step, after, step, visit, was)
            over = new
            if write and not skips:
                step_out[made], time_out[made] = step, new
                made += 1
            if rules.inserts[step]:
                out = step_out, time_out, made
                over, made = inserted(law, rules, cases, k, step, after, step, visit, was, new, write, *out)
            if over != end:
                state.parts[k, 1, number] = read(law, clock, over) - shown
        elif write and end > state.known[k]:
            step_out[made], time_out[made] = step, end
            made += 1
        state.parts[k, 2, number] = over
        join = max(join, over)
    return join, made


@fast
def longest(law: Law, state: State, k: int, low: int, high: int) -> int:
    """How long an episode took."""
    found = 0
    for place in range(low, high):
        state.parts[k, 0, place - low] = ready_for(law, state, k, place, low, 0, 0) + law.lag[place]
        found = max(found, state.parts[k, 0, place - low])
    return found


@fast
def before(law: Law, place: int, low: int) -> int:
    """How many members of the same step come before this one."""
    found = 0
    for one in range(low, place):
        found += law.step[one] == law.step[place]
    return found


# ---- routes ----


@fast
def routed(
    law: Law, rules: Rules, cases: Cases, state: State, k: int, table: int, after: int, row: int, was: int
) -> int:
    """The row by which a stay ends instead where a policy makes a step more, or less, likely."""
    at, first = state.at[k], law.every.first[table] if after < 0 else row_after(law.every, table, after)
    top, lasts = law.every.first[table + 1], 1 - gone_by(law.every, table, first)
    cause, mine = law.every.cause[row], -1
    rest_before, rest_after, short = 1.0, 1.0, 0.0
    before, chance = state.odds[k, 0], state.odds[k, 1]
    for route in range(rules.routes):
        before[route], chance[route] = 0.0, -1.0
        if not fits(law, rules.route_after[route], at) or not live(cases, rules.route_scope[route], k, was):
            continue
        before[route] = (rules.share[route, top] - rules.share[route, first]) / lasts
        if before[route] <= 0:
            continue
        chance[route] = rules.route_chance[route]
        rest_before -= before[route]
        rest_after -= chance[route]
        short += max(chance[route] - before[route], 0.0)
        if rules.route_step[route] == cause:
            mine = route
    own = rest_before if mine < 0 else before[mine]
    keep = (rest_after if mine < 0 else chance[mine]) / own if own > 0 else 1.0
    more = max(rest_after - rest_before, 0.0) if rest_before > 1e-12 else 0.0
    u = uniform(cases.key[k], at, state.visits[k, at], ROUTE)
    if u < keep or short + more <= 0:
        return row
    wanted = (u - keep) / (1 - keep) * (short + more)
    v = uniform(cases.key[k], at, state.visits[k, at], ROUTED)
    for route in range(rules.routes):
        if chance[route] > before[route]:
            wanted -= chance[route] - before[route]
            if wanted < 0:
                return among(rules.share[route], first, top, v)
    return among_others(law, rules, chance, first, top, lasts, v)


@fast
def among(upto: Floats, first: int, top: int, u: float) -> int:
    """A row in proportion to what goes by it."""
    place = upto[first] + u * (upto[top] - upto[first])
    row = int(np.searchsorted(upto[first : top + 1], place, side="right")) + first - 1
    while row >= top or (row > first and upto[row + 1] == upto[row]):
        row -= 1
    return row


@fast
def among_others(law: Law, rules: Rules, chance: Floats, first: int, top: int, lasts: float, u: float) -> int:
    """A row of the steps that no route names, never included, in proportion."""
    total = lasts
    for route in range(rules.routes):
        if chance[route] >= 0:
            total -= rules.share[route, top] - rules.share[route, first]
    wanted = u * total
    for row in range(first, top):
        named = False
        for route in range(rules.routes):
            named = named or (chance[route] >= 0 and rules.route_step[route] == law.every.cause[row])
        if not named:
            wanted -= rules.rest[row + 1] - rules.rest[row]
            if wanted < 0:
                return row
    return len(law.every.key)


# ---- one stay ----


@fast
def next_stop(law: Law, rules: Rules, cases: Cases, state: State, k: int, on: bool) -> tuple[int, int, int]:
    """When and by which cause the stay that case k is in ends; and when it would have without a policy (not `on`: never
    touched). The end of a case is the cause after all steps.
    """
    at, begun, known, visit = state.at[k], state.begun[k], state.known[k], state.visits[k, state.at[k]]
    clock, key = law.clock[at], cases.key[k]
    after = max(read(law, clock, known) - read(law, clock, begun), 0) if known > begun else -1
    table = table_of(law, cases, k, state.context[k], at, visit, after)
    row = pick(law, law.every, table, cases.kind[k], after, uniform(key, at, visit, FIRST))
    was = max(later(law, clock, begun, law.every.gap[row]), known)
    state.episode[k], state.gap[k] = law.every.episode[row], law.every.gap[row]
    untouched = was, int(law.every.cause[row]), -NEVER
    held = False
    for scope in range(cases.applies.shape[0]):
        held = held or live(cases, scope, k, was)
    if not on:
        state.stirred[k] = state.stirred[k] or (held and rules.stirs[untouched[1]])
    if not on or not held:
        return untouched
    return changed_stop(law, rules, cases, state, k, table, after, row, was)


@fast
def changed_stop(
    law: Law, rules: Rules, cases: Cases, state: State, k: int, table: int, after: int, row: int, was: int
) -> tuple[int, int, int]:
    """The same under the policy."""
    at, begun, drawn = state.at[k], state.begun[k], row
    if rules.routes > 0:
        row = routed(law, rules, cases, state, k, table, after, row, was)
    gap, cause = law.every.gap[row], int(law.every.cause[row])
    state.episode[k], state.gap[k] = law.every.episode[row], gap
    for pair in range(len(rules.beside)):
        together = rules.beside[pair, 0] == at and rules.beside[pair, 1] == cause
        if together and state.before[k] > -NEVER and live(cases, 0, k, was):
            begun = state.before[k]
    if state.episode[k] >= 0:
        end = play(law, rules, cases, state, k, True, False, state.begun, state.begun)[0]
    else:
        end = stay_edited(law, rules, cases, state, k, at, begun, gap, cause, was)
    end = max(end, floor(state, k))
    if row != drawn or begun != state.begun[k]:
        end = max(end, first_start(cases, k, was))
    if law.splits and live(cases, 0, k, was) and row == drawn:
        end, cause = given_up(law, rules, cases, state, k, table, gap, cause, end, was)
    return end, cause, was


@fast
def first_start(cases: Cases, k: int, was: int) -> int:
    """The earliest start of what is for this case."""
    found = NEVER
    for scope in range(cases.applies.shape[0]):
        if live(cases, scope, k, was):
            found = min(found, cases.start[scope, k])
    return found


@fast
def given_up(
    law: Law,
    rules: Rules,
    cases: Cases,
    state: State,
    k: int,
    table: int,
    gap: int,
    cause: int,
    end: int,
    was: int,
) -> tuple[int, int]:
    """Who gave up is there for a decision that now comes before; who waits longer now may give up before."""
    at, begun = state.at[k], state.begun[k]
    u = uniform(cases.key[k], at, state.visits[k, at], OTHER)
    if law.leaving[cause]:
        row = pick(law, law.decide, table, cases.kind[k], gap, u)
        by, natural = int(law.decide.cause[row]), later(law, law.clock[at], begun, law.decide.gap[row])
        if law.decide.episode[row] >= 0:
            return end, cause
        decided = stay_edited(law, rules, cases, state, k, at, begun, law.decide.gap[row], by, was)
        return (decided, by) if decided != natural and decided <= end else (end, cause)
    if end > was:
        row = pick(law, law.leave, table, cases.kind[k], gap, u)
        left = later(law, law.clock[at], begun, law.leave.gap[row])
        if left < end:
            return left, int(law.leave.cause[row])
    return end, cause


@fast
def due(rules: Rules, cases: Cases, state: State, k: int, on: bool) -> tuple[int, int]:
    """The first deadline of case k, as far as one is running (else NEVER), and the step that ends it then."""
    time, step = NEVER, -1
    if not on:
        return time, step
    for one in range(len(rules.due_limit)):
        scope = rules.due_scope[one]
        if cases.applies[scope, k] and state.noted[one, k] < NEVER:
            over = max(state.noted[one, k] + rules.due_limit[one], cases.start[scope, k], cases.known[k])
            if over < time:
                time, step = over, rules.due_new[one]
    return time, step


@fast
def note(rules: Rules, state: State, k: int, step: int, time: int) -> None:
    """Remember when milestones are first reached."""
    for one in range(len(rules.due_after)):
        if rules.due_after[one] == step and state.noted[one, k] >= NEVER:
            state.noted[one, k] = time
    if step >= rules.pair_first.shape[1]:
        return
    for pair in range(len(rules.pair_length)):
        begun, done = state.seen[pair, 0, k], state.seen[pair, 1, k]
        if rules.pair_second[pair, step] and begun < NEVER and done >= NEVER:
            state.seen[pair, 1, k] = time
        if rules.pair_first[pair, step] and begun >= NEVER:
            state.seen[pair, 0, k] = time


@fast
def skipped(
    law: Law, rules: Rules, cases: Cases, k: int, cause: int, at: int, place: int, visit: int, was: int
) -> bool:
    """Whether the step does not take place; `at`, `place`, `visit` as in `happens`."""
    if not rules.skips[cause]:
        return False
    for edit in range(len(rules.kind)):
        if rules.kind[edit] == SKIP and happens(law, rules, cases, k, edit, cause, at, place, visit, was):
            return True
    return False


@fast
def inserted(
    law: Law,
    rules: Rules,
    cases: Cases,
    k: int,
    cause: int,
    at: int,
    place: int,
    visit: int,
    was: int,
    over: int,
    write: bool,
    step_out: Ints,
    time_out: Ints,
    made: int,
) -> tuple[int, int]:
    """New steps after a step that ended at `over`: when the last one is done, and how many events there are now."""
    for edit in range(len(rules.kind)):
        if rules.kind[edit] == INSERT and happens(law, rules, cases, k, edit, cause, at, place, visit, was):
            over += quantile(rules, edit, uniform(cases.key[k], place, visit, EDIT + 2 * edit + 1))
            if write:
                step_out[made], time_out[made] = rules.new[edit], over
                made += 1
    return over, made


@fast
def move(
    law: Law,
    rules: Rules,
    cases: Cases,
    state: State,
    k: int,
    end: int,
    cause: int,
    was: int,
    step_out: Ints,
    time_out: Ints,
) -> int:
    """Let the stay end so; writes events (steps and their times) and returns how many. Afterwards the case is in its next
    stay, or `state.ended` says when it was over.
    """
    if cause == law.follow.shape[1]:
        state.ended[k] = end
        return 0
    made, over, at, begun = 0, end, state.at[k], state.begun[k]
    visit = state.visits[k, at]
    if cause >= law.activities:
        over, made = play(law, rules, cases, state, k, was > -NEVER, True, step_out, time_out)
        in_order(step_out, time_out, 0, made)
        for place in range(law.members[state.episode[k]], law.members[state.episode[k] + 1]):
            state.visits[k, law.step[place]] += 1
    elif len(rules.swapped) > 0 and live(cases, 0, k, was):
        made = swap(law, rules, cases, state, k, cause, was, step_out, time_out)
        if made > 0:
            return made
    if cause < law.activities and not skipped(law, rules, cases, k, cause, at, at, visit, was):
        step_out[0], time_out[0], made = cause, end, 1
    if rules.inserts[cause]:
        over, made = inserted(law, rules, cases, k, cause, at, at, visit, was, over, True, step_out, time_out, made)
    for one in range(made):
        note(rules, state, k, step_out[one], time_out[one])
    arrive(law, state, k, cause, max(over, begun, end))
    return made


@fast
def arrive(law: Law, state: State, k: int, cause: int, time: int) -> None:
    """The case is at the next step, since `time`."""
    state.before[k] = state.begun[k]
    state.begun[k] = time
    state.known[k] = time
    state.context[k] = law.follow[state.context[k], cause]
    state.at[k] = cause
    state.visits[k, cause] += 1


@fast
def swap(
    law: Law,
    rules: Rules,
    cases: Cases,
    state: State,
    k: int,
    cause: int,
    was: int,
    step_out: Ints,
    time_out: Ints,
) -> int:
    """Two checks the other way round, for a case that comes to the first one; the outcome of each stays what it was."""
    for number in range(len(rules.swapped)):
        if rules.swapped[number, 0] != cause or state.known[k] > state.begun[k]:
            continue
        if state.begun[k] < cases.start[0, k]:
            continue
        return swapped_stays(law, rules, cases, state, k, number, was, step_out, time_out)
    return 0


@fast
def swapped_stays(
    law: Law, rules: Rules, cases: Cases, state: State, k: int, number: int, was: int, step_out: Ints, time_out: Ints
) -> int:
    one, two = rules.swapped[number, 0], rules.swapped[number, 1]
    at, begun, context, share = state.at[k], state.begun[k], state.context[k], rules.share[rules.routes + number]
    before = table_of(law, cases, k, context, at, state.visits[k, at], -1)
    own = pick(law, law.every, before, cases.kind[k], -1, uniform(cases.key[k], at, state.visits[k, at], FIRST))
    after_one, visit = law.follow[context, one], state.visits[k, one] + 1
    table = table_of(law, cases, k, after_one, one, visit, -1)
    row = pick(law, law.every, table, cases.kind[k], -1, uniform(cases.key[k], one, visit, FIRST))
    passed = law.every.cause[row] == two
    if not passed:
        first, top = law.every.first[table], law.every.first[table + 1]
        if share[top] <= share[first]:
            return 0
        row = among(share, first, top, bent(law.frailty, cases.kind[k], uniform(cases.key[k], one, visit, OTHER)))
    after_two, visit = law.follow[after_one, two], state.visits[k, two] + 1
    table = table_of(law, cases, k, after_two, two, visit, -1)
    then = pick(law, law.every, table, cases.kind[k], -1, uniform(cases.key[k], two, visit, FIRST))
    end = stay_edited(law, rules, cases, state, k, one, begun, law.every.gap[row], two, was)
    step_out[0], time_out[0] = two, end
    note(rules, state, k, two, end)
    made, out = 1, rules.knocked[number, law.every.cause[then]]
    if not out:
        end = stay_edited(law, rules, cases, state, k, at, end, law.every.gap[own], one, was)
        step_out[1], time_out[1], made = one, end, 2
        note(rules, state, k, one, end)
    arrive(law, state, k, one, end)
    if passed or out:
        arrive(law, state, k, two, end)
    return made


# ---- whole paths ----


@fast
def in_order(step: Ints, time: Ints, low: int, high: int) -> None:
    """Sort events by time, those of one moment as they stand."""
    for place in range(low + 1, high):
        one, when, back = step[place], time[place], place - 1
        while back >= low and time[back] > when:
            step[back + 1], time[back + 1] = step[back], time[back]
            back -= 1
        step[back + 1], time[back + 1] = one, when


@fast
def shorter(time: int, first: int, second: int, length: int) -> int:
    """As `compressed`."""
    if second >= NEVER or time >= NEVER or time <= first:
        return time
    if time >= second:
        return time + length - (second - first)
    return first + int(np.rint((time - first) / (second - first) * length))


@fast
def compress(rules: Rules, cases: Cases, state: State, k: int, time: Ints, low: int, high: int) -> None:
    """Milestones come as far apart as the policy says; what lies between moves in proportion, the rest by as much."""
    for pair in range(len(rules.pair_length)):
        first, second = state.seen[pair, 0, k], state.seen[pair, 1, k]
        floor = max(cases.start[0, k], cases.known[k])
        if second >= NEVER or second <= floor or not cases.applies[0, k]:
            continue
        length = max(rules.pair_length[pair], floor - first)
        for place in range(low, high):
            time[place] = max(shorter(time[place], first, second, length), min(time[place], floor))
        if state.ended[k] < NEVER:
            state.ended[k] = shorter(state.ended[k], first, second, length)
        for other in range(len(rules.pair_length)):
            for end in range(2):
                state.seen[other, end, k] = shorter(state.seen[other, end, k], first, second, length)


@fast
def settle(
    rules: Rules, cases: Cases, state: State, k: int, step: Ints, time: Ints, low: int, high: int, tally: Ints
) -> tuple[int, int, float]:
    """The events of one path that happen, in order; how many, the last step (-1: none), and what all costs."""
    in_order(step, time, low, high)
    until = min(state.ended[k], cases.limit[k])
    last, cost, before, kept = -1, 0.0, cases.begun[k], low
    for place in range(low, high):
        if time[place] > until:
            break
        last = step[place]
        cost += rules.price[last]
        tally[last] += time[place] - before
        before = max(time[place], before)
        kept += 1
    if state.ended[k] > cases.limit[k]:
        state.ended[k] = NEVER
    elif until > before:
        tally[len(tally) - 1] += until - before
    cost += rules.price_day * (max(until - max(cases.arrival[k], cases.known[k]), 0) / DAY)
    return kept, last, cost


@fast
def follow(
    law: Law,
    rules: Rules,
    cases: Cases,
    state: State,
    k: int,
    most: int,
    on: bool,
    step: Ints,
    time: Ints,
    low: int,
) -> int:
    """Follow one case to its end or limit; writes its events from `low` on, and returns the place after them."""
    limit, place = cases.limit[k], low
    if on and len(rules.pair_length) > 0 and cases.applies[0, k]:
        limit += max(limit - cases.arrival[k], 0)  # what comes later may come earlier
    for _ in range(most):
        end, cause, was = next_stop(law, rules, cases, state, k, on)
        over, by = due(rules, cases, state, k, on)
        if over < end and over <= limit:
            step[place], time[place], state.ended[k] = by, over, over
            return place + 1
        if end > limit:
            return place
        place += move(law, rules, cases, state, k, end, cause, was, step[place:], time[place:])
        if state.ended[k] < NEVER:
            return place
    return place


@fast
def walk(
    law: Law,
    rules: Rules,
    cases: Cases,
    state: State,
    last: Ints,
    cost: Floats,
    tally: Ints,
    most: int,
    room: int,
    on: bool,
    record: bool,
    begin: int,
    path: Ints,
    step: Ints,
    time: Ints,
) -> tuple[int, int]:
    """Follow cases from number `begin` on, as far as there is room for their events; the next number and how many events.

    room: events that one case can have at most. Fills last, cost and tally [cases as they are, stirred ones]; with `record`
    events stand in path, step and time, else these are for scratch.
    """
    low = 0
    for k in range(begin, len(cases.key)):
        if low + room > len(step):
            return k, low
        high = follow(law, rules, cases, state, k, most, on, step, time, low)
        if on and len(rules.pair_length) > 0:
            compress(rules, cases, state, k, time, low, high)
        kept, final, cost[k] = settle(rules, cases, state, k, step, time, low, high, tally[int(state.stirred[k])])
        last[k] = final if final >= 0 else last[k]
        if record:
            path[low:kept] = k
            low = kept
    return len(cases.key), low
