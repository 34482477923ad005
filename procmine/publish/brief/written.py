"""Written: a brief of two pages, as PDF for a meeting and as a page for the web, in one language for one audience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from procmine.about import Audience
from procmine.draw.files import replace_whole
from procmine.languages import language as spoken_in
from procmine.log import EventLog, day_of
from procmine.proof.compare import Comparison, compare
from procmine.publish.brief.first_page import change_words, draft, first_page
from procmine.publish.brief.pictures import drawn
from procmine.publish.brief.second_page import second_page
from procmine.publish.findings import Findings
from procmine.publish.page import Stamp, write_page
from procmine.publish.paper.blocks import PageEnd, Paper
from procmine.publish.plans.plan import Plan
from procmine.results import Result
from procmine.words import Message, speaking

Size = Literal["a4", "us-letter"]
LONG = 12  # letters of a hash that stand on the page


@dataclass(frozen=True, eq=False)
class Brief:
    """Two pages. headline: what they say first; findings: where each figure is found again; paper: what stands on them."""

    headline: str
    paper: Paper
    findings: Findings

    @property
    def html(self) -> str:
        """The whole page, in one file."""
        from procmine.publish.paper.html import as_html

        with speaking(self.findings.speaks(spoken_in(self.paper.language))):
            return as_html(self.paper)

    def pdf(self, size: Size | None = None) -> bytes:
        """Two pages of A4, or of the size named, for readers that speak too (PDF/UA-1)."""
        from procmine.publish.paper.pdf import as_pdf

        with speaking(self.findings.speaks(spoken_in(self.paper.language))):
            return as_pdf(replace(self.paper, size=size or self.paper.size))

    def save(self, path: str | Path, *, size: Size | None = None) -> Path:
        """Write the pages; replaces `path` when complete. Its name must end in .pdf, .html or .htm."""
        file = Path(path)
        if file.suffix.lower() in (".html", ".htm"):
            return write_page(file, self.html)
        if file.suffix.lower() != ".pdf":
            raise ValueError(f"A brief is two pages: name it something.pdf or something.html, not {file.name!r}.")
        done = self.pdf(size)
        with replace_whole(file) as beside:
            beside.write_bytes(done)
        return file

    def __str__(self) -> str:
        return self.headline


def brief(
    log: EventLog,
    *,
    plan: Plan | None = None,
    comparison: Comparison | None = None,
    forecast: Result | None = None,
    audience: Audience | None = None,
    language: str | None = None,
    next_steps: Sequence[str] = (),
) -> Brief:
    """Two pages for people who will not open a notebook: what changed and what may be said of it, or where the time goes.

    plan: whose office, problem, change, standard and next steps it is about. comparison: of `compare` (else by the plan's
    change); the words on the pages follow its verdict, and where a figure would flatter, none stands there. forecast: its
    first sentence is added. audience: the log's own unless named; for others than the team small counts are left out, as
    `safety.show` says. language: the plan's, else English; names within a comparison are in the language in which it was
    made. next_steps: your own lines instead of those of the plan or the usual ones.
    """
    code = language or (plan.language if plan is not None else "en")
    with speaking(spoken_in(code)):
        if comparison is None and plan is not None:
            comparison = compared(log, plan)
        found = Findings.of(log, plan=plan, comparison=comparison, forecast=forecast, audience=audience)
    with speaking(found.speaks(spoken_in(code))):
        return written(found, code, next_steps)


def compared(log: EventLog, plan: Plan) -> Comparison | None:
    """Before and since the plan's change; None where it has no date yet, or one that lies beyond the data."""
    entry = plan.entry()
    if entry is not None and entry.date is None:
        return None
    change = plan.change_record()
    return compare(log, change=change) if change.date < day_of(log.about, log.about.cutoff) else None


def written(found: Findings, code: str, next_steps: Sequence[str] = ()) -> Brief:
    """The brief of findings in the language that is spoken now, whose code this is."""
    headline = found.say(found.headline)
    pictures = dict(drawn(found))
    blocks = [*first_page(found, pictures), PageEnd(), *second_page(found, pictures, next_steps)]
    stamp = replace(Stamp.of(found.log.about, found.audience), language=code)
    stamp = replace(stamp, source={name: one[:LONG] for name, one in stamp.source.items() if "sha" in name})
    paper = Paper(
        _title(found), blocks, stamp, language=code, pages=2, mark=Message("brief.draft").say() if draft(found) else "",
        foot=(Message("brief.not_official").say(),), labels=_labels(found),
    )  # fmt: skip
    return Brief(headline, paper, found)


def _title(found: Findings) -> str:
    name = found.plan.title if found.plan is not None else found.log.about.title
    if name:
        return Message("brief.title", {"title": name}).say()
    return Message("brief.title.none" if found.comparison is None else "brief.title.compared").say()


def _labels(found: Findings) -> tuple[str, ...]:
    """Names from the log that stand in the texts, and what the plan says: cut only where nothing else makes room."""
    about = found.log.about
    values = [
        one for text in found.log.attributes.values() if len(text.levels) <= 1_000 for one in text.levels.to_pylist()
    ]
    return tuple(
        dict.fromkeys(
            [*about.activities, *about.tags.values(), *about.outcomes.values(), *values, about.title, *_said(found)]
        )
    )


def _said(found: Findings) -> list[str]:
    """The texts of the plan."""
    plan = found.plan
    if plan is None:
        return []
    lists = [*(one.what for one in plan.next_steps), *(one.why for one in plan.outside_control)]
    lists += [one.what for one in plan.outside_control]
    why = plan.supersedes.why if plan.supersedes is not None else ""
    return [one for one in (plan.title, plan.office, plan.cost, why, change_words(found), *lists) if one]
