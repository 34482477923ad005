"""A folder of shards that is damaged, or was made to do harm, is refused before anything in it is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.about import About
from procmine.kernels.flow import Ints
from procmine.log import LogError

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 99_999  # shards: their files have numbers of five digits
OF_BASE, OF_DELTA = r"(base-\d{4,9})?", r"delta-\d{4,9}"  # folders in it: no name leads out of it
WHOLE = "Take the folder from a backup, or make it again from its source."


def check_record(plain: Any, folder: Path) -> Mapping[str, Any]:
    """What about.json holds, once it can be believed."""
    held = isinstance(plain, dict) and isinstance(plain.get("about"), dict) and _number(plain.get("shards"), 1, MOST)
    if not held or not _named(plain) or not _number(plain.get("cutoff", 0)):
        raise broken(folder, "about.json is damaged")
    if (folder / plain.get("base", "") / f"cases-{plain['shards']:05}.parquet").exists():
        raise broken(folder, f"about.json says {plain['shards']:,} shards, but there are files of more")
    checked: Mapping[str, Any] = plain
    return checked


def check_about(about: About, folder: Path) -> About:
    """The numbers and names that the files are read by."""
    names = [about.activities, about.ends, about.attributes, about.event_attributes]
    texts = all(isinstance(some, tuple) and all(isinstance(one, str) for one in some) for some in names)
    if not texts or not (_number(about.cutoff) and _number(about.begins)):
        raise broken(folder, "about.json is damaged")
    return about


def _named(plain: Mapping[str, Any]) -> bool:
    """Whether all folders named are those of bases and months, with numbers that can be."""
    base, newest, deltas = plain.get("base", ""), plain.get("newest", ""), plain.get("deltas", [])
    if not isinstance(base, str) or not isinstance(newest, str) or not isinstance(deltas, list):
        return False
    whole = re.fullmatch(OF_BASE, base) and re.fullmatch(f"{OF_BASE}|{OF_DELTA}", newest)
    return bool(whole) and all(_delta(one, plain["shards"]) for one in deltas)


def _delta(one: Any, shards: int) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("shards"), list) or not _number(one.get("cutoff")):
        return False
    known = all(_number(number, 0, shards - 1) for number in one["shards"])
    return known and isinstance(one.get("name"), str) and bool(re.fullmatch(OF_DELTA, one["name"]))


def _number(value: Any, least: int = -(2**63), most: int = 2**63 - 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


@contextmanager
def believed(folder: Path) -> Iterator[None]:
    """What about.json lacks, or holds as something else, is said as that."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, RecursionError) as error:
        raise broken(folder, "about.json is damaged") from error
    except ValueError as error:
        if isinstance(error, LogError):
            raise
        raise broken(folder, "about.json is damaged") from error


@contextmanager
def sound(file: Path) -> Iterator[None]:
    """A file that is cut off, or is no Parquet file, is said by its name."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise broken(file.parent, f"{file.name} is damaged") from error
    except OSError as error:
        if error.errno is not None:  # of the system; those without are of damaged pages
            raise
        raise broken(file.parent, f"{file.name} is damaged") from error


def check_columns(table: pa.Table, needed: tuple[str, ...], file: Path) -> None:
    lacking = [name for name in needed if name not in table.column_names]
    if lacking:
        raise broken(file.parent, f"{file.name} has no column {lacking[0]!r}")


def check_fit(events: pa.Table, offset: Ints, activities: int, file: Path) -> None:
    """LogError where the events are not those of the cases, or of other activities."""
    import pyarrow.compute as pc

    highest = pc.max(events["activity"]).as_py() if len(events) else 0
    if int(offset[-1]) != len(events) or highest >= activities > 0:
        raise broken(file.parent, f"{file.name} does not fit its file of cases, or about.json")


def broken(folder: Path, what: str) -> LogError:
    return LogError(f"{folder.name}: {what}. {WHOLE}")
