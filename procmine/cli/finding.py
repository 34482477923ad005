"""Commands that find where the time goes, and why."""

from __future__ import annotations

from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.reading import read_log, reads_a_log, whole_log
from procmine.cli.showing import as_json_option, by_option, out_option, period_option, show


@main.command()
@reads_a_log
@by_option
@period_option
@click.option("--window", nargs=2, metavar="FIRST AFTER", help="Count only the time between two dates.")
@click.option("--stages", is_flag=True, help="Take the steps of each stage together.")
@as_json_option
@out_option
def bottlenecks(
    file: str, by: Any, period: Any, window: Any, stages: bool, as_json: bool, out: str | None, **how: Any
) -> None:
    """Say where the time goes: steps by their share of all time, with counts and ranges."""
    from procmine.find.bottlenecks import bottlenecks as find

    log = read_log(file, needs=by, **how)
    show(find(log, by=by, period=period, window=window or None, stages=stages), as_json, out)


@main.command()
@reads_a_log
@as_json_option
@out_option
def voice(file: str, as_json: bool, out: str | None, **how: Any) -> None:
    """Say at which steps people complain, ask or score badly; the spec names the table (voice: complaints.csv)."""
    from procmine.find.voice import voice as said

    show(said(whole_log(file, **how)), as_json, out)


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
