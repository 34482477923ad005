"""Words of models and forecasts."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # simulate
    "policy.none": "none",
    "policy.words": "{words}",
    "policy.delay": "{step} came {time} after the step before it",
    "policy.delay.pair": "{second} came {time} after {first}",
    "policy.all": "{what}",
    "policy.some": "{what} (in cases where {where})",
    "kept.simulated": "{cases:case|cases} simulated; policy: {policy}",
    "kept.forecast": "policy tried: {policy}",
    "forecast.sooner": "If {policy}, half of all cases would {reach} within {with_policy}; today it is {today}. "
    "That is {effect} sooner{range}. Assumes that nothing else changes.",
    "forecast.later": "If {policy}, half of all cases would {reach} within {with_policy}; today it is {today}. That "
    "is {effect} later{range}. Assumes that nothing else changes.",
    "forecast.same": "If {policy}, half of all cases would {reach} within {with_policy}, as today. Assumes that "
    "nothing else changes.",
    "forecast.gains": "If {policy}, half of all cases would {reach} within {with_policy}; today fewer than half do "
    "while they are watched. Assumes that nothing else changes.",
    "forecast.slower": "If {policy}, fewer than half of all cases would {reach} while they are watched; today half "
    "do within {today}. Assumes that nothing else changes.",
    "forecast.never": "If {policy}, fewer than half of all cases would {reach} while they are watched, as today. "
    "Assumes that nothing else changes.",
    "forecast.range": ", likely between {low} and {high}",
    "forecast.range.sooner": ", likely between {low} later and {high} sooner",
    "forecast.range.later": ", likely between {low} sooner and {high} later",
    "forecast.no_range": "; the data do not give a range",
    "forecast.reach": "reach {steps}",
    "forecast.reach.end": "be finished",
    "forecast.touched": "It changes {share:.0%} of all cases; for the other {rest:.0%} nothing changes.",
    "forecast.untouched": "It changes no case: none of those it is for comes to this step, or it takes as long "
    "already.",
    "forecast.there": "In the end {with_policy:.1%} of all cases {reach}; today {today:.1%}.",
    "forecast.unseen": "{step} in {time}: never seen. Of the {n:time|times} it happened to such cases none was that "
    "fast; the fastest tenth took up to {tenth}.",
    "forecast.seen": "{step} in {time} or less: seen {fast:,} of the {n:time|times} it happened to such cases.",
    "forecast.nobody": "{step}: it never happened to such cases in this log.",
    "forecast.leaving": "Ends counted as giving up while waiting: {steps}. Who would have given up only after the "
    "new time goes on instead.",
    "forecast.legal": "The time before {step} is set by law. Stated as the legal basis for another one: {basis}",
    "forecast.off": "Take care: in the model of today half are there within {model}, in the log itself within {log}.",
    "forecast.stuck": "{share:.1%} of the simulated cases are not finished after {time}; they count as not finished.",
    "forecast.only": "The range holds what a log of this size cannot tell. It does not hold people who behave "
    "differently, or work that queues elsewhere because cases arrive there sooner.",
    "forecast.curve.today": "today",
    "forecast.curve.with_policy": "with the policy",
    "forecast.gain": "{effect}",
    "forecast.picture": "What would change: {policy}",
    "forecast.axis": "cases",
    "forecast.across": "days from arrival to {end}",
    "forecast.across.end": "the end",
    "forecast.across.step": "{steps}",
    "define.forecast": "The same simulated cases twice, as the log was and with the policy; only the policy "
    "differs. Next step and time to it are drawn together from what was seen after the same last steps (competing "
    "risks, Aalen-Johansen; open cases counted). By when half (8 in 10) of ALL cases are there; cases that end "
    "otherwise never are. Ranges: 90%, from a bootstrap of the weeks in which cases began, refitted each time.",
    "column.measure": "measure",
    "column.with_policy_low": "with the policy, from",
    "column.with_policy_high": "with the policy, to",
    "column.today_low": "today, from",
    "column.today_high": "today, to",
    "column.today": "today",
    "column.with_policy": "with the policy",
    "column.effect": "change",
    "column.share_there_today": "get there today",
    "column.share_there_with_policy": "get there with the policy",
    "column.share_affected": "cases it changes",
    "column.share_chance": "part due to chance in simulating",
    # models
    "models.petri_net": "Petri net of {steps:step|steps}, learned from the {paths:,} different paths of {cases:,} finished cases.",
    "models.process_tree": "Process tree of {steps:step|steps}, learned from the {paths:,} different paths of {cases:,} finished "
    "cases.",
    "models.bpmn": "BPMN diagram of {steps:step|steps}, learned from the {paths:,} different paths of {cases:,} finished cases.",
    "models.all": "Every one of these cases can run through it; it may allow paths that no case took.",
    "models.noise": "Moves rarer than {noise:.0%} of the most frequent one from the same step are left out: cases that took them "
    "need not fit.",
    "models.open": "{open:,} open cases are left out: how they end is not known.",
    "models.sequence": "in this order",
    "models.choice": "one of these",
    "models.parallel": "all, in any order",
    "models.inclusive": "one or more of these",
    "models.loop": "repeat",
    "models.sign.token": "● where a case begins",
    "models.sign.choice": "× one of the ways",
    "models.sign.parallel": "+ all ways, side by side",
    "models.sign.inclusive": "○ one or more of the ways",
    "models.sign.loop": "repeat: the upper one; then, as often as needed, a lower one and the upper one again",
    "models.sign.silent": "▮ nothing happens here",
    "models.sign.end": "Heavy ring: where a case ends",
    "define.petri_net": "A step can happen when each circle before it holds a token; it takes these and puts one into each circle "
    "after it. Learned by the inductive miner (Leemans, Fahland and van der Aalst 2013, 2014) from the paths of finished cases.",
    "define.process_tree": "Boxes on the right are steps, the others say how the ones beside them go together. Learned by the "
    "inductive miner (Leemans, Fahland and van der Aalst 2013, 2014) from the paths of finished cases.",
    "define.bpmn": "Business Process Model and Notation 2.0. Learned by the inductive miner (Leemans, Fahland and van der Aalst "
    "2013, 2014) from the paths of finished cases.",
    "person": "person {k}",
}
