"""Released: the record of what of a run went out, and why also what was held."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from procmine.publish.batch.manifest import Manifest, write_json

RELEASE = "release.json"
SENT = "released.json"  # the manifest of what went out; stays as it is when the folder is run again


@dataclass(frozen=True)
class Step:
    """One release: `jobs` that went out; of these, `accepted` were held, and `because` says why they went all the same."""

    by: str
    when: str
    jobs: tuple[str, ...]
    accepted: tuple[str, ...] = ()
    because: str = ""

    def only(self, jobs: Collection[str]) -> Self:
        """Of these jobs."""
        out, held = (tuple(one for one in some if one in jobs) for some in (self.jobs, self.accepted))
        return replace(self, jobs=out, accepted=held)

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        return cls(**{**written, "jobs": tuple(written["jobs"]), "accepted": tuple(written["accepted"])})


@dataclass(frozen=True)
class Release:
    """All releases of a run, in order; those held at first may follow later."""

    steps: tuple[Step, ...]

    @property
    def jobs(self) -> frozenset[str]:
        return frozenset(job for step in self.steps for job in step.jobs)

    @property
    def accepted(self) -> frozenset[str]:
        return frozenset(job for step in self.steps for job in step.accepted)

    def only(self, jobs: Collection[str]) -> Self:
        """Of these jobs."""
        kept = (one.only(jobs) for one in self.steps)
        return type(self)(tuple(one for one in kept if one.jobs))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Without any step where nothing was released."""
        path = folder / RELEASE
        if not path.is_file():
            return cls(())
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            return cls(tuple(map(Step.from_dict, written["steps"])))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} cannot be read ({error}).") from error

    def write(self, folder: Path) -> Path:
        """Where nothing was released there is no file."""
        if not self.steps:
            (folder / RELEASE).unlink(missing_ok=True)
            return folder / RELEASE
        return write_json(folder / RELEASE, {"steps": [vars(step) for step in self.steps]})


def keep_sent(manifest: Manifest, folder: Path, released: Release) -> Path:
    """What the next runs are compared with: the figures of the offices of which something went out, now or earlier."""
    before, gone = sent(folder), {job.split("/")[0] for job in released.jobs}
    figures = {office: one for office, one in manifest.headlines.items() if office in gone}
    kept = replace(manifest, headlines={**(before.headlines if before else {}), **figures})
    return write_json(folder / SENT, kept.to_dict())


def sent(folder: Path) -> Manifest | None:
    """None: nothing of the folder went out, or it cannot be read."""
    try:
        return Manifest.read(folder, SENT)
    except ValueError:
        return None


def still_released(manifest: Manifest, folder: Path) -> Release:
    """What was released of a folder that was run again, where the pages are those that went out."""
    before = sent(folder)
    went = {} if before is None else {one.id: one.done.files for one in before.jobs}
    return Release.read(folder).only(
        {one.id for one in manifest.jobs if one.good and one.done.files == went.get(one.id)}
    )
