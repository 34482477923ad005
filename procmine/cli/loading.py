"""Commands that read, check and write data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from procmine.cli.group import main
from procmine.cli.reading import columns_of, read_log, reads_a_log, whole_log
from procmine.cli.showing import as_json_option, doing, keep, say_json
from procmine.publish.outputs import noted
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.find.quality import Quality
    from procmine.log import Log


@main.command()
@reads_a_log
@click.option(
    "--set-aside", metavar="FOLDER", type=click.Path(path_type=Path), help="Write rows set aside to a workbook there."
)
@click.option("-o", "--out", metavar="FILE", help="Also write the findings: .xlsx or .json.")
@as_json_option
def check(file: str, set_aside: Path | None, out: str | None, as_json: bool, **how: Any) -> None:
    """Read FILE and say what it holds, what was set aside, what is wrong with it and how many days that matters."""
    from procmine.find.quality import quality
    from procmine.load.report import load_report
    from procmine.log import EventLog

    log = read_log(file, set_aside=set_aside, **how)
    report = load_report(log)
    found = quality(log) if isinstance(log, EventLog) else None
    if as_json:
        say_json({**report.to_dict(), "card": card(log), **({} if found is None else {"quality": found.to_dict()})})
    else:
        click.echo("\n".join([*card(log), "", str(report), "", *([] if found is None else checked(found))]))
    if out is not None and found is not None:
        click.echo(Message("cli.written", {"path": str(keep(found, Path(out)))}).say(), err=True)


def checked(found: Quality) -> list[str]:
    """The findings, and all lines for the spec together."""
    some = any(one.spec for one in found.found)
    return [str(found), *(["", Message("quality.spec.all").say(), "", found.spec_lines()] if some else [])]


def card(log: Log) -> list[str]:
    """The sentences of a log's card; of a saved folder, which is read in parts, those that need no look at its cases."""
    from procmine.log import EventLog

    said = log.messages() if isinstance(log, EventLog) else (*log.about.notes, *log.about.history)
    return [message.say() for message in said]


@dataclass(frozen=True)
class Terminal:
    """A person at the terminal, asked by number; no answer takes the likeliest if there is one, and so does `yes`."""

    yes: bool = False

    def tell(self, said: Message) -> None:
        click.echo(said.say())

    def pick(self, question: Message, choices: Sequence[Message], sure: bool) -> int:
        click.echo(f"\n{question.say()}")
        for number, choice in enumerate(choices, 1):
            click.echo(f"{number:>4}  {choice.say()}")
        if self.yes and sure:
            return 0
        numbers = click.IntRange(1, len(choices))
        return int(click.prompt(Message("draft.choose").say(), type=numbers, default=1 if sure else None)) - 1

    def text(self, question: Message, default: str) -> str:
        return default if self.yes else str(click.prompt(f"\n{question.say()}", default=default))

    def agrees(self, question: Message) -> bool:
        return self.yes or bool(click.confirm(f"\n{question.say()}", default=True))


@main.command()
@reads_a_log
@click.option(
    "-o", "--to", metavar="SPEC", type=click.Path(path_type=Path), help="Where (else beside FILE, by its name)."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Make a new folder: the spec, notebooks on it, a plan, a policy, jobs.",
)
@click.option("--replace", "over", is_flag=True, help="Write over a spec that is there.")
@click.option("--yes", is_flag=True, help="Take the likeliest answers; how to read a date is asked all the same.")
@click.pass_context
def new(
    ctx: click.Context, /, file: str, to: Path | None, folder: Path | None, over: bool, yes: bool, **how: Any
) -> None:
    """Begin with FILE: at most five questions make its spec, or with --folder a whole folder to work in."""
    from procmine.draw.files import replace_whole
    from procmine.find.interview import Interview
    from procmine.load.columns import Columns
    from procmine.load.raw import spec_beside

    path = Path(file)
    if folder is not None and (to or over):
        raise ValueError("--folder makes everything in a new folder: leave out -o and --replace.")
    target = to or spec_beside(path)
    if target.exists() and not over and folder is None:
        raise ValueError(Message("draft.there", {"path": str(target)}).say())
    ends = "every case" if how["ends"] == ("every case",) else how["ends"]
    said = Interview(path, columns_of(how) or Columns(), how["cutoff"], ends, Terminal(yes)).spec()
    if said is None:
        click.echo(Message("draft.wrong").say())
        ctx.exit(1)
    if folder is not None:
        _begin(folder, said, path)
        return
    with replace_whole(target) as beside:
        beside.write_text(said, encoding="utf-8")
        read_log(file, spec=str(beside))  # what was written can be read, or nothing is kept
    click.echo(Message("draft.written", {"path": str(target), "data": file}).say())


def _begin(folder: Path, spec: str, path: Path) -> None:
    """A project folder for the file, once its spec has been tried on it."""
    from tempfile import TemporaryDirectory

    from procmine.load.raw import spec_beside
    from procmine.log import in_memory
    from procmine.publish.project import make_project

    name = spec_beside(path).name
    with TemporaryDirectory() as scratch:
        tried = Path(scratch) / name
        tried.write_text(spec, encoding="utf-8")
        log = in_memory(read_log(str(path), spec=str(tried)))
    with doing("cli.writing", folder.name):
        make_project(folder, spec, name, path, log)
    click.echo(Message("project.made", {"folder": str(folder)}).say())


@main.command()
@reads_a_log
@click.option("-o", "--out", required=True, metavar="FILE", help=".csv, .parquet, .xes or .xes.gz.")
def convert(file: str, out: str, **how: Any) -> None:
    """Write the log as another kind of file."""
    from procmine.load.write import write

    log = whole_log(file, **how)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    with noted(Path(out)):
        write(log, out)
    click.echo(Message("cli.written", {"path": out}).say())
