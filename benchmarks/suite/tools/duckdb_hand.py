"""duckdb, written by hand: a table in memory, sorted, each event with the next step and the wait, each case with its path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from benchmarks.suite.answers import FOUR_NAMES, Ask, moves, paths, timed

PACKAGES = ("duckdb",)
SECOND = 1_000_000
ENRICH = """
create table log as
select case_id, activity::step as activity, timestamp, lead(activity::step) over w as after,
       epoch_us(lead(timestamp) over w) - epoch_us(timestamp) as wait, region, kind, worker
from source window w as (partition by case_id order by timestamp, nth) order by case_id, timestamp, nth
"""
CASES = """
create table cases as
select case_id, epoch_us(max(timestamp)) - epoch_us(min(timestamp)) as length,
       string_agg(enum_code(activity)::text, '|' order by rowid) as path from log group by case_id
"""
FIGURES = "count(*), avg({0}), median({0}), quantile_cont({0}, 0.95)"


def load(path: Path) -> Any:
    db = duckdb.connect()
    read = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    db.execute(f"create temp table source as select *, row_number() over () as nth from {read}(?)", [str(path)])
    db.execute("create type step as enum (select distinct activity from source order by activity)")
    db.execute(ENRICH)
    db.execute("drop table source")
    db.execute(CASES)
    db.execute("create type path as enum (select distinct path from cases)")
    db.execute("alter table cases alter path type path")
    return db


def query(sql: str) -> Any:
    return lambda db: db.execute(sql).fetchall()


follows = query("select activity, after, count(*) from log where after is not null group by all")
quantiles = query(f"select activity, after, {FIGURES.format('wait')} from log where after is not null group by all")
variants = query("select path, count(*) from cases group by all")
cycles = query(f"select {FIGURES.format('length')} from cases")
rework = query(
    "select activity, count(*) from (select case_id, activity from log group by all having count(*) > 1) group by all"
)


def four(db: Any) -> Any:
    return follows(db), quantiles(db), variants(db), cycles(db)


def told_moves(rows: Any) -> dict[str, Any]:
    return moves({(a, b): n for a, b, n in rows})


def told_times(rows: Any) -> dict[str, Any]:
    return timed((a, b, n, *(one / SECOND for one in figures)) for a, b, n, *figures in rows)


def told_cycles(rows: Any) -> dict[str, Any]:
    n, *figures = rows[0]
    return {"n": n, **{name: one / SECOND for name, one in zip(("mean", "median", "p95"), figures)}}


def asked_variants(db: Any) -> Any:
    return db, variants(db)


def told_variants(found: Any) -> dict[str, Any]:
    db, rows = found
    names = [one for (one,) in db.execute("select unnest(enum_range(null::step))::text").fetchall()]
    return paths(([names[int(code)] for code in path.split("|")], n) for path, n in rows)


def sizes(found: Any) -> dict[str, Any]:
    return dict(zip(FOUR_NAMES, [*map(len, found[:3]), found[3][0][0]]))


LOADED = Ask(load, load, lambda db: told_moves(follows(db)))
ASKS = {
    **dict.fromkeys(("load_parquet", "load_csv"), LOADED),
    "follows": Ask(load, follows, told_moves),
    "quantiles": Ask(load, quantiles, told_times),
    "variants": Ask(load, asked_variants, told_variants),
    "cycle_times": Ask(load, cycles, told_cycles),
    "rework": Ask(load, rework, dict),
    "load_and_four": Ask(load, four, sizes),
}
