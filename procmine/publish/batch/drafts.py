"""Drafts: every notebook with every log, office, scenario and value of the matrix, and what each is to be run with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import Any

from procmine.about import Audience
from procmine.publish.batch.job import Office
from procmine.publish.batch.names import ALL, safe_name
from procmine.publish.batch.settings import (
    JobsSettings,
    NotebookSettings,
    OverrideSettings,
    Values,
    WhereSettings,
    filled,
    several_of,
)
from procmine.words import Message

MOST = 10_000  # jobs


@dataclass(frozen=True)
class Draft:
    """A job before its extract is written and its parameters are fitted; `place` says where in the file it comes from."""

    notebook: NotebookSettings
    log: str
    office: Office | None
    base: str  # the scenario as the file names it
    scenario: str  # with the values of the matrix
    parameters: Values
    audience: Audience
    minutes: float
    megabytes: int
    place: str
    several: bool  # logs

    @property
    def stem(self) -> str:
        return Path(self.notebook.file.replace("\\", "/")).stem

    @property
    def id(self) -> str:
        notebook = f"{self.stem} {self.log}" if self.several else self.stem
        office = ALL if self.office is None else self.office.folder
        return "/".join((office, safe_name(notebook), safe_name(self.scenario)))


def drafts(settings: JobsSettings, offices: Mapping[str, Sequence[Office | None]]) -> list[Draft]:
    """In the order of the offices, then of the logs, the notebooks, the scenarios and the matrix.

    `offices`: of each log, those whose cases it has; one that is None for a log that is not taken apart.
    """
    found = [one for log, here in offices.items() for office in here for one in _of(settings, log, office)]
    ranks = {name: k for k, name in enumerate(_folders(offices))}
    found.sort(key=lambda one: ranks[_folder(one.office)])  # stable: the rest stays as it is
    changed = [_overridden(one, settings) for one in found]
    return [one for one in changed if one is not None]


def _folders(offices: Mapping[str, Sequence[Office | None]]) -> list[str]:
    every = {_folder(one): one for here in offices.values() for one in here}
    named = sorted(every, key=lambda folder: _rank(every[folder]))
    return named


def _rank(office: Office | None) -> tuple[int, str]:
    if office is None:
        return 2, ""
    return (1, "") if office.name is None else (0, office.name)


def _folder(office: Office | None) -> str:
    return ALL if office is None else office.folder


def _of(settings: JobsSettings, log: str, office: Office | None) -> Iterator[Draft]:
    for k, notebook in enumerate(settings.notebooks):
        for base, one in settings.every_scenario.items():
            if one.notebooks is not None and not any(_is_notebook(notebook, name) for name in one.notebooks):
                continue
            for values in _matrix(settings):
                given = {**settings.parameters, **notebook.parameters, **one.parameters, **values}
                yield Draft(
                    notebook=notebook,
                    log=log,
                    office=office,
                    base=base,
                    scenario=_scenario(base, values, settings),
                    parameters=given,
                    audience=notebook.audience or settings.audience,
                    minutes=notebook.minutes or settings.limits.minutes,
                    megabytes=notebook.megabytes or settings.limits.megabytes,
                    place=f"notebooks.{k}",
                    several=len(settings.every_log) > 1,
                )


def _matrix(settings: JobsSettings) -> list[Values]:
    """Every choice of one value for each name."""
    names = list(settings.matrix)
    return [dict(zip(names, chosen)) for chosen in product(*settings.matrix.values())]


def _scenario(base: str, values: Values, settings: JobsSettings) -> str:
    named = [base] if settings.scenarios or not values else []
    return " ".join([*named, *(f"{name}-{_short(value)}" for name, value in values.items())])


def _short(value: Any) -> str:
    """As a part of a name: of a file its name without the kind, true and false as they are written."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return Path(value.replace("\\", "/")).stem if isinstance(value, str) and "/" in value else str(value)


def _overridden(draft: Draft, settings: JobsSettings) -> Draft | None:
    """What the overrides make of it, the later ones over the earlier; None: left out."""
    for one in settings.overrides:
        if _meant(one.where, draft, settings):
            if one.leave_out:
                return None
            draft = replace(draft, parameters={**draft.parameters, **one.parameters}, **_said(one))
    return draft


