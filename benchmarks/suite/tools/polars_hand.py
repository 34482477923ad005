"""polars, written by hand: sorted, each event with the next step and the wait, each case with its path and length."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from benchmarks.suite.answers import FOUR_NAMES, Ask, moves, paths, timed

PACKAGES = ("polars",)
SECOND = 1_000_000


class Enriched(NamedTuple):
    moves: pl.DataFrame
    cases: pl.DataFrame


def load(path: Path) -> Enriched:
    table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, try_parse_dates=True)
    table = table.sort("case_id", "timestamp", maintain_order=True)
    steps = pl.Enum(sorted(table["activity"].unique().to_list()))
    table = table.with_columns(pl.col("activity").cast(steps))
    same = pl.col("case_id") == pl.col("case_id").shift(-1)
    wait = (pl.col("timestamp").shift(-1) - pl.col("timestamp")).dt.total_microseconds()
    after = pl.when(same).then(pl.col("activity").shift(-1)).alias("after")
    enriched = table.with_columns(after, pl.when(same).then(wait).alias("wait"))
    length = (pl.col("timestamp").last() - pl.col("timestamp").first()).dt.total_microseconds()
    code = pl.col("activity").to_physical().cast(pl.String).str.join("|")
    cases = table.group_by("case_id", maintain_order=True).agg(length.alias("length"), code.alias("path"))
    return Enriched(enriched.drop_nulls("after"), cases.with_columns(pl.col("path").cast(pl.Categorical)))


def follows(log: Enriched) -> pl.DataFrame:
    return log.moves.group_by("activity", "after").len()


def quantiles(log: Enriched) -> pl.DataFrame:
    wait = pl.col("wait")
    figures = (
        pl.len(),
        wait.mean().alias("mean"),
        wait.median().alias("median"),
        wait.quantile(0.95, "linear").alias("p95"),
    )
    return log.moves.group_by("activity", "after").agg(*figures)


def variants(log: Enriched) -> pl.DataFrame:
    return log.cases.group_by("path").len()


def cycles(log: Enriched) -> pl.DataFrame:
    one = pl.col("length")
    figures = (one.mean().alias("mean"), one.median().alias("median"), one.quantile(0.95, "linear").alias("p95"))
    return log.cases.select(pl.len().alias("n"), *figures)


def four(log: Enriched) -> Any:
    return follows(log), quantiles(log), variants(log), cycles(log)


def told_times(table: pl.DataFrame) -> dict[str, Any]:
    return timed((a, b, n, *(one / SECOND for one in figures)) for a, b, n, *figures in table.iter_rows())


def told_cycles(table: pl.DataFrame) -> dict[str, Any]:
    n, *figures = table.row(0)
    return {"n": n, **{name: one / SECOND for name, one in zip(("mean", "median", "p95"), figures)}}


def told_moves(table: pl.DataFrame) -> dict[str, Any]:
    return moves({(a, b): n for a, b, n in table.iter_rows()})


def asked_variants(log: Enriched) -> Any:
    return log, variants(log)


def told_variants(found: Any) -> dict[str, Any]:
    log, table = found
    names = log.moves["activity"].dtype.categories.to_list()
    return paths(([names[int(code)] for code in path.split("|")], n) for path, n in table.iter_rows())


def sizes(found: Any) -> dict[str, Any]:
    held = [*map(len, found[:3]), found[3].row(0)[0]]
    return dict(zip(FOUR_NAMES, held))


LOADED = Ask(load, load, lambda log: told_moves(follows(log)))
ASKS = {
    **dict.fromkeys(("load_parquet", "load_csv"), LOADED),
    "follows": Ask(load, follows, told_moves),
    "quantiles": Ask(load, quantiles, told_times),
    "variants": Ask(load, asked_variants, told_variants),
    "cycle_times": Ask(load, cycles, told_cycles),
    "load_and_four": Ask(load, four, sizes),
}
