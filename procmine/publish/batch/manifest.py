"""Manifest: what a run was made of and what came of it, so that it can be checked, released and compared with the next."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Self

from procmine.about import Audience
from procmine.draw.files import replace_whole
from procmine.publish.batch.headline import Headline
from procmine.publish.batch.job import OFFICES, Batch, Done, OfficesFound
from procmine.publish.batch.reason import Reason
from procmine.publish.batch.replace import digest
from procmine.words import Message

MANIFEST = "manifest.json"
FORM = 1
PAUSES = (0.2, 1.0, 3.0)  # seconds
GOOD = ("complete", "unchanged")
COMPLETE, FAILED, REFUSED, HELD = 0, 1, 2, 3  # exit status, for schedulers


@dataclass(frozen=True)
class Entry:
    """A job of the run: `office` is the folder of its office; `done` is as in its own folder."""

    office: str
    notebook: str
    scenario: str
    audience: Audience
    done: Done

    @property
    def id(self) -> str:
        return self.done.id

    @property
    def good(self) -> bool:
        return self.done.status in GOOD

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "done": self.done.to_dict()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        return cls(**{**written, "done": Done.from_dict(written["done"])})


@dataclass(frozen=True)
class Manifest:
    """A finished run. By folder of the office: `headlines`, and the `reasons` that hold it or are only told."""

    title: str
    month: str
    audience: Audience
    file: str
    file_sha256: str
    begun: str
    ended: str
    exit_code: int
    jobs: tuple[Entry, ...]
    offices: OfficesFound
    headlines: Mapping[str, Headline] = field(default_factory=dict)
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()  # offices that had cases in the last release, and have none now
    compared: Mapping[str, str] | None = None  # folder and month of the released run that was compared with
    made_with: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # of the run's own folder -> sha256
    said: tuple[Message, ...] = ()

    @property
    def failed(self) -> tuple[Entry, ...]:
        return tuple(one for one in self.jobs if not one.good)

    def why_held(self, office: str) -> tuple[Reason, ...]:
        return tuple(one for one in self.reasons.get(office, ()) if one.holds)

    @property
    def held(self) -> tuple[Entry, ...]:
        """Complete, and somebody has to look before it goes out."""
        return tuple(one for one in self.jobs if one.good and self.why_held(one.office))

    def status(self, released: Collection[str] = ()) -> int:
        """What a scheduler is told; `released`: jobs that went out already."""
        if self.failed or not self.jobs:
            return FAILED
        return HELD if any(one.id not in released for one in self.held) or self.silent else COMPLETE

    def title_of(self, office: str) -> str:
        return next((one.title for one in self.offices.every if one.folder == office), Message("batch.all").say())

    def to_dict(self) -> dict[str, Any]:
        nested: dict[str, Any] = {name: [one.to_dict() for one in getattr(self, name)] for name in ("jobs", "said")}
        nested |= {"offices": self.offices.to_dict()}
        nested |= {"headlines": {name: one.to_dict() for name, one in self.headlines.items()}}
        nested |= {"reasons": {name: [one.to_dict() for one in some] for name, some in self.reasons.items()}}
        return {"form": FORM, **vars(self), **nested}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        read = {name: value for name, value in written.items() if name != "form"}
        read["jobs"] = tuple(map(Entry.from_dict, written["jobs"]))
        read["offices"] = OfficesFound.from_dict(written["offices"])
        read["headlines"] = {name: Headline.from_dict(one) for name, one in written["headlines"].items()}
        reasons = written["reasons"].items()
        read["reasons"] = {name: tuple(map(Reason.from_dict, some)) for name, some in reasons}
        read["said"] = tuple(map(Message.from_dict, written["said"]))
        return cls(**{**read, "silent": tuple(written["silent"])})

    @classmethod
    def read(cls, folder: Path, name: str = MANIFEST) -> Self:
        """ValueError where there is none, or it cannot be read."""
        path = folder / name
        if not path.is_file():
            raise ValueError(f"{folder} holds no finished run: there is no {MANIFEST}. Run procmine batch first.")
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            if written["form"] != FORM:
                raise ValueError(f"its form is {written['form']!r}, and not {FORM}")
            return cls.from_dict(written)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path} cannot be read ({error}). Run procmine batch --resume to write it anew."
            ) from error

    def write(self, folder: Path) -> Path:
        """Written last: it holds the hashes of the other files."""
        return write_json(folder / MANIFEST, self.to_dict())

    def with_files(self, folder: Path, names: Sequence[str]) -> Self:
        return replace(self, files={name: digest(folder / name) for name in names})


def write_json(path: Path, said: Mapping[str, Any]) -> Path:
    """Whole or not at all."""
    with replace_whole(path) as beside:
        text = json.dumps(said, ensure_ascii=False, allow_nan=False, indent=1)
        beside.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path


def patiently(write: Callable[[], Path]) -> Path:
    """Tried again for a while: on Windows a scanner holds a file for moments. ValueError where it is kept open."""
    for pause in PAUSES:
        try:
            return write()
        except PermissionError:
            time.sleep(pause)
    try:
        return write()
    except PermissionError as error:
        name = Path(error.filename2 or error.filename or "").name
        raise ValueError(Message("batch.not_written", {"name": name}).say()) from error


def entries(batch: Batch, dones: Sequence[Done]) -> tuple[Entry, ...]:
    """In the order of the batch; a job of which nothing is known was stopped before it ended."""
    found = {one.id: one for one in dones}
    told = []
    for job in batch.jobs:
        office, notebook, scenario = (*job.id.split("/"), "", "")[:3]
        stopped = (Message("batch.stopped").say(),)
        done = found.get(job.id) or Done(job.id, job.key, "failed", stopped, tries=0)
        told.append(Entry(office, notebook, scenario, job.audience, done))
    return tuple(told)


def made_with() -> dict[str, str]:
    """Versions, and one hash of all that is installed; nothing that tells of the machine or its user."""
    import procmine

    installed = sorted({f"{one.metadata['Name']}=={one.version}".lower() for one in distributions()})
    locks = sha256("\n".join(installed).encode()).hexdigest()
    system = f"{platform.system()} {platform.machine()}"
    python = ".".join(map(str, sys.version_info[:3]))
    return {"procmine": procmine.__version__, "python": python, "platform": system, "installed_sha256": locks}


def changed_files(manifest: Manifest, folder: Path) -> list[str]:
    """Files of complete jobs that are missing, or are not as they were written."""
    wrong = []
    for entry in (one for one in manifest.jobs if one.good):
        for name, hash_of in entry.done.files.items():
            path = folder / OFFICES / entry.id / name
            if not path.is_file() or digest(path) != hash_of:
                wrong.append(f"{OFFICES}/{entry.id}/{name}")
    return wrong
