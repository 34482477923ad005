"""How time and memory of procmine grow with events, cases, steps and paths: python run.py bench growth

One line of logs an axis, all else held; each log in a fresh process (load, then the four questions warm); slopes of log
time over log size by least squares, with a 95% interval. In memory as far as it fits; beyond, a folder of shards.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.suite.drive import OUTPUTS, environ, say, source_hash
from benchmarks.suite.environments import ROOT
from benchmarks.suite.plan import FOUR
from benchmarks.suite.report import PAGE, machine, seconds, times

BEGIN, END = "<!-- growth: begin, written by `python run.py bench growth` -->", "<!-- growth: end -->"
SPARE = 0.75  # part of the free memory that a log may take
PER_EVENT = 150  # bytes an event while it is read, at most, until it has been measured
# Student's t, 97.5%, by degrees of freedom
T = {1: 12.71, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}
FIGURES = ("load", *FOUR)


class Point(NamedTuple):
    """One log. size: the value on its axis."""

    axis: str
    size: float
    events: int
    activities: int = 25
    length: int = 11
    straight: float = 0.6


def points(most: int) -> list[Point]:
    """Axes: events (of like cases), events a case (fewer cases of the same events), steps, share of "
    "straight cases (paths)."""
    base = min(3_000_000, most)
    sizes = [one for one in (1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000) if one <= most] or [
        most // 10,
        most // 3,
        most,
    ]
    found = [Point("events", one, one) for one in sizes]
    found += [Point("events a case", one, base, length=one) for one in (4, 11, 33, 100)]
    found += [Point("steps", one, base, activities=one) for one in (10, 30, 100, 300)]
    return found + [Point("paths", share, base, straight=share) for share in (1.0, 0.9, 0.6, 0.0)]


# ---- one point, in a process of its own ----


def measure(file: str, sharded: bool) -> dict[str, Any]:
    """Load (or shard and open) the log, ask the four questions, tell the middle of three calls each."""
    import procmine
    from benchmarks.suite.ask import clocked, peak

    if sharded:
        folder = Path(file).with_suffix(".shards")
        load = [clocked(lambda: procmine.shard(file, folder, ends=procmine.EVERY_CASE))]  # type: ignore[attr-defined]
    else:
        load = [clocked(lambda: procmine.read(file, ends=procmine.EVERY_CASE))]
    log = load[0][2]
    found: dict[str, Any] = {"load": load[0][0], "loaded_mib": peak()}
    ask = dict(zip(FOUR, (procmine.directly_follows, procmine.flow, procmine.variants, procmine.cycle_times)))
    for name in FOUR:
        calls = [clocked(ask[name], log) for _ in range(1 if sharded else 3)]
        found[name] = sorted(one[0] for one in calls)[len(calls) // 2]
        found["paths"] = len(calls[-1][2]) if name == "variants" else found.get("paths")
    return {**found, "peak_mib": peak()}


def free_bytes() -> float:
    """Memory that may be taken, where the system tells it."""
    info = Path("/proc/meminfo")
    if not info.exists():
        return math.inf
    held = dict(line.split(":", 1) for line in info.read_text().splitlines())
    return float(held["MemAvailable"].split()[0]) * 1024


def made(point: Point, data: Path) -> Path:
    """Its file; how many events and cases it has stands in its name's own process."""
    name = f"growth-{point.events}-{point.activities}-{point.length}-{point.straight:g}.parquet"
    path = data / name
    if not path.exists():
        say(f"making {name} ...")
        shape = f"Shape({point.events}, 1, {point.activities}, {point.length}, {point.straight})"
        script = (
            f"import sys; sys.path.insert(0, 'benchmarks'); from generate import *; write({shape}, Path(sys.argv[1]))"
        )
        subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, env=environ(), check=True)
    return path


def run(most: int, data: Path, until: float, keep: bool) -> list[dict[str, Any]]:
    """All points, each kept as soon as it is done."""
    kept = OUTPUTS / f"growth-{most}-{source_hash()[:10]}.json"
    held: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    data.mkdir(parents=True, exist_ok=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    for point in points(most):
        name = list(point)
        if any(one["point"] == name for one in held) or time.monotonic() > until:
            continue
        held.append({"point": name, **_one(point, data, held, keep)})
        kept.write_text(json.dumps(held, indent=1), encoding="utf-8")
        say(f"{point}: {held[-1].get('load', held[-1].get('error'))}")
    return held


def _one(point: Point, data: Path, held: list[dict[str, Any]], keep: bool) -> dict[str, Any]:
    need = point.events * bytes_an_event(held)
    sharded = need > SPARE * free_bytes()
    if sharded and not _can_shard():
        return {
            "error": f"would need about {need / 1e9:.0f} GB, {free_bytes() / 1e9:.0f} GB are free, and "
            "there are no shards here"
        }
    path = made(point, data)
    words = [sys.executable, "-m", "benchmarks.suite.growth", "--one", str(path), *(["--sharded"] if sharded else [])]
    done = subprocess.run(words, cwd=ROOT, env=environ(), capture_output=True, encoding="utf-8")
    if not keep and point.events > 10_000_000:
        path.unlink()
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["killed by the system (memory?)"])[-1][:200]}
    return {**json.loads(done.stdout.splitlines()[-1]), "sharded": sharded}


def _can_shard() -> bool:
    return (ROOT / "procmine" / "load" / "sharding").is_dir()


def bytes_an_event(held: list[dict[str, Any]]) -> float:
    """The most that was needed for an event so far, in logs of a million or more."""
    known = [
        one["peak_mib"] * 2**20 / one["point"][2]
        for one in held
        if one.get("peak_mib") and one["point"][2] >= 3_000_000
    ]
    return max(known, default=PER_EVENT)


