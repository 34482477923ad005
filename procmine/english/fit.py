"""Words of fitted models."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "fit.of": "A model of {cases:case|cases} and their {moves:move|moves}; {open:,} are still open and counted as far as "
    "they have come.",
    "fit.from": "It learned from a part of the log: {how}.",
    "fit.slow": "The package numba is not installed here: simulating gives the same figures, but takes many times as long.",
    "fit.followed": "Simulated cases are followed for {time} from their arrival, as long as the log watches its "
    "first case.",
    "fit.by": "Cases are modelled apart by {names} where there are enough of them.",
    "fit.by.auto": "Of {names} the model looked at, {chosen} tell best what comes next and when: cases are modelled apart by them.",
    "fit.by.none": "None of {names} tells enough about what comes next and when to model cases apart by it.",
    "fit.since": "At steps that changed, it learns from what began since ({kept:.0%} of all stays count).",
    "fit.late": "Because slow cases come late to their steps, the first stays at a step do not count ({kept:.0%} of all stays do).",
    "fit.frailty": "Fast cases stay fast: how long successive steps of a case take goes together (correlation {share:.2f}, "
    "from {n:pair|pairs}); simulated cases do so too.",
    "fit.beside": "{steps} run beside each other ({n:stretch|stretches} of cases): what comes next waits for the last of them. "
    "If in truth one of them waits for another, making one faster saves more than the model says.",
    "fit.tail": "At {steps} nobody was watched long enough to see all cases leave ({share:.1%} of all stays are expected to last "
    "longer than any that was watched). How they go on is an assumption: at the pace of the last {last:,} that left.",
    "fit.stay": "At {steps} some cases stay for good, as far as these data show ({share:.1%} of all stays): none left after the "
    "last one that did, though many were watched for long.",
    "fit.assumes": "The model mixes whatever the log mixes: if the process works differently in one office, filter first. "
    "A case never waits for another one, except under a policy about people, volume or kinds of cases, at steps where the log "
    "shows who is waited for.",
}
