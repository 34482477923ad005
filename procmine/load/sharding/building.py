"""From buckets to shards: each bucket's cases are placed once, surveyed and written; what the whole does not confirm is
written again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from procmine.kernels.partial import merge_all
from procmine.load.events.attributes import Attribute
from procmine.load.events.facts import CaseFacts, Counts, Days, First, Pairs, RowFacts, Same
from procmine.load.events.settled import Settled, settle_cases, settle_rows, survey_rows
from procmine.load.events.table import Given
from procmine.load.events.tried import Answers, about_of, answers, asks_more, build_again, try_part
from procmine.load.sharding.buckets import Buckets
from procmine.load.sharding.reading import THREADS, Said
from procmine.load.sharding.work import Work
from procmine.scale.files import read_shard, write_shard

ARRAYS = {"days": ("day", "count"), "waits": ("key", "value", "count"), "ended": ("key", "value", "count")}
ARRAYS |= {"within": ARRAYS["waits"]}


@dataclass(frozen=True)
class Built:
    """What a bucket tells, and with which attributes its shard is written."""

    facts: CaseFacts
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True)
class Builder:
    """The buckets of a source, and the work folder that keeps what is done: shards, and a file of facts for each."""

    buckets: Buckets
    given: Given
    work: Work

    def build(self, rows: RowFacts, said: Said) -> Settled:
        """All shards, written as the whole has them. `rows`: what all rows tell."""
        settled = self._of_rows(rows)
        self.work.built.mkdir(exist_ok=True)
        while True:
            written: list[tuple[Attribute, ...]] = []
            told = self._each(partial(self._tried, settled), said)
            facts = merge_all(_noted(told, written))
            found = self._decided(facts, settled)
            if found.needs == "":
                self._mend(found, written)
                return found
            settled = found

    def _of_rows(self, rows: RowFacts) -> Settled:
        settled = settle_rows(rows, self.given)
        while settled.needs == "rows":
            facts = merge_all(self._each(partial(self._surveyed, settled)))
            settled = settle_rows(facts, self.given, settled)
        return settled

    def _decided(self, facts: CaseFacts, settled: Settled) -> Settled:
        """What the facts decide, with what they leave open asked of the shards."""
        found = settle_cases(facts, self.given, settled)
        while asks_more(found, settled):
            facts = merge_all(self._each(partial(self._answers, found))).added_to(facts, found)
            settled, found = found, settle_cases(facts, self.given, found)
        return found

    def _tried(self, settled: Settled, number: int) -> Built:
        """A shard written and what its cases tell, unless an earlier run did that."""
        file, by = _facts_file(self.work, number), _hash(settled)
        kept = _read(file, by)
        if kept is not None:
            return kept
        tried = try_part(self.buckets.raw(number), self.given, settled)
        file.unlink(missing_ok=True)
        write_shard(tried.log, self.work.built, number)
        built = Built(tried.facts, tried.attributes)
        _keep(file, built, by)
        return built

    def _surveyed(self, settled: Settled, number: int) -> RowFacts:
        return survey_rows(self.buckets.raw(number), self.given, settled)

    def _answers(self, settled: Settled, number: int) -> Answers:
        log = read_shard(self.work.built, number, about_of(settled, settled.levels, ()), (), ())
        return answers(log, settled)

    def _mend(self, found: Settled, written: list[tuple[Attribute, ...]]) -> None:
        """Write those shards again that were built with other activities or attributes than the whole has."""
        assert found.about is not None
        same = found.about.activities == found.levels
        for number, one in enumerate(written):
            if not same or one != found.attributes:
                self._again(number, found)

    def _again(self, number: int, found: Settled) -> None:
        _facts_file(self.work, number).unlink(missing_ok=True)  # or a later run would take the shard for the first one
        write_shard(build_again(self.buckets.raw(number), self.given, found), self.work.built, number)

    def _each(self, of: Callable[[int], Any], said: Said | None = None) -> Iterator[Any]:
        """The answers for all buckets in order, two at a time."""
        shards = self.buckets.layout.shards
        with ThreadPoolExecutor(THREADS) as pool:
            running = [pool.submit(of, number) for number in range(shards)]
            try:
                for number, one in enumerate(running):
                    yield one.result()
                    running[number] = None  # type: ignore[call-overload]
                    if said is not None:
                        said((number + 1) / shards)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def _noted(told: Iterator[Built], written: list[tuple[Attribute, ...]]) -> Iterator[CaseFacts]:
    """The facts of each; with which attributes it was built is noted."""
    for one in told:
        written.append(one.attributes)
        yield one.facts


def _facts_file(work: Work, number: int) -> Path:
    return work.folder / f"facts-{number:05}.npz"


def _hash(settled: Settled) -> str:
    return hashlib.sha256(json.dumps(settled.to_dict(), sort_keys=True).encode()).hexdigest()


def _keep(file: Path, built: Built, by: str) -> None:
    """What a shard told under a settlement, complete under its name or not there at all."""
    facts = built.facts
    plain = {name: getattr(facts, name).to_dict() for name in ("counts", "first", "notes", "same")}
    edges = [list(facts.days.last.items()), list(facts.days.first.items())]
    exact = {name: getattr(facts, name).exact for name in ("waits", "ended", "within")}
    told = {"by": by, "attributes": [asdict(one) for one in built.attributes], "edges": edges, "exact": exact, **plain}
    arrays = {f"{name}_{one}": _narrow(getattr(getattr(facts, name), one)) for name in ARRAYS for one in ARRAYS[name]}
    unfinished = file.with_name(f"{file.name}.partial")
    with unfinished.open("wb") as into:
        np.savez(into, told=np.frombuffer(json.dumps(told).encode(), np.uint8), **arrays)
    unfinished.replace(file)


def _narrow(values: Any) -> Any:
    """In as few bytes as the largest takes."""
    return values.astype(np.min_scalar_type(int(values.max()))) if len(values) and values.min() >= 0 else values


def _read(file: Path, by: str) -> Built | None:
    """What a shard told under this settlement; None where it was not asked, or by another."""
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as held:
        told = json.loads(held["told"].tobytes())
        if told["by"] != by:
            return None
        arrays = {name: [held[f"{name}_{one}"].astype(np.int64) for one in ARRAYS[name]] for name in ARRAYS}
    return Built(_facts(told, arrays), tuple(Attribute(**one) for one in told["attributes"]))


def _facts(told: Mapping[str, Any], arrays: Mapping[str, list[Any]]) -> CaseFacts:
    last, first = (dict(one) for one in told["edges"])
    pairs = {name: Pairs(arrays[name][0], arrays[name][1], arrays[name][2], one) for name, one in told["exact"].items()}
    day, count = arrays["days"]
    return CaseFacts(
        counts=Counts.from_dict(told["counts"]),
        first=First.from_dict(told["first"]),
        notes=First.from_dict(told["notes"]),
        days=Days(day, count, last, first),
        same=Same.from_dict(told["same"]),
        **pairs,
    )
