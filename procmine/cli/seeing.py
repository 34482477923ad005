"""Commands that show the process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.reading import read_log, reads_a_log
from procmine.cli.showing import as_json_option, by_option, keep, out_option, say_json, show
from procmine.publish.outputs import FOLDER as OUTPUTS
from procmine.words import Message


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
@click.option("--outcome", metavar="NAME", help="Until cases end with this outcome (else: end in any way).")
@as_json_option
@out_option
def survival(file: str, by: Any, outcome: str | None, as_json: bool, out: str | None, **how: Any) -> None:
    """Say by when cases end; those still open are counted as waiting."""
    from procmine.see.survival import survival as ask

    show(ask(read_log(file, needs=by, **how), by=by, outcome=outcome), as_json, out)


@main.command()
@reads_a_log
@click.argument("start")
@click.argument("stop")
@by_option
@as_json_option
@out_option
def between(file: str, start: str, stop: str, by: Any, as_json: bool, out: str | None, **how: Any) -> None:
    """Say how long it takes from step START to step STOP."""
    from procmine.see.times import time_between

    show(time_between(read_log(file, needs=by, **how), start, stop, by=by), as_json, out)


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
