"""A log on a cluster of Spark: whole cases in each part, asked where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from procmine.kernels.partial import Partial
from procmine.load.spark.arriving import REFUSED
from procmine.load.spark.folding import CASE, EVENT, Fold, Stored, folded, part_of
from procmine.load.spark.ship import ANSWER, quoted
from procmine.scale.folds import Folded

if TYPE_CHECKING:
    from procmine.log import EventLog

P = TypeVar("P", bound=Partial)


@dataclass(frozen=True, repr=False, eq=False)
class SparkLog(Folded):
    """Parts of about a million events each, built once and kept by the executors, in memory and else on their disks.

    A question is sent to them and answered there part by part; counts and lengths of time come back, never cases (but
    with `sample`). `forget()` gives the room back: asked again, parts are read from the source and built anew.
    """

    frame: Any
    partitions: int

    def _reduce(self, of: Callable[[EventLog], P], columns: Sequence[str]) -> P:
        found: P = folded(self._only(columns), Fold(of, self.whole), self.partitions)
        return found

    def _parts(self, columns: Sequence[str]) -> Iterator[EventLog]:
        """One after the other, here: for what cannot be asked part by part elsewhere."""
        for row in self._only(columns).toLocalIterator():
            yield part_of(row.asDict(), self.whole)

    def _only(self, columns: Sequence[str]) -> Any:
        names = [CASE + one for one in self.whole.attributes if one in columns]
        names += [EVENT + one for one in self.whole.event_attributes if one in columns]
        return self.frame.select(ANSWER, *map(quoted, names), REFUSED)

    def keep(self) -> SparkLog:
        """Keep the built parts with the executors, from the next question on."""
        from pyspark import StorageLevel

        self.frame.persist(StorageLevel.MEMORY_AND_DISK)
        return self

    def forget(self) -> SparkLog:
        """Give the room back that the parts take with the executors."""
        self.frame.unpersist()
        return self


@dataclass(frozen=True, repr=False, eq=False)
class SparkShards(Folded):
    """A folder of shards that every worker sees under the same name: each reads the shards that it is asked about."""

    stored: Any  # the folder's log
    spark: Any

    def _reduce(self, of: Callable[[EventLog], P], columns: Sequence[str]) -> P:
        n = self.stored.shards
        numbers = self.spark.range(0, n, 1, n)
        found: P = folded(numbers, Stored(of, self.stored, tuple(columns)), n)
        return found

    def _parts(self, columns: Sequence[str]) -> Iterator[EventLog]:
        parts: Iterator[EventLog] = self.stored.parts(columns)
        return parts
