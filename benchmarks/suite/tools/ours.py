"""What procmine is asked: its public calls; answers are told to the microsecond, and checked against the rows it gives."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import procmine
from benchmarks.suite.answers import AFTER, FIRST, FOUR_NAMES, REGIONS, STEP, Ask, kept, lengths, moves, paths, timed
from procmine.kernels.durations import Durations
from procmine.see.flow import PATH, FlowSummary
from procmine.see.times import CycleSummary

PACKAGES = ("procmine", "numpy", "pyarrow", "numba", "pandas", "pm4py")
CLOCK = procmine.WorkingTime(opens=8, closes=17)
SHARES = (0.5, 0.95)


def load(path: Path) -> Any:
    return procmine.read(path, ends=procmine.EVERY_CASE)


def load_open(path: Path) -> Any:
    return procmine.read(path, ends=["Closed"])


def fresh(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Each time of another log object, so that nothing is remembered by it; the log comes with the answer."""
    return lambda log: (log, ask(replace(log)))


def between(rows: Any) -> Any:
    """The rows that are moves from a step to a step."""
    return np.flatnonzero((rows["before"] != "") & (rows["after"] != ""))


def counts(found: Any) -> dict[str, Any]:
    rows = found[1].rows
    here = between(rows)
    return moves({(rows["before"][row], rows["after"][row]): rows["n"][row] for row in here})


def exactly(gaps: Durations, shown: Any) -> tuple[Any, ...]:
    """n, mean and quantiles in seconds; they must be what the rows show to the second."""
    figures = (gaps.total() / np.maximum(gaps.n(), 1), *(gaps.quantile(share) for share in SHARES))
    for figure, name in zip(figures, ("mean", "p50", "p95")):
        one, two = np.sort(figure[gaps.n() > 0]), np.sort(shown[name].astype(np.int64))
        if len(one) != len(two) or np.abs(one - two).max(initial=0) > 0.51:
            raise ValueError(f"{name}: the rows do not show what was counted.")
    return gaps.n(), *figures


def quantiles(found: Any) -> dict[str, Any]:
    log, flow = found
    here = between(flow.rows)
    there, gaps = log.reduce(FlowSummary().of).gaps.compact()
    names = log.about.activities
    figures = exactly(gaps, {name: flow.rows[name][here] for name in ("mean", "p50", "p95")})
    pairs = [divmod(int(code), len(names)) for code in there]
    rows = ((names[a], names[b], *one) for (a, b), *one in zip(pairs, *figures))
    return timed(rows)


def ranked(found: Any) -> dict[str, Any]:
    rows = found[1].rows
    return paths((path.split(PATH), n) for path, n in zip(rows["variant"], rows["n"]))


def cycles(found: Any) -> dict[str, Any]:
    log, table = found
    whole = log.reduce(CycleSummary().of).finished.whole()
    exactly(whole, table.rows)
    value, n = whole.only(0)
    return lengths(np.repeat(value, n) / 1e6)


def four(log: Any) -> Any:
    return procmine.directly_follows(log), procmine.flow(log), procmine.variants(log), procmine.cycle_times(log)


def four_sizes(found: Any) -> dict[str, Any]:
    flow, again, variants, cycle = found[1]
    sizes = (len(between(flow.rows)), len(between(again.rows)), len(variants), int(cycle.rows["n"][0]))
    return dict(zip(FOUR_NAMES, sizes))


def repeated(found: Any) -> dict[str, Any]:
    rows = found[1].rows
    return {step: int(n) for step, n in zip(rows["step"], rows["repeated"]) if n}


def before(found: Any) -> dict[str, Any]:
    rows = found[1].rows
    here = np.flatnonzero((rows["kind"] == "before") & (rows["mean"].astype(np.int64) > 0))
    return {str(rows["step"][row]): float(rows["mean"][row].astype(np.int64)) * int(rows["n"][row]) for row in here}


