"""Words of the map difference: what moved, what is new, what left the log."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "moved.whole.less": "The whole case took {difference} less on average in its first {watched} than before {change} (likely between "
    "{low} and {high} less).",
    "moved.whole.more": "The whole case took {difference} more on average in its first {watched} than before {change} (likely between "
    "{low} and {high} more).",
    "moved.whole.none": "For the whole case, in its first {watched}, we see no difference to those before {change} that stands out "
    "from the usual ups and downs.",
    "moved.none": "No step and no move stands out from the usual ups and downs ({counted:difference|differences} looked at).",
    "moved.some": "{out:,} of {counted:difference stands|differences stand} out from the usual ups and downs. Were nothing different, no more "
    "than 1 such map in 20 would show any.",
    "moved.wait": "From {before} to {after}: {wait_before} before, {wait_after} since (likely between {low} and {high} {less_or_more}).",
    "moved.less": "less",
    "moved.more": "more",
    "moved.next": "Of every 100 that go on from {before}, {next_after:.0f} go to {after} (before {next_before:.0f}).",
    "moved.begin": "Of every 100 cases, {next_after:.0f} begin with {after} (before {next_before:.0f}).",
    "moved.end": "After {before}, {next_after:.0f} of every 100 are over (before {next_before:.0f}).",
    "moved.still": "Of every 100 that come to {before}, {next_after:.0f} wait there for longer than {watched} (before {next_before:.0f}).",
    "moved.step": "{share_after:.0f} of every 100 cases come to {after} (before {share_before:.0f}).",
    "moved.new": "New: {share_after:.0f} of every 100 cases come to {after}; before, none did.",
    "moved.gone": "Gone: no case comes to {after} any more; before, {share_before:.0f} of every 100 did.",
    # time that moved
    "moved.time": "Time has moved to another step: {less} less {fell}, {more} more {rose}{rest}. {whole}",
    "moved.time.rest": ", {rest} elsewhere",
    "moved.time.rest.less": "{span} less",
    "moved.time.rest.more": "{span} more",
    "moved.time.before": "before {after}",
    "moved.time.still": "waiting after {before}",
    "moved.time.whole.less": "The whole case took {whole} less.",
    "moved.time.whole.more": "The whole case took {whole} more.",
    "moved.time.whole.unclear": "Whether the whole case took less or more, we cannot tell.",
    "moved.time.whole.same": "The whole case took as long as before.",
    # work that left the log
    "moved.left.steps": "Cases that ended have fewer steps in the log: {after:.1f} on average, {before:.1f} before.",
    "moved.left.begin": "Cases begin otherwise in the log: of every 100, {next_after:.0f} begin with {after} (before {next_before:.0f}).",
    "moved.left.gone": "No case comes to {after} any more, on which each case spent {time} on average.",
    "moved.left.ask": "Ask where that work is done now. What is done outside this log, or before its first step, is not counted here, and "
    "would look like a gain.",
    # counts
    "moved.cases": "Counted: {before:case|cases} of {weeks_before:week|weeks} before {change} and {after:,} of "
    "{weeks_after:week|weeks} since, each watched for {watched}; cases still waiting are counted.",
    "moved.steps": "The map shows {steps:,} of {all:step|steps}; the others are passed over, their time is counted in the next one shown.",
    "moved.since": "This says what is different since then, not why.",
    "moved.season": "Less than a year of cases has been watched since: the time of year may play a part.",
    "moved.ways": "{steps:step|steps}.",
    "moved.paths.rest": "other paths",
    # the pictures
    "moved.title": "What is different since {change}",
    "moved.title.both": "Before and since {change}",
    "moved.panel.before": "before: {n:case|cases}",
    "moved.panel.after": "since: {n:case|cases}",
    "moved.alt": "Process map of what is different.",
    "moved.alt.both": "Two process maps, before and since {change}, with every step in the same place.",
    "moved.sign.faster": "shorter wait",
    "moved.sign.slower": "longer wait",
    "moved.sign.more": "more cases come this way",
    "moved.sign.fewer": "fewer cases come this way",
    "moved.sign.none": "no difference that stands out",
    "moved.sign.start": "▶\N{NO-BREAK SPACE}Case begins.",
    "moved.sign.end": "■\N{NO-BREAK SPACE}Its wait is over.",
    "moved.sign.open": "⋯\N{NO-BREAK SPACE}It still waits there.",
    "moved.note.counts": "{before:.0f} → {after:.0f} of 100",
    "moved.note.more": "more: {before:.0f} → {after:.0f} of 100",
    "moved.note.fewer": "fewer: {before:.0f} → {after:.0f} of 100",
    "moved.note.wait": "{before} → {after}",
    "moved.note.faster": "shorter: {before} → {after}",
    "moved.note.slower": "longer: {before} → {after}",
    "moved.note.only.before": "only before: {note}",
    "moved.note.only.after": "new: {note}",
    "moved.note.again": "↻ {note}",
    "moved.note.of": "{n:.0f} of 100",
    "moved.note.nobody": "no case",
    "moved.note.span": "{span}",
    "moved.note.least": "≥ {span}",
    "moved.at_least": "{span} or more",
    "moved.note.at_once": "at once",
    "moved.caption.boxes": "In a box: how many of every 100 cases come there, before → since.",
    "moved.caption.arrows": "On an arrow: the average wait of those that go this way, before → since, and how many of every 100 that go on "
    "from the first step do (no number: all). ≥: some still wait, and count as far as they were watched. Wider: a larger difference.",
    "moved.caption.both": "In a box: how many of every 100 cases come there. On an arrow: the average wait of those that go this way, and how many of "
    "every 100 that go on from the first step do (no number: all). ≥: some still wait, and count as far as they were watched. Wider: more of all cases.",
    # columns
    "column.wait_next_before": "wait before",
    "column.wait_next_after": "wait since",
    "column.wait_next_change": "wait, difference",
    "column.time_change": "time a case, difference",
    "define.map_difference": "Cases by when they began, each watched for the same time, those before the change only until it came, as in compare(). "
    "A step's time is all the time of a case that ends with the step, summed, as an average of all cases; together with the time still waiting after "
    "a step it adds up to the whole case's time (its restricted mean). A move counts the first time that a case comes to the first step, if so early "
    "that it can be watched there as long as every other: how many of those that go on go to the second step, and how long it takes; who has not gone "
    "on counts as waiting for as long as that, divided among the next steps as those that went on were. Ranges: sums by "
    "entry week, whose ups and downs follow each other (Newey-West), with critical values for few weeks (Kiefer & Vogelsang 2005), never narrower "
    "than for independent cases; for all differences of the map together (Holm 1979), 95%. The range of the whole case is its own, 95%.",
}
