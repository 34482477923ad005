"""Simulators: the five stations of benchmarks/simulation_speed.py, waits checked against theory (M/M/2)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
import simulation_speed as stations

CASES = {"prosimos": 5_000, "simpy": 20_000, "ciw": 20_000, "procmine": 200_000}


def rate(tool: str, seed: int) -> dict[str, Any]:
    """Activity instances a CPU-second, and the mean wait in hours with its standard error."""
    run = {**stations.PEERS, "procmine": stations.ours}[tool]
    found = run(CASES[tool], seed)
    mean, error = stations.wait_of(found["waits"])
    rates = {"rate": len(found["waits"]) / found["seconds"]}
    if "seconds_no_events" in found:
        rates["rate_figures_only"] = len(found["waits"]) / found["seconds_no_events"]
    return {**rates, "wait": mean, "error": error, "theory": stations.TRUE_WAIT}
