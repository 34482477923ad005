"""Words of the brief: two pages for people who will not open a notebook."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "brief.title": "Brief: {title}",
    "brief.title.none": "Brief: where the time goes",
    "brief.day": "{day}",
    # above the sentence
    "brief.draft": "DRAFT",
    "brief.draft.why": "This is a draft until it is named {missing}.",
    "brief.draft.owner": "who answers for the change",
    "brief.draft.data_owner": "who answers for the data",
    "brief.draft.seen_by": "who of those that do the step has seen it",
    "brief.supersedes": "This page takes the place of the one of {day} ({hash}), which was wrong: {why}",
    "brief.not_reviewed": "The words of this page were translated and not yet reviewed by a native reader.",
    "brief.not_official": "Made by the office itself to learn from. Not an official statistic.",
    "brief.few": "What was found rests on too few cases to be told outside the team.",
    # where the time goes
    "brief.top": "Of every 10 days that cases wait, {tenths:.1f} pass before one step: {step}",
    "brief.top.active": "Of every 10 days that cases wait, without dormant ones, {tenths:.1f} pass before one step: {step}",
    "brief.lead.counted": "It was reached {n:time|times}; half of the times it took {p50} or longer.",
    "brief.half.what": "until half of all cases are finished",
    "brief.half.never": "Not half",
    "brief.half.never.what": "of the cases are finished when the data end",
    "brief.range": "likely between {low} and {high}",
    "brief.no_range": "too few weeks for a range",
    "brief.range.least": "likely at least {low}",
    "brief.range.most": "likely at most {high}",
    "brief.cases": "{cases:case|cases}, {open:,} of them still open and counted as waiting",
    "brief.cases.few": "{cases:case|cases}; those still open are counted as waiting",
    "brief.share": "{tenths:.1f} of 10 days",
    "brief.share.what": "pass before {step}",
    "brief.share.range": "likely between {low:.1f} and {high:.1f}",
    "brief.share.active": "without dormant cases, after whose last step {tenths:.1f} of every 10 days have passed",
    # what changed
    "brief.changed": "What changed, and for whom it did not",
    "brief.problem.staff": "Staff say:",
    "brief.problem.customers": "Customers say:",
    "brief.changed.none": "No change has been recorded yet: write down what is done differently, where and from which day (changes.yml); then before and after can be told.",
    "brief.changed.planned": "Planned from {day}: {what} Nothing is compared yet.",
    "brief.changed.what": "Since {change}, for {group}: {what}",
    "brief.changed.unsaid": "what was done differently is not written down (changes.yml).",
    "brief.kinds.not": "Not shorter where {stratum}: {before} on average before, {after} since ({cases_before:case|cases} and {cases_after:,}).",
    "brief.kinds.shorter": "Where {stratum}: {before} on average before, {after} since ({cases_before:case|cases} and {cases_after:,}).",
    "brief.kinds.none": "By kind of case nothing is told apart: the log names no kinds, or they waited alike.",
    "brief.kinds.untold": "For whom it is shorter cannot be told before the question above is settled.",
    # the six questions
    "brief.six": "The six questions",
    "brief.six.asked": "{number}. {question}",
    # the map
    "brief.map": "How cases run",
    "brief.map.caption": "{which}On an arrow: half of the moves took at most this long · how often. {over}▶ begins, ■ finished, "
    "⋯ still open.",
    "brief.map.some": "{steps} of {all} steps; the others are passed over. ",
    "brief.map.over": "Broken line: mostly with other steps in between. ",
    "brief.map.alt": "Map of {steps} steps of the process; {step} is marked.",
    # the evidence
    "brief.evidence": "The evidence",
    "brief.evidence.none": "Nothing is compared, so nothing is claimed to have changed.",
    "brief.curve.whole.alt": "Curve: by how many days after they came what part of all cases is finished.",
    "brief.curve.whole.caption": "By how many days after they came cases are finished. Those still open are counted.",
    "brief.curve.both.alt": "Two curves: by how many days cases had come from {start} to {stop}, before and since {change}.",
    "brief.curve.both.caption": "From {start} to {stop}, before and since {change}. Cases still waiting are counted.",
    "brief.curve.before.alt": "One curve: by how many days cases had come from {start} to {stop}, before {change}.",
    "brief.curve.before.caption": "From {start} to {stop}, before {change}. What came after is not drawn: it cannot be told yet.",
    "brief.curve.piles.alt": "Open cases at the end of each week, before and since {change}, those open for too long at the bottom.",
    "brief.curve.piles.caption": "Who waits at the end of each week. Too long: more than {watched}. The dotted line is the change.",
    "brief.chart.alt": "Bars: of every 10 days of waiting, how many before each step. {bars}.",
    "brief.chart.bar": "{step} {tenths:.1f}",
    "brief.chart.note": "{tenths:.1f}",
    "brief.chart.tick": "{tenths:.3g}",
    "brief.chart.caption": "Of every 10 days that cases wait, so many pass before each step, with the likely range.",
    "brief.chart.caption.active": "Of every 10 days that cases wait, without dormant ones, so many pass before each step.",
    "brief.chart.control.caption": "{who}: {figure} by {length}, from {first} to {last}. Points between the limits are the usual ups and downs.",
    "brief.looked": "What was looked at before anything was said",
    "brief.looked.nothing": "No verdict was reached, so there was nothing to doubt.",
    # what it cost, what could make it wrong
    "brief.cost": "What it cost",
    "brief.cost.unknown": "What it cost is not written down yet: put it into the plan (cost:).",
    "brief.wrong": "What could make this wrong",
    "brief.wrong.elapsed": "This is time that passed before a step. How much of it was work is not recorded.",
    "brief.wrong.cases": "If an export leaves out open cases, waits look shorter than they are.",
    "brief.wrong.no_date": "{n:row|rows} without a date that can be read: in no figure here.",
    "brief.wrong.impossible": "{n:date that is|dates that are} later than the data or otherwise impossible: in no figure here.",
    "brief.wrong.nobody": "Where the time passes is not who causes it.",
    "brief.wrong.open": "{tenths:.1f} of every 10 days have passed since the last step of cases that are still open: what comes next is not known.",
    "brief.wrong.dormant": "{tenths:.1f} of every 10 days have passed since the last step of dormant cases, where nothing happens any more. They "
    "count as waiting here; without them the part of each step is larger.",
    "brief.wrong.dormant.active": "{tenths:.1f} of every 10 days have passed since the last step of dormant cases, where nothing happens any more. "
    "The parts told here leave them out. Are these cases finished, and is that missing from the data?",
    # what is out of reach
    "brief.outside": "Outside our control, and why",
    "brief.outside.said": "{what}: {why}",
    "brief.outside.law": "The wait before {step} ({tenths:.1f} of every 10 days): set by {who}.",
    "brief.outside.others": "The wait before {step} ({tenths:.1f} of every 10 days): up to {who}.",
    "brief.outside.pause": "From {from_step} to {to_step} the case is with: {whose}.",
    "brief.outside.unknown": "Nobody has written down who can change which wait (who_can_change in the spec; outside_control in the plan).",
    "define.brief": "Time: from arrival to the end of a case, in days of the calendar. Half: the median, open cases censored (Kaplan-Meier; other ends compete where a step is meant). "
    "Of every 10 days: the time before a step over all the time of all cases, to the end or, of open cases, to the last day of the data. "
    "Likely between: 95%, from sums by the week in which cases began.",
    "define.brief.compared": "Before and since: cases by when they began, never by how they went, each watched for the same time; the average counts each wait up to that time. "
    "Range of the difference: 95%, stricter where the date was picked or looked at often (docs/statistics).",
    # what comes next
    "brief.next": "Next",
    "brief.next.what": "What",
    "brief.next.owner": "Who",
    "brief.next.by": "By when",
    "brief.next.unowned": "Nobody is named for these yet, nor a day: next_steps in the plan.",
    "brief.next.law": "The wait before {step} is set by law: look at the next one that is ours to change.",
    "brief.next.ours": "{step} is ours to change: walk through five such cases with those who do the work.",
    "brief.next.other": "{step} depends on {who}: ask them what they wait for.",
    "brief.next.unknown": "Ask who can change {step}, and walk through five such cases with those who do the work.",
    "brief.next.people": "Read five cases that waited long for {step} with those who do the work.",
    "brief.next.try": "Try a change on the computer before it is tried on people: procmine try.",
    "brief.next.compare": "Write down the day on which something changes; then before and after can be told.",
}
