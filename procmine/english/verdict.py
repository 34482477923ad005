"""Words of the verdict: what stands on the page, what one may say aloud, what one may not, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "verdict.answer": "{page}. {sentence}",
    "verdict.may_not_say": "Not to be said: {sentence}",
    "verdict.next_step": "Next: {sentence}",
    # on the page
    "verdict.improved.page": "Shorter waits",
    "verdict.improved_for_most.page": "Shorter for most",
    "verdict.improved_for_some.page": "Shorter for some",
    "verdict.artefact.page": "The count changed, not the wait",
    "verdict.faster_unclear.page": "Faster, but we cannot say why",
    "verdict.faster_different_results.page": "Faster, but different results",
    "verdict.worse.page": "Longer waits",
    "verdict.slower_unclear.page": "Slower, but we cannot say why",
    "verdict.mixed.page": "New cases wait longer while old ones are cleared",
    "verdict.too_early.page": "Too early",
    "verdict.too_few.page": "Cannot tell with these numbers",
    "verdict.cannot_judge.page": "Cannot judge",
    "verdict.no_evidence.page": "Cannot tell yet",
    # may be said
    "verdict.improved.say": "{who} take {difference} less on average in their first {watched} than those before; the gain is likely "
    "between {low} and {high}. Cases still waiting are counted.",
    "verdict.improved.compared": "Where nothing was changed, waits did not fall as much over the same time.",
    "verdict.improved_for_most.say": "{who}: most wait less from {start} to {stop} than those before, by {gaining_difference} on average (likely between "
    "{gaining_low} and {gaining_high}). Not for all: where {others}, {share:.0f} of every 100 cases before the change, no gain stands out.",
    "verdict.improved_for_most.some": "{who}: some wait less from {start} to {stop} than those before, by {gaining_difference} on average (likely between "
    "{gaining_low} and {gaining_high}). Not most: where {others}, {share:.0f} of every 100 cases before the change, no gain stands out.",
    "verdict.improved_for_most.slowest": "{who} take {difference} less on average in their first {watched} than those before (likely between {low} "
    "and {high} less). But the slowest {slowest:.0f} of every 100, those over {beyond}, wait as long as before.",
    "verdict.artefact.say": "The figures look better, but that does not mean that people wait less. {why}",
    "verdict.faster_unclear.say": "{who} take about {difference} less (likely between {low} and {high} less). We cannot say that the change "
    "did it. {why}",
    "verdict.faster_different_results.say": "{who} take less time than those before, but with different results. {why} We must look at that first.",
    "verdict.worse.say": "{who} wait about {difference} longer than those before (likely between {low} and {high}). We do not know yet why.",
    "verdict.slower_unclear.say": "{who} wait about {difference} longer than those before (likely between {low} and {high}). We cannot say that the "
    "change did it. {why}",
    "verdict.mixed.say": "{who} wait about {difference} longer than those before (likely between {low} and {high}), while old cases are being cleared.",
    "verdict.no_evidence.say": "We see no difference that stands out from the usual ups and downs. A change of more than {bound} is unlikely; with these numbers "
    "we would most likely have seen one of {visible} or more.",
    "verdict.no_evidence.same": "We see no difference: before and since, the cases took the same time.",
    "verdict.no_evidence.leaning": "Cases since {change} took {difference} {less_or_more} on average than all those before, but not than those of each stretch of "
    "weeks before, so we do not call it a change.",
    "verdict.least": "Set beside the weeks next to the change, or the same weeks a year before, the difference is smaller: {least} {less_or_more}.",
    "verdict.too_few.say": "We see no difference that stands out from the usual ups and downs. With these numbers we could only have seen a change of "
    "{visible} or more.",
    "verdict.too_few.leaning": "Cases since {change} took {difference} {less_or_more} on average, but cases so few, or so uneven, may differ so much by chance: with these "
    "numbers only a change of {visible} or more would most likely stand out.",
    "verdict.carried.fails": "The cases that were still open when the first log ends are not in the second, so we cannot see whether others are left "
    "waiting. Load one log that holds both.",
    "verdict.carried.unknown": "The cases that were still open when the first log ends are not in the second, so we cannot see whether others are left "
    "waiting. Load one log that holds both.",
    "verdict.adjusted": "This figure is {without}. As the cases came, they took {raw} {less_or_more}.",
    "verdict.adjusted.mix": "for the same kinds of cases as before ({mix})",
    "verdict.adjusted.season": "without what the time of the year does",
    "verdict.adjusted.both": "for the same kinds of cases as before ({mix}) and without what the time of the year does",
    "verdict.less": "less",
    "verdict.more": "more",
    "verdict.closures_missing": "Cannot tell: hardly any case was closed in the last {weeks:week|weeks} of the data, where about {expected:,} would be usual. "
    "The newest closures seem to be missing from this export.",
    # may not be said
    "verdict.improved.not": "That the change did it, as no other offices are compared, or could be; nor one fast case, as if all were like it.",
    "verdict.improved.not.compared": "One fast case, as if all were like it; nor money saved, which was not measured.",
    "verdict.improved_for_most.not": "One average of all cases: it is true of neither part.",
    "verdict.improved_for_most.not.slowest": "The average alone: the slowest wait as long as before.",
    "verdict.artefact.not": "“Faster”, in any form.",
    "verdict.faster_unclear.not": "That the change did it.",
    "verdict.faster_different_results.not": "“Improved”.",
    "verdict.worse.not": "Whose fault it is: longer waits are a question, and no person or office is the answer.",
    "verdict.slower_unclear.not": "That the change did it; nor whose fault it is.",
    "verdict.mixed.not": "“Worse”, nor “better”: the old cases that are cleared now had waited too.",
    "verdict.no_evidence.not": "“It did not work”, nor “it worked”.",
    "verdict.too_few.not": "“It did not work”: with these numbers it could not have been seen.",
    "verdict.too_early.not": "Any figure of what the change did, such as a percentage.",
    "verdict.cannot_judge.not": "Any comparison of before and after from these data.",
    "verdict.finished_only.not": "Nor “finished cases took {finished_before} before, and {finished_since} since”: that leaves out those that still wait.",
    # what to do next
    "verdict.improved.next": "Write the result down in changes.yml (procmine changes measure), with who looks after it, and watch it every month (procmine "
    "watch).",
    "verdict.improved.next.unrecorded": "Write the change down in changes.yml, with who looks after it, and watch it every month (procmine watch). Write "
    "the next change down before its results can be seen.",
    "verdict.improved_for_most.next": "Ask what the others, where {others}, still wait for (bottlenecks).",
    "verdict.improved_for_most.next.slowest": "Ask what the slowest still wait for (waiting_now, bottlenecks).",
    "verdict.artefact.next": "Look at those cases one by one, with people who know them; mend the cause, and ask again on {day}.",
    "verdict.faster_unclear.next": "Compare with offices where nothing changed (control=), or ask again on {day}.",
    "verdict.faster_unclear.next.compared": "Ask again on {day}, when more cases could be watched.",
    "verdict.faster_different_results.next": "Read some of the cases that ended differently, with those who decide them, before anything is told.",
    "verdict.worse.next": "Ask where the time goes now (bottlenecks) and what else changed, then decide: adjust or stop.",
    "verdict.slower_unclear.next": "Ask where the work piles up (caseload, bottlenecks), and again on {day}.",
    "verdict.mixed.next": "Ask again on {day}, when more of the old cases are through.",
    "verdict.no_evidence.next": "Ask whether new cases really take the new way (variants), and again on {day}.",
    "verdict.too_few.next": "Ask again on {day}, take in more offices, or try a larger change: plan-size says what could be seen.",
    "verdict.too_early.next": "Ask again on {day}.",
    "verdict.cannot_judge.next": "Export all cases, the open ones too, as they stood on one day.",
    "verdict.cannot_judge.next.history": "Load a longer history.",
    "verdict.cannot_judge.next.longer": "Watch each case for longer: a larger horizon.",
    "verdict.cannot_judge.next.all": "Use all cases of the log.",
    "define.finished": "The mean wait of the cases done in each period, whenever they began; cases that still wait are left out, so a pile that is "
    "left to wait makes it look short. It stands here only to be compared with the figure of all cases.",
}
