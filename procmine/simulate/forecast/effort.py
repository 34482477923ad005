"""Effort: how much is simulated for an answer, and who hears how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from procmine.progress import Line


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
        tell = self.tell or Line()
        try:
            for done in range(of):
                yield done
                tell(done + 1, of)
        finally:
            if isinstance(tell, Line):
                tell.clear()
