"""Said: what a guard found, in words."""

from __future__ import annotations

from procmine.proof.verdict.kinds import UNSURE, Finding
from procmine.words import DAY, Message, Span, Value

CALENDAR = (
    "within", "watched", "lead_before", "lead_after", "family_before", "family_after", "family_low", "family_high",
)  # fmt: skip  # figures that are seconds, day and night
OF_CLOCK = ("stood_before", "stood_after", "gained", "shown")  # seconds of the clock asked for
BESIDE = {  # a sentence, and the figure that it needs
    "family": "family_after", "first": "first", "gone": "gone", "thinner": "events_after", "fewer": "fewer",
}  # fmt: skip


def said(finding: Finding, day: float = DAY) -> tuple[Message, ...]:
    """The sentence of its state, and those that tell what was seen beside it; `day` in seconds, of the clock asked for."""
    values: dict[str, Value] = dict(finding.figures)
    days = dict.fromkeys(CALENDAR, DAY) | dict.fromkeys(OF_CLOCK, day)
    for name in values.keys() & days.keys():
        values[name] = Span(float(finding.figures[name]), days[name])
    lead = finding.name == "outside" and finding.state == UNSURE and "lead_after" in values  # of a start of one's own
    keys = ["verdict.outside.lead" if lead else f"verdict.{finding.name}.{finding.state}"]
    keys += [f"verdict.{finding.name}.{one}" for one, needs in BESIDE.items() if needs in values]
    return tuple(Message(key, values) for key in keys)
