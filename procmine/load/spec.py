"""The spec: a small YAML file beside the data that says how to read it, and what cannot be seen in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from procmine.load.columns import Columns
from procmine.settings import Field, Settings

Who = Literal["law", "court rule", "our policy", "habit", "another party"]


class SpecColumns(Settings):
    """Names of columns by role, as in Columns."""

    case: str | None = None
    activity: str | None = None
    timestamp: str | None = None
    start: str | None = None
    resource: str | None = None
    arrival: str | None = None
    order: str | None = None
    lifecycle: str | None = None
    instance: str | None = None
    attributes: tuple[str, ...] | None = None
    event_attributes: tuple[str, ...] | None = None
    repeated: Literal["set aside", "keep"] | None = None


class SpecDates(Settings):
    """How times are written: iso, a format like "%d/%m/%Y", excel, unix, unix_ms."""

    format: str | None = None


class SpecFile(Settings):
    """How the file is written."""

    sheet: str | None = None
    header: int | None = Field(default=None, ge=1)
    delimiter: str | None = None
    encoding: str | None = None


class Spec(Settings):
    """A log's spec. Paths in it are seen from the folder it lies in.

    `cutoff` is the last day that the data could show, `complete_from` the first day from which every case is in them;
    `persons` names attributes that name people, besides those with well-known names;
    `ends` maps each step that finishes a case to its outcome (or lists the steps; or "every case"); `stages` groups
    steps under a name; `who_can_change` says for a step whether it is set by law, court rule, our policy, habit or
    another party.
    """

    title: str = ""
    persons: tuple[str, ...] = ()
    source: str | None = None
    columns: SpecColumns = SpecColumns()
    dates: SpecDates = SpecDates()
    file: SpecFile = SpecFile()
    zone: str | None = None
    cutoff: str | None = None
    complete_from: str | None = None
    ends: dict[str, str] | tuple[str, ...] | Literal["every case"] | None = None
    stages: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    who_can_change: dict[str, Who] = Field(default_factory=dict)
    dormant_after_days: float | None = Field(default=None, gt=0)
    audience: Literal["team", "agency", "public"] = "team"
    voice: Any = None

    def as_columns(self) -> Columns:
        return Columns(**self.columns.model_dump(), **self.file.model_dump(), dates=self.dates.format)

    def source_of(self, folder: Path) -> Path | None:
        return None if self.source is None else folder / self.source
