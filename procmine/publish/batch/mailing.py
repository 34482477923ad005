"""Mailing list: whom to send what, as a table for a mail merge; nothing is mailed."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

from procmine.draw.files import replace_whole
from procmine.draw.workbook import harmless
from procmine.publish.batch.job import MAILING, OFFICES
from procmine.publish.batch.manifest import Entry, Manifest
from procmine.words import Message

COLUMNS = ("office", "recipient", "folder", "files", "subject", "status")
KEPT_HERE = ".ipynb"  # a notebook holds code and data of the team


def write_mailing(manifest: Manifest, folder: Path, released: Collection[str] = ()) -> Path:
    """A row an office, by name: "ready" only where every one of its jobs is released. For Excel: UTF-8 with its mark."""
    text = io.StringIO(newline="")
    table = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    table.writerow([Message(f"mailing.column.{name}").say() for name in COLUMNS])
    for row in rows(manifest, released):
        table.writerow([harmless(one.replace("\n", " ")) for one in row])
    with replace_whole(folder / MAILING) as beside:
        beside.write_bytes(text.getvalue().encode("utf-8-sig"))
    return folder / MAILING


def rows(manifest: Manifest, released: Collection[str]) -> list[tuple[str, ...]]:
    offices = dict.fromkeys(one.office for one in manifest.jobs)
    mail = {one.folder: one.mail for one in manifest.offices.every}
    told: list[tuple[str, ...]] = []
    for office in sorted(offices, key=lambda one: manifest.title_of(one).casefold()):
        jobs = [one for one in manifest.jobs if one.office == office]
        status = status_of(manifest, jobs, released)
        files = [f"{one.id}/{name}" for one in jobs if one.good for name in sorted(one.done.files) if _sent(one, name)]
        title = manifest.title_of(office)
        values = {"title": manifest.title, "office": title, "month": manifest.month}
        subject = Message("mailing.subject", values).say()
        said = Message(f"mailing.status.{status}").say()
        told.append((title, mail.get(office, ""), f"{OFFICES}/{office}", "; ".join(files), subject, said))
    return told


def status_of(manifest: Manifest, jobs: list[Entry], released: Collection[str]) -> str:
    """The worst of its jobs: an office gets all of its pages, or none."""
    if not all(one.good for one in jobs):
        return "failed"
    if all(one.id in released for one in jobs):
        return "ready"
    return "held" if any(manifest.why_held(one.office) for one in jobs) else "draft"


def _sent(entry: Entry, name: str) -> bool:
    return not name.endswith(KEPT_HERE)
