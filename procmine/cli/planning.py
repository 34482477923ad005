"""Commands for champions' plans: one set against the data, and all of them on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.reading import whole_log
from procmine.cli.remembering import LOOK
from procmine.cli.showing import as_json_option, show, spare, write_as_named
from procmine.publish.outputs import noted
from procmine.words import Message

OUT = "Also write it: .pdf, .html, .png, .xlsx or .json."
SIZE = click.option(
    "--size", type=click.Choice(["a4", "us-letter"]), default="a4", show_default=True, help="Of the paper."
)


@main.command()
@click.argument("file", metavar="PLAN", type=click.Path())
@click.option("--log", metavar="FILE", help="The log or its spec (else the plan's own source).")
@click.option("-o", "--out", metavar="FILE", help=OUT)
@SIZE
@as_json_option
def plan(file: str, log: str | None, out: str | None, size: Any, as_json: bool) -> None:
    """Set a champion's PLAN (plans/*.yml) beside the data; ends with status 3 if something differs."""
    from procmine.publish.plans.check_plan import check_plan
    from procmine.publish.plans.plan import Plan

    spare(out, file)
    read = Plan.read(file)
    source = log or read.log_path()
    if source is None:
        raise ValueError(f"{Path(file).name} names no data. Say --log FILE, or write source: in the plan.")
    spare(out, str(source))
    found = check_plan(whole_log(str(source)), read)
    show(found, as_json)
    _keep(found, out, size)
    click.get_current_context().exit(0 if found.agrees else LOOK)


@main.command()
@click.argument("plans", type=click.Path(), nargs=-1, required=True)
@click.option("--changes", "records", metavar="FILE", help="A changes.yml with the changes of all plans, by their ids.")
@click.option("--log", metavar="FILE", help="The log of all (else each plan's own source).")
@click.option("--today", metavar="DATE", help="The day from which reviews are overdue (else this day).")
@click.option("--audience", type=click.Choice(["team", "agency", "public"]), default="agency", show_default=True)
@click.option("-o", "--out", metavar="FILE", help=OUT)
@SIZE
@as_json_option
def portfolio(
    plans: tuple[str, ...], records: str | None, log: str | None, today: str | None, audience: Any, out: str | None,
    size: Any, as_json: bool,
) -> None:  # fmt: skip
    """Say where PLANS (a folder, or files) stand, by stage, and how many days of waiting they gave back."""
    from procmine.publish.plans.portfolio import portfolio as all_plans

    for one in (*plans, *filter(None, (records, log))):
        spare(out, one)
    whole = whole_log(log) if log else None
    found = all_plans(list(plans), changes=records, log=whole, today=today, audience=audience)
    show(found, as_json)
    _keep(found, out, size)


def _keep(found: Any, out: str | None, size: str) -> None:
    """As pages, or as the file that its name asks for."""
    if out is None:
        return
    path = Path(out)
    with noted(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() in (".xlsx", ".json"):
            write_as_named(found, path)
        else:
            found.save(path, size=size)
    click.echo(Message("cli.written", {"path": out}).say(), err=True)
