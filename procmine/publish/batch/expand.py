"""Planning a batch: from a file of jobs to jobs, each with its extract, its fitted parameters and its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from procmine.log import EventLog, LogError
from procmine.publish.batch.asked import month_of, read_jobs, refuse
from procmine.publish.batch.before import Before, last_run
from procmine.publish.batch.drafts import Draft, drafts, same_ids, too_many, without_period
from procmine.publish.batch.extracts import Extract, Extracts
from procmine.publish.batch.fitting import Fitted, Fitting, places
from procmine.publish.batch.job import WORK, Batch, Job, Office, OfficesFound, Period
from procmine.publish.batch.keys import content, key_of
from procmine.publish.batch.lock import run_held
from procmine.publish.batch.months import days
from procmine.publish.batch.offices import NONE, find_offices, office_names, with_offices
from procmine.publish.batch.settings import JobsSettings
from procmine.publish.batch.sources import Source, as_of, logs_of, read_sources
from procmine.publish.outputs import noted
from procmine.settings import SettingsError


def plan_jobs(file: str | Path, *, month: str | None = None, outputs: str | Path = "outputs") -> Batch:
    """What a file of jobs asks for, in the order in which it is to run.

    `month` ("2026-10" or "last") goes over what the file says; "last" is the last whole month of the data, never of today.
    SettingsError with everything that is wrong in the file, in the parameters of all jobs and in the names of their folders,
    before anything is written. A log or a notebook that is missing does not stop the others: its jobs say so in `problems`.
    LogError where no log at all can be read.

    Written, below the run's folder `outputs/NAME/work/`: each office's extract (logs/) and what it may know of the others
    (against/). Called again, what is the same stays as it is.
    """
    path = Path(file).resolve()
    settings = read_jobs(path, month)
    sources = read_sources(settings, path.parent)
    when = month_of(settings, sources)
    before = last_run(Path(outputs), settings.title, when)
    sources = as_of(sources, days("month", when)[1]) if settings.as_of == "month" else sources
    logs = _named(settings, logs_of(sources))
    found = OfficesFound() if settings.for_each is None else _offices(settings, sources, logs, before, when)
    of_logs = _of_logs(settings, sources, logs, found)
    refuse(path.name, list(too_many(settings, sum(map(len, of_logs.values())))))
    wanted = drafts(settings, of_logs)
    folder = Path(outputs).resolve() / settings.folder.replace("{month}", when)
    extracts = Extracts(settings, logs, when, folder / WORK)
    fitting = Fitting(settings, path.parent)
    fitted = [_fitted(one, fitting, extracts, sources) for one in wanted]
    refuse(path.name, [*same_ids(wanted), *fitting.problems()])
    by_name = {one.name: one for one in sources}
    with noted(folder), run_held(folder):
        jobs = tuple(_job(draft, fit, by_name[draft.log], fitting, extracts) for draft, fit in zip(wanted, fitted))
    return Batch(
        title=settings.title,
        folder=folder,
        month=when,
        jobs=jobs,
        offices=found,
        settings=settings.model_dump(mode="json", by_alias=True),
        file=path.name,
        file_sha256=content(path),
        workers=settings.workers,
        audience=settings.audience,
        said=(*before.said, *found.said, *([told] if (told := without_period(wanted, settings)) else [])),
    )


def _named(settings: JobsSettings, logs: Mapping[str, EventLog]) -> Mapping[str, EventLog]:
    """The logs with the offices as they are called now."""
    if settings.for_each is None:
        return logs
    try:
        return {name: with_offices(log, settings.for_each, settings.offices) for name, log in logs.items()}
    except LogError as error:
        raise SettingsError(f"for_each: {error}") from error


def _offices(
    settings: JobsSettings, sources: Sequence[Source], logs: Mapping[str, EventLog], before: Before, month: str
) -> OfficesFound:
    by = str(settings.for_each)
    raw = {name for log in logs_of(sources).values() for name in office_names(log, by)}
    return find_offices(list(logs.values()), settings, before, month, raw)


def _of_logs(
    settings: JobsSettings, sources: Sequence[Source], logs: Mapping[str, EventLog], found: OfficesFound
) -> dict[str, list[Office | None]]:
    """Of each log the offices whose cases it has; a log that is missing, or is not taken apart, stands for itself."""
    of: dict[str, list[Office | None]] = {}
    for one in sources:
        there = office_names(logs[one.name], settings.for_each) if settings.for_each and one.name in logs else None
        of[one.name] = [None] if there is None else [office for office in found.every if (office.name or NONE) in there]
    return of


def _fitted(draft: Draft, fitting: Fitting, extracts: Extracts, sources: Sequence[Source]) -> Fitted:
    period = _period(draft, extracts.month)
    against = "" if draft.office is None else str(extracts.against(draft, draft.office))
    said = dict(places(draft, extracts.month, period.first, period.last, against))
    there = next(one.path for one in sources if one.log is not None)
    return fitting.fit(draft, said, there)


def _period(draft: Draft, month: str) -> Period:
    return Period("month", *days("month", month)) if draft.office is None else draft.office.period


def _job(draft: Draft, fitted: Fitted, source: Source, fitting: Fitting, extracts: Extracts) -> Job:
    """The job, after its extract was written."""
    office, notebook, settings = draft.office, fitting.notebook(draft), fitting.settings
    if office is None:
        extract = Extract(source.path, source.hash, source.problem)
    else:
        extract = extracts.of(draft, office)
        extracts.write_against(draft, office)
    period, language = _period(draft, extracts.month), settings.language if office is None else office.language
    said = {"audience": draft.audience, "seed": settings.seed, "language": language, "period": period.to_dict()}
    said |= {"id": draft.id, "month": extracts.month}
    declared = {name: value for name, value in fitted.declared.items() if name != settings.log_as}
    problems = (*fitted.problems, *([extract.problem] if extract.problem else []))
    return Job(
        id=draft.id,
        notebook=notebook,
        log=extract.path,
        parameters={**fitted.parameters, settings.log_as: str(extract.path)},
        office=None if office is None else office.name,
        scenario=draft.scenario,
        period=period,
        audience=draft.audience,
        seconds=max(round(draft.minutes * 60), 1),
        megabytes=draft.megabytes,
        key=key_of(notebook, extract.hash, fitted.parameters, declared, **said),
        seed=settings.seed,
        language=language,
        problems=problems,
        data=extract.hash,
    )
