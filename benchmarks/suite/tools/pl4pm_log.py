"""pl4pm on a polars table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pl4pm
import polars as pl
from pl4pm.discovery import dfg, inductive_miner

from benchmarks.suite.answers import kept
from benchmarks.suite.tools.library import asks

PACKAGES = ("pl4pm", "polars")
NAMES = {"case_id_column": "case_id", "activity_column": "activity", "timestamp_column": "timestamp"}


def load(path: Path) -> Any:
    scanned = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path, try_parse_dates=True)
    return pl4pm.format_dataframe(scanned, **NAMES)


def forget(log: Any) -> None:
    """It remembers answers by the log's id."""
    for module in (dfg, inductive_miner):
        for name, held in vars(module).items():
            if name.endswith("_CACHE") and isinstance(held, dict):
                held.clear()


def size(table: Any) -> dict[str, Any]:
    return kept(table["case:concept:name"].n_unique(), len(table))


ASKS = asks(pl4pm, load, lambda log: log.lazy(), size)
