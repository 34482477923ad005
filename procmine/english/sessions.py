"""Words of sessions, of hearings, and of how offices compare."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # sessions
    "sessions.weekday.0": "Monday",
    "sessions.weekday.1": "Tuesday",
    "sessions.weekday.2": "Wednesday",
    "sessions.weekday.3": "Thursday",
    "sessions.weekday.4": "Friday",
    "sessions.weekday.5": "Saturday",
    "sessions.weekday.6": "Sunday",
    "sessions.nth.1": "first",
    "sessions.nth.2": "second",
    "sessions.nth.3": "third",
    "sessions.nth.4": "fourth",
    "sessions.last": "last",
    "sessions.kind.weekly": "weekly",
    "sessions.kind.weeks": "every few weeks",
    "sessions.kind.nth": "monthly by weekday",
    "sessions.kind.day": "monthly by date",
    "sessions.kind.end": "month end",
    "sessions.when.weekly": "every {days}",
    "sessions.when.weeks": "{day} every {weeks} weeks",
    "sessions.when.nth": "{places} {day} of the month",
    "sessions.when.day": "day {day} of the month",
    "sessions.when.end": "last working day of the month",
    "sessions.added.weekday": "also on {days}",
    "sessions.added.weekday_between": "also on {days}, half way between",
    "sessions.added.between": "also half way between",
    "sessions.found": "{step} happens in sessions, {when}: {share:.0%} of {n:time|times}, in {sessions:session|sessions}. Half waited at most "
    "{waited} from being ready to the session.",
    "sessions.saving": "If it sat twice as often ({added}), a case would wait about {saved} less (likely between {low} and {high}), nothing else "
    "being changed.",
    "sessions.saving.no_range": "If it sat twice as often ({added}), a case would wait about {saved} less, nothing else being changed; too few weeks "
    "for a range.",
    "sessions.too_few": "Fewer than {least} times are too few to tell what sitting more often would save, as other waiting comes first.",
    "sessions.no_room": "Between two sessions is no open day for another one.",
    "sessions.full": "Sessions fill up: after {full:.0%} of them some who were ready had no seat (half of the sessions take at most {items:.0f}). "
    "That saving shares the same seats among twice as many sessions; with as many seats in each it would be about {saved}.",
    "sessions.passed": "{passed:.0%} let a session pass that was not full: they wait for something else first, and more sessions do not shorten that.",
    "sessions.none": "No step keeps to certain days: {steps:step was|steps were} looked at.",
    "sessions.short": "No step was done often enough, over weeks enough, to tell whether it keeps to certain days.",
    "sessions.by": "Offices and courts may have days of their own: with by= each is looked at alone.",
    "sessions.more": "{more:,} more in the table.",
    "sessions.picture": "What a case would gain if sessions were held twice as often",
    "sessions.axis": "days less per case, with the likely range",
    "sessions.note": "{when} ({share:.0%} of {n:time|times})",
    "define.sessions": "Looked for: one or two weekdays, a weekday every 2 to 4 weeks, the first to fourth, last, first and third or second and fourth "
    "weekday of the month, a day of the month, its last working day; a session whose day is closed may move to the open day before or after. A "
    "step is called so if at least 3 in 4 of the items that waited overnight keep to the days, and that is more than closed days, busy weekdays and the "
    "waits themselves make likely (a bound by Hoeffding over weeks or months, corrected for all patterns, steps and groups; 5%). A step that always "
    "follows another after the same time is not called so. Ready: the end of the step that made it possible, else the arrival. Saving: each "
    "item takes the first session at or after it is ready that has a seat; the added sessions lie half way between two, on an open day. Sessions are full "
    "if those that leave items waiting hold about equally many. Where items let sessions pass that were not full, each day since the session before "
    "is weighed by how long such waits take in all items (smoothed, Silverman 1990), and nothing is said with fewer than 300 items. Per case that comes to the step; items not held yet are not counted. Ranges: 95%, weeks in "
    "which items became ready drawn again.",
    # hearings
    "hearings.first": "Of {n:case|cases} that came to a first date, {share:.0%} are decided there without another{range}.",
    "hearings.undecided": "{n:case|cases} came to a first date, and of none is it known that it was decided or ended otherwise: how many need another "
    "date cannot be told yet.",
    "hearings.range": " (likely between {low:.0%} and {high:.0%})",
    "hearings.no_range": " (too few weeks for a range)",
    "hearings.more": "{share_1:.0%} need two dates, {share_2:.0%} three, {share_3:.0%} more; open cases are counted as waiting.",
    "hearings.added": "A second date comes after {added} in half of those who get one ({n:time|times}).",
    "hearings.off": "{off:,} of {dates:date was|dates were} called off, or followed by another without a decision.",
    "hearings.or_more": "{n} or more",
    "hearings.dates.one": "1 date",
    "hearings.dates": "{dates} dates",
    "hearings.note": "{share:.0%} ({n:case|cases} came so far){added}",
    "hearings.note.added": ", half after {added}",
    "hearings.picture": "How many dates a case needs",
    "hearings.axis": "share of cases, with its likely range",
    "define.hearings": "Dates of a case are the days with one of the steps named, up to its decision. After each date a case is decided, gets another "
    "date, ends otherwise, or is open: shares by Aalen-Johansen, so that cases still open count as waiting and not as decided. "
    "Share of a number of dates: by the shares that go on from each date to the next. Decided at the first date is the certainty of trial dates of "
    "CourTools 5. Called off: a step named as such on that day; where none is named, any date that another follows. Time to a date: among those who "
    "get it, from the one before. Cases begun before the day from which the data are complete are left out. Ranges: 95%, weeks in "
    "which cases began drawn again, and at least Wilson's; none below 20 weeks.",
    "column.dates": "dates",
    "column.decided": "decided",
    "column.another": "another date",
    "column.called_off": "called off",
    "column.share_decided": "share decided there",
    "column.share_decided_low": "share decided, from",
    "column.share_decided_high": "share decided, to",
    "column.gap": "half after",
    "column.gap_80": "8 in 10 after",
    "column.in_sessions": "in sessions",
    "column.rhythm": "rhythm",
    "column.when": "when",
    "column.every": "every",
    "column.share_expected": "share by chance",
    "column.log_p": "log of chance",
    "column.sessions": "sessions",
    "column.items": "items in half of them",
    "column.most": "most items",
    "column.share_full": "full sessions",
    "column.share_passed": "let one pass",
    "column.waited_mean": "waited, mean",
    "column.added": "twice as often",
    "column.saved": "saved",
    "column.saved_low": "saved, from",
    "column.saved_high": "saved, to",
    "column.saved_seats": "saved, same seats each",
}
