"""Plan: what one office means to change within a year, in the words of staff and customers, as plans/*.yml has it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np

from procmine.log import LogError
from procmine.proof.records.change import Change
from procmine.proof.records.changes import Changes
from procmine.proof.records.edit import twice
from procmine.proof.records.entry import ChangeEntry
from procmine.publish.plans.persons import persons_in
from procmine.settings import DAY, Field, Settings, SettingsError, load
from procmine.words import Message, Value

Day = Annotated[str, Field(pattern=f"^{DAY}$")]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Optional = Annotated[str, Field(max_length=300)]
Role = Annotated[str, Field(max_length=80)]
Steps = str | list[str]
Stage = Literal["idea", "baseline", "testing", "running", "holding", "closed"]
STAGES: tuple[Stage, ...] = ("idea", "baseline", "testing", "running", "holding", "closed")
STAGE_OF: Mapping[str, Stage] = {  # of a status in changes.yml
    "idea": "idea", "planned": "baseline", "running": "running", "kept": "holding", "adjusted": "holding",
    "stopped": "closed",
}  # fmt: skip
LONGEST = 200_000  # bytes
UNWRITTEN = "(write here)"  # in a plan that `procmine new` began, what is still to be filled in
LEAST_PEOPLE = 5
EARLIEST, LATEST = np.datetime64("1990-01-01"), np.datetime64("2099-12-31")
UNKNOWN, HINT = (
    "Extra inputs are not permitted",
    "a plan has no such name (docs/plans.md); text with a comma needs quotes",
)


class Problem(Settings):
    """In the words of those who do the work, and of those who wait."""

    staff: Text
    customers: Text


class Recorded(Settings):
    """A change on record: `file` is a changes.yml, seen from the plan's own folder."""

    file: Text
    id: Text


class Level(Settings):
    """`days`: half of the cases are done within so many; or `share` of 100 are done `within` so many days."""

    days: float | None = Field(default=None, gt=0, lt=36_525)
    share: float | None = Field(default=None, ge=0, le=100)
    within: int | None = Field(default=None, ge=1, lt=36_525)

    def model_post_init(self, context: object) -> None:
        _check(self._wrong())

    def _wrong(self) -> list[str]:
        if (self.days is None) == (self.share is None):
            return ["write days (half of the cases within so many), or share and within (80 of 100 within 60 days)"]
        if (self.share is None) != (self.within is None):
            return ["share and within belong together: 80 of 100 within 60 days"]
        return []


class Baseline(Level):
    """How long it took before: from `start` (none: when a case arrives) to `stop` (none: the end of a case), of the cases
    that began from `since` up to the day before `until` (none: the year before the change begins)."""

    start: str | None = None
    stop: str | None = None
    since: Day | None = None
    until: Day | None = None

    def _wrong(self) -> list[str]:
        late = [f"until {self.until} must come after since {self.since}"] if _falls(self.since, self.until) else []
        return [*super()._wrong(), *no_days(since=self.since, until=self.until), *late]


class Target(Level):
    """What is to be reached, of the cases begun up to the data of the day `by`."""

    by: Day

    def _wrong(self) -> list[str]:
        return [*super()._wrong(), *no_days(by=self.by)]


class Dates(Settings):
    """begin: from when things are done differently; review: when it is looked at; end: of the plan (none: a year later)."""

    begin: Day
    review: list[Day] = Field(default_factory=list, max_length=12)
    end: Day | None = None

    def model_post_init(self, context: object) -> None:
        named = {f"review {place + 1}": day for place, day in enumerate(self.review)}
        wrong = no_days(begin=self.begin, end=self.end, **named)
        if self.review != sorted(set(self.review)):
            wrong.append("review: the days must ascend")
        if _falls(self.begin, self.end):
            wrong.append(f"end {self.end} must come after begin {self.begin}")
        _check(wrong)


class SeenBy(Settings):
    """Who of those that do the step has seen the plan or its brief (a role), and on which day."""

    who: Text
    on: Day

    def model_post_init(self, context: object) -> None:
        _check(no_days(on=self.on))


class StandardOf(Settings):
    """A promise: `name` in a file of standards."""

    file: Text
    name: Text


class Outside(Settings):
    """What this office cannot change, and why."""

    what: Text
    why: Text


class NextStep(Settings):
    """`owner`: a role."""

    what: Text
    owner: Text
    by: Day

    def model_post_init(self, context: object) -> None:
        _check(no_days(by=self.by))


