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
    import pandas as pd

    from procmine.log import Clock, Log
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


def spare(out: str | None, file: str) -> None:
    """A refusal, before anything is done, to write the answer over the file that it is about."""
    if out is not None and Path(out).resolve() == Path(file).resolve():
        raise ValueError(f"{out} is the file that is asked about: it would be lost. Name another file for the answer.")


def say_json(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False))


def keep(result: Result, path: Path) -> Path:
    """Write a result as its file name asks: .xlsx, .json, .html, or a picture."""
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
    elif path.suffix.lower() in (".html", ".htm"):
        from procmine.publish.answer_page import answer_page

        answer_page(result, path)
    else:
        result.save(path)


as_json_option = click.option("--json", "as_json", is_flag=True, help="The answer as JSON, for other programs.")


out_option = click.option("-o", "--out", metavar="FILE", help="Also write it: .html, .png, .svg, .pdf, .xlsx or .json.")


by_option = click.option("--by", metavar="NAME", multiple=True, help="Once for each value of this case attribute.")


period_option = click.option("--period", type=click.Choice(["year", "quarter", "month"]), help="Once for each period.")


audience_option = click.option("--audience", type=click.Choice(["team", "agency", "public"]), help="Who will read it.")

clock_option = click.option(
    "--time", "clock", type=click.Choice(["calendar", "office", "service", "service-office"]), default="calendar",
    show_default=True, help="Whose time counts: all days, open hours (calendars of the spec), the service clock, or both.",
)  # fmt: skip
cases_option = click.option(
    "--cases", metavar="FILE", help="Also write single cases, a row each: .xlsx, for the team only."
)


def clock_of(log: Log, name: str) -> Clock:
    """The clock that an option names."""
    from procmine.clocks import CALENDAR_TIME, office_hours
    from procmine.see.clock_rules import service_clock

    if name == "calendar":
        return CALENDAR_TIME
    return office_hours(log) if name == "office" else service_clock(log, working=name == "service-office")


def only_workbook(path: str | None, option: str = "--cases") -> None:
    """A refusal, before anything is counted, of another kind of file for single cases."""
    if path is not None and Path(path).suffix.lower() != ".xlsx":
        raise ValueError(f"{option} {path}: single cases are written as .xlsx.")


def keep_cases(frame: pd.DataFrame, path: str) -> None:
    """Write a row a case, as a workbook that says for whom it is."""
    from procmine.draw.workbook import Sheet, write_workbook

    only_workbook(path)
    notes = [Message("audience.team").say()]
    with noted(Path(path)):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        columns = {str(name): frame[name].to_numpy() for name in frame}
        write_workbook([Sheet("cases", columns, notes)], Message("sheet.definitions").say(), Path(path))
    click.echo(Message("cli.written", {"path": path}).say(), err=True)
