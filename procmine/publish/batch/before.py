"""The last run before: its offices and the folders that they had, as the manifests of earlier runs tell."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from procmine.publish.batch.job import OfficesFound
from procmine.words import Message

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Before:
    """`month` of the last finished run before this month, None if there was none; `offices` are those of that run."""

    month: str | None = None
    offices: OfficesFound = field(default_factory=OfficesFound)
    folders: dict[str, str] = field(default_factory=dict)  # of every run there was, the later ones counting more
    said: tuple[Message, ...] = ()


def last_run(outputs: Path, title: str, month: str) -> Before:
    """From the manifests in the folders of runs; those of other batches, and of later months, are not looked at."""
    runs, said = [], []
    for path in sorted(outputs.glob(f"*/{MANIFEST}")):
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            if written["title"] == title and str(written["month"]) <= month:
                runs.append((str(written["month"]), OfficesFound.from_dict(written["offices"])))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            said.append(Message("jobs.unreadable", {"folder": path.parent.name}))
    runs.sort(key=lambda run: run[0])
    remembered: dict[str, Any] = {name: folder for _, one in runs for name, folder in one.folders.items()}
    folders = {name: folder for name, folder in remembered.items() if isinstance(folder, str)}
    earlier = [run for run in runs if run[0] < month]
    if not earlier:
        return Before(folders=folders, said=tuple(said))
    return Before(*earlier[-1], folders, tuple(said))
