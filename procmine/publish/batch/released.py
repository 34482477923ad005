"""Released: the record of what of a run went out, and why also what was held."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from procmine.publish.batch.manifest import write_json

RELEASE = "release.json"


@dataclass(frozen=True)
class Step:
    """One release: `jobs` that went out; of these, `accepted` were held, and `because` says why they went all the same."""

    by: str
    when: str
    jobs: tuple[str, ...]
    accepted: tuple[str, ...] = ()
    because: str = ""

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

    @property
    def last(self) -> str:
        return self.steps[-1].when

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
        return write_json(folder / RELEASE, {"steps": [vars(step) for step in self.steps]})
