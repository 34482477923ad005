"""Words of the happy path, and of how offices compare."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # the happy path
    "happy.path": "The usual path is the most frequent one of cases with a good end: {path}.",
    "happy.share": "{share:.0%} of cases follow the usual path step by step{range}{extras} ({n:case has|cases have} ended, "
    "{open:,} still open are counted as waiting).",
    "happy.extras": ", {extras:.0%} more with extra steps",
    "happy.unknown": "How many cases follow the usual path cannot be told yet: {n:case has|cases have} ended, {open:,} are still open.",
    "happy.range": " (likely between {low:.0%} and {high:.0%})",
    "happy.no_range": " (too few weeks for a range)",
    "happy.times": "Half of those who follow it are over within {follows}; half of those who go another way within {leaves}.",
    "happy.times.range": "Half of those who follow it are over within {follows} (likely between {low} and {high}); half of those who go another way "
    "within {leaves}.",
    "happy.leave": "Most leave it after {after}: {instead} comes instead ({n:case|cases}, {share:.0%} of all so far).",
    "happy.leave.end": "Most leave it after {after}: the case ends there ({n:case|cases}, {share:.0%} of all so far).",
    "happy.leave.first": "Most never enter it: they begin with {instead} ({n:case|cases}, {share:.0%} of all so far).",
    "happy.edge": "end",
    "happy.way": "{way}",
    "happy.place": "after {after}: {instead}",
    "happy.place.first": "begins with {instead}",
    "happy.within": ", half over within {p50}",
    "happy.note": "{share:.0%}, {n:case|cases}{within}",
    "happy.picture": "How many cases follow the most usual good way, and where others leave it",
    "happy.axis": "share of cases, with its likely range",
    "define.happy_path": "The path is the most frequent one of finished cases with a good end, in the whole log. Follows it: the same steps in the same "
    "order, nothing else. With extra steps: all its steps in order, others between or around them, and a good end. A case has left the path, open or not, from the first "
    "step that differs: then it does not follow it. Shares and times of the three ways: Aalen-Johansen, so that open cases count as waiting; where the data end "
    "before it is known whether a case leaves the path, or how it ends having left it, it is taken to be like the others; while that would be most of them, no share is told. A place: the first "
    "step at which a case differs from the path, open cases too; its time is that to any end (Kaplan-Meier). Cases begun before the day "
    "from which the data are complete are left out. Ranges: 95%, weeks in which cases began drawn again; none below 20 weeks.",
    # consistency
    "consistency.differ": "Where a case is handled goes with its time: of all differences in time between cases, {between:.0%} lie between the {offices} "
    "offices (likely between {low:.0%} and {high:.0%}), the rest inside them ({n:case|cases}).",
    "consistency.alike": "We see no difference between the {offices} offices that stands out from chance: of all differences in time between cases at most "
    "{high:.0%} lie between them, the rest inside them ({n:case|cases}).",
    "consistency.unsteady": "Their difference is not steady, though: at some times it is larger than chance among single cases would make it. Look at a shorter "
    "time, such as the last year: log.between(first, last).",
    "consistency.half": "Half of the cases are over within {low} to {high}, depending on the office.",
    "consistency.within": "Inside an office, the slower fifth takes {ratio:.1f} times as long as the quicker fifth, or longer.",
    "consistency.small": "{n:office has|offices have} fewer than {least} cases to go by: their figures move much by chance, as their ranges show.",
    "consistency.caution": "Offices have different cases, courts and people: this is where to ask, not whom to blame.",
    "consistency.few": "(units of fewer than {least} people)",
    "consistency.note": "{n:case|cases}",
    "consistency.all": "all offices",
    "consistency.picture": "How long until half of the cases are over; thin lines: from 2 in 10 to 8 in 10",
    "consistency.axis": "days, open cases counted as waiting",
    "consistency.axis.working": "working days, open cases counted as waiting",
    "define.consistency": "2, 5 and 8 in 10 within: Kaplan-Meier, open cases count as waiting. Between offices: the variance of the offices' means of the smaller of "
    "time and horizon, less what chance alone gives, over that plus the variance inside offices; cases begun long enough ago to be followed for the "
    "horizon. Chance: sums by entry week, Newey-West, with neighbouring weeks drawn together (400 draws), never less than if cases were independent. "
    "Offices differ if fewer than 5 in 100 draws of equal offices differ as much. Shrunk: the mean moved towards that of all, as far as chance may explain its "
    "distance (empirical Bayes). Ranks: those that no sure difference rules out, for all pairs at once (95%). A unit of fewer than five people counts as a "
    "person and is shown with others like it. Differences in the cases themselves are not taken out.",
    "column.office": "office",
    "column.p20": "2 in 10 within",
    "column.ratio": "8 in 10 over 2 in 10",
    "column.followed": "followed",
    "column.shrunk": "mean, less chance",
    "column.way": "way",
    "column.left_after": "after step",
    "column.instead": "instead",
}
