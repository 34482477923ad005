"""Words of what the verdict looks at before it says faster: who is left waiting, and what else may be the cause."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # the slowest
    "verdict.tail.fails": "{told}",
    "verdict.tail.waiting": "Of the cases since the change, {waiting_after:.0%} were still waiting when {watched} were over; before it was {waiting_before:.0%}. "
    "The slowest wait longer.",
    "verdict.tail.kind": "Not all gain: cases where {group} took {difference} more on average than before.",
    "verdict.tail.fine": "The slowest do not wait longer than before.",
    # the piles
    "verdict.overdue.fails": "Others are left waiting: when the data end, {overdue:.0f} cases have waited for more than {watched}; at the change it was "
    "{overdue_then:.0f}. That is more than the usual ups and downs.",
    "verdict.overdue.unsure": "Others may be left waiting: when the data end, {overdue:.0f} cases have waited for more than {watched}; at the change it was "
    "{overdue_then:.0f}. That may still be chance.",
    "verdict.overdue.unknown": "We cannot tell whether old cases are left waiting: the log is too short to know how their number goes up and down.",
    "verdict.overdue.fine": "No more cases than usual have waited for more than {watched}.",
    "verdict.pending.fails": "The pile grows: {open:.0f} cases are open when the data end; at the change it was {open_then:.0f}. Of {arrived:.0f} that came "
    "since, {closed:.0f} were closed. That is more than the usual ups and downs.",
    "verdict.pending.unsure": "The pile may be growing: {open:.0f} cases are open when the data end; at the change it was {open_then:.0f}. Of {arrived:.0f} that "
    "came since, {closed:.0f} were closed. That may still be chance.",
    "verdict.pending.unknown": "We cannot tell whether the pile grows: the log is too short to know how it goes up and down.",
    "verdict.pending.fine": "The pile of open cases does not grow more than before.",
    # how cases end
    "verdict.other_ends.fails": "Cases end differently: of all cases, {share_after:.0%} now end within {watched} with “{end}”; before it was {share_before:.0%}.",
    "verdict.other_ends.fine": "Cases do not end differently more often than before.",
    # what else it may be
    "verdict.volume.fails": "Fewer cases came: {since:.1f} a week since the change, before {before:.1f}. When fewer cases come, waits get shorter by themselves.",
    "verdict.volume.unknown": "We cannot tell whether fewer cases came.",
    "verdict.volume.fine": "The number of cases that came has not fallen by much.",
    "verdict.mix.fails": "Other kinds of cases came: “{stratum}” is {share_after:.0%} of them since the change, before {share_before:.0%}. With the same kinds of cases the "
    "difference is {adjusted} {adjusted_way}; without regard to kinds it is {raw} {raw_way}.",
    "verdict.mix.unknown": "We cannot tell whether other kinds of cases came: the log does not say of which kind a case is (attributes of cases).",
    "verdict.mix.fine": "Other kinds of cases do not make the difference.",
    "verdict.mix.less": "less",
    "verdict.mix.more": "more",
    "verdict.season.fails": "The same weeks of a year before are not in the log, so the time of year may be the cause.",
    "verdict.season.fine": "The same weeks of a year before were compared too.",
    "verdict.queue.fails": "Waits here went up and down for months at a time before the change too, as in a queue. This may be one more of these swings.",
    "verdict.queue.fine": "Before the change waits did not swing up and down for months at a time.",
    "verdict.date.fails": "The date of the change was not written down before its results could be seen. Among all the months that could be chosen afterwards, one "
    "is likely to look so good by chance.",
    "verdict.date.unsure": "The date of the change was not written down before its results could be seen, so we are "
    "stricter: among many months one looks good by chance.",
    "verdict.date.fine": "The date of the change was written down before its results could be seen.",
    "verdict.control.fails": "Where nothing was changed ({offices}), waits moved about as much: the difference between the two is likely between "
    "{low} {low_way} and {high} {high_way}.",
    "verdict.control.unknown": "We cannot tell what happened where nothing was changed. {why}",
    "verdict.control.fine": "Where nothing was changed ({offices}), waits did not move as much.",
    "strata.missing": "(missing)",
    "strata.others": "others",
    "strata.moved": "{kinds:kind of case|kinds of cases}. The share that moved most: {stratum}, {after:.0f} of every 100 since, {before:.0f} before.",
    "piles.last": "When the data end {open:case waits|cases wait}, {overdue:,} of them for longer than cases were watched; when the change came, on {change}, it "
    "was {open_then:,} and {overdue_then:,}.",
    "piles.title": "Who waits, before and since {change}",
    "piles.axis": "open cases at the end of the week",
    "piles.footer": "Too long: longer than each case was watched. The dotted line is the change.",
    "piles.late": "open for too long",
    "piles.rest": "open",
    # what the rows mean
    "define.strata": "Kinds of cases by what is known when a case begins. The average of all cases is taken with the shares that "
    "the kinds had before the change, so that more easy cases do not look like shorter waits. Kinds are chosen by what mattered "
    "before the change, never by what came after.",
    "define.piles": "Cases of the group compared that were open at the end of each week, as known at the end of the data; a case is counted "
    "as waiting for too long when it has waited longer than each case was watched.",
}
