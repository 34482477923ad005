"""Commands that keep the memory of a team: what was tried, what was forecast, and whether gains hold."""

from __future__ import annotations

from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.reading import pairs, reads_a_log, whole_log
from procmine.cli.showing import as_json_option, out_option, show

SLIPPING = 3  # exit status of `watch`, for a scheduler: 0 all hold, 1 an error, 2 a wrong command
FIELDS = (
    "step",
    "what",
    "date",
    "recorded",
    "start",
    "stop",
    "raised_by",
    "decided_by",
    "owner",
    "expected",
    "status",
    "why",
)


@main.group()
def changes() -> None:
    """The team's memory (changes.yml): what was tried, where, and what came of it."""


@changes.command("list")
@click.argument("file", type=click.Path())
@as_json_option
@out_option
def list_changes(file: str, as_json: bool, out: str | None) -> None:
    """All changes of FILE, from the idea to what came of it."""
    from procmine.proof.records.changes import Changes

    show(Changes.read(file), as_json, out)


@changes.command()
@click.argument("file", type=click.Path())
@click.argument("text")
@as_json_option
@out_option
def find(file: str, text: str, as_json: bool, out: str | None) -> None:
    """What was tried before that is like TEXT: a step, or words in any order."""
    from procmine.proof.records.changes import Changes

    show(Changes.read(file).find(text), as_json, out)


@changes.command()
@click.argument("file", type=click.Path())
@click.argument("name", metavar="ID")
@click.option("--idea", required=True, metavar="TEXT", help="The idea, in a sentence.")
@click.option("--at", metavar="NAME=VALUE", multiple=True, help="Where: the cases that it is for.")
@click.option("--control", metavar="NAME=VALUE", multiple=True, help="Those it is compared with.")
@click.option("--horizon", type=int, metavar="DAYS", help="Follow every case so long.")
@click.option("--ramp", type=int, metavar="DAYS", help="Days in which people get used to it.")
@click.option("--decide-on", metavar="DATE", multiple=True, help="A day on which its effect is judged.")
@as_json_option
def add(file: str, name: str, idea: str, at: Any, control: Any, decide_on: Any, as_json: bool, **more: Any) -> None:
    """Write a new change into FILE under ID, and say what is like it and was tried before."""
    from procmine.proof.records.changes import Changes

    named = {"where": pairs(at), "control": pairs(control), "decide_on": list(decide_on), **more}
    show(Changes.read(file).add(name, idea=idea, **{key: value for key, value in named.items() if value}), as_json)


for field in reversed(FIELDS):
    click.option(
        f"--{field.replace('_', '-')}", field, metavar="TEXT", help=f"As `{field}` in the file (docs/changes.md)."
    )(add)


@main.command()
@reads_a_log
@click.option(
    "--changes", "records", required=True, metavar="FILE", help="The changes.yml with the gains to be watched."
)
@as_json_option
@out_option
def watch(file: str, records: str, as_json: bool, out: str | None, **how: Any) -> None:
    """Say whether gains still hold in the newest data; ends with status 3 if one is slipping or a decision is due."""
    from procmine.proof.watch import watch as watched

    found = watched(whole_log(file, **how), records)
    show(found, as_json, out)
    click.get_current_context().exit(SLIPPING if found.slipping else 0)
