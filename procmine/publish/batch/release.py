"""Release: what of a run may go out, who said so, and why also what was held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from procmine.proof.records.entry import ChangeEntry
from procmine.proof.records.roles import seeming_persons
from procmine.publish.batch.index import write_index
from procmine.publish.batch.lock import run_held
from procmine.publish.batch.mailing import write_mailing
from procmine.publish.batch.manifest import Entry, Manifest, changed_files, patiently
from procmine.publish.batch.released import Release, Step, keep_sent

LEAST_WORDS = 3  # of a reason


def release(folder: str | Path, *, by: str, accept: Sequence[str] = (), because: str = "") -> tuple[Manifest, Release]:
    """Everything complete that nothing holds; of what is held, the jobs (or all jobs of the offices) in `accept`.

    `by` is a role. The index and the mailing list are written anew. ValueError where there is no run, a file is not as it
    was written, or a job is accepted that is not there, failed, or is not held; or without a reason.
    """
    place = Path(folder)
    _check_role(by)
    Manifest.read(place)  # before a lock is written there
    with run_held(place):
        return _released(place, by, accept, because)


def _released(place: Path, by: str, accept: Sequence[str], because: str) -> tuple[Manifest, Release]:
    manifest, before = Manifest.read(place), Release.read(place)
    wrong = changed_files(manifest, place)
    if wrong:
        raise ValueError(
            f"{len(wrong)} file(s) are not as they were written, first {wrong[0]}. Run procmine batch --resume."
        )
    accepted = _accepted(manifest, accept, because)
    held = {one.id for one in manifest.held}
    free = [one.id for one in manifest.jobs if one.good and (one.id not in held or one.id in accepted)]
    new = tuple(job for job in free if job not in before.jobs)
    if not new:
        _write(manifest, place, before)  # what was released may not have been written, where a file was open
        raise ValueError(_nothing(manifest, before))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    step = Step(by.strip(), now, new, tuple(job for job in new if job in accepted), because.strip())
    after = Release((*before.steps, step))
    keep_sent(manifest, place, after)
    after.write(place)
    _write(manifest, place, after)
    return manifest, after


def _write(manifest: Manifest, place: Path, released: Release) -> None:
    patiently(lambda: write_mailing(manifest, place, released.jobs))
    patiently(lambda: write_index(manifest, place, released))


def _check_role(by: str) -> None:
    if not by.strip():
        raise ValueError('Say which role releases the run: --by "head of unit".')
    entry = ChangeEntry.model_construct(idea="-", where={}, control={}, owner=by)
    if "owner" in seeming_persons(entry):
        raise ValueError('--by seems to name a person. Name the role: --by "head of unit".')


def _accepted(manifest: Manifest, accept: Sequence[str], because: str) -> frozenset[str]:
    """The jobs that are meant; an office stands for all of its jobs."""
    if accept and len(because.split()) < LEAST_WORDS:
        raise ValueError('Say in a sentence why what was held may go out: --because "the late entries were checked".')
    if because and not accept:
        raise ValueError("--because is the reason for what --accept names: name the job or the office that was held.")
    named: dict[str, list[Entry]] = {}
    for one in manifest.jobs:
        for name in (one.id, one.office, manifest.title_of(one.office)):
            named.setdefault(name, []).append(one)
    unknown = [name for name in accept if name not in named]
    if unknown:
        there = ", ".join(one.id for one in manifest.held) or "none"
        raise ValueError(f"There is no job and no office {unknown[0]!r} in this run. Held are: {there}.")
    jobs = {one.id: one for name in accept for one in named[name]}
    failed = [one for one in jobs.values() if not one.good]
    if failed:
        raise ValueError(
            f"{failed[0].id} failed: there is nothing to accept. Mend it, and run procmine batch --resume."
        )
    free = [one.id for one in jobs.values() if not manifest.why_held(one.office)]
    if free:
        raise ValueError(f"{free[0]} is not held; leave it out of --accept.")
    return frozenset(jobs)


def _nothing(manifest: Manifest, before: Release) -> str:
    held = [one.id for one in manifest.held if one.id not in before.jobs]
    if held:
        return (
            f"Nothing to release: {len(held)} held, first {held[0]}. Look at them, then say "
            '--accept JOB --because "why".'
        )
    return "Nothing to release: all that is complete has been released."
