"""Words of before and after."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # compare
    "compare.cases": "all cases",
    "compare.who.case": "Cases begun since {change}",
    "compare.who.step": "Cases that came to {start} since {change}",
    "compare.who.where.case": "Of {group}, those begun since {change}",
    "compare.who.where.step": "Of {group}, those that came to {start} since {change}",
    "compare.arrival": "arrival",
    "compare.end": "the end of the case",
    "compare.half": "From {start} to {stop}: half were there within {after}; before it was {before}.",
    "compare.counts": "Counted: {cases_before:case|cases} of {weeks_before:week|weeks} up to {until}, and {cases_after:,} of the "
    "{weeks_after:week|weeks} since {change}, each watched for {watched}. Then {waiting_before:,} and {waiting_after:,} were still "
    "waiting; they are counted as waiting.",
    "compare.outcomes": "Of every 100, within {watched}: {ends}.",
    "compare.outcome": "{outcome} {after:.0f} (before {before:.0f})",
    "compare.waiting": "still waiting",
    "compare.unnamed": "another end",
    "compare.otherwise": "More cases closed without {stop}: {points:.0f} more of every 100. Look at that first.",
    "compare.others.group": "all other cases",
    "compare.others.less": "All other cases over the same weeks: {difference} less (likely between {low} and {high} less).",
    "compare.others.more": "All other cases over the same weeks: {difference} more (likely between {low} and {high} more).",
    "compare.others.none": "All other cases over the same weeks: no difference that stands out from the usual ups and downs.",
    "compare.others.alike": "All other cases over the same weeks: no difference, every case took the same time.",
    "compare.since": "This says what is different since then, not why.",
    "compare.complete_from": "The log does not say since when all cases are in it; by their number, since {day}. Set "
    "complete_from when reading it.",
    "compare.finished_only": "Cannot tell: this export seems to hold finished cases only. Of cases like those before {change}, "
    "about {expected:,} would still be waiting when the data end, and none is. Export the open cases too.",
    "compare.short_before": "Too little to compare with: {cases:case|cases} in {weeks:whole week|whole weeks} before {change}, when each is "
    "watched for {watched} until then; needed are {least_cases} cases and {least} weeks. Load a longer history.",
    "compare.too_early": "Too early: {cases:case|cases} begun since {change}, in {weeks:whole week|whole weeks}, could be watched "
    "for {watched}; needed are {least_cases} cases and {least} weeks. Ask again with data up to {day}.",
    "compare.kept": "Too few to tell: {cases:case|cases} begun since {change}, in {weeks:whole week|whole weeks}, could be watched "
    "for {watched}; needed are {least_cases} cases and {least} weeks. This log holds only {kept}: use all cases.",
    "compare.too_short": "Too short to tell: within {watched}, {ended_before:,} of {cases_before:case|cases} before {change} were "
    "done waiting, and {ended_after:,} of {cases_after:case|cases} since. Watch each case for longer: a larger horizon.",
    "compare.no_case": "Cannot tell: no case has begun since {change} that could be watched for {watched}.",
    "compare.arms": "{before:case|cases} before and {after:,} since.",
    "compare.baseline": "{cases:case|cases} from {since} up to the change: 9 in 10 had ended within {p90}.",
    "compare.baseline.never": "{cases:case|cases} from {since} up to the change: fewer than 9 in 10 had ended by then.",
    "compare.title": "From {start} to {stop}, before and since {change}",
    "compare.axis": "share of all cases that got there",
    "compare.across": "days",
    "compare.before": "before {change}",
    "compare.after": "since {change}",
    "compare.not_reached": "half not there yet",
    "define.compare": "Cases by when they began, never by how they went, each watched for the same time: those before the "
    "change only until it came, so that cases alive across it are in neither group. The average counts each wait up to that "
    "time; an open case counts as waiting, a case that closed otherwise stops waiting then (so see how the cases ended). "
    "Range of the difference: 95%, from the averages of entry weeks before, whose ups and downs follow each other "
    "(Newey-West; Lazarus et al. 2018), and never narrower than for independent cases. Half, 8 and 9 in 10: of all cases, "
    "closed otherwise never counted as there (Aalen-Johansen), ranges from sums by entry week.",
}
