"""The command line's own manner: verbs in the order of the loop, refusals as one message."""

from __future__ import annotations

import re
import sys
from typing import Any

import click

from procmine.words import Message

FIRST = ("new", "check", "map", "bottlenecks", "try", "compare", "brief", "batch")  # the eight verbs of the loop
READING = ["case", "activity", "timestamp", "start", "arrival", "resource", "order", "clock", "dates"]
READING += ["sheet", "header", "delimiter", "encoding"]  # the fields of Columns that are options
SAID = {name: f"--{name.replace('_', '-')}" for name in (*READING, "legal_basis", "horizon")}
PROPOSED = re.compile(r"""(?:Columns|set_delay|allowed_by)\(((?:"[^"]*"|'[^']*'|[^)"'])*)\)|\b(horizon=\d+)""")
NAMED = re.compile(r"""(\w+)=("[^"]*"|'[^']*'|[\w.]+)""")


class Verbs(click.Group):
    """The verbs of the loop first; the rest under "more"."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        first = [name for name in FIRST if name in self.commands]
        return [*first, *sorted(set(self.commands) - set(first))]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        listed = self.list_commands(ctx)
        first, rest = ([name for name in listed if (name in FIRST) is loop] for loop in (True, False))
        for title, names in (("cli.loop", first), ("cli.more", rest)):
            with formatter.section(Message(title).say()):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(90)) for name in names])
        formatter.write_paragraph()
        formatter.write_text(Message("cli.questions").say())

    def invoke(self, ctx: click.Context) -> Any:
        """A refusal is one message and exit code 2, never a traceback."""
        try:
            return super().invoke(ctx)
        except (ValueError, OverflowError, OSError) as error:
            click.echo(f"{Message('cli.refused').say()} {_said(error)}", err=True)
            if options := as_options(str(error)):
                click.echo(Message("cli.options", {"options": options}).say(), err=True)
            ctx.exit(2)


def _said(error: Exception) -> str:
    if isinstance(error, FileNotFoundError) and error.filename:
        return Message("cli.no_file", {"name": str(error.filename)}).say()
    return str(error)


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
