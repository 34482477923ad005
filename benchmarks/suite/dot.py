"""Graphviz's `dot` for peers, where it is not installed: the library that procmine draws with, called alike.

python -m benchmarks.suite.dot -Kdot -Tpng [-O] [-o FILE] SOURCE
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(*given: str) -> None:
    from pygraphviz import AGraph

    words = list(given)
    kind = next((one[2:] for one in words if one.startswith("-T")), "png")
    engine = next((one[2:] for one in words if one.startswith("-K")), "dot")
    out = words.pop(words.index("-o") + 1) if "-o" in words else None
    source = next((one for one in words if not one.startswith("-")), None)
    graph = AGraph(string=Path(source).read_text(encoding="utf-8") if source else sys.stdin.read())
    graph.layout(engine)
    drawn = graph.draw(None if out or not source else f"{source}.{kind}", format=kind)
    if out:
        Path(out).write_bytes(drawn)
    elif not source:
        sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    main(*sys.argv[1:])
