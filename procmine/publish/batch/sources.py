"""The logs of a batch: read once, with what stands against those that cannot be read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from procmine.load.door import read
from procmine.log import EventLog, LogError, in_memory
from procmine.publish.batch.keys import content
from procmine.publish.batch.settings import JobsSettings
from procmine.settings import SettingsError
from procmine.words import Message


@dataclass(frozen=True)
class Source:
    """A log of the batch: `log` is None where it cannot be read, for the reason `problem`."""

    name: str
    path: Path
    log: EventLog | None
    problem: str = ""

    @cached_property
    def hash(self) -> str:
        """Of all that was read."""
        if self.log is None:
            return ""
        voice = self.log.voice
        said = b"" if voice is None else b"".join(one.tobytes() for one in (voice.case, voice.time, voice.step))
        told = json.dumps([content(self.path), dict(self.log.about.source)], sort_keys=True)
        return sha256(told.encode() + said).hexdigest()


def read_sources(settings: JobsSettings, folder: Path) -> list[Source]:
    """Every log, seen from the folder of the settings; LogError where none can be read."""
    found = [_read(name, folder / path) for name, path in settings.every_log.items()]
    if all(one.log is None for one in found):
        raise LogError(" ".join(one.problem for one in found))
    return found


def as_of(sources: Sequence[Source], day: str) -> list[Source]:
    """The logs as they stood at the end of a day."""
    return [one if one.log is None else replace(one, log=_cut(one.log, day)) for one in sources]


def logs_of(sources: Sequence[Source]) -> Mapping[str, EventLog]:
    return {one.name: one.log for one in sources if one.log is not None}


def _cut(log: EventLog, day: str) -> EventLog:
    try:
        return log.cut_to(day)
    except ValueError as error:
        raise SettingsError(f"as_of: {error}") from error


def _read(name: str, path: Path) -> Source:
    if not path.exists() and not {*"*?["} & {*path.name}:
        return Source(name, path, None, Message("jobs.no_log", {"name": path.name}).say())
    try:
        return Source(name, path.resolve(), in_memory(read(path)))
    except (ValueError, OSError) as error:  # a LogError, or settings that cannot be read
        said = str(getattr(error, "strerror", None) or error).replace(f"{path.parent}{os.sep}", "")
        return Source(name, path, None, Message("jobs.bad_log", {"name": path.name, "why": said}).say())
