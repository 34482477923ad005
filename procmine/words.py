"""Every sentence a user reads, as a key with values: a language is one such table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from unicodedata import category

DAY = 86_400.0

ENGLISH: Mapping[str, str] = {
    # lengths of time
    "span.seconds": "{n} seconds",
    "span.minutes": "{n} minutes",
    "span.hours": "{n} hours",
    "span.days": "{n} days",
    "span.second": "{n} second",
    "span.minute": "{n} minute",
    "span.hour": "{n} hour",
    "span.day": "{n} day",
    "span.working_days": "{n} working days",
    "span.working_day": "{n} working day",
    # the log
    "log.of": "{cases:case|cases}, {events:event|events}, data up to {cutoff}.",
    "log.open": "{open:case is|cases are} still open and counted as waiting, not as finished.",
    "log.none_open": "No case is open: either all are finished, or the export holds finished cases only.",
    "log.none_open_kept": "None of these cases is open.",
    "log.dormant": "{dormant:,} of the open cases had no step for more than {after}.",
    "log.next": "Next: {calls}",
    # loading
    "load.rows": "{rows:row|rows} in {source}: {kept:event|events}, {aside:,} set aside.",
    "load.rows.joined": "{rows:row|rows} in {source}: {kept:event|events}, {joined:start|starts} joined to the end of their event, "
    "{aside:row|rows} set aside.",
    "load.aside.ragged": "Set aside: {n:row|rows} with too few or too many columns, the first is {place}.",
    "load.aside.no_case": "Set aside: {n:row|rows} without a case, the first is {place}.",
    "load.aside.no_activity": "Set aside: {n:row|rows} without an activity, the first is {place}.",
    "load.aside.no_time": "Set aside: {n:row|rows} without a time, the first is {place}.",
    "load.aside.unreadable_time": "Set aside: {n:row|rows} whose time cannot be read, the first is {place}.",
    "load.aside.unreadable_start": "Set aside: {n:row|rows} whose start cannot be read, the first is {place}.",
    "load.aside.in_progress": "Set aside: {n:row|rows} with a start and no end (work still in progress, or never "
    "ended), the first is {place}.",
    "load.aside.lifecycle": "Set aside: {n:row that is|rows that are} neither a start nor a completion, the first is {place}.",
    "load.aside.start_after_end": "Set aside: {n:row|rows} whose start is after the end, the first is {place}.",
    "load.aside.far_before": "Set aside: {n:row|rows} dated twenty years or more before all others (a date filled in where there was "
    "none?), the first is {place}.",
    "load.aside.after_cutoff": "Set aside: {n:row|rows} later than the last day of the data, the first is {place}.",
    "load.aside.duplicate": "Set aside: {n:row that repeats|rows that repeat} an earlier row in every column, the first is {place}.",
    "load.aside.not_a_date": "Set aside: {n:row|rows} with a date that stands for none, as the spec says, the first is {place}.",
    "load.aside.near_duplicate": "Set aside: {n:row that repeats|rows that repeat} a step of the case too soon, as the spec says, the first is {place}.",
    "load.aside.same_form": "Set aside: {n:row|rows} saved together with another by one form, as the spec says, the first is {place}.",
    "load.reason.not_a_date": "a date that stands for none",
    "load.reason.near_duplicate": "repeats a step of the case too soon",
    "load.reason.same_form": "saved together with another by one form",
    "fixed.near_duplicates": "a step that its case had at most {after} before was set aside: {n:row|rows}",
    "fixed.form": "of the steps {steps} at one moment only the first was kept, because the form {form} saves them together: {n:row|rows} set aside",
    "load.ties": "{n:,} of {of:neighbour|neighbours} in a case share their moment: their order is {rule}.",
    "load.ties.dated": "{n:event has|events have} only a date on a day with times: among those their order is {rule}.",
    "load.ties.rows": "that of the rows",
    "load.ties.backwards": "that of the rows from the last to the first, because the source goes back in time",
    "load.ties.column": "that of column {column}",
    "load.ties.steps": "the one you gave for steps of the same moment",
    "load.place.row": "row {row:,}",
    "load.place.column": "row {row:,}, column {column}",
    "load.place.file": "row {row:,} of {file}",
    "load.place.filecolumn": "row {row:,} of {file}, column {column}",
    "load.reason.ragged": "too few or too many columns",
    "load.reason.no_case": "no case",
    "load.reason.no_activity": "no activity",
    "load.reason.no_time": "no time",
    "load.reason.unreadable_time": "the time cannot be read",
    "load.reason.unreadable_start": "the start cannot be read",
    "load.reason.in_progress": "a start without an end",
    "load.reason.lifecycle": "neither a start nor a completion",
    "load.reason.start_after_end": "the start is after the end",
    "load.reason.far_before": "twenty years or more before all others",
    "load.reason.after_cutoff": "later than the last day of the data",
    "load.reason.duplicate": "repeats an earlier row in every column",
    "load.reason.kept": "kept: events of the log",
    "load.reason.joined": "starts joined to the end of their event",
    "load.kept_in": "The rows set aside are kept in {file}, with their data unmasked: keep it where the data are kept. Mend them there "
    "and read again with mended={file}.",
    # rows set aside, and mended by hand
    "load.aside.left_out": "Set aside: {n:row|rows} left out by hand, the first is {place}.",
    "load.reason.left_out": "left out by hand",
    "load.reason.mended": "mended by hand",
    "fixed.mended": "{n:row|rows} mended by hand ({file})",
    "fixed.left_out": "{n:row|rows} left out by hand ({file})",
    "aside.leave_out": "leave out",
    "aside.column.file": "file",
    "aside.column.line": "line",
    "aside.column.reason": "reason",
    "aside.column.text": "row as it stands",
    "aside.sheet.rows": "Rows set aside",
    "aside.sheet.do": "What to do",
    "aside.do.1": "These rows of your data could not become events of the log; the column reason says why. They hold data of cases, not "
    "masked: keep this file where you keep the data, and delete it when you are done.",
    "aside.do.2": "Correct the cells that are wrong, in the columns from the fifth on. Leave the columns file and line as they are. Rows "
    "you do not change stay set aside.",
    "aside.do.3": "A row with too few or too many columns stands in one cell (row as it stands): write its parts into the columns to the "
    "right.",
    "aside.do.4": "To leave a row out for good, write as its reason: leave out",
    "aside.do.5": "Save this file and read the data again with it: procmine check MY_DATA --mended THIS_FILE, or a line in the spec: "
    "mended: THIS_FILE. Your data file itself is not changed.",
    "aside.do.6": "A ' before = + - @ keeps a text from being run as a formula; it is not part of the data.",
    "aside.info": "For procmine, which data these rows are from (please do not change):",
    "load.repeated.aside": 'If the {n:,} repeated rows did happen twice, say Columns(repeated="keep").',
    "load.repeated.kept": "{n:row|rows} equal to an earlier one in every column: kept as events that happened twice. If "
    'they are copies, say Columns(repeated="set aside").',
    "load.roles": "Columns: {roles}.",
    "load.role": "{role} = {column}",
    "load.role.case": "case",
    "load.role.activity": "step",
    "load.role.timestamp": "time",
    "load.role.start": "start",
    "load.role.resource": "who",
    "load.role.arrival": "arrival",
    "load.role.order": "order within one moment",
    "load.role.instance": "which doing of a step",
    "load.role.lifecycle": "start or completion",
    # several tables as one log
    "load.ragged.hidden": "(not shown: the spec hides columns)",
    "load.wide": "{rows:row|rows} of {source} held {dates:date|dates} in {columns:column|columns}: each date is an event.",
    "load.wide.dateless": "{n:row|rows} of {source} without any date in these columns: set aside as rows without a time.",
    "load.wide.again": "{n:date|dates} of {source} stood in several rows of one case ({steps}): one event each, with what the first "
    "of these rows says.",
    "load.wide.order": "Steps of one moment stand in the order in which you listed the milestones: {steps}.",
    "load.where": "{n:,} of {of:row|rows} of {source} have {column} = {values}; the others were not read.",
    "load.parts": "Read from {n:source|sources}: {names}.",
    "load.join": "{name}: {found:,} of {keys:,} different values of {on} were found in it, and {columns} added to the events.",
    "load.join.none": "{name}: {n:event|events} found nothing in it, the first is {place} ({on} written like {value}).",
    "load.join.keyless": "{name}: {n:row|rows} without a value of {on}: not used.",
    "load.relation": "{table}: {rows:row says|rows say} which case of {one} is which of {other}; {cases:case|cases} made of {ids:,} by them.",
    "load.relation.several": "{n:case|cases} made of more than one case of {source}: called by the name of the first.",
    "load.relation.unknown": "{table}: {n:row names|rows name} a case that is not in {source}.",
    "load.relation.alone": "{n:case|cases} of {source} in no relation: left under their own names.",
    "load.relation.prefixed": "{n:case|cases} of {source} had the name of another case of {other}: now called like {example}.",
    "load.carried": "Kept with the log and not yet counted with: {what}.",
    "load.carried.calendars": "calendars",
    "load.carried.clock": "the rules of the service clock",
    "load.carried.suspended": "what says that a case is on hold",
    "load.aside.step_left_out": "Set aside: {n:row|rows} of steps that are no work, as the spec says, the first is {place}.",
    "load.reason.step_left_out": "a step that is no work",
    "fixed.by_date": "of the steps {steps} only the date was taken: {n:event|events}",
    "fixed.not_dates": "days that stand for no date were set aside ({days}): {n:row|rows}",
    "fixed.rename": "step {old} renamed to {new}: {n:row|rows}",
    "fixed.rename.absent": "no step was called {steps}, which the spec renames",
    "fixed.leave_out": "steps that are no work were left out ({steps}): {n:row|rows}",
    "fixed.leave_out.absent": "no step was called {steps}, which the spec leaves out",
    "fixed.split": "step {step} split by {column} into {n:step|steps}: {rows:row|rows}",
    "fixed.split.empty": "step {step}: {n:row keeps|rows keep} its name, without a value of {column}",
    "fixed.split.absent": "no step was called {steps}, which the spec splits",
    "fixed.drop": "columns that were not read, as the spec says: {columns}",
    "fixed.pseudonymise": "values replaced by pseudonyms, equal where they were equal ({columns})",
    "load.spec": "How to read it is written in {file}.",
    "load.sheet": "Read from sheet {sheet}, with the names of the columns in row {row}.",
    "load.database.key": "Events of one moment stand in the order of the table's key ({names}).",
    "load.database.unordered": "The table has no key and the database promises no order of its rows, so events of one moment have no order of their own and may stand otherwise next time. Name a column that numbers them (order).",
    "load.database.query": "The query has no ORDER BY and the database promises no order of its rows, so events of one moment have no order of their own and may stand otherwise next time.",
    "load.database.left": "Left out: columns that hold bytes, lists or documents ({names}).",
    "load.database.far": "Times that no calendar holds (infinity, years before 1 or after 9999) stand as the last or first moment that it does: 9999-12-31 or 0001-01-01.",
    "load.sheet.several": "Read from {n:,} sheets: {sheets}.",
    "load.sheet.unread": "Not read, because they do not have these columns: {sheets}.",
    "load.sheet.hidden": "Sheet {sheet} is hidden in the workbook; it was read.",
    "load.sheet.hidden_parts": "Hidden in the sheet, and read like the rest: {rows:row|rows} (perhaps by a filter), "
    "{columns:column|columns}.",
    "load.sheet.errors": "{n:cell holds|cells hold} an error such as #N/A instead of a value: taken as empty.",
    "load.sheet.uncomputed": "{n:formula has|formulas have} no stored value: taken as empty. Open the file in a spreadsheet "
    "program, save it, and read it again.",
    "load.sheet.merged": "{n:cell|cells} got the value of the merged cell to which they belong ({columns}).",
    "load.sheet.gaps": "{n:row|rows} with a time but no {column}. The workbook does not say that these cells are merged with the "
    "one above, so nothing was filled in. If they belong to the case above, fill it down in the spreadsheet.",
    "load.sheet.gaps_unknown": "{n:row|rows} with a time but no {column}. This kind of file does not tell which cells are "
    "merged, so nothing was filled in. If they belong to the case above, fill it down, or save the file as .xlsx.",
    "load.sheet.long": "{n:number|numbers} of more than 15 digits ({columns}): spreadsheets keep 15, so the last digits may be "
    "lost. Export such columns as text.",
    "load.sheet.serials_1904": "{n:number|numbers} were read as days since 1904, from which this workbook counts.",
    "load.sheet.unnamed": "Left out: {n:column|columns} with cells but no name.",
    "load.sheet.html": "{file} is a web page, not a workbook: its tables were read.",
    "load.sheet.text": "{file} is text, not a workbook: it was read as CSV.",
    "load.several": "Read from {n:file|files}, from {first} to {last}.",
    "load.several.left": "Left out, being of kinds that cannot be read: {names}.",
    "load.several.missing": "Missing in {n:,} of {of:file|files} ({files}), and empty for their rows: {columns}.",
    "load.several.renamed": "Column {found} in {files} was taken for {column}.",
    "load.several.note": "{files}: {note}",
    "load.text.quote": "Text stands between quotation marks written as {sign}, as the first lines show.",
    "load.text.blank": "{n:row|rows} between the others that hold nothing, the first is row {row:,}: left out.",
    "load.text.unnamed": "Left out: {n:value|values} in columns without a name ({names}).",
    "load.json.mixed": "Left out: the lists in {names}; where these hold one value, it was read.",
    "load.nested": "Left out: columns that hold lists or bytes ({names}).",
    "load.xes.dropped": "Left out: {n:,} tags that XES does not know ({names}).",
    "load.xes.nested": "{n:value|values} inside other attributes or lists: columns of their own, named outer/inner; a list is "
    "one cell ({names}).",
    "load.xes.twice": "{n:value|values} in the same event or case as another of the same name: the last of each was taken ({names}).",
    "load.xes.unnamed": "{n:case|cases} without a name: called by their place in the file (trace 1, trace 2 ...).",
    "load.xes.same_name": "{n:case|cases} with the name of an earlier one in the file: taken as one case.",
    "load.xes.defaults": "Nothing was filled in for {n:missing value|missing values}, although the file declares one ({names}).",
    "load.xes.empty": "{n:case|cases} without any event: left out.",
    "load.ocel.kind": "A case is one {kind}: {cases:case|cases}, {rows:event|events} in them, from {events:event|events} of the file.",
    "load.ocel.idle": "{n:case|cases} ({kind}) without any event: left out.",
    "load.ocel.convergence": "{n:,} of {of:event|events} belong to several cases and are counted in each ({more:,} times too "
    "often in all): counts of these steps are too high ({steps}).",
    "load.ocel.divergence": "{n:event|events} of the same step in one case belong to different objects of type {kind}: their "
    "order means nothing, nor does the rework seen there ({steps}).",
    "load.ocel.deficiency": "{n:,} of {of:event|events} concern no {kind} and are left out ({steps}).",
    "load.ocel.unknown": "{n:relation|relations} to objects that the file does not list: left out.",
    "load.ocel.changes": "{n:value|values} of objects change over time ({names}): each case has its first.",
    "load.order.unused": "Column {column} does not hold whole numbers, so it does not order events of one moment.",
    "load.dates.iso": "Times in {column} were read as year-month-day.",
    "load.dates.typed": "Times in {column} are stored as times.",
    "load.dates.given": "Times in {column} were read as {format}, as you said.",
    "load.dates.day_first": "Times in {column} were read as day, month, year: {n:value|values} (as {example}) allow nothing else.",
    "load.dates.month_first": "Times in {column} were read as month, day, year: {n:value|values} (as {example}) allow nothing else.",
    "load.dates.dotted": "Times in {column} were read as day.month.year, as is usual with points.",
    "load.dates.same": "Times in {column} mean the same day, whichever of day and month comes first.",
    "load.dates.serial": "In {column}, read as the day numbers of a spreadsheet: {n:value|values}.",
    "load.dates.week": "Times in {column} were read as year, week and day of the week.",
    "load.dates.day_of_year": "Times in {column} were read as year and day of the year.",
    "load.dates.named": "Times in {column} were read as dates with the name of the month.",
    "load.dates.short": "Times in {column} were read as {order} with years of two digits (69 to 99 are 1969 to 1999, 00 to 68 are 2000 to "
    "2068): {why}.",
    "load.dates.order.dmy": "day, month, year",
    "load.dates.order.mdy": "month, day, year",
    "load.dates.order.ymd": "year, month, day",
    "load.dates.order.dy": "day, name of the month, year",
    "load.dates.order.yd": "year, name of the month, day",
    "load.dates.why.proved": "{n:value|values} (as {example}) allow nothing else",
    "load.dates.why.dotted": "as is usual with points",
    "load.dates.why.same": "any other order means the same days",
    "load.dates.why.spread": "only so do the days go through the whole month",
    "load.dates.several": "Times in {column} are written in {forms:,} ways, each of them clear: {ways}.",
    "load.dates.way": "{n:value|values} as {how}",
    "load.dates.way.iso": "year-month-day",
    "load.dates.way.week": "year, week and day of the week",
    "load.dates.way.day_of_year": "year and day of the year",
    "load.dates.way.named": "dates with the name of the month",
    "load.dates.way.short": "{order} with years of two digits (69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068; {why})",
    "load.dates.way.day_first": "day, month, year",
    "load.dates.way.month_first": "month, day, year",
    "load.dates.way.dotted": "day.month.year",
    "load.dates.way.same": "days that are the same, whichever of day and month comes first",
    "load.dates.way.given": "{format}, as you said",
    "load.dates.also": "{reading} {more}",
    "load.dates.next_day": "Written as 24:00, read as the beginning of the next day: {n:time|times}.",
    "load.dates.leap": "Written with a second 60 (a leap second), read as the next second: {n:time|times}.",
    "load.axis.dated": "A date without a time of day: {n:,} of {of:row|rows} with a time.",
    "load.axis.civil": "A date without a time of day: {n:,} of {of:row|rows} with a time, so all times are on the local clock{where}: "
    "60 days stay 60 days when clocks change.",
    "load.axis.written": " as it was written",
    "load.axis.zone": " of {zone}",
    "load.axis.mixed": "Some times say how far they are from UTC and others do not, so all are on the local clock{where}.",
    "load.axis.instant": "Times say how far they are from UTC, so they are exact across clock changes; they are shown in {zone}.",
    "load.clock.unused": "Column {column} holds times of day, and {time} only dates: to read them together, say clock: {column}.",
    "load.start.empty": "Column {column} holds no start: the log has one time for each event.",
    "load.lifecycle.pairs": "{pairs:event|events} made of a start and a completion{more}.",
    "load.lifecycle.more": "; {what}",
    "load.lifecycle.alone": "{n:completion|completions} without a start, of which no length is known",
    "load.lifecycle.aborted": "{n:start|starts} ended by an abort and not counted as done",
    "load.lifecycle.suspended": "suspended {n:time|times} for {length} in all, which counts as work here",
    "load.lifecycle.rows": "{n:,} other rows ({names}) are not events here",
    "load.lifecycle.other": "Rows are marked {names}, not only as completions: each row was taken as an event.",
    "load.cutoff.given": "The data reach up to {cutoff}, as you said.",
    "load.cutoff.found": "The data are taken to reach up to {cutoff}, the last event that can be believed. If they were "
    "exported later, say cutoff=...: waiting cases have waited longer.",
    "load.ends.given": "A case is finished when its last step is one of: {ends}.",
    "load.ends.found": "Taken as finishing steps, because cases that come to them mostly have no further step: {ends}. Say ends=(...) if that is wrong.",
    "load.ends.none": "No step could be seen to finish cases, so all are taken as open. Say ends=(...).",
    "load.ends.every": "Every case is taken as finished.",
    "load.reopened": "{n:case|cases} had come to a finishing step and went on after the last day of the data: still open then, so "
    "counted as waiting.",
    "load.dormant.given": "An open case without a step for {after} counts as dormant, as you said.",
    "load.steps.unknown": "Named, but not in this log: {steps}. Misspelt, or did they not happen?",
    "load.dormant.found": "An open case without a step for {after} counts as dormant: 99 in 100 waits in this log were shorter.",
    "load.arrival": "Arrival is taken from {column}; {without:case|cases} without one and {late:,} with one after the first step: "
    "these count from their first step.",
    "load.report": "What became of the rows of the source. Every row is one of: an event; a start that was joined to the end "
    "of its event; set aside for the first reason that holds, in this order. row: number of the first such row in the "
    "source (a header is row 1; blank lines are not counted). where: the first five of these rows.",
    "column.reason": "what became of them",
    "column.rows": "rows",
    "column.first_row": "first row",
    # what people said
    "voice.read": "{n:contact|contacts} in {source}, {cases:,} of them about a case of this log; {undated:,} left out for want of "
    "a date, {odd:score is|scores are} no number.",
    "voice.top": "People get in touch most about {step}: {per_100:.1f} contacts for every 100 cases that come to it{range} "
    "({n:contact|contacts} on {cases:case|cases}).",
    "voice.range": ", likely between {low:.1f} and {high:.1f}",
    "voice.none": "None of the contacts is about a case of this log.",
    "voice.score": "The lowest scores come with {step}: {score:.1f} on average, of {scored:score|scores}{range}.",
    "voice.score_range": ", likely between {low:.1f} and {high:.1f}",
    "voice.lost": "{n:contact names|contacts name} no case of the source, and {stepless:,} no step that their case had come to: not counted here.",
    "define.voice": "Contacts (complaints, questions, scores, notes) by the step they name, else by the last step of the case up to that day. "
    "per 100 cases: of the cases that came to the step, in this log. waited: half of the contacts came within so long after the step. "
    "Ranges: 95%, from the spread between cases; none below 20 cases or scores, and none for waited. Who does not write is not heard: a step without "
    "contacts need not be a good one.",
    "column.contacts": "contacts",
    "column.per_100": "per 100 cases",
    "column.per_100_low": "likely from",
    "column.per_100_high": "to",
    "column.score": "score",
    "column.score_low": "score from",
    "column.score_high": "score to",
    "column.scored": "scores",
    "column.waited": "waited",
    # the procedure as it is written down
    "procedure.all": "{written:step stands|steps stand} in the written procedure: {found:is|are} in the log, {unrecorded:is|are} not found there, "
    "and {unnamed:step of the log is|steps of the log are} not in the procedure.",
    "procedure.unrecorded": "Nobody records, or not by that name: {steps}.",
    "procedure.unnamed": "Nobody wrote down, or not by that name: {steps}.",
    "procedure.longer": "{step} is believed to take {believed}; of {n:time|times}, half took {p50} or more since the step before{range}.",
    "procedure.shorter": "{step} is believed to take {believed}; of {n:time|times}, half took {p50} or less since the step before{range}.",
    "procedure.range": " (likely between {low} and {high})",
    "procedure.no_range": " (too few weeks for a range)",
    "procedure.alike": 'Taken for the same, though written otherwise: {pairs}. If that is wrong, say names={{"...": "..."}}.',
    "procedure.pair": "{written} = {step}",
    "procedure.kind.same": "in both",
    "procedure.kind.unrecorded": "only written down",
    "procedure.kind.unnamed": "only in the log",
    "define.procedure": "The written list beside the log. believed: the time that the list gives. measured: from the step before it in the "
    "same case, whichever that is, to this step, as the log has it; half of the times took at most so long. A log with one time for each "
    "step cannot tell work from waiting, so both are in it. Likely from, to: 95%, by drawing again the weeks in which cases began; for steps "
    "of the list, none below 20 weeks. Who still waits for the step is not counted. Steps are the same if their names are, but for case, blanks, "
    "punctuation and a letter or two.",
    "column.written": "written",
    "column.in_log": "step of the log",
    "column.found": "where",
    "column.believed": "believed",
    "column.measured": "measured (half)",
    "column.measured_low": "likely from",
    "column.measured_high": "to",
    "column.measured_8_in_10": "measured (8 in 10)",
    # a first spec for an unknown file
    "draft.ask.case": "Which column says to which case (application, order, file) a row belongs?",
    "draft.ask.step": "What is a step?",
    "draft.ask.time": "When did each step happen?",
    "draft.ask.ends": "After which steps is a case finished? Numbers with commas; all, if every case in the file is finished; none, if "
    "no step finishes a case.",
    "draft.ask.cutoff": "Up to which day are the data complete (not the day of the export, if that lies later)?",
    "draft.choose": "number",
    "draft.case": "{column}: {different:different value|different values}, such as {shapes}",
    "draft.step": "the column {column}: {different:different value|different values}, such as {shapes}",
    "draft.wide": "each row is a case, and these columns of dates are its steps: {columns}",
    "draft.time": "{column}: from {first} to {last}",
    "draft.time.as": "{column}, read as {format}: from {first} to {last}",
    "draft.end": "{step} ({n:time|times}, of which {last:,} were the last of their case)",
    "draft.numbered": "{number:>4}  {said}",
    "draft.not_a_number": "{answer} is none of the numbers 1 to {most}.",
    "draft.no_choice": "{name}: no column fits. {hint}",
    "draft.hint.case": "Is the first line of the file the one with the names of the columns? If not: --header N.",
    "draft.hint.step": "Say it with --activity COLUMN, or with --milestone COLUMN=STEP for each column of dates.",
    "draft.hint.time": "Say it with --timestamp COLUMN and --dates FORMAT.",
    "draft.clock": "The times of day in {column} are read with the dates in {time}.",
    "draft.known": "Taken by their names: {roles}.",
    "draft.case_told": "The case that begins in row {row:,}: {steps}. {state}",
    "draft.first": "{step} on {day}",
    "draft.next": "{after} later {step}",
    "draft.same_day": "on the same day {step}",
    "draft.skipped": "after {n:more step|more steps}, {after} later {step}",
    "draft.open": "It is still open.",
    "draft.done": "It is finished.",
    "draft.right": "Are these cases told as they were?",
    "draft.wrong": "Nothing was written. Run it again and choose otherwise; the options of the command answer questions beforehand.",
    "draft.written": 'Written: {path}. Next: procmine check "{data}", then procmine map "{data}".',
    "draft.there": "{path} is there already. Name another with -o, or say --replace.",
    "draft.head": "How procmine reads {source}. Every key is explained in docs/spec.md.",
    "draft.milestones": "Each of these columns is a step; name the steps as people call them, in the order of the process.",
    "draft.cutoff": "The last day that is complete in the data: cases not finished then are counted as waiting.",
    "draft.ends": "The steps that finish a case, and what each means: correct the words on the right.",
    "draft.no_ends": "No step was seen to finish cases. Add them: ends: {{Decision: decided}}",
    "draft.personal": "These columns look personal. They are not read; take a name out of the list if you need the column.",
    "draft.planned": "Left out, because they seem to be planned dates and not when something happened: {columns}.",
    "draft.questions": "What the data cannot tell. Take away the # where you know the answer.",
    "draft.question.complete_from": "From which day on is every case that came in also in the data?",
    "draft.question.who": "Who sets the time before each step: law, court rule, our policy, habit or another party?",
    "draft.question.stages": "Which steps belong together under one name?",
    "draft.question.zone": "In which time zone are the times?",
    # how a log was filtered
    "kept.where": "cases where {what}",
    "kept.where.one": "{name} is {value}",
    "kept.where.person": "{name} is a certain person",
    "kept.between.started": "cases that started from {first} up to, not including, {last}",
    "kept.between.touching": "cases that were open at some time from {first} up to, not including, {last}",
    "kept.between.inside": "cases that started and ended from {first} up to, not including, {last} (this selects short ones)",
    "kept.having": "cases that have {steps}",
    "kept.not_having": "cases without {steps}",
    "kept.only_activities": "only the steps {steps}",
    "kept.cut_to": "as the log stood on {cutoff}",
    "kept.sample": "{cases:case|cases} drawn by chance (seed {seed})",
    "with.attribute": "each case has its {rule} {name}",
    "with.first": "first",
    "with.last": "last",
    # results
    "result.grid": "The log is too large to hold every length of time: figures are within 0.5%.",
    "result.cut": "Some steps were left out of this log: neighbours here need not follow each other directly.",
    "result.simulated": "These cases are simulated, not real.",
    "result.how": "How we know",
    "result.group": "{group}: {said}",
    "result.more_groups": "{more:,} more groups; .frame holds all.",
    "result.more": "{more:,} more rows; .frame holds all.",
    "result.empty": "There is nothing to show: no case has what is asked for.",
    "result.clock": "Time is counted on this clock: {clock}.",
    "clock.calendar": "calendar time, day and night",
    "clock.working": "working time, {opens:g} to {closes:g} o'clock",
    "sheet.definitions": "Definitions",
    "sheet.days": "days",
    "sheet.working_days": "working days",
    # flow
    "flow.top": "{before} → {after} is the most frequent move: {n:time|times}, half within {p50}.",
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
    # bottlenecks
    "nothing": "",
    "bottleneck.active": ", or {tenths:.1f} without dormant cases",
    "bottleneck.nothing": "No time passes in these cases: all their steps have the same moment.",
    "bottleneck.top": "{step}: of every 10 days that cases wait, {tenths:.1f} pass before this step{active} ({n:time|times}, half "
    "within {p50} of the step before; {range}).",
    "bottleneck.top.unseen": "{step}: of every 10 days that cases wait, {tenths:.1f} pass before this step{active} ({range}).",
    "bottleneck.ours": "The largest that is ours to change is {step}: {tenths:.1f} of every 10 days{active} ({n:time|times}, half "
    "within {p50} of the step before; {range}).",
    "bottleneck.ours.unseen": "The largest that is ours to change is {step}: {tenths:.1f} of every 10 days{active} ({range}).",
    "bottleneck.law": "The wait before {step} is set by law.",
    "bottleneck.range": "its share is likely between {low:.0%} and {high:.0%}",
    "bottleneck.no_range": "too few weeks for a range",
    "bottleneck.picture": "Where the time goes",
    "bottleneck.axis": "share of all the time that cases wait, with its likely range",
    "bottleneck.kind": "{kind}: {step}",
    "bottleneck.share": "{share:.0%}",
    "bottleneck.note": "{share:.0%}, half within {p50} ({n:time|times})",
    "bottleneck.open": "{share:.0%} of all waiting has passed since the last step of cases that are still open: what comes next is not known.",
    "bottleneck.dormant": "{share:.0%} of all waiting has passed since the last step of dormant cases, where nothing happens any more: the column "
    "'share without dormant cases' leaves it out.",
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
    # the command line
    "cli.loop": "Commands",
    "cli.more": "More",
    "cli.refused": "Not done:",
    "cli.reading": "Reading {name} ...",
    "cli.simulating": "Simulating {name} ...",
    "cli.comparing": "Comparing before and after {name} ...",
    "cli.writing": "Writing {name} ...",
    "cli.running": "Running {name} ...",
    "cli.options": "On the command line: {options}",
    # the demo
    "tour.read": "Reading the sample ...",
    "tour.answer": "Finding where the time goes, trying the policy, comparing before and after ...",
    "tour.report": "Report {number} of {of}: {name} ...",
    "tour.policy": "eligible orders were issued in a day",
    "tour.map": "How cases run",
    "tour.places": "Where the time goes",
    "tour.compared": "What changed in the pilot office, {office}",
    "tour.brief": "The brief: one page to print",
    "tour.whole": "The map of the whole process",
    "tour.tables": "All tables, for Excel",
    "clean.nothing": "Nothing to delete in {folder}.",
    "clean.not_ours": "{folder} was not made by procmine's commands (there is no file .procmine in it), so nothing was deleted.",
    "clean.ask": "Delete these {n} from {folder}? They cannot be had back.",
    "clean.done": "{n} deleted. Logs and the environment stay: delete their folders to remove them.",
    "cli.written": "Written: {path}",
    # pages, reports and audiences
    "audience.team": "For the team: contains case data, do not forward.",
    "audience.agency": "For the agency: no single cases, no staff, nothing from fewer than 10 cases.",
    "audience.public": "For the public: no single cases, no staff, nothing from fewer than 10 cases, dates by month.",
    "page.data": "{title}. Data up to {until}.",
    "page.head": "{title} · data up to {until}",
    "page.untitled": "Log without a title",
    "page.no_date": "an unknown day",
    "page.source": "From {source}.",
    "page.made": "Made on {day} with procmine {version}.",
    "page.parameters": "Run with {given}.",
    "page.numbers": "The numbers",
    "page.more": "{more:,} more rows are in the workbook.",
    "report.broken": "This report is not complete",
    "report.done": "Report written: {page}",
    "report.kept": "What there is was kept in {folder}, marked in red.",
    "report.error": "Cell {cell} of the notebook stopped: {said}",
    "report.timeout": "Cell {cell} of the notebook did not finish within {seconds:second|seconds}.",
    "report.died": "The notebook's Python stopped twice in cell {cell}; most often it ran out of memory. Try fewer cases.",
    "report.shows_nothing": "The notebook shows nothing.",
    "report.empty": "{n:answer has|answers have} no rows, first: {first}. Is a filter too narrow?",
    "report.loads": "The page would load {n} things from elsewhere, first: {first}. A report holds all it shows.",
    "report.left_out": "What the notebook shows was left out of this page.",
    "kind.bool": "true or false",
    "kind.int": "a whole number",
    "kind.float": "a number",
    "kind.str": "text",
    "kind.list": "a list, such as North,South",
    "kind.tuple": "a list, such as North,South",
    "kind.dict": 'names and values, such as {{"office": "North"}}',
    "safety.hidden": "{rows:row|rows} not shown: from fewer than {least} cases, or would give such a figure away.",
    "safety.rounded": "Counts are rounded to {least}.",
    "safety.frame": "A table of the team's is not shown here.",
    "safety.withheld": "Something that the team sees is not shown here.",
    "workbook.about": "About",
    "workbook.what": "what",
    "workbook.value": "value",
    "workbook.title": "report",
    "workbook.audience": "for whom",
    "workbook.until": "data up to",
    "workbook.parameter": "run with {name}",
    # simulate
    "fit.of": "A model of {cases:case|cases} and their {moves:move|moves}; {open:,} are still open and counted as far as "
    "they have come.",
    "fit.followed": "Simulated cases are followed for {time} from their arrival, as long as the log watches its "
    "first case.",
    "fit.by": "Cases are modelled apart by {names} where there are enough of them.",
    "fit.assumes": "It mixes whatever the log mixes: if the process changed on some day, filter first. Nothing "
    "queues in it.",
    "policy.none": "none",
    "policy.words": "{words}",
    "policy.delay": "{step} came {time} after the step before it",
    "policy.delay.pair": "{second} came {time} after {first}",
    "policy.all": "{what}",
    "policy.some": "{what} (in cases where {where})",
    "kept.simulated": "{cases:case|cases} simulated; policy: {policy}",
    "kept.forecast": "policy tried: {policy}",
    "forecast.sooner": "If {policy}, half of all cases would {reach} within {with_policy}; today it is {today}. "
    "That is {effect} sooner{range}. Assumes that nothing else changes.",
    "forecast.later": "If {policy}, half of all cases would {reach} within {with_policy}; today it is {today}. That "
    "is {effect} later{range}. Assumes that nothing else changes.",
    "forecast.same": "If {policy}, half of all cases would {reach} within {with_policy}, as today. Assumes that "
    "nothing else changes.",
    "forecast.gains": "If {policy}, half of all cases would {reach} within {with_policy}; today fewer than half do "
    "while they are watched. Assumes that nothing else changes.",
    "forecast.slower": "If {policy}, fewer than half of all cases would {reach} while they are watched; today half "
    "do within {today}. Assumes that nothing else changes.",
    "forecast.never": "If {policy}, fewer than half of all cases would {reach} while they are watched, as today. "
    "Assumes that nothing else changes.",
    "forecast.range": ", likely between {low} and {high}",
    "forecast.range.sooner": ", likely between {low} later and {high} sooner",
    "forecast.range.later": ", likely between {low} sooner and {high} later",
    "forecast.no_range": "; the data do not give a range",
    "forecast.reach": "reach {steps}",
    "forecast.reach.end": "be finished",
    "forecast.touched": "It changes {share:.0%} of all cases; for the other {rest:.0%} nothing changes.",
    "forecast.untouched": "It changes no case: none of those it is for comes to this step, or it takes as long "
    "already.",
    "forecast.there": "In the end {with_policy:.1%} of all cases {reach}; today {today:.1%}.",
    "forecast.unseen": "{step} in {time}: never seen. Of the {n:time|times} it happened to such cases none was that "
    "fast; the fastest tenth took up to {tenth}.",
    "forecast.seen": "{step} in {time} or less: seen {fast:,} of the {n:time|times} it happened to such cases.",
    "forecast.nobody": "{step}: it never happened to such cases in this log.",
    "forecast.leaving": "Ends counted as giving up while waiting: {steps}. Who would have given up only after the "
    "new time goes on instead.",
    "forecast.legal": "The time before {step} is set by law. Stated as the legal basis for another one: {basis}",
    "forecast.off": "Take care: in the model of today half are there within {model}, in the log itself within {log}.",
    "forecast.stuck": "{share:.1%} of the simulated cases are not finished after {time}; they count as not finished.",
    "forecast.only": "The range holds what a log of this size cannot tell. It does not hold people who behave "
    "differently, or work that queues elsewhere because cases arrive there sooner.",
    "forecast.curve.today": "today",
    "forecast.curve.with_policy": "with the policy",
    "forecast.gain": "{effect}",
    "forecast.picture": "What would change: {policy}",
    "forecast.axis": "cases",
    "forecast.across": "days from arrival to {end}",
    "forecast.across.end": "the end",
    "forecast.across.step": "{steps}",
    "define.forecast": "The same simulated cases twice, as the log was and with the policy; only the policy "
    "differs. Next step and time to it are drawn together from what was seen after the same last steps (competing "
    "risks, Aalen-Johansen; open cases counted). By when half (8 in 10) of ALL cases are there; cases that end "
    "otherwise never are. Ranges: 90%, from a bootstrap of the weeks in which cases began, refitted each time.",
    "column.measure": "measure",
    "column.with_policy_low": "with the policy, from",
    "column.with_policy_high": "with the policy, to",
    "column.today_low": "today, from",
    "column.today_high": "today, to",
    "column.today": "today",
    "column.with_policy": "with the policy",
    "column.effect": "change",
    "column.share_there_today": "get there today",
    "column.share_there_with_policy": "get there with the policy",
    "column.share_affected": "cases it changes",
    "column.share_chance": "part due to chance in simulating",
    # compare
    "compare.less": "{who} took {difference} less on average in their first {watched} than those before (likely between "
    "{low} and {high} less).",
    "compare.more": "{who} took {difference} more on average in their first {watched} than those before (likely between "
    "{low} and {high} more).",
    "compare.none": "We see no difference that stands out from the usual ups and downs. With these numbers we would have seen "
    "a change of {visible} or more.",
    "compare.alike": "We see no difference: before and since, every case took the same time.",
    "compare.cases": "all cases",
    "compare.who.case": "Cases begun since {change}",
    "compare.who.step": "Cases that came to {start} since {change}",
    "compare.who.where.case": "Of {group}, those begun since {change}",
    "compare.who.where.step": "Of {group}, those that came to {start} since {change}",
    "compare.arrival": "arrival",
    "compare.end": "the end of the case",
    "compare.half": "From {start} to {stop}: half were there within {after}; before it was {before}.",
    "compare.counts": "Counted: {cases_before:case|cases} of {weeks_before:week|weeks} up to {until}, and {cases_after:,} of the "
    "{weeks_after:week|weeks} since {change}, each watched for {watched}. Then {waiting_before:,} and {waiting_after:,} were still "
    "waiting; they are counted as waiting.",
    "compare.outcomes": "Of every 100, within {watched}: {ends}.",
    "compare.outcome": "{outcome} {after:.0f} (before {before:.0f})",
    "compare.waiting": "still waiting",
    "compare.unnamed": "another end",
    "compare.otherwise": "More cases closed without {stop}: {points:.0f} more of every 100. Look at that first.",
    "compare.others.group": "all other cases",
    "compare.others.less": "All other cases over the same weeks: {difference} less (likely between {low} and {high} less).",
    "compare.others.more": "All other cases over the same weeks: {difference} more (likely between {low} and {high} more).",
    "compare.others.none": "All other cases over the same weeks: no difference that stands out from the usual ups and downs.",
    "compare.others.alike": "All other cases over the same weeks: no difference, every case took the same time.",
    "compare.since": "This says what is different since then, not why.",
    "compare.season": "Less than a year of cases has been watched since: the time of year may play a part.",
    "compare.complete_from": "The log does not say since when all cases are in it; by their number, since {day}. Set "
    "complete_from when reading it.",
    "compare.finished_only": "Cannot tell: this export seems to hold finished cases only. Of cases like those before {change}, "
    "about {expected:,} would still be waiting when the data end, and none is. Export the open cases too.",
    "compare.short_before": "Too little to compare with: {cases:case|cases} in {weeks:whole week|whole weeks} before {change}, when each is "
    "watched for {watched} until then; needed are {least_cases} cases and {least} weeks. Load a longer history.",
    "compare.too_early": "Too early: {cases:case|cases} begun since {change}, in {weeks:whole week|whole weeks}, could be watched "
    "for {watched}; needed are {least_cases} cases and {least} weeks. Ask again with data up to {day}.",
    "compare.kept": "Too few to tell: {cases:case|cases} begun since {change}, in {weeks:whole week|whole weeks}, could be watched "
    "for {watched}; needed are {least_cases} cases and {least} weeks. This log holds only {kept}: use all cases.",
    "compare.too_short": "Too short to tell: within {watched}, {ended_before:,} of {cases_before:case|cases} before {change} were "
    "done waiting, and {ended_after:,} of {cases_after:case|cases} since. Watch each case for longer: a larger horizon.",
    "compare.no_case": "Cannot tell: no case has begun since {change} that could be watched for {watched}.",
    "compare.arms": "{before:case|cases} before and {after:,} since.",
    "compare.baseline": "{cases:case|cases} from {since} up to the change: 9 in 10 had ended within {p90}.",
    "compare.baseline.never": "{cases:case|cases} from {since} up to the change: fewer than 9 in 10 had ended by then.",
    "compare.title": "From {start} to {stop}, before and since {change}",
    "compare.axis": "share of all cases that got there",
    "compare.across": "days",
    "compare.before": "before {change}",
    "compare.after": "since {change}",
    "compare.not_reached": "half not there yet",
    "define.compare": "Cases by when they began, never by how they went, each watched for the same time: those before the "
    "change only until it came, so that cases alive across it are in neither group. The average counts each wait up to that "
    "time; an open case counts as waiting, a case that closed otherwise stops waiting then (so see how the cases ended). "
    "Range of the difference: 95%, from the averages of entry weeks before, whose ups and downs follow each other "
    "(Newey-West; Lazarus et al. 2018), and never narrower than for independent cases. Half, 8 and 9 in 10: of all cases, "
    "closed otherwise never counted as there (Aalen-Johansen), ranges from a bootstrap of entry weeks.",
    # the brief and the page of the demo
    "brief.top": "Of every 10 days that cases wait, {tenths:.1f} pass before one step: {step}",
    "brief.lead.counted": "It was reached {n:time|times}; half of the times it took {p50} or longer.",
    "brief.half": "{time}",
    "brief.half.what": "until half of all cases are finished",
    "brief.half.never": "Not half",
    "brief.half.never.what": "of the cases are finished when the data end",
    "brief.range": "likely between {low} and {high}",
    "brief.no_range": "too few weeks for a range",
    "brief.range.least": "likely at least {low}",
    "brief.range.most": "likely at most {high}",
    "brief.top.active": "Of every 10 days that cases wait, without dormant ones, {tenths:.1f} pass before one step: {step}",
    "brief.share.active": "without dormant cases, after whose last step {dormant:.0%} of all waiting has passed",
    "brief.wrong.dormant": "{share:.0%} of all waiting has passed since the last step of dormant cases, where nothing happens any more. It "
    "counts as waiting here; without it the part of each step is larger.",
    "brief.wrong.dormant.active": "{share:.0%} of all waiting has passed since the last step of dormant cases, where nothing happens any more. "
    "The parts told here leave it out. Are they finished, and is that missing from the data?",
    "brief.chart.caption.active": "Part of the time that cases wait, without dormant ones.",
    "brief.cases": "{cases:case|cases}, {open:,} of them still open and counted as waiting",
    "brief.cases.few": "{cases:case|cases}; those still open are counted as waiting",
    "brief.share": "{tenths:.1f} of 10 days",
    "brief.share.what": "pass before {step}",
    "brief.share.range": "likely between {low:.1f} and {high:.1f}",
    "brief.waiting": "{open:case|cases}",
    "brief.waiting.few": "under {least}",
    "brief.waiting.what": "are still waiting",
    "brief.waiting.half": "half of them for {time} or longer, on {day}",
    "brief.waiting.on": "on {day}",
    "brief.map": "How cases run",
    "brief.map.caption": "{which}On an arrow: half of the moves took at most this long · how often. {over}▶ begins, ■ finished, "
    "⋯ still open.",
    "brief.map.some": "{steps} of {all} steps; the others are passed over. ",
    "brief.map.over": "Broken line: mostly with other steps in between. ",
    "brief.map.alt": "Map of {steps} steps of the process; {step} is marked.",
    "brief.chart": "Where the time goes",
    "brief.chart.alt": "Bars: part of all waiting before each step. {bars}.",
    "brief.chart.bar": "{step} {share:.0%}",
    "brief.chart.caption": "Part of all the time that cases wait, with its likely range.",
    "brief.wrong": "What could make this wrong",
    "brief.wrong.elapsed": "This is time that passed before a step. How much of it was work is not recorded.",
    "brief.wrong.cases": "If an export leaves out open cases, waits look shorter than they are.",
    "brief.wrong.nobody": "Where the time passes is not who causes it.",
    "brief.next": "Next",
    "brief.next.law": "The wait before {step} is set by law: look at the next one that is ours to change.",
    "brief.next.ours": "{step} is ours to change: walk through five such cases with those who do the work.",
    "brief.next.other": "{step} depends on {who}: ask them what they wait for.",
    "brief.next.unknown": "Ask who can change {step}, and walk through five such cases with those who do the work.",
    "brief.next.try": "Try a change on the computer before it is tried on people: procmine try.",
    "brief.next.compare": "Write down the day on which something changes; then before and after can be told.",
    "demo.wait": "Families wait {time} for the court order",
    "demo.wait.more": "Half of them have it by then; {range}.",
    "demo.things": "Three things to know about these data",
    "demo.links": "Look closer",
    "demo.synthetic": "All cases on this page are made up: no row is about a real family, clerk, office or court.",
    # models
    "models.petri_net": "Petri net of {steps:step|steps}, learned from the {paths:,} different paths of {cases:,} finished cases.",
    "models.process_tree": "Process tree of {steps:step|steps}, learned from the {paths:,} different paths of {cases:,} finished "
    "cases.",
    "models.bpmn": "BPMN diagram of {steps:step|steps}, learned from the {paths:,} different paths of {cases:,} finished cases.",
    "models.all": "Every one of these cases can run through it; it may allow paths that no case took.",
    "models.noise": "Moves rarer than {noise:.0%} of the most frequent one from the same step are left out: cases that took them "
    "need not fit.",
    "models.open": "{open:,} open cases are left out: how they end is not known.",
    "models.sequence": "in this order",
    "models.choice": "one of these",
    "models.parallel": "all, in any order",
    "models.inclusive": "one or more of these",
    "models.loop": "repeat",
    "models.sign.token": "● where a case begins",
    "models.sign.choice": "× one of the ways",
    "models.sign.parallel": "+ all ways, side by side",
    "models.sign.inclusive": "○ one or more of the ways",
    "models.sign.loop": "repeat: the upper one; then, as often as needed, a lower one and the upper one again",
    "models.sign.silent": "▮ nothing happens here",
    "models.sign.end": "Heavy ring: where a case ends",
    "define.petri_net": "A step can happen when each circle before it holds a token; it takes these and puts one into each circle "
    "after it. Learned by the inductive miner (Leemans, Fahland and van der Aalst 2013, 2014) from the paths of finished cases.",
    "define.process_tree": "Boxes on the right are steps, the others say how the ones beside them go together. Learned by the "
    "inductive miner (Leemans, Fahland and van der Aalst 2013, 2014) from the paths of finished cases.",
    "define.bpmn": "Business Process Model and Notation 2.0. Learned by the inductive miner (Leemans, Fahland and van der Aalst "
    "2013, 2014) from the paths of finished cases.",
    "person": "person {k}",
    # the data check
    "define.quality": "Headline: the time by which half of all cases had ended, open ones counted as waiting (Kaplan-Meier, any end); its "
    "range is that of `survival`. Without: the same without the cases that a finding is about; or without its events, where a case that "
    "loses its finishing step is left out; or after names are mended. It has no range of its own. The largest difference comes first "
    "(from 1 in 100 on), then the most frequent. Percents are of what could have it. The rule of each check is in docs/loading.md.",
    "quality.nothing": "Nothing to report: {checks} checks found nothing in these data.",
    "quality.top.1": "One thing to know about your data: {a}.",
    "quality.top.2": "Two things to know about your data: {a}; {b}.",
    "quality.top.3": "Three things to know about your data: {a}; {b}; {c}.{more}",
    "quality.and_more": " And {more:more finding|more findings} below.",
    "quality.more": " and {more:,} more",
    "quality.more_rows": " and {more:,} more",
    "quality.places": "Where: {places}{more}",
    "quality.rows": "Where: row {rows}{more}{file}",
    "quality.rows.cases": "Where: cases that begin in row {rows}{more}{file}",
    "quality.of_file": " of {file}",
    "quality.spec": "For the spec:",
    "quality.spec.none": "no line to add",
    "quality.spec.all": "All lines for the spec together (read each finding before you paste its lines):",
    "quality.headline": "The headline that findings are held against: half had ended within {whole}{range} ({cases:case|cases}, {open:,} still "
    "open, counted as waiting).",
    "quality.headline.never": "The headline that findings are held against: fewer than half had ended when the data end ({cases:case|cases}, "
    "{open:,} still open).",
    "quality.headline.between": ", likely between {low} and {high}",
    "quality.headline.low": ", likely at least {low}",
    "quality.headline.no_range": ", too few weeks for a range",
    "quality.share": "{share} of {of:,} {unit}.",
    "quality.share.under": "Under 0.1%",
    "quality.share.over": "Over 99.9%",
    "quality.share.some": "{share:.1%}",
    "quality.effect": "Without this, half had ended within {without}.",
    "quality.effect.same": "The headline is the same without this.",
    "quality.effect.never": "Without this, fewer than half had ended.",
    "quality.effect.unknown": "What this does to the headline is not known.",
    "quality.effect.apart": "The headline does not depend on this.",
    "quality.precision.day": "Times are dates only: what took less than a day cannot be told.",
    "quality.precision.mixed": "{n:,} of {of:step has|steps have} dates only ({steps}); the others are recorded to the {unit}.",
    "quality.precision": "Times are recorded to the {unit}.",
    "quality.unit.minute": "minute",
    "quality.unit.second": "second",
    "quality.unit.finer": "fraction of a second",
    "quality.unit.events": "events",
    "quality.unit.cases": "cases",
    "quality.unit.rows": "rows",
    "quality.unit.columns": "columns",
    "quality.unit.months": "months",
    "quality.unit.days": "days",
    "quality.unit.neighbours": "neighbours",
    "quality.unit.steps": "steps",
    "quality.no_case": "{n:row has|rows have} no case",
    "quality.no_case.do": "Set aside. Look one up in the source system; if the case can be known, have it exported.",
    "quality.no_activity": "{n:row has|rows have} no step",
    "quality.no_activity.do": "Set aside. Ask what these rows stand for.",
    "quality.no_time": "{n:row has|rows have} no time",
    "quality.no_time.do": "Set aside. Ask whether the step was done: then its date is missing, and the case looks shorter or still open.",
    "quality.unreadable_time": "{n:row has|rows have} a time that cannot be read",
    "quality.unreadable_time.do": "Set aside. Mend them in the file of rows set aside (--set-aside FOLDER), or name the format: dates.",
    "quality.unreadable_start": "{n:row has|rows have} a start that cannot be read",
    "quality.unreadable_start.do": "Set aside. Mend them in the file of rows set aside (--set-aside FOLDER).",
    "quality.ragged": "{n:row has|rows have} too few or too many columns",
    "quality.ragged.do": "Set aside. Most often a delimiter or a line break inside a text: have it exported with quotes.",
    "quality.in_progress": "{n:row has|rows have} a start and no end",
    "quality.in_progress.do": "Set aside: work in progress, or never ended. Many of them: ask whether ends are recorded at all.",
    "quality.lifecycle": "{n:row is|rows are} neither a start nor a completion",
    "quality.lifecycle.do": "Set aside. If they are steps of their own, name no column of life cycles.",
    "quality.start_after_end": "{n:row starts|rows start} after the end",
    "quality.start_after_end.do": "Set aside. Ask whether the two columns are exchanged, or the system corrects one of them later.",
    "quality.after_cutoff": "{n:row is|rows are} dated later than the data reach: mistyped, or planned and not done",
    "quality.after_cutoff.do": "Set aside. If the data reach further, say so: cutoff.",
    "quality.far_before": "{n:row is|rows are} dated twenty years or more before all others: filled in, where there was no date?",
    "quality.far_before.do": "Set aside. Ask what the system writes where it knows no date.",
    "quality.duplicate": "{n:row repeats|rows repeat} an earlier one in every column",
    "quality.duplicate.do": "Set aside as copies. If they did happen twice, say so: columns: repeated: keep.",
    "quality.repeated": "{n:row repeats|rows repeat} an earlier one in every column, kept as an event that happened twice",
    "quality.repeated.do": "If they are copies, set them aside.",
    "quality.ties": "{n:,} of {of:neighbour shares|neighbours share} their moment; their order is {rule}",
    "quality.ties.do": "Give the order of steps that share a moment (same_moment: [first step, second step]), or a column that numbers them.",
    "quality.ties_dated": "{n:event has|events have} only a date on a day with times; their order is {rule}",
    "quality.ties_dated.do": "Give the order of such steps (same_moment: [first step, second step]), or a column that numbers them.",
    "quality.late_arrival": "{n:case came|cases came} in after the first step, as the column {column} says",
    "quality.late_arrival.do": "They count from the first step. Ask what that column means.",
    "quality.unknown_steps": "Named in the spec, and never seen: {steps}",
    "quality.unknown_steps.do": "Misspelt, or did they not happen?",
    "quality.midnight": "{n:event is|events are} recorded at exactly midnight, in steps that have other times of day: {steps}",
    "quality.midnight.do": "Most often a date to which a system added 00:00. Take these steps by their date; waits of hours cannot be told for them.",
    "quality.one_time": "{n:event stands|events stand} at the same time of day ({clock}) as half of their step do or more: {steps}",
    "quality.one_time.do": "Most often a date to which a system added a time, or its zone's distance from UTC; or the hour of a nightly run. Take these "
    "steps by their date; in the first case see that the date is still the right one.",
    "quality.mixed_precision": "{n:event has|events have} a date only, in steps that have a time of day elsewhere: {steps}",
    "quality.mixed_precision.do": "Two ways of recording. Take these steps by their date, or ask since when times are kept.",
    "quality.placeholder": "{n:event stands|events stand} on a day that stands for no date: {days}",
    "quality.placeholder.do": "Set these dates aside.",
    "quality.year_end": "{n:event stands|events stand} on {days}, at least three times as many as on any other day",
    "quality.year_end.do": "A date filled in, or work closed for the year? Ask; if it was filled in, set these dates aside.",
    "quality.bulk": "{n:event|events} of many cases in the same minute{by}, in {minutes:minute|minutes}: {steps}",
    "quality.bulk.by": " by the same person or system",
    "quality.bulk.do": "A system's own doing, or work entered long after it was done. Ask which; then the waits before these steps are the entry's.",
    "quality.entered_late": "{n:event is|events are} dated more than 7 days before the rows around them",
    "quality.entered_late.do": "Recorded or corrected later. Ask whether the time is that of the work.",
    "quality.clock_skipped": "{n:event stands|events stand} in an hour that the clocks of {zone} skip in spring",
    "quality.clock_skipped.do": "Such times cannot be: the data are in another zone, most often UTC. Ask, and correct the zone.",
    "quality.clock_twice": "{n:event stands|events stand} in an hour that the clocks of {zone} show twice in autumn",
    "quality.clock_twice.do": "Nothing to mend: they may be off by an hour.",
    "quality.long_case": "{n:case is|cases are} more than ten times as long as 99 in 100, the longest {longest:.1f} years",
    "quality.long_case.do": "Look at their first and last date: a mistyped year, or a number that was given to a second case.",
    "quality.long_step": "{n:event takes|events take} more than ten times as long as 99 in 100 of the step: {steps}",
    "quality.long_step.do": "Work that was never closed, or a mistyped date. Look at a few.",
    "quality.no_time_at_all": "{n:finished case|finished cases} of several steps took no time at all",
    "quality.no_time_at_all.do": "Entered in one go when all was done. Their waits are not in the data.",
    "quality.overlap": "{n:event begins|events begin} while the same person is still at another ({people:person|persons})",
    "quality.overlap.do": "One of the two times is when it was recorded, not when it was done. Count no working time of persons from it.",
    "quality.near_duplicate_found": "{n:event repeats|events repeat} a step that the case had at most 5 minutes before: {steps}",
    "quality.near_duplicate_found.do": "Saved twice, most often. Set the second one aside, unless it is work of its own; the line does so for every step.",
    "quality.form": "{n:event was|events were} saved together with another of the case, at the same moment; {sets:set of steps comes|sets of steps come} back: {steps}",
    "quality.form.do": "One form saves them: their order and the time between them mean nothing. Make one event of each set.",
    "quality.same_moment": "{n:event shares|events share} the moment of another of the case, in sets that hardly come back",
    "quality.same_moment.do": "Saved in one go. Their order means nothing: give it (same_moment: [first step, second step]).",
    "quality.collateral": "{n:event is|events are} noise: steps that trail whatever happens within seconds, several times a case: {steps}",
    "quality.collateral.do": "They say nothing on their own. Leave these steps out.",
    "quality.always_together": "{n:event only repeats|events only repeat} the step within seconds before: {pairs}",
    "quality.always_together.do": "Two names for one thing done. Leave the second out.",
    "quality.label_case": "{n:event stands|events stand} under {names:name that differs|names that differ} from another in capitals only: {pairs}",
    "quality.label_case.do": "Rename them.",
    "quality.label_blanks": "{n:event stands|events stand} under {names:name that differs|names that differ} from another in blanks, dashes or hidden marks only: "
    "{pairs}",
    "quality.label_blanks.do": "Rename them.",
    "quality.label_twins": "{n:event stands|events stand} under {names:name|names} with letters of another script that look alike: {pairs}",
    "quality.label_twins.do": "Rename them.",
    "quality.label_accents": "{n:event stands|events stand} under {names:name that differs|names that differ} from another in accents only: {pairs}",
    "quality.label_accents.do": "Rename them. If accents were lost on the way, name the encoding.",
    "quality.label_spelling": "{n:event stands|events stand} under {names:name|names} one or two letters from a far more frequent one: {pairs}",
    "quality.label_spelling.do": "Read the pairs; rename those that are misspelt.",
    "quality.two_things": "{n:event stands|events stand} under a name that seems to mean two things, told apart by {column}: {steps}",
    "quality.two_things.do": "Ask those who do the work. If so, split the step by that column.",
    "quality.two_lengths": "{n:event stands|events stand} under a name whose own time falls into two groups with nothing between: {steps}",
    "quality.two_lengths.do": "Two kinds of work under one name? Ask; a column that tells them apart would split it (split_steps).",
    "quality.hole_case": "{n:event belongs|events belong} to a case called {names}: a name to the log, a hole to whoever wrote it?",
    "quality.hole_case.do": "If it stands for no case, have these rows exported with theirs, or delete them from the source.",
    "quality.hole_step": "{n:event is|events are} called {names}: a name to the log, a hole to whoever wrote it?",
    "quality.hole_step.do": "If it stands for no step, leave it out.",
    "quality.broken_steps": "{n:event has|events have} a name of which letters were broken on the way: {steps}",
    "quality.broken_steps.do": "Name the encoding of the file (file: encoding), or rename them.",
    "quality.broken_values": "Letters broken on the way in {n:value|values} of {column}",
    "quality.broken_values.do": "Name the encoding of the file (file: encoding).",
    "quality.order": "{n:event comes|events come} before a step that nearly always comes first: {steps}",
    "quality.order.do": "A mistyped date, or a step entered late. Look at a few.",
    "quality.after_end": "{n:event comes|events come} after a step that finishes a case: {steps}",
    "quality.after_end.do": "Reopened, or dated wrongly? A case that goes on is not finished: ask which step finishes it.",
    "quality.began_before": "{n:case|cases} of the first weeks had begun before the log: without any of the usual first steps ({steps})",
    "quality.began_before.do": "Where the beginning is missing, so is the time until then. Say since when all cases are in the data; comparisons then begin "
    "there.",
    "quality.late_entry": "{n:case|cases} began before {day}, from which all cases are in the data: only those still open then are",
    "quality.late_entry.do": "They are the long ones. Times until the end count them from that day on, before and after leaves them out; "
    "averages of finished cases still hold them.",
    "quality.thin_start": "{n:case|cases} began before {day}, when far fewer began than later: most likely only those still open are in the data",
    "quality.thin_start.do": "Say since when all cases are in the data; comparisons then begin there.",
    "quality.late_first": "{n:case has|cases have} a usual first step, and not first ({steps})",
    "quality.late_first.do": "A first step that was dated later, or work before the application. Look at a few.",
    "quality.no_beginning": "{n:case begins|cases begin} otherwise than the others, without {steps} later on",
    "quality.no_beginning.do": "Cut off, or another kind of case? If it is another way in, name it: begins.",
    "quality.dormant": "{n:open case|open cases} without a step for more than {after:.0f} days, more than the waits of this log explain",
    "quality.dormant.do": "Finished and not recorded, most often. If a step finishes them, name it (ends); headlines are told both ways.",
    "quality.finished_only": "No case is open, though about {running:,} run at any time: the export seems to hold finished cases only",
    "quality.finished_only.do": "Recent cases look fast, as the slow ones are still to come. Have open cases exported too; if there are none, say ends: every case.",
    "quality.suspended": "{n:open case is|open cases are} suspended now, as {column} says",
    "quality.suspended.do": "They count as waiting. Tell the headline both ways.",
    "quality.missing_months": "{n:month has|months have} none or less than a quarter of the events around: {months}",
    "quality.missing_months.do": "An export that left a month out, or a time when nothing was recorded. Have it exported again.",
    "quality.no_events": "{n:day|days} without an event, in {times:stretch|stretches}: {when}",
    "quality.no_events.do": "Closed, a change of systems, or a hole in the export? If it was closed, add the days to the calendar.",
    "quality.step_months": "{n:month|months} without a step that is frequent before and after: {which}",
    "quality.step_months.do": "A part of the system that was not exported, or a step that was not recorded. Ask.",
    "quality.changing": "{n:case has|cases have} more than one value of {column}, which otherwise never changes in a case",
    "quality.changing.do": "Corrected, or handed on? To have it as an attribute of cases (the first value counts), name it.",
    "quality.sparse": "{n:column is|columns are} empty in more than 9 of 10 places: {columns}",
    "quality.sparse.do": "Nothing can be told by them. Drop them, unless the few values matter.",
    "quality.personal_case": "The column that identifies cases looks like numbers, addresses or names of persons",
    "quality.personal_case.do": "Replace it by keyed hashes; the key stands in an environment variable, never in a file.",
    "quality.personal_name": "{n:column looks|columns look} like names of persons: {columns}",
    "quality.personal_name.do": "Say that they name persons, and they are shown as numbers; or drop them.",
    "quality.personal_contact": "{n:column looks|columns look} like e-mail addresses or phone numbers: {columns}",
    "quality.personal_contact.do": "No answer needs them. Drop them.",
    "quality.personal_number": "{n:column looks|columns look} like identity or account numbers: {columns}",
    "quality.personal_number.do": "Drop them; where they join tables, replace them by keyed hashes (pseudonymise).",
    "quality.personal_birth": "{n:column looks|columns look} like dates of birth: {columns}",
    "quality.personal_birth.do": "Drop them, or have age groups exported instead.",
    "quality.personal_address": "{n:column looks|columns look} like addresses: {columns}",
    "quality.personal_address.do": "Drop them, or have the district exported instead.",
    "quality.personal_text": "{n:column looks|columns look} like remarks in free words: {columns}",
    "quality.personal_text.do": "Free words hold names. Drop them.",
    "column.what": "what",
    "column.count": "how many",
    "column.of": "of",
    "column.unit": "unit",
    "column.headline": "half had ended within",
    "column.without": "without this",
    "column.todo": "what to do",
    "column.spec": "for the spec",
    # headings of columns
    "column.before": "from step",
    "column.after": "to step",
    "column.step": "step",
    "column.kind": "where",
    "column.n": "times",
    "column.cases": "cases",
    "column.mean": "mean",
    "column.p50": "half within",
    "column.p80": "8 in 10 within",
    "column.p90": "9 in 10 within",
    "column.p95": "19 in 20 within",
    "column.p50_low": "half within, from",
    "column.p50_high": "half within, to",
    "column.share": "share",
    "column.low": "likely from",
    "column.high": "to",
    "column.share_active": "share without dormant cases",
    "column.who": "who can change it",
    "column.time": "within",
    "column.repeated": "cases with repeats",
    "column.self_loops": "at once again",
    "column.mean_low": "mean, from",
    "column.mean_high": "mean, to",
    "column.ended": "ended",
    "column.otherwise": "ended otherwise",
    "column.open": "still open",
    "column.variant": "path",
    "column.group": "who",
    "column.period": "begun",
    "column.begin": "first day",
    "column.end": "up to, not including",
    "column.waiting": "still waiting",
    "column.difference": "difference",
    "column.visible": "would be seen from",
    "column.cases_before": "cases before",
    "column.cases_after": "cases after",
    "column.share_before": "share before",
    "column.share_after": "share after",
    "column.share_change": "change of share",
    "column.year": "year",
    "column.quarter": "quarter",
    "column.month": "month",
}


@dataclass(frozen=True)
class Span:
    """A length of time to be said in words; `day` is the length in seconds of the clock's day."""

    seconds: float
    day: float = DAY


