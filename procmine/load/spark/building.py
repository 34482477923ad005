"""Building: the door in passes over the rows of a partition, on an executor: their facts, then the log of its cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from procmine.about import About
from procmine.load.events.settled import Settled, build_part, survey_cases, survey_rows
from procmine.load.events.table import Given
from procmine.load.raw import Raw
from procmine.load.spark.folding import CASE, EVENT
from procmine.load.spark.ship import Batches
from procmine.load.spark.source import Told
from procmine.scale.whole import only_used


@dataclass(frozen=True)
class Survey:
    """The facts of a partition's rows, or of its cases."""

    told: Told
    given: Given
    settled: Settled | None

    def __call__(self, batches: Batches) -> Iterator[tuple[Any]]:
        for raw in _raw(self.told, batches):
            if self.settled is not None and self.settled.needs == "cases":
                yield (survey_cases(raw, self.given, self.settled),)
            else:
                yield (survey_rows(raw, self.given, self.settled),)


@dataclass(frozen=True)
class Build:
    """The log of a partition's cases, without what is the whole log's; each attribute apart, so that it can be left."""

    told: Told
    given: Given
    settled: Settled
    columns: tuple[str, ...]

    def __call__(self, batches: Batches) -> Iterator[tuple[Any, ...]]:
        for raw in _raw(self.told, batches):
            log = only_used(build_part(raw, self.given, self.settled).log)
            plain = replace(log, about=cast(About, None), attributes={}, event_attributes={})
            texts = {CASE + name: one for name, one in log.attributes.items()}
            texts |= {EVENT + name: one for name, one in log.event_attributes.items()}
            yield (plain, *(texts[name] for name in self.columns))


def _raw(told: Told, batches: Batches) -> Iterator[Raw]:
    """The rows of a partition; nothing where it has none."""
    import pyarrow as pa

    found = [one for one in batches if one.num_rows]
    if found:
        yield told.raw(pa.Table.from_batches(found))
