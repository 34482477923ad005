"""Commands that learn from a log what comes next and when, check whether that can be believed, and try policies on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from procmine.cli.group import main
from procmine.cli.reading import pairs, reads_a_log, whole_log, with_options
from procmine.cli.showing import as_json_option, doing, out_option, show

if TYPE_CHECKING:
    from procmine.simulate.fit import Model
    from procmine.simulate.policy import Policy

F = TypeVar("F", bound=Callable[..., Any])
ASOF = click.option("--asof", metavar="DATE", help="Learn from the log as it stood on this day (else all of it).")
SEED = click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same answer.")

LEGAL_BASIS = click.option(
    "--legal-basis", metavar="TEXT", help="What would allow a time below the law's; printed with the answer."
)


def of_policies(command: F) -> F:
    """The options that say what would be different, for which cases; handed on as `policies`, one or several."""
    options = [
        click.option("--step", metavar="STEP", help="The step that would take another time."),
        click.option(
            "--after", metavar="STEP", help="Count it from this step (else from the step before it in each case)."
        ),
        click.option("--days", type=float, help="How long it would take."),
        click.option("--only", metavar="NAME=VALUE", multiple=True, help="Only for cases with this attribute."),
        LEGAL_BASIS,
        click.option(
            "--policy", "files", metavar="FILE", multiple=True,
            help="A YAML file that says all this, and more of it (docs/policies.md); once for each policy.",
        ),
    ]  # fmt: skip

    @wraps(command)
    def named(**given: Any) -> Any:
        said = {name: given.pop(name) for name in ("step", "after", "days", "only", "legal_basis", "files")}
        return command(policies=_policies(**said), **given)

    return cast("F", with_options(named, options))


def _policies(
    step: str | None, after: str | None, days: float | None, only: Any, legal_basis: str | None, files: Sequence[str]
) -> list[Policy]:
    from procmine.simulate.policy import Policy

    if files and (step or days is not None or only):
        raise ValueError("--policy FILE says all of it: leave --step, --days and --only out.")
    if files:
        return [Policy.read(file) for file in files]
    if step is None or days is None:
        raise ValueError("Say what would be done: --step STEP --days DAYS, or --policy FILE.")
    place = (after, step) if after else step
    return [Policy(f"{step}: {days:g} d").set_delay(place, days=days, legal_basis=legal_basis).where(pairs(only))]


def the_only(policies: Sequence[Policy]) -> Policy:
    """One policy, where only one can be meant."""
    if len(policies) > 1:
        raise ValueError("Name one policy: --policy FILE once.")
    return policies[0]


@main.command("fit")
@reads_a_log
@ASOF
@as_json_option
@out_option
def fit_model(file: str, asof: str | None, as_json: bool, out: str | None, **how: Any) -> None:
    """Say what a model of this log would rest on, and what cannot be known from it."""
    show(_model(file, asof, how).diagnose(), as_json, out)


@main.command()
@reads_a_log
@SEED
@as_json_option
@out_option
def validate(file: str, seed: int, as_json: bool, out: str | None, **how: Any) -> None:
    """Forecast what is known already, from earlier data, and say what forecasts of this log are good for."""
    import procmine

    log = whole_log(file, **how)
    with doing("cli.checking", Path(file).name):
        found = procmine.validate(log, seed=seed)
    show(found, as_json, out)


@main.command("try")
@reads_a_log
@of_policies
@ASOF
@click.option("--outcome", metavar="NAME", help="Until cases end with this outcome (else: end in any way).")
@click.option(
    "--horizon", type=int, default=365, show_default=True, metavar="DAYS",
    help="Follow the open cases so long from the cutoff.",
)  # fmt: skip
@click.option(
    "--within", type=float, metavar="DAYS", multiple=True, help="Also the share that is done within so many days."
)
@click.option("--target", metavar="TEXT", help='Rank policies by it, such as "8 in 10 within 90 days".')
@click.option("--assumptions", is_flag=True, help="How much does the answer hang on each assumption?")
@click.option(
    "--check", is_flag=True, help="Also see whether forecasts of this log can be believed (pages always say it)."
)
@SEED
@as_json_option
@out_option
def try_policies(
    file: str, policies: list[Policy], asof: str | None, seed: int, as_json: bool, out: str | None, check: bool,
    assumptions: bool, target: str | None, outcome: str | None, horizon: int,
    within: Sequence[float], **how: Any,
) -> None:  # fmt: skip
    """Forecast what a policy would change, with the range in which that likely lies; rank several by a target."""
    import procmine

    if assumptions and target:
        raise ValueError("One question at a time: --assumptions or --target.")
    model = _model(file, asof, how, [name for policy in policies for name in policy.chosen_by])
    policies = procmine.cheapest_first(policies, model.log.about)
    aim = None if target is None else procmine.Target.read(target, outcome=outcome)
    with doing("cli.simulating", ", ".join(policy.name for policy in policies)):
        if assumptions:
            answer: Any = procmine.sensitivity(model, the_only(policies), seed=seed)
        elif aim is not None:
            answer = procmine.scenarios(model, policies, target=aim, seed=seed)
        else:
            answer = procmine.forecast(
                model, policies, seed=seed, outcome=outcome, within=tuple(within), horizon=horizon
            )
    if check or (out or "").endswith(".html"):
        with doing("cli.checking", Path(file).name):
            answer = answer.checked_by(procmine.validate(model.log, seed=seed))
    show(answer, as_json, out)


@main.command("how-fast")
@reads_a_log
@click.option("--step", required=True, metavar="STEP", help="The step that would take at most so long.")
@click.option("--target", required=True, metavar="TEXT", help='What is to be met, such as "8 in 10 within 90 days".')
@click.option("--only", metavar="NAME=VALUE", multiple=True, help="Only for cases with this attribute.")
@LEGAL_BASIS
@ASOF
@SEED
@as_json_option
@out_option
def how_fast(
    file: str,
    step: str,
    target: str,
    only: Any,
    legal_basis: str | None,
    asof: str | None,
    seed: int,
    as_json: bool,
    out: str | None,
    **how: Any,
) -> None:
    """Say how fast a step must be, every time, for a target to be met."""
    import procmine

    chosen = pairs(only)
    model = _model(file, asof, how, list(chosen))
    policy = procmine.Policy(step).where(chosen).allowed_by(legal_basis=legal_basis)
    with doing("cli.simulating", step):
        found = procmine.needed(model, step, target=target, seed=seed, policy=policy)
    show(found, as_json, out)


def _model(file: str, asof: str | None, how: dict[str, Any], chosen: Sequence[str] = ()) -> Model:
    """The model of the log; `chosen`: attributes by which policies choose cases, looked for before anything takes long."""
    from procmine.log import check_attributes
    from procmine.simulate.fit import fit

    log = whole_log(file, **how)
    check_attributes(log.about, chosen, log.about.attributes)
    with doing("cli.fitting", Path(file).name):
        return fit(log, asof=asof)