class _Count(int):
    """A number whose format may hold its noun in two forms: {cases:case|cases} says "1 case" and "1,234 cases"."""

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.partition("|")
        return f"{int(self):,} {one if self == 1 else many}" if bar else format(int(self), spec)


@dataclass(frozen=True)
class Message:
    """A sentence before it is put into a language. Values may be messages and spans themselves.

    A count brings its noun along: {cases:case|cases}.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def say(self, language: Mapping[str, str] = ENGLISH) -> str:
        said = {name: _said(value, language) for name, value in self.values.items()}
        return language[self.key].format_map(said)

    def to_dict(self) -> dict[str, Any]:
        return {"key": self.key, "values": {name: _plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Message:
        return cls(written["key"], {name: _read(value) for name, value in written["values"].items()})


Value: TypeAlias = "str | int | float | Span | Message | tuple[Message, ...]"


def say_span(span: Span, language: Mapping[str, str] = ENGLISH) -> str:
    """In the unit that a person would use: 72 days, 5.4 days, 40 minutes; on a working clock always in its days."""
    if span.day != DAY:
        return _counted(span.seconds / span.day, "working_day", language)
    if span.seconds and span.seconds % DAY == 0:
        return _counted(span.seconds / DAY, "day", language)
    for unit, size in (("second", 1.0), ("minute", 60.0), ("hour", 3_600.0)):
        if abs(span.seconds) < {"second": 60.0, "minute": 5_400.0, "hour": 1.5 * DAY}[unit]:
            return _counted(span.seconds / size, unit, language)
    return _counted(span.seconds / DAY, "day", language)


def _counted(number: float, unit: str, language: Mapping[str, str]) -> str:
    text = f"{number:,.0f}" if abs(number) >= 10 else f"{number:.1f}".removesuffix(".0")
    text = "0" if text == "-0" else text
    return language[f"span.{unit}" if text == "1" else f"span.{unit}s"].format(n=text)


def _said(value: Value, language: Mapping[str, str]) -> str | int | float:
    if isinstance(value, Message):
        return value.say(language)
    if isinstance(value, Span):
        return say_span(value, language)
    if isinstance(value, tuple):
        return ", ".join(one.say(language) for one in value)
    if isinstance(value, str):
        return visible(value)
    return _Count(value) if isinstance(value, int) and not isinstance(value, bool) else value


def visible(text: str) -> str:
    """The text without marks that nobody sees but that turn, hide or break what stands around them."""
    if text.isprintable():
        return text
    return "".join(mark if category(mark)[0] != "C" else " " if mark in "\t\n\r" else "" for mark in text)


def _plain(value: Value) -> Any:
    if isinstance(value, Message):
        return {"message": value.to_dict()}
    if isinstance(value, Span):
        return {"seconds": value.seconds, "day": value.day}
    if isinstance(value, tuple):
        return [one.to_dict() for one in value]
    return value


def _read(written: Any) -> Value:
    if isinstance(written, Mapping):
        if "message" in written:
            return Message.from_dict(written["message"])
        return Span(written["seconds"], written["day"])
    if isinstance(written, list):
        return tuple(Message.from_dict(one) for one in written)
    value: str | int | float = written
    return value
