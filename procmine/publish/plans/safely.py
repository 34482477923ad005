"""Safely: a sentence of a plan's check as the audience of the page may have it."""

from __future__ import annotations

from procmine.about import About
from procmine.publish.few import in_months, may_be_said, rounded
from procmine.publish.persons import masked
from procmine.words import Message


def safe(message: Message, about: About) -> Message:
    """No names of people; for others than the team from 10 cases on and rounded, for the public with months for days."""
    told = masked(message, about)
    if about.audience == "team":
        return told
    if not may_be_said(told, whole=True):
        return Message("plan.withheld")
    return in_months(rounded(told)) if about.audience == "public" else rounded(told)
