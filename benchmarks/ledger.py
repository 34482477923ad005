"""How often stored forecasts come true: python benchmarks/ledger.py [FORECASTS]: a table for docs/benchmarks_other.md."""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import worlds_ledger as worlds

from procmine.proof.ledger.ledger import Ledger
from procmine.proof.ledger.track import how_good

WORLDS = {
    "as predicted, 12 a week": (worlds.World(), "mean"),
    "as predicted, half are there": (worlds.World(), "half"),
    "as predicted, share within": (worlds.World(), "share"),
    "as predicted, 4 a week": (worlds.World(per_week=4), "mean"),
    "as predicted, weeks share shocks (sd .15)": (worlds.World(shock=0.15), "mean"),
    "the change goes 9 tenths of the way": (worlds.World(effect=0.9), "mean"),
    "the change goes half of the way": (worlds.World(effect=0.5), "mean"),
    "the change has no effect": (worlds.World(effect=0.0), "mean"),
    "all waits grow by 10% a year": (worlds.World(drift=1.1), "mean"),
}


def line(name: str, forecasts: int) -> str:
    world, measure = WORLDS[name]
    began = time.process_time()
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl")
        for seed in range(1_000, 1_000 + forecasts):
            whole = world.log(seed)
            before = whole.cut_to(worlds.day_of(7 * worlds.BEFORE - 1))
            id = ledger.store(worlds.foreseen(world, seed, measure=measure, draws=60, log=before).record)
            ledger.score(whole, id=id)
        assert ledger.verify().whole
        found = how_good(ledger)
    hits, n = found.hits
    ends = binomtest(hits, n).proportion_ci(0.95)
    rows = {column: found.rows[column].astype(float) for column in ("predicted", "came", "interval_score", "crps")}
    off = 100 * float(np.mean(rows["came"] / rows["predicted"] - 1))
    scores = f"{rows['interval_score'].mean():.1f} | {rows['crps'].mean():.2f}"
    said = "hopeful" if any("hopeful" in one for one in found.sentences()) else ""
    said = "careful" if any("careful" in one for one in found.sentences()) else said
    told = (
        f"{hits} of {n} ({100 * ends.low:.0f} to {100 * ends.high:.0f}) | {off:+.1f}% | {scores} | {said or 'no lean'}"
    )
    return f"| {name} | {told} | {time.process_time() - began:.0f} s |"


if __name__ == "__main__":
    forecasts = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    print("| world | inside (95%) | came beside predicted | interval score | CRPS | told | processor time |")
    print("|---|---|---|---|---|---|---|")
    for name in WORLDS:
        print(line(name, forecasts), flush=True)
