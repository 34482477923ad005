"""pm4py on a polars table held in memory (lazy, as its calls ask for)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.suite.answers import kept
from benchmarks.suite.tools.library import asks
from benchmarks.suite.tools.pm4py_pandas import NAMES, pm4py

PACKAGES = ("pm4py", "polars")


def load(path: Path) -> Any:
    scanned = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path, try_parse_dates=True)
    return pm4py.format_dataframe(scanned, **NAMES).collect().lazy()


def size(table: Any) -> dict[str, Any]:
    return kept(table["case:concept:name"].n_unique(), len(table))


def collected(call: Any) -> Any:
    """A filter's answer is lazy; it is worked out inside the time."""
    return lambda log: found.collect() if isinstance(found := call(log), pl.LazyFrame) else found


ASKS = {name: one._replace(ask=collected(one.ask)) for name, one in asks(pm4py, load, lambda log: log, size).items()}
