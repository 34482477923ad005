"""The spec: a small YAML file beside the data that says how to read it, and what cannot be seen in it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from procmine.calendars import Calendar
from procmine.clocks import OfficeHours
from procmine.load.columns import ROLES, Columns, VoiceColumns
from procmine.settings import Field, Settings, part_of

Who = Literal["law", "court rule", "our policy", "habit", "another party"]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

if TYPE_CHECKING:

    class SpecColumns(Settings): ...

    class SpecFile(Settings): ...

    class SpecVoiceColumns(Settings): ...

else:
    SpecColumns = part_of(
        "SpecColumns",
        Columns,
        (*ROLES, "clock", "attributes", "event_attributes", "milestones", "object_type", "repeated"),
    )
    SpecVoiceColumns = part_of("SpecVoiceColumns", VoiceColumns, [one.name for one in fields(VoiceColumns)][:-1])
    SpecFile = part_of("SpecFile", Columns, ("sheet", "header", "delimiter", "quote", "decimal", "encoding"))


class SpecDates(Settings):
    """How times are written: one format for all columns, or `columns` with a format for some of them."""

    format: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)

    def of_columns(self) -> str | dict[str, str] | None:
        """As Columns takes it: what is said of all columns holds for those that are not named."""
        return {**({"*": self.format} if self.format else {}), **self.columns} if self.columns else self.format


class SpecDatabase(Settings):
    """A table or a query of a database, as in Database; `url_from` names the environment variable with its address."""

    url_from: str
    table: str | None = None
    query: str | None = None
    values: dict[str, str | int | float] = Field(default_factory=dict)


class SpecSource(Settings):
    """One table of data: a file, several files (a folder, or a name with *), or a table of a database.

    `where` keeps only rows in which these columns have these values (or one of them); `same` says under which other
    names a column stands in some files.
    """

    name: str = ""
    source: str | None = None
    database: SpecDatabase | None = None
    columns: SpecColumns = SpecColumns()
    dates: SpecDates = SpecDates()
    file: SpecFile = SpecFile()
    where: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    same: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def as_columns(self) -> Columns:
        said: dict[str, Any] = dict(self.columns) | dict(self.file)
        return Columns(**said, dates=self.dates.of_columns())


class SpecTable(SpecSource):
    """One of several tables with events; `every_row` holds what each of its rows says, such as its municipality."""

    every_row: dict[str, str] = Field(default_factory=dict)


class SpecJoin(SpecSource):
    """A table with one row a case (or a key), whose columns are added to every event of it.

    `on` maps a column of the events to the column of this table that holds the same keys; `take` lists the columns
    wanted (else all others).
    """

    on: dict[str, str]
    take: tuple[str, ...] | None = None


class SpecRelation(SpecSource):
    """A table that says which case of one source is which case of another: `between` maps their names to its columns."""

    between: dict[str, str]


class SpecCalendar(Settings):
    """Opening hours: by weekday "09:00-12:00, 13:00-17:00"; `holidays` of a country (and region), `closed` other days."""

    hours: dict[Day, str]
    zone: str | None = None
    holidays: str | None = None
    region: str | None = None
    closed: tuple[str, ...] = ()
    half_days: dict[str, str] = Field(default_factory=dict)

    def model_post_init(self, context: object) -> None:
        Calendar.from_spec(self.model_dump())


class SpecPause(Settings):
    """The clock stands from one step to another, while the matter is with another party."""

    from_step: str
    to_step: str
    whose: str = ""


class SpecClock(Settings):
    """When the service clock begins and stops (steps), and what pauses it."""

    begins: str | None = None
    stops: tuple[str, ...] = ()
    pauses: tuple[SpecPause, ...] = ()


class SpecSuspended(Settings):
    """The column of a status, and its values that mean: suspended, on hold."""

    column: str
    values: tuple[str, ...]


class SpecLimit(Settings):
    """Within how long a case has to get from one point to another: a law, a court rule, a promise."""

    name: str = Field(min_length=1)
    start: str = Field(alias="from")
    stop: str | tuple[str, ...] = Field(alias="to")
    within: float = Field(gt=0)
    unit: Literal["days", "working days", "hours"] = "days"
    clock: Literal["calendar", "service"] = "calendar"


class SpecHidden(Settings):
    """Columns whose values become keyed hashes; the key stands in the environment variable `key_from`."""

    columns: tuple[str, ...]
    key_from: str


class SpecVoice(Settings):
    """A table of contacts: complaints, calls, scores, notes; columns as in VoiceColumns."""

    source: str
    columns: SpecVoiceColumns = SpecVoiceColumns()
    dates: str | None = None
    file: SpecFile = SpecFile()


class Spec(SpecSource):
    """A log's spec. Paths in it are seen from the folder it lies in.

    One table, or several in `sources`, for which what is said at the top holds unless they say otherwise; `joins` add
    columns, `relations` say which cases of two systems are one. `cutoff` is the last day that the data could show,
    `complete_from` the first day from which every case is in them. `persons` names attributes that name people, besides
    those with well-known names. `begins` lists the steps with which a case begins; `ends` maps each step that finishes a
    case to its outcome (or lists the steps; or "every case"); `party` is the attribute that says whose case it is (family,
    applicant), so that its cases share the value; `limits` are times within which cases have to be done; `stages` groups
    steps under a name; `who_can_change` says
    for a step whether it is set by law, court rule, our policy, habit or another party.

    Repairs, each recorded in the log: `renames` of steps; `leave_out` steps that are no work; `split_steps` by a column
    where one label means two things; `forms` make one event of steps that a form saves at once; `by_date` takes only the
    date of these steps; `same_moment` is the order of steps that share a moment; `not_dates` are dates that were filled
    in where there was none; `near_duplicates` sets aside a step that the same case had so many minutes before; `mended`
    is a workbook of rows
    set aside, with rows mended by hand.
    """

    title: str = ""
    persons: tuple[str, ...] = ()
    sources: tuple[SpecTable, ...] = ()
    joins: tuple[SpecJoin, ...] = ()
    relations: tuple[SpecRelation, ...] = ()
    zone: str | None = None
    cutoff: str | None = None
    complete_from: str | None = None
    begins: tuple[str, ...] = ()
    ends: dict[str, str] | tuple[str, ...] | Literal["every case"] | None = None
    stages: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    who_can_change: dict[str, Who] = Field(default_factory=dict)
    dormant_after_days: float | None = Field(default=None, gt=0)
    suspended: SpecSuspended | None = None
    calendars: dict[str, SpecCalendar] = Field(default_factory=dict)
    calendar_by: str | None = None
    clock: SpecClock | None = None
    party: str | None = None
    limits: tuple[SpecLimit, ...] = ()
    renames: dict[str, str] = Field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    split_steps: dict[str, str] = Field(default_factory=dict)
    forms: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    by_date: tuple[str, ...] = ()
    same_moment: tuple[str, ...] = ()
    not_dates: tuple[str, ...] = ()
    near_duplicates: float | None = Field(default=None, gt=0)
    drop: tuple[str, ...] = ()
    pseudonymise: SpecHidden | None = None
    audience: Literal["team", "agency", "public"] = "team"
    voice: str | SpecVoice | None = None
    procedure: str | None = None
    mended: str | None = None

    def model_post_init(self, context: object) -> None:
        if self.calendars:
            named = {name: Calendar.from_spec(one.model_dump()) for name, one in self.calendars.items()}
            OfficeHours(named, self.calendar_by)
        elif self.calendar_by is not None:
            raise ValueError("calendar_by is said, and there are no calendars")

    def source_of(self, folder: Path) -> Path | None:
        return None if self.source is None else folder / self.source
