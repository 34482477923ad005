"""Commands that set what was before a change beside what came after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from procmine.cli.group import main
from procmine.cli.reading import pairs, reads_a_log, whole_log, with_options
from procmine.cli.showing import as_json_option, doing, out_option, show
from procmine.publish.outputs import noted
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.proof.records.change import Change

F = TypeVar("F", bound=Callable[..., Any])


def of_a_change(command: F) -> F:
    """The options that say which change, of which cases, from where to where and for how long; handed on as `what`."""
    options = [
        click.option("--change", metavar="DATE", help="The day from which things were done differently."),
        click.option("--changes", metavar="FILE", help="A changes.yml, which has the change on record (with --id)."),
        click.option(
            "--id", "name", metavar="ID", help="Which change of that file: it says the day, the cases, the wait."
        ),
        click.option("--at", metavar="NAME=VALUE", multiple=True, help="Where: only these cases changed."),
        click.option("--from", "start", metavar="STEP", help="Count from this step (else from arrival)."),
        click.option("--to", "stop", metavar="STEP", help="Count to this step (else to the end of the case)."),
        click.option(
            "--horizon", type=int, metavar="DAYS", help="Follow every case so long (else what 9 in 10 needed before)."
        ),
    ]

    @wraps(command)
    def named(**given: Any) -> Any:
        record = recorded(given.pop("changes"), given.pop("name"))
        what = {"change": record or given.pop("change", None), "where": pairs(given.pop("at")) or None}
        if given.pop("change", None):
            raise ValueError("--change and --id both name a day: leave one out.")
        return command(what={**what, **{name: given.pop(name) for name in ("start", "stop", "horizon")}}, **given)

    return cast("F", with_options(named, options))


def recorded(file: str | None, name: str | None) -> Any:
    """The change with that id in a changes.yml; None where no file is named."""
    from procmine.proof.records.changes import Changes

    if file is None and name is None:
        return None
    if file is None or name is None:
        raise ValueError("--changes FILE and --id ID belong together: the file, and which change in it.")
    return Changes.read(file)[name]


def dated(what: dict[str, Any]) -> dict[str, Any]:
    if what["change"] is None:
        raise ValueError("Say which day: --change 2026-03-01, or a change on record: --changes changes.yml --id ID.")
    return what


def as_record(what: dict[str, Any]) -> Change:
    """The change on record, or one of what the options say."""
    from procmine.proof.records.change import Change

    record = dated(what)["change"]
    if isinstance(record, Change):
        return record
    where = {name: tuple(one) if isinstance(one, list) else one for name, one in (what["where"] or {}).items()}
    return Change(record, where=where, start=what["start"], stop=what["stop"], horizon=what["horizon"])


control_option = click.option(
    "--control",
    metavar="NAME=VALUE",
    multiple=True,
    help="Compare with these, where nothing was changed; or NAME: all others.",
)


def compared(control: Sequence[str]) -> Any:
    """NAME=VALUE, or the name of an attribute alone."""
    alone = [one for one in control if "=" not in one]
    if alone and len(control) > 1:
        raise ValueError(f"--control {alone[0]}: either one name alone, or NAME=VALUE each time.")
    return alone[0] if alone else pairs(control) or None


@main.command()
@reads_a_log
@of_a_change
@control_option
@click.option("--ramp", type=int, metavar="DAYS", help="Leave out the cases begun while people got used to it.")
@click.option("--mix", metavar="NAME", multiple=True, help="Average the kinds of cases of this attribute separately.")
@click.option("--before", metavar="FILE", help="An earlier extract, from before the change; FILE is the newer one.")
@as_json_option
@out_option
def compare(
    file: str, what: dict[str, Any], control: Any, ramp: int | None, mix: Any, before: str | None, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Compare cases begun before and after a change, all followed equally long: what one may say, and what one may not."""
    from procmine.proof.compare import compare as between

    log = whole_log(file, **how)
    logs = (log,) if before is None else (whole_log(before, **how), log)
    what = dated(what) if before is None else what
    with doing("cli.comparing", str(getattr(what["change"], "date", what["change"]))):
        answer = between(*logs, **what, control=compared(control), ramp=ramp, mix=tuple(mix) or None)
    show(answer, as_json, out)


