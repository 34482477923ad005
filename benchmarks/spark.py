"""A generated log on a cluster of Spark (a master and two workers of one core here) beside the same log in memory."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from pyarrow import parquet

import procmine
from benchmarks.generate import generate
from procmine.asking import Summary, ask
from procmine.find.time.bottlenecks import BottleneckSummary
from procmine.see.flow import FlowSummary, VariantSummary

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
ROUNDS = 5
QUESTIONS: dict[str, Summary] = {
    "directly-follows with times": FlowSummary(),
    "bottlenecks": BottleneckSummary(),
    "variants": VariantSummary(),
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=1_200_000)
    events = asked.parse_args().events
    from spark_cluster import cluster

    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder) / "spark") as running:
        path = Path(folder) / "log.parquet"
        parquet.write_table(generate(events), path)
        spark = running.session()
        said = {"columns": None, "ends": "every case"}
        here, seconds, used = timed(lambda: procmine.read(path, **said))
        print("| what | seconds here | processor seconds here | seconds there | processor seconds there |")
        print("|---|---|---|---|---|")
        there, far, far_used = timed(lambda: procmine.read_spark(spark, path, **said))
        print(f"| read, the first time | {seconds:.2f} | {used:.2f} | {far:.1f} | {far_used:.1f} |")
        there.forget()
        there, far, far_used = timed(lambda: procmine.read_spark(spark, path, **said))
        print(f"| read again | | | {far:.1f} | {far_used:.1f} |")
        for name, question in QUESTIONS.items():
            near = least(lambda one=question: ask(here, one))
            away = least(lambda one=question: ask(there, one))
            print(f"| {name} | {near[0]:.2f} | {near[1]:.2f} | {away[0]:.2f} | {away[1]:.2f} |")
        print(
            f"\n{there.size:,} events, {len(there):,} cases, {there.partitions} parts; the least of {ROUNDS} rounds, warm."
        )
        spark.stop()


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it gives, the seconds it took, and the processor's seconds of this process and of all below it."""
    begun, used = time.perf_counter(), processor()
    found = work()
    return found, time.perf_counter() - begun, processor() - used


def least(work: Callable[[], Any]) -> tuple[float, float]:
    """The least seconds, and the least of the processor's, of several rounds after one that is not counted."""
    rounds = [timed(work)[1:] for _ in range(ROUNDS + 1)][1:]
    return min(one[0] for one in rounds), min(one[1] for one in rounds)


def processor() -> float:
    own = psutil.Process()
    total = 0.0
    for one in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total


if __name__ == "__main__":
    main()
