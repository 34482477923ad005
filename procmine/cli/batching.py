"""Commands for reports of many offices: run them, look, release."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from procmine.cli.group import main
from procmine.cli.showing import as_json_option, doing, say_json
from procmine.publish.outputs import FOLDER as OUTPUTS
from procmine.publish.outputs import noted
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.publish.batch.finish import RunFolder
    from procmine.publish.batch.job import Batch
    from procmine.publish.batch.manifest import Manifest

STOPPED = 130  # exit status of what was interrupted


@main.command()
@click.argument("jobs", type=click.Path())
@click.option("--month", metavar="MONTH", help="Such as 2026-10; else as JOBS says (the last month of the data).")
@click.option("--workers", type=click.IntRange(1), help="So many jobs at a time; else as JOBS says.")
@click.option("--resume", is_flag=True, help="Go on with a run that was stopped: what is finished is kept.")
@click.option("--force", is_flag=True, help="Run all jobs, also those whose data have not changed.")
@click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing.")
@click.option("-o", "--out", metavar="FOLDER", default=str(OUTPUTS), show_default=True, help="Where runs are kept.")
@as_json_option
@click.pass_context
def batch(
    ctx: click.Context, jobs: str, month: str | None, workers: int | None, resume: bool, force: bool, dry_run: bool,
    out: str, as_json: bool,
) -> None:  # fmt: skip
    """Run the reports of JOBS (a YAML file) for every office; ends with 0 complete, 1 failed, 2 not done, 3 held."""
    from procmine.publish.batch.expand import plan_jobs
    from procmine.publish.batch.run import Stopped, run_jobs

    begun = datetime.now(UTC).isoformat(timespec="seconds")
    planned = plan_jobs(jobs, month=month, outputs=out)
    if dry_run:
        _say_plan(planned)
        return
    with noted(planned.folder):
        try:
            dones, stopped = run_jobs(planned, workers=workers, resume=resume, force=force), False
        except Stopped as error:
            dones, stopped = error.dones, True
        with doing("batch.counting", planned.folder.name):
            made = _finished(planned, dones, begun, workers)
    _say_run(made, as_json)
    ctx.exit(STOPPED if stopped else made.exit_code)


def _finished(planned: Batch, dones: Any, begun: str, workers: int | None) -> RunFolder:
    from procmine.publish.batch.finish import finish

    return finish(planned, dones, begun=begun, workers=workers)


def _say_plan(planned: Batch) -> None:
    values: dict[str, Any] = {"jobs": len(planned.jobs), "offices": len({one.office for one in planned.jobs})}
    values |= {"month": planned.month, "folder": str(planned.folder)}
    click.echo(Message("batch.plan", values).say())
    for one in planned.jobs:
        click.echo(f"  {one.id}")
        for problem in one.problems:
            click.echo(f"    {problem}")
    for message in planned.said or planned.offices.said:
        click.echo(message.say())


def _say_run(made: RunFolder, as_json: bool) -> None:
    manifest = made.manifest
    failed, held = [one.id for one in manifest.failed], [one.id for one in manifest.held]
    if as_json:
        counts = {"exit_code": manifest.exit_code, "jobs": len(manifest.jobs), "failed": failed, "held": held}
        say_json({**counts, "index": str(made.index)})
        return
    complete = len(manifest.jobs) - len(failed)
    click.echo(Message("batch.done", {"complete": complete, "jobs": len(manifest.jobs)}).say())
    _say_open(manifest, made.release.jobs if made.release else frozenset())
    command = f'procmine release "{made.folder}" --by "role"'
    click.echo(Message("batch.see", {"path": str(made.index), "command": command}).say())


def _say_open(manifest: Manifest, released: frozenset[str]) -> None:
    """What failed, and what is held with the reason, on the error stream."""
    for one in manifest.failed:
        click.echo(Message("release.failed", {"job": one.id}).say(), err=True)
    for office in dict.fromkeys(one.office for one in manifest.held if one.id not in released):
        for reason in manifest.why_held(office):
            values: dict[str, Any] = {"job": manifest.title_of(office), "why": reason.message}
            click.echo(Message("release.held", values).say(), err=True)


@main.command()
@click.argument("folder", type=click.Path())
@click.option("--by", required=True, metavar="ROLE", help="Which role releases it, such as 'head of unit'.")
@click.option("--accept", metavar="JOB", multiple=True, help="A job, or an office, that was held and may go out.")
@click.option("--because", default="", metavar="TEXT", help="Why what was held may go out, in a sentence.")
@as_json_option
@click.pass_context
def release(ctx: click.Context, folder: str, by: str, accept: tuple[str, ...], because: str, as_json: bool) -> None:
    """Release the run in FOLDER: what is complete and not held; held ones only with --accept and --because."""
    from procmine.publish.batch.job import MAILING
    from procmine.publish.batch.release import release as released

    manifest, record = released(folder, by=by, accept=accept, because=because)
    left = [one.id for one in manifest.held if one.id not in record.jobs]
    code = 1 if manifest.failed else 3 if left else 0
    if as_json:
        say_json({"exit_code": code, "released": sorted(record.jobs), "held": left})
        ctx.exit(code)
    counts: dict[str, Any] = {"released": len(record.jobs), "held": len(left), "failed": len(manifest.failed)}
    click.echo(Message("release.done", counts).say())
    _say_open(manifest, record.jobs)
    click.echo(Message("release.mailing", {"path": str(Path(folder) / MAILING)}).say())
    ctx.exit(code)
