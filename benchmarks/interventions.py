"""Policies whose effect is known: python benchmarks/interventions.py --work FOLDER asks, and prints Markdown tables."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from math import sqrt
from multiprocessing import Pool
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import worlds_interventions as worlds

import procmine
from procmine.simulate.forecast import Effort, forecast

FIRST = 9_000_000  # seeds of the published table begin here; none of them was looked at before
TRUE_CASES = {True: 400_000, False: 400_000}  # cases behind a truth, by whether cases share somebody
DAY = np.timedelta64(1, "s") * 86_400
AIM, LEVEL = (0.85, 0.95), 0.99
KNOWN = ("point", "bounds", "refused", "failed")
AHEAD = 7  # days after the data that are followed, too: only the effect on cases is judged here
Row = dict[str, object]
Task = tuple[str, int, tuple[int, int, int], tuple[str, ...]]  # world, seed, size of the effort, policies

# ---- the policies, as a user writes them

Policy = procmine.Policy


def _set(world: worlds.World) -> procmine.Policy:
    """Who gives up while waiting does so by a clock of its own."""
    return Policy("set").set_delay("Decided", days=5, leaving=() if world.leave is None else ("Withdrawn",))


ASKED: dict[str, Callable[[worlds.World], procmine.Policy]] = {
    "set": _set,
    "cap": lambda _: Policy("cap").cap_delay("Reviewed", days=10),
    "escalate": lambda _: Policy("escalate").escalate("Assigned", after=6, days=2),
    "scale": lambda _: Policy("scale").scale_delay("Paid", by=0.5),
    "skip": lambda _: Policy("skip").skip("Reviewed").where(kind="simple"),
    "reroute": lambda _: Policy("reroute").reroute(after="Received", to="Returned", chance=0.1).where(channel="paper"),
    "mix": lambda _: Policy("mix").case_mix("kind", {"simple": 0.85, "complex": 0.15}),
    "deadline": lambda _: Policy("deadline").close_after(days=120),
    "twice as often": lambda _: Policy("twice as often").session("Decided", every="week", on=("wednesday",)),
    "one more": lambda _: Policy("one more").staff("Decided", add=1),
    "volume": lambda _: Policy("volume").volume(percent=20),
}


def known(name: str, policy: str) -> bool:
    """Whether a log with one time for each event can tell: never what more servers or more cases do where cases queue."""
    return not (worlds.WORLDS[name].shared and policy in ("one more", "volume"))


# ---- runs


def answered(model: procmine.Model, asked: list[procmine.Policy], seed: int, effort: Effort) -> dict[str, Row]:
    """What the product says of each policy; days. Where one of them is refused, each is asked for alone."""
    begun = process_time()
    try:
        found = forecast(model, asked, seed=seed, horizon=AHEAD, warm=False, effort=effort)
    except (ValueError, NotImplementedError) as error:
        rows: dict[str, Row] = {asked[0].name: {"kind": "refused", "why": str(error)[:200]}}
    except Exception as error:  # a fault of the product is a result too
        rows = {asked[0].name: {"kind": "failed", "why": f"{type(error).__name__}: {error}"[:200]}}
    else:
        return {name: {**said(one), "seconds": round(process_time() - begun, 2)} for name, one in found.parts().items()}
    if len(asked) == 1:
        return rows
    return {name: row for one in asked for name, row in answered(model, [one], seed, effort).items()}


def said(found: procmine.Forecast) -> Row:
    rows = found.rows
    row: Row = {"kind": "point" if rows["answer"][0] == "estimate" else "bounds"}
    for measure in ("mean", "half"):
        place = rows["measure"].tolist().index(measure)
        row[measure] = [days(rows[name][place]) for name in ("effect", "low", "high", "today")]
    return row


def days(value: np.timedelta64) -> float | None:
    return None if np.isnat(value) else round(float(value / DAY), 4)


def judged(task: Task) -> Row:
    """All policies on one log, fitted once."""
    name, seed, size, wanted = task
    log, begun = worlds.made(name, seed), process_time()
    model = procmine.fit(log, by=("kind", "channel"))
    row: Row = {"world": name, "seed": seed, "cases": len(log), "open": round(float(log.open.mean()), 3)}
    row |= {"fit": round(process_time() - begun, 2), "drift": bool(model.drift.alarm)}
    asked = [ASKED[policy](worlds.WORLDS[name]) for policy in wanted if policy in worlds.policies(name)]
    cells = answered(model, asked, seed, Effort(*size, tell=_nobody))
    return {**row, "cells": cells, "seconds": round(process_time() - begun, 2)}


def _nobody(done: int, of: int) -> None:
    pass


def run(tasks: list[Task], processes: int, path: Path) -> list[Row]:
    """Results of all; those in the file are not run again, new ones are added to it as they come."""
    found = {(row["world"], row["seed"]): row for row in read(path)}
    missing = [task for task in tasks if task[:2] not in found]
    with Pool(processes) as pool, path.open("a", encoding="utf-8") as file:
        for row in pool.imap_unordered(judged, missing):
            file.write(json.dumps(row) + "\n")
            file.flush()
            found[row["world"], row["seed"]] = row
    return [found[task[:2]] for task in tasks]


def read(path: Path) -> Iterator[Row]:
    """Whole lines only: the last one of a killed run may be half a line."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def truths(wanted: list[tuple[str, str]], processes: int, path: Path) -> dict[tuple[str, str], worlds.Truth]:
    known = {tuple(row.pop("cell")): worlds.Truth(**row) for row in read(path)}
    tasks = [cell for cell in wanted if cell not in known]
    with Pool(processes) as pool, path.open("a", encoding="utf-8") as file:
        for cell, found in zip(tasks, pool.imap(_truth, tasks)):
            file.write(json.dumps({"cell": cell, **asdict(found)}) + "\n")
            file.flush()
            known[cell] = found
    return known


