"""How near simulated logs come to what happened, beside published simulators: tables for docs/benchmarks_other.md.

python benchmarks/simulation_accuracy.py SHARED_DATA [RUNS [LOG ...]]; mean of RUNS (10) runs with seeds 0, 1, ...
"verdicts" instead of a log: what `validate` says of made-up processes, RUNS of each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import procmine
from procmine.kernels.distances import Instances, distances
from procmine.log import EventLog
from procmine.simulate.arrivals import Arrivals
from procmine.simulate.engine import Engine, played
from procmine.simulate.fit import Model, fit
from procmine.simulate.instances import apart, instances, joined, numbered
from procmine.simulate.plan import nothing
from procmine.simulate.warm import arriving

SHOWN = ("ngd", "aed", "ced", "red", "ctd")
WEEK = 7 * 86_400_000_000
PUBLISHED = {  # NGD, AED, CED, RED, CTD, mean of ten runs; see ../shared/design/simulation.md
    "LoanApp": {
        "Simod": (0.150, 13.6, 0.402, 9.23, 20.4),
        "DeepGen": (0.219, 212, 13.4, 5.26, 9.39),
        "AgentSim": (0.069, 2.97, 0.271, 1.66, 2.71),
    },
    "Procure-to-Pay": {
        "Simod": (0.415, 1044, 2.21, 840, 677),
        "DeepGen": (0.200, 1481, 2.56, 828, 670),
        "DSim": (0.222, 1310, 1.16, 722, 567),
        "RIMS": (0.220, 1266, 0.832, 728, 581),
        "AgentSim": (0.240, 1215, 1.22, 725, 558),
    },
    "Production": {
        "Simod": (0.928, 146, 2.82, 83.9, 89.2),
        "DeepGen": (0.528, 224, 9.30, 70.1, 90.8),
        "DSim": (0.868, 154, 2.67, 33.3, 43.3),
        "RIMS": (0.872, 133, 2.73, 18.7, 24.7),
        "AgentSim": (0.598, 61.1, 5.70, 31.7, 30.0),
    },
    "BPI12-W": {
        "Simod": (0.720, 72.0, 1.72, 95.7, 155),
        "DeepGen": (0.435, 306, 4.53, 116, 177),
        "DSim": (0.655, 78.6, 2.89, 119, 173),
        "RIMS": (0.558, 73.8, 3.01, 99.1, 151),
        "AgentSim": (0.151, 115, 1.85, 54.9, 89.1),
    },
}


@dataclass(frozen=True)
class Split:
    """Frames with case, activity, start, end (wall clock), resource; `whole`: before cases were dropped."""

    train: pd.DataFrame
    test: pd.DataFrame
    whole: pd.DataFrame | None = None
    note: str = ""


def table(path: Path, case: str, activity: str, start: str, end: str, resource: str) -> pd.DataFrame:
    """A file's events, without the steps "Start" and "End" that some tools add, on the wall clock of its zone."""
    raw = pd.read_csv(path)
    frame = pd.DataFrame({"case": raw[case].astype(str), "activity": raw[activity], "resource": raw[resource]})
    for name, column in (("start", start), ("end", end)):
        frame[name] = pd.to_datetime(raw[column].str.replace(r"([+-]\d\d:\d\d|Z)$", "", regex=True), format="ISO8601")
    return frame[~frame.activity.isin(["Start", "End"])].reset_index(drop=True)


def divided(whole: pd.DataFrame, share: float = 0.8) -> Split:
    """The first events, by their ends, and the later ones; cases with both are in neither. Makes LoanApp's own files."""
    whole = whole.sort_values(["end", "start"], kind="stable").reset_index(drop=True)
    edge = round(len(whole) * share)
    place = whole.index.to_series().groupby(whole.case)
    train, test = whole.case.isin(_where(place.max() < edge)), whole.case.isin(_where(place.min() >= edge))
    return Split(whole[train], whole[test], whole)


def _where(mask: pd.Series) -> list[str]:
    return list(mask.index[mask])


def loan(shared: Path) -> Split:
    names = ("case_id", "activity_name", "start_timestamp", "end_timestamp", "resource")
    folder = shared / "loanapp_agentsim"
    train, test = (table(folder / f"{one}", *names) for one in ("train_preprocessed.csv.gz", "test_preprocessed.csv"))
    own = ("case_id", "activity", "start_time", "end_time", "resource")
    again = divided(table(folder / "LoanApp.csv.gz", *own))
    assert (len(again.train), len(again.test)) == (len(train), len(test))
    return Split(train, test, again.whole, "the published files")


