"""Commands that find where the time goes, and why."""

from __future__ import annotations

from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.reading import halves, read_log, reads_a_log, whole_log
from procmine.cli.showing import as_json_option, by_option, clock_of, clock_option, out_option, period_option, show


@main.command()
@reads_a_log
@by_option
@period_option
@click.option("--window", nargs=2, metavar="FIRST AFTER", help="Count only the time between two dates.")
@click.option("--stages", is_flag=True, help="Take the steps of each stage together.")
@clock_option
@click.option(
    "--questions", is_flag=True, help="Ask instead what the log cannot tell: who decides how long a step waits."
)
@click.option("--stuck", is_flag=True, help="Say instead after which steps open cases are stuck.")
@as_json_option
@out_option
def bottlenecks(
    file: str, by: Any, period: Any, window: Any, stages: bool, clock: str, questions: bool, stuck: bool, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Say where the time goes: steps by their share of all time, with counts and ranges."""
    from procmine.find.time.bottlenecks import bottlenecks as find

    log = read_log(file, needs=by, **how)
    answer = find(log, by=by, period=period, window=window or None, stages=stages, clock=clock_of(log, clock))
    show(answer.questions() if questions else answer.stuck() if stuck else answer, as_json, out)


@main.command()
@reads_a_log
@by_option
@click.option("--waits", is_flag=True, help="Go by how long cases have waited, not by step.")
@click.option("--staff", is_flag=True, help="Say instead what staff name as slow, beside what the log says.")
@as_json_option
@out_option
def voice(file: str, by: Any, waits: bool, staff: bool, as_json: bool, out: str | None, **how: Any) -> None:
    """Say at which steps people complain, ask or score badly; the spec names the table (voice: complaints.csv)."""
    from procmine.find.voice.staff import staff_ranking
    from procmine.find.voice.voice import voice as said
    from procmine.find.voice.waits import voice_by_wait

    if staff and (by or waits):
        raise ValueError("--staff stands alone: what staff name is not counted by cases.")
    log = whole_log(file, needs=by, **how)
    show(staff_ranking(log) if staff else voice_by_wait(log, by=by) if waits else said(log, by=by), as_json, out)


@main.command()
@reads_a_log
@click.option(
    "--written", required=True, metavar="LIST", help="A text file with one step a line: Check papers - 2 days."
)
@as_json_option
@out_option
def procedure(file: str, written: str, as_json: bool, out: str | None, **how: Any) -> None:
    """Lay the procedure as staff wrote it down beside FILE: steps nobody records or nobody named, believed times."""
    from procmine.find.procedure import procedure as beside

    show(beside(whole_log(file, **how), written), as_json, out)


@main.command()
@reads_a_log
@by_option
@clock_option
@click.option("--per", default="step", show_default=True, help="step, transition, or a column of units or roles.")
@click.option("--tag", "tags", metavar="STEP=PARTY", multiple=True, help="With whom a step lies; may be repeated.")
@click.option(
    "--unexplained", is_flag=True, help="Say instead how long steps wait although staff are free and at work."
)
@as_json_option
@out_option
def causes(
    file: str, by: Any, clock: str, per: str, tags: Any, unexplained: bool, as_json: bool, out: str | None, **how: Any
) -> None:
    """Say why cases wait: batches, queues, order, closed hours, other parties, or what nobody can tell."""
    from procmine.find.waits.causes import causes as find
    from procmine.find.waits.extraneous import unexplained_waits

    log = whole_log(file, **how)
    if unexplained:
        if tags or per != "step":
            raise ValueError("--unexplained goes by step and knows no parties: leave out --per and --tag.")
        show(unexplained_waits(log, resource=how["resource"], by=by, clock=clock_of(log, clock)), as_json, out)
        return
    named = dict(halves(one, "--tag") for one in tags) or None
    show(find(log, by=by, per=per, resource=how["resource"], tags=named, clock=clock_of(log, clock)), as_json, out)


@main.command()
@reads_a_log
@clock_option
@click.option("--step", metavar="STEP", help="The wait before this step (else the whole case).")
@click.option("--attribute", "attributes", metavar="NAME", multiple=True, help="Look at this one; may be repeated.")
@click.option("--protected", metavar="NAME", multiple=True, help="Look also at this protected attribute.")
@click.option("--within", type=float, metavar="DAYS", help="Follow every case so long (else what 9 in 10 need).")
@as_json_option
@out_option
def drivers(
    file: str, clock: str, step: str | None, attributes: Any, protected: Any, within: float | None, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Say what goes with long waits, beyond what chance would show; not what causes them."""
    from procmine.find.drivers.drivers import drivers as find

    log = whole_log(file, **how)
    looked = {"attributes": attributes or None, "protected": protected, "horizon": within}
    show(find(log, step=step, clock=clock_of(log, clock), **looked), as_json, out)


@main.command()
@reads_a_log
@by_option
@clock_option
@click.option("--days", type=float, help="Let the step take so many days (else what the fastest fifth need).")
@click.option(
    "--best", metavar="NAME", help="Let it take what the best office needs: the attribute that names offices."
)
@click.option("--step", metavar="STEP", help="Only this step (else all, ranked).")
@as_json_option
@out_option
def wins(
    file: str, by: Any, clock: str, days: float | None, best: str | None, step: str | None, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Say what a shorter step would bring the whole case: quick wins, ranked."""
    from procmine.find.shorter.step import if_step_took
    from procmine.find.shorter.wins import quick_wins

    log = whole_log(file, **how)
    target: dict[str, Any] = {"days": days, "best": best, "by": by, "clock": clock_of(log, clock)}
    show(quick_wins(log, **target) if step is None else if_step_took(log, step, **target), as_json, out)


@main.command()
@reads_a_log
@by_option
@as_json_option
@out_option
def sessions(file: str, by: Any, as_json: bool, out: str | None, **how: Any) -> None:
    """Find steps that are held on certain days only, and what sitting twice as often would save."""
    from procmine.find.sessions import sessions as find

    show(find(whole_log(file, needs=by, **how), by=by), as_json, out)


@main.command()
@reads_a_log
@by_option
@period_option
@clock_option
@click.option("--step", required=True, metavar="STEP", multiple=True, help="Of which each is a date: Hearing held.")
@click.option("--postponed", metavar="STEP", multiple=True, help="A step that calls a date off.")
@click.option("--decided", metavar="STEP", multiple=True, help="A step that decides.")
@as_json_option
@out_option
def hearings(
    file: str, by: Any, period: Any, clock: str, step: Any, postponed: Any, decided: Any, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Say how many dates a case takes, how many are called off, and how long each further one takes."""
    from procmine.find.hearings import hearings as find

    log = read_log(file, needs=by, **how)
    named = {"postponed": postponed, "decided": decided}
    show(find(log, step, by=by, period=period, clock=clock_of(log, clock), **named), as_json, out)


@main.command("complete")
@reads_a_log
@by_option
@period_option
@click.option("--returned", required=True, metavar="STEP", help="The step that sends a case back or asks for more.")
@click.option("--passed", metavar="STEP", help="The step that finds it complete.")
@click.option("--missing", is_flag=True, help="Say instead how many days go until what is missing comes.")
@click.option("--reason", metavar="COLUMN", help="With --missing: the column that says what is missing.")
@as_json_option
@out_option
def first_time_right(
    file: str, by: Any, period: Any, returned: str, passed: str | None, missing: bool, reason: str | None,
    as_json: bool, out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Say what share of cases comes complete, at the first time; or what missing papers cost."""
    from procmine.find.first_time_right import first_time_right as find
    from procmine.find.first_time_right import missing_items

    if (passed if missing else reason) is not None:
        raise ValueError("--reason goes with --missing, and --passed without it.")
    log = read_log(file, needs=None if missing else by, **how)
    if missing:
        show(missing_items(log, returned=returned, reason=reason, by=by, period=period), as_json, out)
    else:
        show(find(log, returned=returned, passed=passed, by=by, period=period), as_json, out)


@main.command()
@reads_a_log
@clock_option
@click.option("--office", required=True, metavar="NAME", help="The attribute of cases that names the office.")
@click.option("--from", "start", metavar="STEP", help="Count from this step (else from arrival).")
@click.option("--to", "stop", metavar="STEP", help="Count to this step (else to the end of the case).")
@click.option("--within", type=float, metavar="DAYS", help="What lasts longer counts as that (else what 9 in 10 need).")
@as_json_option
@out_option
def offices(
    file: str, clock: str, office: str, start: str | None, stop: str | None, within: float | None, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Say how offices differ in time, and how much cases differ inside each; no ranking."""
    from procmine.find.consistency import consistency

    log = whole_log(file, needs=(office,), **how)
    show(consistency(log, office, start=start, stop=stop, within=within, clock=clock_of(log, clock)), as_json, out)
