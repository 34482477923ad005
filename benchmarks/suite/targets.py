"""The aims against what was measured: the arithmetic, and a line each that says met or missed with the number."""

from __future__ import annotations

from statistics import median
from typing import Any, NamedTuple

from benchmarks.suite.answers import difference
from benchmarks.suite.plan import OURS, QUESTIONS, TARGETS, TOOLS, Target


class Measured(NamedTuple):
    """One tool's figures for one question over the rounds. seconds: warm calls (of loads and commands: whole)."""

    seconds: tuple[float, ...]
    first: float
    fresh: float
    mib: float | None
    rounds: int

    @property
    def middle(self) -> float:
        return median(self.seconds)


class Found(NamedTuple):
    """All figures of a run: (question, tool) -> Measured; differs: how an answer is not ours; failed: why there is none."""

    measured: dict[tuple[str, str], Measured]
    differs: dict[tuple[str, str], str]
    failed: dict[tuple[str, str], str]
    versions: dict[str, str]
    rates: dict[str, list[dict[str, float]]]


def found_in(cells: dict[str, dict[str, Any]]) -> Found:
    """The cells of all rounds, by question and tool. A median of each process first, so that none counts for more."""
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    answers: dict[tuple[str, str], Any] = {}
    failed: dict[tuple[str, str], str] = {}
    versions: dict[str, str] = {}
    rates: dict[str, list[dict[str, float]]] = {}
    for key, cell in cells.items():
        _, together, tool = key.split("/")
        versions |= cell.get("versions", {})
        if "simulated" in cell:
            rates.setdefault(tool, []).append(cell["simulated"])
        for question in together.split(","):
            told = cell.get("asked", {}).get(question, {"error": cell.get("error", "")})
            if "error" in told:
                if told["error"]:
                    failed[question, tool] = told["error"]
                continue
            runs.setdefault((question, tool), []).append(told)
            if told.get("answer") is not None:
                answers[question, tool] = told["answer"]
    measured = {key: of_runs(told) for key, told in runs.items()}
    return Found(measured, differing(answers), failed, versions, rates)


def of_runs(told: list[dict[str, Any]]) -> Measured:
    held = [one["peak_mib"] for one in told if one["peak_mib"] is not None]
    first, fresh = (median(one[name] for one in told) for name in ("first", "fresh"))
    return Measured(tuple(median(one["warm"]) for one in told), first, fresh, median(held) if held else None, len(told))


def differing(answers: dict[tuple[str, str], Any]) -> dict[tuple[str, str], str]:
    """(question, tool) -> how its answer differs from ours ("" where it does not)."""
    return {
        (question, tool): difference(answers[question, OURS], answer, QUESTIONS[question].within)
        for (question, tool), answer in answers.items()
        if tool != OURS and (question, OURS) in answers
    }


class Verdict(NamedTuple):
    """ratio: how many times as fast as the best other (of memory: part of the best other's). met: None if nothing is aimed at
    or it could not be told."""

    target: Target
    best: str
    ratio: float | None
    met: bool | None


def verdict(target: Target, found: Found) -> Verdict:
    """Against the tool that is best at it in the same run, whatever its answer: that is told beside it."""
    ours = found.measured.get((target.question, OURS))
    memory = target.of == "memory"
    others = {}
    for (question, tool), one in found.measured.items():
        value = one.mib if memory else one.middle
        if question == target.question and TOOLS[tool].kind == target.against and value is not None:
            others[tool] = value
    own = None if ours is None else ours.mib if memory else ours.middle
    if own is None or not others:
        return Verdict(target, "", None, None)
    best = min(others, key=lambda tool: others[tool])
    ratio = own / others[best] if memory else others[best] / own
    met = None if target.factor is None else ratio <= target.factor if memory else ratio >= target.factor
    return Verdict(target, best, ratio, met)


def verdicts(found: Found) -> list[Verdict]:
    return [verdict(target, found) for target in TARGETS]
