"""From a stream to chunks on disk: each row is read once, and two chunks are written at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from procmine.kernels.partial import merge_all
from procmine.load.columns import Columns, find_roles, missing_roles
from procmine.load.events.facts import RowFacts
from procmine.load.formats.several import TIMES
from procmine.load.raw import file_hash
from procmine.load.shape.unknown import refuse
from procmine.load.sharding.buckets import Layout, joined, write_chunk
from procmine.load.sharding.streams import Batch, Stream, head_of
from procmine.load.sharding.work import READ, Work, identity
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

THREADS = 2
OWN = 400 << 20  # bytes that Python, numpy, Arrow and compiled kernels take before there is any data
PER_EVENT, TIMES_READ = 190, 3  # bytes of a row while its shard is built: of its own, and for each byte of its columns
CHUNK, SHARD = 1 << 21, 3 << 19  # rows, at most, of a chunk and about of a shard
LARGEST = 1 << 15  # shards
Said = Callable[[float], None]
Survey: TypeAlias = "Callable[[pa.Table], RowFacts]"


@dataclass(frozen=True)
class Measures:
    """How large a source is, told from its first rows."""

    rows: int
    row: float  # bytes of one

    @classmethod
    def of(cls, stream: Stream, head: pa.Table) -> Measures:
        return cls(stream.rows, sum(map(_width, head.columns)) + 12)

    def chunk(self, memory: int) -> int:
        """Rows of a chunk: of three, in up to three forms, at a time."""
        return int(np.clip((memory - OWN) / 16 / self.row, 1 << 12, CHUNK))

    def shards(self, memory: int) -> int:
        """So many that two can be built at a time."""
        most = min(max((memory - OWN) / THREADS / (PER_EVENT + TIMES_READ * self.row), 1 << 12), SHARD)
        return int(np.clip(np.ceil(self.rows / most), 1, LARGEST))

    @property
    def disk(self) -> int:
        """Bytes for the chunks and the shards together."""
        return int(self.rows * self.row * 1.5) + (1 << 20)


def _width(column: pa.ChunkedArray) -> float:
    """Bytes that a value takes, written out if it is text of many values."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes) / max(len(column), 1)
    levels = sum(len(one.dictionary) for one in column.chunks)
    if levels < len(column) / 4:
        return 4
    return 4 + sum(int(one.dictionary.nbytes) for one in column.chunks) / max(levels, 1)


def layout_of(stream: Stream, columns: Columns, head: pa.Table, shards: int) -> Layout:
    """LogError where the roles of the columns cannot be told."""
    roles = find_roles(columns, stream.names, stream.name)
    if missing_roles(roles):
        raise refuse(head_of(stream, head), roles)
    times = {getattr(roles, role) for role in TIMES}
    names = (*stream.wanted, *stream.others)
    held = tuple(place for place, name in enumerate(names) if name in times)
    return Layout(names, len(stream.wanted), names.index(str(roles.case)), held, shards, len(stream.files) > 1)


def read_all(
    stream: Stream, layout: Layout, rows: int, work: Work, said: Said, survey: Survey | None = None
) -> dict[str, Any]:
    """Chunks of so many rows of the source, those that are missing, each with what its rows tell; and what was noted
    over all."""
    before = identity(stream.paths)
    with ThreadPoolExecutor(THREADS + 1) as pool:
        hashes = pool.submit(_hashed, stream.paths)
        running: set[Future[None]] = set()
        seen = 0
        try:
            for number, batches in enumerate(_cut(stream.batches(), rows)):
                seen += sum(len(one.number) for one in batches)
                target = work.chunk(number)
                if not target.exists():
                    running = _some_done(running, THREADS)
                    running.add(pool.submit(_kept, batches, layout, target, survey))
                said(seen / max(stream.rows, seen))
            _some_done(running, 1)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        sums = hashes.result()
    if identity(stream.paths) != before:
        raise LogError(f"{stream.name} was changed while it was read. Run the command again when nobody writes to it.")
    if not seen:
        raise LogError(f"{stream.name}: no row can be used.")
    lost = {str(key): text for key, text in stream.lost().items()}
    read = {"rows": seen, "notes": [one.to_dict() for one in stream.notes()], "lost": lost, "hashes": sums}
    work.keep(READ, read)
    return read


def _kept(batches: Sequence[Batch], layout: Layout, target: Path, survey: Survey | None) -> None:
    """A chunk, and before it what its rows tell."""
    if survey is not None:
        told = survey(joined(batches, layout)).to_dict()
        _facts_file(target).write_text(json.dumps(told), encoding="utf-8")
    write_chunk(batches, layout, target)


def _facts_file(chunk: Path) -> Path:
    return chunk.with_name(f"{chunk.stem.replace('rows', 'told')}.json")


def row_facts(work: Work, survey: Callable[[Path], RowFacts]) -> RowFacts:
    """What all rows tell; chunks of which that was not kept are surveyed."""
    return merge_all(_facts_of(chunk) or survey(chunk) for chunk in work.chunks())


def _facts_of(chunk: Path) -> RowFacts | None:
    file = _facts_file(chunk)
    return RowFacts.from_dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def _hashed(paths: Sequence[Path]) -> list[str]:
    return [file_hash(path) for path in paths]


def hash_of(hashes: Sequence[str]) -> str:
    """As `files_hash` tells a source."""
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def _some_done(running: set[Future[None]], at_most: int) -> set[Future[None]]:
    """Waits until fewer than `at_most` go on; raises what they raised."""
    while len(running) >= at_most:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for one in done:
            one.result()
    return running


def _cut(batches: Iterator[Batch], rows: int) -> Iterator[list[Batch]]:
    """Lists of batches with so many rows together, the last with those that are left."""
    held: list[Batch] = []
    n = 0
    for batch in batches:
        while n + len(batch.number) >= rows:
            head = rows - n
            yield [*held, _slice(batch, 0, head)]
            batch, held, n = _slice(batch, head, len(batch.number)), [], 0
        if len(batch.number):
            held.append(batch)
            n += len(batch.number)
    if held:
        yield held


def _slice(batch: Batch, begin: int, end: int) -> Batch:
    return Batch(batch.table.slice(begin, end - begin), batch.number[begin:end], batch.file)


def notes_of(read: dict[str, Any]) -> tuple[Message, ...]:
    return tuple(Message.from_dict(one) for one in read["notes"])
