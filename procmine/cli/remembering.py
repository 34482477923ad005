"""Commands that keep the memory of a team: what was tried, what was forecast, and whether gains hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.proving import as_record, of_a_change
from procmine.cli.reading import pairs, reads_a_log, whole_log
from procmine.cli.showing import as_json_option, out_option, show, spare
from procmine.cli.trying import of_policies, the_only
from procmine.publish.outputs import noted
from procmine.words import Message

LOOK = 3  # exit status that asks somebody to look, for a scheduler: 0 all is well, 2 not done
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
@click.argument("log", type=click.Path())
@click.option("--status", type=click.Choice(["running", "kept", "adjusted", "stopped"]), help="What was decided.")
@click.option("--why", metavar="TEXT", help="What was learnt.")
@as_json_option
def measure(file: str, name: str, log: str, status: str | None, why: str | None, as_json: bool) -> None:
    """Compare before and after for the change ID in LOG, and write down in FILE what was found."""
    from procmine.proof.compare import compare
    from procmine.proof.records.change import Measured
    from procmine.proof.records.changes import Changes

    known = Changes.read(file)
    found = compare(whole_log(log), change=known[name])
    known.record_result(name, Measured.of(found), status=status, why=why)
    show(found, as_json)


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
    """Write a new change into FILE (made if need be) under ID, and say what is like it and was tried before."""
    from procmine.proof.records.changes import Changes

    named = {"where": pairs(at), "control": pairs(control), "decide_on": list(decide_on), **more}
    said, path = {key: value for key, value in named.items() if value}, Path(file)
    fresh = not path.exists()
    if fresh:
        path.write_text("changes:\n", encoding="utf-8")
    try:
        found = Changes.read(file).add(name, idea=idea, **said)
    except ValueError:
        if fresh:
            path.unlink()
        raise
    show(found, as_json)


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
    """Say whether gains still hold in the newest data; ends with status 3 if somebody has to look or to decide."""
    from procmine.proof.watch import watch as watched

    found = watched(whole_log(file, **how), records)
    show(found, as_json, out)
    click.get_current_context().exit(LOOK if found.look else 0)


@main.command()
@reads_a_log
@of_policies
@of_a_change
@click.option(
    "--ledger", "book", required=True, metavar="FILE", help="The ledger: a file to which lines are only added."
)
@click.option(
    "--measure", type=click.Choice(["mean", "half", "share"]), default="mean", show_default=True,
    help="The average days, the days until half are there, or the share there in time.",
)  # fmt: skip
@click.option(
    "--weeks", type=int, default=26, show_default=True, help="Of the cases begun in so many weeks from the change on."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same answer.")
@as_json_option
@out_option
def predict(
    file: str, policies: Any, what: dict[str, Any], book: str, measure: str, weeks: int, seed: int, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Before the change: store a forecast in the ledger. Afterwards, with newer data: the same command scores it."""
    from procmine.simulate.predict import keep_score

    spare(out, book)
    found = keep_score(
        book,
        whole_log(file, **how),
        the_only(policies),
        change=as_record(what),
        seed=seed,
        measure=measure,
        weeks=weeks,
    )
    show(found, as_json, out)


@main.command()
@click.argument("file", type=click.Path())
@click.option("--head", metavar="HASH", help="A head that was noted elsewhere: it must still be in the ledger.")
@click.option("--began", metavar="ID", help="The change of this forecast began, on the day --on.")
@click.option("--not-tried", metavar="ID", help="The change of this forecast was never made; say --why.")
@click.option("--withdraw", metavar="ID", help="Take this forecast back; it stays in the count. Say --why.")
@click.option("--repair", is_flag=True, help="Close a last line that was torn off; say --why.")
@click.option("--on", metavar="DATE", help="The day on which the change of --began came.")
@click.option("--why", metavar="TEXT", help="The reason, in a sentence; it stays in the ledger.")
@click.option("--page", metavar="FILE", help="Also write a page of all forecasts: .html, for the team.")
@as_json_option
@out_option
def ledger(
    file: str, head: str | None, began: str | None, not_tried: str | None, withdraw: str | None, repair: bool,
    on: str | None, why: str | None, page: str | None, as_json: bool, out: str | None,
) -> None:  # fmt: skip
    """Say how good the forecasts of a ledger have been; ends with status 3 if it was tampered with."""
    from procmine.proof.ledger.ledger import Ledger
    from procmine.proof.ledger.track import how_good
    from procmine.publish.ledger_page import ledger_page

    if not Path(file).exists():
        raise ValueError(f"There is no ledger {file}. One begins with its first forecast: procmine predict.")
    spare(out, file)
    spare(page, file)
    if on and not began:
        raise ValueError("--on is the day of --began ID: say which forecast it is about.")
    book = Ledger(file)
    if (not_tried or withdraw or repair) and not why:
        raise ValueError("Say why, in a sentence: --why TEXT. It stays in the ledger.")
    if began and not on:
        raise ValueError("--began ID needs the day: --on 2026-03-01.")
    steps = ((repair, lambda: book.repair(why=str(why))), (began, lambda: book.began(str(began), str(on))),
             (not_tried, lambda: book.not_tried(str(not_tried), why=str(why))),
             (withdraw, lambda: book.withdraw(str(withdraw), why=str(why))))  # fmt: skip
    for asked, step in steps:
        if asked:
            step()
    checked = book.verify(head=head)
    if not checked.whole:
        click.echo("\n".join(checked.sentences()), err=True)
    show(how_good(book), as_json, out)
    if page is not None:
        with noted(Path(page)):
            click.echo(Message("cli.written", {"path": str(ledger_page(book, page, head=head))}).say(), err=True)
    click.get_current_context().exit(0 if checked.whole else LOOK)