def _said(one: OverrideSettings) -> dict[str, Any]:
    said = {"audience": one.audience, "minutes": one.minutes, "megabytes": one.megabytes}
    return {name: value for name, value in said.items() if value is not None}


def _meant(where: WhereSettings, draft: Draft, settings: JobsSettings) -> bool:
    new = settings.offices.new_names()
    offices = {new.get(name, name) for name in several_of(where.office)}
    title = "" if draft.office is None else draft.office.title
    return (
        (where.office is None or title in offices)
        and (where.notebook is None or any(_is_notebook(draft.notebook, one) for one in several_of(where.notebook)))
        and (where.scenario is None or bool({draft.base, draft.scenario} & {*several_of(where.scenario)}))
    )


def _is_notebook(notebook: NotebookSettings, name: str) -> bool:
    """Whether that is its file, its name, or its name without .ipynb."""
    path = Path(notebook.file.replace("\\", "/"))
    return name in (notebook.file, path.name, path.stem)


def unknown_names(settings: JobsSettings) -> Iterator[str]:
    """Notebooks and scenarios that are spoken of and are not there; offices may come and go, so these are only told."""
    notebooks = [Path(one.file.replace("\\", "/")).stem for one in settings.notebooks]
    scenarios = {*settings.every_scenario} | {
        _scenario(base, values, settings) for base in settings.every_scenario for values in _matrix(settings)
    }
    for base, one in settings.scenarios.items():
        yield from _absent(f"scenarios.{base}.notebooks", one.notebooks, settings, notebooks)
    for k, override in enumerate(settings.overrides):
        where, place = override.where, f"overrides.{k}.where"
        yield from _absent(f"{place}.notebook", several_of(where.notebook), settings, notebooks)
        for name in several_of(where.scenario):
            if name not in scenarios:
                yield f"{place}.scenario: there is no {name!r}{_near(name, scenarios)}"
        if where == WhereSettings():
            yield f"{place}: say which jobs: office, notebook, scenario"
        elif where.office is not None and settings.for_each is None:
            yield f"{place}.office: without for_each there are no offices"


def _absent(place: str, names: tuple[str, ...] | None, settings: JobsSettings, there: Sequence[str]) -> Iterator[str]:
    for name in names or ():
        if not any(_is_notebook(one, name) for one in settings.notebooks):
            yield f"{place}: there is no {name!r}{_near(name, there)}"


def _near(name: str, there: Any) -> str:
    near = get_close_matches(name, list(there), n=1)
    meant = f"; did you mean {near[0]!r}?" if near else ";"
    return f"{meant} There are: {', '.join(there)}" if near else f"; there are: {', '.join(there)}"


def too_many(settings: JobsSettings, logs: int) -> Iterator[str]:
    """Before they are made; `logs`: how many extracts there will be."""
    jobs = logs * len(settings.notebooks) * len(settings.every_scenario) * settings.choices
    if jobs > MOST:
        yield f"{jobs:,} jobs are asked for; at most {MOST:,} are run. Take fewer values in the matrix, or several files"


def same_ids(found: Sequence[Draft]) -> Iterator[str]:
    """Jobs whose folders would be one, on some system."""
    first: dict[str, Draft] = {}
    for one in found:
        key = one.id.casefold()
        other = first.setdefault(key, one)
        if other is not one:
            yield (
                f"{other.place} (scenario {other.scenario!r}) and {one.place} (scenario {one.scenario!r}) both give "
                f"{one.id}; rename one notebook or scenario"
            )


def parameters_of(draft: Draft, said: Mapping[str, str]) -> Values:
    """With what stands for {office}, {month}, {first}, {last} and the others."""
    return {name: filled(value, dict(said)) for name, value in draft.parameters.items()}


def without_period(found: Sequence[Draft], settings: JobsSettings) -> Message | None:
    """Which notebooks do not use the office's period, neither by a parameter nor by the cases in its extract."""
    if settings.period.begin is not None or settings.for_each is None:
        return None
    whole = [one.stem for one in found if not {"{first}", "{last}", "{month}"} & {*_braces(one.parameters)}]
    names = ", ".join(dict.fromkeys(whole))
    return Message("jobs.every_case", {"notebooks": names}) if names else None


def _braces(parameters: Values) -> list[str]:
    return re.findall(r"\{\w+\}", json.dumps(parameters, default=str))
