"""The extracts of a run, in its folder `work/`: written once for each office, and left alone where nothing has changed."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from procmine.about import Audience
from procmine.draw.files import replace_whole
from procmine.languages import language
from procmine.log import EventLog
from procmine.publish.batch.against import Against, against_others
from procmine.publish.batch.drafts import Draft
from procmine.publish.batch.extract import office_extract
from procmine.publish.batch.job import Office, Period
from procmine.publish.batch.keys import content
from procmine.publish.batch.months import day_after, months_up_to
from procmine.publish.batch.offices import NONE
from procmine.publish.batch.settings import JobsSettings
from procmine.scale.whole import save_whole
from procmine.settings import SettingsError
from procmine.words import Message, speaking

LOGS, AGAINST = "logs", "against"


@dataclass(frozen=True)
class Extract:
    """Where the log of a job lies, and a hash of it; `problem`: why there is nothing to report."""

    path: Path
    hash: str
    problem: str = ""


@dataclass
class Extracts:
    """Of the logs in which offices have the names that they have now, below `work`."""

    settings: JobsSettings
    logs: Mapping[str, EventLog]
    month: str
    work: Path
    made: dict[str, Extract] = field(default_factory=dict)
    told: dict[tuple[str, Audience], dict[str, Against]] = field(default_factory=dict)

    def of(self, draft: Draft, office: Office) -> Extract:
        """Of the cases of an office that began in the days asked for (else all), for the audience of the job."""
        name = self._name(draft, office)
        if name not in self.made:
            self.made[name] = self._make(draft, office, name)
        return self.made[name]

    def against(self, draft: Draft, office: Office) -> Path:
        """Where it stands what the office may know of the others; written as it is asked for."""
        return self.work / AGAINST / f"{self._name(draft, office)}.json"

    def write_against(self, draft: Draft, office: Office) -> None:
        path, key = self.against(draft, office), (draft.log, draft.audience)
        if key not in self.told:
            by = str(self.settings.for_each)
            self.told[key] = against_others(self.logs[draft.log], by, self.month, audience=draft.audience)
        found = self.told[key].get(office.name or NONE, Against((), ()))
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"office": office.title, "month": self.month, **found.to_dict()}, indent=1)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            with replace_whole(path) as beside:
                beside.write_text(text, encoding="utf-8")

    def _name(self, draft: Draft, office: Office) -> str:
        for_others = [draft.audience] if draft.audience != self.settings.audience else []
        return "-".join([office.folder, *([draft.log] if draft.log else []), *for_others])

    def _make(self, draft: Draft, office: Office, name: str) -> Extract:
        place, by = self.work / LOGS / name, str(self.settings.for_each)
        with speaking(language(office.language)):
            log = office_extract(self.logs[draft.log], by, office.name or NONE, audience=draft.audience)
        first, last = window(self.settings, office.period, self.month)
        if first is not None:
            empty = first > last or not len(log := log.between(first, day_after(last), rule=self.settings.period.rule))
            values = {"office": office.title, "first": first, "last": last}
            if empty:
                return Extract(place, "", Message("jobs.no_cases", values).say())
        return Extract(place, put_log(log, place))


def window(settings: JobsSettings, period: Period, month: str) -> tuple[str | None, str]:
    """The days in which the cases of an extract began; None: all cases."""
    begin, end = settings.period.begin, settings.period.end
    last = period.last if end == "last" else end
    if begin is None:
        return (None, last) if end == "last" else ("1800-01-01", last)
    if begin.endswith(" months"):
        return months_up_to(month, int(begin.split()[0])), last
    return (period.first if begin == "first" else begin), last


def put_log(log: EventLog, place: Path) -> str:
    """Write a log to a folder, in place of what stands there if that is something else; a hash of it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{secrets.token_hex(8)}.partial")
    try:
        save_whole(log, beside)
        made = content(beside)
        if content(place) != made:
            _swap(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return made


def _swap(new: Path, place: Path) -> None:
    old = place.with_name(f"{new.name}.old")
    try:
        if place.exists():
            place.rename(old)
        new.rename(place)
    except PermissionError as error:
        if old.exists() and not place.exists():
            old.rename(place)
        raise SettingsError(f"{place} is in use: is the same run at work already? Nothing was begun.") from error
    shutil.rmtree(old, ignore_errors=True)
