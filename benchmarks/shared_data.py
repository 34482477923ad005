"""Every file of the shared data: how long it takes to read, and what became of its rows, as a Markdown table.

python benchmarks/shared_data.py FOLDER; each file in a warm process, the second of two readings.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import procmine
from tests.shared_logs import SAID, files, is_log


def main() -> None:
    print(
        "| file | seconds | rows in | events | starts joined | set aside | cases | steps |\n|---|---|---|---|---|---|---|---|"
    )
    for name, path in files(Path(sys.argv[1])).items():
        if not is_log(name):
            continue
        for _ in range(2):
            begin = time.perf_counter()
            log = procmine.read(path, columns=SAID.get(name))
            seconds = time.perf_counter() - begin
        rows = procmine.load_report(log).rows
        counts = dict(zip(rows["reason"].tolist(), rows["rows"].tolist()))
        total, joined = sum(counts.values()), counts.get("starts joined to the end of their event", 0)
        kept = len(log.time)
        cells = [f"{seconds:.2f}", *(f"{one:,}" for one in (total, kept, joined, total - kept - joined, len(log)))]
        print(f"| {name} | {' | '.join(cells)} | {len(log.about.activities)} |", flush=True)


if __name__ == "__main__":
    main()
