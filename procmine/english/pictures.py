"""Words of the pictures of cases, stages, lengths and weeks."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "picture.cases.team": "{n:case|cases}. Each line is one case: for the team only, do not forward.",
    "picture.events": "{n:event|events}",
    # spectrum
    "spectrum.counts": "{n:passage|passages} from one step to the next: {ended:,} got there, {open:,} are still on the way.",
    "spectrum.pair": "From {before} to {after}: half of the {n:,} that got there took up to {p50}.",
    "spectrum.picture": "How each case went from step to step",
    "spectrum.quarter.0": "did not get there (so far)",
    "spectrum.quarter.1": "the fastest quarter",
    "spectrum.quarter.2": "up to the middle",
    "spectrum.quarter.3": "slower than the middle",
    "spectrum.quarter.4": "the slowest quarter",
    # dots
    "dotted.counts": "{events:event|events} of {drawn:case|cases} (of {cases:,} in the log).",
    "dotted.picture": "Every event of every case",
    "dotted.rest": "other steps",
    "dotted.since": "days since the case came in",
    "dotted.calendar": "date",
    "dotted.order.arrival": "cases, the latest to come in on top",
    "dotted.order.length": "cases, the longest on top",
    # staged flow
    "staged.total": "On {first} {then:case was|cases were} open; on {last} there were {now:,}.",
    "staged.most": "Most of them, {n:,}, had \N{LEFT DOUBLE QUOTATION MARK}{step}\N{RIGHT DOUBLE QUOTATION MARK} as their last step.",
    "staged.picture": "Open cases by the step they had come to",
    "staged.axis": "open cases",
    "staged.footer": "{n:case|cases} had come in by {last}",
    "staged.none": "no step yet",
    "staged.rest": "other steps",
    # lengths
    "spread.top": "{share:.0%} of the cases took from {from} to less than {to}: the most common length. {finished:,} are finished; {open:,} are still open and counted by how long they have waited.",
    "spread.short": "{share:.0%} of the cases took less than {to}: the most common length. {finished:,} are finished; {open:,} are still open and counted by how long they have waited.",
    "spread.picture": "How long cases took, and how long open ones have waited",
    "spread.axis": "days since the case came in",
    "spread.up": "cases",
    "spread.finished": "finished",
    "spread.open": "still open, waited so long",
    "spread.footer": "{n:case|cases}: {finished:,} finished, {open:,} open",
    # the week
    "week.top": "Of {n:event|events} most are recorded on a {day} ({share:.0%}).",
    "week.picture": "When events are recorded",
    "week.axis": "hour of the day, on the agency's clock",
    "week.no_hour": "date only",
    "weekday.0": "Monday",
    "weekday.1": "Tuesday",
    "weekday.2": "Wednesday",
    "weekday.3": "Thursday",
    "weekday.4": "Friday",
    "weekday.5": "Saturday",
    "weekday.6": "Sunday",
}
