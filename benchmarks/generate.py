"""Make a log of about N events for benchmarks: python benchmarks/generate.py EVENTS FILE.parquet|FILE.csv [SEED]

Cases walk a chain of steps with skips, repeats and a few common paths, so that variants are skewed, and end with "Closed";
rows stand in order of time, as an agency's export would have them, up to the day of the export (what comes later is not in
it), with text ids, a region and a kind per case and a worker per event. Made block by block of cases, so that 100 million
events need less than 2 GB of memory; the rows depend on the shape and the seed alone, not on how many blocks are held.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute, csv, parquet

HOUR = 3_600_000_000  # microseconds
BLOCK = 10_000  # cases that are drawn together: part of what the seed means
BEGIN = int(np.datetime64("2022-01-01", "us").astype(np.int64))
SPAN = 3 * 365 * 24 * HOUR  # from the first arrival to the export
END = "Closed"
KINDS = ("ordinary", "urgent", "appeal", "referred", "other")
OFTEN = (0.62, 0.2, 0.1, 0.05, 0.03)
ROWS = 1_000_000  # of one row group

Columns = dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Shape:
    """A log to be made. length: mean events of a case; straight: share of cases that go from step to step without skips."""

    events: int
    seed: int = 1
    activities: int = 25
    length: int = 11
    straight: float = 0.6

    @property
    def cases(self) -> int:
        return max(round(self.events / self.length), 1)


def generate(events: int, seed: int = 1) -> pa.Table:
    """One row an event: case_id, activity, timestamp (microseconds, no zone), region, kind, worker."""
    return pa.concat_tables(tables(Shape(events, seed)))


def tables(shape: Shape, blocks: int = 10) -> Iterator[pa.Table]:
    """The rows in order of time, as tables of about so many blocks of cases each."""
    carried: Columns = {}
    numbers = range(-(-shape.cases // BLOCK))
    for first in range(0, len(numbers), blocks):
        drawn = [_block(shape, number) for number in numbers[first : first + blocks]]
        held = {name: np.concatenate([one[name] for one in (carried, *drawn) if one]) for name in drawn[0]}
        upto = _window(shape, first + blocks)
        order = np.argsort(held["time"], kind="stable")  # ties: the earlier case first, then as in the case
        held = {name: column[order] for name, column in held.items()}
        ready = int(np.searchsorted(held["time"], upto))
        carried = {name: column[ready:] for name, column in held.items()}
        yield _table(shape, {name: column[:ready] for name, column in held.items()})


def _window(shape: Shape, block: int) -> int:
    """No case of this block or a later one arrives before this moment."""
    return BEGIN + SPAN * min(block * BLOCK, shape.cases) // shape.cases


def _block(shape: Shape, number: int) -> Columns:
    """The events of some cases, case by case, up to the day of the export."""
    draw = np.random.default_rng([shape.seed, number])
    cases = np.arange(number * BLOCK, min((number + 1) * BLOCK, shape.cases))
    length = np.maximum(draw.poisson(max(shape.length - 3, 0), len(cases)) + 3, 2)
    arrival = draw.integers(
        _window(shape, number), max(_window(shape, number + 1), _window(shape, number) + 1), len(cases)
    )
    step = _steps(shape, draw, length)
    region, kind = draw.integers(0, 12, len(cases)), draw.choice(len(KINDS), len(cases), p=OFTEN)
    rows = {
        "time": _times(draw, step, length, arrival),
        "step": step,
        "worker": draw.integers(0, 500, len(step)),
        **{name: np.repeat(one, length) for name, one in (("case", cases), ("region", region), ("kind", kind))},
    }
    exported = rows["time"] < BEGIN + SPAN
    return {name: column[exported] for name, column in rows.items()}


def _steps(shape: Shape, draw: np.random.Generator, length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes of steps; the last of a case is the one that ends it."""
    offset = np.concatenate(([0], np.cumsum(length)))
    n = int(offset[-1])
    straight = np.repeat(draw.random(len(length)) < shape.straight, length)
    move = np.where(straight, 1, draw.choice([0, 1, 1, 1, 1, 2, 3], n))
    move[offset[:-1]] = 0
    walked = np.cumsum(move)
    step = (walked - np.repeat(walked[offset[:-1]], length)) % (shape.activities - 1)
    step[offset[1:] - 1] = shape.activities - 1
    return step


def _times(
    draw: np.random.Generator, step: NDArray[np.int64], length: NDArray[np.int64], arrival: NDArray[np.int64]
) -> NDArray[np.int64]:
    offset = np.concatenate(([0], np.cumsum(length)))
    gap = draw.gamma(0.6, 40 * HOUR * (1 + step % 5)).astype(np.int64)
    gap[offset[:-1]] = 0
    run = np.cumsum(gap)
    return run - np.repeat(run[offset[:-1]] - arrival, length)


def _table(shape: Shape, held: Columns) -> pa.Table:
    wide = len(str(shape.cases))
    spread = next(
        one for one in range(int(shape.cases * 0.618) | 1, 10 * shape.cases + 10) if gcd(one, shape.cases) == 1
    )
    number = compute.cast(pa.array(held["case"] * spread % shape.cases), pa.string())  # ids are not in order of arrival
    names = pa.array([*(f"Step {code:02} of the process" for code in range(shape.activities - 1)), END])
    texts = {
        "activity": (names, "step"),
        "region": (pa.array([f"Region {code:02}" for code in range(12)]), "region"),
        "kind": (pa.array(KINDS), "kind"),
        "worker": (pa.array([f"w{code:04}" for code in range(500)]), "worker"),
    }
    columns = {name: levels.take(pa.array(held[code])) for name, (levels, code) in texts.items()}
    case = compute.binary_join_element_wise("CASE", compute.utf8_lpad(number, wide, "0"), "-")
    order = ("case_id", "activity", "timestamp", "region", "kind", "worker")
    whole = {**columns, "case_id": case, "timestamp": pa.array(held["time"].astype("M8[us]"))}
    return pa.table({name: whole[name] for name in order})


def write(shape: Shape, path: Path) -> int:
    """Write the log (Parquet or CSV by the name) under a sibling name, then in place; how many events."""
    partial = path.with_name(f".{path.name}.partial")
    rows, waiting, writer = 0, [], None
    for table in tables(shape):
        rows += len(table)
        waiting.append(table)
        if writer is None:
            writer = _writer(path, partial, table.schema)
        if sum(map(len, waiting)) >= ROWS:
            writer.write_table(pa.concat_tables(waiting))
            waiting = []
    assert writer is not None
    if waiting:
        writer.write_table(pa.concat_tables(waiting))
    writer.close()
    partial.replace(path)
    return rows


def _writer(path: Path, partial: Path, schema: pa.Schema) -> parquet.ParquetWriter | csv.CSVWriter:
    if path.suffix == ".csv":
        return csv.CSVWriter(partial, schema)
    return parquet.ParquetWriter(partial, schema, compression="zstd")


if __name__ == "__main__":
    target = Path(sys.argv[2])
    made = write(Shape(int(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1), target)
    print(f"{made:,} events in {target.name}")
