"""Validation: how well a model of a log foretells what that log then saw, and what its simulations are good for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from procmine.results import Result, Rows
from procmine.simulate.validation.judge import NEW
from procmine.simulate.validation.verdict import FEW, Verdict
from procmine.words import Message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = ("measure", "simulated", "replayed", "by_chance", "unit")


@dataclass(frozen=True, eq=False)
class Validation(Result):
    """One row per measure of error, the mean over the origins: code, measure (text), simulated = of the model, replayed = of
    cases of the past played again, by_chance = of the held-out cases drawn anew (for times: of their own distribution),
    unit (text). Zero would be best; no forecast of a whole distribution can be much better than chance.

    `weeks`: one entry per origin, week and figure: origin, week (datetime64[D]), figure, real, foretold (half of the draws),
    low, high (the range of 9 in 10). `ranges`: level, held, figures. `curve`: days, real, real_low, real_high, simulated
    (share ended by each day since the arrival, of the cases that came after the last origin).
    """

    weeks: Rows
    ranges: Rows
    curve: Rows
    judged: Verdict

    meaning = "define.validation"
    none: ClassVar[str] = "validate.none"
    none_is_an_answer: ClassVar[bool] = True

    @property
    def verdict(self) -> str:
        """ "good", "careful", "no" or "too few": for policies that change waits and steps."""
        return self.judged.delay

    @property
    def held_out(self) -> int:
        return int(str(self.arguments["cases"]))

    def line(self) -> Message:
        """The one line that every page with a forecast carries."""
        if self.verdict == FEW:
            return Message("validate.line.too_few")
        held, figures = (int(self.ranges[name][-1]) for name in ("held", "figures"))
        days = len(np.unique(self.weeks["origin"]))
        values = {"days": days, "held": held, "figures": figures, "cases": self.held_out}
        return Message(f"validate.line.{self.verdict}", {**values, "staffing": self.judged.staffing})

    def findings(self) -> Sequence[Message]:
        held, figures = (int(self.ranges[name][-1]) for name in ("held", "figures"))
        place = list(self.rows["code"]).index(NEW)
        ours, replayed, least = (float(self.rows[name][place]) for name in ("simulated", "replayed", "by_chance"))
        days = len(np.unique(self.weeks["origin"]))
        return [
            *self.judged.messages(),
            Message("validate.ranges", {"held": held, "figures": figures, "days": days, "cases": self.held_out}),
            Message("validate.times", {"ours": ours, "replayed": replayed, "least": least}),
            Message("validate.as_is"),
        ]

    def shown(self) -> Rows:
        return {name: self.rows[name] for name in SHOWN} if self.rows else {}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of cases ended by each day: those held out, with the band of chance, and simulated ones."""
        from procmine.draw.charts import Curve, curves

        days = self.curve["days"]
        bands = (self.curve["real_low"], self.curve["real_high"])
        real = Curve(Message("validate.curve.real").say(), days, self.curve["real"], *bands)
        simulated = Curve(Message("validate.curve.simulated").say(), days, self.curve["simulated"])
        title = Message("validate.picture.curve", {"day": str(self.weeks["origin"][-1])}).say()
        words = {name: Message(f"validate.picture.{name}").say() for name in ("axis", "across")}
        return curves([real, simulated], title=title, not_reached=Message("survival.not_reached").say(), ax=ax, **words)

    def plot_errors(self, ax: Axes | None = None) -> Axes:
        """Each error as times that of chance, beside that of replayed cases."""
        from procmine.draw.validation import Error, errors

        rows = [{name: column[k] for name, column in self.rows.items()} for k in range(len(self))]
        data = [
            Error(
                str(one["measure"]),
                float(one["simulated"] / one["by_chance"]),
                float(one["replayed"] / one["by_chance"]),
                f"{one['simulated']:.3g} {one['unit']}",
            )
            for one in rows
            if one["by_chance"] > 0
        ]
        said = [Message(f"validate.bar.{name}").say() for name in ("simulated", "replayed", "chance")]
        words = {name: Message(f"validate.errors.{name}").say() for name in ("title", "across", "footer")}
        return errors(data, (said[0], said[1], said[2]), ax=ax, **words)