def picture(log: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return procmine.process_map(log).save(Path(folder) / "map.png").stat().st_size


def worked(found: Any) -> dict[str, Any]:
    rows = found[1].rows
    return {
        f"{rows['before'][row]} -> {rows['after'][row]}": float(rows["mean"][row].astype(np.int64))
        for row in between(rows)
    }


def curve(found: Any) -> dict[str, Any]:
    """By when a half and four in five of the cases have ended."""
    rows = found[1].rows
    named = {round(float(share), 2): time for share, time in zip(rows["share"], rows["time"])}
    return {name: float(named[share].astype(np.int64)) for name, share in (("half", 0.5), ("four in five", 0.8))}


def tree(log: Any) -> Any:
    from procmine import models

    return models.process_tree(log)


def counted(log: Any) -> tuple[Any, Counter[str], Counter[str], Counter[str]]:
    """The directly-follows graph as pm4py takes it: moves, how often each step occurs, first and last steps."""
    rows = procmine.flow(log).rows
    edges = [(a, b, int(n)) for a, b, n in zip(rows["before"], rows["after"], rows["n"])]
    inner = Counter({(a, b): n for a, b, n in edges if a and b})
    begins, ends = Counter({b: n for a, b, n in edges if not a}), Counter({a: n for a, b, n in edges if not b})
    steps = Counter({name: int(n) for name, n in zip(log.about.activities, np.bincount(log.activity)) if n})
    return inner, steps, begins, ends


def alpha(log: Any) -> Any:
    from pm4py.algo.discovery.alpha.variants import classic

    inner, _, begins, ends = counted(log)
    return classic.apply_dfg_sa_ea(inner, begins, ends)


def heuristics(log: Any) -> Any:
    """Moves over one step and triples decide its loops of two, so they are counted too."""
    from pm4py.algo.discovery.heuristics.variants import classic
    from pm4py.objects.conversion.heuristics_net import converter

    inner, steps, begins, ends = counted(log)
    return converter.apply(classic.apply_heu_dfg(inner, list(steps), steps, begins, ends, **windows(log)))


def windows(log: Any) -> dict[str, Any]:
    k, code = len(log.about.activities), log.activity.astype(np.int64)
    has = np.ones(len(code), bool)
    has[np.concatenate([log.offset[1:] - 1, np.maximum(log.offset[1:] - 2, 0)])] = False
    at = np.flatnonzero(has)
    found, n = np.unique((code[at] * k + code[at + 1]) * k + code[at + 2], return_counts=True)
    name = log.about.activities
    triples = {(name[one // k // k], name[one // k % k], name[one % k]): int(times) for one, times in zip(found, n)}
    two: Counter[tuple[str, str]] = Counter()
    for (first, _, last), times in triples.items():
        two[first, last] += times
    return {"dfg_window_2": two, "freq_triples": triples}


def net(found: Any) -> dict[str, Any]:
    return {name: len(getattr(found[1][0], name)) for name in ("places", "transitions", "arcs")}


def size(found: Any) -> dict[str, Any]:
    return kept(len(found[1]), len(found[1].time))


LOADED = Ask(load, load, lambda log: counts((log, procmine.directly_follows(log))))
ASKS = {
    "load_parquet": LOADED,
    "load_csv": LOADED,
    "load_xes": LOADED,
    "follows": Ask(load, fresh(procmine.directly_follows), counts),
    "quantiles": Ask(load, fresh(procmine.flow), quantiles),
    "variants": Ask(load, fresh(procmine.variants), ranked),
    "cycle_times": Ask(load, fresh(procmine.cycle_times), cycles),
    "load_and_four": Ask(load, fresh(four), four_sizes),
    "rework": Ask(load, fresh(procmine.rework), repeated),
    "keep_attribute": Ask(load, fresh(lambda log: log.where({"region": list(REGIONS)})), size),
    "keep_step": Ask(load, fresh(lambda log: log.having(STEP)), size),
    "keep_dates": Ask(load, fresh(lambda log: log.between(FIRST, AFTER, rule="touching")), size),
    "bottlenecks": Ask(load, fresh(procmine.bottlenecks), before),
    "survival": Ask(load_open, fresh(procmine.survival), curve),
    "map": Ask(load, fresh(picture), lambda found: {"drawn": found[1] > 0}),
    "working_time": Ask(load, fresh(lambda log: procmine.flow(log, clock=CLOCK)), worked),
    "inductive": Ask(load, fresh(tree), lambda found: {"tree": str(found[1].model)}),
    "heuristics": Ask(load, fresh(heuristics), net),
    "alpha": Ask(load, fresh(alpha), net),
}
