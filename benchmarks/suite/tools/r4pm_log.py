"""r4pm: its own log in memory, made from a polars table or an XES file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import r4pm

from benchmarks.suite.answers import Ask, moves, paths

PACKAGES = ("r4pm", "polars")
NAMES = {"case_id": "case:concept:name", "activity": "concept:name", "timestamp": "time:timestamp"}


def load(path: Path) -> Any:
    if path.suffix == ".xes":
        return r4pm.import_item("EventLog", str(path))
    table = pl.read_parquet(path).rename(NAMES)
    return r4pm.import_item_from_df(
        "EventLog", table.with_columns(pl.col("time:timestamp").dt.replace_time_zone("UTC"))
    )


def follows(log: Any) -> Any:
    return r4pm.bindings.discover_dfg(log)


def variants(log: Any) -> Any:
    return r4pm.bindings.get_variants(r4pm.bindings.log_to_activity_projection(log))


def told(graph: Any) -> dict[str, Any]:
    return moves({tuple(edge): n for edge, n in graph["directly_follows_relations"]})


ASKS = {
    **dict.fromkeys(("load_parquet", "load_xes"), Ask(load, load, lambda log: told(follows(log)))),
    "follows": Ask(load, follows, told),
    "variants": Ask(load, variants, lambda found: paths((one["activities"], one["count"]) for one in found)),
}
