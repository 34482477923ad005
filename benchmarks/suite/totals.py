"""procmine's totals per move, for the comparison of whole commands: python -m benchmarks.suite.totals procmine FILE OUT"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(_: str, file: str, out: str) -> None:
    import procmine
    from procmine.see.flow import FlowSummary

    log = procmine.read(file, ends=procmine.EVERY_CASE)
    there, gaps = log.reduce(FlowSummary().of).gaps.compact()
    names = log.about.activities
    pairs = [divmod(int(code), len(names)) for code in there]
    sums = {f"{names[a]} -> {names[b]}": float(total) for (a, b), total in zip(pairs, gaps.total())}
    Path(out).write_text(json.dumps(sums), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
