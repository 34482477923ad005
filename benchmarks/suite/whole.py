"""A peer's whole command, file to the moves that take most time: python -m benchmarks.suite.whole TOOL FILE [OUT]"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.suite.plan import TOOLS


def main(tool: str, file: str, *out: str) -> None:
    one = import_module(f"benchmarks.suite.tools.{TOOLS[tool].module}").ASKS["quantiles"]
    found = one.ask(one.load(Path(file)))
    for (before, after), figures in sorted(found.items(), key=lambda item: -item[1]["sum"])[:15]:
        print(before, "->", after, figures["mean"], figures["median"], figures["sum"])
    if out:
        sums = {f"{before} -> {after}": float(figures["sum"]) for (before, after), figures in found.items()}
        Path(out[0]).write_text(json.dumps(sums), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
