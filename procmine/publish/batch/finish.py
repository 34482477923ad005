"""Finish a run: the headline of each office, what holds it, and the files that tell of the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from procmine.publish.batch.headline import Headline
from procmine.publish.batch.index import write_index
from procmine.publish.batch.job import INDEX, Batch, Done, Job
from procmine.publish.batch.mailing import write_mailing
from procmine.publish.batch.manifest import MANIFEST, Manifest, entries, made_with, patiently
from procmine.publish.batch.numbers import WORKBOOK, write_numbers
from procmine.publish.batch.reason import Reason
from procmine.publish.batch.released import RELEASE, Release
from procmine.publish.batch.restated import restated
from procmine.publish.batch.take import take
from procmine.publish.batch.unusual import unusual
from procmine.publish.few import LEAST


@dataclass(frozen=True)
class RunFolder:
    """A finished run: where it lies, what it says of itself, and what was released of it (None: nothing yet)."""

    folder: Path
    manifest: Manifest
    release: Release | None = None

    @property
    def index(self) -> Path:
        return self.folder / INDEX

    @property
    def exit_code(self) -> int:
        return self.manifest.exit_code


def finish(batch: Batch, dones: Sequence[Done], *, begun: str = "", workers: int | None = None) -> RunFolder:
    """Write index.html, manifest.json, headline.xlsx and mailing.csv; each whole or not at all, the manifest last.

    The run is a draft afterwards, also where one of this folder had been released: what was released is another run.
    """
    before = last_released(batch.folder, batch.title, batch.month)
    jobs = entries(batch, dones)
    found = _taken(batch, batch.workers if workers is None else workers)
    reasons = {office: _reasons(office, one, batch, before[1] if before else None) for office, one in found.items()}
    manifest = Manifest(
        title=batch.title,
        month=batch.month,
        audience=batch.audience,
        file=batch.file,
        file_sha256=batch.file_sha256,
        begun=begun or min((one.begun for one in dones if one.begun), default=""),
        ended=datetime.now(UTC).isoformat(timespec="seconds"),
        exit_code=0,
        jobs=jobs,
        offices=batch.offices,
        headlines={office: one for office, one in found.items() if isinstance(one, Headline)},
        reasons={office: some for office, some in reasons.items() if some},
        silent=() if before is None else fallen_silent(batch, before[1]),
        compared=None if before is None else {"folder": before[0].name, "month": before[1].month},
        made_with=made_with(),
        said=batch.said or batch.offices.said,
    )
    return _write(replace(manifest, exit_code=manifest.status()), batch.folder)


def _taken(batch: Batch, workers: int) -> dict[str, Headline | Reason]:
    """By folder of the office, so many at a time."""
    offices = _offices(batch)
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        return dict(zip(offices, pool.map(lambda job: take(batch, job), offices.values())))


def _reasons(office: str, taken: Headline | Reason, batch: Batch, before: Manifest | None) -> tuple[Reason, ...]:
    if isinstance(taken, Reason):
        return (taken,)
    then = None if before is None else headline_before(office, batch, before)
    return (*unusual(taken), *(restated(taken, then) if then is not None else ()))


def _write(manifest: Manifest, folder: Path) -> RunFolder:
    folder.mkdir(parents=True, exist_ok=True)
    for name in (MANIFEST, RELEASE):  # until the end nobody takes the old ones for those of the new files
        (folder / name).unlink(missing_ok=True)
    writing: tuple[Callable[[Manifest, Path], Path], ...] = (write_numbers, write_mailing, write_index)
    for write in writing:
        patiently(partial(write, manifest, folder))
    manifest = manifest.with_files(folder, [WORKBOOK])
    manifest.write(folder)
    return RunFolder(folder, manifest)


def _offices(batch: Batch) -> dict[str, Job]:
    """Folder of each office -> the first job that can be read."""
    found: dict[str, Job] = {}
    for job in batch.jobs:
        if job.log.exists():
            found.setdefault(job.id.split("/")[0], job)
    return found


def last_released(folder: Path, title: str, month: str) -> tuple[Path, Manifest] | None:
    """The newest run of the same title and an earlier month, beside this one, that was released."""
    found = []
    for path in folder.parent.glob(f"*/{RELEASE}"):
        try:
            manifest = Manifest.read(path.parent)
        except ValueError:
            continue
        if manifest.title == title and manifest.month < month:
            found.append((manifest.month, Release.read(path.parent).last, path.parent, manifest))
    return max(found, key=lambda one: one[:2])[2:] if found else None


def fallen_silent(batch: Batch, before: Manifest) -> tuple[str, ...]:
    """Offices without any case now that had several in the last release."""
    folders = {one.title: one.folder for one in before.offices.every}
    had = {}
    for title, folder in folders.items():
        figures = before.headlines[folder].now if folder in before.headlines else ()
        had[title] = sum(one.n for one in figures if one.figure in ("begun", "finished"))
    return tuple(title for title in batch.offices.silent if had.get(title, 0) >= LEAST)


def headline_before(office: str, batch: Batch, before: Manifest) -> Headline | None:
    """Of the same office; where its name changed, of the office that it was."""
    titles = {one.folder: one.title for one in batch.offices.every}
    folders = {one.title: one.folder for one in before.offices.every}
    new = titles.get(office, "")
    old = next((then for then, now in batch.offices.renamed.items() if now == new), new)
    return before.headlines.get(folders.get(old, folders.get(new, office)))
