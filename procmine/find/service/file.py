"""Standards file: what a service promises, how its caseload is counted, and measures of one's own, as YAML."""

from __future__ import annotations

from typing import Literal

from procmine.settings import Field, Settings

Steps = str | list[str]


class FromTo(Settings):
    """From one point of a case to another."""

    name: str = Field(min_length=1)
    start: str = Field(alias="from")
    stop: Steps = Field(alias="to")
    unit: Literal["days", "working days", "hours"] = "days"
    clock: Literal["calendar", "service"] = "calendar"
    where: dict[str, Steps] = Field(default_factory=dict)
    law: str = ""


class StandardEntry(FromTo):
    within: float = Field(gt=0)
    share: float = Field(default=80, ge=1, le=100)  # percent


class MeasureEntry(FromTo):
    good: Literal["lower", "higher"] = "lower"
    target: float | None = Field(default=None, gt=0)


class CaseloadEntry(Settings):
    reopened: list[str] = Field(default_factory=list)
    inactive: list[str] = Field(default_factory=list)
    reactivated: list[str] = Field(default_factory=list)
    age: float = Field(default=365, gt=0)


class StandardsFile(Settings):
    """`title`, `source` and `checked` (a date) say where it comes from; a template says what to check in `note`."""

    title: str = ""
    source: str = ""
    checked: str = ""
    note: str = ""
    standards: list[StandardEntry] = Field(default_factory=list)
    caseload: CaseloadEntry | None = None
    measures: list[MeasureEntry] = Field(default_factory=list)
