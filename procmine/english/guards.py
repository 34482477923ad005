"""Words of the guards: ways in which a gain may be one of counting only."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # reopened and filed again
    "verdict.reopened.fails": "More cases come back after their end: of the new ones that ended, {share_after:.0%} did within {within}, taken "
    "up again or as a new case of the same party; before it was {share_before:.0%}. A wait that ends only to begin anew is not shorter. Look at "
    "those cases one by one: why were they ended?",
    "verdict.reopened.unsure": "It seems that more cases come back after their end: of the new ones that ended, {share_after:.0%} did "
    "within {within}, taken up again or as a new case of the same party; before it was {share_before:.0%}. That may still be chance. Look at those "
    "cases, and ask again when there are more.",
    "verdict.reopened.unknown": "We cannot tell whether people come back with a new case after theirs was ended, which would make waits "
    "look short. Needed are 30 weeks of cases before the change and 12 since it that can be watched for long enough, a log "
    "read as a whole, and whose case each is: name the column of the family or applicant in the spec (party: family_id).",
    "verdict.reopened.fine": "Cases do not come back after their end more often than before.",
    "verdict.reopened.family": "Counted from the first case of each party through all that followed, the wait in the first {watched} is "
    "{family_after} on average; before it was {family_before}.",
    # bunching
    "verdict.bunching.fails": "Unusually many cases are now done just before the limit “{standard}” ({limit} {unit}): {share_after:.0%} in the "
    "last {width} {unit} up to it, before {share_before:.0%}; and just beyond it some are missing: {beyond_after:.0%}, before "
    "{beyond_before:.0%}. Work may be aimed at the limit, or dates fitted to it. Look at a few of these cases on paper: were they really done by then?",
    "verdict.bunching.unsure": "It seems that more cases than before are done just before the limit “{standard}” ({limit} {unit}): "
    "{share_after:.0%} in the last {width} {unit} up to it, before {share_before:.0%}. That may still be chance. Look at a few of "
    "these cases on paper.",
    "verdict.bunching.unknown": "We cannot tell whether dates are moved to fit a limit: no limit is known that this log can be "
    "measured by, or there are too few weeks. Name it in the spec (limits: [{{name: decided, from: arrival, to: any end, within: 30}}]).",
    "verdict.bunching.fine": "Near the limit “{standard}” nothing piles up that did not before.",
    # pauses
    "verdict.pauses.fails": "The clock is stopped for longer: {stood_after} for each case on average, before {stood_before}. On the service clock "
    "cases gained {gained}; by the calendar they did not. People wait as long as before, only less of it is counted. Tell "
    "the wait by the calendar, and ask why cases are paused more.",
    "verdict.pauses.unsure": "The service clock is stopped for longer: {stood_after} for each case on average, before {stood_before}. A gain counted by "
    "that clock may be one of counting only: tell the wait by the calendar, and ask why cases are paused more.",
    "verdict.pauses.unknown": "We cannot tell whether cases are paused longer than before: the log does not say when they are, or there are too "
    "few weeks. Name it in the spec (clock: pauses: ..., or suspended: ...).",
    "verdict.pauses.fine": "The service clock is not stopped for longer than before at the cost of the wait.",
    # outside
    "verdict.outside.fails": "Work has moved to before the start: from its arrival a case now takes {lead_after} on average to get to where we "
    "begin to count; before it was {lead_before}. From the arrival on, people gained nothing that stands out. Count from the arrival.",
    "verdict.outside.unsure": "Work may have moved to where we do not count it, before the first step that is written down. This log cannot show "
    "more. Ask what happens now before a case is written down, and name the day on which papers come in (columns: arrival: ...).",
    "verdict.outside.unknown": "We cannot tell whether work has moved to where it is not written down: too few weeks or cases.",
    "verdict.outside.fine": "Nothing in how cases begin says that work has moved out of sight.",
    "verdict.outside.first": "Of the new cases {share_after:.0%} begin with “{first}”; before it was {share_before:.0%}.",
    "verdict.outside.gone": "“{gone}”, one of the first steps, is hardly written down any more: for {gone_after:.0%} of cases, before "
    "{gone_before:.0%}. Was it dropped, or is it done elsewhere now?",
    "verdict.outside.thinner": "Less is written down of each case: {events_after:.1f} steps on average, before {events_before:.1f}.",
    "verdict.outside.fewer": "There are {fewer:.0%} fewer cases.",
    "verdict.outside.lead": "Work may have moved to before the start: from its arrival a case now takes {lead_after} on average to get to where we "
    "begin to count; before it was {lead_before}. That may still be chance. Count from the arrival too.",
}
