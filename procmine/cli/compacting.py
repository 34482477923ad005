"""The command that makes one of a folder's shards and the months that were added to it."""

from __future__ import annotations

from pathlib import Path

import click

from procmine.cli.group import main
from procmine.cli.showing import doing
from procmine.words import Message


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def compact(folder: Path) -> None:
    """Make the months that were added to FOLDER part of its shards, so that it is read quicker."""
    from procmine.scale.months import compact as make
    from procmine.scale.shards import ShardedLog

    months = len(ShardedLog.open(folder).record.deltas)
    with doing("cli.reading", folder.name):
        make(folder)
    said = Message("months.compacted" if months else "months.nothing", {"path": folder.name, "months": months})
    click.echo(said.say())
