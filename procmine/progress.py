"""Progress: a line that says how far long work is, in a terminal or under a notebook's cell, and is gone at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any, TypeVar

from procmine.words import Message

PATIENCE = 3.0  # seconds without a word
OFTEN = 1.0  # seconds between two words
One = TypeVar("One")


def told(work: Sequence[One]) -> Iterator[One]:
    """The same one after the other; once they take longer than 3 seconds a line says how many are done."""
    line = Line()
    try:
        for done, one in enumerate(work, 1):
            yield one
            line(done, len(work))
    finally:
        line.clear()


class Line:
    """One line that is written over, in a terminal or under a notebook's cell, and gone at the end."""

    def __init__(self) -> None:
        self.begun = self.last = monotonic()
        self.display: Any = None
        self.shown = False

    def __call__(self, done: int, of: int) -> None:
        self.tell(Message("progress.done", {"done": done, "of": of}))

    def tell(self, message: Message) -> None:
        """The message, unless nobody has waited long yet or another was shown just now."""
        now = monotonic()
        if now - self.begun < PATIENCE or now - self.last < OFTEN:
            return
        self.last = now
        self._write(message.say())

    def clear(self) -> None:
        if self.shown:
            self._write("")

    def _write(self, line: str) -> None:
        self.shown = True
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line:<80}" if line else "\r" + " " * 80 + "\r")
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
