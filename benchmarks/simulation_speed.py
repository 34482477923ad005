"""Speed of simulation beside Prosimos, SimPy and Ciw: python benchmarks/simulation_speed.py --peers PYTHON [--cases N]

One process in all: a Poisson arrival an hour, five stations one after the other, two servers each, exponential service of 96
minutes (load 0.8), first come first served, around the clock. PYTHON is an interpreter that has the others installed
(`pip install prosimos simpy ciw`); each is asked for the wait at every station, and figures are compared with theory (M/M/2)
before times are. Times are CPU seconds of the simulation alone, processes started and modules loaded before; one activity
instance = one service at one station. Without --peers only procmine runs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

STATIONS, SERVERS, EVERY, SERVICE = 5, 2, 1.0, 1.6  # hours
TRUE_WAIT = 1.6 * 0.8**2 / (1 - 0.8**2)  # of M/M/2 in hours: service x load^2 / (1 - load^2)
RUNS, BATCHES = 3, 20


def simpy(cases: int, seed: int) -> dict[str, Any]:
    import random

    import simpy as package

    draw = random.Random(seed)
    waits: list[float] = []

    def case(env: Any, desks: list[Any]) -> Any:
        for desk in desks:
            with desk.request() as turn:
                came = env.now
                yield turn
                waits.append(env.now - came)
                yield env.timeout(draw.expovariate(1 / SERVICE))

    def source(env: Any, desks: list[Any]) -> Any:
        for _ in range(cases):
            yield env.timeout(draw.expovariate(1 / EVERY))
            env.process(case(env, desks))

    begun = time.process_time()
    env = package.Environment()
    env.process(source(env, [package.Resource(env, SERVERS) for _ in range(STATIONS)]))
    env.run()
    return {"seconds": time.process_time() - begun, "waits": waits, "version": _version("simpy")}


def ciw(cases: int, seed: int) -> dict[str, Any]:
    import ciw as package

    expo = package.dists.Exponential
    route = [[1.0 if there == here + 1 else 0.0 for there in range(STATIONS)] for here in range(STATIONS)]
    arrivals = [expo(1 / EVERY)] + [None] * (STATIONS - 1)
    network = package.create_network(
        arrival_distributions=arrivals,
        service_distributions=[expo(1 / SERVICE) for _ in range(STATIONS)],
        number_of_servers=[SERVERS] * STATIONS,
        routing=route,
    )
    package.seed(seed)
    begun = time.process_time()
    simulation = package.Simulation(network)
    simulation.simulate_until_max_customers(cases, method="Finish")
    spent = time.process_time() - begun
    records = sorted(simulation.get_all_records(), key=lambda one: one.service_start_date)
    return {"seconds": spent, "waits": [one.waiting_time for one in records], "version": _version("ciw")}


def prosimos(cases: int, seed: int) -> dict[str, Any]:
    import csv
    import random
    from datetime import datetime

    import numpy
    import pytz
    from prosimos.simulation_engine import run_simulation

    random.seed(seed)
    numpy.random.seed(seed)
    with tempfile.TemporaryDirectory() as folder:
        bpmn, spec, log = (Path(folder) / name for name in ("process.bpmn", "process.json", "log.csv"))
        bpmn.write_text(_bpmn(), encoding="utf-8")
        spec.write_text(json.dumps(_spec()), encoding="utf-8")
        since = datetime(2024, 1, 1, tzinfo=pytz.utc).isoformat()
        begun = time.process_time()
        run_simulation(str(bpmn), str(spec), cases, log_out_path=str(log), starting_at=since)
        spent = time.process_time() - begun
        with log.open(encoding="utf-8") as rows:
            times = [
                tuple(datetime.fromisoformat(row[name]) for name in ("enable_time", "start_time"))
                for row in csv.DictReader(rows)
            ]
    waits = [(start - enabled).total_seconds() / 3600 for enabled, start in sorted(times, key=lambda one: one[1])]
    return {"seconds": spent, "waits": waits, "version": _version("prosimos")}


def _bpmn() -> str:
    tasks = "".join(f'<task id="t{k}" name="Station {k}"/>' for k in range(STATIONS))
    nodes = ["start", *(f"t{k}" for k in range(STATIONS)), "end"]
    flow = '<sequenceFlow id="f{}" sourceRef="{}" targetRef="{}"/>'
    flows = "".join(flow.format(k, *pair) for k, pair in enumerate(pairwise(nodes)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
        '<process id="p" isExecutable="true"><startEvent id="start"/><endEvent id="end"/>'
        f"{tasks}{flows}</process></definitions>"
    )


def _spec() -> dict[str, Any]:
    always = [{"from": "MONDAY", "to": "SUNDAY", "beginTime": "00:00:00", "endTime": "23:59:59.999999"}]

    def expo(hours: float) -> dict[str, Any]:
        seconds = [{"value": hours * 3600}, {"value": 0}, {"value": 100 * hours * 3600}]
        return {"distribution_name": "expon", "distribution_params": seconds}

    people = [[f"r{k}_{who}" for who in range(SERVERS)] for k in range(STATIONS)]

    def person(name: str, k: int) -> dict[str, Any]:
        paid = {"cost_per_hour": "0", "amount": 1}
        return {"id": name, "name": name, **paid, "calendar": "always", "assignedTasks": [f"t{k}"]}

    return {
        "resource_profiles": [
            {"id": f"p{k}", "name": f"p{k}", "resource_list": [person(name, k) for name in names]}
            for k, names in enumerate(people)
        ],
        "arrival_time_distribution": expo(EVERY),
        "arrival_time_calendar": always,
        "gateway_branching_probabilities": [],
        "task_resource_distribution": [
            {"task_id": f"t{k}", "resources": [{"resource_id": name, **expo(SERVICE)} for name in names]}
            for k, names in enumerate(people)
        ],
        "resource_calendars": [{"id": "always", "name": "always", "time_periods": always}],
        "event_distribution": [],
        "batch_processing": [],
        "case_attributes": [],
        "prioritisation_rules": [],
    }


def _version(name: str) -> str:
    from importlib.metadata import version

    return version(name)


PEERS = {"prosimos": prosimos, "simpy": simpy, "ciw": ciw}


class Line:
    """The five stations in the arrays of procmine; with queues, or each stay a time of its own."""

    def __init__(self, cases: int, seed: int, queues: bool) -> None:
        import numpy as np

        from procmine.kernels.crowd import Crowd
        from procmine.kernels.edits import Changes, Pool, Shared
        from procmine.kernels.jit_paths import NEVER
        from procmine.kernels.operational import HOUR
        from procmine.kernels.paths import Past, World, cases_of, last_of, law_of, rules_of
        from procmine.kernels.randoms import keys
        from procmine.kernels.sampler import Chain, Drawable

        places = np.arange(2_001) / 2_000
        table = -np.log1p(-np.minimum(places, 1 - 0.25 / 2_000))
        table *= SERVICE * HOUR / ((table[1:] + table[:-1]).mean() / 2)
        rows = [np.zeros(1)] + [np.zeros(1) if queues else table[:-1]] * STATIONS  # the arrival, then the stations
        rows = rows[1:] + rows[:1]
        first = np.concatenate(([0], np.cumsum([len(one) for one in rows])))
        key = np.concatenate([k + (np.arange(len(one)) + 1) / len(one) for k, one in enumerate(rows)])
        cause = np.repeat([*range(1, STATIONS + 1), 0], [len(one) for one in rows])
        gap = np.rint(np.concatenate(rows)).astype(np.int64)
        drawn = Drawable(key, first, np.append(gap, NEVER), np.append(cause, STATIONS), np.zeros(len(key), np.int64), 1)
        follow = np.tile(np.arange(STATIONS), (STATIONS + 1, 1)).astype(np.int32)
        none = np.zeros(STATIONS + 1, bool)
        chain = Chain(
            np.arange(STATIONS + 1)[None], follow, drawn, drawn, drawn, none, STATIONS, np.arange(STATIONS + 1)
        )
        draw = np.random.default_rng(seed)
        arrival = np.rint(np.cumsum(draw.exponential(EVERY * HOUR, cases))).astype(np.int64)
        zero = np.zeros(cases, np.int64)
        start = np.full(cases, STATIONS)
        self.crowd = Crowd(
            zero, keys(seed, 0, zero, np.arange(cases)), arrival, arrival.copy(), start, arrival.copy(), zero > 0, zero
        )
        changes = Changes(applies=np.zeros(1, bool), leaving=none)
        law = law_of(chain)
        rules = rules_of(changes, chain, np.zeros(STATIONS + 1), 0.0, STATIONS)
        self.world = World(law, rules, last_of(chain), (STATIONS, STATIONS + 1), 100)
        self.cases = cases_of(self.crowd, np.full(cases, arrival[-1] + 5_000 * HOUR), zero, changes, law)
        self.past = Past(np.full(cases, -NEVER), np.zeros((0, cases), np.int64), np.zeros((0, 2, cases), np.int64))
        self.shared = Shared([Pool(f"station {k}", (k,), SERVERS, (table,)) for k in range(STATIONS)])
        self.hour = HOUR

    def state(self) -> Any:
        from procmine.kernels.paths import state_of

        return state_of(self.crowd, self.past, self.world)


def ours(cases: int, seed: int) -> dict[str, Any]:
    import numpy as np

    from procmine.kernels.event_loop import queued

    def run(line: Line, record: bool) -> tuple[float, Any]:
        state = line.state()
        begun = time.process_time()
        given = line.world, line.cases, state, line.crowd, line.shared
        found = queued(*given, on=False, record=record, since=0, threads=1)
        return time.process_time() - begun, found

    run(Line(100, seed, True), True)  # compiled, or taken from the disk
    line = Line(cases, seed, True)
    spent, found = run(line, True)
    order = np.argsort(found.turns.called, kind="stable")
    waits = ((found.turns.called - found.turns.came) / line.hour)[order]
    kept = {"waits": waits.tolist(), "version": "every event and turn kept"}
    return {"seconds": spent, "seconds_no_events": run(line, False)[0], **kept}


def paths_alone(cases: int, seed: int) -> tuple[float, int]:
    """CPU seconds and activity instances without any queue."""
    from procmine.kernels.paths import walked

    for n in (100, cases):
        line = Line(n, seed, False)
        state = line.state()
        begun = time.process_time()
        walked(line.world, line.cases, state, on=False, record=False)
        spent = time.process_time() - begun
    return spent, cases * STATIONS


def asked(python: str, name: str, cases: int, seed: int) -> dict[str, Any]:
    """What a peer answers in a process of its own."""
    done = subprocess.run(
        [python, __file__, "--peer", name, "--cases", str(cases), "--seed", str(seed)], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr[-2_000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def wait_of(waits: list[float]) -> tuple[float, float]:
    """Mean wait without the first tenth, and its standard error by batches."""
    kept = waits[len(waits) // 10 :]
    size = len(kept) // BATCHES
    means = [sum(kept[k * size : (k + 1) * size]) / size for k in range(BATCHES)]
    mean = sum(means) / BATCHES
    return mean, (sum((one - mean) ** 2 for one in means) / (BATCHES - 1) / BATCHES) ** 0.5


def compare(python: str | None, cases: int) -> None:
    """The table; an answer that is not within 4 standard errors of theory stops it."""
    found: dict[str, list[dict[str, Any]]] = {"procmine": []}
    for run in range(RUNS):  # taking turns, so that a busy machine is busy for all
        for name in PEERS if python else ():
            size = cases // 4 if name == "prosimos" else cases
            found.setdefault(name, []).append(asked(str(python), name, size, run))
        found["procmine"].append(ours(10 * cases, run))
    rate = {}
    print(f"Mean wait by theory: {TRUE_WAIT:.3f} h at each station.\n")
    print("| | cases | mean wait, h (standard error) | activity instances per CPU-second | ", end="")
    print("procmine, every event kept | procmine, figures only |")
    print("|---|---|---|---|---|---|")
    lines = {}
    for name, runs in found.items():
        tables = [wait_of(one["waits"]) for one in runs]
        mean = sum(one[0] for one in tables) / RUNS
        error = sum(one[1] ** 2 for one in tables) ** 0.5 / RUNS
        if abs(mean - TRUE_WAIT) > 4 * error + 0.01 * TRUE_WAIT:
            raise SystemExit(f"{name}: waits of {mean:.3f} h are not those of theory: times were not compared.")
        rate[name] = sorted(len(one["waits"]) / one["seconds"] for one in runs)[RUNS // 2]
        lines[name] = f"{len(runs[0]['waits']) // STATIONS:,} | {mean:.2f} ({error:.2f})"
    bare = sorted(10 * cases * STATIONS / one["seconds_no_events"] for one in found["procmine"])[RUNS // 2]
    for name in sorted(rate, key=rate.__getitem__):
        version, own = found[name][0]["version"], rate["procmine"]
        ratios = f"{own / rate[name]:,.0f} | {bare / rate[name]:,.0f}"
        print(f"| {name} ({version}) | {lines[name]} | {rate[name]:,.0f} | {ratios} |")
    print(f"| procmine (ends, costs, waits and queues by day) | | | {bare:,.0f} | | |")
    spent, n = paths_alone(10 * cases, 1)
    print(f"| procmine, nothing queues (without events) | {10 * cases:,} | | {n / spent:,.0f} | | |")


def public(events: int) -> None:
    """What a user calls: a fit of many events, and a forecast of 200 draws x 5 replications x 1,000 cases."""
    from generate import generate
    from pyarrow import parquet

    import procmine

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        parquet.write_table(generate(events), path)
        log = procmine.read(path, ends=["Closed"])
    begun = time.perf_counter()
    procmine.fit(log)
    print(f"\nfit of {len(log.activity):,} events: {time.perf_counter() - begun:.1f} s")
    sample = procmine.sample()
    model = procmine.fit(sample)
    name = sample.about.activities[1]
    policy = procmine.Policy("half the time").scale_delay(name, 0.5)
    for run in ("first", "second"):
        begun = time.perf_counter()
        procmine.forecast(model, policy, seed=1)
        print(f"forecast, 200 x 5 x 1,000 cases, {run} call: {time.perf_counter() - begun:.1f} s")


def main() -> None:
    asks = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asks.add_argument("--peers", metavar="PYTHON")
    asks.add_argument("--cases", type=int, default=20_000)
    asks.add_argument("--fit", type=int, metavar="EVENTS", help="also time a fit of so many events, and a forecast")
    asks.add_argument("--peer", choices=sorted(PEERS), help=argparse.SUPPRESS)
    asks.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    given = asks.parse_args()
    if given.peer:
        sys.stdout.flush()
        print("\n" + json.dumps(PEERS[given.peer](given.cases, given.seed)))
        return
    compare(given.peers, given.cases)
    if given.fit:
        public(given.fit)


if __name__ == "__main__":
    main()
