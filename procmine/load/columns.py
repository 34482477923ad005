"""Columns: which column of a table plays which role, as named by the user or by names everybody uses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Literal

from procmine.log import LogError


@dataclass(frozen=True)
class Milestone:
    """A step that a wide table holds as a column of dates; `start` is the column of its beginning, `attributes` are those
    of this step, by name: the columns that hold them."""

    step: str
    start: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}  # a misspelt key of a spec is an error


@dataclass(frozen=True)
class Columns:
    """The roles of a table's columns; what is not named is found by well-known names, or asked for in the error.

    A row is an event, or an activity done once. `timestamp` is its end, `start` its beginning; `clock` is the time of day
    of `timestamp`, where that stands in a column of its own; `arrival` is when the case came in (its first value counts);
    `order` numbers events that share a time; `lifecycle` says whether a row is a start or a completion; `instance` tells
    one doing of an activity from the next. `attributes` belong to cases, `event_attributes` to events; name neither and
    every other column is taken, for cases where it never changes inside one. `milestones` makes a wide table long: each of
    these columns of dates is a step, and each date in it an event (see Milestone); a number that repeats stands as {n}
    ("Hearing {n} date"). `object_type` is what a case is, in a log of objects.

    `dates` is how times are written: "iso", "%d/%m/%Y %H:%M" (as in strptime; the time of day may be absent; with names in
    a language "%d %b %Y [pl]"), "excel", "unix", "unix_ms", "unix_us" or "unix_ns"; or such a format for each column, by its
    name ("*": all others). `sheet` is for spreadsheets ("*": all that have the columns); `delimiter`, `quote`, `decimal`
    ("," where it stands for the point) and `encoding` are for text; `header` (the number of the row with the names) for
    both. `repeated`: rows equal to an earlier one in every column are set aside, in XES (where an event is
    written on purpose) kept. `show_values` puts values unmasked into errors.
    """

    case: str | None = None
    activity: str | None = None
    timestamp: str | None = None
    start: str | None = None
    resource: str | None = None
    arrival: str | None = None
    order: str | None = None
    lifecycle: str | None = None
    instance: str | None = None
    attributes: Sequence[str] | None = None
    event_attributes: Sequence[str] | None = None
    milestones: Mapping[str, str | Milestone] | None = None
    dates: str | Mapping[str, str] | None = None
    object_type: str | None = None
    sheet: str | None = None
    header: int | None = None
    delimiter: str | None = None
    quote: str | None = None
    decimal: Literal[".", ","] | None = None
    encoding: str | None = None
    clock: str | None = None
    repeated: Literal["set aside", "keep"] | None = None
    show_values: bool = False

    def __post_init__(self) -> None:
        for name in ("attributes", "event_attributes"):
            if isinstance(getattr(self, name), str):
                raise ValueError(f"Columns({name}=...) takes several names: write ({getattr(self, name)!r},).")
        if self.header is not None and self.header < 1:
            raise ValueError(f"Columns(header={self.header}): lines are counted from 1.")

    def dates_of(self, name: str) -> str | None:
        """How the times of a column are written, if that was said."""
        return self.dates.get(name, self.dates.get("*")) if isinstance(self.dates, Mapping) else self.dates

    def others(self, names: Sequence[str]) -> list[str]:
        """The columns, of those there are, that may be attributes: no times and no identities, unless named."""
        roles = ("case", "activity", "timestamp", "start", "arrival", "order", "instance", "lifecycle")
        taken = {getattr(self, role) for role in roles} - {*(self.attributes or ()), *(self.event_attributes or ())}
        taken |= {PRECISION, self.clock}
        return [name for name in names if name not in taken]

    def read(self, names: Sequence[str]) -> list[str]:
        """The columns, of those there are, that a log needs; all while it is not known which are the case and the step."""
        if (self.attributes is None and self.event_attributes is None) or missing_roles(self):
            return [name for name in names if name]
        roles = [getattr(self, role) for role in ROLES]
        wanted = {*roles, *(self.attributes or ()), *(self.event_attributes or ()), PRECISION, self.clock}
        return [name for name in names if name in wanted]


@dataclass(frozen=True)
class Settled(Columns):
    """Columns of a table that was made of others: their roles are known, and none is looked for by its name."""


@dataclass(frozen=True)
class VoiceColumns:
    """The columns of a table of contacts; what is not named is found by these names. All but `date` may be absent."""

    date: str | None = None
    case: str | None = None
    step: str | None = None
    kind: str | None = None
    channel: str | None = None
    reason: str | None = None
    score: str | None = None
    dates: str | None = None


DATE = re.compile(r"\s*(\d{1,2}([-/.])\d{1,2}\2\d{2,4}|\d{4}([-/.])\d{1,2}\3\d{1,2})([ T]\d{1,2}:.*)?\s*")
PRECISION = "time:precision"  # a column that write() adds: of which events only the "day" is known, not the "time"
LONGEST = 24  # characters of a value in an error
MOST = 40  # columns in an error
ROLES = ("case", "activity", "timestamp", "start", "resource", "arrival", "order", "lifecycle", "instance")

# Names as people write them, without case, blanks and punctuation; the first line that has exactly one match wins.
KNOWN: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "case": (
        ("caseconceptname",),
        ("caseid",),
        ("case", "casenumber", "caseno", "casenr", "caseref", "casereference", "casekey", "traceid"),
    ),
    "activity": (
        ("conceptname",),
        ("activity",),
        ("activityname", "task", "taskname", "step", "stepname", "eventname", "eventtype", "milestone", "action"),
    ),
    "timestamp": (
        ("timetimestamp",),
        ("timestamp",),
        ("endtimestamp", "completetimestamp", "completiontimestamp"),
        ("endtime", "completetime", "completiontime", "finishtime", "completed", "enddate"),
        ("eventtime", "eventdate", "eventtimestamp", "datetime", "date", "time"),
    ),
    "start": (("starttimestamp",), ("starttime",), ("startdate", "started", "begintime", "begintimestamp")),
    "resource": (("orgresource",), ("resource",), ("user", "username", "employee", "worker", "officer", "performer")),
    "order": (("sourceorder", "eventorder", "sequencenumber", "sequence", "seq"),),
    "lifecycle": (("lifecycletransition",), ("lifecycle", "transition")),
    "instance": (("conceptinstance",), ("activityinstanceid", "activityinstance")),
}
NEEDED = ("case", "activity", "timestamp")

# Attributes that name people, written as in KNOWN; results show their values as numbers.
PERSONS = {"resource", "orgresource", "staff", "staffname", "user", "username", "userid", "employee", "worker", "clerk"}
PERSONS |= {"officer", "caseworker", "caseofficer", "judge", "performer", "responsible", "agent", "handler", "assignee"}
PERSONS |= {"owner", "inspector", "reviewer", "approver", "lawyer", "attorney", "matricola"}
PERSONS |= {"applicant", "applicantname", "client", "clientname", "customer", "customername", "claimant", "petitioner"}
PERSONS |= {"respondent", "plaintiff", "defendant", "debtor", "parent", "child", "person", "personname"}
PERSONS |= {
    "bearbeiter",
    "bearbeiterin",
    "sachbearbeiter",
    "sachbearbeiterin",
    "mitarbeiter",
    "mitarbeiterin",
    "richter",
    "antragsteller",
}
PERSONS |= {
    "agenttraitant",
    "gestionnaire",
    "demandeur",
    "juge",
    "funcionario",
    "empleado",
    "solicitante",
    "juez",
    "funzionario",
}
PERSONS |= {
    "richiedente",
    "giudice",
    "medewerker",
    "behandelaar",
    "aanvrager",
    "rechter",
    "darbuotojas",
    "pareiškėjas",
    "teisėjas",
}
PERSONS |= {"pracownik", "wnioskodawca", "handläggare", "sagsbehandler", "saksbehandler", "käsittelijä", "υπάλληλος"}
PERSONS |= {
    "urzędnik",
    "referent",
    "inspektor",
    "inspecteur",
    "inspecteurtraitant",
    "ispettore",
    "oprávněnáúředníosoba",
}
PERSONS |= {
    "úředník",
    "žadatel",
    "úradník",
    "žiadateľ",
    "ügyintéző",
    "kérelmező",
    "službenik",
    "uradnik",
    "funcionário",
}
PERSONS |= {
    "requerente",
    "ansøger",
    "søker",
    "sökande",
    "hakija",
    "ametnik",
    "taotleja",
    "iesniedzējs",
    "αιτών",
    "служител",
}
PERSONS |= {
    "functionaris",
    "ambtenaar",
    "inspektorius",
    "agente",
    "instructeur",
    "beamter",
    "beamtin",
    "antragstellerin",
}
PERSONS |= {"name", "fullname", "firstname", "lastname", "nachname", "vorname", "nazwisko", "nom", "cognome"}
HEADED = PERSONS - {"name", "nom", "resource", "parent", "child", "person"}  # these under a heading may be other things


COPIED = "@@startevent_"  # what pm4py puts before attributes of a beginning, where it makes one event of two


def persons(names: Sequence[str], columns: Columns) -> tuple[str, ...]:
    """The attributes that name people: the resource, and those with well-known names, also under a heading
    ("Bearbeitung Sachbearbeiter") or before a name ("Applicant name")."""
    meant = {name: name.removeprefix(COPIED) for name in names}
    return tuple(name for name in names if meant[name] == columns.resource or _is_person(meant[name]))


def _is_person(name: str) -> bool:
    words = re.findall(r"[^\W_]+", name)
    last = plain(words[-1]) if words else ""
    of_name = len(words) > 1 and last in ("name", "nazwisko") and plain(words[-2]) in PERSONS
    return plain(name) in PERSONS or of_name or last in HEADED


def find_roles(columns: Columns, names: Sequence[str], source: str) -> Columns:
    """The same with every role filled that a well-known name fills; LogError for a name that is not in the table."""
    check_named(columns, names, source)
    if isinstance(columns, Settled):
        return columns
    filled = columns
    roles = [role for role in KNOWN if role != "resource" or columns.event_attributes is None]
    roles = ["case"] if columns.milestones else roles  # the rest of a row is known of all its dates
    for role in roles:  # attributes of events that are named are all that are wanted
        if getattr(filled, role) is None:
            found: dict[str, Any] = {role: _known(role, names, filled)}
            filled = replace(filled, **found)
    return filled


def as_asked(names: list[str], written: list[str], columns: Columns) -> list[str]:
    """The names as written, or numbered where there are several of one name and one of them is asked for by its number."""
    asked = {columns.case, columns.activity, columns.timestamp, columns.start, columns.resource, columns.arrival}
    asked |= {columns.order, columns.lifecycle, columns.instance, *(columns.attributes or ())}
    asked |= {*(columns.event_attributes or ()), *(columns.milestones or ())}
    return names if asked & (set(names) - set(written)) else written


def check_named(columns: Columns, names: Sequence[str], source: str) -> None:
    named = [(role, getattr(columns, role)) for role in ROLES if getattr(columns, role)]
    named += [("attributes", one) for one in columns.attributes or ()]
    named += [("event_attributes", one) for one in columns.event_attributes or ()]
    for role, name in named:
        if list(names).count(name) != 1:
            check_header(names, source)
            often = "more than once" if name in names else "not"
            do = (
                "Give each a name of its own there."
                if name in names
                else f"Name it as the file does: Columns({role}=...)."
            )
            raise LogError(
                f"{source}: the column {name!r} (for {role}) is {often} there. There are: {', '.join(names) or 'none'}. {do}"
            )


def check_header(names: Sequence[str], source: str) -> None:
    """LogError where the names of the columns are data: they may name people, so only their shapes are shown."""
    if any(DATE.fullmatch(name) for name in names):
        raise LogError(
            f"{source}: the line that should hold the names of the columns holds data, as one of them is a date: "
            f"{', '.join(map(mask, names[:MOST]))}. If they stand in another line, say which: Columns(header=...). If there "
            "are none, write a line with names above the data, such as Case, Step, Date."
        )


def over(one: Columns, other: Columns) -> Columns:
    """The first, with what it does not say taken from the other."""
    said = {each.name: getattr(one, each.name) for each in fields(Columns)}
    if isinstance(one.dates, Mapping) and "*" not in one.dates and other.dates is not None:
        said["dates"] = {**(other.dates if isinstance(other.dates, Mapping) else {"*": other.dates}), **one.dates}
    return replace(other, **{name: value for name, value in said.items() if value not in (None, False)})


def missing_roles(columns: Columns) -> list[str]:
    needed = NEEDED[:1] if columns.milestones else NEEDED
    return [role for role in needed if getattr(columns, role) is None]


def refuse_roles(columns: Columns, values: Mapping[str, Sequence[str]], source: str) -> LogError:
    """The error to raise when roles are unknown: every column with a few of its values, and the line to paste."""
    show = columns.show_values
    lines = [f"  {name}: {', '.join(mask(value, show) for value in held)}" for name, held in values.items()]
    lines = lines[:MOST] + ([f"  and {len(lines) - MOST} more"] if len(lines) > MOST else [])
    roles = missing_roles(columns)
    given = [f"{role}={getattr(columns, role)!r}" for role in NEEDED if getattr(columns, role)]
    paste = ", ".join([*given, *(f'{role}="..."' for role in roles)])
    return LogError(
        f"{source}: cannot tell which column is the {' and which the '.join(roles)}. The columns, with values:\n"
        + "\n".join(lines)
        + f"\nSay it: procmine.read(..., columns=procmine.Columns({paste}))"
    )


def mask(value: str, show: bool = False) -> str:
    """A value of the data for an error: only its shape (99/99/9999, Aaaa aaa), unless values are to be shown."""
    if show:
        return repr(value)
    begin = value[:LONGEST]  # a value may have millions of characters
    shape = "".join("9" if one.isdigit() else "A" if one.isupper() else "a" if one.isalpha() else one for one in begin)
    return shape if len(value) <= LONGEST else f"{shape}…"


def plain(name: str) -> str:
    """A name without case, blanks and punctuation."""
    return re.sub(r"[\W_]", "", name).lower()


def _known(role: str, names: Sequence[str], columns: Columns) -> str | None:
    taken = {getattr(columns, other) for other in ROLES}
    there: dict[str, list[str]] = {}
    for name in names:
        if name not in taken:
            there.setdefault(plain(name), []).append(name)
    for tier in KNOWN[role]:
        found = [name for one in tier for name in there.get(one, ())]
        if found:
            return found[0] if len(found) == 1 else None
    return None
