"""What pm4py and pl4pm are asked: their calls have the same names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.suite.answers import FIRST, FOUR_NAMES, REGIONS, STEP, Ask, lengths, moves, paths, timed

LAST = "2023-06-30 23:59:59"
HOURS = [((24 * day + 8) * 3600, (24 * day + 17) * 3600) for day in range(5)]  # Monday to Friday, 8 to 17


def asks(
    package: Any, load: Callable[[Path], Any], ready: Callable[[Any], Any], size: Callable[[Any], Any]
) -> dict[str, Ask]:
    """ready: the log in the form that filters take; size: a kept log's cases and events."""

    def follows(log: Any) -> Any:
        return package.discover_dfg(log)[0]

    def quantiles(log: Any) -> Any:
        return package.discover_performance_dfg(log, perf_aggregation_key="all")[0]

    def totals(log: Any) -> Any:
        return package.discover_performance_dfg(log, perf_aggregation_key="sum")[0]

    def working(log: Any) -> Any:
        return package.discover_performance_dfg(log, business_hours=True, business_hour_slots=HOURS)[0]

    def four(log: Any) -> Any:
        return follows(log), quantiles(log), package.get_variants_as_tuples(log), package.get_all_case_durations(log)

    def keep(attribute: str, values: list[str]) -> Callable[[Any], Any]:
        return lambda log: package.filter_event_attribute_values(ready(log), attribute, values, level="case")

    def dates(log: Any) -> Any:
        return package.filter_time_range(ready(log), f"{FIRST} 00:00:00", LAST, mode="traces_intersecting")

    def drawn(log: Any) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "map.png"
            package.save_vis_dfg(*package.discover_dfg(log)[:3], str(path))
            return path.stat().st_size

    told: dict[str, tuple[Callable[[Any], Any], Callable[[Any], dict[str, Any]]]] = {
        "load_parquet": (follows, lambda log: moves(follows(log))),
        "follows": (follows, moves),
        "quantiles": (quantiles, _timed),
        "variants": (package.get_variants_as_tuples, lambda counts: paths(counts.items())),
        "cycle_times": (package.get_all_case_durations, lengths),
        "load_and_four": (four, lambda found: {name: len(one) for name, one in zip(FOUR_NAMES, found)}),
        "rework": (
            package.get_rework_cases_per_activity,
            lambda counts: {step: int(n) for step, n in counts.items() if n},
        ),
        "keep_attribute": (keep("region", list(REGIONS)), size),
        "keep_step": (keep("concept:name", [STEP]), size),
        "keep_dates": (dates, size),
        "bottlenecks": (totals, before),
        "map": (drawn, lambda size: {"drawn": size > 0}),
        "working_time": (working, lambda found: {f"{a} -> {b}": float(one["mean"]) for (a, b), one in found.items()}),
        "inductive": (package.discover_process_tree_inductive, lambda tree: {"tree": str(tree)}),
        "heuristics": (package.discover_petri_net_heuristics, net),
        "alpha": (package.discover_petri_net_alpha, net),
    }
    told["load_csv"] = told["load_xes"] = told["load_parquet"]
    return {name: Ask(load, *pair) for name, pair in told.items()}


def _timed(found: Any) -> dict[str, Any]:
    return timed((a, b, one.get("count"), one["mean"], one["median"], None) for (a, b), one in found.items())


def before(found: Any) -> dict[str, Any]:
    """Seconds spent before each step."""
    total: dict[str, float] = {}
    for (_, after), one in found.items():
        total[after] = total.get(after, 0.0) + float(one)
    return total


def net(found: Any) -> dict[str, Any]:
    """Figures of a Petri net that do not depend on the names of its places."""
    model = found[0]
    return {name: len(getattr(model, name)) for name in ("places", "transitions", "arcs")}
