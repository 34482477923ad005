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
    "look.between": "Provisional: it is to be judged again on {day}, for the last time on {last}.",
}