@main.command()
@reads_a_log
@of_a_change
@click.option("--both", metavar="FILE", help="Also draw before and after side by side: .png, .svg or .pdf.")
@as_json_option
@out_option
def map_difference(
    file: str, what: dict[str, Any], both: str | None, as_json: bool, out: str | None, **how: Any
) -> None:
    """Show where a change shows on the map: which steps are faster or slower, more or fewer, beyond chance."""
    from procmine.proof.moved.difference import map_difference as difference

    answer = difference(whole_log(file, **how), **dated(what))
    show(answer, as_json, out)
    if both is not None:
        with noted(Path(both)):
            click.echo(Message("cli.written", {"path": str(answer.save_both(both))}).say(), err=True)


@main.command()
@reads_a_log
@of_a_change
@control_option
@as_json_option
@out_option
def event_study(file: str, what: dict[str, Any], control: Any, as_json: bool, out: str | None, **how: Any) -> None:
    """Set the cases that changed beside offices where nothing was changed, month by month."""
    from procmine.proof.offices.study import event_study as study

    record = dated(what)["change"]
    if not (control or getattr(record, "control", None)):
        raise ValueError("Say where nothing was changed: --control office=Harbor, or --control office for all others.")
    show(study(whole_log(file, **how), **what, control=compared(control)), as_json, out)


@main.command()
@reads_a_log
@of_a_change
@click.option(
    "--of", "figure", default="time", show_default=True, metavar="FIGURE", help="time, done, backlog, volume."
)
@click.option("--standard", metavar="FILE", help="Chart the share within the standard of this YAML file instead.")
@click.option("--by-week", is_flag=True, help="A point a week, not a month.")
@click.option("--kind", type=click.Choice(["xmr", "run"]), help="This kind of chart (else the one that fits the data).")
@click.option("--target", type=float, metavar="NUMBER", help="Days (or a share, 0 to 1) that are aimed at.")
@as_json_option
@out_option
def chart(
    file: str, what: dict[str, Any], figure: Any, standard: str | None, by_week: bool, kind: Any, target: float | None,
    as_json: bool, out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Chart waits, backlog or volume by month, and say which points stand out from the usual ups and downs."""
    from procmine.proof.charts.control import control_chart

    changed = what.pop("change")
    if isinstance(changed, str):
        raise ValueError("A level is drawn anew only at a change on record: --changes changes.yml --id ID.")
    answer = control_chart(
        whole_log(file, **how), of=Path(standard) if standard else figure, period="week" if by_week else "month", kind=kind,
        changes=(changed,) if changed else (), target=target, **what,
    )  # fmt: skip
    show(answer, as_json, out)


@main.command()
@reads_a_log
@of_a_change
@click.option(
    "--of", "figure", default="time", show_default=True, metavar="FIGURE", help="time, done, backlog, volume."
)
@click.option("--by-week", is_flag=True, help="A point a week, not a month.")
@click.option("--season", is_flag=True, help="Take the time of the year out; needs two years before the change.")
@as_json_option
@out_option
def interrupted(
    file: str,
    what: dict[str, Any],
    figure: Any,
    by_week: bool,
    season: bool,
    as_json: bool,
    out: str | None,
    **how: Any,
) -> None:
    """Draw a line through the months before a change and one through those since: does it jump, does it turn?"""
    from procmine.proof.charts.interrupted import interrupted_series

    period: Any = "week" if by_week else "month"
    answer = interrupted_series(whole_log(file, **how), of=figure, period=period, season=season, **dated(what))
    show(answer, as_json, out)


@main.command()
@reads_a_log
@of_a_change
@click.option("--by", metavar="DATE", help="The day on which somebody must know.")
@click.option("--wanted", metavar="DAYS", help='A change that is hoped for: 12, or "20%".')
@click.option(
    "--affected", type=float, default=1.0, metavar="SHARE", help="Of these cases so many are touched (0 to 1)."
)
@click.option("--within", type=int, metavar="DAYS", help="Also for the share of cases done within so many days.")
@click.option("--more", metavar="NAME", help="Say what more values of this attribute, such as offices, would bring.")
@as_json_option
@out_option
def plan_size(
    file: str, what: dict[str, Any], by: str | None, wanted: str | None, affected: float, within: int | None,
    more: str | None, as_json: bool, out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Before a pilot: the smallest change that these cases could show, and by when."""
    from procmine.proof.records.sizing import plan_size as size

    log = whole_log(file, **how)
    show(size(log, **what, by=by, wanted=_hoped(wanted), affected=affected, within=within, more=more), as_json, out)


def _hoped(wanted: str | None) -> str | float | None:
    try:
        return wanted if wanted is None or wanted.endswith("%") else float(wanted)
    except ValueError:
        raise ValueError(f'--wanted {wanted}: write days, such as 12, or a share, such as "20%".') from None
