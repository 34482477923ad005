"""Words of the causes of waiting."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "causes.none": "No event waits: each of the {n:event|events} whose wait is known began as soon as it could.",
    "causes.unknown": "The wait of no event is known: each is the first of its case, and the log does not say when cases came in.",
    "causes.all": "Of every 10 days that cases wait for a step to begin, {said} ({n:event|events}, {total} of waiting in all).",
    "causes.place": "Most is waited {kind}{place}: of every 10 days there, {said} ({n:event|events}, {total} in all).",
    "causes.at.step": "before ",
    "causes.at.transition": "on the way ",
    "causes.at.unit": "at ",
    "causes.part": "{tenths:.1f} {why}{range}",
    "causes.range": " (likely {low:.1f} to {high:.1f})",
    "causes.no_range": "",
    "causes.why.batching": "pass until enough has come to be done together",
    "causes.why.contention": "pass because whoever does it is busy with what came first",
    "causes.why.prioritisation": "pass because whoever does it takes up what came later",
    "causes.why.unavailability": "pass because nobody is there: outside working hours",
    "causes.why.unexplained": "pass for reasons that the log does not show",
    "causes.why.cannot_tell": "pass for reasons that cannot be told from this log",
    "causes.why.party": "pass while the case is with: {party}",
    "causes.short.batching": "kept to be done together",
    "causes.short.contention": "busy with what came first",
    "causes.short.prioritisation": "busy with what came later",
    "causes.short.unavailability": "outside working hours",
    "causes.short.unexplained": "not explained",
    "causes.short.cannot_tell": "cannot tell",
    "causes.short.party": "with: {party}",
    "causes.gain": "Of the time that cases spend in work and waiting, {now:.1f}% is work. Without the waiting that is '{why}' it would be "
    "{then:.1f}%, if nothing else changed.",
    "causes.everywhere": "all together",
    "causes.begin": "(case comes in)",
    "causes.small": "(units of fewer than {least} people)",
    "causes.picture": "Why cases wait",
    "causes.axis": "days of waiting, all cases together",
    "causes.axis.working": "working days of waiting, all cases together",
    "causes.bar": "{n:event|events}",
    "causes.foot": "{n:event|events} whose wait is known{more}. Waits that have not ended are not in it.",
    "causes.foot.more": "; {more:place|places} with less waiting not drawn",
    "causes.hours.own": "Working hours are those of the log's calendars.",
    "causes.hours.read": "Working hours were read from the log, from when people begin and finish things ({n:event|events}): a day off or a holiday "
    "is not known. Name the office's hours in the spec (calendars) for better.",
    "causes.hours.none": "Working hours are not known: the log names none, and shows too little to read them from. So no waiting is put down to them.",
    "causes.clock": "Nights and weekends are part of this waiting. To see what keeps cases while people are there, ask on working time: "
    "clock=WorkingTime() or office_hours(log).",
    "causes.no_resource": "The log does not say who does what, so nobody can be seen to be busy: apart from working hours and what is with other "
    "parties, nothing can be told. Name the column (Columns(resource=...)).",
    "causes.nameless": "{n:event does|events do} not say who did them, or when on the day: whether somebody was busy cannot be told of these.",
    "causes.several": "{n:event was|events were} done by somebody who mostly does several things at once, such as a team under one name: that it was "
    "busy explains no wait, so this part is under 'cannot tell'.",
    "causes.open": "{n:open case waits|open cases wait} for a next step that is not known yet: that waiting is not in this; bottlenecks() counts it.",
    "causes.merged": "{n:unit is|units are} told together: a unit of fewer than 5 people counts as a person.",
    "define.causes": "Waiting = from when an event was possible (the end of the last one before it that does not run beside it; for the first, the "
    "case's arrival, if the log has it) to its beginning. Each cause takes what the ones before it left. 1 Kept to be done together (batching): until "
    "the last of its batch was possible; a batch is two or more of one step by one resource, done at the very same time, or one after "
    "another without a gap of more than a minute (or overlapping) where all were possible before the first began, the resource had been free "
    "for at least a tenth of the time in which they gathered, and left little (a quarter of the batch) of what had waited as long; where at least a quarter of a "
    "resource's events of a step are such and hardly any begins alone at once, those that gathered while it was busy are batches too. 2 Busy with what came first (contention): its resource "
    "was at work on events possible no later. 3 Busy with what came later (prioritisation). 4 Outside working hours (unavailability): those of "
    "the log's calendars, else the hours of the week in which the resource, those who mostly do the same step, or all together show at least a tenth of their "
    "average activity (at least 4 weeks). 5 With a party that was named, else not explained. "
    "Cannot tell: no resource, only a date, or a resource that does several things at once. The parts add up to the wait to the microsecond. They say what went on meanwhile, which is no proof: a case that was elsewhere while its resource was busy or "
    "away counts as waiting for the resource. "
    "Ranges: 95%, from sums by the week in which cases began; none below 20 weeks. Part that is work: work / (work + waiting). "
    "Source: Lashkevich et al., waiting-time analysis (Kronos).",
    "column.place": "where",
    "column.cause": "why",
    "column.delayed": "times it delayed",
    "column.share_worked": "part that is work",
    "column.share_worked_without": "without this",
}
