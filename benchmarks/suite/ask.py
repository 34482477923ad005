"""One process of a benchmark: load the log with one tool, ask, ask again, and write times, memory and answers as JSON.

python -m benchmarks.suite.ask TOOL QUESTION[,QUESTION] FILE OUT BEGUN [answer]
"""

from __future__ import annotations

import gc
import json
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.suite.plan import LOADS, QUESTIONS, TOOLS

TENTH = "_tenth"  # the same question, of a part
ENOUGH, LONG = 1.0, 6.0  # seconds of asking again that are enough; a first answer so slow is the only one


def peak() -> float | None:
    """MiB that this process has held at most; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def clocked(call: Any, *given: Any) -> tuple[float, float, Any]:
    begun, used = time.perf_counter(), time.process_time()
    answer = call(*given)
    return time.perf_counter() - begun, time.process_time() - used, answer


def asked(one: Any, log: Any, question: str, forget: Any) -> tuple[dict[str, Any], Any]:
    """First call, then again with what the tool remembers forgotten."""
    forget(log)
    gc.collect()
    first, cpu, answer = clocked(one.ask, log)
    again: list[float] = []
    while len(again) < QUESTIONS[question].times - 1 and sum(again) < ENOUGH and first < LONG:
        answer = None
        forget(log)
        spent, cpu, answer = clocked(one.ask, log)
        again.append(spent)
    return {"first": first, "warm": again or [first], "cpu": cpu}, answer


def answered(module: Any, name: str, log: Any, found: dict[str, Any], begun: float, tell: bool) -> dict[str, Any]:
    """Times of one question, memory so far, and the answer."""
    one = module.ASKS[name.removesuffix(TENTH)]
    loaded = {"first": found["load"], "warm": [found["load"]], "cpu": found["load_cpu"]}
    if name in LOADS and name != "load_and_four":
        told, answer = loaded, log
    else:
        told, answer = asked(one, log, name, getattr(module, "forget", lambda log: None))
    if name == "load_and_four":
        told = {"first": told["first"] + loaded["first"], "cpu": told["cpu"] + loaded["cpu"]}
        told["warm"] = [told["first"]]
    told["fresh"], told["peak_mib"] = time.time() - begun, peak()
    told["answer"] = one.tell(answer) if tell else None
    return told


def main(tool: str, questions: str, file: str, out: str, begun: str, *more: str) -> None:
    entered = time.perf_counter()
    module = import_module(f"benchmarks.suite.tools.{TOOLS[tool].module}")
    names = questions.split(",")
    load = module.ASKS[names[0].removesuffix(TENTH)].load
    found: dict[str, Any] = {"import": time.perf_counter() - entered, "asked": {}}
    found["versions"] = {package: version(package) for package in module.PACKAGES}
    gc.collect()
    found["load"], found["load_cpu"], log = clocked(load, Path(file))
    found["loaded_mib"] = peak()
    for name in names:
        try:
            found["asked"][name] = answered(module, name, log, found, float(begun), "answer" in more)
        except Exception as error:  # of a tool: told in the report; the other questions are still asked
            if len(names) == 1:
                raise
            found["asked"][name] = {"error": f"{type(error).__name__}: {error}"[:300]}
    Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
