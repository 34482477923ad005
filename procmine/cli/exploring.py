"""The command that writes a live map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.proving import as_record, of_a_change
from procmine.cli.reading import reads_a_log, whole_log
from procmine.cli.showing import audience_option, doing
from procmine.publish.outputs import FOLDER as OUTPUTS
from procmine.publish.outputs import noted
from procmine.words import Message


@main.command()
@reads_a_log
@of_a_change
@click.option(
    "--before-after", metavar="DATE", help="Tell cases begun since this day from earlier ones; claims nothing."
)
@audience_option
@click.option(
    "--by", metavar="NAME", multiple=True, help="What the agency may choose by, besides office, unit and the like."
)
@click.option("-o", "--out", metavar="FILE", default=str(OUTPUTS / "map.html"), show_default=True)
def explore(
    file: str, what: dict[str, Any], before_after: str | None, audience: Any, by: Any, out: str, **how: Any
) -> None:
    """Write a live map: one page with sliders, filters, times and paths, which needs no network."""
    from procmine.publish.explorer.explore import explore as live_map

    change = as_record(what) if what["change"] is not None else None
    if change is None and any(what.values()):
        raise ValueError(
            "Which day is that of? Add --change 2026-03-01, or a change on record: --changes FILE --id ID."
        )
    log = whole_log(file, **how)
    made = live_map(log, change=change, before_after=before_after, audience=audience, by=by)
    with doing("cli.writing", Path(out).name), noted(Path(out)):
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        written = made.save(out)
    click.echo("\n".join(made.sentences()))
    click.echo(Message("cli.written", {"path": str(written)}).say())
