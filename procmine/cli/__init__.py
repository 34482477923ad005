"""The command line: the same verbs as in a notebook, one screen of answer each."""

from procmine.cli import (
    batching,
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
