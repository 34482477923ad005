"""The command that makes a folder of shards from a source larger than memory, and adds months to it."""

from __future__ import annotations

from collections.abc import Mapping
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
@click.option("--add", is_flag=True, help="FILE is a new month: add it to FOLDER, which is there.")
@click.option(
    "--replaces", metavar="cases|COLUMN", help="With --add: what of FILE replaces what is known of its cases."
)
def shard(file: str, folder: Path, memory: str, add: bool, replaces: str | None, **how: Any) -> None:
    """Make the new FOLDER of shards from FILE, which may be larger than memory; asked like a file from then on.

    A run that was ended goes on where it was, with the same command. With --add, FILE is added to FOLDER.
    """
    from procmine.load.sharding.making import shard as make
    from procmine.load.sharding.months import add_month

    _check(how, add, replaces)
    ends: Any = tuple(how["ends"]) or None
    ends = "every case" if ends == ("every case",) else ends
    given = {"columns": columns_of(how), "spec": how["spec"], "cutoff": how["cutoff"]}
    with doing("cli.reading", Path(file).name), noted(folder):
        if add:
            log = add_month(file, folder, replaces=replaces, **given)
        else:
            log = make(file, folder, ends=ends, memory=memory, **given)
    click.echo("\n".join([*card(log), "", Message("shard.made", {"shards": log.shards, "path": str(folder)}).say()]))


def _check(how: Mapping[str, Any], add: bool, replaces: str | None) -> None:
    for name, option in NOT_HERE.items():
        if how.get(name):
            raise ValueError(f"{option} is said when the folder is asked, not when it is made.")
    if replaces is not None and not add:
        raise ValueError("--replaces is said with --add: a new folder has nothing that can be replaced.")
    if add and how.get("ends"):
        raise ValueError("--end is said when the folder is made: a month that is added ends cases as the folder does.")
