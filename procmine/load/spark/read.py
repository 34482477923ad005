"""Read: a log from what a cluster of Spark can read, through the same door as every other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from procmine.load import door
from procmine.load.columns import Columns, over
from procmine.load.events.settled import Settled, settle_cases, settle_rows
from procmine.load.events.table import Given, Loaded
from procmine.load.events.watch import Ends
from procmine.load.shape import sources
from procmine.load.spark.building import Build, Survey
from procmine.load.spark.folding import CASE, EVENT, folded
from procmine.load.spark.log import SparkLog, SparkShards
from procmine.load.spark.ship import ANSWER, run
from procmine.load.spark.source import Told, find, gathered
from procmine.log import LogError
from procmine.scale.folds import Steps, empty

if TYPE_CHECKING:
    from procmine.about import About
    from procmine.load.spec import Spec


def read_spark(
    spark: Any,
    source: Any,
    *,
    columns: Columns | None = None,
    spec: str | Path | Spec | None = None,
    cutoff: str | None = None,
    ends: Ends | Literal["every case"] = None,
    tags: Mapping[str, str] | None = None,
    partitions: int | None = None,
) -> SparkLog | SparkShards:
    """A log on a cluster: `spark` is a session, `source` a DataFrame, the name of a table, or a path.

    Paths: text (.csv, .tsv, .txt, also .gz), .parquet, .orc, patterns of them, or a folder of shards; each worker has to
    see it under this name. The rest is as in `read`, and so are the events, cases and rows set aside; `spec` is named, not
    looked for. Events of one moment keep the order of the files; a DataFrame that is itself the end of a shuffle has none,
    so name the `order` column. The source is read twice, once to count its rows (text a third time, to check its lines), and
    its cases are brought together once.

    `partitions`: into how many parts the cases are cut, else one for a million events; all events of a case are in one.
    """
    _check(spark, partitions)
    folder = Path(str(source)) if isinstance(source, str | Path) else None
    if folder is not None and (folder / door.SAVED).is_file():
        return _stored(spark, folder, columns, spec, cutoff, ends, tags)
    said, file = _said(spec)
    given = door.given_of(said, file, columns, cutoff, ends, tags)
    whole = over(columns or Columns(), said.as_columns()) if said is not None else columns or Columns()
    found = find(spark, source, whole)
    given = replace(given, source={"data": found.name})
    rows, told = gathered(found, given, partitions)
    return _built(rows, told, given, said)


def _check(spark: Any, partitions: int | None) -> None:
    if not hasattr(spark, "sql") or not hasattr(spark, "range"):
        raise ValueError(
            f"{type(spark).__name__} is no session of Spark: SparkSession.builder.getOrCreate() makes one."
        )
    if partitions is not None and partitions < 1:
        raise ValueError(f"{partitions} partitions: at least 1 is needed.")


def _said(spec: str | Path | Spec | None) -> tuple[Spec | None, Path | None]:
    """The spec, if it asks for nothing that needs all rows at once."""
    if spec is None:
        return None, None
    file = Path(spec) if isinstance(spec, str | Path) else None
    said: Spec = door.read_spec(door.existing(file)) if file is not None else spec  # type: ignore[assignment]
    shaped = sources.is_shaped(said, said.as_columns())
    if shaped or said.sources or said.renames or said.voice or said.mended:
        raise LogError(
            f"{file.name if file else 'The spec'} shapes, joins, renames or mends tables, or reads what people said, which "
            "needs all rows in one place. Read it with procmine.read and save it, procmine.save(log, folder, shards=N), then "
            "procmine.read_spark(spark, folder)."
        )
    return said, file


def _stored(spark: Any, folder: Path, *given: object) -> SparkShards:
    from procmine.scale.shards import ShardedLog

    if any(one is not None for one in given):
        raise ValueError(f"{folder.name} is a folder of shards: its columns, ends and cutoff are settled already.")
    stored = ShardedLog.open(folder.absolute())
    return SparkShards(stored.about, Steps(stored.about), stored, spark)


def _built(rows: Any, told: Told, given: Given, said: Spec | None) -> SparkLog:
    """Survey, settle, build: the door in passes over the gathered rows, which are kept while it takes."""
    from pyspark import StorageLevel

    n = rows.rdd.getNumPartitions() if hasattr(rows, "rdd") else 64
    rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        settled = _settled(rows, told, given, n)
        about = _about(settled, said)
        texts = (*(CASE + one for one in about.attributes), *(EVENT + one for one in about.event_attributes))
        frame = run(rows, Build(told, given, settled, texts), (ANSWER, *texts))
        log = SparkLog(about, Steps(about), frame, n)
        log.keep()
        log._counted  # noqa: B018 - builds the parts while the rows are still there
        return log
    finally:
        rows.unpersist()


def _settled(rows: Any, told: Told, given: Given, n: int) -> Settled:
    settled: Settled | None = None
    while settled is None or settled.needs == "rows":
        settled = settle_rows(folded(rows, Survey(told, given, settled), n), given, settled)
    while settled.needs == "cases":
        settled = settle_cases(folded(rows, Survey(told, given, settled), n), given, settled)
    return settled


def _about(settled: Settled, said: Spec | None) -> About:
    """What is known of the log, with what the spec says of calendars checked as `read` does."""
    assert settled.about is not None
    none = Loaded(empty(settled.about), np.empty(0, np.uint8))
    return door.with_calendars(none, said).log.about
