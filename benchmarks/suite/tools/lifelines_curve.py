"""lifelines: the product-limit curve with its interval, of lengths prepared by hand (no entry weeks, no late entry)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from lifelines import KaplanMeierFitter

from benchmarks.suite.answers import Ask

PACKAGES = ("lifelines", "pandas")


def load(path: Path) -> Any:
    import pandas as pd

    table = pd.read_parquet(path, columns=["case_id", "activity", "timestamp"])
    cases = table.groupby("case_id", sort=False).agg(
        first=("timestamp", "first"), last=("timestamp", "last"), step=("activity", "last")
    )
    ended = (cases["step"] == "Closed").to_numpy()
    until = cases["last"].where(ended, table["timestamp"].max())
    return (until - cases["first"]).to_numpy().astype("m8[us]").astype(np.int64) / 1e6, ended


def curve(held: Any) -> Any:
    return KaplanMeierFitter().fit(*held)


def told(fitted: Any) -> dict[str, Any]:
    return {name: float(fitted.percentile(1 - share)) for name, share in (("half", 0.5), ("four in five", 0.8))}


ASKS = {"survival": Ask(load, curve, told)}
