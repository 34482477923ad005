"""Folding: a question answered on executors, part by part, and how answers are merged on the way back."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from math import ceil, sqrt
from typing import Any

from procmine.about import About
from procmine.kernels.partial import Partial, merge_all
from procmine.load.spark.arriving import REFUSED
from procmine.load.spark.ship import ANSWER, Batches, answers, run
from procmine.log import EventLog, LogError

FEW = 16  # partials that the driver merges itself; of more, executors merge groups first
CASE, EVENT = "case:", "event:"  # before the names of attributes, each a column of its own


@dataclass(frozen=True)
class Fold:
    """A question's answer for the parts of a partition."""

    of: Callable[[EventLog], Partial]
    about: About

    def __call__(self, batches: Batches) -> Iterator[tuple[Partial]]:
        found = [self.of(part_of(one, self.about)) for batch in batches for one in batch.to_pylist()]
        if found:
            yield (merge_all(found),)


@dataclass(frozen=True)
class Merge:
    """The answers of several partitions as one."""

    def __call__(self, batches: Batches) -> Iterator[tuple[Any]]:
        found = (_answer(one) for batch in batches for one in batch.to_pylist())
        first = next(found, None)
        if first is not None:
            yield (merge_all(chain((first,), found)),)  # one at a time: of many lengths of time the sum is small again


@dataclass(frozen=True)
class Stored:
    """A question's answer for shards of a folder, each told by its number."""

    of: Callable[[EventLog], Partial]
    stored: Any
    columns: tuple[str, ...]

    def __call__(self, batches: Batches) -> Iterator[tuple[Partial]]:
        numbers = [one for batch in batches for one in batch.column(0).to_pylist()]
        if numbers:
            yield (merge_all(self.of(self.stored.shard(number, self.columns)) for number in numbers),)


def part_of(row: dict[str, Any], about: About) -> EventLog:
    """The log of a built part, with the attributes that were asked for."""
    plain = _answer(row)
    texts = {name: pickle.loads(one) for name, one in row.items() if name not in (ANSWER, REFUSED)}
    cases = {name.removeprefix(CASE): one for name, one in texts.items() if name.startswith(CASE)}
    events = {name.removeprefix(EVENT): one for name, one in texts.items() if name.startswith(EVENT)}
    log: EventLog = replace(plain, about=about, attributes=cases, event_attributes=events)
    return log


def _answer(row: dict[str, Any]) -> Any:
    if row[REFUSED]:
        raise LogError(row[REFUSED])
    return pickle.loads(row[ANSWER])


def folded(frame: Any, work: Any, partitions: int) -> Any:
    """The merged answer of all partitions: of many, executors merge some each, and one what these give."""
    found, many = run(frame, work), partitions > FEW
    while partitions > FEW:
        partitions = ceil(sqrt(partitions))
        found = run(found.repartition(partitions), Merge())
    if many:
        found = run(found.repartition(1), Merge())
    return merge_all(answers(found))
