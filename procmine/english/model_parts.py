"""Words of the parts of a model: clocks, arrivals, drift and sessions."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "operational.calendar": "Time counts day and night at every step: nights, weekends and holidays make no difference that "
    "these data show.",
    "operational.office": "At {steps:step|steps} time counts only while the office works, as seen in the log: {open}.",
    "operational.days": "{days}",
    "operational.hours": "{days}, mostly from {opens} to {closes} o'clock",
    "operational.closed": "{days:day|days} with no event at all, where many would be usual, count as closed (the last one: "
    "{last}); those that come every year are expected again.",
    "operational.outside": "After {steps} time counts day and night: what is waited for there does not keep the office's hours.",
}
