"""How often the range of the headline holds the truth: python benchmarks/verdict_coverage.py prints a Markdown table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from math import ceil
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import worlds_verdict as worlds

import procmine
from procmine.asking import ask
from procmine.log import moment
from procmine.proof.arms import SQUARE, TIME, ArmsSummary
from procmine.proof.cohorts import BaselineSummary, cohort_of, plan_of
from procmine.proof.verdict.evidence import Evidence

FIRST = 8_000_000
SIZES = (200, 1_000)
SHOCKS = ((0, 0), (0, 25), (0, 50), (0.15, 0), (0.15, 25), (0.3, 0), (0.3, 25), (0.3, 50))

Cell = tuple[Callable[..., worlds.World], Callable[[float], float]]  # the world, and the true effect within a horizon


def nothing(horizon: float) -> float:
    return 0.0


def cell(shock: float, still: int) -> tuple[str, Cell]:
    who = f"weeks share shocks, sd {shock}" if shock else "independent"
    make = partial(worlds.still_open, shock=shock, still=still)
    return f"{who}, {still}% open", (make, partial(worlds.true_effect, shock))


CELLS: dict[str, Cell] = {
    **dict(cell(*one) for one in SHOCKS),
    "queue .95, no change": (partial(worlds.queue, load=0.95), nothing),
}


def told(task: tuple[str, int, int, bool]) -> tuple[float, ...]:
    """In days, of the comparison and of its verdict: difference, low, high; the true effect; the share open at the end."""
    name, size, seed, first = task
    make, true = CELLS[name]
    world = make(np.random.default_rng([seed, size, list(CELLS).index(name)]), size)
    log = world.log()
    if world.begin[-1] < 7 * (world.weeks - worlds.AFTER):  # an extract of those begun up to a day, read long after it
        began, last = (str(np.datetime64(worlds.DATE) + int(day)) for day in (world.begin[0] - 1, 7 * 35))
        log = log.between(began, last)
    days, horizon = headline(log, world.asked.get("horizon"))
    if first:
        check(procmine.compare(log, change=world.change), days)
    still = (world.end >= 7 * world.weeks)[world.begin >= 0].mean()
    return *days, true(horizon), float(still)


def headline(log: procmine.EventLog, horizon: int | None) -> tuple[list[float], int]:
    """What `compare` tells of the mean, without all else that it tells, which takes ten times as long; days watched."""
    cohort, at = cohort_of(log.about, None, None, None), moment(log.about, worlds.DATE)
    known = {name: column[0] for name, column in ask(log, BaselineSummary(cohort, at)).rows.items()}
    watched = ceil((horizon or float(known["p90"] / np.timedelta64(1, "D"))) / 7)
    question = ArmsSummary(cohort, plan_of(log.about, at, int(known["first"]), watched))
    partial = question.of(log)
    if not question.tells(partial):
        return [np.nan] * 6, 7 * watched
    evidence = Evidence.gather(log, question, partial, int(known["first"]), None)
    both = question.contrast(partial, TIME, SQUARE), evidence.gains["long"].contrast()
    return [value / 86_400 for one in both for value in (one.difference, one.low, one.high)], 7 * watched


def check(found: procmine.Comparison, days: list[float]) -> None:
    """The first log of each cell goes the long way too."""
    ends = ("difference", "low", "high")
    same = [float(found.rows[one][1] / np.timedelta64(1, "D")) for one in ends]
    same += [float(found.verdict.figures.get(one, np.nan)) / 86_400 for one in ends]
    if not np.allclose(same, days, atol=1 / 43_200, equal_nan=True):
        raise AssertionError(f"compare says {same}, the short way {days}")


def line(name: str, size: int, found: np.ndarray) -> str:
    still, told = found[:, 7].mean(), found[np.isfinite(found[:, 1])]
    both = " | ".join(measured(told[:, at : at + 3], told[:, 6]) for at in (0, 3))
    return f"| {name} | {size:,} | {still:.2f} | {both} | {len(found) - len(told)} |"


def measured(found: np.ndarray, true: np.ndarray) -> str:
    """How often it holds the truth, with the exact 95% interval; bias; width."""
    difference, low, high = found.T
    held = int(((low <= true) & (true <= high)).sum())
    ends = binomtest(held, len(true)).proportion_ci(0.95)
    holds = f"{held / len(true):.3f} ({ends.low:.3f} to {ends.high:.3f})"
    return f"{holds} | {np.mean(difference - true):+.2f} | {np.mean(high - low):.1f}"


def arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--logs", type=int, default=2_000, help="logs in each cell")
    asked.add_argument("--first", type=int, default=FIRST, help="the first seed")
    asked.add_argument("--only", default="", help="cells whose name has this in it")
    asked.add_argument("--processes", type=int, default=1)
    return asked.parse_args()


def main() -> None:
    said = arguments()
    measures = "95% range holds | bias, days | width, days"
    print(f"| world | cases | open | {measures} | mix and season out: {measures} | too little to tell |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with Pool(said.processes) as pool:
        for name in CELLS:
            for size in SIZES if said.only in name else ():
                tasks = [(name, size, seed, seed == said.first) for seed in range(said.first, said.first + said.logs)]
                print(line(name, size, np.array(pool.map(told, tasks, chunksize=20))), flush=True)


if __name__ == "__main__":
    main()
