"""How a command answers: on the screen, as JSON, in a file, and what it says while it works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import click

from procmine.publish.outputs import noted
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.results import Result

PATIENCE = 2.0  # seconds after which a command says what it is doing


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
