"""Commands for meetings: slides for those who decide, and a page for the team that does the step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.proving import compared, control_option, of_a_change
from procmine.cli.reading import reads_a_log, whole_log
from procmine.cli.showing import audience_option, doing
from procmine.publish.outputs import FOLDER as OUTPUTS
from procmine.publish.outputs import noted
from procmine.words import Message

plan_option = click.option("--plan", metavar="FILE", help="The plan (plans/*.yml) that it is about.")
language_option = click.option("--language", metavar="CODE", help="Such as el or lt (else the plan's, or English).")


@main.command()
@reads_a_log
@plan_option
@of_a_change
@control_option
@audience_option
@language_option
@click.option("-o", "--out", metavar="FILE", default=str(OUTPUTS / "slides.pptx"), show_default=True)
def slides(
    file: str, plan: str | None, what: dict[str, Any], control: Any, audience: Any, language: str | None, out: str, **how: Any
) -> None:  # fmt: skip
    """Write five PowerPoint slides, and one of likely questions: what was found, and what may be said of it.

    With a plan whose change has begun, or with --change, they tell of before and after.
    """
    from procmine.publish.slides.slides import slides as made_slides

    log, read = whole_log(file, **how), _plan(plan)
    what = what if what["change"] is not None or read is None else _of_plan(read, log)
    told = None
    if what["change"] is not None:
        from procmine.proof.compare import compare

        told = compare(log, **what, control=compared(control))
    with doing("cli.writing", Path(out).name):
        made = made_slides(log, plan=read, comparison=told, audience=audience, language=language)
    _keep(made, out)


@main.command()
@reads_a_log
@click.option("--step", metavar="STEP", help="Whose team it is for (else the plan's, or where most time goes).")
@plan_option
@click.option("--month", metavar="MONTH", help="As of the end of this month, such as 2026-09 (else the last).")
@audience_option
@language_option
@click.option("--size", type=click.Choice(["a4", "us-letter"]), default="a4", show_default=True)
@click.option("-o", "--out", metavar="FILE", default=str(OUTPUTS / "huddle.pdf"), show_default=True)
def huddle(
    file: str, step: str | None, plan: str | None, month: str | None, audience: Any, language: str | None, size: Any,
    out: str, **how: Any,
) -> None:  # fmt: skip
    """Write one page for the team that does a step: this month, who waits, what was said, who does what."""
    from procmine.publish.huddle import huddle as page

    log = whole_log(file, **how)
    with doing("cli.writing", Path(out).name):
        made = page(log, step=step, plan=_plan(plan), audience=audience, month=month, language=language, size=size)
    _keep(made, out)


def _plan(file: str | None) -> Any:
    from procmine.publish.plans.plan import Plan

    return None if file is None else Plan.read(file)


def _of_plan(plan: Any, log: Any) -> dict[str, Any]:
    """The plan's change, if it has begun in the data."""
    from procmine.log import moment

    record = plan.change_record()
    begun = moment(log.about, record.date[:10]) <= log.about.cutoff
    return {"change": record if begun else None}


def _keep(made: Any, out: str) -> None:
    click.echo(made)
    with noted(Path(out)):
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        click.echo(Message("cli.written", {"path": str(made.save(out))}).say())
