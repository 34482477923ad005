"""The command line: the same verbs as in a notebook, one screen of answer each."""

from procmine.cli import (
    batching,
    compacting,
    exploring,
    finding,
    loading,
    meeting,
    planning,
    presenting,
    proving,
    remembering,
    seeing,
    serving,
    sharding,
    speaking,
    trying,
)
from procmine.cli.group import main

__all__ = [
    "batching",
    "compacting",
    "exploring",
    "finding",
    "loading",
    "main",
    "meeting",
    "planning",
    "presenting",
    "proving",
    "remembering",
    "seeing",
    "serving",
    "sharding",
    "speaking",
    "trying",
]
