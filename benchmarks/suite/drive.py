"""Drive a run: files made once, every (tool, question) in processes of its own, rounds by turns, each cell kept."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.suite.environments import ROOT
from benchmarks.suite.plan import COMMANDS, MOST, OURS, QUESTIONS, TOOLS, sittings

LIMIT = 600  # seconds of one cell
OUTPUTS = ROOT / "outputs" / "bench"


@dataclass
class Run:
    """What is to be measured, and what has been. cells: "round/questions/tool" -> what the process wrote."""

    events: int
    seed: int
    data: Path
    pythons: dict[str, str]
    path: Path
    facts: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def at(cls, events: int, seed: int, data: Path, pythons: dict[str, str]) -> Run:
        """The run of these events by this state of procmine, taken up where it stopped."""
        path = OUTPUTS / f"{events}-{seed}-{source_hash()[:10]}.json"
        held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return cls(events, seed, data, pythons, path, held.get("facts", {}), held.get("cells", {}))

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        kept = {"events": self.events, "seed": self.seed, "facts": self.facts, "cells": self.cells}
        partial.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        partial.replace(self.path)

    def file(self, question: str) -> Path:
        one = QUESTIONS[question]
        return self.data / f"log-{max(round(self.events * one.size), 1_000)}-{self.seed}.{one.file}"


def source_hash() -> str:
    """Of procmine's code, so that a run is not taken up with another one."""
    total = hashlib.sha256()
    for path in sorted((ROOT / "procmine").rglob("*.py")):
        total.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return total.hexdigest()


def environ() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}
    return {**kept, "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore"}


# ---- files ----


def make_files(run: Run, questions: list[str]) -> None:
    """Those that are not there yet, each in a process of its own; read once, so that all find them in memory."""
    run.data.mkdir(parents=True, exist_ok=True)
    for path in dict.fromkeys(run.file(one) for one in questions if one != "simulate"):
        if not path.exists():
            say(f"making {path.name} ...")
            events = path.stem.split("-")[1]
            script = (
                ["benchmarks/xes.py", "make", events] if path.suffix == ".xes" else ["benchmarks/generate.py", events]
            )
            partial = path.with_name("partial-" + path.name)
            made = subprocess.run([run.pythons["ours"], *script, str(partial), str(run.seed)], cwd=ROOT, env=environ())
            if made.returncode:
                raise SystemExit(f"{path.name} could not be made.")
            partial.replace(path)
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---- cells ----


