"""Words of calendars, office hours and the service clock."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "clock.office": "the office's opening hours, {hours:g} hours a working day",
    "clock.offices": "opening hours by {offices} calendars, {hours:g} hours a working day",
    "clock.offices.days": "opening hours by {offices} calendars, whose working days last {low:g} to {high:g} hours: each office's own "
    "working day counts as one",
    "load.calendars": "Opening hours are known: {what}.",
    "load.calendars.one": "{name} ({hours:g} hours a working day, without public holidays)",
    "load.calendars.holidays": "{name} ({hours:g} hours a working day, public holidays of {where})",
    "load.calendars.empty": "Calendar {name}: no public holiday of {country} is known for {years}. Name the closed days of those years under closed.",
    "clock.service": "the service clock, from {since} to {upto}; {pauses}; it counts {hours}",
    "clock.service.from": "the first {step}",
    "clock.service.arrival": "the arrival",
    "clock.service.to": "the first of {steps} after that",
    "clock.service.end": "the end of the case",
    "clock.service.none": "it never stands",
    "clock.service.pauses": "it stands for {n:one reason|reasons} that the log's rules name",
    # in whose hands the time of cases passes
    "service.part.before": "before the clock begins",
    "service.part.ours": "with us",
    "service.part.open": "with us in opening hours",
    "service.part.closed": "with us while closed",
    "service.part.with": "with the {whose}",
    "service.part.others": "with others",
    "service.part.hold": "on hold",
    "service.part.after": "after the clock has stopped",
    "service.nothing": "No time passes in these cases.",
    "service.top": "Of every 10 days that a case takes, {parts}.",
    "service.first": "{tenths:.1f} pass {part}",
    "service.one": "{tenths:.1f} {part}",
    "service.ours": "{tenths:.1f} of them are with us; too few weeks for a range.",
    "service.ours.range": "{tenths:.1f} of them are with us, likely between {low:.1f} and {high:.1f}.",
    "service.counts": "{n:case|cases}, on average {whole} each; {open:,} still open, counted up to the last day of the data.",
    "service.hours": "Opening hours: {clock}. The times here are calendar days, also those in opening hours.",
    "service.picture": "In whose hands the time of cases passes",
    "service.axis": "share of all the time that cases take",
    "service.bar": "{group} ({n:case|cases})",
    "service.footer": "{n:case|cases}, {open:,} still open and counted up to the last day of the data.",
    "service.footer.more": "{n:case|cases}, {open:,} still open and counted up to the last day of the data. {left:,} more groups are not drawn.",
    "define.service_times": "Each case's time from arrival to its end or, if open, to the last day of the data, cut by the rules of the clock in the "
    "log's spec. Before the clock begins: up to the first step that begins it, all the time where it has not happened. With another party: from each "
    "step that pauses the clock to the next that ends the pause; one without an end lasts on. On hold: from a status that means so to the next "
    "other one. After: since the first step that stops the clock. With us: the rest; in opening hours by the office's calendar. Where two hold "
    "at once, time counts once: before, after, then the pauses in the order of the spec, then on hold. Share: of all time of all cases. Ranges: 95%, "
    "from sums by the week in which cases began.",
    "column.part": "where the time passes",
    "column.side_share": "share of that side",
    "column.side_low": "likely from",
    "column.side_high": "to",
}
