"""The command that keeps the languages: how far each is, a sheet for a native reader, and the reader's signature."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from procmine.cli.group import main
from procmine.words import ENGLISH, Message

if TYPE_CHECKING:
    from procmine.languages.readers import Translated


@main.command()
@click.argument("code", required=False)
@click.option("-o", "--out", metavar="FILE", help="Write its sentences for a native reader: el.xlsx.")
@click.option("--take", metavar="FILE", help="Take what the reader wrote in that workbook into the language.")
@click.option("--sign", "by", metavar="ROLE", help="Who read all of it as a native reader; a role, no name.")
@click.option("--on", metavar="DAY", help="When: 2026-12-01.")
def languages(code: str | None, out: str | None, take: str | None, by: str | None, on: str | None) -> None:
    """Say which languages pages can be written in and who reviewed them; have one read and signed."""
    asked = [name for name, value in (("--out", out), ("--take", take), ("--sign", by)) if value]
    if len(asked) > 1:
        raise ValueError(f"One thing at a time: {' or '.join(asked)}.")
    if bool(by) != bool(on):
        raise ValueError("--sign says who, --on says when: give both.")
    if code is None:
        if asked:
            raise ValueError(f"Of which language? procmine languages CODE {asked[0]} ...")
        _list()
    elif out:
        _sheet(code, out)
    elif take:
        _take(code, take)
    elif by and on:
        _sign(code, by, on)
    else:
        _one(code)


def _list() -> None:
    from procmine.languages import codes
    from procmine.languages.readers import translated

    click.echo(Message("languages.english").say())
    for code in codes()[1:]:
        click.echo(_said(translated(code)).say())
    click.echo(Message("languages.rest").say())


def _said(far: Translated) -> Message:
    reviewed = Message("languages.signed", {"by": far.reviewed}) if far.reviewed else Message("languages.draft")
    share = {"done": far.done, "all": len(ENGLISH), "share": far.done / len(ENGLISH)}
    return Message("languages.one", {"code": far.code, "name": far.name, "reviewed": reviewed, **share})


def _one(code: str) -> None:
    from procmine.languages.readers import translated

    far = translated(code)
    click.echo(_said(far).say())
    whole = ", ".join(name for name, (done, of) in far.rooms.items() if done == of)
    parts = tuple(
        Message("languages.part.one", {"room": name, "done": done, "all": of}) for name, (done, of) in far.rest.items()
    )
    click.echo(Message("languages.whole", {"rooms": whole}).say())
    click.echo(Message("languages.part", {"rooms": parts}).say())
    click.echo(Message("languages.rest").say())


def _sheet(code: str, out: str) -> None:
    from procmine.languages.readers import write_sheet

    if Path(out).suffix.lower() != ".xlsx":
        raise ValueError(f"The sentences are written as a workbook: name it something.xlsx, not {Path(out).name!r}.")
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    click.echo(Message("languages.sheet", {"n": write_sheet(code, out), "path": out}).say())


def _take(code: str, take: str) -> None:
    from procmine.languages.readers import take_sheet

    changed = take_sheet(code, take)
    for key in changed:
        click.echo(f"  {key}")
    click.echo(
        Message("languages.taken", {"n": len(changed)}).say() if changed else Message("languages.taken.none").say()
    )


def _sign(code: str, by: str, on: str) -> None:
    from procmine.languages.readers import sign
    from procmine.proof.records.entry import ChangeEntry
    from procmine.proof.records.roles import seeming_persons

    if "owner" in seeming_persons(ChangeEntry.model_construct(idea="-", where={}, control={}, owner=by)):
        raise ValueError(f"{by!r} looks like a person's name. Pages say who reviewed them: write the role.")
    click.echo(_said(sign(code, by=by, on=on)).say())
    click.echo(Message("languages.sign.now").say())
