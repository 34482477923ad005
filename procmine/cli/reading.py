"""How a command reads its file: the options, and the log that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from procmine.cli.group import READING
from procmine.cli.showing import doing
from procmine.publish.outputs import noted

if TYPE_CHECKING:
    from procmine.load.columns import Columns
    from procmine.log import EventLog, Log

F = TypeVar("F", bound=Callable[..., Any])


def reads_a_log(command: F) -> F:
    """The options that say how a file is read; the command hands them on to `read_log` or `whole_log`."""
    options = [
        click.argument("file", type=click.Path()),
        click.option(
            "--spec", type=click.Path(), help="The YAML file that says how FILE is read (else the one beside it)."
        ),
        click.option("--case", metavar="COLUMN", help="The column that identifies a case."),
        click.option("--activity", metavar="COLUMN", help="The column with the steps."),
        click.option("--timestamp", metavar="COLUMN", help="The column with the date or time of each step."),
        click.option(
            "--milestone",
            "milestones",
            metavar="COLUMN=STEP",
            multiple=True,
            help="A column of dates that is a step, where a row is a case; once for each, in their order.",
        ),
        click.option("--start", "start_column", metavar="COLUMN", help="The column with the beginning of each step."),
        click.option("--arrival", metavar="COLUMN", help="The column that says when the case came in."),
        click.option("--resource", metavar="COLUMN", help="The column that says who did the step."),
        click.option("--order", metavar="COLUMN", help="The column that numbers steps of one moment."),
        click.option("--clock", metavar="COLUMN", help="The column with the time of day, if the date stands alone."),
        click.option("--dates", metavar="FORMAT", help='How times are written, such as "%d/%m/%Y".'),
        click.option("--sheet", metavar="NAME", help="The sheet of an Excel file."),
        click.option(
            "--header", type=click.IntRange(min=1), metavar="N", help="The row with the names of the columns."
        ),
        click.option("--delimiter", metavar="SIGN", help='What separates columns, such as ";" (a tab is "tab").'),
        click.option("--encoding", metavar="NAME", help="How the text is encoded, such as cp1252."),
        click.option("--cutoff", metavar="DATE", help="The last day that the data could show."),
        click.option(
            "--end", "ends", metavar="STEP", multiple=True, help='A step that finishes a case; or "every case".'
        ),
        click.option("--where", metavar="NAME=VALUE", multiple=True, help="Only cases with this attribute."),
        click.option(
            "--beginning-with", metavar="STEP", multiple=True, help="Only cases of which this is the first step."
        ),
        click.option("--by-stages", is_flag=True, help="Take the stages of the spec for steps."),
        click.option(
            "--mended", metavar="WORKBOOK", type=click.Path(), help="Rows set aside before, mended by hand (see check)."
        ),
        click.option("--show-values", is_flag=True, help="Show values of the data in errors (else masked)."),
    ]

    @wraps(command)
    def careful(**given: Any) -> Any:
        _keep_the_source(given)
        return command(**given)

    return cast("F", with_options(careful, options))


def with_options(command: Any, options: Sequence[Callable[[Any], Any]]) -> Any:
    """The command with these options, the first one first in its help."""
    for option in reversed(options):
        command = option(command)
    return command


def _keep_the_source(given: Mapping[str, Any]) -> None:
    """A refusal where an answer would be written over the data, or over their spec."""
    from procmine.load.raw import spec_beside

    data = Path(given["file"])
    more = [Path(given[name]) for name in ("spec", "mended", "before") if given.get(name)]
    read = (data, spec_beside(data), *more)
    files = {"-o": "out", "--cases": "cases", "--late": "late", "--at-risk": "at_risk"}
    for option, name in files.items():
        if given.get(name) and Path(given[name]).resolve() in [path.resolve() for path in read]:
            raise ValueError(
                f"{given[name]} is the file that is read: the answer would be written over it. Name another with {option}."
            )


def read_log(
    file: str,
    *,
    where: Sequence[str] = (),
    needs: Sequence[str] | None = None,
    set_aside: Path | None = None,
    **how: Any,
) -> Log:
    """The log that these options name. `needs` are the attributes that the answer takes: others are then not kept."""
    from procmine.load.door import read

    wanted = (
        {} if needs is None or has_spec(file, how) else {"attributes": (*needs, *pairs(where)), "event_attributes": ()}
    )
    columns = columns_of(how, **wanted)
    ends: Any = tuple(how.get("ends") or ()) or None
    ends = "every case" if ends == ("every case",) else ends
    with doing("cli.reading", Path(file).name), noted(set_aside) if set_aside else nullcontext():
        log = read(
            file,
            columns=columns,
            spec=how.get("spec"),
            cutoff=how.get("cutoff"),
            ends=ends,
            set_aside=set_aside,
            mended=how.get("mended"),
        )
    log = log.where(pairs(where)) if where else log
    log = log.beginning_with(*how["beginning_with"]) if how.get("beginning_with") else log
    return log.by_stages() if how.get("by_stages") else log


def columns_of(how: Mapping[str, Any], **more: Any) -> Columns | None:
    """What the options say of the columns; None if nothing."""
    from procmine.load.columns import Columns

    how = {**how, "start": how.get("start_column"), "delimiter": a_sign(how.get("delimiter"))}
    named = {name: how[name] for name in READING if how.get(name)} | more
    if how.get("milestones"):
        named["milestones"] = {column.strip(): step.strip() for column, step in map(halves, how["milestones"])}
    return Columns(**named, show_values=bool(how.get("show_values"))) if named or how.get("show_values") else None


def halves(written: str, option: str = "--milestone") -> tuple[str, str]:
    """COLUMN=STEP; a column may have the sign in its name, a step not."""
    column, _, step = written.rpartition("=")
    if not (column.strip() and step.strip()):
        forms = {
            "--milestone": 'COLUMN=STEP, such as "Received date=Received"',
            "--tag": 'STEP=PARTY, such as "Reply came=applicant"',
        }
        raise ValueError(f"{option} {written!r}: write {forms[option]}.")
    return column, step


def a_sign(written: str | None) -> str | None:
    """A tab is hard to type in a shell."""
    if written is not None and written.lower() in ("tab", "\\t"):
        return "\t"
    if written is not None and len(written) != 1:
        raise ValueError(f'--delimiter "{written}": one sign is wanted, such as ";", or tab.')
    return written


def whole_log(file: str, **how: Any) -> EventLog:
    """The same, for commands that need all cases in memory."""
    from procmine.log import in_memory

    return in_memory(read_log(file, **how))


def has_spec(file: str, how: dict[str, Any]) -> bool:
    """Whether a spec says which columns there are; else a command may take only those that it needs."""
    from procmine.load.raw import spec_beside

    path = Path(file)
    return bool(how.get("spec")) or path.is_dir() or path.suffix in (".yaml", ".yml") or spec_beside(path).is_file()


def pairs(written: Sequence[str]) -> dict[str, str | list[str]]:
    """NAME=VALUE, several of one name being alternatives."""
    found: dict[str, list[str]] = {}
    for one in written:
        name, sign, value = one.partition("=")
        if not sign:
            raise ValueError(f"{one!r}: write NAME=VALUE, such as office=North.")
        found.setdefault(name.strip(), []).append(value.strip())
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
