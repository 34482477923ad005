"""One run of a simulator: python -m benchmarks.suite.simulate TOOL SEED OUT"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.suite.tools.simulators import rate


def main(tool: str, seed: str, out: str) -> None:
    found = rate(tool, int(seed))
    if abs(found["wait"] - found["theory"]) > 4 * found["error"] + 0.01 * found["theory"]:
        raise SystemExit(f"waits of {found['wait']:.3f} h are not those of theory ({found['theory']:.3f})")
    told = {"simulated": found, "versions": {tool: version(tool)}, "asked": {}}
    Path(out).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
