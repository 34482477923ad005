"""Words of what the verdict looks at before it says faster: who is left waiting, and what else may be the cause."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "strata.missing": "(missing)",
    "strata.others": "others",
    "strata.moved": "{kinds:kind of case|kinds of cases}. The share that moved most: {stratum}, {after:.0f} of every 100 since, {before:.0f} before.",
    "piles.last": "When the data end {open:case|cases} wait, {overdue:,} of them for longer than cases were watched.",
    "define.strata": "Kinds of cases by what is known when a case begins. The average of all cases is taken with the shares that "
    "the kinds had before the change, so that more easy cases do not look like shorter waits. Kinds are chosen by what mattered "
    "before the change, never by what came after.",
    "define.piles": "Cases of the group compared that were open at the end of each week, as known at the end of the data; a case is counted "
    "as waiting for too long when it has waited longer than each case was watched.",
}