def _truth(cell: tuple[str, str]) -> worlds.Truth:
    return worlds.truth(*cell, cases=TRUE_CASES[worlds.WORLDS[cell[0]].shared])


# ---- judgement


class Cell:
    """One policy in one world, over all logs."""

    def __init__(self, name: str, policy: str, rows: list[Row], true: worlds.Truth, measure: str) -> None:
        self.name, self.policy, self.measure = name, policy, measure
        mean = true.effect, true.today, true.error
        self.true, self.today, self.chance = (
            mean if measure == "mean" else (true.half, true.half_today, true.half_error)
        )
        every = {row["seed"]: row["cells"][policy] for row in rows if policy in row["cells"]}
        self.kinds = {kind: sum(one["kind"] == kind for one in every.values()) for kind in KNOWN}
        told = {seed: one[measure] for seed, one in every.items() if one["kind"] == "point"}
        self.effect = np.array([one[0] for one in told.values() if one[0] is not None], float)
        ranges = {seed: one[1:3] for seed, one in told.items() if None not in one[1:3]}
        self.covered = {seed: low <= self.true <= high for seed, (low, high) in ranges.items()}
        self.width = float(np.median([high - low for low, high in ranges.values()] or [np.nan]))
        self.held = [_inside(one[measure], self.true) for one in every.values() if one["kind"] == "bounds"]

    @property
    def bias(self) -> float:
        return float(self.effect.mean() - self.true) if len(self.effect) else np.nan

    @property
    def error(self) -> float:
        """Of the bias, by the number of logs and of true cases."""
        n = len(self.effect)
        return sqrt(float(self.effect.var(ddof=1)) / n + self.chance**2) if n > 1 else np.nan

    @property
    def allowed(self) -> float:
        return max(0.05 * abs(self.true), 0.01 * self.today)

    @property
    def biased(self) -> bool:
        return abs(self.bias) > self.allowed + 2 * self.error

    @property
    def faults(self) -> list[str]:
        found = ["biased"] * bool(self.biased)
        if self.kinds["failed"]:
            found.append(f"{self.kinds['failed']} failed")
        if not known(self.name, self.policy) and self.kinds["point"]:
            found.append("a point where none can be known")
        if self.held and stats.binomtest(sum(self.held), len(self.held)).proportion_ci(LEVEL).high < 0.95:
            found.append("bounds miss the truth")
        return found


def _inside(ends: list[float | None], true: float) -> bool:
    low, high = (ends[1], ends[2])
    slack = 1e-9 + 0.02 * abs(true)
    return (low is None or low - slack <= true) and (high is None or true <= high + slack)


def pooled(covered: list[list[bool]]) -> tuple[int, int, float, float]:
    """Hits, answers, and the exact 99% interval of the share, with as many answers as they are worth: those of one log hang
    together."""
    flat = [hit for one in covered for hit in one]
    n, hits = len(flat), sum(flat)
    if not n:
        return 0, 0, np.nan, np.nan
    share = hits / n
    spread = sum((sum(one) - share * len(one)) ** 2 for one in covered)
    worth = 1.0 if share in (0, 1) else max(1.0, spread / (n * share * (1 - share)))
    ends = exact(hits / worth, n / worth)
    return hits, n, *ends


def exact(hits: float, n: float) -> tuple[float, float]:
    """Clopper and Pearson, for numbers that need not be whole."""
    tail = (1 - LEVEL) / 2
    low = 0.0 if hits <= 0 else float(stats.beta.ppf(tail, hits, n - hits + 1))
    high = 1.0 if hits >= n else float(stats.beta.ppf(1 - tail, hits + 1, n - hits))
    return low, high


