"""The command line: the same verbs as in a notebook, one screen of answer each."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from procmine.publish.outputs import FOLDER as OUTPUTS
from procmine.publish.outputs import README, marked, noted, written
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.find.quality import Quality
    from procmine.load.columns import Columns
    from procmine.log import EventLog, Log
    from procmine.results import Result

F = TypeVar("F", bound=Callable[..., Any])
FIRST = ("new", "check", "map", "bottlenecks", "try", "compare", "brief", "report", "help")

PATIENCE = 2.0  # seconds after which a command says what it is doing
READING = ["case", "activity", "timestamp", "start", "arrival", "resource", "order", "clock", "dates"]
READING += ["sheet", "header", "delimiter", "encoding"]  # the fields of Columns that are options
SAID = {name: f"--{name.replace('_', '-')}" for name in (*READING, "legal_basis", "horizon")}
PROPOSED = re.compile(r"""(?:Columns|set_delay)\(((?:"[^"]*"|'[^']*'|[^)"'])*)\)|\b(horizon=\d+)""")
NAMED = re.compile(r"""(\w+)=("[^"]*"|'[^']*'|[\w.]+)""")


class Verbs(click.Group):
    """The verbs of the loop first; the rest under "more"."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*FIRST, *sorted(set(self.commands) - set(FIRST))]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rest = [name for name in self.list_commands(ctx) if name not in FIRST]
        for title, names in (("cli.loop", FIRST), ("cli.more", rest)):
            with formatter.section(Message(title).say()):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(90)) for name in names])

    def invoke(self, ctx: click.Context) -> Any:
        """A refusal is one message and exit code 2, never a traceback."""
        try:
            return super().invoke(ctx)
        except (ValueError, OverflowError, OSError) as error:
            click.echo(f"{Message('cli.refused').say()} {error}", err=True)
            if options := as_options(str(error)):
                click.echo(Message("cli.options", {"options": options}).say(), err=True)
            ctx.exit(2)


def as_options(said: str) -> str:
    """The options that do what a message proposes in Python; empty if it proposes none."""
    proposed = []
    for call, alone in PROPOSED.findall(said):
        named = [(name, value.strip("\"'")) for name, value in NAMED.findall(call or alone) if name in SAID]
        options = [f"{SAID[name]} " + (value if value.isdigit() else f'"{value}"') for name, value in named]
        if options and " ".join(options) not in proposed:
            proposed.append(" ".join(options))
    return " or ".join(proposed)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="procmine")
def main() -> None:
    """Find where the time goes in a public service, try a change, and show before and after."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console's own code page has no arrows


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
            "--mended", metavar="WORKBOOK", type=click.Path(), help="Rows set aside before, mended by hand (see check)."
        ),
        click.option("--show-values", is_flag=True, help="Show values of the data in errors (else masked)."),
    ]

    @wraps(command)
    def careful(**given: Any) -> Any:
        _keep_the_source(given)
        return command(**given)

    guarded: Any = careful
    for option in reversed(options):
        guarded = option(guarded)
    return cast("F", guarded)


