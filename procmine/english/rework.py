"""Words of rework and what it costs, and of what is right the first time."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "rework_cost.none": "No step is done twice in a case.",
    "rework_cost.again": "{cases:case has|cases have} a step that was done again ({n:time|times} more, most days with {top}): on average {mean} "
    "from the first time to the last, {tenths}.",
    "rework_cost.at_once": "{cases:case has|cases have} a step directly followed by the same step ({n:time|times}, most days with {top}): on average {mean} "
    "between them, {tenths}.",
    "rework_cost.back": "In {cases:case|cases} work went to another unit and came back ({n:time|times}, most days {top}): on average {mean} until it was back, "
    "{tenths}.",
    "rework_cost.handover": "{n:handover|handovers} in {cases:case|cases}: on average {mean} a case between one unit and the next, {tenths}.",
    "rework_cost.share": "{share:.1%} of all the time that cases take (too few weeks for a range)",
    "rework_cost.share.range": "{share:.1%} of all the time that cases take (likely between {low:.1%} and {high:.1%})",
    "rework_cost.half.again": "Half of the cases with a repeat end within {p50}, of those without within {p50_others}. That goes together and need not be what "
    "repeats cost: a long case has more time for them.",
    "rework_cost.half.back": "Half of the cases in which work came back end within {p50}, of the others within {p50_others}. That goes together and need not be "
    "what coming back costs: a long case has more time for it.",
    "rework_cost.picture": "What doing things again takes",
    "rework_cost.axis": "share of all the time that cases take, with its likely range; kinds overlap",
    "rework_cost.label.again": "again: {what}",
    "rework_cost.label.at_once": "at once again: {what}",
    "rework_cost.label.back": "there and back: {what}",
    "rework_cost.label.handover": "handover: {what}",
    "rework_cost.note": "{mean} in each of {n:case|cases}",
    "define.rework_cost": "again: from the first to the last time of a step in a case. at once again: from a step to the same step directly after. there and back: "
    "from the last event of a unit to its next one in the case, one other unit between (events of nobody left out). handover: from an event to the next, done "
    "by another unit. Within each of the four every moment of a case counts once, for the loop that began first; the four overlap and are not to be added up. "
    "Elapsed time, with the work in it. Share: of the time of all cases, from arrival to the end or, for open cases, to the last day of the data; open cases "
    "count as far as they have come. Ranges: 95%, from sums by the week in which cases began. Half within: Kaplan-Meier, open cases counted.",
    # right the first time
    "right.none": "No case is old enough to tell whether it was complete.",
    "right.share": "{share:.0%} were complete on arrival (likely between {low:.0%} and {high:.0%}): {right:,} of {n:case|cases} that were looked at; "
    "{returned:,} were sent back.",
    "right.not_counted": "Not counted: {undecided:case|cases} that closed before anyone looked, or still wait for it after a long time, and {younger:,} that are "
    "too young to tell.",
    "right.compare": "Groups side by side may differ for many reasons: whether a change made the difference, compare() tells.",
    "right.all": "all cases",
    "right.picture": "Complete on arrival",
    "right.axis": "share of the cases that were looked at, with its likely range",
    "right.note": "{share:.0%} of {n:case|cases}",
    "define.first_time_right": "right: looked at and not sent back, of all cases that were looked at or sent back. A case is looked at when it is sent back or comes "
    "to the step that says it is complete (where none is named: to any step after its first that does not end it). Counted are cases old enough that 95 of 100 "
    "first looks have come by that age (Kaplan-Meier), and only what happened up to that age, so that old and young cases are told alike. Range: Wilson, 95%, "
    "widened by how much weeks differ (design effect).",
    "missing.all": "(all)",
    "missing.none": "(no reason given)",
    "missing.only": "{n:return|returns} in {cases:case|cases} cost {extra} in all, {mean} each.",
    "missing.plain": "{reason} costs most: {n:return|returns}, {mean} each, {extra} in all, {share:.0%} of all days after returns (too few weeks for a range).",
    "missing.range": "{reason} costs most: {n:return|returns}, {mean} each, {extra} in all, {share:.0%} of all days after returns (likely between {low:.0%} and "
    "{high:.0%}).",
    "missing.rest": "{waiting:,} still wait for what is missing, counted as far as they have come; in {never:case|cases} it never came.",
    "missing.picture": "What missing items cost",
    "missing.axis": "share of all days between return and sending in again, with its likely range",
    "missing.note": "{n:return|returns}, {mean} each",
    "define.missing_items": "From each return to the step by which papers come back (not named: the next step of the case that is neither a return nor an end), to the "
    "next return, or to the end of the case or of the data. Days in all = returns x mean; open ones count as far as they have come, and so do those that "
    "closed without. Half within: Kaplan-Meier, those not sent in counted as waiting. Ranges: 95%, from sums by the week in which cases began.",
    "column.right": "right",
    "column.undecided": "undecided",
    "column.younger": "too young",
    "column.rounds": "returns each",
    "column.missing": "what is missing",
    "column.never": "never came",
    "column.loop": "what is repeated",
    "column.extra": "time in all",
    "column.p50_others": "half of the others within",
}
