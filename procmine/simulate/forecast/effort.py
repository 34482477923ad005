"""Effort: how much is simulated for an answer, and who hears how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

from procmine.words import Message

PATIENCE = 3.0  # seconds without a word
OFTEN = 1.0  # seconds between two words


@dataclass(frozen=True)
class Effort:
    """In each of `draws` the weeks in which cases began are weighed anew, the model is made again from them, and
    `replications` x `cases` are simulated twice: as it is, and with the policy.

    tell(done, of) is called after each draw; what it raises stops the work. Without it a terminal or notebook shows a
    line once the work takes longer than 3 seconds.
    """

    draws: int = 200
    replications: int = 5
    cases: int = 1_000
    tell: Callable[[int, int], None] | None = None

    def __post_init__(self) -> None:
        for name in ("draws", "replications", "cases"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: at least 1 is needed.")

    def to_dict(self) -> dict[str, int]:
        return {"draws": self.draws, "replications": self.replications, "cases": self.cases}

    def each(self, of: int) -> Iterator[int]:
        """0, 1, ... `of` - 1, and after each whoever listens hears of it."""
        tell = self.tell or _Line()
        try:
            for done in range(of):
                yield done
                tell(done + 1, of)
        finally:
            if isinstance(tell, _Line):
                tell.clear()


class _Line:
    """One line that is written over, in a terminal or under a notebook's cell, and gone at the end."""

    def __init__(self) -> None:
        self.begun = self.last = monotonic()
        self.display: Any = None
        self.shown = False

    def __call__(self, done: int, of: int) -> None:
        now = monotonic()
        if now - self.begun < PATIENCE or now - self.last < OFTEN:
            return
        self.last = now
        self._write(Message("effort.done", {"done": done, "of": of}).say())

    def clear(self) -> None:
        if self.shown:
            self._write("")

    def _write(self, line: str) -> None:
        self.shown = True
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line:<60}" if line else "\r" + " " * 60 + "\r")
            sys.stderr.flush()
        elif _in_a_kernel():
            self._in_notebook(line)

    def _in_notebook(self, line: str) -> None:
        from IPython.display import HTML, display

        made: Any = HTML  # without types
        if self.display is None:
            self.display = display(made(line), display_id=True)  # type: ignore[no-untyped-call]
        elif self.display is not None:
            self.display.update(made(line))


def _in_a_kernel() -> bool:
    """Whether this runs in a cell of a notebook; a process that only loaded IPython does not."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
