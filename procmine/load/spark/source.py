"""Source: rows of a frame of Spark, a table or files, with the place where each stood, all rows of a case together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.columns import Columns, find_roles, missing_roles
from procmine.load.events.table import Given
from procmine.load.raw import IN_FILE, Places, Raw
from procmine.load.shape.unknown import refuse
from procmine.load.spark.ship import quoted
from procmine.log import LogError

if TYPE_CHECKING:
    import pyarrow as pa

Frame: TypeAlias = Any
PLACE, OTHERS, LOST = "procmine place", "procmine others", "procmine lost"  # columns of ours beside those of the source
AT_ONCE = 1_000_000  # events of a part: what one worker builds at a time, some hundred megabytes
TEXTS = {".csv": ",", ".txt": ",", ".tsv": "\t"}
COLUMNAR = {".parquet": "parquet", ".pq": "parquet", ".orc": "orc"}


@dataclass(frozen=True, eq=False)
class Found:
    """A source before it is read: the frame, its name, the number of its first row, whether it comes from files."""

    frame: Frame
    name: str
    first: int = 1
    filed: bool = False


@dataclass(frozen=True, eq=False)
class Told:
    """What every worker has to know of the source, picklable: `names` are all its columns, `columns` those that are read.

    Rows that Spark numbered from `begin[k]` on stood one after the other in file `file[k]`, from row `number[k]` on.
    """

    name: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    files: tuple[str, ...]
    begin: Ints
    file: Ints
    number: Ints

    def raw(self, table: pa.Table) -> Raw:
        """As a reader hands it to the door: in the order of the source, and where each row stood."""
        from procmine.load.arrays import whole_numbers
        from procmine.load.formats.tables import plain_table

        table = table.take(whole_numbers(np.argsort(table[PLACE].to_numpy(), kind="stable")))
        lost = table[LOST].is_valid().to_numpy() if LOST in table.column_names else np.zeros(len(table), bool)
        place = table[PLACE].to_numpy()
        file, number = self.stood(place)
        ragged = {}
        if lost.any():
            texts = table[LOST].filter(table[LOST].is_valid()).to_pylist()
            keys = number[lost] + IN_FILE * file[lost]
            ragged = dict(zip(keys.tolist(), texts))
            kept = np.flatnonzero(~lost)
            table, file, number = table.take(whole_numbers(kept)), file[kept], number[kept]
        read, notes = plain_table(table.select(self.columns))
        others = table.select([OTHERS]) if OTHERS in table.column_names else None
        return Raw(
            read,
            self.name,
            self.names,
            first=1,
            rest=None if others is None else lambda: others,
            ragged=ragged or None,
            notes=notes,
            places=Places(self.files, file, number),
        )

    def stood(self, place: Ints) -> tuple[Ints, Ints]:
        """File and number of rows that Spark numbered so."""
        split = np.searchsorted(self.begin, place, side="right") - 1
        return self.file[split], self.number[split] + place - self.begin[split]


def find(spark: Any, source: Any, columns: Columns) -> Found:
    """The frame of a source: one of Spark itself, a path, or the name of a table."""
    if hasattr(source, "sparkSession") and hasattr(source, "mapInArrow"):
        return Found(source, "the frame")
    if not isinstance(source, str) and not hasattr(source, "__fspath__"):
        raise ValueError(f"{type(source).__name__}: Spark reads a DataFrame, the name of a table, or a path.")
    path = str(source)
    kind = PurePosixPath(path.rstrip("/").removesuffix(".gz")).suffix.lower()
    if kind in COLUMNAR:
        return Found(_reached(lambda: spark.read.format(COLUMNAR[kind]).load(path), path), _called(path), filed=True)
    if kind in TEXTS:
        return _texts(spark, path, columns, TEXTS[kind])
    if "/" in path or "\\" in path:
        raise LogError(
            f"{path}: its name does not say how it is to be read. Spark reads here: {', '.join((*TEXTS, *COLUMNAR))} (a "
            "folder of such files by a pattern: folder/*.parquet), a table by its name, and any DataFrame: "
            "spark.read.format(...).load(...)."
        )
    return Found(_reached(lambda: spark.table(path), path), path)


def _texts(spark: Any, path: str, columns: Columns, sign: str) -> Found:
    """Delimited text, all as text; rows of another width are told apart, as Spark would else fill or cut them."""
    said = {
        "sep": columns.delimiter or sign,
        "quote": columns.quote or '"',
        "escape": '"',
        "encoding": columns.encoding or "UTF-8",
    }
    said |= {"header": "true", "mode": "PERMISSIVE", "enforceSchema": "true"}
    plain = (columns.encoding or "utf-8").lower() in ("utf-8", "iso-8859-1", "us-ascii") and columns.decimal != ","
    if columns.header not in (None, 1) or columns.quote not in (None, '"', "'") or not plain:
        raise LogError(
            f"{path}: lines above the header, decimal commas, quotation marks after a backslash, and encodings other than "
            "UTF-8 and ISO-8859-1 are read by procmine.read and procmine shard, not by Spark. Name a folder that "
            "`procmine shard` wrote, or a DataFrame."
        )
    names = _reached(lambda: spark.read.options(**said).csv(path), path).columns
    _check_lines(spark, path, columns)
    schema = ", ".join(f"`{one.replace('`', '``')}` string" for one in (*names, LOST))
    frame = spark.read.options(**said, columnNameOfCorruptRecord=LOST).schema(schema).csv(path)
    return Found(frame, _called(path), first=2, filed=True)


def _check_lines(spark: Any, path: str, columns: Columns) -> None:
    """One pass over the lines, each of which Spark takes for a row: LogError where it would read them wrongly."""
    from pyspark.sql import functions as f

    line, mark = f.col("value"), f.lit(columns.quote or '"')
    wrong = {  # why lines cannot be read, and which ones
        "a quotation mark that is not closed on its line (a line break inside a value, or a mark that stands for "
        "itself)": (f.length(line) - f.length(f.replace(line, mark, f.lit("")))) % 2 == 1,
        "a backslash before a quotation mark, which may or may not belong to the value": line.contains('\\"'),
    }
    if columns.encoding is None:
        wrong["a line that is not written in UTF-8"] = ~f.is_valid_utf8(line)
    begins = (f.col("_metadata.file_block_start") == 0) & (f.trim(line) != "")
    placed = spark.read.text(path).select(
        line, f.col("_metadata.file_path").alias("file"), f.when(begins, f.monotonically_increasing_id()).alias("first")
    )
    counts = [f.count_if(one).alias(why) for why, one in wrong.items()]
    files = placed.groupBy("file").agg(f.min_by(line, "first").alias("header"), *counts).collect()
    _refuse_lines(sorted((one.asDict() for one in files), key=lambda one: str(one["file"])), list(wrong), _called(path))


def _refuse_lines(files: Sequence[Mapping[str, Any]], wrong: Sequence[str], name: str) -> None:
    """LogError for what was found in `files`: their first lines, and how many lines are wrong in each way."""
    advice = "`procmine shard` reads this text: do so, then procmine.read_spark(spark, folder)."
    for why in wrong:
        found = [one for one in files if one[why]]
        if found:
            raise LogError(
                f"{name} holds {why}. Lines like that: {sum(one[why] for one in found):,}, the first in "
                f"{_called(unquote(found[0]['file']))}. Spark would read them wrongly. {advice}"
            )
    other = [one for one in files if one["header"] != files[0]["header"]]
    if other:
        raise LogError(
            f"{name}: of {len(files):,} files, {len(other):,} with other columns, or in another order, than those of "
            f"{_called(unquote(files[0]['file']))}; the first is {_called(unquote(other[0]['file']))}. Spark tells columns "
            f"of text by their place only. {advice}"
        )


def _reached(load: Any, path: str) -> Frame:
    """The frame; LogError in one sentence where there is none."""
    from pyspark.errors import PySparkException

    try:
        frame = load()
        _ = frame.columns
        return frame
    except PySparkException as error:
        why = str(error).split("\n")[0].split(" SQLSTATE")[0][:300]
        raise LogError(f"Spark cannot read {path}: {why} Each worker has to see it under that name.") from error


def _called(path: str) -> str:
    return PurePosixPath(path.rstrip("/")).name


def gathered(found: Found, given: Given, partitions: int | None) -> tuple[Frame, Told]:
    """The rows with only the columns that a log needs, all rows of a case in one partition, and what is known of them."""
    from pyspark.sql import functions as f

    names = tuple(one for one in found.frame.columns if one != LOST)
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise LogError(f"{found.name}: two columns are called {twice[0]!r}. Give each a name of its own.")
    columns = find_roles(given.columns, names, found.name)
    if missing_roles(columns):
        raise refuse(_glimpse(found, names), columns)
    if columns.clock is not None:
        raise LogError(
            f"{found.name}: a time of day in a column of its own ({columns.clock!r}) is not read on Spark. Join both there."
        )
    wanted = tuple(columns.read(names))
    ours = [f.monotonically_increasing_id().alias(PLACE)]
    placed = found.frame.select("*", *ours, *([_split(f)] if found.filed else []))
    told = _told(placed, found, names, wanted)
    rows = int(told[1])
    if not rows:
        raise LogError(f"{found.name} holds no rows.")
    others = [one for one in names if one not in wanted]
    extra = [_alike(f, found.frame, others)] if others and columns.repeated != "keep" else []
    lost = [LOST] if LOST in found.frame.columns else []
    chosen = placed.select(*map(quoted, wanted), PLACE, *lost, *extra)
    n = partitions or max(ceil(rows / AT_ONCE), workers(found.frame.sparkSession))
    key = f.coalesce(f.col(quoted(str(columns.case))).cast("string"), f.col(f"`{PLACE}`").cast("string"))
    return chosen.repartition(n, key), told[0]


def _split(f: Any) -> Any:
    """Which piece of which file a row comes from."""
    return f.struct(f.col("_metadata.file_path"), f.col("_metadata.file_block_start")).alias("procmine split")


def _alike(f: Any, frame: Frame, others: Sequence[str]) -> Any:
    """One number for the columns that are not read, equal where all of them are."""
    kinds = dict(frame.dtypes)
    cells = [f.to_json(quoted(one)) if "map<" in kinds[one] else f.col(quoted(one)) for one in others]
    return f.xxhash64(*cells, *(one.isNull() for one in cells)).alias(OTHERS)


def _told(placed: Frame, found: Found, names: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[Told, int]:
    """Counts the rows of each piece of the source: one pass that reads no column where the format allows it."""
    from pyspark.sql import functions as f

    keys = ["`procmine split`"] if found.filed else []
    piece = f.shiftright(f.col(f"`{PLACE}`"), 33).alias("piece")
    counted = (
        placed.select(PLACE, piece, *keys)
        .groupBy("piece", *keys)
        .agg(f.min(f"`{PLACE}`").alias("begin"), f.count(f.lit(1)).alias("n"))
    )
    rows = sorted((_key(row, found), row["begin"], row["n"]) for row in counted.collect())
    paths = sorted({key[0] for key, _, _ in rows})
    begin, file, number = (np.zeros(len(rows), np.int64) for _ in range(3))
    following: dict[str, int] = {}
    for k, (key, first, n) in enumerate(rows):
        begin[k], file[k] = first, paths.index(key[0])
        number[k] = following.get(key[0], found.first)
        following[key[0]] = int(number[k]) + n
    order = np.argsort(begin, kind="stable")
    files = tuple(_called(unquote(one)) for one in paths) or (found.name,)
    told = Told(found.name, names, wanted, files, begin[order], file[order], number[order])
    return told, sum(n for _, _, n in rows)


def _key(row: Any, found: Found) -> tuple[str, int]:
    split = row["procmine split"] if found.filed else None
    return (split["file_path"], split["file_block_start"]) if split is not None else (found.name, row["piece"])


def _glimpse(found: Found, names: tuple[str, ...]) -> Raw:
    """A few rows, for an error that shows which columns there are."""
    few = found.frame.select(*map(quoted, names)).limit(20).toArrow()
    return Raw(few, found.name, names, first=found.first)


def workers(spark: Any) -> int:
    """How many tasks the cluster does at a time; where it does not say (Spark Connect), some."""
    try:
        return int(spark.sparkContext.defaultParallelism)
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("pyspark", "builtins"):
            raise
        return 16
