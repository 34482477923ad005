"""A folder of files with the same columns as one stream, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.load.columns import Columns, find_roles
from procmine.load.formats import several
from procmine.load.raw import IN_FILE, Raw, unique_names
from procmine.load.sharding.streams import FEATHER, PARQUET, TEXT, Batch, Stream, stream_of_file
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa


class FolderStream(Stream):
    """Several files. Their columns have the same names and kinds, and their times are written alike for certain."""

    def __init__(self, paths: Sequence[Path], streams: Sequence[Stream], left: Sequence[str]) -> None:
        self.streams, self.paths = streams, tuple(paths)
        first = streams[0]
        self.name, self.files = several.name_of_all(paths), tuple(several.short_names(paths))
        self.names, self.wanted, self.others = unique_names(first.names), first.wanted, first.others
        self.rows = sum(one.rows for one in streams)
        self.left = (Message("load.several.left", {"names": several.few_of(left)}),) if left else ()

    @classmethod
    def of(cls, source: str | Path, columns: Columns, kinds: Callable[[Path], bool]) -> FolderStream | None:
        """None where the files differ; `kinds` tells files that can be read."""
        paths, left = several.files_of(source, kinds)
        if len({_kind(path) for path in paths}) > 1:
            return None
        streams = [one for path in paths if (one := stream_of_file(path, columns)) is not None]
        if len(streams) < len(paths) or any(_shape(one) != _shape(streams[0]) for one in streams):
            return None
        return cls(paths, streams, left) if _told_apart(streams, columns) else None

    def batches(self) -> Iterator[Batch]:
        for code, stream in enumerate(self.streams):
            for batch in stream.batches():
                yield replace(batch, file=code)

    def notes(self) -> tuple[Message, ...]:
        parts = [several.FilePart(path, name, {}) for path, name in zip(self.paths, self.files)]
        empty: Any = None
        raws = [Raw(empty, one.name, one.names, first=1, notes=one.notes()) for one in self.streams]
        return (several.read_note(parts), *several.notes_of(parts, raws), *self.left)

    def lost(self) -> dict[int, str]:
        return {key + IN_FILE * code: text for code, one in enumerate(self.streams) for key, text in one.lost().items()}


def _kind(path: Path) -> str:
    """Text, Parquet or Feather by the name of the file (packed or not)."""
    suffixes = [one.lower() for one in path.suffixes if one.lower() not in (".gz", ".zip")]
    last = suffixes[-1] if suffixes else ""
    return next((kinds[0] for kinds in (TEXT, PARQUET, FEATHER) if last in kinds), "")


def _shape(stream: Stream) -> tuple[Any, ...]:
    return tuple(stream.names), tuple(stream.wanted), tuple(stream.others)


def _told_apart(streams: Sequence[Stream], columns: Columns) -> bool:
    """Whether each file can be read without a look at the others: of the same types, with times that have a type, are
    written with the year first, or as was said."""
    heads = [head for stream in streams if (head := _head(stream)) is not None]
    if len({str(head.schema) for head in heads}) > 1:
        return False
    roles = find_roles(columns, streams[0].names, streams[0].name)
    times = [name for role in several.TIMES if (name := getattr(roles, role)) is not None]
    unsaid = [name for name in times if roles.dates_of(name) is None]
    return len(streams) == 1 or all(several.is_iso(head[name]) for head in heads for name in unsaid)


def _head(stream: Stream) -> pa.Table | None:
    batches = stream.batches()
    try:
        first = next(batches, None)
    finally:
        batches.close()  # type: ignore[attr-defined]
    return None if first is None else first.table
