"""The settings of a batch, as people write them in jobs.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite, prod
from typing import Any, Literal, Self

from procmine.about import Audience
from procmine.languages import codes
from procmine.publish.batch.names import safe_name
from procmine.settings import DAY, Field, Settings

MONTH = r"\d{4}-(0[1-9]|1[0-2])"
FROM = rf"^(first|{DAY}|[1-9]\d{{0,2}} months)$"
MAIL = re.compile(r"[A-Za-z0-9][^\s@,;:<>()\"'\\\[\]]{0,99}@[A-Za-z0-9][A-Za-z0-9.-]{0,200}")
PLACES = ("office", "month", "first", "last", "scenario", "log", "against")  # what {...} may stand for in parameters
PLACE = re.compile(r"\{(\w+)\}")
LONGEST = 43_200  # minutes: a month
BASELINE = "baseline"  # the scenario, where none is named
Values = dict[str, Any]


class NotebookSettings(Settings):
    """A notebook, seen from the folder of the file; what is said here goes over what is said for all."""

    file: str = Field(min_length=1)
    parameters: Values = Field(default_factory=dict)
    audience: Audience | None = None
    minutes: float | None = Field(default=None, gt=0, le=LONGEST)
    megabytes: int | None = Field(default=None, gt=0)


class ScenarioSettings(Settings):
    """Further parameters under a name; `notebooks`: only for these (names of files), else for all."""

    parameters: Values = Field(default_factory=dict)
    notebooks: tuple[str, ...] | None = None


class OfficeSettings(Settings):
    """To whom the folder of an office goes, and in which language."""

    mail: str = ""
    language: str | None = None


class OfficesSettings(Settings):
    """`renamed`: old name -> new one; `merged`: new name -> the old ones; `leave_out`: no report for these; `each`: what
    is known of an office."""

    renamed: dict[str, str] = Field(default_factory=dict)
    merged: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    each: dict[str, OfficeSettings] = Field(default_factory=dict)

    def new_names(self) -> dict[str, str]:
        """Old name -> the one that the office has now."""
        return {**self.renamed, **{old: new for new, several in self.merged.items() for old in several}}


class WhereSettings(Settings):
    """Which jobs are meant; what is not named is any."""

    office: str | tuple[str, ...] | None = None
    notebook: str | tuple[str, ...] | None = None
    scenario: str | tuple[str, ...] | None = None


class OverrideSettings(Settings):
    """What is otherwise for some jobs."""

    where: WhereSettings
    parameters: Values = Field(default_factory=dict)
    leave_out: bool = False
    audience: Audience | None = None
    minutes: float | None = Field(default=None, gt=0, le=LONGEST)
    megabytes: int | None = Field(default=None, gt=0)


class PeriodSettings(Settings):
    """Which cases an office's extract holds: those that began (`rule`) in these days; without it all cases.

    "first" and "last" are the first and last day of the office's period (the month, or longer for a small office), "24
    months" the first day of that many months that end with it.
    """

    begin: str | None = Field(default=None, alias="from", pattern=FROM)
    end: str = Field(default="last", alias="to", pattern=rf"^(last|{DAY})$")
    rule: Literal["started", "touching"] = "started"


class SmallSettings(Settings):
    """An office that closed fewer than `least` cases in the month gets the first of `then` in which it closed enough."""

    least: int = Field(default=30, ge=1)
    then: tuple[Literal["quarter", "rolling_year"], ...] = ("quarter", "rolling_year")


class LimitSettings(Settings):
    """What a job may take; a job that takes more is ended."""

    minutes: float = Field(default=60, gt=0, le=LONGEST)
    megabytes: int = Field(default=4_096, gt=0)


class JobsSettings(Settings):
    """A file of jobs. Paths in it are seen from the folder it lies in; docs/batch.md says what each key means."""

    title: str = Field(min_length=1)
    folder: str = Field(default="{month}", min_length=1)
    log: str | None = None
    logs: dict[str, str] = Field(default_factory=dict)
    log_as: str = "source"
    notebooks: tuple[NotebookSettings, ...] = Field(min_length=1)
    parameters: Values = Field(default_factory=dict)
    for_each: str | None = None
    offices: OfficesSettings = OfficesSettings()
    scenarios: dict[str, ScenarioSettings] = Field(default_factory=dict)
    matrix: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    overrides: tuple[OverrideSettings, ...] = ()
    month: str = Field(default="last", pattern=f"^(last|{MONTH})$")
    as_of: Literal["data", "month"] = "data"
    period: PeriodSettings = PeriodSettings()
    small: SmallSettings = SmallSettings()
    audience: Audience = "team"
    language: str = "en"
    limits: LimitSettings = LimitSettings()
    workers: int = Field(default=1, ge=1, le=256)
    seed: int | None = Field(default=None, ge=0)

    @classmethod
    def check(cls, written: dict[str, Any], name: str) -> Self:
        """A notebook may be written as its file alone."""
        given = written.get("notebooks")
        if isinstance(given, list):
            written = {**written, "notebooks": [{"file": one} if isinstance(one, str) else one for one in given]}
        return super().check(written, name)

    @property
    def every_log(self) -> dict[str, str]:
        """Name -> path; one log has no name."""
        return {"": self.log} if self.log is not None else self.logs

    @property
    def every_scenario(self) -> dict[str, ScenarioSettings]:
        return self.scenarios or {BASELINE: ScenarioSettings()}

    @property
    def choices(self) -> int:
        """How many the matrix gives."""
        return prod(len(values) for values in self.matrix.values())

    def problems(self) -> list[str]:
        """What contradicts itself, each with its path; the kinds of values were looked at before."""
        return [*self._of_logs(), *self._of_offices(), *self._of_languages(), *self._of_places(), *self._of_lists()]

    def _of_logs(self) -> Iterator[str]:
        if (self.log is None) == (not self.logs):
            yield "log: name one log, or under logs several, each with a name" + (" (not both)" if self.log else "")
        if self.for_each is None and self.offices != OfficesSettings():
            yield "offices: without for_each (the attribute that names the office) there are none"

    def _of_offices(self) -> Iterator[str]:
        said = self.offices
        olds = [*said.renamed, *(old for several in said.merged.values() for old in several)]
        news = {*said.renamed.values(), *said.merged}
        for old in sorted({one for one in olds if olds.count(one) > 1}):
            yield f"offices: {old!r} becomes more than one office; name it once"
        for old in sorted({*said.renamed} & news):
            yield f"offices.renamed.{old}: another office becomes {old!r}; name the last name only"
        for new in sorted({one for one in news if not one.strip()}):
            yield f"offices: {new!r} is no name for an office"
        for name, one in said.each.items():
            if one.mail and not MAIL.fullmatch(one.mail):
                yield f"offices.each.{name}.mail: {one.mail[:60]!r} is no address such as north@agency.example"
            if name in olds and name not in news:
                yield f"offices.each.{name}: this is its old name; write {said.new_names()[name]!r}"

    def _of_languages(self) -> Iterator[str]:
        said = {"language": self.language} | {
            f"offices.each.{name}.language": one.language for name, one in self.offices.each.items() if one.language
        }
        for place, code in said.items():
            if code not in codes():
                yield f"{place}: there is no language {code!r}; there are: {', '.join(codes())}"

    def _of_places(self) -> Iterator[str]:
        for place, values in self.every_parameters():
            for name, value in values.items():
                if not _finite(value):
                    yield f"{place}.{name}: .nan and .inf are no numbers that can be kept"
                unknown = [one for one in _places(value) if one not in PLACES]
                if unknown:
                    there = ", ".join(f"{{{one}}}" for one in PLACES)
                    yield f"{place}.{name}: {{{unknown[0]}}} stands for nothing; there are: {there}"
        plain = self.folder.replace("{month}", "2026-10")
        if safe_name(plain) != plain:
            yield f"folder: {self.folder!r} is no name of a folder: {{month}}, letters, digits, blanks, - and _, up to 40"

    def _of_lists(self) -> Iterator[str]:
        for name, values in self.matrix.items():
            if not values:
                yield f"matrix.{name}: at least one value is needed"
            elif any(isinstance(one, dict | list) for one in values):
                yield f"matrix.{name}: each value is one number or text"
        if len(set(self.small.then)) < len(self.small.then):
            yield "small.then: name each period once"

    def every_parameters(self) -> Iterator[tuple[str, Values]]:
        """Each place where parameters are given, with its path."""
        yield "parameters", self.parameters
        yield from ((f"notebooks.{k}.parameters", one.parameters) for k, one in enumerate(self.notebooks))
        yield from ((f"scenarios.{name}.parameters", one.parameters) for name, one in self.scenarios.items())
        yield "matrix", {name: list(values) for name, values in self.matrix.items()}
        yield from ((f"overrides.{k}.parameters", one.parameters) for k, one in enumerate(self.overrides))


def _places(value: Any) -> list[str]:
    if isinstance(value, str):
        return PLACE.findall(value)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [one for part in parts for one in _places(part)]


def _finite(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return isfinite(value) if isinstance(value, float) else all(map(_finite, parts))


def filled(value: Any, said: dict[str, str]) -> Any:
    """The value with what stands for each {name}."""
    if isinstance(value, str):
        return PLACE.sub(lambda found: said[found[1]], value)
    if isinstance(value, dict):
        return {name: filled(one, said) for name, one in value.items()}
    return [filled(one, said) for one in value] if isinstance(value, list | tuple) else value


def several_of(one: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """One or several texts as several."""
    return () if one is None else (one,) if isinstance(one, str) else one
