"""Words of calendars, office hours and the service clock."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "clock.office": "the office's opening hours, {hours:g} hours a working day",
    "clock.offices": "the opening hours of each of {offices} offices, {hours:g} hours a working day",
    "clock.offices.days": "the opening hours of each of {offices} offices, whose working days last {low:g} to {high:g} hours: one of each "
    "office's own counts as one",
}