def p2p(shared: Path) -> Split:
    names = ("case:concept:name", "Activity", "start_timestamp", "time:timestamp", "Resource")
    found = divided(table(shared / "purchasing_p2p" / "PurchasingExample.csv.gz", *names))
    return Split(
        found.train, found.test, found.whole, "divided anew from the whole log by the rule that gives LoanApp's files"
    )


def production(shared: Path) -> Split:
    names = ("case_id", "Activity", "start_time", "end_time", "Resource")
    found = divided(table(shared / "production" / "Production.csv.gz", *names))
    return Split(
        found.train, found.test, found.whole, "divided anew from the whole log by the rule that gives LoanApp's files"
    )


def bpi12w(shared: Path) -> Split:
    names = ("case_id", "activity", "start_time", "end_time", "resource")
    folder = shared / "bpic12w"
    train, test = (table(folder / f"BPIC_2012_W_{one}.csv.gz", *names) for one in ("train", "test"))
    return Split(
        train, test, None, "another split (half and half, weeks apart): published figures are not for these files"
    )


def older(folder: str, name: str) -> Callable[[Path], Split]:
    names = ("Case ID", "Activity", "Start Timestamp", "Complete Timestamp", "Resource")

    def found(shared: Path) -> Split:
        paths = (shared / folder / f"{name}_{one}.csv.gz" for one in ("training", "testing"))
        return Split(*(table(path, *names) for path in paths), None, "the folder's own files, divided earlier than 80%")

    return found


LOGS: dict[str, Callable[[Path], Split]] = {
    "LoanApp": loan,
    "Procure-to-Pay": p2p,
    "Production": production,
    "BPI12-W": bpi12w,
    "Procure-to-Pay, older files": older("purchasing_p2p", "PurchasingExample"),
    "Production, older files": older("production", "Production"),
}


def log_of(frame: pd.DataFrame, ends: str | tuple[str, ...] = "every case", cutoff: str | None = None) -> EventLog:
    columns = procmine.Columns(
        case="case", activity="activity", timestamp="end", start="start", event_attributes=("resource",)
    )
    log = procmine.read(frame, columns=columns, ends=ends, cutoff=cutoff)
    assert isinstance(log, EventLog)
    return log


def learned(train: EventLog) -> Model:
    """From finished cases alone: those that straddled the split were dropped, so the intake seems to fall before it."""
    model = fit(apart(train))
    vars(model)["arrivals"] = Arrivals.of(model.log, dropped=True)  # in place of those that it would find itself
    return model


def as_of(split: Split) -> EventLog:
    """The whole log as it stood on the eve of the split: cases that straddle it are open."""
    assert split.whole is not None
    eve = split.train.end.max() - pd.Timedelta(days=1)
    return log_of(split.whole).cut_to(str(eve.date()))


def ours(
    model: Model, train: EventLog, begin: int, n: int, codes: dict[str, int], seed: int, upto: int | None = None
) -> Instances:
    """As many cases as happened, from the moment the first of them began; with `upto`, of those that ended by then."""
    engine = Engine.of(model, nothing(model))
    end = begin + 20 * WEEK if upto is None else upto
    factor = 1.0
    while True:
        plan = replace(nothing(model), volume=factor)
        crowd = arriving(model, begin, end, seed=seed, draw=0, plan=plan)
        log = played(engine, crowd, np.ones(len(model.log)), end + 104 * WEEK)
        ended = ~log.open & (log.until <= (upto or log.until.max()))
        if ended.sum() >= n:
            break
        end, factor = (end + 20 * WEEK, factor) if upto is None else (end, 1.3 * factor)
    there = np.flatnonzero(ended)
    kept = there[:n] if upto is None else np.sort(np.random.default_rng(seed).choice(there, n, replace=False))
    return instances(joined(log.take(kept), train), codes)


