"""Commands that write pages and reports, and keep the folder of outputs."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from procmine.cli.group import main
from procmine.cli.reading import reads_a_log, whole_log
from procmine.cli.showing import as_json_option, audience_option, doing, say_json
from procmine.publish.outputs import FOLDER as OUTPUTS
from procmine.publish.outputs import README, marked, noted, written
from procmine.words import Message


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
    """Run NOTEBOOK with parameters; keep a PDF and a page without code, its pictures, a workbook of its tables, and it."""
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
        files = {name: str(getattr(made, name)) for name in ("pdf", "page", "notebook", "workbook")}
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
