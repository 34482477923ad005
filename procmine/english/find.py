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
    "bottleneck.rivals": "That it is the largest is not certain: it may also be {steps}.",
    "bottleneck.ours": "The largest that is ours to change is {step}: {tenths:.1f} of every 10 days{active} ({n:time|times}, half "
    "within {p50} of the step before; {range}).",
    "bottleneck.ours.unseen": "The largest that is ours to change is {step}: {tenths:.1f} of every 10 days{active} ({range}).",
    "bottleneck.law": "The wait before {step} is set by law or by a court rule.",
    "bottleneck.range": "its share is likely between {low:.0%} and {high:.0%}",
    "bottleneck.no_range": "too few weeks for a range",
    "bottleneck.step": "{step}",
    "bottleneck.more": " and {more:,} more",
    "bottleneck.whose": "Who decides how long these wait: {steps}{more}? {share:.0%} of all time passes before them. Write it under "
    "who_can_change in the spec; .questions() lists them all.",
    "bottleneck.ask": "Who decides how long {step} waits? {share:.0%} of all time passes before it. Write it under who_can_change in the spec.",
    "bottleneck.rule": "The wait before {step} looks set by a rule: {n:,} of {events:,} are {days}. Is it a law, a court rule, or our own policy?",
    "bottleneck.rising": "{step} takes longer than a year ago: by {change:.0%}, likely between {low:.0%} and {high:.0%} (cases that still wait are "
    "counted).",
    "bottleneck.falling": "{step} takes less time than a year ago: by {change:.0%}, likely between {low:.0%} and {high:.0%} (cases that still wait "
    "are counted).",
    "bottleneck.nights": "Mostly nights and weekends, when the office is closed: the waits before {steps}.",
    "bottleneck.stuck": "{waiting:,} of the {open:case|cases} that stand after {step} have stood longer than 8 in 10 of those that went on ({p80}).",
    "bottleneck.trend": "{trend} {change:+.0%} ({change_low:+.0%} to {change_high:+.0%})",
    "bottleneck.word.rising": "rising",
    "bottleneck.word.falling": "falling",
    "bottleneck.word.no_clear_trend": "no clear trend",
    "bottleneck.rank": "{rank_low} to {rank_high}",
    "bottleneck.rank.one": "{rank_low}",
    "bottleneck.place": ", place {rank}",
    "bottleneck.picture": "Where the time goes, and who can change it",
    "bottleneck.axis": "share of all the time that cases wait, with its likely range",
    "bottleneck.marker": "share of all working time",
    "bottleneck.footer": "{drawn:place|places} of {rows:,}, which hold {share:.0%} of the time; {n:gap|gaps} between steps in all",
    "bottleneck.groups.picture": "Where the time goes",
    "bottleneck.groups.axis": "share of all the time that cases wait",
    "bottleneck.groups.footer": "{drawn} of {groups} groups; {n:,} gaps between steps in all",
    "bottleneck.groups.rest": "everything else",
    "bottleneck.kind": "{kind}: {step}",
    "bottleneck.share": "{share:.0%}{place}",
    "bottleneck.note": "{share:.0%}{place}, half within {p50} ({n:time|times})",
    "bottleneck.open": "{share:.0%} of all waiting has passed since the last step of cases that are still open: what comes next is not known.",
    "bottleneck.dormant": "{share:.0%} of all waiting has passed since the last step of dormant cases, where nothing happens any more: the column "
    "'share without dormant cases' leaves it out.",
    "owner.ours": "ours to change",
    "owner.partly_ours": "partly ours",
    "owner.unknown": "who decides? not known",
    "owner.others": "others decide",
    "owner.law": "set by law or court rule",
    "owner.open": "not over yet, or left out",
    "questions.all": "{questions:question|questions} to ask before anything is changed.",
    "questions.none": "Nothing to ask: who can change each wait is in the spec, and no wait looks as if a rule set it.",
    "stuck.all": "{waiting:open case has|open cases have} stood longer after their last step than 8 in 10 of those that went on from it.",
    "stuck.none": "No open case has stood longer after its last step than 8 in 10 of those that went on from it.",
    "define.stuck": "Stuck: open cases that at the end of the data had stood after a step for longer than 8 in 10 of those that went on from "
    "it took (within 1%). One in five of those that went on took as long too, so a few are to be expected at every step.",
    "define.questions": "Asked are waits with at least 1 in 200 of all time: those for which the spec does not say who can change them, and those of "
    "which at least 9 in 10 (of 20 or more) are the same number of whole days, give or take an hour, unless the spec says that a law or a "
    "court rule sets them. That a rule sets them is a guess from their evenness.",
    "column.likely_place": "place, likely",
    "column.rank_low": "place from",
    "column.rank_high": "place to",
    "column.trend": "against a year ago",
    "column.change": "change",
    "column.change_low": "change from",
    "column.change_high": "change to",
    "column.stuck": "stuck",
    "column.stuck_after": "stuck if longer than",
    "column.fixed": "nearly all are",
    "column.fixed_n": "so many are",
    "column.whose": "whose",
    "column.working_days": "half within (working days)",
    "column.working_share": "share of working time",
    "column.question": "question",
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
