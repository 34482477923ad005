"""Answers in one form for all tools, so that they can be compared (standard library only)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

REGIONS = ("Region 01", "Region 07")
STEP = "Step 12 of the process"
FIRST, AFTER = "2023-01-01", "2023-07-01"  # from the one up to, not including, the other


FOUR_NAMES = ("follows", "quantiles", "variants", "cases")


class Ask(NamedTuple):
    """load the file (not timed with the question), ask the log, and tell the answer in the common form (not timed)."""

    load: Callable[[Any], Any]
    ask: Callable[[Any], Any]
    tell: Callable[[Any], dict[str, Any]]


def moves(counts: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    return {f"{before} -> {after}": int(n) for (before, after), n in counts.items()}


def timed(table: Iterable[tuple[str, str, Any, Any, Any, Any]]) -> dict[str, Any]:
    """before, after, n, mean, median, p95 in seconds (None where a tool does not give it)."""
    rows = {}
    for before, after, *figures in table:
        names = ("n", "mean", "median", "p95")
        rows[f"{before} -> {after}"] = {name: None if one is None else float(one) for name, one in zip(names, figures)}
    return rows


def paths(counts: Iterable[tuple[Sequence[str], Any]]) -> dict[str, Any]:
    """How many, the cases of the most frequent ones, and a hash of all with their counts."""
    lines = sorted(f"{'|'.join(path)}\t{int(n)}" for path, n in counts)
    most = sorted((int(line.rsplit("\t", 1)[1]) for line in lines), reverse=True)
    whole = sha256("\n".join(lines).encode()).hexdigest()
    return {"paths": len(lines), "cases": sum(most), "most frequent": most[:20], "all of them": whole}


def lengths(values: Iterable[float]) -> dict[str, Any]:
    """n, mean and quantiles (linear between ranks) of seconds."""
    held = sorted(float(one) for one in values)

    def at(share: float) -> float:
        rank = share * (len(held) - 1)
        low = int(rank)
        return held[low] + (held[min(low + 1, len(held) - 1)] - held[low]) * (rank - low)

    return {"n": len(held), "mean": sum(held) / len(held), "median": at(0.5), "p95": at(0.95)}


def kept(cases: int, events: int) -> dict[str, Any]:
    return {"cases": int(cases), "events": int(events)}


# ---- comparing ----


def flat(answer: Any, name: str = "") -> dict[str, Any]:
    """Every figure of an answer under one name."""
    if isinstance(answer, dict):
        parts = [flat(value, f"{name}/{key}" if name else str(key)) for key, value in answer.items()]
        return {key: value for part in parts for key, value in part.items()}
    if isinstance(answer, list):
        return flat(dict(enumerate(answer)), name)
    return {name: answer}


def difference(ours: Any, theirs: Any, within: float) -> str:
    """In words how an answer differs from ours; empty if it does not."""
    one, two = flat(ours), flat(theirs)
    if set(one) != set(two):
        return f"{len(set(one) - set(two))} of {len(one)} figures are missing, {len(set(two) - set(one))} are others"
    absent = sorted({name.rsplit("/", 1)[-1] for name in one if two[name] is None and one[name] is not None})
    said = [f"gives no {', '.join(absent)}"] if absent else []
    wrong = {name for name in one if two[name] is not None and not alike(one[name], two[name], within)}
    return "; ".join([*said, *([_wrong(one, two, wrong)] if wrong else [])])


def alike(one: Any, two: Any, within: float) -> bool:
    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
        return abs(one - two) <= within * max(abs(one), abs(two))
    return bool(one == two)


def _wrong(one: dict[str, Any], two: dict[str, Any], wrong: set[str]) -> str:
    numbers = [name for name in wrong if isinstance(one[name], (int, float)) and isinstance(two[name], (int, float))]
    kinds = ", ".join(sorted({name.rsplit("/", 1)[-1] for name in wrong})[:4])
    if len(numbers) < len(wrong):
        return f"differs in {len(wrong)} of {len(one)} figures ({kinds})"
    most = max(abs(one[name] - two[name]) for name in numbers)
    cut = " (as if times were cut to whole seconds)" if most <= 1.0 and any(one[name] % 1 for name in wrong) else ""
    return f"differs in {len(wrong)} of {len(one)} figures ({kinds}), by at most {most:,.3g}{cut}"
