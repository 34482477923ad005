"""What a file of jobs asks for: read, and refused with everything that is wrong in it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from procmine.log import day_of
from procmine.publish.batch.drafts import unknown_names
from procmine.publish.batch.months import last_month
from procmine.publish.batch.settings import MONTH, JobsSettings
from procmine.publish.batch.sources import Source, logs_of
from procmine.publish.batch.written import check_written
from procmine.publish.notebooks import SECRET_NAME, SECRET_VALUE
from procmine.settings import SettingsError, load

MOST = 40  # problems in one error
MOST_CHOICES = 1_000  # of the values of the matrix


def read_jobs(path: Path, month: str | None) -> JobsSettings:
    """The settings, with this month in place of theirs; SettingsError with all that contradicts itself."""
    if not path.is_file():
        raise SettingsError(f"There is no file {path.name} in {path.parent}.")
    settings = _read(path)
    many = settings.choices > MOST_CHOICES
    wrong = [*settings.problems(), *([] if many else unknown_names(settings)), *_secrets(settings)]
    if many:
        wrong.append(f"matrix: its lists give {settings.choices:,} choices; at most {MOST_CHOICES:,} are run")
    if month is not None and month != "last" and not re.fullmatch(MONTH, month):
        wrong.append(f"month: {month!r} is no month; write it as 2026-10, or last")
    if not any((path.parent / one.file).is_file() for one in settings.notebooks):
        wrong.append(f"notebooks: none of them is there ({', '.join(one.file for one in settings.notebooks)})")
    refuse(path.name, wrong)
    return settings if month is None else settings.model_copy(update={"month": month})


def _read(path: Path) -> JobsSettings:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name} is not readable YAML: {error}") from error
    written = load(text, path.name)
    check_written(text, path.name)
    return JobsSettings.check(written, path.name)


def refuse(name: str, wrong: Sequence[str]) -> None:
    """SettingsError that lists all of it, if there is any."""
    if len(wrong) == 1:
        raise SettingsError(f"{name}: {wrong[0]}.")
    if wrong:
        more = [f"and {len(wrong) - MOST} more"] if len(wrong) > MOST else []
        raise SettingsError("\n  ".join([f"{name}: {len(wrong)} things are wrong:", *wrong[:MOST], *more]))


def month_of(settings: JobsSettings, sources: Sequence[Source]) -> str:
    """The month asked for, of which every log must hold each day."""
    logs = logs_of(sources).values()
    held = min(last_month(log.about) for log in logs)
    if settings.month == "last":
        return held
    if settings.month > held:
        ends = min(day_of(log.about, log.about.cutoff) for log in logs)
        raise SettingsError(
            f"month: the data reach up to {ends}, so they hold {held} wholly, and not {settings.month}."
        )
    begins = min(day_of(log.about, log.about.begins) for log in logs)
    if settings.month < begins[:7]:
        raise SettingsError(f"month: the data begin on {begins}, after {settings.month}.")
    return settings.month


def _secrets(settings: JobsSettings) -> Iterator[str]:
    """Refused whatever the notebooks are, as the settings are kept in the record of the run."""
    given = [
        (f"{where}.{name}", name, one) for where, said in settings.every_parameters() for name, one in said.items()
    ]
    given += [(f"logs.{name}" if name else "log", "", path) for name, path in settings.every_log.items()]
    for where, name, value in given:
        if SECRET_NAME.search(name) or SECRET_VALUE.search(json.dumps(value, default=str)):
            yield (
                f"{where} looks like a secret, and these settings are kept with the results: let the notebook read it from "
                "an environment variable or a protected file"
            )