# ---- slopes ----


class Slope(NamedTuple):
    """of log y over log x: 1 is proportional, 0 does not grow. low, high: 95%; nan below three points."""

    slope: float
    low: float
    high: float
    at_one: float  # y where x is 1

    def at(self, x: float) -> float:
        return self.at_one * x**self.slope


def slope(x: list[float], y: list[float]) -> Slope:
    """Least squares on the logarithms."""
    u, v = [math.log(one) for one in x], [math.log(one) for one in y]
    n, mean_u, mean_v = len(u), sum(u) / len(u), sum(v) / len(v)
    spread = sum((one - mean_u) ** 2 for one in u)
    found = sum((a - mean_u) * (b - mean_v) for a, b in zip(u, v)) / spread
    left = sum((b - mean_v - found * (a - mean_u)) ** 2 for a, b in zip(u, v))
    wide = T.get(n - 2, 2.3) * math.sqrt(left / (n - 2) / spread) if n > 2 else math.nan
    return Slope(found, found - wide, found + wide, math.exp(mean_v - found * mean_u))


# ---- the report ----


def size_of(one: dict[str, Any]) -> float:
    """On its axis; of paths, how many were found."""
    return float(one["paths"] if one["point"][0] == "paths" else one["point"][1])


def written(held: list[dict[str, Any]]) -> str:
    lines = [
        "## Growth",
        f"{time.strftime('%Y-%m-%d', time.gmtime())}. {machine()}. One process a row; load of Parquet, "
        "then the middle of three calls.",
        "",
        "| axis | size | load | follows | quantiles | variants | cycle times | MiB | paths |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_row(one) for one in held),
        "",
        "Slopes (log-log, least squares; 1: twice as much takes twice as long; 95% interval in brackets, "
        "without one below three sizes):",
        "",
        "| axis | load | follows | quantiles | variants | cycle times | memory |",
        "|---|---|---|---|---|---|---|",
    ]
    whole = [one for one in held if "error" not in one and not one["sharded"]]
    for axis in dict.fromkeys(one["point"][0] for one in whole):
        on = sorted((one for one in whole if one["point"][0] == axis), key=size_of)
        if len({size_of(one) for one in on}) > 1:
            found = [slope([size_of(one) for one in on], [one[name] for one in on]) for name in (*FIGURES, "peak_mib")]
            cells = [
                f"{one.slope:.2f}" + ("" if math.isnan(one.low) else f" ({one.low:.2f} to {one.high:.2f})")
                for one in found
            ]
            lines.append(f"| {axis} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_far(whole)])


def _row(one: dict[str, Any]) -> str:
    point = Point(*one["point"])
    size = f"{point.size:,.0f}" if point.axis != "paths" else f"{100 * (1 - point.size):.0f}% of cases skip or repeat"
    if "error" in one:
        return f"| {point.axis} | {size} | {one['error']} | | | | | | |"
    mark = " (shards: written and opened)" if one["sharded"] else ""
    cells = " | ".join(seconds(one[name]) for name in FIGURES)
    return f"| {point.axis} | {size}{mark} | {cells} | {one['peak_mib']:,.0f} | {one['paths']:,} |"


def _far(whole: list[dict[str, Any]]) -> list[str]:
    """Ten billion events, by the largest log measured: per event as there, which the slopes must allow."""
    on = [one for one in whole if one["point"][0] == "events"]
    if len(on) < 2:
        return []
    x, far = [one["point"][1] for one in on], 1e10
    steady = [(name, slope(x, [one[name] for one in on]), on[-1][name]) for name in FIGURES]
    told = [
        f"{name}: {seconds(last * far / x[-1])} per event as in the largest log, {seconds(line.at(far))} by the slope"
        for name, line, last in steady
    ]
    memory = on[-1]["peak_mib"] * 2**20 / x[-1]
    return [
        f"Ten billion events, reckoned, not measured (from {len(on)} sizes up to {x[-1]:,.0f}, {times(far / x[-1])} "
        "times beyond them): "
        + "; ".join(told)
        + f". In memory they would need about {memory * far / 1e12:.1f} TB ({memory:.0f} bytes an event "
        "while reading), so they are for "
        "shards or Spark. Assumed: shards are read as fast as this Parquet file, cases stay as long as "
        "these, steps and frequent paths "
        "as many (rare paths grow with the cases, see the axis), one process on these cores, and disks that keep up.",
    ]


def publish(text: str, page: Path) -> None:
    held = page.read_text(encoding="utf-8")
    partial = page.with_name(f".{page.name}.partial")
    partial.write_text(f"{held.split(BEGIN)[0]}{BEGIN}\n\n{text}\n\n{END}{held.split(END)[1]}", encoding="utf-8")
    os.replace(partial, page)


def main() -> None:
    asks = argparse.ArgumentParser(prog="run.py bench growth", description=__doc__)
    asks.add_argument("--most", type=int, default=30_000_000, metavar="EVENTS")
    asks.add_argument("--minutes", type=float, default=math.inf)
    asks.add_argument("--data", type=Path, default=OUTPUTS / "data")
    asks.add_argument("--out", type=Path, default=PAGE, help="a page with the marks of this report")
    asks.add_argument("--keep", action="store_true", help="keep the files of more than 10 million events")
    asks.add_argument("--one", help=argparse.SUPPRESS)
    asks.add_argument("--sharded", action="store_true", help=argparse.SUPPRESS)
    given = asks.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.sharded)))
        return
    text = written(run(given.most, given.data, time.monotonic() + 60 * given.minutes, given.keep))
    publish(text, given.out)
    print(text)


if __name__ == "__main__":
    main()
