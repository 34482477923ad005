"""Commands for standards, promises and caseloads: what was due, what can be promised, what comes and goes."""

from __future__ import annotations

from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.reading import read_log, reads_a_log, whole_log
from procmine.cli.showing import (
    as_json_option,
    by_option,
    cases_option,
    keep_cases,
    only_workbook,
    out_option,
    period_option,
    show,
)
from procmine.words import Message

standards_option = click.option(
    "--standards", "file_of_standards", required=True, metavar="FILE", help="A YAML file of standards; see templates."
)


@main.command()
@reads_a_log
@by_option
@period_option
@cases_option
@as_json_option
@out_option
def service(file: str, by: Any, period: Any, cases: str | None, as_json: bool, out: str | None, **how: Any) -> None:
    """Say in whose hands the time of cases passes: ours, the applicant's, a court's, on hold; by the spec's clock rules."""
    from procmine.see.service import service_cases, service_times

    log = read_log(file, **how)
    show(service_times(log, by=by, period=period), as_json, out)
    if cases is not None:
        keep_cases(service_cases(log), cases)


@main.command()
@reads_a_log
@standards_option
@by_option
@period_option
@click.option(
    "--ahead", is_flag=True, help="Say instead how many open cases will likely miss a standard, week by week."
)
@click.option("--limit", is_flag=True, help="Say instead whether cases bunch just inside the limit.")
@click.option("--late", metavar="FILE", help="Also write the late open cases: .xlsx, for the team only.")
@click.option(
    "--at-risk", metavar="FILE", help="Also write the open cases that may become late: .xlsx, for the team only."
)
@as_json_option
@out_option
def standards(
    file: str, file_of_standards: str, by: Any, period: Any, ahead: bool, limit: bool, late: str | None,
    at_risk: str | None, as_json: bool, out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Say which share of the cases that were due met each standard; open ones that are late count as late."""
    from procmine.find.service import breaches, near_limit
    from procmine.find.service import late as overdue
    from procmine.find.service import standards as met

    if ahead and limit:
        raise ValueError("--ahead and --limit are two questions: ask one at a time.")
    if (ahead or limit) and (by or period):
        raise ValueError("--ahead and --limit look at all cases together: leave out --by and --period, or use --where.")
    only_workbook(late, "--late")
    only_workbook(at_risk, "--at-risk")
    log = whole_log(file, **how)
    if ahead:
        show(breaches.breaches(log, file_of_standards), as_json, out)
    elif limit:
        show(near_limit.near_limit(log, file_of_standards), as_json, out)
    else:
        show(met.standards(log, file_of_standards, by=by, period=period), as_json, out)
    if late is not None:
        keep_cases(overdue.late_cases(log, file_of_standards).frame, late)
    if at_risk is not None:
        keep_cases(breaches.at_risk(log, file_of_standards).frame, at_risk)


@main.command()
@reads_a_log
@by_option
@click.option("--share", type=click.FloatRange(50, 95), default=80, show_default=True, help="So many of 100 people.")
@click.option("--from", "start", default="arrival", show_default=True, metavar="STEP", help="Count from this step.")
@click.option("--to", "stop", default="any end", show_default=True, metavar="STEP", help="Count to this step.")
@click.option("--kept", is_flag=True, help="Say instead how often such promises would have been kept in past months.")
@as_json_option
@out_option
def promise(
    file: str, by: Any, share: float, start: str, stop: str, kept: bool, as_json: bool, out: str | None, **how: Any
) -> None:
    """Say which waiting time one can honestly publish: so many of 100 people are done within N days."""
    from procmine.find.service import promise as promises

    log = whole_log(file, **how)
    ask = promises.kept_promises if kept else promises.promise
    show(ask(log, share=share / 100, by=by, start=start, stop=stop), as_json, out)


@main.command()
@reads_a_log
@by_option
@click.option("--period", type=click.Choice(["year", "quarter", "month"]), default="month", show_default=True)
@click.option("--counting", metavar="FILE", help="A YAML file: which steps reopen, reactivate or make inactive.")
@as_json_option
@out_option
def caseload(file: str, by: Any, period: Any, counting: str | None, as_json: bool, out: str | None, **how: Any) -> None:
    """Count incoming, outgoing and pending cases as courts do, with clearance and age."""
    from procmine.find.service.caseload import caseload as count

    show(count(whole_log(file, **how), period=period, by=by, counting=counting), as_json, out)


@main.command()
@reads_a_log
@click.option("--measures", required=True, metavar="FILE", help="A YAML file of your own measures.")
@by_option
@period_option
@as_json_option
@out_option
def measure(file: str, measures: str, by: Any, period: Any, as_json: bool, out: str | None, **how: Any) -> None:
    """Take measures of your own: from a step to a step, with the direction that is good."""
    from procmine.find.service.measures import measure as take

    show(take(whole_log(file, **how), measures, by=by, period=period), as_json, out)


@main.command()
@click.argument("name", required=False)
@click.option("-o", "--to", metavar="FILE", help="Copy it there (else NAME.yaml).")
def templates(name: str | None, to: str | None) -> None:
    """List the templates of standards, or copy one; check each against your law."""
    from procmine.find.service.templates import copy_template, standard_templates

    if name is None:
        for key, said in standard_templates().items():
            click.echo(f"{key:<24}{said}")
        return
    click.echo(Message("cli.written", {"path": str(copy_template(name, to or f"{name}.yaml"))}).say())
