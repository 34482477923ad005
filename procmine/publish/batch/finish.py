"""Finish a run: the headline of each office, what holds it, and the files that tell of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from procmine.publish.batch.headline import Headline
from procmine.publish.batch.index import write_index
from procmine.publish.batch.job import INDEX, Batch, Done, Job
from procmine.publish.batch.lock import run_held
from procmine.publish.batch.mailing import write_mailing
from procmine.publish.batch.manifest import MANIFEST, Manifest, entries, made_with, patiently
from procmine.publish.batch.numbers import WORKBOOK, write_numbers
from procmine.publish.batch.reason import Reason
from procmine.publish.batch.released import SENT, Release, sent, still_released
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

    Jobs whose pages went out already, and are the same still, stay released; all others are a draft afterwards.
    """
    with run_held(batch.folder):
        return _finished(batch, dones, begun, batch.workers if workers is None else workers)


def _finished(batch: Batch, dones: Sequence[Done], begun: str, workers: int) -> RunFolder:
    before = sent_before(batch.folder, batch.title, batch.month)
    earlier = [one for _, one in before if one.month < batch.month]
    jobs = entries(batch, dones)
    found = _taken(batch, workers)
    reasons = {office: _reasons(office, one, batch, [past for _, past in before]) for office, one in found.items()}
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
        silent=fallen_silent(batch, earlier[0]) if earlier else (),
        compared={"folder": before[0][0].name, "month": before[0][1].month} if before else None,
        made_with=made_with(),
        said=batch.said or batch.offices.said,
    )
    released = still_released(manifest, batch.folder)
    return _write(replace(manifest, exit_code=manifest.status(released.jobs)), batch.folder, released)


def _taken(batch: Batch, workers: int) -> dict[str, Headline | Reason]:
    """By folder of the office, so many at a time."""
    offices = _offices(batch)
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        return dict(zip(offices, pool.map(lambda job: take(batch, job), offices.values())))


def _reasons(office: str, taken: Headline | Reason, batch: Batch, before: Sequence[Manifest]) -> tuple[Reason, ...]:
    if isinstance(taken, Reason):
        return (taken,)
    then = next((found for one in before if (found := headline_before(office, batch, one))), None)
    return (*unusual(taken), *(restated(taken, then) if then is not None else ()))


def _write(manifest: Manifest, folder: Path, released: Release) -> RunFolder:
    (folder / MANIFEST).unlink(missing_ok=True)  # until the end nobody takes the old one for that of the new files
    patiently(lambda: write_numbers(manifest, folder))
    patiently(lambda: released.write(folder))
    patiently(lambda: write_mailing(manifest, folder, released.jobs))
    patiently(lambda: write_index(manifest, folder, released))
    manifest = manifest.with_files(folder, [WORKBOOK])
    manifest.write(folder)
    return RunFolder(folder, manifest, released if released.steps else None)


def _offices(batch: Batch) -> dict[str, Job]:
    """Folder of each office -> the first job that can be read."""
    found: dict[str, Job] = {}
    for job in batch.jobs:
        if job.log.exists():
            found.setdefault(job.id.split("/")[0], job)
    return found


def sent_before(folder: Path, title: str, month: str) -> list[tuple[Path, Manifest]]:
    """What went out of the same title, of this month (it may be run again) or an earlier one; the newest first."""
    there = [(path.parent, sent(path.parent)) for path in folder.parent.glob(f"*/{SENT}")]
    found = [(path, one) for path, one in there if one is not None and one.title == title and one.month <= month]
    return sorted(found, key=lambda one: (one[1].month, one[1].ended), reverse=True)


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
