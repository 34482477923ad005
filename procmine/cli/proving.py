"""Commands that forecast a policy, and compare before with after."""

from __future__ import annotations

from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.reading import pairs, reads_a_log, whole_log
from procmine.cli.showing import as_json_option, doing, out_option, show


@main.command("try")
@reads_a_log
@click.option("--step", required=True, metavar="STEP", help="The step that would take another time.")
@click.option("--after", metavar="STEP", help="Count it from this step (else from the step before it in each case).")
@click.option("--days", required=True, type=float, help="How long it would take.")
@click.option("--only", metavar="NAME=VALUE", multiple=True, help="Only for cases with this attribute.")
@click.option("--outcome", metavar="NAME", help="Until cases end with this outcome (else: end in any way).")
@click.option("--legal-basis", metavar="TEXT", help="What would allow a time below the law's; printed with the answer.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same answer.")
@as_json_option
@out_option
def try_policy(
    file: str, step: str, after: str | None, days: float, only: Any, outcome: str | None, legal_basis: str | None,
    seed: int, as_json: bool, out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Forecast what one step taking another time would change for the whole case."""
    import procmine

    log = whole_log(file, **how)
    where = pairs(only)
    place = (after, step) if after else step
    policy = procmine.Policy(f"{step}: {days:g} d").set_delay(place, days=days, legal_basis=legal_basis)
    policy = policy.where(where)
    with doing("cli.simulating", policy.name):
        answer = procmine.forecast(procmine.fit(log, by=tuple(where)), policy, outcome=outcome, seed=seed)
    show(answer, as_json, out)


@main.command()
@reads_a_log
@click.option("--change", required=True, metavar="DATE", help="The day from which things were done differently.")
@click.option("--at", metavar="NAME=VALUE", multiple=True, help="Where: only these cases changed.")
@click.option("--from", "start", metavar="STEP", help="Count from this step (else from arrival).")
@click.option("--to", "stop", metavar="STEP", help="Count to this step (else to the end of the case).")
@click.option(
    "--horizon", type=int, metavar="DAYS", help="Follow every case so long (else what 9 in 10 needed before)."
)
@as_json_option
@out_option
def compare(
    file: str, change: str, at: Any, start: str | None, stop: str | None, horizon: int | None, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Compare cases begun before and after a date, all followed equally long."""
    from procmine.proof.compare import compare as between

    log = whole_log(file, **how)
    with doing("cli.comparing", change):
        answer = between(log, change=change, where=pairs(at) or None, start=start, stop=stop, horizon=horizon)
    show(answer, as_json, out)