def replayed(train: Instances, begin: int, n: int, random: np.random.Generator) -> Instances:
    """The case bootstrap: cases of history drawn with replacement, moved by whole weeks."""
    cases = random.integers(len(train.first), size=n)
    found = train.taken(cases)
    weeks = (train.first.max() - train.first.min()) / WEEK
    week = np.floor((np.arange(n) + random.random(n)) * weeks / len(train.first)).astype(np.int64)
    shift = (begin + (found.first - begin) % WEEK + week * WEEK - found.first)[found.case]
    return Instances(found.case, found.activity, found.start + shift, found.end + shift)


def floor(test: Instances, runs: int) -> list[dict[str, float]]:
    """The test log against drawings of its own cases."""
    n = len(test.first)
    return [distances(test, test.taken(np.random.default_rng(seed).integers(n, size=n))) for seed in range(runs)]


def row(name: str, found: list[dict[str, float]] | tuple[float, ...]) -> str:
    values = found if isinstance(found, tuple) else [np.mean([one[key] for one in found]) for key in SHOWN]
    return f"| {name} | " + " | ".join(f"{value:.3g}" for value in values) + " |"


def section(name: str, shared: Path, runs: int) -> None:
    split = LOGS[name](shared)
    train, test = log_of(split.train), log_of(split.test)
    codes = numbered(train, test)
    real = instances(test, codes)
    begin, n = int(real.first.min()), len(real.first)
    mean = (real.last - real.first).mean() / 3.6e9
    print(f"\n{name}: {len(train):,} cases to learn from, {n:,} to come near to (mean {mean:.1f} h); {split.note}.\n")
    print("| | NGD | AED | CED | RED | CTD |\n|---|---|---|---|---|---|")
    begun = time.perf_counter()
    model = learned(train)
    print(
        row("procmine", [distances(real, ours(model, train, begin, n, codes, seed)) for seed in range(runs)]),
        flush=True,
    )
    if split.whole is not None:
        eve, last = as_of(split), int(real.last.max())
        kept, codes = fit(apart(eve)), numbered(train, test, eve)
        real = instances(test, codes)
        for said, upto in (("", None), (", ended by the test's end", last)):
            found = [distances(real, ours(kept, eve, begin, n, codes, seed, upto)) for seed in range(runs)]
            print(row(f"procmine, open cases kept{said}", found), flush=True)
    took = time.perf_counter() - begun
    for tool, figures in PUBLISHED.get(name, {}).items():
        print(row(f"{tool}, as published", figures))
    if name == "LoanApp":
        print(row("AgentSim's ten published logs, by this code", published_logs(shared, real, codes)))
    history = instances(train, codes)
    drawn = [distances(real, replayed(history, begin, n, np.random.default_rng(seed))) for seed in range(10 * runs)]
    print(row("case bootstrap", drawn))
    print(row("noise floor", floor(real, 10 * runs)), flush=True)
    print(f"\n{took:.1f} s for the fit and {runs} runs.", flush=True)


def published_logs(shared: Path, real: Instances, codes: dict[str, int]) -> list[dict[str, float]]:
    names = ("case_id", "activity_name", "start_timestamp", "end_timestamp", "resource")
    tables = [table(shared / "loanapp_agentsim" / f"simulated_log_{k}.csv", *names) for k in range(10)]
    return [distances(real, instances(log_of(one), codes)) for one in tables]


def verdicts(runs: int) -> None:
    """What the check says of worlds that stay as they are, and of worlds whose waits grow half-way."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from test_validate import world

    from procmine.simulate.validation import validate

    print("\n| world | cases | good | careful | no | 50% ranges hold | 80% | 90% |\n|---|---|---|---|---|---|---|---|")
    for cases in (400, 1500):
        for slower in (1.0, 1.3, 2.0):
            found = [validate(world(seed, cases=cases, slower=slower), seed=seed, draws=60) for seed in range(runs)]
            said = [sum(one.verdict == verdict for one in found) for verdict in ("good", "careful", "no")]
            held, figures = (np.sum([one.ranges[name] for one in found], axis=0) for name in ("held", "figures"))
            name = "waits stay" if slower == 1 else f"waits {slower:g} times as long from the middle on"
            shares = " | ".join(f"{share:.1%}" for share in held / figures)
            print(f"| {name} | {cases:,} | {' | '.join(map(str, said))} | {shares} |", flush=True)


def main() -> None:
    shared, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    for name in sys.argv[3:] or [*LOGS, "verdicts"]:
        if name == "verdicts":
            verdicts(runs)
        else:
            section(name, shared, runs)


if __name__ == "__main__":
    main()
