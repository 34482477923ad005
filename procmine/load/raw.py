"""What a reader of one format hands to the door: a table of columns as they are, and where each row stood."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa


IN_FILE = 1 << 40  # more rows than a file has


@dataclass(frozen=True, eq=False)
class Places:
    """Where the rows of a table stood: `file[row]` is a place in `files`, `number[row]` the row's number in that file.

    Of a wide table that was made long, `column[row]` is a place in `columns`: which column held the event's date.
    """

    files: tuple[str, ...]
    file: NDArray[np.integer[Any]]
    number: Ints
    columns: tuple[str, ...] = ()
    column: NDArray[np.integer[Any]] | None = None


@dataclass(frozen=True, eq=False)
class Raw:
    """`table` holds the columns that were read, `names` all that the source has, `rest` reads the others.

    A row's number is its place in the source: `first` is the number of the first one (2 below a header), and `ragged`
    maps the numbers of rows that could not be split into columns to their text (of several files: the number plus
    IN_FILE times the file's place). `places` says where each row stood if that was not one after the other in one file.
    `serials`: plain numbers may be dates. `repeats`: rows that are equal throughout are events that happened twice.
    """

    table: pa.Table
    name: str
    names: Sequence[str]
    first: int
    rest: Callable[[], pa.Table] | None = None
    ragged: Mapping[int, str] | None = None
    notes: tuple[Message, ...] = ()
    serials: bool = False
    repeats: bool = False
    places: Places | None = None

    def file_names(self, place: Ints) -> list[str]:
        """The files in which rows of the table stood."""
        if self.places is None:
            return [self.name] * len(place)
        return [self.places.files[code] for code in self.places.file[place]]

    def row_numbers(self, place: Ints) -> Ints:
        """The numbers, in their file, of rows of the table."""
        if self.places is not None:
            return self.places.number[place]
        if not self.ragged:
            return place + self.first
        ragged = np.array(sorted(self.ragged), np.int64)
        return place + self.first + np.searchsorted(ragged - np.arange(len(ragged)), place + self.first, side="right")

    def rows_of(self, keys: Collection[tuple[str, int]]) -> Ints:
        """The rows of the table that stood there (file, number) in the source."""
        numbers = self.row_numbers(np.arange(len(self.table)))
        there = np.flatnonzero(np.isin(numbers, np.array([number for _, number in keys], np.int64)))
        stood = zip(self.file_names(there), numbers[there].tolist())
        rows: Ints = there[np.array([one in keys for one in stood], bool)]
        return rows

    def column_names(self, place: Ints) -> list[str]:
        """The columns that held the dates of rows of a table made long; empty for others."""
        if self.places is None or self.places.column is None:
            return [""] * len(place)
        return [self.places.columns[code] if code >= 0 else "" for code in self.places.column[place]]

    def lost(self) -> list[tuple[str, int, str]]:
        """File, number and text of the rows that could not be split into columns, in order."""
        files = (self.name,) if self.places is None else self.places.files
        return [(files[key // IN_FILE], key % IN_FILE, text) for key, text in sorted((self.ragged or {}).items())]


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def spec_beside(data: Path) -> Path:
    """Where the spec of a data file lies, if it has one: beside it, under its name."""
    return data.with_name(Path(data.name.removesuffix(".gz").removesuffix(".zip")).stem + ".yaml")


def is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def unique_names(names: Sequence[str]) -> list[str]:
    """Names with a number after those that came before, and for those that are empty."""
    found: dict[str, None] = {}
    again: dict[str, int] = {}
    for place, name in enumerate(names):
        plain = unique = name or f"column {place + 1}"
        while unique in found:
            again[plain] = again.get(plain, 1) + 1
            unique = f"{plain} ({again[plain]})"
        found[unique] = None
    return list(found)
