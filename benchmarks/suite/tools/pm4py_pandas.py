"""pm4py on a pandas frame, its default."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")
with contextlib.redirect_stdout(io.StringIO()):
    import pm4py

from benchmarks.suite.answers import kept  # noqa: E402
from benchmarks.suite.tools.library import asks  # noqa: E402

PACKAGES = ("pm4py", "pandas")
NAMES = {"case_id": "case_id", "activity_key": "activity", "timestamp_key": "timestamp"}


def load(path: Path) -> Any:
    import pandas as pd

    if path.suffix == ".xes":
        return pm4py.read_xes(str(path), variant="iterparse")
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    return pm4py.format_dataframe(frame, **NAMES)


def size(frame: Any) -> dict[str, Any]:
    return kept(frame["case:concept:name"].nunique(), len(frame))


ASKS = asks(pm4py, load, lambda log: log, size)
