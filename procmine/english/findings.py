"""Words of what a brief, slides and a huddle tell of: the six questions, and the large numbers."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # the champion's six questions
    "six.1.question": "How long does it take, and is that too long?",
    "six.2.question": "Where are the bottlenecks, and are they major?",
    "six.3.question": "Is there a happy path?",
    "six.4.question": "Is there much rework?",
    "six.5.question": "What are the quick wins?",
    "six.6.question": "Would reassigning work help?",
    "six.range": " (likely between {low} and {high})",
    "six.range.of_100": " (likely between {low:.0f} and {high:.0f})",
    "six.range.of_10": " (likely between {low:.1f} and {high:.1f})",
    "six.no_range": " (too few weeks for a range)",
    "six.few": "Not told here: it rests on fewer than {least} cases. Ask the team.",
    "six.1.half": "Half of the cases are over within {p50}{range}; {mean} ({counts}). {long}",
    "six.1.never": "Not half of the cases are over when the data end ({counts}). {long}",
    "six.1.mean": "on average they take {mean}{range}",
    "six.1.mean.within": "on average they take {mean}{range}, what lasts longer than {within} counted as that",
    "six.1.mean.untold": "the average cannot be told yet",
    "six.1.nobody": "Nobody has said how long is too long: set a standard.",
    "six.1.part": "For the whole case nobody has said how long is too long; the target of {target} is for the time up to {stop}.",
    "six.1.target.yes": "That is too long: the target is {target}.",
    "six.1.target.no": "That is within the target of {target}.",
    "six.1.target.unsure": "Whether that is above the target of {target} cannot be told yet.",
    "six.1.standard.met": "Not too long by “{standard}” ({limit}): {share:.0f} of every 100 are in time (likely between {low:.0f} and {high:.0f}; "
    "{cases:case was|cases were} due), and {asked:.0f} are asked for.",
    "six.1.standard.not_met": "Too long by “{standard}” ({limit}): {share:.0f} of every 100 are in time (likely between {low:.0f} and {high:.0f}; "
    "{cases:case was|cases were} due), and {asked:.0f} are asked for.",
    "six.1.standard.cannot_tell": "Whether it is too long by “{standard}” ({limit}) cannot be told: {share:.0f} of every 100 are in time (likely between "
    "{low:.0f} and {high:.0f}; {cases:case was|cases were} due), and {asked:.0f} are asked for.",
    "six.1.standard.none": "No case was due yet by “{standard}” ({limit}).",
    "six.1.cannot": "These data cannot tell: are the steps named that finish a case? procmine check says what is missing.",
    "six.2.major": "{step}: of every 10 days that cases wait{dormant}, {tenths:.1f} pass before it{range}; it came {n:time|times}, half within {p50} of the "
    "step before. That is major: surely more than 1 day in 10.{others}",
    "six.2.major.alone": "{step}: of every 10 days that cases wait{dormant}, {tenths:.1f} pass before it{range}; it came {n:time|times}, half within {p50} of the "
    "step before. That is much, more than 2 days in 10, but how sure it is cannot be told.{others}",
    "six.2.minor": "None that is major: no step surely holds more than 1 of every 10 days{dormant}. The largest is {step} with {tenths:.1f}{range}; it came "
    "{n:time|times}, half within {p50} of the step before.",
    "six.2.dormant": ", without dormant ones",
    "six.2.others": " So are: {steps}.",
    "six.2.cannot": "These data cannot tell: no time passes between their steps, or too few cases have more than one step.",
    "six.3.many": "The most usual way to {end} has {steps:step|steps}, and {share:.0f} of every 100 cases go it without a detour{range}; {n:case|cases}.{leave}",
    "six.3.hardly": "Hardly: even the most usual way to {end}, of {steps:step|steps}, is gone without a detour by only {share:.0f} of every 100 cases{range}; "
    "{n:case|cases}.{leave}",
    "six.3.end": "“{outcome}”",
    "six.3.any_end": "the end",
    "six.3.leave": " It is most often left after {after}, for {instead} ({cases:case|cases}).",
    "six.3.leave.end": " It is most often left after {after}, where the case ends ({cases:case|cases}).",
    "six.3.leave.first": " Most often it is never entered: the case begins with {instead} ({cases:case|cases}).",
    "six.3.cannot": "These data cannot tell: too few cases have ended well. Name the ends and their outcomes when reading (ends:).",
    "six.4.much": "Much: in {cases:case|cases} a step is done again, most often in days {top}; that takes {mean} on average, {tenths:.1f} of every 10 days of "
    "all cases{range}.",
    "six.4.some": "Some: in {cases:case|cases} a step is done again, most often in days {top}; that takes {mean} on average, {tenths:.1f} of every 10 days of "
    "all cases{range}.",
    "six.4.little": "Little: in {cases:case|cases} a step is done again, most often in days {top}; that takes {mean} on average, {tenths:.1f} of every 10 days "
    "of all cases{range}.",
    "six.4.hardly": "Hardly any: in {cases:case|cases} a step is done again, most often in days {top}; that takes {mean} on average, and next to nothing of the days of "
    "all cases.",
    "six.4.none": "None is recorded: no step is done twice in a case ({counts}).",
    "six.4.cannot": "These data cannot tell whether steps are done again.",
    "six.5.ours": "{step}, which is ours to change: if it never took more than {target}, a case would take {saving} less on average{range}. It came {n:time|times}, "
    "{late:,} of them took longer. Nothing else is taken to change.",
    "six.5.others": "None is known to be ours alone. Most would come from {step} (to change by: {who}): if it never took more than {target}, a case would take "
    "{saving} less on average{range}; it came {n:time|times}, {late:,} of them took longer. Nothing else is taken to change.",
    "six.5.unknown": "Most would come from {step}, if it is ours to change: if it never took more than {target}, a case would take {saving} less on "
    "average{range}; it came {n:time|times}, {late:,} of them took longer. Nothing else is taken to change. Ask who decides how long it waits.",
    "six.5.none": "No step can be named that would shorten cases: each must have come 20 times or more.",
    "six.5.cannot": "These data cannot tell: steps were left out of them, or too few cases have ended.",
    "six.6.queue": "Perhaps at {steps}: cases queue there for those who do the work ({n:time|times} or more were looked at). Try it on the computer first "
    "(procmine try).{step}",
    "six.6.none": "Nothing says so: no sign that cases wait for each other at {steps}{more} ({n:time|times} or more were looked at).{step}",
    "six.6.step": " At {step} the log cannot tell.",
    "six.6.busy": "It may: {tenths:.1f} of every 10 days of waiting pass while whoever does the step is busy with other cases{range} ({n:step|steps} "
    "counted). Try it on the computer first (procmine try).",
    "six.6.free": "Hardly: only {tenths:.1f} of every 10 days of waiting pass while whoever does the step is busy with other cases{range} ({n:step|steps} "
    "counted).",
    "six.6.unclear": "The log cannot tell: at no step is it clear whether cases wait for each other. Record when work on a step begins, not only when it ends.",
    "six.6.cannot": "The log cannot tell: it does not say who does the work, nor when it begins. Record both, and ask again.",
    "define.six.how_long": "Time from arrival to the end of the case, open cases counted (Kaplan-Meier): the median, and the mean with every longer time "
    "counted as the limit (restricted mean). Ranges: 95%, from sums by the week in which cases began.",
    # the large numbers
    "fact.whole": "{number}: {what} ({note})",
    "fact.few": "Not told",
    "fact.few.note": "outside the team: it rests on fewer than {least} cases",
    "fact.half": "{p50}",
    "fact.not_half": "Not half",
    "fact.not_known": "Not known",
    "fact.half.note": "{range}; {counts}",
    "fact.before.what": "before: half were there by then, from {start} to {stop}",
    "fact.after.what": "since {change}: half were there by then, from {start} to {stop}",
    "fact.before.note": "{range}; {cases:case|cases} before {change}",
    "fact.after.note": "{range}; {cases:case|cases} since {change}",
    "fact.before.never": "were there within {watched}; {cases:case|cases} before {change}",
    "fact.after.never": "were there within {watched}; {cases:case|cases} since {change}",
    "fact.gain": "{p50} less",
    "fact.gain.what": "on average since {change}, for those who gain, from {start} to {stop}",
    "fact.gain.note": "{range}; {cases_before:case|cases} before and {cases_after:,} since, the others among them",
    "fact.others": "{hundred:.0f} of 100",
    "fact.others.what": "no gain stands out: cases where {others}",
    "fact.others.note": "of every 100 cases before the change",
    "fact.overdue": "{overdue:case|cases}",
    "fact.overdue.what": "have waited for more than {watched} when the data end",
    "fact.overdue.note": "when the change came, on {change}, it was {overdue_then:,}",
    "fact.overdue.note.few": "when the change came, on {change}, it was fewer than {least}",
    "fact.too_early": "Not yet",
    "fact.too_early.what": "known: how long cases since {change} wait",
    "fact.too_early.note": "ask again on {day}",
    "fact.kept": "{share:.0f} of 100",
    "fact.kept.what": "are in time by “{standard}” ({limit})",
    "fact.kept.since": "of those that came since {change} are in time by “{standard}” ({limit})",
    "fact.kept.note": "likely between {low:.0f} and {high:.0f}; {cases:case was|cases were} due; {asked:.0f} are asked for",
    "fact.kept.none": "no case was due yet",
    "fact.affected": "{cases:case|cases}",
    "fact.affected.what": "came in the last year of the data",
    "fact.affected.part.what": "came to {start} in the last year of the data",
    "fact.affected.short.what": "came in these data",
    "fact.affected.short.part.what": "came to {start} in these data",
    "fact.affected.half": "{waiting:case waits|cases wait} for {stop} on {day}, half of them for {p50} or longer",
    "fact.affected.some": "{waiting:case waits|cases wait} for {stop} on {day}",
    "fact.affected.few": "a few wait for {stop} on {day}",
    "fact.affected.none": "no case waits for {stop} on {day}",
    "fact.affected.closed": "no open case is in these data",
    "fact.affected.dormant": "{waiting:case waits|cases wait} for {stop} on {day}, {dormant:,} of them with nothing done for {still} or longer",
    "define.affected": "Cases of the stretch that began it in the last 365 days of the data; waiting: those that had begun it and not come to its end when the data end, "
    "dormant ones too (open, and no event for so long that nothing may come any more).",
}
