"""Words of an office's month and of its place among other offices."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "month.period.month": "{month}",
    "month.period.quarter": "the three months up to {month}",
    "month.period.rolling_year": "the twelve months up to {month}",
    "month.flow": "In {period}, {arrived:case|cases} came and {closed:case was|cases were} finished; {open:case is|cases are} open at the end of {month}: {judged}",
    "month.flow.bare": "In {period}, {arrived:case|cases} came and {closed:case was|cases were} finished; {open:case is|cases are} open at the end of {month}.",
    "month.flow.few": "How many cases came and were finished in {period} is not told: it would tell of too few.",
    "month.open": "{open:case is|cases are} open at the end of {month}: {judged}",
    "month.open.bare": "{open:case is|cases are} open at the end of {month}.",
    "month.dormant": "Nothing has happened for very long in {dormant:,} of the open cases.",
    "month.dormant.what": "of the open cases, nothing has happened for very long in",
    "month.judged.above": "more than the usual ups and downs, so look for the reason.",
    "month.judged.below": "fewer than the usual ups and downs, which does not say that people wait less long.",
    "month.judged.usual": "within the usual ups and downs.",
    "month.judged.not_judged": "not judged, as cases were under way when something was changed.",
    "month.judged.too_few": "there are too few months yet to know the usual ups and downs.",
    "month.longer": "This page is about {period} ({first} to {last}), as is done where cases are few: figures of one month would go up and down by chance.",
    "month.chance": "So few cases were finished that the figures may change from one time to the next by chance alone.",
    "month.half": "As things went in {period}, half of the cases are finished within {half} (likely between {low} and {high}), those still waiting counted.",
    "month.half.open": "As things went in {period}, half of the cases are finished within {half} (likely {low} or more), those still waiting counted.",
    "month.half.bare": "As things went in {period}, half of the cases are finished within {half}, those still waiting counted; how sure that is cannot be told.",
    "month.half.none": "Within how long half of the cases are finished cannot be told from {period}.",
    "month.year": "As things went in the twelve months up to {month}: {half} (likely between {low} and {high}).",
    "month.year.open": "As things went in the twelve months up to {month}: {half} (likely {low} or more).",
    "month.year.bare": "As things went in the twelve months up to {month}: {half}; how sure that is cannot be told.",
    "month.waited": "Half of those waiting at the end of {month} have waited {half} or longer.",
    "month.kept": "Done in time ({standard}): {share:.0%} of {n:case|cases} whose limit passed in {period} (likely between {low:.0%} and {high:.0%}); {asked:.0%} are asked for.",
    "month.kept.bare": "Done in time ({standard}): {share:.0%} of {n:case|cases} whose limit passed in {period}; {asked:.0%} are asked for.",
    "month.promised": "Of {n:case|cases} that came in {month}, {share:.0%} had an end within the {days:,.0f} days that could have been promised to them then; 80% would have been promised.",
    "month.voice": "People got in touch about {n:case|cases} in {period}.",
    "month.voice.few": "About how many cases people got in touch in {period} is not told: it would tell of too few.",
    "month.voice.complaints": "They complained about {n:case|cases}.",
    "month.voice.staff": "Staff noted something about {n:case|cases}.",
    "month.likely": "{low} to {high}",
    "month.wait.what": "average wait of those who came in {month}, followed for {days:,.0f} days",
    "month.promised.what": "of those who came in {month}, ended within the {days:,.0f} days that could have been promised",
    "month.contacted.what": "cases about which people got in touch",
    "month.complained.what": "cases about which people complained",
    "month.noted.what": "cases about which staff noted something",
    "month.waits": "More open cases are {place} than at any other step: {n:,}. Half of these have been there {half} or longer.",
    "month.waits.bare": "More open cases are {place} than at any other step: {n:,}.",
    # what cannot be told
    "month.untold.chart": "The usual ups and downs cannot be told: a month in between has no case, or no month is complete yet.",
    "month.untold.chart.longer": "Months are not set side by side here: there are few cases in each. This page is about {period}.",
    "month.untold.places": "Where the time went in {period} cannot be told: no case was open between two steps.",
    "month.untold.waiting": "Nobody is waiting at the end of {month}: no case is open.",
    "month.untold.promise": "Whether promises were kept cannot be told: there is no standard, and too few months are over to say what could have been promised.",
    "against.nothing": "Nothing is known here of other offices. A batch of all offices writes for each what it may know of the others (docs/batch.md).",
    "month.untold.voice": "No voices are in these data. A table of calls, complaints or notes with a case and a date on each row is enough: in the "
    "log's spec, voice: complaints.csv.",
    "column.told": "value",
    "column.told_range": "likely",
    "column.month_before": "month before",
    "column.told_cases": "of cases",
    "column.own": "here",
    "column.faster": "others faster",
    "column.alike": "others alike",
    "column.slower": "others slower",
    "column.untold": "others not told",
    "column.band_low": "middle half of all, from",
    "column.band_high": "middle half of all, to",
    "define.untold": "What cannot be told is not guessed.",
    "define.month": "All as the log stood at the end of the month. Came, finished, open: counted. Half finished within: Kaplan-Meier of the days of the "
    "period, cases that came before watched from its first day on, those that stay open at its end (95% range: weeks of entry; below 20 weeks Brookmeyer "
    "and Crowley, the variance doubled). Done in time: of the cases whose limit passed in the period, open late ones counted as late (95% range: Wilson, "
    "with the effect of weeks). Usual ups and downs: the limits and rules of a control chart of all months (XmR, or what the data ask for). The average wait: "
    "of the last month all of whose cases could be followed so long. Waited: of those open at the end, dormant ones left out. What could have been "
    "promised: by what was known on the first day of the month. The step with the largest part of the time: of the last 12 months.",
}
