"""Words of what a model rests on."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "diagnosis.delays": "This log can carry a forecast of steps that take another time, are left out, or lead elsewhere: "
    "{share:.0%} of what cases did next was seen often enough at their step. It cannot tell what more staff, more cases or "
    "another order would do to waits: for these you get a lowest and a highest answer.",
    "diagnosis.delays.staff": "This log can carry a forecast of steps that take another time, are left out, or lead "
    "elsewhere ({share:.0%} of what cases did next was seen often enough at their step), and of staff at the steps where "
    "cases were seen to wait for each other.",
    "diagnosis.drift": "Be careful with any forecast from this log: it changed while it was recorded, and a forecast can "
    "only draw on the last stretch. What is said below names what changed, and when.",
    "diagnosis.few": "Only {ended:case|cases} of this log ended: too few to forecast anything from. Ranges will be wide, and "
    "rightly so.",
    "diagnosis.thin": "Seen fewer than {least} times, so told by what usually happens, not by their own cases: {steps}.",
    "diagnosis.thin.more": "{n} steps were seen fewer than {least} times and are told by what usually happens, not by their "
    "own cases: {steps} and others.",
    "diagnosis.no_starts": "The log says when steps were done, not when work on them began: waiting and working cannot be "
    "told apart. Record beginnings to change that.",
    "diagnosis.no_people": "The log does not say who did a step: nothing can be said of staff. Record the person or the team "
    "(a code is enough) to change that.",
    "diagnosis.never": "No log can tell how people will behave under a rule that nobody has lived under yet. A pilot can.",
    "diagnosis.arrival": "(came in)",
    "diagnosis.runs.calendar": "calendar",
    "diagnosis.runs.office": "office hours",
    "diagnosis.runs.busy": "office hours, busy ones count more",
    "diagnosis.runs.own": "hours of its own",
    "diagnosis.runs.sessions": "session days",
    "diagnosis.picture": "How much data stands behind each step?",
    "diagnosis.axis": "cases that were at the step (each mark ten times the one before)",
    "diagnosis.footer": "Of {cases:case|cases}. Beside each bar: how many went on + how many are still there.",
    "diagnosis.label.stays": "went on from there",
    "diagnosis.label.still": "still there",
    "diagnosis.label.least": "too few below this line",
    "diagnosis.hours": "When does time count? The week as the office worked it",
    "diagnosis.hours.axis": "hour of the day",
    "diagnosis.hours.footer": "{steps} of {of} steps keep these hours or hours of their own; at the others day and night count.",
    "diagnosis.arrivals": "New cases week by week, and the next three months as the model expects them",
    "diagnosis.arrivals.axis": "new cases a week",
    "diagnosis.label.seen": "came",
    "diagnosis.label.expected": "expected (band: nine weeks in ten)",
    "define.diagnosis": "What a model was learned from, step by step: how many stays of cases at a step ended, how many cases "
    "are still there, the time that counts there, and whether cases were seen to wait for each other (in the order of their "
    "coming, their waits are more alike than chance makes them; nobody who could take them is free; and no more get through than at "
    "busy times).",
    "define.working_week": "How fast time counts in each hour of the week, learned from when steps are done; 1 is the calendar's "
    "pace.",
    "define.coming": "Cases begun in each week, and what a count model of trend, weekday, closed days and season expects; the "
    "band holds nine weeks in ten of its draws.",
    "column.weekday": "weekday (0 is Monday)",
    "column.pace": "pace",
    "column.usual": "expected",
    "column.fewest": "fewest",
    "column.greatest": "most",
    "cli.fitting": "Learning from {name} ...",
    "cli.checking": "Forecasting the past of {name} to see how well that works ...",
}
