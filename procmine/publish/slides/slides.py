"""Slides: what was found in a log, as a PowerPoint file for a meeting of those who can change something."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from procmine.about import Audience
from procmine.draw.files import replace_whole
from procmine.languages import language as spoken_in
from procmine.log import EventLog
from procmine.proof.compare import Comparison
from procmine.publish.findings import Findings
from procmine.publish.plans.plan import Plan
from procmine.publish.slides.content import deck_of
from procmine.publish.slides.deck import Deck
from procmine.publish.slides.powerpoint import as_powerpoint
from procmine.simulate.forecast import Forecast
from procmine.words import speaking


@dataclass(frozen=True)
class Slides:
    """Five slides and one of likely questions; `file` is the whole .pptx, `deck` what stands in it."""

    headline: str
    deck: Deck
    file: bytes = field(repr=False)

    def save(self, path: str | Path) -> Path:
        """Write the file; replaces `path` when complete. Its name must end in .pptx."""
        file = Path(path)
        if file.suffix.lower() != ".pptx":
            raise ValueError(f"Slides are for PowerPoint: name them something.pptx, not {file.name!r}.")
        with replace_whole(file) as beside:
            beside.write_bytes(self.file)
        return file

    def __str__(self) -> str:
        return self.headline


def slides(
    log: EventLog,
    *,
    plan: Plan | None = None,
    comparison: Comparison | None = None,
    forecast: Forecast | None = None,
    audience: Audience | None = None,
    language: str | None = None,
) -> Slides:
    """Five slides with native charts and notes for the speaker, and one of likely questions with answers.

    The third tells of before and after with a `comparison`, of what is expected with a `forecast`, else of who is waiting
    now. A plan brings its step, its cost, what is outside its control, and who does what by when. audience: the log's own
    unless named. language: the plan's, else English. The same arguments give the same bytes. Errors: as `brief`.
    """
    found = Findings.of(log, plan=plan, comparison=comparison, forecast=forecast, audience=audience)
    if plan is not None:
        plan.refuse_others(found.audience)
    code = language or (plan.language if plan is not None else "en")
    with speaking(found.speaks(spoken_in(code))):
        deck = deck_of(found, code)
    return Slides(deck.title, deck, as_powerpoint(deck))
