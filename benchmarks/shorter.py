"""How well the gain of a shorter step is told: python benchmarks/shorter.py [LOGS]: a table for docs/benchmarks_other.md."""

import sys
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import worlds_shorter as worlds

WORLDS = {
    "one after another, some leave": (worlds.serial, worlds.serial),
    "two branches and a join": (worlds.parallel, worlds.parallel),
    "a loop": (worlds.loops, worlds.loops),
    "out of scope: a shorter wait keeps who would have left": (worlds.serial, worlds.serial_staying),
    "out of scope: one busy server comes next": (worlds.queue, worlds.queue),
}


def line(name: str, logs: int) -> str:
    world, real = WORLDS[name]
    true = worlds.population(real, runs=3 if world is worlds.queue else 40)
    value, low, high, low_95, high_95, cut, own, finished, seen = worlds.measured(world, logs, 50_000).T
    held, held_95 = (int(((a <= true) & (true <= b)).sum()) for a, b in ((low, high), (low_95, high_95)))
    ends = binomtest(held, logs).proportion_ci(0.95)
    off = " | ".join(f"{100 * (one.mean() / true - 1):+.1f}%" for one in (value, seen, finished, cut))
    error = np.sqrt(np.mean((value - own) ** 2)) / true
    shares = f"{held / logs:.1%} ({ends.low:.1%} to {ends.high:.1%}) | {held_95 / logs:.1%} | {error:.1%}"
    return f"| {name} | {true:.1f} | {off} | {shares} |"


if __name__ == "__main__":
    logs = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print("| world | gain, days | this | as seen | finished alone | off the step | 90% holds | 95% holds | own cases |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in WORLDS:
        print(line(name, logs), flush=True)
