"""Words of comparison offices."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "offices.weeks": "{cases:case|cases} by office and week of entry.",
    "offices.why.short": "Not known: before the change there are {months:month|months} of four weeks to compare, and {least} are needed to tell "
    "how the offices move beside each other. Load a longer history.",
    "offices.why.early": "Not known yet: only cases of {weeks:whole week|whole weeks} since the change could be watched; {least} are needed.",
    "offices.why.few": "Not known: {before:case|cases} before the change and {after:,} since; {least} of each are needed.",
    "offices.why.none": "Not known: no comparison office had {least} cases before the change.",
    "offices.why.weeks": "Not known: {weeks:week|weeks} are too few to tell a difference from the usual ups and downs.",
    "define.event_study": "TODO",
}
