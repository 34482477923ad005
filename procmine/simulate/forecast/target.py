"""Target: what a policy is meant to reach."""

from __future__ import annotations

import re
from dataclasses import dataclass

from procmine.words import DAY, Message, Span

WRITTEN = re.compile(
    r"(?P<share>half|mean|(?P<tenths>\d{1,2}) in 10|(?P<percent>\d{1,2}(\.\d+)?) ?%)\s+within\s+"
    r"(?P<days>\d+(\.\d+)?)\s+days?"
)


@dataclass(frozen=True)
class Target:
    """That share of all cases is there within so many days of arrival; share None: the mean is at most so long.

    `outcome`: only those who end so are there; None: any end.
    """

    days: float
    share: float | None = 0.8
    outcome: str | None = None

    def __post_init__(self) -> None:
        if not self.days > 0:
            raise ValueError(f"A target of {self.days:g} days: it must be more than 0.")
        if self.share is not None and not 0 < self.share < 1:
            raise ValueError(f"A target for a share of {self.share:g}: it lies between 0 and 1 (0.8 = 8 in 10).")

    @classmethod
    def read(cls, text: str, *, outcome: str | None = None) -> Target:
        """From words: "8 in 10 within 90 days", "half within 30 days", "75% within 60 days", "mean within 45 days"."""
        found = WRITTEN.fullmatch(text.strip().casefold())
        if found is None:
            raise ValueError(
                f'{text!r} is no target. Write, for instance, "8 in 10 within 90 days", "half within 30 days" or '
                '"mean within 45 days".'
            )
        if found["share"] == "mean":
            return cls(float(found["days"]), None, outcome)
        tenths, percent = found["tenths"], found["percent"]
        share = 0.5 if found["share"] == "half" else float(tenths) / 10 if tenths else float(percent) / 100
        return cls(float(found["days"]), share, outcome)

    @property
    def said(self) -> Message:
        time = Span(self.days * DAY)
        if self.share is None:
            return Message("target.mean", {"time": time})
        return Message("target.share", {"who": who(self.share), "time": time})


def who(share: float) -> Message:
    """Half, 8 in 10, or so many percent of all cases."""
    if share == 0.5:
        return Message("target.half")
    tenths = round(share * 10, 6)
    if tenths == round(tenths):
        return Message("target.tenths", {"n": str(round(tenths))})
    return Message("target.percent", {"share": f"{100 * share:g}%"})


def target_of(given: Target | str) -> Target:
    return Target.read(given) if isinstance(given, str) else given
