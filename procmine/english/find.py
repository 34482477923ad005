"""Words of bottlenecks, voices and the written procedure."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # bottlenecks
    "nothing": "",
    "bottleneck.active": ", or {tenths:.1f} without dormant cases",
    "bottleneck.nothing": "No time passes in these cases: all their steps have the same moment.",
    "bottleneck.top": "{step}: of every 10 days that cases wait, {tenths:.1f} pass before this step{active} ({n:time|times}, half "
    "within {p50} of the step before; {range}).",
    "bottleneck.top.unseen": "{step}: of every 10 days that cases wait, {tenths:.1f} pass before this step{active} ({range}).",
    "bottleneck.ours": "The largest that is ours to change is {step}: {tenths:.1f} of every 10 days{active} ({n:time|times}, half "
    "within {p50} of the step before; {range}).",
    "bottleneck.ours.unseen": "The largest that is ours to change is {step}: {tenths:.1f} of every 10 days{active} ({range}).",
    "bottleneck.law": "The wait before {step} is set by law.",
    "bottleneck.range": "its share is likely between {low:.0%} and {high:.0%}",
    "bottleneck.no_range": "too few weeks for a range",
    "bottleneck.picture": "Where the time goes",
    "bottleneck.axis": "share of all the time that cases wait, with its likely range",
    "bottleneck.kind": "{kind}: {step}",
    "bottleneck.share": "{share:.0%}",
    "bottleneck.note": "{share:.0%}, half within {p50} ({n:time|times})",
    "bottleneck.open": "{share:.0%} of all waiting has passed since the last step of cases that are still open: what comes next is not known.",
    "bottleneck.dormant": "{share:.0%} of all waiting has passed since the last step of dormant cases, where nothing happens any more: the column "
    "'share without dormant cases' leaves it out.",
    # what people said
    "voice.read": "{n:contact|contacts} in {source}, {cases:,} of them about a case of this log; {undated:,} left out for want of "
    "a date, {odd:score is|scores are} no number.",
    "voice.top": "People get in touch most about {step}: {per_100:.1f} contacts for every 100 cases that come to it{range} "
    "({n:contact|contacts} on {cases:case|cases}).",
    "voice.range": ", likely between {low:.1f} and {high:.1f}",
    "voice.none": "None of the contacts is about a case of this log.",
    "voice.score": "The lowest scores come with {step}: {score:.1f} on average, of {scored:score|scores}{range}.",
    "voice.score_range": ", likely between {low:.1f} and {high:.1f}",
    "voice.lost": "{n:contact names|contacts name} no case of the source, and {stepless:,} no step that their case had come to: not counted here.",
    "define.voice": "Contacts (complaints, questions, scores, notes) by the step they name, else by the last step of the case up to that day. "
    "per 100 cases: of the cases that came to the step, in this log. waited: half of the contacts came within so long after the step. "
    "Ranges: 95%, from the spread between cases; none below 20 cases or scores, and none for waited. Who does not write is not heard: a step without "
    "contacts need not be a good one.",
    "column.contacts": "contacts",
    "column.per_100": "per 100 cases",
    "column.per_100_low": "likely from",
    "column.per_100_high": "to",
    "column.score": "score",
    "column.score_low": "score from",
    "column.score_high": "score to",
    "column.scored": "scores",
    "column.waited": "waited",
    # the procedure as it is written down
    "procedure.all": "{written:step stands|steps stand} in the written procedure: {found:is|are} in the log, {unrecorded:is|are} not found there, "
    "and {unnamed:step of the log is|steps of the log are} not in the procedure.",
    "procedure.unrecorded": "Nobody records, or not by that name: {steps}.",
    "procedure.unnamed": "Nobody wrote down, or not by that name: {steps}.",
    "procedure.longer": "{step} is believed to take {believed}; of {n:time|times}, half took {p50} or more since the step before{range}.",
    "procedure.shorter": "{step} is believed to take {believed}; of {n:time|times}, half took {p50} or less since the step before{range}.",
    "procedure.range": " (likely between {low} and {high})",
    "procedure.no_range": " (too few weeks for a range)",
    "procedure.alike": 'Taken for the same, though written otherwise: {pairs}. If that is wrong, say names={{"...": "..."}}.',
    "procedure.pair": "{written} = {step}",
    "procedure.kind.same": "in both",
    "procedure.kind.unrecorded": "only written down",
    "procedure.kind.unnamed": "only in the log",
    "define.procedure": "The written list beside the log. believed: the time that the list gives. measured: from the step before it in the "
    "same case, whichever that is, to this step, as the log has it; half of the times took at most so long. A log with one time for each "
    "step cannot tell work from waiting, so both are in it. Likely from, to: 95%, by drawing again the weeks in which cases began; for steps "
    "of the list, none below 20 weeks. Who still waits for the step is not counted. Steps are the same if their names are, but for case, blanks, "
    "punctuation and a letter or two.",
    "column.written": "written",
    "column.in_log": "step of the log",
    "column.found": "where",
    "column.believed": "believed",
    "column.measured": "measured (half)",
    "column.measured_low": "likely from",
    "column.measured_high": "to",
    "column.measured_8_in_10": "measured (8 in 10)",
}
