"""What is asked of whom, at which size, and what is aimed at: the suite as data (standard library only)."""

from __future__ import annotations

from typing import NamedTuple

OURS = "procmine"


class Tool(NamedTuple):
    """environment: whose Python asks it. kind: ours, a process-mining "library", or written "by hand" for "
    "the question."""

    module: str
    environment: str
    kind: str
    said: str


TOOLS = {
    OURS: Tool("ours", "ours", "ours", "procmine"),
    "pm4py": Tool("pm4py_pandas", "mining", "library", "pm4py on pandas"),
    "pm4py-polars": Tool("pm4py_polars", "mining", "library", "pm4py on polars"),
    "pl4pm": Tool("pl4pm_log", "mining", "library", "pl4pm"),
    "r4pm": Tool("r4pm_log", "mining", "library", "r4pm"),
    "polars": Tool("polars_hand", "mining", "by hand", "polars, written by hand"),
    "duckdb": Tool("duckdb_hand", "mining", "by hand", "duckdb, written by hand"),
    "lifelines": Tool("lifelines_curve", "simulation", "by hand", "lifelines (the curve alone)"),
    "simpy": Tool("simulators", "simulation", "simulator", "SimPy"),
    "ciw": Tool("simulators", "simulation", "simulator", "Ciw"),
    "prosimos": Tool("simulators", "simulation", "simulator", "Prosimos"),
}
MOST = {"r4pm": 2_000_000}  # events: its log in memory takes more than a kilobyte for each
LIBRARIES = ("pm4py", "pm4py-polars", "pl4pm")
HAND = ("polars", "duckdb")


class Question(NamedTuple):
    """size: the whole log, or a part of its events. file: what is read. within: relative difference that counts as equal.

    events, cases: bytes of an event and of a case that any answer must read, from the definition (0: not a reading question).
    times: how often at most it is asked again.
    """

    said: str
    tools: tuple[str, ...]
    size: float = 1.0
    file: str = "parquet"
    within: float = 1e-6
    events: int = 0
    cases: int = 0
    times: int = 5


# What must be read: codes of steps (1 byte), times (8), where cases begin (8), their arrival and end (16), flags (1).
QUESTIONS = {
    "load_parquet": Question("load Parquet", (OURS, *LIBRARIES, "r4pm", *HAND), times=1),
    "load_csv": Question("load CSV", (OURS, *LIBRARIES, *HAND), file="csv", times=1),
    "load_xes": Question("load XES", (OURS, "pm4py", "r4pm"), 0.1, "xes", times=1),
    "follows": Question("directly-follows counts", (OURS, *LIBRARIES, "r4pm", *HAND), events=1, cases=8),
    "quantiles": Question("directly-follows with n, mean, median, p95", (OURS, *LIBRARIES, *HAND), events=9, cases=8),
    "variants": Question("variants", (OURS, *LIBRARIES, "r4pm", *HAND), events=1, cases=8),
    "cycle_times": Question("cycle times (n, mean, median, p95)", (OURS, *LIBRARIES, *HAND), cases=17),
    "load_and_four": Question("load Parquet and ask these four", (OURS, *LIBRARIES, *HAND), times=1),
    "follows_tenth": Question("directly-follows counts", (OURS, "pl4pm", "r4pm"), 0.1),
    "variants_tenth": Question("variants", (OURS, "pl4pm", "r4pm"), 0.1),
    "rework": Question("rework (cases that repeat a step)", (OURS, *LIBRARIES, "duckdb"), events=1, cases=8),
    "keep_attribute": Question("keep cases of two regions", (OURS, *LIBRARIES), events=1, cases=4),
    "keep_step": Question("keep cases with a step", (OURS, *LIBRARIES), events=1, cases=8),
    "keep_dates": Question("keep cases of half a year", (OURS, *LIBRARIES), cases=16),
    "bottlenecks": Question(
        "bottlenecks (peers: total time per move)", (OURS, *LIBRARIES), within=1e-4, events=9, cases=25
    ),
    "survival": Question("survival curve with open cases", (OURS, "lifelines"), within=1e-4, cases=17),
    "map": Question("map to PNG", (OURS, *LIBRARIES), within=0.0, events=1, cases=8, times=2),
    "working_time": Question("working time between steps", (OURS, "pm4py"), 0.01, within=1e-3, times=2),
    "inductive": Question("process tree (inductive miner)", (OURS, "pm4py", "pl4pm"), 0.01, times=2),
    "heuristics": Question("heuristics net", (OURS, "pm4py", "pl4pm"), 0.1, times=2),
    "alpha": Question("Petri net (alpha miner)", (OURS, "pm4py", "pl4pm"), 0.1, times=2),
    "command": Question("whole command, file to printed bottlenecks", (OURS, *LIBRARIES), within=1e-4, times=1),
    "command_tenth": Question("whole command, a tenth of the events", (OURS, *LIBRARIES), 0.1, within=1e-4, times=1),
    "simulate": Question(
        "simulation with queues (activity instances a CPU-second)", (OURS, "prosimos", "simpy", "ciw"), times=1
    ),
}
FOUR = ("follows", "quantiles", "variants", "cycle_times")
# Asked one after the other in one process, to load the log only once for them; every other question has its own process.
TOGETHER = (
    ("rework", "keep_attribute", "keep_step", "keep_dates", "bottlenecks", "map"),
    ("heuristics", "alpha"),
)
LOADS = ("load_parquet", "load_csv", "load_xes", "load_and_four")
COMMANDS = ("command", "command_tenth")


class Target(NamedTuple):
    """`factor` times as fast (or, of memory, at most that part) as the best of these tools; None: only reported."""

    question: str
    against: str
    factor: float | None
    of: str = "seconds"


TARGETS = (
    Target("load_parquet", "library", 1.5),
    Target("load_csv", "library", 1.5),
    Target("load_xes", "library", 1.5),
    Target("follows", "library", 200),
    Target("quantiles", "library", 50),
    Target("variants", "library", 15),
    Target("cycle_times", "library", 80),
    Target("load_and_four", "library", 6),
    Target("load_and_four", "library", 0.5, "memory"),
    Target("follows", "by hand", 3),
    Target("quantiles", "by hand", 3),
    Target("cycle_times", "by hand", 1),
    Target("variants", "by hand", None),
    Target("command_tenth", "library", 2),
)
SMALL_LIMIT = 1.0  # seconds after import for any question at 10,000 events (benchmarks/small.py)
TARGET_EVENTS, TARGET_COMMAND = 10_000_000, 1_000_000


def sittings(questions: list[str]) -> list[tuple[str, ...]]:
    """The questions in order, with those together that share a process."""
    found: list[tuple[str, ...]] = []
    for question in questions:
        group = next((one for one in TOGETHER if question in one), (question,))
        wanted = tuple(one for one in group if one in questions)
        if wanted not in found:
            found.append(wanted)
    return found
