"""Lockstep: the paths of many cases stay by stay in numpy, where nothing compiles; the same numbers as `jit_paths.walk`.

What a plan touches, and what is known of a stay, goes through the lines for a single case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.crowd import Flags, Floats, Ints, Words
from procmine.kernels.jit_paths import compress, due, move, next_stop
from procmine.kernels.laws import BACKOFF, DAY, FIRST, NEVER, Cases, Law, Rules, State
from procmine.kernels.operational import Clocks
from procmine.kernels.randoms import uniform

Columns = tuple[Ints, Ints, Ints]


@dataclass(frozen=True, eq=False)
class Stops:
    """How the stays of some cases end, as they would without a plan."""

    end: Ints
    cause: Ints
    episode: Ints


def walk_together(
    law: Law, rules: Rules, cases: Cases, state: State, *, most: int, room: int, on: bool
) -> list[Columns]:
    """Follow all cases to their ends or limits; events (path, step, time) in the order in which they were made."""
    limit = cases.limit.copy()
    if on and len(rules.pair_length):
        limit += np.where(cases.applies[0], np.maximum(limit - cases.arrival, 0), 0)
    alive, made = np.arange(len(cases.key)), [_columns([])]
    for _ in range(most):
        if not len(alive):
            break
        known = state.known[alive] > state.begun[alive]
        stops = _stops(law, cases, state, alive)
        alone = known | (stops.episode >= 0) | (_touched(rules, law, cases, state, alive, stops) if on else False)
        events, going = _each(law, rules, cases, state, alive[alone], limit, room, on)
        made.append(events)
        some = ~alone
        events, more = _all(law, rules, cases, state, alive[some], stops.end[some], stops.cause[some], limit, on)
        made.append(events)
        alive = np.sort(np.concatenate((going, more)))
    return made


def _columns(rows: list[tuple[int, int, int]]) -> Columns:
    path, step, time = np.array(rows, np.int64).reshape(-1, 3).T
    return path, step, time


def _stops(law: Law, cases: Cases, state: State, alive: Ints) -> Stops:
    at, begun, context = state.at[alive], state.begun[alive], state.context[alive]
    visit, key, stratum = state.visits[alive, at].astype(np.int64), cases.key[alive], cases.stratum[alive]
    table = law.table[stratum, _memory(law, key, stratum, context, at, visit)]
    share = _bent(law.frailty, cases.kind[alive], uniform(key, at, visit, FIRST))
    row = np.searchsorted(law.every.key, table + share, side="right")
    row[row >= law.every.first[table + 1]] = len(law.every.key)
    gap, never = law.every.gap[row], law.every.gap[row] >= NEVER
    end = Clocks(law.origin, law.upto, law.whole).after(law.clock[at], begun, np.where(never, 0, gap))
    return Stops(np.where(never, NEVER, end), law.every.cause[row], law.every.episode[row])


def _memory(law: Law, key: Words, stratum: Ints, context: Ints, at: Ints, visit: Ints) -> Ints:
    """The context whose table each visit draws from."""
    context, purpose = context.copy(), BACKOFF
    asked = np.flatnonzero((law.shorter[context] >= 0) & (law.trust[stratum, context] < 1))
    while len(asked):
        u = uniform(key[asked], at[asked], visit[asked], purpose)
        asked = asked[u >= law.trust[stratum[asked], context[asked]]]
        context[asked] = law.shorter[context[asked]]
        asked = asked[(law.shorter[context[asked]] >= 0) & (law.trust[stratum[asked], context[asked]] < 1)]
        purpose += 1
    return context


def _bent(frailty: Floats, kind: Ints, u: Floats) -> Floats:
    places = frailty.shape[1] - 1
    if places < 1:
        return u
    place = np.minimum((u * places).astype(np.int64), places - 1)
    one, two = frailty[kind, place], frailty[kind, place + 1]
    bent: Floats = one + (two - one) * (u * places - place)
    return bent


def _touched(rules: Rules, law: Law, cases: Cases, state: State, alive: Ints, stops: Stops) -> Flags:
    """Stays that a plan may change."""
    held: Flags = np.any(cases.applies[:, alive] & (stops.end > cases.start[:, alive]), axis=0)
    if rules.routes or law.splits or len(rules.swapped) or len(rules.beside):
        return held
    some: Flags = held & (rules.touches | rules.skips | rules.inserts)[stops.cause]
    return some


def _each(
    law: Law, rules: Rules, cases: Cases, state: State, which: Ints, limit: Ints, room: int, on: bool
) -> tuple[Columns, Ints]:
    """One stay of each of these, case by case; events, and who goes on."""
    step, time, rows, going = np.empty(room, np.int64), np.empty(room, np.int64), [], []
    for k in which.tolist():
        end, cause, was = next_stop(law, rules, cases, state, k, on)
        over, by = due(rules, cases, state, k, on)
        if over < end and over <= limit[k]:
            state.ended[k] = over
            rows.append((k, by, over))
        elif end <= limit[k]:
            n = move(law, rules, cases, state, k, end, cause, was, step, time)
            rows += [(k, int(step[one]), int(time[one])) for one in range(n)]
            if state.ended[k] >= NEVER:
                going.append(k)
    return _columns(rows), np.array(going, np.int64)


def _all(
    law: Law, rules: Rules, cases: Cases, state: State, k: Ints, end: Ints, cause: Ints, limit: Ints, on: bool
) -> tuple[Columns, Ints]:
    """One stay of each of these that nothing touches, all at once."""
    over, by = _due(rules, cases, state, k) if on else (np.full(len(k), NEVER), np.full(len(k), -1))
    late = (over < end) & (over <= limit[k])
    state.ended[k[late]] = over[late]
    closed = k[late], by[late], over[late]
    on_time = ~late & (end <= limit[k])
    done = on_time & (cause == law.follow.shape[1])
    state.ended[k[done]] = end[done]
    go = on_time & ~done
    k, end, cause = k[go], end[go], cause[go]
    _note(rules, state, k, cause, end)
    state.before[k] = state.begun[k]
    state.begun[k] = state.known[k] = end
    state.context[k] = law.follow[state.context[k], cause]
    state.at[k] = cause
    state.visits[k, cause] += 1
    path, step, time = (np.concatenate(pair) for pair in zip(closed, (k, cause, end)))
    return (path, step, time), k


def _due(rules: Rules, cases: Cases, state: State, k: Ints) -> tuple[Ints, Ints]:
    time, step = np.full(len(k), NEVER), np.full(len(k), -1)
    for one in range(len(rules.due_limit)):
        scope, noted = rules.due_scope[one], state.noted[one, k]
        runs = cases.applies[scope, k] & (noted < NEVER)
        over = np.maximum(np.where(runs, noted, 0) + rules.due_limit[one], cases.start[scope, k])
        over = np.where(runs, np.maximum(over, cases.known[k]), NEVER)
        step = np.where(over < time, rules.due_new[one], step)
        time = np.minimum(time, over)
    return time, step


def _note(rules: Rules, state: State, k: Ints, step: Ints, time: Ints) -> None:
    for one in range(len(rules.due_after)):
        new = (step == rules.due_after[one]) & (state.noted[one, k] >= NEVER)
        state.noted[one, k[new]] = time[new]
    for pair in range(len(rules.pair_length)):
        begun, done = state.seen[pair, 0, k].copy(), state.seen[pair, 1, k]
        second = rules.pair_second[pair, step] & (begun < NEVER) & (done >= NEVER)
        state.seen[pair, 1, k[second]] = time[second]
        first = rules.pair_first[pair, step] & (begun >= NEVER)
        state.seen[pair, 0, k[first]] = time[first]


def settle_together(
    rules: Rules, cases: Cases, state: State, events: list[Columns], last: Ints, tally: Ints, on: bool
) -> tuple[Floats, Columns]:
    """What happens of these events, in order of (path, time); fills last and tally (as `walk`); what each case costs."""
    path, step, time = (np.concatenate(column) for column in zip(*events))
    order = np.argsort(path, kind="stable")
    path, step, time = path[order], step[order], time[order]
    if on and len(rules.pair_length):
        low = np.searchsorted(path, np.arange(len(cases.key) + 1))
        for k in np.flatnonzero(cases.applies[0]):
            compress(rules, cases, state, int(k), time, int(low[k]), int(low[k + 1]))
    order = np.lexsort((time, path))
    until = np.minimum(state.ended, cases.limit)
    order = order[time[order] <= until[path[order]]]
    path, step, time = path[order], step[order], time[order]
    new = np.append(True, path[1:] != path[:-1])[: len(path)]
    tally[:] = 0
    row = state.stirred.astype(np.int64)
    np.add.at(tally, (row[path], step), time - np.where(new, cases.begun[path], np.roll(time, 1)))
    cost = np.bincount(path, rules.price[step], len(cases.key))
    before = cases.begun.copy()
    last[path], before[path] = step, np.maximum(time, cases.begun[path])
    over = state.ended > cases.limit
    np.add.at(tally[:, -1], row, np.where(over, 0, np.maximum(until - before, 0)))
    state.ended[over] = NEVER
    since = np.maximum(cases.arrival, cases.known)
    return cost + rules.price_day * (np.maximum(until - since, 0) / DAY), (path, step, time)
