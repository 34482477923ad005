"""How fast this machine reads memory: python -m benchmarks.suite.bandwidth [MiB]; prints GB/s as JSON."""

from __future__ import annotations

import json
import sys
import time


def main(mib: int) -> None:
    import numpy as np

    held = np.arange(mib * 2**17, dtype=np.int64)
    other = np.empty_like(held)
    sums, copies = [], []
    for _ in range(5):
        begun = time.perf_counter()
        held.sum()
        sums.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        np.copyto(other, held)
        copies.append(time.perf_counter() - begun)
    print(json.dumps({"read": held.nbytes / min(sums) / 1e9, "copy": 2 * held.nbytes / min(copies) / 1e9, "MiB": mib}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2048)
