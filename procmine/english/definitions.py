"""What each result means."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # definitions
    "define.flow": "Time from one event's end to the next event's end in the same case. Share = that time / all time in the "
    "cases, from arrival to the end or, for open cases, to the last day of the data.",
    "define.directly_follows": "Counted is each event that follows another one directly in the same case, by the steps of both.",
    "define.variants": "A path is the list of a case's steps in order; an open case stands with its path so far.",
    "define.rework": "Repeats are events of a step beyond the first in its case; open cases count as far as they have come.",
    "define.handovers": "A handover: two events that follow each other in a case, done by different units.",
    "define.cycle_times": "Finished cases only: from arrival (or first event) to the last event. Ranges: 95%, from "
    "sums by the week in which cases began.",
    "define.step_times": "Time from a step to the next step of the case, whichever it is (Kaplan-Meier: a case that has not "
    "gone on is counted as waiting).",
    "define.survival": "Time from arrival to the end of the case (Kaplan-Meier; with one outcome named: Aalen-Johansen). "
    "Ranges: 95%, from sums by the week in which cases began.",
    "define.between": "Time between two milestones (Aalen-Johansen): a case that closed without the second never counts as "
    "having reached it. Ranges: 95%, from sums by the week in which cases began.",
    "define.bottlenecks": "Share = time before the step / all time from arrival to the end or, for open cases, to the last "
    "day of the data. Elapsed time, the work in it included: where beginnings are recorded, `activity_times` tells waiting from work. Ranges: 95%, "
    "from sums by the week in which cases began. Place: where the share stands among the steps, 95%, in 200 draws of those weeks. "
    "Against a year ago: the mean time before the step of those begun in the last 52 weeks, against the 52 before, either as it stood at its "
    "end (who still waited then counts as far as that); a change is called one from 5% on, and corrected for the number of steps. Stuck: open "
    "cases that have stood after the step for longer than 8 in 10 of those that went on from it took.",
    "define.spectrum": "Performance spectrum (Denisov, Fahland & van der Aalst 2018): per case the first occurrence of a step and the first of the next from then on. Colours: quarters of those that got there. Cases that did not are drawn to the end of the data.",
    "define.dotted": "Dotted chart (Song & van der Aalst 2007): one line a case, one dot an event.",
    "define.staged": "At each date, open cases by the last step they had come to by then (staged process flow, Nguyen et al. 2016). In sum: those arrived less those ended by then.",
    "define.spread": "Finished cases by the time from arrival to end, open ones by how long they have waited. share: part of all cases that end in this range, open cases counted by when those like them ended (Kaplan-Meier).",
    "define.week": "Events by weekday and hour of their end, on the wall clock of the agency's zone; events of which only the date is known stand apart.",
    "define.forecast": "The same simulated cases twice, as the log was and with the policy; only the policy "
    "differs. Next step and time to it are drawn together from what was seen after the same last steps (up to six, falling back on "
    "fewer; competing risks, Aalen-Johansen; open cases counted). By when half (8 in 10) of ALL cases are there; cases that end "
    "otherwise never are. Ranges: 90%, from a bootstrap of the weeks in which cases began, refitted each time.",
    "define.forecast.amounts": "Shares of all simulated cases that are there in time. Cases that end, and cases open, in the time after the data: those "
    "open at its end go on, new ones come as before; ranges (90%) hold the luck of who comes. Open on average = days of all cases within that time / its days (Little 1961).",
    "define.forecast.saved": "Mean time of all simulated cases in the stays that end with a step, from the step before it; all rows add up to the mean "
    "time from arrival to the end, and so do the changes. Ranges: 90%.",
    "define.forecast.groups": "Mean time from arrival to the end of the simulated cases of each group with at least 20 cases in the log; attributes that name people are left out. Ranges: 90%.",
    "define.forecast.open": "Cases open at each date: those of the log up to its end, then simulated ones, the real open cases going on from where they stood. Ranges: 90% of draws, with the luck of who comes.",
    "define.forecast.queues": "Mean number of cases in front of each pool over the time after the data. Ranges: 90%.",
    "define.scenarios": "The target is met in a draw if it holds for the simulated cases of that draw; chance = such draws / all. Draws: bootstrap of the weeks in which cases began, without the part "
    "that is chance in simulating. The same cases and draws in every row. What the log only bounds has no chance, only those of both bounds.",
    "define.sensitivity": "Change in the mean time from arrival to the end of the same 20,000 simulated cases when one assumption at a time is another one.",
    "define.needed": "The longest time of the step, as an upper limit each time, with which the target holds, found by halving on the same simulated cases. Range: 90%, from a bootstrap of the weeks in which cases began.",
}
