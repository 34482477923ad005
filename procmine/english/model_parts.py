"""Words of the parts of a model: clocks, arrivals, drift and sessions."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "operational.calendar": "Time counts day and night at every step: nights, weekends and holidays make no difference that "
    "these data show.",
    "operational.office": "At {steps:step|steps} time counts only while the office works, as seen in the log: {open}.",
    "operational.uneven": "At {steps:step|steps} time passes faster in busy hours of the week than in quiet ones, as seen in "
    "the log; the office is hardly ever closed.",
    "operational.days": "{days}",
    "operational.hours": "{days}, mostly from {opens} to {closes} o'clock",
    "operational.closed": "{days:day|days} with no event at all, where many would be usual, count as closed (the last one: "
    "{last}); those that come every year are expected again.",
    "operational.outside": "After {steps} time counts day and night: what is waited for there does not keep the office's hours.",
    "arrivals.of": "New cases: learned from {first} to {last}; about {week:,.0f} a week are expected next.",
    "arrivals.few": "The log is too short to tell how many cases come: as many are taken as it had on average, {week:,.1f} a "
    "week, at any hour. What is said of open cases ahead is no more than that.",
    "arrivals.more": "Lately more and more came, at a pace of {part:.0%} more a year; this is expected to fade out within "
    "about {days:day|days}, not to go on for ever.",
    "arrivals.fewer": "Lately fewer and fewer came, at a pace of {part:.0%} fewer a year; this is expected to fade out within "
    "about {days:day|days}, not to go on for ever.",
    "arrivals.bursts": "Several cases often come in at one moment ({size:.1f} on average); simulated ones do so too.",
    "arrivals.regular": "Cases come in very evenly, as by a timetable; simulated ones do so too.",
    "arrivals.stopped": "No case begins after {last} although work goes on: the extract is taken to end its intake there.",
    "arrivals.dropped": "Cases that were not done at the end are missing in this log: how many, is told from how long cases take.",
    "arrivals.no_season": "With less than a year of data nothing is known of how the time of the year matters.",
    "meetings.step": "{step} is held on session days, {when} ({share:.0%} of {n:item|items}; {seen:,} sessions seen): simulated "
    "cases come to it on such days, later ones expected on the same pattern.",
    "meetings.seats": "{step}: a session takes about {seats:case|cases}; who is left over comes to a later one.",
    "drift.short": "Fewer than {weeks} weeks can be compared: whether the process changed on the way cannot be told.",
    "drift.none": "No change of waits, paths or arrivals within the log stands out from its usual ups and downs.",
    "drift.wait": "Take care: the wait after {step} changed within the log, about {day}: {before} on average before, {after} since.",
    "drift.slow": "Take care: the wait for {step} changed bit by bit within the log: {before} on average in the first half of "
    "the stays, {after} in the second. The model learns from those since {day}; if the change goes on, a forecast lags behind it.",
    "drift.path": "Take care: how often {then} comes after {step} changed within the log, about {day}: {before:.0%} before, "
    "{after:.0%} since.",
    "drift.arrivals": "Take care: the number of new cases changed within the log, about {day}: {before:,.0f} a week before, "
    "{after:,.0f} since.",
    "drift.since": "At steps that changed, the model learns from what began since; before, it was another process.",
    "drift.unwise": "Too little came since the change for tables of their own ({steps}): a forecast would mix two processes there; "
    "better wait for more data.",
}
