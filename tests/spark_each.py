"""Many questions in one job of Spark: each is asked of each part as always, and merged as always."""

import sys
from dataclasses import dataclass
from functools import partial
from typing import Any

from procmine.asking import Grouped


@dataclass(frozen=True, eq=False)
class Each:
    """The answers of several questions for the same part."""

    answers: tuple[Any, ...]

    def merge(self, other):
        return Each(tuple(one.merge(two) for one, two in zip(self.answers, other.answers)))


def of_each(log, questions):
    return Each(tuple(question.of(log) for question in questions))


def ask_all(log, questions, groupings=(((), None),)):
    """The rows of each question's answer, for each grouping (attributes, period) in turn."""
    from pyspark import cloudpickle

    asked = [Grouped(one, by, period) if by or period else one for by, period in groupings for one in questions]
    columns = [*(name for by, _ in groupings for name in by), *(name for one in questions for name in one.reads)]
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # executors have none of these tests
    try:
        found = log.reduce(partial(of_each, questions=asked), tuple(dict.fromkeys(columns)))
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    return [one.rows(answer, log.about) for one, answer in zip(asked, found.answers)]
