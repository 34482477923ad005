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
    "policy.and": "{what} and {last}",
    "policy.some": "{what} (in cases where {where})",
    "kept.simulated": "{cases:case|cases} simulated; policy: {policy}",
    "forecast.unseen": "{step} in {time}: never seen. Of the {n:time|times} it happened to such cases none was that "
    "fast; the fastest tenth took up to {tenth}.",
    "forecast.seen": "{step} in {time} or less: seen {fast:,} of the {n:time|times} it happened to such cases.",
    "forecast.nobody": "{step}: it never happened to such cases in this log.",
    "forecast.leaving": "Ends counted as giving up while waiting: {steps}. Who would have given up only after the "
    "new time goes on instead.",
    "forecast.legal": "The time before {step} is set by law. Stated as the legal basis for another one: {basis}",
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
