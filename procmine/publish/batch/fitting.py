"""Fitting: the parameters of every job as its notebook wants them, with all that is wrong told before anything runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from procmine.publish.batch.drafts import Draft
from procmine.publish.batch.settings import JobsSettings, Values, filled
from procmine.publish.notebooks import ReportError, fit_parameters, notebook_parameters
from procmine.words import Message


@dataclass(frozen=True)
class Fitted:
    """The parameters of a job without its log; `problems` if it cannot run."""

    parameters: Values
    declared: Mapping[str, object]  # what the notebook itself says
    problems: tuple[str, ...] = ()


@dataclass
class Fitting:
    """Fits one draft after another, and gathers what is wrong; `folder` is that of the file of jobs."""

    settings: JobsSettings
    folder: Path
    wrong: dict[str, list[str]] = field(default_factory=dict)  # what is wrong -> the jobs that have it
    declared: dict[Path, Mapping[str, object] | str] = field(default_factory=dict)
    tried: dict[tuple[Path, str, str], tuple[Any, str]] = field(default_factory=dict)

    def fit(self, draft: Draft, said: Mapping[str, str], log: Path) -> Fitted:
        """`said` is what stands for {office} and the like, `log` any log that is there."""
        notebook = self.notebook(draft)
        declared = self._declared(notebook)
        if isinstance(declared, str):
            return Fitted({}, {}, (declared,))
        given = draft.parameters
        seeded = self.settings.seed is not None and "seed" in declared and "seed" not in given
        given = {**given, **({"seed": self.settings.seed} if seeded else {})}
        if self.settings.log_as in given:
            self._tell(f"parameters: {self.settings.log_as!r} is the log, which is named under log", draft)
        _, why = self._one(notebook, self.settings.log_as, str(log))
        if why:
            self._tell(f"{why} Say under log_as which parameter takes the log.", draft)
        fitted, problems = {}, []
        for name, written in given.items():
            later = "{against}" in json.dumps(written, default=str)  # a file that is not written yet
            value = _found(filled(written, {**said, "against": str(notebook)} if later else dict(said)), self.folder)
            fitted[name], why = self._one(notebook, name, value)
            if later:
                fitted[name] = filled(written, dict(said))
            if why and "{office}" in json.dumps(written, default=str):  # a name in the data must not stop the others
                problems.append(Message("jobs.bad_value", {"name": name, "why": why}).say())
            elif why:
                self._tell(why, draft)
        return Fitted(fitted, declared, tuple(problems))

    def notebook(self, draft: Draft) -> Path:
        return (self.folder / draft.notebook.file).resolve()

    def problems(self) -> list[str]:
        return [f"{_jobs(ids)}: {why.rstrip('.')}" for why, ids in self.wrong.items()]

    def _declared(self, notebook: Path) -> Mapping[str, object] | str:
        if notebook not in self.declared:
            self.declared[notebook] = _read(notebook)
        return self.declared[notebook]

    def _one(self, notebook: Path, name: str, value: object) -> tuple[Any, str]:
        """The value as the notebook has it there, or why it cannot."""
        key = notebook, name, repr(value)
        if key not in self.tried:
            try:
                self.tried[key] = fit_parameters(notebook, {name: value})[name], ""
            except ReportError as error:
                self.tried[key] = None, str(error)
        return self.tried[key]

    def _tell(self, why: str, draft: Draft) -> None:
        self.wrong.setdefault(why, []).append(draft.id)


def _read(notebook: Path) -> Mapping[str, object] | str:
    """What a notebook declares, or why it cannot run."""
    if not notebook.is_file():
        return Message("jobs.no_notebook", {"name": notebook.name}).say()
    try:
        return notebook_parameters(notebook)
    except ReportError as error:
        return str(error)


def _found(value: Any, folder: Path) -> Any:
    """A file or folder beside the file of jobs, as it is found from anywhere; a word alone is no path."""
    if isinstance(value, list | tuple):
        return [_found(one, folder) for one in value]
    if not isinstance(value, str) or not value.strip(" .") or len(value) > 1_000:
        return value
    if not any(sign in value for sign in {".", "/", os.sep}):
        return value
    try:
        return str((folder / value).resolve()) if (folder / value).exists() else value
    except (OSError, ValueError):  # too long for a path, or with a zero byte
        return value


def _jobs(ids: Sequence[str]) -> str:
    return f"job {ids[0]}" if len(ids) == 1 else f"{len(ids)} jobs, the first is {ids[0]}"


def places(draft: Draft, month: str, first: str, last: str, against: str) -> Iterator[tuple[str, str]]:
    """What stands for each name in {}; an office that is not stated is "" ."""
    office = "" if draft.office is None else draft.office.name or ""
    yield from {"office": office, "month": month, "first": first, "last": last}.items()
    yield from {"scenario": draft.scenario, "log": draft.log, "against": against}.items()