def outside(cells: list[Cell]) -> set[tuple[str, str]]:
    """Cells whose coverage is none of the aim's, by Holm."""
    p = []
    for cell in cells:
        n, hits = len(cell.covered), sum(cell.covered.values())
        p.append(min(1.0, stats.binom.cdf(hits, n, AIM[0]), stats.binom.sf(hits - 1, n, AIM[1])) if n else 1.0)
    found = set()
    for rank, place in enumerate(np.argsort(p)):
        if p[place] > (1 - LEVEL) / 2 / (len(p) - rank):
            break
        found.add((cells[place].name, cells[place].policy))
    return found


# ---- tables


def cells_table(cells: list[Cell]) -> str:
    wrong = outside(cells)
    heads = ("mechanism", "policy", "true effect, days", "answers", "bias", "allowed", "90% range holds it", "its width",
             "bounds hold it", "")  # fmt: skip
    lines = [_line(cell, (cell.name, cell.policy) in wrong) for cell in cells]
    return "\n".join([row(heads), "|---" * len(heads) + "|", *lines])


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _line(cell: Cell, off: bool) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in cell.kinds.items() if count)
    n, hits = len(cell.covered), sum(cell.covered.values())
    faults = [*cell.faults, *["range" for _ in range(off)]]
    bias = [f"{cell.bias:+.2f} ± {2 * cell.error:.2f}", f"{cell.allowed:.2f}"] if len(cell.effect) else ["", ""]
    ranges = [f"{hits / n:.2f}", f"{cell.width:.1f}"] if n else ["", ""]
    held = f"{sum(cell.held)} of {len(cell.held)}" if cell.held else ""
    true = f"{cell.true:+.2f} ± {2 * cell.chance:.2f}"
    return row(
        [cell.name, cell.policy, true, kinds, *bias, *ranges, held, f"**{', '.join(faults)}**" if faults else "ok"]
    )


def pools_table(cells: list[Cell]) -> str:
    lines = ["| pool | answers | 90% range holds the truth | exact 99% | |", "|---|---|---|---|---|"]
    for key in ("name", "policy"):
        for pool in dict.fromkeys(getattr(cell, key) for cell in cells):
            lines.append(_pool(pool, [cell for cell in cells if getattr(cell, key) == pool]))
    return "\n".join([*lines, _pool("all", cells)])


def _pool(name: str, cells: list[Cell]) -> str:
    logs: dict[tuple[str, int], list[bool]] = {}
    for cell in cells:
        for seed, hit in cell.covered.items():
            logs.setdefault((cell.name, seed), []).append(hit)
    hits, n, low, high = pooled(list(logs.values()))
    if not n:
        return f"| {name} | 0 | | | |"
    met = "ok" if low <= AIM[1] and high >= AIM[0] else "**missed**"
    return f"| {name} | {n} | {hits / n:.3f} | {low:.3f} to {high:.3f} | {met} |"


def arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--work", type=Path, required=True, help="folder for results; what is there is not run again")
    asked.add_argument("--logs", type=int, default=100, help="logs for each mechanism")
    asked.add_argument("--first", type=int, default=FIRST, help="the first seed")
    asked.add_argument("--only", nargs="+", default=list(worlds.WORLDS), help="mechanisms")
    asked.add_argument("--policies", nargs="+", default=list(ASKED))
    asked.add_argument("--draws", type=int, default=40)
    asked.add_argument("--replications", type=int, default=2)
    asked.add_argument("--cases", type=int, default=300)
    asked.add_argument("--processes", type=int, default=2)
    return asked.parse_args()


def main() -> None:
    said = arguments()
    said.work.mkdir(parents=True, exist_ok=True)
    begun = perf_counter()
    wanted = [(name, policy) for name in said.only for policy in worlds.policies(name) if policy in said.policies]
    true = truths(wanted, said.processes, said.work / "truth.jsonl")
    print(f"truths: {perf_counter() - begun:.0f} s", file=sys.stderr)
    size = (said.draws, said.replications, said.cases)
    tasks = [
        (name, seed, size, tuple(said.policies))
        for seed in range(said.first, said.first + said.logs)
        for name in said.only
    ]
    rows = run(tasks, said.processes, said.work / "logs.jsonl")
    print(f"all: {perf_counter() - begun:.0f} s", file=sys.stderr)
    report(rows, true, wanted)


def report(rows: list[Row], true: dict[tuple[str, str], worlds.Truth], wanted: list[tuple[str, str]]) -> None:
    for measure, title in {"mean": "Mean time to the end", "half": "Time by which half are there"}.items():
        cells = [
            Cell(name, policy, [row for row in rows if row["world"] == name], true[name, policy], measure)
            for name, policy in wanted
        ]
        print(f"\n### {title}\n\n{cells_table(cells)}\n\n{pools_table(cells)}")


if __name__ == "__main__":
    main()
