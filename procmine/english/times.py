"""Words of times: of steps, of work and waiting, of how cases end, and of who waits now."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "step_times.top.range": "Cases stay longest after {step}: half go on within {p50}, likely between {p50_low} and {p50_high} "
    "({n:time|times}, {open:,} still there).",
    "survival.few_new": "Nearly all of these cases were under way when the data begin: how long new ones take cannot be told.",
    # waiting and work of steps
    "define.activity_times": "Waiting = from the end of the last step that had to be done before, to the beginning of this one; "
    "steps that cases do in either order do not wait for each other (heuristics miner's measures, thresholds 0.9). The wait of a case's first "
    "step is known only where a column says when cases came in. Work = from beginning to end; of a stage, the time in which at least one of its steps was under way. Waits that are over only. Ranges: "
    "95%, from sums by the week in which cases began.",
    "activity.top": "{step} waits most in all: on average {waiting_mean}, half at most {waiting_p50}, before it is begun; the "
    "work itself takes half of the time at most {processing_p50} ({n:time|times}).",
    "activity.top.range": "{step} waits most in all: on average {waiting_mean} before it is begun, likely between "
    "{waiting_mean_low} and {waiting_mean_high}, half at most {waiting_p50}; the work itself takes half of the time at most "
    "{processing_p50} ({n:time|times}).",
    "activity.no_waits": "No step waited: each was begun as soon as it could be.",
    "activity.first": "How long {steps:step|steps} waited is not known: cases begin with them, and no column says when cases came in.",
    "activity.none": "No step has a beginning of its own in these cases.",
    "activity.unknown": "Of {steps:step|steps} only the end is recorded: how long they waited is not known.",
    "activity.waiting": "waiting before it",
    "activity.processing": "work",
    "activity.note": "{n:time|times}",
    "activity.axis": "days, on average",
    "activity.picture": "Waiting and work, step by step",
    "column.waiting_mean": "wait: mean",
    "column.waiting_p50": "wait: half within",
    "column.waiting_p80": "wait: 8 in 10 within",
    "column.waiting_p95": "wait: 19 in 20 within",
    "column.waiting_mean_low": "wait: mean, from",
    "column.waiting_mean_high": "wait: mean, to",
    "column.waiting_p50_low": "wait: half within, from",
    "column.waiting_p50_high": "wait: half within, to",
    "column.processing_mean": "work: mean",
    "column.processing_p50": "work: half within",
    "column.processing_p80": "work: 8 in 10 within",
    "column.processing_p95": "work: 19 in 20 within",
    "column.elapsed_p50": "from begin to end: half within",
    "column.elapsed_p80": "from begin to end: 8 in 10 within",
    "column.gap_p50": "since the step before: half within",
    # work in cases
    "define.case_work": "Work = the time in which at least one step of the case is under way, counted once where steps overlap. "
    "Idle = the rest from arrival to the last step. Share = work / all the time of the cases, open ones up to the last day of "
    "the data. Ranges: 95%, from sums by the week in which cases began.",
    "work.ends_only": "Of {steps:step|steps} only the end is recorded: the work on them is not counted.",
    "work.none": "No time passes in these cases.",
    "work.share": "Of every 10 days that a case takes, somebody works on it for {tenths:.1f} ({n:case|cases}; too few weeks for a "
    "range).",
    "work.share.range": "Of every 10 days that a case takes, somebody works on it for {tenths:.1f}, likely between {low:.1f} and "
    "{high:.1f} ({n:case|cases}).",
    "column.cycle": "whole case, mean",
    "column.processing": "work, mean",
    "column.idle": "nobody works on it, mean",
    # the mean within a horizon
    "define.mean_within": "Mean of the time from arrival to the end, a case that takes longer than the stated time counting as "
    "that (restricted mean, area under the Kaplan-Meier curve; with one outcome named Aalen-Johansen: cases with another end "
    "count as the stated time). Ranges: 95%, from sums by the week in which cases began.",
    "within.mean": "In their first {within} cases take {mean} on average; {share:.0%} {over} by then ({cases:case|cases}, "
    "{open:,} of them still open; too few weeks for a range).",
    "within.mean.range": "In their first {within} cases take {mean} on average, likely between {low} and {high}; {share:.0%} "
    "{over} by then ({cases:case|cases}, {open:,} of them still open).",
    "within.over": "are over",
    "within.ended": "have ended as {outcome}",
    "within.untold": "Too few of the {cases:case|cases} were watched for {within} to say ({watched:,}). Ask for a shorter time.",
    "column.within": "within",
    "column.watched": "watched longer",
    "column.share_low": "share, from",
    "column.share_high": "share, to",
    # how cases end
    "define.outcomes": "Share of cases that have ended in each way by so many days after they came in, and that are still open "
    "(Aalen-Johansen: open cases are counted as far as they were watched). Ranges: 95%, from sums by the week in which "
    "cases began.",
    "outcomes.top": "Of all cases, {within} after they came in: {parts}.",
    "outcomes.part": "{share:.0%} {outcome}",
    "outcomes.none": "Too few cases were watched for so long. Ask for fewer days.",
    "outcomes.picture": "How cases end",
    "outcomes.axis": "share of all cases",
    "outcomes.within": "after {within}",
    "outcomes.open": "still open",
    "outcomes.others": "other ends",
    "column.outcome": "end",
    # who waits now
    "define.waiting_now": "Open cases by their last step. Time since: from that step to the last day of the data; age: from "
    "arrival. Beyond: there longer than the time within which 8 in 10 had gone on from that step (Kaplan-Meier over the whole "
    "log, cases still there counted). Dormant cases stand apart.",
    "pending.top": "{all:case is|cases are} waiting now, {n:,} of them {place}: half of these for at least {since_p50}, the longest "
    "for {since_oldest}.",
    "pending.after": "after {step}",
    "pending.nowhere": "without any step so far",
    "pending.beyond": "{beyond:case is|cases are} at a step for longer than 8 in 10 before them, {n:,} of them after {step} "
    "(over {usual}).",
    "pending.dormant": "{dormant:further case is|further cases are} open without a step for so long as to count as dormant.",
    "pending.dormant_only": "{dormant:open case has|open cases have} had no step for so long as to count as dormant; no other case "
    "is open.",
    "pending.picture": "Cases waiting now, by the step they are at (for the team only)",
    "pending.axis": "days since that step",
    "pending.axis.some": "days since that step (of many cases, 500 are drawn)",
    "pending.mark.half": "half of those before had gone on",
    "pending.mark.most": "8 in 10 had gone on",
    "pending.mark.case": "a case",
    "pending.mark.late": "a case beyond 8 in 10",
    "pending.note": "{n:,} waiting, {beyond:,} beyond",
    "column.since_p50": "since the step: half at least",
    "column.since_p80": "2 in 10 longer than",
    "column.since_oldest": "longest",
    "column.age_p50": "age: half at least",
    "column.age_p80": "age: 2 in 10 older than",
    "column.age_oldest": "age: oldest",
    "column.usual_p50": "usual: half within",
    "column.usual_p80": "usual: 8 in 10 within",
    "column.beyond": "longer than that",
    "column.dormant": "dormant",
    # waits that nothing explains
    "define.unexplained": "Unexplained wait: from the end of what made the step possible to its beginning, where nothing held it: "
    "its resource was not just freed, and its hours of the week (those in which it begins or ends work) had not just opened. "
    "Only steps of which it is known, to the time of day, since when they could begin and who did them. "
    "Waits that were held count as at most as long (Kaplan-Meier for values cut off on the left); a wait up to a minute is none. "
    "Batches and work done in another order count as unexplained here. Ranges: 95%, from a bootstrap of the weeks in which cases "
    "began.",
    "unexplained.top": "{step} waits {mean} on average though those who do it are free and at work, in {share:.0%} of {n:time|times} "
    "(too few weeks for a range).",
    "unexplained.top.range": "{step} waits {mean} on average, likely between {mean_low} and {mean_high}, though those who do it are "
    "free and at work, in {share:.0%} of {n:time|times}.",
    "unexplained.none": "In none of the {steps:step|steps} do waits stand out that busy or absent staff do not explain: {mean} on "
    "average.",
    "unexplained.base": "In the other {steps:step|steps} such waits are {mean} on average.",
    "unexplained.part": "waits that busy or absent staff do not explain",
    "unexplained.note": "{share:.0%} of {n:,}",
    "unexplained.axis": "hours, on average",
    "unexplained.picture": "Waiting although those who do it are free",
    "column.held": "held by staff or hours",
    "column.seen_waiting": "seen waiting so",
    "column.total": "in all",
    "column.stands_out": "stands out",
}
