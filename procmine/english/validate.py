"""Words of checks of a simulation against what happened."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "instance.begins": "{step} begins",
    "kept.validated": "foretold as of {days:earlier day|earlier days} and compared with what came",
    "validate.none": "The simulation cannot be checked on this log: too few cases, or too few that have ended. From a day "
    "in its past, 100 cases or more have to be known, 30 of them ended, and 30 or more have to come after it. Its ranges may be "
    "too narrow, and nobody can say so from this log.",
    "validate.line.too_few": "Not checked against the past: the log has too few cases, or too few that have ended.",
    "validate.line.good": "Checked against the past: foretold as of {days:earlier day|earlier days}, {held:,} of {figures:,} weekly "
    "figures of {cases:case|cases} that it had not seen lay in their ranges (9 in 10 should). Good for policies that change a wait "
    "or a step; {staffing}.",
    "validate.line.careful": "Checked against the past: foretold as of {days:earlier day|earlier days}, {held:,} of {figures:,} weekly "
    "figures of {cases:case|cases} that it had not seen lay in their ranges (9 in 10 should). Take care with it: the reasons are in "
    "the check; {staffing}.",
    "validate.line.no": "Checked against the past and not to be relied on: foretold as of {days:earlier day|earlier days}, {held:,} of "
    "{figures:,} weekly figures of {cases:case|cases} that it had not seen lay in their ranges (9 in 10 should).",
    "validate.verdict.good": "Good for policies that change a wait or a step; {staffing}.",
    "validate.verdict.careful": "To be used with care for policies that change a wait or a step; {staffing}.",
    "validate.verdict.no": "Not to be relied on: what came after the days from which it was foretold was different.",
    "validate.why.changed": "{changed} A forecast learns from what began since; how good that is, the past before it cannot tell.",
    "validate.why.mixed": "{changed} Too little came since then to learn from that alone: a forecast would mix two processes.",
    "validate.why.times": "Only {inside:,} of {figures:,} weekly times (mean and half of the cases that ended) lay in their "
    "ranges; 9 in 10 should.",
    "validate.why.counts": "Only {inside:,} of {figures:,} weekly counts (new, ended and open cases) lay in their ranges; 9 in "
    "10 should. What it says of the backlog is less sure than it looks.",
    "validate.why.off": "New cases took other times than before: the error in foretelling them is {more:.0%} above the least "
    "possible.",
    "validate.why.replay": "Playing old cases again foretells the times of new ones better: the model is {more:.0%} further "
    "off.",
    "validate.staffing.pools": "for staffing at {steps} alone, where the waits look like a queue",
    "validate.staffing.no_pools": "not for staffing: cases seem to queue at {steps}, but the log does not tell how many people work there",
    "validate.staffing.no_sign": "not for staffing, because nothing in this log shows that cases wait for each other",
    "validate.staffing.cannot_tell": "not for staffing, because this log cannot tell whether cases wait for people or for "
    "something else",
    "validate.ranges": "Foretold as of {days:earlier day|earlier days}, {held:,} of {figures:,} weekly figures (new cases, ends, open "
    "cases, times of those that ended) of {cases:case|cases} that it had not seen lay in their ranges; 9 in 10 should.",
    "validate.times": "How long new cases take was foretold with an error of {ours:.3g} days. Cases differ: knowing all times but not "
    "whose they are would leave {least:.3g}. Replaying old cases has {replayed:.3g}.",
    "validate.as_is": 'Coming near to the past does not show that an answer to "what if" is right: replaying old cases comes '
    "near as well, and knows of no rule but today's.",
    "validate.curve.real": "what came (band: chance)",
    "validate.curve.simulated": "simulated",
    "validate.picture.curve": "Cases that came after {day}: what was foretold, and what came",
    "validate.picture.axis": "share of cases ended",
    "validate.picture.across": "days since arrival",
    "validate.bar.simulated": "simulated",
    "validate.bar.replayed": "old cases replayed",
    "validate.bar.chance": "chance",
    "validate.errors.title": "How far the simulation is off, beside replayed cases and chance",
    "validate.errors.across": "error, as times that of chance (1: as far off as the cases that came, drawn anew)",
    "validate.errors.footer": "Mean over the days from which the log was foretold. Left of the marks: better than replaying old "
    "cases.",
    "validate.measure.new": "times of new cases",
    "validate.measure.slow": "their slowest tenth",
    "validate.measure.going": "times of cases that were open",
    "validate.measure.ngd": "order of steps",
    "validate.measure.aed": "when steps happen",
    "validate.measure.car": "when cases come",
    "validate.measure.ced": "hour and weekday of steps",
    "validate.measure.red": "steps since the case came",
    "validate.measure.ctd": "length of cases",
    "validate.unit.days": "days",
    "validate.unit.hours": "hours",
    "validate.unit.share": "of 1",
    "column.simulated": "error of the simulation",
    "column.replayed": "of replayed cases",
    "column.by_chance": "of chance",
    "define.validation": "Rolling-origin hold-out, open cases kept: the model is fitted on the log as it stood on each of some "
    "days, and what came in the days after is compared with simulated futures (each draw weighs entry weeks anew and is one "
    "future). Times of new and of open cases: continuous ranked probability score over the time that each was watched; "
    "slowest tenth: pinball loss of the 0.9 quantile. Order of steps: n-gram distance, n = 3 (0 to 1). When steps happen, "
    "when cases come, hour and weekday, since the case came, length: absolute event, case arrival, circadian, relative and "
    "cycle time distance (1-Wasserstein, hours) as in log-distance-measures 2.2.0, of events up to the end of the days "
    "foretold. Replayed: arrivals of the time before, moved by whole weeks, with paths of cases watched long enough. Chance: "
    "the held-out cases drawn anew; for times, their own Kaplan-Meier curve.",
}
