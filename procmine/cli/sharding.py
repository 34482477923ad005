"""The command that makes a folder of shards from a source larger than memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.loading import card
from procmine.cli.reading import columns_of, reads_a_log
from procmine.cli.showing import doing
from procmine.publish.outputs import noted
from procmine.words import Message

NOT_HERE = {"where": "--where", "beginning_with": "--beginning-with", "by_stages": "--by-stages", "mended": "--mended"}


@main.command()
@reads_a_log
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--memory", default="2 GiB", show_default=True, metavar="SIZE", help="How much memory to take, about.")
def shard(file: str, folder: Path, memory: str, **how: Any) -> None:
    """Make the new FOLDER of shards from FILE, which may be larger than memory; asked like a file from then on.

    A run that was ended goes on where it was, with the same command.
    """
    from procmine.load.sharding.making import shard as make

    for name, option in NOT_HERE.items():
        if how.get(name):
            raise ValueError(f"{option} is said when the folder is asked, not when it is made.")
    ends: Any = tuple(how["ends"]) or None
    ends = "every case" if ends == ("every case",) else ends
    given = {name: how[name] for name in ("spec", "cutoff")}
    with doing("cli.reading", Path(file).name), noted(folder):
        log = make(file, folder, columns=columns_of(how), ends=ends, memory=memory, **given)
    click.echo("\n".join([*card(log), "", Message("shard.made", {"shards": log.shards, "path": str(folder)}).say()]))
