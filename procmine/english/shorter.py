"""Words of what a shorter step would be worth."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "shorter.top": "If {step} took at most {target}{like}, a case would take {saving} less on average{range}, counted over all "
    "{cases:case|cases} that came, also those that never get to this step.",
    "shorter.fifth": " (as the fastest fifth of them do now)",
    "shorter.like": " (half of those of {office} take no longer, drawn towards the others as far as chance may have made it the best)",
    "shorter.range": " (likely between {low} and {high})",
    "shorter.no_range": " (too few weeks for a range)",
    "shorter.share": "That is {share:.0%} of the {now} from a case's beginning to its last step{year}.",
    "shorter.counts": "The step came {n:time|times} in these cases, and took longer than {target} in {longer:,} of them; "
    "{open:case is|cases are} still open and counted as such.",
    "shorter.beside": "Of the {cut} a case taken off the step itself, {lost:.0%} would not bring the case anything: other steps run beside it "
    "and still take their time.",
    "shorter.nothing": "If {step} took at most {target}, cases would not end sooner: it came {n:time|times}, {longer:,} of them took longer.",
    "shorter.limits": "Nothing else is taken to change: the work that would reach the next steps sooner does not make them slower or "
    "faster, and who leaves while waiting still leaves on the same day of that wait.",
    "shorter.late": "{n:case|cases} left out for having begun before the data are complete: of that time only the long ones are there.",
    "shorter.horizon": "Only what happens in the first {horizon} of a case is counted: too few are watched for longer.",
    "shorter.all_open": "None of these cases is known to be finished, so the gain is counted up to their last step so far: name the steps with "
    "which a case ends when reading the log.",
    "shorter.picture": "If {step} took at most {target}",
    "shorter.axis": "share of a case's time that would go, with its likely range; {cases:case|cases}",
    "shorter.off_step": "off the step itself",
    "shorter.off_case": "off the whole case",
    "shorter.note": "{saving} a case",
    "shorter.note.range": "{saving} a case (likely {low} to {high})",
    "wins.none": "No step can be named that would shorten cases; each must have come 20 times or more.",
    "shorter.year": "; for all cases of a year together {per_year}",
    "wins.gain": "{step}{whose}: if it took at most {target}, a case would take {saving} less on average{range}{year}. "
    "It took longer {longer:time|times} in {cases:case|cases}.",
    "wins.ours": " is ours to change",
    "wins.partly": " is partly ours to change ({who})",
    "wins.unknown": " (whose it is, is not said)",
    "wins.others": " is for others to change ({who})",
    "wins.ask": "To find out: who can change {steps}? (tags in the log's spec)",
    "wins.law": "Set by law, and no quick win: {steps}.",
    "wins.by_law": ", set by law",
    "wins.label": "{step} (at most {target}{law})",
    "wins.picture": "What a shorter step would bring the whole case (bold: ours to change)",
    "define.shorter": "A step's time runs from the latest end of what it waits for (all earlier steps of the case that do not run beside it; "
    "which do is found by the heuristics miner's measures, and can be wrong where two steps nearly always come in one order) to its own end. "
    "Every time the step took longer than the target is set to the target, later steps keep the time they took, and all ends of the case are "
    "worked out again; a case gains the difference of its last ends. Mean over all cases that came since the data are complete: each piece of "
    "the gain counts 1 / the chance that a case of that age is still watched (inverse probability of censoring, Bang & Tsiatis 2000), which "
    "takes cases that came late to be like the earlier ones. Ranges: 95%, from sums by the week in which cases began (Newey-West, fixed-b critical values), for the target as "
    "stated. Not in it: congestion further on, the weekday of sessions, withdrawals that a shorter wait would avoid (those cases go on, and are "
    "work: where many leave while waiting, the gain told is too large), and hiring.",
    "define.quick_wins": "Each step alone, as in 'if this step took at most so long'; the savings need not add up. Ours: steps whose tag in the "
    "log's spec says our policy or habit. Steps set by law are shown last and not ranked; steps that came fewer than 20 times, and other ends than the "
    "commonest (to withdraw sooner is no win), are left out. "
    "Ranges are those of each step taken by itself, not of the order.",
    "column.rank": "rank",
    "column.target": "at most",
    "column.like": "as in",
    "column.longer": "times it took longer",
    "column.cut": "off the step",
    "column.saving": "off a case",
    "column.now": "a case takes",
    "column.per_year": "all cases of a year",
    "column.horizon": "counted up to an age of (days)",
}
