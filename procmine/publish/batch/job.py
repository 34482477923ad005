"""Jobs: what a batch has to do, what became of each, and the offices it found, as records that are written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Self

from procmine.about import Audience
from procmine.words import Message

Kind = Literal["month", "quarter", "rolling_year"]
Status = Literal["complete", "failed", "timeout", "memory", "died", "missing", "unchanged"]
OFFICES, WORK = "offices", "work"  # folders of a run: what is sent, and what only the run itself needs
INDEX, MAILING = "index.html", "mailing.csv"
RECORD = "job.json"  # a Done, in the folder of its job; written last


@dataclass(frozen=True)
class Period:
    """Which days a job is about, both included ("2026-10-01"); `why`, where an office has too few cases for the month."""

    kind: Kind
    first: str
    last: str
    why: Message | None = None

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "why": None if self.why is None else self.why.to_dict()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        return cls(**{**written, "why": None if written["why"] is None else Message.from_dict(written["why"])})


@dataclass(frozen=True)
class Job:
    """One notebook on one log for one office and scenario: runs in a process of its own.

    `id` is the folder below the run's `offices/`, of names safe on every system: "North/03_find_bottlenecks/baseline".
    `parameters` are fitted to the notebook already, and hold the log. `key` is the sha256 of all that goes in, so that a
    job of the same key need not run again. `problems`: why it cannot run (a file is missing); then it is not run, and its
    Done says "missing".
    """

    id: str
    notebook: Path
    log: Path  # the office's own extract, or the log itself where the batch is not for each office
    parameters: Mapping[str, object]
    office: str | None  # as the log has it; None: the batch is not for each office, or the case states none
    scenario: str
    period: Period
    audience: Audience
    seconds: int
    megabytes: int
    key: str
    seed: int | None = None
    language: str = "en"
    problems: tuple[str, ...] = ()
    data: str = ""  # a hash of all that is read of the log, also where `log` is only its spec

    def to_dict(self) -> dict[str, Any]:
        paths = {"notebook": str(self.notebook), "log": str(self.log)}
        plain = {"parameters": dict(self.parameters), "period": self.period.to_dict(), "problems": list(self.problems)}
        return {**vars(self), **paths, **plain}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        paths = {"notebook": Path(written["notebook"]), "log": Path(written["log"])}
        rest = {"period": Period.from_dict(written["period"]), "problems": tuple(written["problems"])}
        return cls(**{**written, **paths, **rest})


@dataclass(frozen=True)
class Done:
    """What became of a job; lies in its folder as job.json, which may be sent: so no path and no value stands in it.

    `files`: name below the job's folder -> sha256. `headline`: rows of figures. `data`: hash, rows, cases, cutoff.
    """

    id: str
    key: str
    status: Status
    problems: tuple[str, ...] = ()  # as may be kept for the audience
    seconds: float = 0.0
    peak_megabytes: float = 0.0
    tries: int = 1
    files: Mapping[str, str] = field(default_factory=dict)
    headline: tuple[Mapping[str, Any], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)  # as may be printed: of files their names only
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    begun: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        return cls(**{**written, "problems": tuple(written["problems"]), "headline": tuple(written["headline"])})


@dataclass(frozen=True)
class Office:
    """An office of the run: `name` as the log has it (None: cases that state none), `folder` safe on every system.

    `cases` were watched at some time of the period, of which `begun` and `closed` were begun and closed in it.
    """

    name: str | None
    title: str  # to be read by people
    folder: str
    cases: int
    begun: int
    closed: int
    period: Period
    mail: str = ""
    language: str = "en"

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "period": self.period.to_dict()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        return cls(**{**written, "period": Period.from_dict(written["period"])})


@dataclass(frozen=True)
class OfficesFound:
    """The offices that the log has, and how they differ from those of the last finished run.

    `new` were not in that run; `silent` were, or are in the log, and no case of theirs began or was closed in the month;
    `renamed` old -> new and `merged` new -> old ones as the settings say; `seeming` old -> new, where a name went and one
    that is spelt alike came: nothing is done about it; `small` have too few cases for the month.
    """

    every: tuple[Office, ...] = ()
    new: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    seeming: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    folders: Mapping[str, str] = field(
        default_factory=dict
    )  # name ("": not stated) -> folder, of every office there was
    said: tuple[Message, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        every, said = [one.to_dict() for one in self.every], [one.to_dict() for one in self.said]
        return {**{name: _plain(value) for name, value in vars(self).items()}, "every": every, "said": said}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        read: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in written.items()}
        read["every"] = tuple(Office.from_dict(one) for one in written["every"])
        read["said"] = tuple(Message.from_dict(one) for one in written["said"])
        read["merged"] = {new: tuple(old) for new, old in written["merged"].items()}
        return cls(**read)


@dataclass(frozen=True)
class Batch:
    """A run before it runs: its jobs in their order, its offices, and the settings as they were written.

    `folder` is the run's, absolute; `workers`, and `file` with its sha256, are those of the settings.
    """

    title: str
    folder: Path
    month: str  # "2026-10"
    jobs: tuple[Job, ...]
    offices: OfficesFound
    settings: Mapping[str, Any]
    file: str = ""
    file_sha256: str = ""
    workers: int = 1
    audience: Audience = "team"
    said: tuple[Message, ...] = ()

    def place(self, job: Job) -> Path:
        """Where the job's results lie."""
        return self.folder / OFFICES / job.id

    def to_dict(self) -> dict[str, Any]:
        jobs, said = [one.to_dict() for one in self.jobs], [one.to_dict() for one in self.said]
        plain = {"folder": str(self.folder), "settings": dict(self.settings), "offices": self.offices.to_dict()}
        return {**{one.name: getattr(self, one.name) for one in fields(self)}, **plain, "jobs": jobs, "said": said}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        read = {"folder": Path(written["folder"]), "offices": OfficesFound.from_dict(written["offices"])}
        jobs = tuple(Job.from_dict(one) for one in written["jobs"])
        return cls(**{**written, **read, "jobs": jobs, "said": tuple(map(Message.from_dict, written["said"]))})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