class VoiceSaid(Settings):
    """What was said, in their words."""

    customers: list[Text] = Field(default_factory=list)
    staff: list[Text] = Field(default_factory=list)


class Superseded(Settings):
    """The paper that this one takes the place of: its day, its hash, and why it was wrong."""

    day: Day
    hash: Text
    why: Text

    def model_post_init(self, context: object) -> None:
        _check(no_days(day=self.day))


class Plan(Settings):
    """A year of one office: what is wrong, what is changed, how long it takes now, what it should take, and when.

    office: as people call it. where: the cases of the office in the log (none: `office` is that of the plan); cases: those
    of them that the change is for (none: all). change: a text, or a change on record. step: the one it is about. owner,
    data_owner, seen_by: roles, never persons. unit: who does the step there; people: how many they are: fewer than five
    are never named. learnt: what the next team should know.
    """

    title: Text
    office: Text
    problem: Problem
    step: Text
    change: Recorded | Text
    baseline: Baseline
    target: Target
    dates: Dates
    customers_notice: Text
    where: dict[str, Steps] = Field(default_factory=dict)
    cases: dict[str, Steps] = Field(default_factory=dict)
    control: dict[str, Steps] = Field(default_factory=dict)
    owner: Role = ""
    data_owner: Role = ""
    seen_by: list[SeenBy] = Field(default_factory=list, max_length=50)
    unit: Role = ""
    people: int | None = Field(default=None, ge=1)
    stage: Stage | None = None
    standard: StandardOf | None = None
    cost: Optional = ""
    outside_control: list[Outside] = Field(default_factory=list)
    next_steps: list[NextStep] = Field(default_factory=list)
    voice: VoiceSaid = Field(default_factory=VoiceSaid)
    supersedes: Superseded | None = None
    learnt: Optional = ""
    recorded: Day | None = None
    language: str = Field(default="en", pattern="^[a-z]{2,3}$")
    source: str = ""
    _path: Path = Path("plan.yml")

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """From a file. SettingsError with every problem, its place, and what to do."""
        file = Path(path)
        if file.stat().st_size > LONGEST:
            raise SettingsError(f"{file.name} is larger than any plan: {LONGEST:,} bytes at most.")
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SettingsError(f"{file.name} is not readable YAML: {error}") from error
        written = load(text, file.name)
        double = twice(text)
        if double:
            raise SettingsError(f"{file.name}: {'; '.join(double)}. Of one name only the last would be read.")
        plan = cls.check({name: value for name, value in written.items() if value is not None}, file.name)
        plan._path = file
        return plan

    @classmethod
    def check(cls, written: dict[str, Any], name: str) -> Self:
        """All at once: what is not as it should be, and what seems to name a person."""
        persons = persons_in(written)
        try:
            plan = super().check(written, name)
        except SettingsError as error:
            told = str(error).replace(UNKNOWN, HINT).replace("Field required", "missing")
            raise SettingsError("; ".join([told, *(one for one in persons if one not in told)])) from error
        return plan

    def model_post_init(self, context: object) -> None:
        super().model_post_init(context)  # of the private path
        wrong = [*persons_in(self.model_dump(exclude_none=True)), *no_days(recorded=self.recorded)]
        if _falls(self.dates.begin, self.target.by):
            wrong.append(f"target.by: {self.target.by} must come after the change begins ({self.dates.begin})")
        if self.stage == "closed" and not self.learnt and not isinstance(self.change, Recorded):
            wrong.append("learnt: a plan that is closed says what was learnt: the next team will ask")
        _check(wrong)

    @property
    def path(self) -> Path:
        """From which it was read."""
        return self._path

    @property
    def at(self) -> dict[str, str | tuple[str, ...]]:
        """The cases of the office, as attributes of the log; none where the plan says `where: {}`: all its cases."""
        return _named(self.where if "where" in self.model_fields_set else {"office": self.office})

    @property
    def meant(self) -> dict[str, str | tuple[str, ...]]:
        """The cases that the change is for."""
        return {**self.at, **_named(self.cases)}

    @property
    def ends(self) -> str:
        """The last day: as written, or a year after it begins."""
        return self.dates.end or str(np.datetime64(self.dates.begin) + 365)

    @property
    def named_unit(self) -> str:
        """The unit, where it is known to be of five people or more: fewer count as a person."""
        return self.unit if self.people is not None and self.people >= LEAST_PEOPLE else ""

    @property
    def named_office(self) -> str:
        """The office; empty where the plan says that fewer than five people do the step there, and of no unit in it."""
        few = self.people is not None and self.people < LEAST_PEOPLE and not self.unit
        return "" if few else self.office

    def refuse_others(self, audience: str) -> None:
        """LogError where others than the team would read of fewer than five people, who count as a person."""
        if audience != "team" and not self.named_office:
            raise LogError(
                f"{self.title!r} is about a step that {self.people} people do: fewer than {LEAST_PEOPLE} count as a person, "
                "so its pages are for the team. In a portfolio it stands without its office."
            )

    def missing(self) -> tuple[Message, ...]:
        """What keeps it, and any brief of it, a draft: an owner, an owner of the data, those at the step who saw it."""
        absent = (("owner", self.owner), ("data_owner", self.data_owner), ("seen_by", self.seen_by))
        named = tuple(Message(f"plan.missing.{name}") for name, value in absent if not value)
        empty: dict[str, Value] = {"fields": ", ".join(self.unwritten())}
        return (*named, Message("plan.missing.unwritten", empty)) if self.unwritten() else named

    def unwritten(self) -> list[str]:
        """Names of what is still to be filled in."""
        said = {
            "office": self.office, "problem.staff": self.problem.staff, "problem.customers": self.problem.customers,
            "change": self.change, "customers_notice": self.customers_notice,
        }  # fmt: skip
        return [name for name, value in said.items() if value == UNWRITTEN]

    def record_path(self) -> Path | None:
        """The file that its change is on record in; None where the change is said in the plan itself."""
        return self._beside(self.change.file) if isinstance(self.change, Recorded) else None

    def changes(self) -> Changes | None:
        """What that file says."""
        path = self.record_path()
        return None if path is None else Changes.read(path)

    def entry(self, changes: Changes | None = None) -> ChangeEntry | None:
        """The change as it is on record (in `changes`, if these are read already), with what was measured; None where the
        change is said in the plan itself."""
        if not isinstance(self.change, Recorded):
            return None
        found = changes or self.changes()
        if found is None or self.change.id not in found.entries:
            there = ", ".join(found.entries) if found else ""
            raise ValueError(f"No change {self.change.id!r} in {self.change.file}. There are: {there or 'none'}.")
        return found.entries[self.change.id]

    def change_record(self) -> Change:
        """For compare and plan_size: as on record, else from what the plan says. ValueError for a record without a date."""
        entry = self.entry()
        if entry is not None and isinstance(self.change, Recorded):
            return entry.change(self.change.id)
        return Change(
            self.dates.begin, str(self.change), self.meant, _named(self.control), 0, self.baseline.start, self.baseline.stop,
            owner=self.owner, recorded=self.recorded, decide_on=tuple(self._judged()),
        )  # fmt: skip

    def at_stage(self) -> Stage:
        """As written, else as the record of the change has it."""
        if self.stage is not None:
            return self.stage
        entry = self.entry()
        return "idea" if entry is None else STAGE_OF[entry.status]

    def log_path(self) -> Path | None:
        """The log or spec that it names, seen from its own folder."""
        return self._beside(self.source) if self.source else None

    def _beside(self, name: str) -> Path:
        return self._path.parent / name

    def _judged(self) -> list[str]:
        return [day for day in self.dates.review if day > self.dates.begin]


def _named(where: Mapping[str, Steps]) -> dict[str, str | tuple[str, ...]]:
    return {name: value if isinstance(value, str) else tuple(value) for name, value in where.items()}


def _falls(first: str | None, then: str | None) -> bool:
    """Whether the second day does not come after the first."""
    return first is not None and then is not None and then <= first


def no_days(**days: str | None) -> list[str]:
    """Of these the ones that no calendar has."""
    wrong = []
    for name, day in days.items():
        try:
            known = np.datetime64(day or "2000-01-01", "D")
        except ValueError:
            wrong.append(f"{name}: {day} is no day of the calendar")
            continue
        if not EARLIEST <= known <= LATEST:
            wrong.append(f"{name}: {day} is no day of a plan; write a year from 1990 to 2099")
    return wrong


def _check(wrong: list[str]) -> None:
    if wrong:
        raise ValueError("; ".join(wrong))
