"""Spread: long work in independent pieces, done here one after the other, or by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from procmine.load.spark.ship import Batches, answers, run
from procmine.load.spark.source import workers

One = TypeVar("One")
Found = TypeVar("Found")
WAVES = 3  # tasks for each worker: one that is slow then holds up a third of its share
_here: ContextVar[Any] = ContextVar("on_spark", default=None)


@contextmanager
def on_spark(spark: Any) -> Iterator[None]:
    """Within it, the draws of forecasts and the jobs of batches are done by the workers of this session of Spark.

    The numbers are those that this computer would find, as long as the workers have the same versions of Python and of
    the packages that count, and processors of the same kind. A worker that is lost has its pieces done again by another. Jobs
    of a batch read and write files: every worker has to see the folders of the batch under the same names.
    """
    before = _here.set(spark)
    try:
        yield
    finally:
        _here.reset(before)


def session() -> Any:
    """The session over which work is spread now; None: it is done here."""
    return _here.get()


def each(work: Callable[[One], Found], of: Sequence[One], *, spark: Any, at_once: int | None = None) -> list[Found]:
    """`work` done for each, by the workers of a cluster, in the order given; picklable, as are what it takes and finds."""
    if not of:
        return []
    tasks = min(len(of), at_once or WAVES * workers(spark))
    found = answers(run(spark.range(0, len(of), 1, tasks), _Pieces(work, tuple(of))))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


@dataclass(frozen=True)
class _Pieces:
    """Some pieces of the work, told by their numbers."""

    work: Callable[[Any], Any]
    of: tuple[Any, ...]

    def __call__(self, batches: Batches) -> Iterator[tuple[tuple[int, Any]]]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield ((number, self.work(self.of[number])),)