def _keep_the_source(given: Mapping[str, Any]) -> None:
    """A refusal where the answer would be written over the data, or over their spec."""
    if not given.get("out"):
        return
    from procmine.load.raw import spec_beside

    data = Path(given["file"])
    read = (data, spec_beside(data), Path(given["spec"] or data))
    if Path(given["out"]).resolve() in [path.resolve() for path in read]:
        raise ValueError(
            f"{given['out']} is the file that is read: the answer would be written over it. Name another with -o."
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
    from procmine.log import in_memory

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
    return in_memory(log).where(pairs(where)) if where else log


def columns_of(how: Mapping[str, Any], **more: Any) -> Columns | None:
    """What the options say of the columns; None if nothing."""
    from procmine.load.columns import Columns

    how = {**how, "start": how.get("start_column"), "delimiter": a_sign(how.get("delimiter"))}
    named = {name: how[name] for name in READING if how.get(name)} | more
    if how.get("milestones"):
        named["milestones"] = {column.strip(): step.strip() for column, step in map(halves, how["milestones"])}
    return Columns(**named, show_values=bool(how.get("show_values"))) if named or how.get("show_values") else None


def halves(written: str) -> tuple[str, str]:
    """COLUMN=STEP; a column may have the sign in its name, a step not."""
    column, _, step = written.rpartition("=")
    if not (column.strip() and step.strip()):
        raise ValueError(f'--milestone {written!r}: write COLUMN=STEP, such as "Received date=Received".')
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


@contextmanager
def doing(key: str, name: str) -> Iterator[None]:
    """Says on the error stream what takes long; what is quick says nothing."""
    timer = Timer(PATIENCE, lambda: click.echo(Message(key, {"name": name}).say(), err=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def show(result: Result, as_json: bool, out: str | None = None) -> None:
    """The answer on the screen, or as JSON; with `out` also as a picture, a workbook or a page."""
    say_json(result.to_dict()) if as_json else click.echo(str(result))
    if out is not None:
        click.echo(Message("cli.written", {"path": str(keep(result, Path(out)))}).say(), err=True)


def say_json(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False))


def keep(result: Result, path: Path) -> Path:
    """Write a result as its file name asks: .xlsx, .json, or a picture."""
    with noted(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_as_named(result, path)
    return path


def write_as_named(result: Result, path: Path) -> None:
    from procmine.draw.files import replace_whole

    if path.suffix.lower() == ".xlsx":
        result.to_excel(path)
    elif path.suffix.lower() == ".json":
        with replace_whole(path) as beside:
            beside.write_text(json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False), encoding="utf-8")
    else:
        result.save(path)


as_json_option = click.option("--json", "as_json", is_flag=True, help="The answer as JSON, for other programs.")
out_option = click.option("-o", "--out", metavar="FILE", help="Also write it: .png, .svg, .pdf, .xlsx or .json.")
by_option = click.option("--by", metavar="NAME", multiple=True, help="Once for each value of this case attribute.")
period_option = click.option("--period", type=click.Choice(["year", "quarter", "month"]), help="Once for each period.")
audience_option = click.option("--audience", type=click.Choice(["team", "agency", "public"]), help="Who will read it.")


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
@click.option("--replace", "over", is_flag=True, help="Write over a spec that is there.")
@click.option("--yes", is_flag=True, help="Take the likeliest answers; how to read a date is asked all the same.")
@click.pass_context
def new(ctx: click.Context, /, file: str, to: Path | None, over: bool, yes: bool, **how: Any) -> None:
    """Make a spec for FILE: at most five questions, and three of its cases told back to you."""
    from procmine.draw.files import replace_whole
    from procmine.find.interview import Interview
    from procmine.load.columns import Columns
    from procmine.load.raw import spec_beside

    path = Path(file)
    target = to or spec_beside(path)
    if target.exists() and not over:
        raise ValueError(Message("draft.there", {"path": str(target)}).say())
    ends = "every case" if how["ends"] == ("every case",) else how["ends"]
    said = Interview(path, columns_of(how) or Columns(), how["cutoff"], ends, Terminal(yes)).spec()
    if said is None:
        click.echo(Message("draft.wrong").say())
        ctx.exit(1)
    with replace_whole(target) as beside:
        beside.write_text(said, encoding="utf-8")
        read_log(file, spec=str(beside))  # what was written can be read, or nothing is kept
    click.echo(Message("draft.written", {"path": str(target), "data": file}).say())


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


@main.command("try")
@reads_a_log
@click.option("--step", required=True, metavar="STEP", help="The step that would take another time.")
@click.option("--after", metavar="STEP", help="Count it from this step (else from the step before it in each case).")
@click.option("--days", required=True, type=float, help="How long it would take.")
@click.option("--only", metavar="NAME=VALUE", multiple=True, help="Only for cases with this attribute.")
@click.option("--outcome", metavar="NAME", help="Until cases end with this outcome (else: end in any way).")
@click.option("--legal-basis", metavar="TEXT", help="What would allow a time below the law's; printed with the answer.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same answer.")
@as_json_option
@out_option
def try_policy(
    file: str, step: str, after: str | None, days: float, only: Any, outcome: str | None, legal_basis: str | None,
    seed: int, as_json: bool, out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Forecast what one step taking another time would change for the whole case."""
    import procmine

    log = whole_log(file, **how)
    where = pairs(only)
    place = (after, step) if after else step
    policy = procmine.Policy(f"{step}: {days:g} d").set_delay(place, days=days, legal_basis=legal_basis)
    policy = policy.where(where)
    with doing("cli.simulating", policy.name):
        answer = procmine.forecast(procmine.fit(log, by=tuple(where)), policy, outcome=outcome, seed=seed)
    show(answer, as_json, out)


@main.command()
@reads_a_log
@click.option("--change", required=True, metavar="DATE", help="The day from which things were done differently.")
@click.option("--at", metavar="NAME=VALUE", multiple=True, help="Where: only these cases changed.")
@click.option("--from", "start", metavar="STEP", help="Count from this step (else from arrival).")
@click.option("--to", "stop", metavar="STEP", help="Count to this step (else to the end of the case).")
@click.option(
    "--horizon", type=int, metavar="DAYS", help="Follow every case so long (else what 9 in 10 needed before)."
)
@as_json_option
@out_option
def compare(
    file: str, change: str, at: Any, start: str | None, stop: str | None, horizon: int | None, as_json: bool,
    out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Compare cases begun before and after a date, all followed equally long."""
    from procmine.proof.compare import compare as between

    log = whole_log(file, **how)
    with doing("cli.comparing", change):
        answer = between(log, change=change, where=pairs(at) or None, start=start, stop=stop, horizon=horizon)
    show(answer, as_json, out)


@main.command()
@reads_a_log
@audience_option
@click.option(
    "--next", "steps", metavar="TEXT", multiple=True, help="A next step in your words, instead of the usual ones."
)
@click.option("-o", "--out", metavar="FILE", default=str(OUTPUTS / "brief.html"), show_default=True)
def brief(file: str, audience: Any, steps: Any, out: str, **how: Any) -> None:
    """Write one page: where the time goes, how sure that is, what to do next."""
    from procmine.publish.brief import brief as written_brief

    log = whole_log(file, **how)
    with doing("cli.writing", Path(out).name):
        made = written_brief(log, audience=audience, next_steps=steps)
    click.echo(made)
    with noted(Path(out)):
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        click.echo(Message("cli.written", {"path": str(made.save(out))}).say())


@main.command()
@click.argument("notebook", type=click.Path())
@click.option("-p", "--parameter", "given", metavar="NAME=VALUE", multiple=True, help="A parameter of the notebook.")
@audience_option
@click.option("-o", "--out", metavar="FOLDER", default=str(OUTPUTS), show_default=True)
@click.option(
    "--timeout", type=int, default=3_600, show_default=True, metavar="SECONDS", help="At most so long a cell."
)
@as_json_option
@click.pass_context
def report(ctx: click.Context, notebook: str, given: Any, audience: Any, out: str, timeout: int, as_json: bool) -> None:
    """Run NOTEBOOK with parameters; keep it, a page without code, and a workbook of its tables."""
    from procmine.publish.notebooks import run_report

    parameters = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            raise ValueError(f"{one!r}: write NAME=VALUE, such as source=my_data.csv.")
        parameters[name.strip()] = value
    bar = sys.stderr.isatty()
    with noted(Path(out) / Path(notebook).stem), nullcontext() if bar else doing("cli.running", Path(notebook).name):
        made = run_report(notebook, parameters, out, audience=audience or "team", cell_timeout=timeout, progress=bar)
    if as_json:
        files = {name: str(getattr(made, name)) for name in ("notebook", "page", "workbook")}
        say_json({"status": made.status, "files": files, "problems": list(made.problems)})
    else:
        click.echo(made, err=made.status == "failed")
    ctx.exit(1 if made.status == "failed" else 0)


@main.command()
@click.option("-o", "--out", metavar="FOLDER", default=str(OUTPUTS / "demo"), show_default=True)
@click.pass_context
def demo(ctx: click.Context, out: str) -> None:
    """Run everything on the synthetic sample and write a page that links it all."""
    from procmine.publish.tour import run_demo

    with noted(Path(out)):
        made = run_demo(Path(out), say=lambda message: click.echo(message.say()))
    click.echo(Message("cli.written", {"path": str(made.page)}).say())
    ctx.exit(1 if made.problems else 0)


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


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(yes: bool) -> None:
    """Delete what procmine's commands wrote into outputs/: reports, pictures, tables. Your own files there stay."""
    import shutil

    folder = {"folder": str(OUTPUTS.resolve())}
    if not marked() and OUTPUTS.is_dir() and any(one.name != README for one in OUTPUTS.iterdir()):
        raise ValueError(Message("clean.not_ours", folder).say())
    ours = written()
    if not ours:
        click.echo(Message("clean.nothing", folder).say())
        return
    for path in ours:
        click.echo(f"  {path.name}")
    if not yes and not click.confirm(Message("clean.ask", {"n": len(ours), **folder}).say()):
        return
    for path in ours:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    click.echo(Message("clean.done", {"n": len(ours)}).say())


@main.command("help")
@click.argument("verb", required=False)
@click.pass_context
def help_(ctx: click.Context, verb: str | None) -> None:
    """Say how to use procmine, or one of its commands."""
    parent = ctx.parent
    if parent is None:
        raise ValueError("help stands below procmine.")
    if verb is None:
        click.echo(parent.get_help())
        return
    command = main.get_command(ctx, verb)
    if command is None:
        raise ValueError(f"There is no command {verb!r}. There are: {', '.join(main.list_commands(ctx))}.")
    click.echo(command.get_help(click.Context(command, info_name=verb, parent=parent)))


if __name__ == "__main__":
    main(prog_name="procmine")
