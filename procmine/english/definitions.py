"""What each result means."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # definitions
    "define.flow": "Time from one event's end to the next event's end in the same case. Share = that time / all time in the "
    "cases, from arrival to the end or, for open cases, to the last day of the data.",
    "define.variants": "A path is the list of a case's steps in order; an open case stands with its path so far.",
    "define.rework": "Repeats are events of a step beyond the first in its case; open cases count as far as they have come.",
    "define.handovers": "A handover: two events that follow each other in a case, done by different units.",
    "define.cycle_times": "Finished cases only: from arrival (or first event) to the last event. Ranges: 95%, from a "
    "bootstrap of the weeks in which cases began.",
    "define.step_times": "Time from a step to the next step of the case, whichever it is (Kaplan-Meier: a case that has not "
    "gone on is counted as waiting).",
    "define.survival": "Time from arrival to the end of the case (Kaplan-Meier; with one outcome named: Aalen-Johansen). "
    "Ranges: 95%, from a bootstrap of the weeks in which cases began.",
    "define.between": "Time between two milestones (Aalen-Johansen): a case that closed without the second never counts as "
    "having reached it. Ranges: 95%, from a bootstrap of the weeks in which cases began.",
    "define.bottlenecks": "Share = time before the step / all time from arrival to the end or, for open cases, to the last "
    "day of the data. Elapsed time, not waiting: work and waiting cannot be told apart with one time per event. Ranges: 95%, "
    "from sums by the week in which cases began.",
}
