"""Words of drivers: what goes with long waits."""

from __future__ import annotations

from collections.abc import Mapping

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

WORDS: Mapping[str, str] = {
    "drivers.name": "{name}",
    "drivers.of.case": "from arrival to the end",
    "drivers.of.step": "from {start} to {stop}",
    "drivers.of.weekday": "weekday it began",
    "drivers.of.month": "month it began",
    "drivers.of.workload": "cases already waiting there",
    "drivers.of.arrivals": "cases that came in the 4 weeks before",
    **{f"drivers.month.{place}": name for place, name in enumerate(MONTHS)},
    **{f"drivers.weekday.{place}": name for place, name in enumerate(DAYS)},
    "drivers.third.0": "few (lowest third of the office)",
    "drivers.third.1": "as usual (middle third of the office)",
    "drivers.third.2": "many (highest third of the office)",
    "drivers.others": "(others)",
    "drivers.missing": "(missing)",
    "drivers.longer": "{attribute}: {level} goes with longer waits, by {days} on average (likely between {low} and {high}): {mean} beside {others} "
    "of all others ({n:wait|waits}).",
    "drivers.shorter": "{attribute}: {level} goes with shorter waits, by {days} on average (likely between {low} and {high}): {mean} beside {others} "
    "of all others ({n:wait|waits}).",
    "drivers.more": "{more:,} more stand in the table.",
    "drivers.none": "Nothing that was known when these waits began goes with longer or shorter ones, beyond what chance alone gives. Looked at: {looked}.",
    "drivers.association": "This is what goes together, not what causes it: who shares one of these often shares others, and what nobody recorded.",
    "drivers.counted": "Counted: {n:wait|waits} {what}, begun from {first} to {last}, each followed for {horizon}; a longer one counts as that. A wait "
    "also ends when its case closes.",
    "drivers.left.persons": "Not looked at, as they tell of persons: {names}.",
    "drivers.left.protected": "Not looked at, as the law may protect people by them: {names}. Where you may and must look, name them in protected=.",
    "drivers.left.later": "Not looked at, as they come with a later step, or open cases mostly lack them, so they were not known when the wait began: {names}.",
    "drivers.left.many": "Not looked at, as most of their values have too few waits: {names}.",
    "drivers.left.few": "Not looked at, as all waits have the same value: {names}.",
    "drivers.left.asked": "Looked at on request, though the law may protect people by them: {names}. A difference here is a reason to look for what "
    "stands in people's way, and says nothing about them.",
    "drivers.too_few": "Too few waits to tell what goes with long ones: {n:wait|waits} in {weeks:week|weeks} can be followed for {horizon}; at least "
    "{least:,} in {least_weeks} weeks are needed. Name a shorter horizon (horizon=, in days), or a wait that more cases come to.",
    "drivers.picture": "What goes with long waits {what}",
    "drivers.axis": "days longer (right) or shorter (left) than all other waits, each counted up to {horizon}, with the likely range; filled: stands beyond chance",
    "drivers.times": "{n:wait|waits}",
    "drivers.tree.all": "all waits",
    "drivers.tree.group": "{attribute}: {levels}",
    "drivers.tree.longest": "Longest together: {group}, {mean} on average (likely between {low} and {high}; {n:wait|waits}).",
    "drivers.tree.shortest": "Shortest together: {group}, {mean} on average (likely between {low} and {high}; {n:wait|waits}).",
    "drivers.tree.picture": "Groups of waits that differ",
    "drivers.tree.axis": "days on average, each wait counted up to {horizon}, with the likely range",
    "define.drivers": "Mean of min(T, h) of the waits at a level minus that of all other waits; T runs from the beginning of the wait to its end, or to the close of "
    "its case; h is the horizon, and only waits begun at least h before the cutoff, and late enough that all are in the log, count. Weeks in turns of four "
    "belong to the search or to the measuring. Search: largest |difference / error| over all levels, beside 400 draws in which offices and waits within an "
    "office's week (for month, waiting cases and arrivals: blocks of weeks) change places; Westfall & Young's step-down, 3% in all. Measuring: 95%, from "
    "weekly sums with their long-run variance. A level stands where both agree. Only what was known when the wait began is looked at; of attributes of cases, "
    "those that open cases have too. Association, not cause.",
    "define.drivers_tree": "All waits are split by an attribute that stands, groups by any; at the cut that lessens the squares of min(T, h) most in the searched weeks, kept where the other "
    "weeks show the same difference beyond chance (99%); at most three deep, and none unless something stands. Means and ranges (95%, by weeks) are of the other weeks.",
    "column.attribute": "attribute",
    "column.level": "value",
    "column.others": "all others",
    "column.chance": "as large by chance",
    "column.stands": "stands",
    "column.waits": "waits",
    "column.depth": "depth",
    "column.leaf": "not split",
}
