"""Words of a champion's plan, and of what the data say to it."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "plan.missing.owner": "Nobody is named who answers for the plan: write owner, a role.",
    "plan.missing.data_owner": "Nobody is named who answers for the data: write data_owner, a role.",
    "plan.missing.unwritten": "Still to be filled in: {fields}.",
    "plan.missing.seen_by": "None of those who do the step has seen it yet: write seen_by, a role and a day.",
    # stages
    "plan.stage.idea": "idea",
    "plan.stage.baseline": "baseline",
    "plan.stage.testing": "testing",
    "plan.stage.running": "running",
    "plan.stage.holding": "holding",
    "plan.stage.closed": "closed",
    # figures
    "plan.level.days": "half of the cases within {days}",
    "plan.level.share": "{share:.0f} of every 100 within {within}",
    "plan.figure.days": "{days}",
    "plan.figure.share": "{share:.0f} of every 100",
    "plan.change.days": "{days} less on average",
    "plan.change.share": "{share:.0f} more of every 100 in time",
    "plan.range": "likely between {low} and {high}",
    "plan.range.least": "likely {low} or more",
    "plan.no_range": "too few weeks to say how sure that is",
    "plan.of": "from {start} to {stop}",
    # what is checked
    "plan.check.baseline": "The time before",
    "plan.check.bottleneck": "The step",
    "plan.check.target": "The target",
    "plan.check.record": "The record of the change",
    "plan.check.dates": "The dates",
    "plan.check.owner": "Who can change it",
    "plan.check.draft": "Who has seen it",
    "plan.state.ok": "fine",
    "plan.state.differs": "differs",
    "plan.state.cannot tell": "cannot tell",
    "plan.state.missing": "missing",
    "plan.summary": "{title}: {n:check|checks}, {counts}.",
    "plan.summary.one": "{state}: {n}",
    "plan.checked": "{name}: {state}. {said}",
    # the time before
    "plan.baseline.agrees": "You wrote {wrote}; the log says {figure} ({range}).",
    "plan.baseline.above": "You wrote {wrote}; the log says {figure} ({range}). That is {off} less than you wrote: from such a start every "
    "later figure would look like a gain. Write what the log says, or say which cases are meant.",
    "plan.baseline.below": "You wrote {wrote}; the log says {figure} ({range}). That is {off} more than you wrote. Write what the log says, "
    "or say which cases are meant.",
    "plan.baseline.no_range": "You wrote {wrote}; the log says {figure}, {range}. Take more weeks or more cases.",
    "plan.baseline.counted": "Counted {of}: {n:case|cases} begun from {since} to {until}, {open} of them still waiting then and counted as waiting.",
    "plan.baseline.never": "You wrote {wrote}; of the {n:case|cases} begun from {since} to {until} ({of}) fewer than half were done by then, {open} "
    "still wait. Take an earlier time: baseline, since and until.",
    "plan.baseline.unseen": "You wrote {wrote}; none of the {n:case|cases} begun from {since} to {until} ({of}) was watched for so long. Take a "
    "shorter time, or an earlier one: baseline, since and until.",
    "plan.baseline.none": "You wrote {wrote}; no such case began from {since} to {until}, {of}. Check cases, start and the dates.",
    # the step
    "plan.bottleneck.largest": "It is where most time goes in {office}: of every 10 days that cases wait, {tenths:.1f} pass before {step} "
    "({range}; {n:time|times} in the time of the baseline).",
    "plan.bottleneck.place": "By its share of all waiting it is number {place} of {places} steps in {office}: of every 10 days that cases wait, "
    "{tenths:.1f} pass before {step} ({range}; {n:time|times} in the time of the baseline).",
    "plan.bottleneck.range": "likely {low:.1f} to {high:.1f}",
    "plan.bottleneck.larger": "Clearly more passes before {step}: {tenths:.1f} of every 10 days (likely {low:.1f} to {high:.1f}; {n:time|times}). "
    "Why not begin there?",
    "plan.bottleneck.larger.others": "More passes before {step}, which others decide ({who}): {tenths:.1f} of every 10 days (likely {low:.1f} to "
    "{high:.1f}; {n:time|times}).",
    "plan.bottleneck.none": "No case of {office} came to {step} in the time of the baseline, so its share is not known.",
    # the target
    "plan.target.seen": "Your target: {target} by {by}. With {monthly:case|cases} a month it would be seen with data up to {day} ({change}).",
    "plan.target.late": "Your target: {target} by {by}. With {monthly:case|cases} a month it would be seen only with data up to {day} ({change}).",
    "plan.target.by_then": "With data up to {by} a change would have to be {visible}, or larger, to be seen. Set a later day, or let more cases take "
    "part.",
    "plan.target.too_soon": "With data up to {by} nothing could be told yet; the first day is {first}.",
    "plan.target.never": "Your target: {target} by {by}. With {monthly:case|cases} a month that would never be seen ({change}): nothing below "
    "{floor} stands out from the usual ups and downs.",
    "plan.target.never.do": "Aim for more, choose the cases alone that the change is for (cases), or let more offices take part.",
    "plan.target.counted": "Seen means: found 4 times in 5. For a target in days all waits are taken to shorten in the same part.",
    "plan.target.reached": "Your target: {target} by {by}. The log shows that or better before the change already: there is nothing to reach.",
    "plan.target.unknown": "Your target: {target} by {by}. Half of the cases before are not done yet, so it is not known how far away that is.",
    "plan.target.cannot": "Your target: {target} by {by}. {why}",
    # the record
    "plan.record.agrees": "On record as {id} in {file} since {day}, with the same begin, cases and wait.",
    "plan.record.dated": "Written down in the plan on {day}. Enter it in changes.yml too: there the team finds it again.",
    "plan.record.none": "The change is on no record. Write it into changes.yml before it begins: a date that was not fixed beforehand counts as "
    "picked, and a difference must then stand out more.",
    "plan.record.no_day": "It is on record as {id} in {file}, but not since when: without recorded its date counts as picked.",
    "plan.record.no_date": "It is on record as {id} in {file}, but without a date yet. Before it begins on {begin}, write down there the date, the "
    "cases, the wait and the days of decision: what was not fixed beforehand counts as picked.",
    "plan.record.differs": "The record ({id} in {file}) and the plan differ in {n:thing|things}.",
    "plan.record.unlike": "{what}: the plan says {plan}, the record {record}.",
    "plan.record.begin": "Begin",
    "plan.record.step": "Step",
    "plan.record.start": "Counted from",
    "plan.record.stop": "Counted to",
    "plan.record.where": "Cases",
    "plan.record.stage": "Stage",
    # the dates
    "plan.dates.fit": "From {begin} to {end}; each review comes when something can be told.",
    "plan.dates.ahead": "It begins on {begin}; the data end on {until}, so they tell only of the time before.",
    "plan.dates.no_review": "No review is planned. The first day whose data could tell something is {first}: write review.",
    "plan.dates.too_soon": "On {day} nothing can be told yet of the time since; the first day whose data could tell something is {first}.",
    "plan.dates.too_soon.several": "{n:review|reviews}, the first on {day}, come before anything can be told of the time since; the first day whose data "
    "could tell something is {first}.",
    "plan.dates.after_end.review": "The review on {day} comes after the plan ends, {end}.",
    "plan.dates.after_end.target": "The target is to be reached by {day}, after the plan ends, {end}.",
    "plan.dates.long": "From {begin} to {end} are {days}: a plan is for about a year. Plan the first part.",
    # who can change it
    "plan.owner.ours": "The wait before {step} is the agency's own to change ({who}).",
    "plan.owner.partly": "The wait before {step} is partly the agency's own to change ({who}).",
    "plan.owner.law": "The wait before {step} is set by others than {office}: {who}. Only they can shorten it; ask what they allow, or choose a "
    "step that is yours.",
    "plan.owner.others": "The wait before {step} is decided by others than {office}: {who}. Plan it with them.",
    "plan.owner.unknown": "Nothing says who can change the wait before {step}: write it in the spec of the data (who_can_change).",
    "plan.owner.fixed": "{n} of {n_all:wait|waits} before {step} have {days} in common, to the day: does a rule say so?",
    "plan.draft.none": "Those who answer for it and those who do the step are named.",
    # pages
    "plan.page.draft": "DRAFT",
    "plan.page.draft.why": "It stays a draft until this is there.",
    "plan.page.who": "{office}. Stage: {stage}. Answers for it: {owner}.",
    "plan.page.who.unit": "{office}, {unit}. Stage: {stage}. Answers for it: {owner}.",
    "plan.page.nobody": "nobody named yet",
    "plan.page.staff": "What those say who do the work",
    "plan.page.customers": "What those say who wait",
    "plan.page.quoted": "“{text}”",
    "plan.page.change": "What we do differently",
    "plan.page.what": "{what} It is about the wait before {step}.",
    "plan.page.baseline.days": "before: half of the cases took no longer",
    "plan.page.target.days": "to be reached: half of the cases take no longer",
    "plan.page.baseline.share": "before: were done within {within}",
    "plan.page.target.share": "to be reached: are done within {within}",
    "plan.page.by": "by {by}",
    "plan.page.begin": "we begin",
    "plan.page.begin.day": "{day}",
    "plan.page.ends": "the plan ends on {end}",
    "plan.page.notice": "What customers will notice",
    "plan.page.year": "The year",
    "plan.page.next": "Next steps",
    "plan.page.step": "{what} ({owner}, by {by}).",
    "plan.page.outside": "What we cannot change, and why",
    "plan.page.because": "{what} {why}",
    "plan.page.cost": "What it costs.",
    "plan.page.supersedes": "This takes the place of the page of {day} ({hash}): {why}",
    "plan.page.data": "What the data say to it",
    "plan.page.check": "{name}: {state}.",
    "plan.page.seen": "What could be seen, and by when",
    "plan.page.seen.day": "with data up to",
    "plan.page.seen.cases": "cases",
    "plan.page.seen.change": "average wait changed by",
    "plan.page.count": "{n:,}",
    "plan.page.came": "What came of it so far.",
    "plan.page.chart": "The average wait by the month in which cases began, each watched equally long ({n:case|cases}). The level is drawn anew at "
    "the change of the plan; a level that moves there does not yet say that the change did it.",
    "plan.withheld": "Not told here: it is from too few cases.",
    "plan.page.unmeasured": "Nothing was measured yet.",
    "plan.page.review": "Next look.",
    "plan.page.review.on": "On {day}, as planned.",
    "plan.page.review.first": "From {day} on the data can tell something: plan a review for then.",
    "plan.page.review.none": "No review is planned after {until}: write the next one into review, or close the plan.",
    "plan.year.begin": "we begin: {day}",
    "plan.year.review": "review: {day}",
    "plan.year.reviews": "{n:review|reviews}, {first} to {last}",
    "plan.year.target": "{target}: {day}",
    "plan.year.end": "end of the plan: {day}",
    "plan.year.until": "data up to {day}",
    "plan.year.alt": "The days of the plan along its months. {told}. The data reach to {until}.",
    "column.check": "checked",
    "column.said": "what was found",
    "define.plan.waits": "Time from one step to another in the cases that the plan is for. A case that closed without the second never counts as "
    "having reached it; one that still waits counts as waiting. As known when the baseline ends, so that nothing of the change is in it.",
    "define.plan.waits.picture": "How long it took before the plan",
    "define.plan.waits.axis": "share of the cases that were there",
    "define.plan": "The plan's own words set beside the log. The time before: by when half of these cases, or how many of 100, were there, as known "
    "when the baseline ends, those still waiting counted; it agrees if what was written lies in the range. The step: its share of all case-days of "
    "the office in that time. The target: the smallest change that the verdict would find 4 times in 5 with as many cases, as long and as uneven as "
    "before. Ranges: 95%, from sums by the week in which cases began.",
}
