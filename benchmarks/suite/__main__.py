"""python run.py bench [list | NAME ...] [--quick] [--only QUESTION ...] [--events N] [--rounds N] ...

Without a name: the suite. It writes its table into docs/benchmarks.md (with --out: into that file) and keeps raw figures in
outputs/bench/; a run that was stopped is taken up where it stopped, as long as procmine's code is the same. NAME is another
script of benchmarks/; `list` shows them.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.suite.drive import OUTPUTS, Run, environ, make_files, measure, say
from benchmarks.suite.environments import ROOT, pythons
from benchmarks.suite.plan import QUESTIONS, TOOLS
from benchmarks.suite.report import BEGIN, END, PAGE, publish, written

QUICK = 20_000


def scripts() -> dict[str, Path]:
    """The other benchmarks, by name."""
    found = {path.stem: path for path in sorted((ROOT / "benchmarks").glob("*.py"))}
    return {**found, "growth": ROOT / "benchmarks" / "suite" / "growth.py"}


def listed() -> str:
    lines = ["suite: " + (__doc__ or "").splitlines()[0], "", "questions of the suite (--only):"]
    lines += [f"  {name:16} {one.said}: {', '.join(one.tools)}" for name, one in QUESTIONS.items()]
    lines += ["", "special ones (python run.py bench NAME ...):"]
    for name, path in scripts().items():
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        lines.append(f"  {name:20} {said.splitlines()[0] if said else ''}")
    return "\n".join(lines)


def arguments(words: list[str]) -> argparse.Namespace:
    asks = argparse.ArgumentParser(
        prog="run.py bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asks.add_argument("--quick", action="store_true", help=f"{QUICK:,} events, one round, procmine only")
    asks.add_argument("--only", nargs="+", metavar="QUESTION", choices=sorted(QUESTIONS), default=list(QUESTIONS))
    asks.add_argument("--events", type=int, default=None)
    asks.add_argument("--rounds", type=int, default=None)
    asks.add_argument("--minutes", type=float, default=None, help="begin nothing that would end later")
    asks.add_argument("--seed", type=int, default=1)
    asks.add_argument("--data", type=Path, default=OUTPUTS / "data")
    asks.add_argument("--ours", action="store_true", help="procmine only")
    asks.add_argument(
        "--out", type=Path, default=None, help="write the table into this file instead of docs/benchmarks.md"
    )
    asks.add_argument("--again", action="store_true", help="forget what was measured before")
    return asks.parse_args(words)


def facts(run: Run) -> None:
    """The machine before the run: how busy, how fast its memory, and how many rows the log has."""
    if "load_average" not in run.facts and hasattr(os, "getloadavg"):
        run.facts["load_average"] = f"{os.getloadavg()[0]:.1f}"
    if "bandwidth" not in run.facts:
        mib = 2048 if run.events >= 1_000_000 else 256
        told = subprocess.run(
            [run.pythons["ours"], "-m", "benchmarks.suite.bandwidth", str(mib)], cwd=ROOT, env=environ(), capture_output=True,
            encoding="utf-8", check=True,
        )  # fmt: skip
        run.facts["bandwidth"] = json.loads(told.stdout)
    if "rows" not in run.facts:
        script = (
            "import json, sys; from pyarrow import compute, parquet; t = parquet.read_table(sys.argv[1], "
            "columns=['case_id']);"
            "print(json.dumps([len(t), compute.count_distinct(t['case_id']).as_py()]))"
        )
        told = subprocess.run(
            [run.pythons["ours"], "-c", script, str(run.file("follows"))],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        run.facts["rows"], run.facts["cases"] = json.loads(told.stdout)


def suite(given: argparse.Namespace) -> Run:
    events = given.events or (QUICK if given.quick else 10_000_000)
    rounds = given.rounds or (1 if given.quick else 3)
    alone = given.quick or given.ours
    tools = {tool for question in given.only for tool in QUESTIONS[question].tools}
    run = Run.at(
        events, given.seed, given.data, pythons(set() if alone else {TOOLS[tool].environment for tool in tools})
    )
    if given.again:
        run.cells, run.facts = {}, {}
    make_files(run, ["follows", *given.only])
    if not given.quick:  # compiled, as an installed procmine is
        subprocess.run([run.pythons["ours"], "-m", "procmine.kernels.jit"], cwd=ROOT, env=environ(), check=True)
    facts(run)
    measure(run, given.only, rounds, given.minutes)
    return run


def main(words: list[str]) -> int:
    if words[:1] == ["list"]:
        print(listed())
        return 0
    if words and words[0] in scripts():
        return subprocess.run([sys.executable, str(scripts()[words[0]]), *words[1:]], cwd=ROOT).returncode
    given = arguments(words)
    run = suite(given)
    if given.out is not None:
        given.out.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    publish(run, given.out or PAGE)
    print(written(run))
    say(f"written: {given.out.name if given.out else 'docs/benchmarks.md'}; raw figures: outputs/bench/{run.path.name}")
    return 1 if any("error" in one for key, one in run.cells.items() if key.endswith("/procmine")) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
