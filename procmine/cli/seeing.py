"""Commands that show the process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from procmine.cli.group import main
from procmine.cli.reading import read_log, reads_a_log, whole_log
from procmine.cli.showing import (
    as_json_option,
    by_option,
    cases_option,
    clock_of,
    clock_option,
    keep,
    keep_cases,
    out_option,
    period_option,
    say_json,
    show,
)
from procmine.publish.outputs import FOLDER as OUTPUTS
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.results import Result


@main.command("map")
@reads_a_log
@click.option("--show", "what", type=click.Choice(["frequency", "median", "total"]), default="frequency", show_default=True,
              help="What the arrows tell.")  # fmt: skip
@click.option("--steps", type=int, help="At most so many steps.")
@click.option(
    "-o", "--out", metavar="FILE", default=str(OUTPUTS / "map.png"), show_default=True, help=".png, .svg or .pdf."
)
@as_json_option
def draw_map(file: str, what: Any, steps: int | None, out: str, as_json: bool, **how: Any) -> None:
    """Draw which step follows which."""
    from procmine.see.maps import process_map

    drawn = process_map(read_log(file, needs=(), **how), show=what, steps=steps)
    say_json(drawn.to_dict()) if as_json else click.echo("\n".join(drawn.sentences()))
    click.echo(Message("cli.written", {"path": str(keep(drawn, Path(out)))}).say(), err=as_json)


@main.command()
@reads_a_log
@by_option
@clock_option
@click.option("--outcome", metavar="NAME", help="Until cases end with this outcome (else: end in any way).")
@click.option(
    "--mean-within", type=float, metavar="DAYS", help="Say instead the mean; what takes longer counts as that."
)
@as_json_option
@out_option
def survival(
    file: str, by: Any, clock: str, outcome: str | None, mean_within: float | None, as_json: bool, out: str | None,
    **how: Any,
) -> None:  # fmt: skip
    """Say by when cases end; those still open are counted as waiting."""
    from procmine.see.ending import mean_within as mean
    from procmine.see.survival import survival as ask

    log = read_log(file, needs=by, **how)
    asked: dict[str, Any] = {"by": by, "outcome": outcome, "clock": clock_of(log, clock)}
    show(ask(log, **asked) if mean_within is None else mean(log, horizon=mean_within, **asked), as_json, out)


@main.command()
@reads_a_log
@click.argument("start")
@click.argument("stop")
@by_option
@clock_option
@as_json_option
@out_option
def between(file: str, start: str, stop: str, by: Any, clock: str, as_json: bool, out: str | None, **how: Any) -> None:
    """Say how long it takes from step START to step STOP."""
    from procmine.see.times import time_between

    log = read_log(file, needs=by, **how)
    show(time_between(log, start, stop, by=by, clock=clock_of(log, clock)), as_json, out)


@main.command()
@reads_a_log
@as_json_option
@out_option
def variants(file: str, as_json: bool, out: str | None, **how: Any) -> None:
    """List the paths that cases take, most frequent first."""
    from procmine.see.flow import variants as ask

    show(ask(read_log(file, needs=(), **how)), as_json, out)


@main.command()
@reads_a_log
@as_json_option
@out_option
def rework(file: str, as_json: bool, out: str | None, **how: Any) -> None:
    """List the steps that are done more than once in a case."""
    from procmine.see.flow import rework as ask

    show(ask(read_log(file, needs=(), **how)), as_json, out)


@main.command()
@reads_a_log
@by_option
@clock_option
@cases_option
@as_json_option
@out_option
def waiting(file: str, by: Any, clock: str, cases: str | None, as_json: bool, out: str | None, **how: Any) -> None:
    """Say who waits now: open cases by the step they have come to, with their age."""
    from procmine.see.pending import pending_cases, waiting_now

    log = read_log(file, needs=by, **how)
    show(waiting_now(log, by=by, clock=clock_of(log, clock)), as_json, out)
    if cases is not None:
        keep_cases(pending_cases(log, clock=clock_of(log, clock)), cases)


@main.command()
@reads_a_log
@by_option
@period_option
@clock_option
@click.option("--within", type=float, multiple=True, metavar="DAYS", help="By this many days; may be repeated.")
@as_json_option
@out_option
def outcomes(
    file: str, by: Any, period: Any, clock: str, within: Any, as_json: bool, out: str | None, **how: Any
) -> None:
    """Say how cases have ended by so many days, each outcome beside the others, and how many are still open."""
    from procmine.see.ending import outcomes as ask

    log = read_log(file, needs=by, **how)
    days = {"within": within} if within else {}
    show(ask(log, by=by, period=period, clock=clock_of(log, clock), **days), as_json, out)


@main.command()
@reads_a_log
@by_option
@period_option
@clock_option
@click.option("--stages", is_flag=True, help="Take the steps of each stage together.")
@click.option("--whole", is_flag=True, help="Say instead how much of the whole cases' time somebody works on them.")
@cases_option
@as_json_option
@out_option
def work(
    file: str,
    by: Any,
    period: Any,
    clock: str,
    stages: bool,
    whole: bool,
    cases: str | None,
    as_json: bool,
    out: str | None,
    **how: Any,
) -> None:
    """Tell waiting from work, step by step, where beginnings and ends are recorded."""
    from procmine.see.activity import case_parts
    from procmine.see.work import activity_times, case_work

    if whole and stages:
        raise ValueError("--whole and --stages are two questions: ask one at a time.")
    log = read_log(file, needs=by, **how)
    running = clock_of(log, clock)
    asked: dict[str, Any] = {"by": by, "period": period, "clock": running}
    show(case_work(log, **asked) if whole else activity_times(log, stages=stages, **asked), as_json, out)
    if cases is not None:
        keep_cases(case_parts(log, clock=running), cases)


@main.command()
@reads_a_log
@by_option
@period_option
@clock_option
@as_json_option
@out_option
def lengths(file: str, by: Any, period: Any, clock: str, as_json: bool, out: str | None, **how: Any) -> None:
    """Say how many cases took how long, the open ones beside the finished."""
    from procmine.see.spread import time_distribution

    log = read_log(file, needs=by, **how)
    show(time_distribution(log, by=by, period=period, clock=clock_of(log, clock)), as_json, out)


@main.command()
@reads_a_log
@by_option
@click.option("--stages", is_flag=True, help="Take the steps of each stage together.")
@as_json_option
@out_option
def piles(file: str, by: Any, stages: bool, as_json: bool, out: str | None, **how: Any) -> None:
    """Say how many cases stood at each step over time: where a pile grew, and since when."""
    from procmine.see.staged import staged_flow

    show(staged_flow(read_log(file, needs=by, **how), by=by, stages=stages), as_json, out)


@main.command()
@reads_a_log
@click.option("--step", "steps", metavar="STEP", multiple=True, help="Two or more, in order (else the usual path).")
@click.option("-o", "--out", metavar="FILE", default=str(OUTPUTS / "spectrum.png"), show_default=True)
def spectrum(file: str, steps: Any, out: str, **how: Any) -> None:
    """Draw every case's way from step to step, for the team only."""
    from procmine.see.spectrum import performance_spectrum

    drawn(performance_spectrum(whole_log(file, needs=(), **how), steps), out)


