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
from procmine.words import Message, speaking


@main.command()
@reads_a_log
@audience_option
@click.option(
    "--next", "steps", metavar="TEXT", multiple=True, help="A next step in your words, instead of the usual ones."
)
@click.option("--plan", metavar="FILE", help="The plan it is about: plans/office.yml.")
@click.option("--changes", metavar="FILE", help="The changes.yml in which the change is on record.")
@click.option("--id", "change", metavar="ID", help="Which change of it.")
@click.option("--language", metavar="CODE", help="Such as el, fr, es (else the plan's, or en).")
@click.option("--size", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="The paper.")
@click.option("-o", "--out", metavar="FILE", help="brief.pdf or brief.html (else both, in outputs).")
def brief(
    file: str, audience: Any, steps: Any, plan: str | None, changes: str | None, change: str | None,
    language: str | None, size: str, out: str | None, **how: Any,
) -> None:  # fmt: skip
    """Write two pages, PDF and HTML: what changed and what may be said of it, or where the time goes."""
    from procmine.languages import language as spoken_in
    from procmine.proof.compare import compare
    from procmine.proof.records.changes import Changes
    from procmine.publish.brief import brief as written_brief
    from procmine.publish.plans.plan import Plan

    if bool(changes) != bool(change):
        raise ValueError("--changes names the file and --id the change in it: give both, or neither.")
    files = [Path(out)] if out else [OUTPUTS / "brief.pdf", OUTPUTS / "brief.html"]
    if files[0].suffix.lower() not in (".pdf", ".html", ".htm"):
        raise ValueError(f"A brief is two pages: name it something.pdf or something.html, not {files[0].name!r}.")
    told = Plan.read(plan) if plan else None
    code = language or (told.language if told else "en")
    words = spoken_in(code)
    log = whole_log(file, **how)
    with doing("cli.writing", files[0].name), speaking(words):
        compared = compare(log, change=Changes.read(changes)[change]) if changes and change else None
        made = written_brief(log, plan=told, comparison=compared, audience=audience, language=code, next_steps=steps)
    click.echo(made)
    for path in files:
        with noted(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            made.save(path, size="us-letter" if size == "letter" else "a4")
        click.echo(Message("cli.written", {"path": str(path)}).say())


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
