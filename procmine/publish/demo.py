"""The page of the demo: what the sample log shows, what a change would do, and where to look closer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from procmine.about import Audience
from procmine.publish.capture import answer, drawing
from procmine.publish.page import (
    Html,
    Link,
    Stamp,
    heading,
    how_we_know,
    joined,
    links,
    listing,
    page,
    paragraph,
    write_page,
)
from procmine.publish.safety import show
from procmine.results import Result, seconds
from procmine.see.survival import Survival
from procmine.words import Message, Span, Value


def demo_page(
    path: str | Path,
    *,
    wait: Survival,
    forecast: Result,
    answers: Mapping[str, Result],
    things: Sequence[str],
    listed: Sequence[Link],
    audience: Audience = "team",
) -> Path:
    """Write the page: `wait` in the headline, the forecast's sentence and picture below, then each answer under its title.

    things: what to know about the data, in whole sentences. listed: files beside the page, by relative paths.
    """
    first = show(forecast, audience)
    middle, likely = _middle(wait)
    lead = [*list(first.sentences)[:1]]
    parts = [
        paragraph(Message("demo.synthetic").say(), "about"),
        heading(Message("demo.wait", {"time": middle}).say(), 1),
        paragraph(Message("demo.wait.more", likely).say(), "lead"),
        *(paragraph(line, "lead") for line in lead),
        drawing(first) or Html(""),
        listing(list(first.sentences)[1:]),
        *(joined([heading(title), answer(show(result, audience))]) for title, result in answers.items()),
        joined([heading(Message("demo.things").say()), listing(things)]),
        joined([heading(Message("demo.links").say()), links(listed)]),
        how_we_know([wait.definition, forecast.definition]),
    ]
    stamp = Stamp.of(wait.about, audience)
    return write_page(Path(path), page(Message("demo.wait", {"time": middle}).say(), parts, stamp, kind="demo"))


def _middle(wait: Survival) -> tuple[Span, dict[str, Value]]:
    """The middle of the wait, and the values of the sentence on its range."""
    place = int(np.flatnonzero(np.isclose(wait.rows["share"], 0.5))[0])
    if np.isnat(wait.rows["time"][place]):
        raise ValueError("Fewer than half have got there: a headline needs a wait of which the middle is known.")
    ends = {name: Span(seconds(wait.rows[name][place]), wait.day) for name in ("time", "low", "high")}
    known = not (np.isnat(wait.rows["low"][place]) or np.isnat(wait.rows["high"][place]))
    between = Message("brief.range", {name: ends[name] for name in ("low", "high")})
    return ends["time"], {"range": between if known else Message("brief.no_range")}