@main.command()
@reads_a_log
@click.option("--since-arrival", is_flag=True, help="Draw days since each case came in, not dates.")
@click.option("--longest-first", is_flag=True, help="Order cases by how long they took, not by when they came in.")
@click.option("-o", "--out", metavar="FILE", default=str(OUTPUTS / "dots.png"), show_default=True)
def dots(file: str, since_arrival: bool, longest_first: bool, out: str, **how: Any) -> None:
    """Draw every event of every case as a dot, for the team only."""
    from procmine.see.dots import dotted_chart

    log = whole_log(file, needs=(), **how)
    along: Any = "since arrival" if since_arrival else "calendar"
    drawn(dotted_chart(log, along=along, order="length" if longest_first else "arrival"), out)


def drawn(result: Result, out: str) -> None:
    """What a picture of single cases says; the cases themselves are in the picture only."""
    click.echo("\n".join(result.sentences()))
    click.echo(Message("cli.written", {"path": str(keep(result, Path(out)))}).say())


@main.command()
@reads_a_log
@by_option
@period_option
@click.option("--step", "steps", metavar="STEP", multiple=True, help="Only this step; may be repeated.")
@as_json_option
@out_option
def week(file: str, by: Any, period: Any, steps: Any, as_json: bool, out: str | None, **how: Any) -> None:
    """Say on which weekdays and at which hours events are recorded."""
    from procmine.see.week import week_heatmap

    show(week_heatmap(read_log(file, needs=by, **how), steps=steps, by=by, period=period), as_json, out)


@main.command("usual-path")
@reads_a_log
@by_option
@clock_option
@click.option("--outcome", metavar="NAME", multiple=True, help="An outcome that counts as good; may be repeated.")
@as_json_option
@out_option
def usual_path(file: str, by: Any, clock: str, outcome: Any, as_json: bool, out: str | None, **how: Any) -> None:
    """Say which path is most frequent among good cases, how many follow it, and where the others leave it."""
    from procmine.see.happy import happy_path

    log = whole_log(file, needs=by, **how)
    show(happy_path(log, outcome=outcome or None, by=by, clock=clock_of(log, clock)), as_json, out)


@main.command("rework-cost")
@reads_a_log
@by_option
@period_option
@clock_option
@click.option("--of", metavar="COLUMN", help="A unit or role: handovers and going back and forth between them too.")
@as_json_option
@out_option
def rework_cost(
    file: str, by: Any, period: Any, clock: str, of: str | None, as_json: bool, out: str | None, **how: Any
) -> None:
    """Say what repeated steps, going back and forth and handovers cost in days."""
    from procmine.see.rework_cost import rework_cost as ask

    log = read_log(file, needs=None if of else by, **how)  # a unit is known of events, not of cases
    show(ask(log, of=of, by=by, period=period, clock=clock_of(log, clock)), as_json, out)
