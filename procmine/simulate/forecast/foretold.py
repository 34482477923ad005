"""Foretold: what every answer carries that comes from a model: what a check of such models found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from procmine.results import Result
from procmine.words import Message


class Checked(Protocol):
    """What says in a line how well such a model foretells."""

    def line(self) -> Message: ...


@dataclass(frozen=True, eq=False)
class Foretold(Result):
    """`checked`: what a check of the model said; that it was not checked, until `checked_by` is asked."""

    checked: Message = field(default=Message("forecast.unchecked"), kw_only=True)

    def checked_by(self, validation: Checked) -> Self:
        """The same, and every page says what the check found: `answer.checked_by(procmine.validate(log, seed=1))`."""
        return replace(self, checked=validation.line())
