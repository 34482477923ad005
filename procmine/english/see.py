"""Words of flow, times and the process map."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # flow
    "flow.top": "{before} → {after} is the most frequent move: {n:time|times}, half within {p50}.",
    "directly_follows.top": "{before} → {after} is the most frequent move: {n:time|times}.",
    "variants.top": "{cases:case takes|cases take} {paths:path|different paths}. The most frequent one has {n:,} ({share:.0%}): {top}.",
    "rework.none": "No step is done twice in a case.",
    "rework.top": "{step} is done more than once in {repeated:,} of the {cases:case|cases} that have it ({share:.0%}), "
    "{repeats:repeat|repeats} in all.",
    "handovers.top": "Work passes most often from {before} to {after}: {n:time|times}, on average after {mean}.",
    # times
    "times.middle": "{n:finished case|finished cases}: half took at most {p50}, 8 in 10 at most {p80}; on average {mean}.",
    "times.open": "{open:open case is|open cases are} not in these times, and long ones are among them: survival() counts them.",
    "times.none": "No case is finished yet; {open:,} are open.",
    "step_times.none": "After no step have half of the cases gone on yet.",
    "step_times.top": "Cases stay longest after {step}: half go on within {p50} ({n:time|times}, {open:,} still there).",
    "between.told": "From {start} to {stop}: {said}",
    "survival.half": "Half were there within {time}; too few weeks for a range.",
    "survival.half.low": "Half were there within {time}, likely at least {low}.",
    "survival.half.range": "Half were there within {time}, likely between {low} and {high}.",
    "survival.never": "Fewer than half were there when the data end.",
    "define.survival.picture": "How long until the case ends",
    "define.survival.axis": "share of all cases that have ended",
    "define.between.picture": "How long it takes",
    "define.between.axis": "share of all cases that got there",
    "survival.across": "days",
    "survival.not_reached": "not reached by half",
    "survival.late": "{n:case|cases} of them began before the day from which the data are complete: counted from that day on; "
    "those that were over by then are left out.",
    "column.late": "began before",
    "survival.counts": "{cases:case|cases}: {ended:,} got there, {otherwise:,} ended otherwise, {open:,} still waiting, counted as "
    "waiting.",
    # the process map
    "map.shown": "{steps:,} of {all:step|steps}, {events:.0%} of events. The arrows carry {moves:.0%} of the moves between these "
    "steps.",
    "map.without": "{cases:case has|cases have} none of these steps.",
    "map.path": "Taking the most frequent move from each step: {path}.",
    "map.slow": "Most time between two steps passes from {before} to {after}: {n:time|times}, half within {p50}, 8 in 10 within "
    "{p80}.",
    "map.alt": "Process map with {steps:step|steps}.",
    "map.boxes": "In a box: how often the step happened; darker is more often.",
    "map.show.frequency": "On an arrow: how often the second step came next; wider is more often.",
    "map.show.median": "On an arrow: half of the moves took at most this long · how often; wider took longer.",
    "map.show.total": "On an arrow: part of all the time in the cases that passes here · how often; wider is more time.",
    "map.again": "↻\N{NO-BREAK SPACE}The same step again, directly after.",
    "map.over": "Broken line: mostly with other steps in between, which are left out here.",
    "map.sign.start": "▶\N{NO-BREAK SPACE}Case begins.",
    "map.sign.end": "■\N{NO-BREAK SPACE}Case is finished.",
    "map.sign.open": "⋯\N{NO-BREAK SPACE}Case is still open when the data end.",
    "map.blank": "(no name)",
    "map.label.count": "{n:,}",
    "map.label.times": "{n:,}×",
    "map.label.again": "↻ {label}",
    "map.label.span": "{span}",
    "map.label.same_day": "same day",
    "map.label.part": "{share:.0%}",
    "map.label.little": "<1%",
    "map.label.at_once": "at once",
    "map.rest": "{rest:.0%} of the time is elsewhere: on moves without an arrow, and before the first or after the last step "
    "of cases, above all of open ones.",
    "define.process_map": "A move is from one step shown to the next step shown in the same case; its time runs from the end of "
    "the first to the end of the second. Chosen: the steps beside the moves that take most time, then the most frequent; for each "
    "step its most frequent way in and out, then the most frequent moves. All counts are of the whole log.",
}
