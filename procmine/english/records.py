"""Words of the record of changes, of planning a pilot, and of looking at results more than once."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # looks
    "look.recorded": "The change was written down on {recorded}, before any result could be seen ({seen}).",
    "look.recorded_late": "The change of {date} was written down on {recorded}; results could be seen from {seen} on. So its date "
    "counts as picked from {months:possible month|possible months}, and a difference must stand out more.",
    "look.picked": "Nothing on record says that {date} was fixed before results could be seen. So it counts as picked from "
    "{months:possible month|possible months}, and a difference must stand out more. Write the change down in changes.yml.",
    "look.no_date": "No day of decision is on record. Who looks until it looks good finds something by chance: write decide_on.",
    "look.shared": "{looks:day of decision|days of decision} were planned, so a difference must stand out more on each.",
    "look.provisional": "Provisional: it is to be judged on {day}.",
    "look.between": "Provisional: it is to be judged again on {day}; the last day of decision is {last}.",
    # changes.yml
    "changes.none": "Nothing like it is on record.",
    "changes.counted": "On record: {counts}.",
    "changes.count.kept": "{n:change|changes} kept",
    "changes.count.adjusted": "{n:change|changes} adjusted",
    "changes.count.stopped": "{n:change|changes} stopped",
    "changes.count.running": "{n:change|changes} being tried",
    "changes.count.planned": "{n:change|changes} planned",
    "changes.count.idea": "{n:idea|ideas} not tried yet",
    "changes.status.kept": "kept",
    "changes.status.adjusted": "adjusted",
    "changes.status.stopped": "stopped",
    "changes.status.running": "being tried",
    "changes.status.planned": "planned",
    "changes.status.idea": "idea",
    "changes.like.tried": "Something like it was tried: {idea} ({change}; {tried}, from {begun}). {came}",
    "changes.like.idea": "Something like it is on record: {idea} ({change}). {came}",
    "changes.more": "And {more:more|more}.",
    "changes.came": "{said}",
    "changes.came.kept": "It was kept.",
    "changes.came.adjusted": "It was kept in another form.",
    "changes.came.stopped": "It was stopped.",
    "changes.came.running": "It is still being tried.",
    "changes.came.planned": "It is planned.",
    "changes.came.idea": "It has not been tried.",
    "changes.came.figure": "Found with data up to {data}: {verdict}, {figure}.",
    "changes.came.measured": "Found with data up to {data}: {verdict}.",
    "changes.came.why": "Why: {why}",
    "changes.figure.less": "{figure} less",
    "changes.figure.more": "{figure} more",
    "changes.figure.less.range": "{figure} less (likely {low} to {high} less)",
    "changes.figure.more.range": "{figure} more (likely {low} to {high} more)",
    "changes.figure.less.across": "{figure} less (likely between {low} less and {high} more)",
    "changes.figure.more.across": "{figure} more (likely between {low} less and {high} more)",
    "changes.no_figure": "no figure",
    "changes.unit.percent": "{n}%",
    "changes.unit.points": "{n} of every 100",
    "changes.where": "{name} {values}",
    "changes.all_of": "{parts}",
    "changes.everywhere": "all cases",
    "changes.person": "{n:entry|entries} may name a person: {places}. Write roles, such as head of the legal unit.",
    "changes.place": "{field} of {change}",
    "changes.kind.improved": "shorter waits",
    "changes.kind.improved_for_most": "shorter for most",
    "changes.kind.artefact": "the count changed, not the wait",
    "changes.kind.faster_unclear": "faster, why is not clear",
    "changes.kind.faster_different_results": "faster, but different results",
    "changes.kind.worse": "longer waits",
    "changes.kind.slower_unclear": "slower, why is not clear",
    "changes.kind.mixed": "mixed",
    "changes.kind.too_early": "too early",
    "changes.kind.too_few": "too few to tell",
    "changes.kind.cannot_judge": "cannot be judged",
    "changes.kind.no_evidence": "no difference that stands out",
    "define.changes": "The team's own record, as it stands in changes.yml: nothing here is measured again. A change counts as written "
    "down beforehand if its day of recording is not after the first day on which results could be seen; procmine takes that day as "
    "it stands in the file.",
    # plan_size
    "size.headline": "With your {cases:case|cases} a month you would see a change of {visible} or more ({share:.0%} of the {mean} they "
    "take on average) within {months:month|months}: with data up to {day}.",
    "size.blind": "With your {cases:case|cases} a month nothing would be seen within {months:month|months}, with data up to {day}: their "
    "{mean} on average go up and down by so much that even no wait at all would not stand out.",
    "size.floor": "However long you wait, a change of less than {floor} ({share:.0%}) would hardly be told: the {weeks:week|weeks} before "
    "go up and down, and less than {least:.0%} is not called a change.",
    "size.wanted": "A change of {wanted} would be seen with data up to {day}: {since:week|weeks} of cases, each watched for {watched}.",
    "size.never": "A change of {wanted} would never be seen with this history: nothing below {floor} stands out from its ups and downs. "
    "A longer history, more offices (more=), or the cases alone that the change is for (where=) bring that down.",
    "size.affected": "If the change touches only {share:.0%} of these cases, they must change by {size} for that (data up to {day}). If one "
    "can tell them when they begin, name them with where=: they alone show it sooner.",
    "size.within": "Of every 100 of them {done:.0f} are done within {within}; a change by {points:.0f} of every 100 would be seen with data "
    "up to {day}.",
    "size.wider": "In {offices:office|offices} together a change of {visible} would be seen by then instead of {before}.",
    "size.wider.one": "In {offices:office|offices} together a change of {visible} would be seen.",
    "size.counted": "Seen means: the verdict would find it 4 times in 5, if as many cases come, as long and as uneven as in the "
    "{weeks:week|weeks} before.",
    "size.counted.looks": "Seen means: the verdict would find it 4 times in 5 on each of {looks:day of decision|days of decision}, if as many "
    "cases come, as long and as uneven as in the {weeks:week|weeks} before.",
    "size.this": "as planned",
    "size.all": "{offices:office|offices} together",
    "size.mark": "wanted: {wanted}",
    "size.title": "The smallest change that would be seen: {group}",
    "size.up": "days of the average wait",
    "size.across": "data up to",
    "define.plan_size": "The smallest change of the average wait (each counted up to the time of watching) for which the range of the "
    "difference would leave out 0 in 80% of pilots: (t + 0.84) standard errors, against all weeks before, the weeks next to the change "
    "and the same weeks a year before, whichever shows least (as the verdict asks for all of them). The error is that of compare: "
    "the Newey-West long-run variance of entry weeks, and the spread of cases. Weeks since the change are taken to be as those before; a "
    "mix of cases that is evened out can make it a little smaller. It says what would be seen, not that the verdict would be "
    "'shorter waits': for that no guard may fail and nothing else may explain it.",
    "column.ask": "data up to",
    "column.share_visible": "share of the average",
    "column.share_within": "share of the cases in time, from",
    "column.visible_affected": "for those affected, from",
    "column.per_month": "cases a month",
    "column.wanted_by": "wanted change seen by",
}
