"""Index: the page of a run: what failed and what is held first, then every office with its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from procmine.about import Audience
from procmine.publish.batch.job import INDEX, MAILING, OFFICES
from procmine.publish.batch.manifest import MANIFEST, Entry, Manifest
from procmine.publish.batch.numbers import WORKBOOK
from procmine.publish.batch.released import Release
from procmine.publish.few import may_be_said, rounded
from procmine.publish.page import (
    Html,
    Link,
    Stamp,
    flowing,
    folded,
    heading,
    how_we_know,
    joined,
    links,
    listing,
    page,
    paragraph,
    text,
    write_page,
)
from procmine.words import Message, Value

KINDS = ("pdf", "html", "xlsx", "ipynb")  # in this order
NONE = Release(())


def write_index(manifest: Manifest, folder: Path, released: Release = NONE) -> Path:
    """Replaces the page when complete. It loads nothing and links to what lies below its folder."""
    title = Message("batch.month", {"month": manifest.month}).say()
    audience = manifest.audience
    stamp = Stamp(audience, _until(manifest), {manifest.file: manifest.file_sha256[:16]}, title=manifest.title)
    parts = [
        heading(f"{manifest.title}: {title}", 1),
        paragraph(_counts(manifest, released), "lead"),
        *_state(manifest, released),
        *_failed(manifest, audience),
        *_held(manifest, released, audience),
        *_found(manifest, audience),
        heading(Message("batch.offices").say()),
        _table(manifest, released),
        heading(Message("batch.together").say()),
        _together(),
        _compared(manifest, audience),
    ]
    return write_page(folder / INDEX, page(f"{manifest.title}: {title}", parts, stamp))


def _until(manifest: Manifest) -> str:
    cutoffs = [str(one.data["cutoff"]) for one in manifest.headlines.values()]
    return max(cutoffs, default=manifest.month)


def _counts(manifest: Manifest, released: Release) -> str:
    complete, held = sum(one.good for one in manifest.jobs), sum(one.id not in released.jobs for one in manifest.held)
    values = {"jobs": len(manifest.jobs), "offices": len({one.office for one in manifest.jobs})}
    return Message("batch.counts", {**values, "complete": complete, "failed": len(manifest.failed), "held": held}).say()


def _box(title: str, parts: Sequence[Html], kind: str, role: str = "") -> Html:
    given = f' role="{role}"' if role else ""
    return Html(f'<div class="{kind}"{given}><strong>{text(title)}</strong>{joined(parts)}</div>')


def _state(manifest: Manifest, released: Release) -> Iterator[Html]:
    """A draft, or what was released by whom."""
    if not released.steps:
        command = 'procmine release FOLDER --by "role"'
        yield Html(f'<p class="draft-mark">{text(Message("batch.draft").say())}</p>')
        yield paragraph(Message("batch.draft.how", {"command": command}).say())
        return
    for step in released.steps:
        values: dict[str, Value] = {"day": step.when[:10], "by": step.by, "jobs": len(step.jobs)}
        yield paragraph(Message("batch.released", values).say())
        if step.accepted:
            said = {"jobs": ", ".join(step.accepted), "because": step.because}
            yield paragraph(Message("batch.accepted", said).say())


def _failed(manifest: Manifest, audience: Audience) -> Iterator[Html]:
    """In red, each with its reason."""
    if not manifest.failed:
        return
    lines = [
        Message("batch.line", {"what": one.id, "why": " ".join(one.done.problems) or _status(one)}).say()
        for one in manifest.failed
    ]
    yield _box(Message("batch.failed", {"failed": len(manifest.failed)}).say(), [listing(lines)], "broken", "alert")


def _status(entry: Entry) -> str:
    return Message(f"batch.status.{entry.done.status}").say()


def _held(manifest: Manifest, released: Release, audience: Audience) -> Iterator[Html]:
    """What somebody has to look at, by office; not what was accepted since."""
    waiting = sorted({one.office for one in manifest.held if one.id not in released.jobs}, key=manifest.title_of)
    parts = []
    for office in waiting:
        told = [one.for_audience(audience).say() for one in manifest.why_held(office)]
        parts += [heading(manifest.title_of(office), 3), listing(list(dict.fromkeys(told)))]
    if manifest.silent:
        parts.append(paragraph(Message("batch.silent", {"offices": ", ".join(manifest.silent)}).say()))
    if not parts:
        return
    command = 'procmine release FOLDER --accept JOB --because "why"'
    how = [paragraph(Message("batch.held.how", {"command": command}).say())] if waiting else []
    title = Message("batch.held", {"held": len(waiting)}).say() if waiting else Message("batch.look").say()
    yield _box(title, [*parts, *how], "box warning")


def _found(manifest: Manifest, audience: Audience) -> Iterator[Html]:
    """New, renamed, merged and small offices, as the planning found them."""
    told = manifest.said
    if audience != "team":
        told = tuple(rounded(one) for one in told if may_be_said(one, whole=True))
    said = list(dict.fromkeys(one.say() for one in told))
    if said:
        yield heading(Message("batch.found").say())
        yield listing(said)


def _table(manifest: Manifest, released: Release) -> Html:
    """Offices by name, never by result; a row a report, its PDF first."""
    names = ("office", "report", "status", "files")
    head = "".join(f'<th scope="col">{text(Message(f"batch.column.{name}").say())}</th>' for name in names)
    body = []
    for office in sorted({one.office for one in manifest.jobs}, key=lambda one: manifest.title_of(one).casefold()):
        jobs = [one for one in manifest.jobs if one.office == office]
        lines = []
        for place, one in enumerate(jobs):
            name = _office(manifest, office, len(jobs)) if not place else ""
            report = text(f"{one.notebook} ({one.scenario})" if _several(manifest) else one.notebook)
            state = text(Message(f"batch.status.{_state_of(manifest, one, released)}").say())
            lines.append(f"<tr>{name}<td>{report}</td><td>{state}</td><td>{_files(one)}</td></tr>")
        body.append(f"<tbody>{''.join(lines)}</tbody>")
    said = text(Message("batch.offices").say())
    inner = f'<table aria-label="{said}"><thead><tr>{head}</tr></thead>{"".join(body)}</table>'
    return Html(f'<div class="scroll" tabindex="0" role="region" aria-label="{said}">{inner}</div>')


def _office(manifest: Manifest, office: str, rows: int) -> str:
    period = next((one.period for one in manifest.offices.every if one.folder == office), None)
    longer = ""
    if period is not None and period.kind != "month":
        days: dict[str, Value] = {"first": period.first, "last": period.last}
        longer = f'<br><span class="about">{flowing(Message("batch.longer", days).say())}</span>'
    return f'<th scope="rowgroup" rowspan="{rows}">{text(manifest.title_of(office))}{longer}</th>'


def _several(manifest: Manifest) -> bool:
    return len({one.scenario for one in manifest.jobs}) > 1


def _state_of(manifest: Manifest, entry: Entry, released: Release) -> str:
    if not entry.good:
        return entry.done.status
    if entry.id in released.accepted:
        return "accepted"
    if entry.id in released.jobs:
        return "released"
    return "held" if manifest.why_held(entry.office) else "draft"


def _files(entry: Entry) -> str:
    """Links to the main files, each told apart for those who only hear them."""
    found = []
    for kind in KINDS:
        for name in sorted(one for one in entry.done.files if one.lower().endswith(f".{kind}") and "/" not in one):
            address = quote(f"{OFFICES}/{entry.id}/{name}", safe="/")
            shown = Message(f"batch.kind.{kind}").say()
            heard = Message("batch.line", {"what": shown, "why": f"{entry.id}/{name}"}).say()
            found.append(f'<a href="{address}" aria-label="{text(heard)}">{text(shown)}</a>')
    pictures = sum(PurePosixPath(one).suffix == ".png" for one in entry.done.files)
    told = f" {text(Message('batch.pictures', {'n': pictures}).say())}" if pictures else ""
    return " · ".join(found) + told


def _together() -> Html:
    said = ((WORKBOOK, "beside"), (MAILING, "mailing"), (MANIFEST, "manifest"))
    return links([Link(Message(f"batch.{key}").say(), name, name) for name, key in said])


def _compared(manifest: Manifest, audience: Audience) -> Html:
    """With which run this one was compared, how, and what moved nothing."""
    with_it = Message("batch.compared", dict(manifest.compared)) if manifest.compared else Message("batch.first")
    notes = [
        Message("batch.line", {"what": manifest.title_of(office), "why": one.for_audience(audience)}).say()
        for office, some in sorted(manifest.reasons.items())
        for one in some
        if not one.holds
    ]
    small = [folded(Message("batch.notes").say(), [listing(notes)])] if notes else []
    rules = [Message(f"define.batch.{name}").say() for name in ("held", "restated", "missing")]
    return joined([paragraph(with_it.say(), "about"), *small, how_we_know(rules)])
