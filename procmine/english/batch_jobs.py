"""Words of a batch before it runs: its offices, their periods, their extracts."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # the offices found
    "jobs.found": "{offices:office|offices} in {by}: each gets its own folder, made from its own cases only. A case belongs to "
    "the office that its attribute {by} names, also where it moved there from another.",
    "jobs.unstated": "no office stated",
    "jobs.unstated.some": "{cases:case names|cases name} no office: they are a group of their own.",
    "jobs.first_run": "No earlier run was found in the folder of outputs, so nothing is said of new offices and of those that fell silent.",
    "jobs.new": "New since {month}: {offices}.",
    "jobs.silent": "Silent: {offices}. No case began or was closed there in {month}. Is the office closed, or are its data missing?",
    "jobs.renamed": "{old} is called {new} now, as the file of jobs says.",
    "jobs.merged": "{new} holds the cases of {old}, as the file of jobs says.",
    "jobs.seeming": "{old} is gone since the last run, and {new}, which is spelt alike, has come. If they are one office, say so in the "
    "file of jobs (offices, renamed); nothing was done about it.",
    "jobs.left_out": "Left out, as the file of jobs says: {offices}.",
    "jobs.unknown": "The file of jobs speaks of {offices}, which the data do not have (in this month). Misspelt?",
    "jobs.unreadable": "The record of an earlier run ({folder}) cannot be read; it was not used.",
    "jobs.moved_folder": "{offices}: the folder is not called as the office, because the name is not safe on every system.",
    # small offices
    "jobs.small.quarter": "{office} closed {closed:case|cases} in {month}, fewer than {least}: its period is the three months from "
    "{first} to {last}, in which it closed {wider:case|cases}.",
    "jobs.small.rolling_year": "{office} closed {closed:case|cases} in {month}, fewer than {least}: its period is the twelve months "
    "from {first} to {last}, in which it closed {wider:case|cases}.",
    "jobs.small.still": "{office} closed {wider:case|cases} from {first} to {last}, still fewer than {least}: its figures may change a lot "
    "from month to month by chance alone.",
    # the same for others than the team, without counts of few cases
    "jobs.few.quarter": "{office} closed fewer than {least} cases in {month}: its period is the three months from {first} to {last}.",
    "jobs.few.rolling_year": "{office} closed fewer than {least} cases in {month}: its period is the twelve months from {first} to {last}.",
    "jobs.few.still": "{office} closed fewer than {least} cases from {first} to {last}: its figures may change a lot from month to month by "
    "chance alone.",
    "jobs.every_case": "These notebooks do not ask for a period, so their pages tell of all cases of an office, up to the last day of the "
    "data: {notebooks}.",
    # the extract of an office
    "jobs.office_title": "{title}: {office}",
    "jobs.extract": "Only the cases of {office}, with the rules and the last day of the whole log. Rows that were set aside and repairs "
    "are told where the whole log was read; they concern all offices and are not repeated here.",
    "jobs.extract_of": "cases of {office}",
    "jobs.none_stated": "no {name} is stated",
    "jobs.names": "the offices named as they are now ({by})",
    # jobs that cannot run
    "jobs.no_notebook": "The notebook {name} is missing.",
    "jobs.no_log": "The log {name} is missing.",
    "jobs.bad_log": "The log {name} cannot be read: {why}",
    "jobs.no_cases": "{office} has no case that began in the days asked for ({first} to {last}).",
    "jobs.bad_value": "The parameter {name} cannot take the name of this office: {why}",
    # beside the other offices
    "against.few": "Offices are compared where at least {offices} have {least} cases each; here {n:has|have}. So nothing is told.",
    "against.too_small": "Fewer than {least} cases began here in the year up to {last}: too few to compare with other offices.",
    "against.own": "{measure}: {time} here (likely between {low} and {high}), of {n:case|cases} that began in the year up to {last}, those "
    "still waiting counted.",
    "against.own.open": "{measure}: {time} here (likely {low} or more), of {n:case|cases} that began in the year up to {last}, those still "
    "waiting counted.",
    "against.own.bare": "{measure}: {time} here, of {n:case|cases} that began in the year up to {last}, those still waiting counted.",
    "against.own.never": "{measure}: not reached yet here, of {n:case|cases} that began in the year up to {last}.",
    "against.others": "Of {offices:other office|other offices}, {faster:,} are clearly faster, {alike:,} about the same and {slower:,} clearly "
    "slower.",
    "against.untold": "For {n:office|offices} the data cannot tell.",
    "against.band": "The middle half of all {offices:office|offices} lies between {low} and {high}.",
    "against.band.open": "The middle half of all {offices:office|offices} lies above {low}; some have not got there yet.",
    "against.half": "Half of the cases are closed within",
    "against.eight": "8 in 10 cases are closed within",
    "define.against": "Of cases that began in the twelve months up to the end of the month, from arrival to the end of the case; those still "
    "waiting are counted with the time that they have waited. Clearly faster or slower: the likely ranges (95%) do not touch. Only offices "
    "with at least {least} such cases are counted, and only where there are {offices} of them. The limits of the middle half are rounded "
    "outwards, to 1, 1.5, 2, 3, 5, 7 times a power of ten of days, over all offices alike; no other office's name or figure is told.",
}