def plan_of(run: Run, questions: list[str], rounds: int) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Round, questions that share a process, tool: all of a round first, tools turned round from round to round; later rounds
    begin with what takes least, so that a limit of time costs repetitions of the slow."""
    for turn in range(1, rounds + 1):
        cells = []
        for together in sittings(questions):
            tools = [tool for tool in TOOLS if any(tool in QUESTIONS[one].tools for one in together)]
            tools = [tool for tool in tools if TOOLS[tool].environment in run.pythons]
            turned = tools[(turn - 1) % len(tools) :] + tools[: (turn - 1) % len(tools)] if tools else []
            cells += [(turn, tuple(one for one in together if tool in QUESTIONS[one].tools), tool) for tool in turned]
        if turn > 1:
            worst = {one[1]: max(spent(run, other) for other in cells if other[1] == one[1]) for one in cells}
            cells.sort(key=lambda one: (worst[one[1]] > 60, worst[one[1]]))
        yield from cells


def key_of(cell: tuple[int, tuple[str, ...], str]) -> str:
    return f"{cell[0]}/{','.join(cell[1])}/{cell[2]}"


def spent(run: Run, cell: tuple[int, tuple[str, ...], str]) -> float:
    """Seconds that this cell took in the round before."""
    before = run.cells.get(key_of((cell[0] - 1, *cell[1:])), {})
    return float(before.get("wall", 0.0))


def measure(run: Run, questions: list[str], rounds: int, minutes: float | None) -> None:
    """All cells that are not there yet, until the time is over."""
    until = None if minutes is None else time.monotonic() + 60 * minutes
    run.facts.setdefault("begun", time.strftime("%Y-%m-%d %H:%M", time.gmtime()))
    for cell in plan_of(run, questions, rounds):
        key = key_of(cell)
        if key in run.cells or failed_before(run, cell):
            continue
        if until is not None and time.monotonic() + spent(run, cell) > until:
            run.facts["stopped"] = f"after {minutes:g} minutes, in round {cell[0]}"
            continue
        begun = time.monotonic()
        run.cells[key] = {**one_cell(run, cell), "wall": time.monotonic() - begun}
        say(f"{key}: {run.cells[key]['wall']:.1f} s{' FAILED' if 'error' in run.cells[key] else ''}")
        run.save()
    run.facts["ended"] = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    run.save()


def failed_before(run: Run, cell: tuple[int, tuple[str, ...], str]) -> bool:
    return any("error" in run.cells.get(key_of((turn, *cell[1:])), {}) for turn in range(1, cell[0]))


def one_cell(run: Run, cell: tuple[int, tuple[str, ...], str]) -> dict[str, Any]:
    turn, questions, tool = cell
    if run.events * QUESTIONS[questions[0]].size > MOST.get(tool, run.events):
        return {"error": f"not asked of more than {MOST[tool]:,} events, for want of memory"}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        if questions[0] in COMMANDS:
            return command(run, questions[0], tool, turn, out)
        if questions == ("simulate",):
            return child(run, tool, ["benchmarks.suite.simulate", tool, str(turn), str(out)], out)
        words = ["benchmarks.suite.ask", tool, ",".join(questions), str(run.file(questions[0])), str(out)]
        return child(run, tool, [*words, str(time.time()), *(["answer"] if turn == 1 else [])], out)


def child(run: Run, tool: str, words: list[str], out: Path) -> dict[str, Any]:
    """What a process of the tool's environment wrote; its last line of error where it failed."""
    python = run.pythons[TOOLS[tool].environment]
    try:
        done = subprocess.run(
            [python, "-m", *words], cwd=ROOT, env=with_dot(run, out.parent), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LIMIT, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"error": f"not done after {LIMIT} seconds"}
    if done.returncode or not out.exists():
        killed = "killed by the system (memory?)" if done.returncode < 0 else ""
        return {"error": killed or (done.stderr.strip().splitlines() or ["no reason given"])[-1][:300]}
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def with_dot(run: Run, folder: Path) -> dict[str, str]:
    """Where Graphviz's program is not installed, one that calls the library that procmine draws with."""
    from shutil import which

    base = environ()
    if which("dot") or os.name == "nt":
        return base
    script = folder / "dot"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{run.pythons["ours"]}" -m benchmarks.suite.dot "$@"\n')
    script.chmod(0o755)
    return {**base, "PATH": f"{folder}{os.pathsep}{base.get('PATH', '')}"}


def command(run: Run, question: str, tool: str, turn: int, out: Path) -> dict[str, Any]:
    """A whole process, file to printed bottlenecks; in the first round the totals are written by one more process before."""
    file = str(run.file(question))
    python = run.pythons[TOOLS[tool].environment]
    whole = [python, "-m", "benchmarks.suite.whole", tool, file]
    words = [python, "-P", "-m", "procmine.cli", "bottlenecks", file, "--end", "every case"] if tool == OURS else whole
    answer = None
    if turn == 1:
        first = child(
            run,
            tool,
            ["benchmarks.suite.totals" if tool == OURS else "benchmarks.suite.whole", tool, file, str(out)],
            out,
        )
        if "error" in first:
            return first
        answer = first
    status, seconds, mib = clocked(words)
    if status:
        return {"error": f"ended with status {status}"}
    told = {"first": seconds, "warm": [seconds], "fresh": seconds, "peak_mib": mib, "answer": answer}
    return {"asked": {question: told}, "versions": {}}


def clocked(words: list[str]) -> tuple[int, float, float | None]:
    """Status, seconds and peak MiB of one fresh process (its own memory, where the system tells it)."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, cwd=ROOT, env=environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not hasattr(os, "wait4"):
        status, mib = process.wait(), None
    else:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = status
        mib = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return status, time.perf_counter() - begun, mib
