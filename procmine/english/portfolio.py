"""Words of a portfolio of plans."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "portfolio.title": "Plans: where they stand",
    "portfolio.empty": "No plan was found: a folder holds them as files that end in .yml (docs/plans.md).",
    "portfolio.counted": "{n:plan|plans} on {day}: {stages}.",
    "portfolio.stage": "{stage} {n}",
    "portfolio.overdue.count": "{n:review is|reviews are} overdue.",
    "portfolio.overdue": "{n:review is|reviews are} overdue: {titles}.",
    "portfolio.overdue.more": "{n:review is|reviews are} overdue: {titles}; and {more:other|others}.",
    "portfolio.given": "Days of waiting given back since the changes: likely at least {days:,}, for {cases:case|cases} of {changes:change|changes}.",
    "portfolio.given.what": "Only changes since which waits were judged shorter count, each at the cautious end of its range, and each case once. It is "
    "not money, and not days of work; where waits grew, nothing is taken off.",
    "portfolio.given.none": "No days of waiting are counted as given back yet: only changes since which waits were judged shorter count, with a range, on a "
    "planned day.",
    "portfolio.given.unread": "For {n:change|changes} that would count the data could not be had: they count as none.",
    "portfolio.not_counted.unmeasured": "not measured yet",
    "portfolio.not_counted.verdict": "waits were not judged shorter",
    "portfolio.not_counted.range": "no range of days on record",
    "portfolio.not_counted.provisional": "looked at before a planned day",
    "portfolio.not_counted.log": "its data could not be had: {why}",
    "portfolio.few": "fewer than five people",
    "portfolio.place": "{office}, {unit}",
    "portfolio.review.on": "{day}",
    "portfolio.review.begins": "begins {day}",
    "portfolio.review.overdue": "overdue: {day}",
    "portfolio.review.none": "-",
    "portfolio.verdict.none": "not measured yet",
    "portfolio.verdict.figure": "{said}: {days} ({low:.0f} to {high:.0f})",
    "portfolio.verdict.so_far": "Shorter so far",
    "portfolio.verdict.improved": "Shorter waits",
    "portfolio.verdict.improved_for_most": "Shorter for most",
    "portfolio.verdict.artefact": "Learnt: the count changed, not the wait",
    "portfolio.verdict.faster_unclear": "Learnt: faster, why is open",
    "portfolio.verdict.faster_different_results": "Learnt: faster, other results",
    "portfolio.verdict.worse": "Learnt: waits grew",
    "portfolio.verdict.slower_unclear": "Learnt: slower, why is open",
    "portfolio.verdict.mixed": "Learnt: mixed while old cases clear",
    "portfolio.verdict.too_early": "Too early",
    "portfolio.verdict.too_few": "Learnt: too few cases to tell",
    "portfolio.verdict.cannot_judge": "Learnt: these data cannot judge it",
    "portfolio.verdict.no_evidence": "Learnt: no difference we could see",
    "portfolio.head.title": "what",
    "portfolio.head.office": "office, unit",
    "portfolio.head.step": "step",
    "portfolio.head.stage": "stage",
    "portfolio.head.review": "next review",
    "portfolio.head.verdict": "what the data say",
    "portfolio.head.learnt": "what was learnt",
    "column.stage": "stage",
    "column.review": "next review",
    "column.learnt": "what was learnt",
    "column.not_counted": "why not counted",
    "define.portfolio": "Ordered by stage, then by what comes next, never by result. Overdue: the day is past, and nothing was measured with data of "
    "a week before it, or newer. Days: per change whose last measurement, on a day of decision, is shorter waits: the end of its range that is next "
    "to none, times the cases counted since the change. A case of several changes counts once, at the largest of their cautious gains. Units and "
    "offices of fewer than five people are not named.",
}
