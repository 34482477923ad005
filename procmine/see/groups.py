"""Groups: questions that need a whole log at once, asked of each group of its cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from procmine.about import About
from procmine.asking import Grouped, Groups, Period, split, told_late
from procmine.log import EventLog, check_attributes
from procmine.results import Rows


@dataclass(frozen=True)
class _Of:
    answer: Callable[[EventLog], Rows]

    def rows(self, log: EventLog, about: About) -> Rows:
        return self.answer(log)


def by_groups(
    log: EventLog, answer: Callable[[EventLog], Rows], by: Sequence[str] = (), period: Period | None = None
) -> tuple[Rows, tuple[str, ...], About]:
    """Rows of the log, or of each group of its cases below each other with the group in front; names of those columns; and
    what is known of the log, with a warning of groupings that are written down late.
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    check_attributes(log.about, by, log.about.attributes)
    if not by and period is None:
        return answer(log), (), log.about
    question: Any = _Of(answer)
    grouped: Grouped[Any, Any] = Grouped(question, by, period)
    parts: dict[Any, Any] = dict(split(log, by, period))
    rows = grouped.rows(Groups(parts), log.about)
    return rows, tuple(rows)[: len(grouped.names)], told_late(log, by)
