"""Bottlenecks as a result: its rows, the sentences, the questions that it leaves, and its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.find.time.owners import MINE, OWNERS, PARTLY, STATUTE, UNKNOWN
from procmine.find.time.places import BEFORE, DORMANT_AFTER, KINDS, OPEN_AFTER
from procmine.find.time.trend import FALLING, RISING
from procmine.find.time.what_is_left import Questions, Stuck
from procmine.results import Result, Rows, seconds
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.charts import Bar

MOST_BARS, LEAST_BAR = 10, 0.005
MOST_GROUPS, MOST_PARTS = 12, 7  # drawn side by side
MUCH = 0.05  # of all time in dormant cases: then a headline is told both ways
SHOWN = ("kind", "step", "who", "n", "share", "low", "high", "likely_place", "p50", "p80")
SHOWN_OF_GROUPS = 3  # largest places of each group in the table
MOST_NAMED = 3  # steps in one sentence
LEAST_STUCK = 10  # cases that make a sentence
NIGHTS, HALF_A_DAY = 0.05, 43_200  # of so long a gap so little is working time: it is mostly nights and weekends


@dataclass(frozen=True, eq=False)
class Bottlenecks(Result):
    """One row per place where time goes, by kind, largest share first. The shares of a group add up to 1.

    kind (text): "before" = the gap that ends at the step; "still open after" = from an open case's last step to the cutoff,
    the next step not being known; "dormant after" = the same in dormant cases; "left out after" = to the end of the case,
    where a filter left later steps out. step (text), "" if a case has no step; n (int): gaps, first events only where the
    arrival is known; mean, p50, p80, p95 (timedelta64[s], NaT unless "before"); share, low, high (floats 0..1): part of all
    case-days (inside the window, if one is named), with its 95% interval from entry weeks (nan below 8 weeks);
    share_active: the same with the time of dormant cases left out.

    rank_low, rank_high (int, 1 = largest of the rows "before"): where the share likely stands (95%; 0 below 20 weeks).
    trend ("rising", "falling", "no clear trend", "": cannot be told); change, change_low, change_high (float, 0.1 = a tenth
    longer, 95%): the mean gap of the last 52 weeks (of a window: its weeks) against the same weeks a year before, each
    year as it stood at its end, "rising" and "falling" after Holm's correction over the steps and from 5% on. Of rows "still
    open after" and "dormant after": stuck (int), cases that at the end (of the window) had stood longer than stuck_after
    (timedelta64[s], within 1%), the time within which 8 in 10 of those who went on from that step did so. fixed
    (timedelta64[s]): the number of whole days that at least 9 in 10 gaps have in common, and fixed_n (int) how many; NaT
    and 0 where there is none, or on a clock of work. who (text) can change it, from the log's spec; whose: "ours" (our
    policy, habit), "partly ours", "unknown", "others" or "law". working_days (float), working_share: half within so many
    working days, and the share of all working time, on the calendars of the log's spec; nan without them.

    `shown` puts first what is ours to change (of groups, among their three largest), and leaves out what `rows` has beside.
    """

    meaning = "define.bottlenecks"

    def findings(self) -> Sequence[Message]:
        if not self.rows["share"].any():
            return [Message("bottleneck.nothing")]
        known = np.flatnonzero(self.rows["kind"] == BEFORE)
        return [*self._largest(known), *self._asked(known), *self._moving(known), *self._standing(known)]

    def questions(self) -> Questions:
        """What to ask about these waits: who decides how long they are, and whether a rule does."""
        asked: dict[tuple[str, str], tuple[float, int, Message]] = {}
        for part in self.parts().values():
            for row in np.flatnonzero(part.rows["kind"] == BEFORE):
                for message in part._questions(int(row)):
                    found = (float(part.rows["share"][row]), int(part.rows["n"][row]), message)
                    key = (message.key, str(part.rows["step"][row]))
                    asked[key] = max(asked.get(key, found), found, key=lambda one: one[0])
        ordered = sorted(asked.items(), key=lambda one: -one[1][0])
        columns = [(key[1], share, n, message.say()) for key, (share, n, message) in ordered]
        step, share, n, question = zip(*columns) if columns else ((),) * 4
        text = {name: np.array(one, object) for name, one in (("step", step), ("question", question))}
        rows = {"step": text["step"], "share": np.array(share, float), "n": np.array(n, np.int64)}
        return Questions({**rows, "question": text["question"]}, self.about, self.exact, self.arguments)

    def stuck(self) -> Stuck:
        """Open cases that have stood longer than 8 in 10 of those who went on from the same step, by that step."""
        rows = np.flatnonzero(np.isin(self.rows["kind"], (OPEN_AFTER, DORMANT_AFTER)) & (self.rows["stuck"] > 0))
        rows = rows[np.argsort(-self.rows["stuck"][rows], kind="stable")]
        names = (*self.groups, "step", "kind", "n", "stuck", "stuck_after")
        table = {name: self.rows[name][rows] for name in names}
        return Stuck(table, self.about, self.exact, self.arguments)

    def shown(self) -> Rows:
        """What is ours to change first, then what is not known, then others, then what the law sets; ranges as text."""
        rows = self.rows
        if not len(self):
            return rows
        order = self._shown_order()
        told = {name: [one(row).say() for row in range(len(self))] for name, one in self._told_as_text().items()}
        table = {**rows, **{name: np.array(said, object) for name, said in told.items()}}
        working = [name for name in ("working_days", "working_share") if not np.isnan(rows[name]).all()]
        active = ["share_active"] if (rows["kind"] == DORMANT_AFTER).any() else []
        names = [*self.groups, *SHOWN, *active, *working, "trend", "stuck"]
        order = order[self._largest_of_groups()[order]] if self.groups else order
        return {name: table[name][order] for name in names if name in table}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The largest places where time goes as bars with their ranges, by who can change them; of groups a bar each, cut
        into the places that are largest in all.
        """
        from procmine.draw.charts import bars

        if self.groups:
            return self._groups_drawn(ax)
        order = np.argsort(-self.rows["share"], kind="stable")[:MOST_BARS]
        order = order[(self.rows["share"][order] >= LEAST_BAR) | (np.arange(len(order)) == 0)]
        said = {name: Message(f"bottleneck.{name}").say() for name in ("picture", "axis", "marker")}
        gaps = int(self.rows["n"][self.rows["kind"] == BEFORE].sum())
        values: dict[str, Value] = {"drawn": len(order), "rows": len(self), "n": gaps}
        values["share"] = float(self.rows["share"][order].sum())
        footer = Message("bottleneck.footer", values).say()
        drawn = [self._bar(int(row)) for row in order]
        return bars(drawn, title=said["picture"], axis=said["axis"], footer=footer, also=said["marker"], ax=ax)

    def _groups_drawn(self, ax: Axes | None) -> Axes:
        """A bar a group; of many groups the last ones, which of periods are the latest."""
        from procmine.draw.stacked import Stack, stacks

        groups = list(self.parts().items())[-MOST_GROUPS:]
        tables = [dict(zip(zip(one.rows["kind"], one.rows["step"]), one.rows["share"])) for _, one in groups]
        total: dict[tuple[str, str], float] = {}
        for table in tables:
            for place, share in table.items():
                total[place] = total.get(place, 0.0) + float(share)
        largest = sorted(total, key=lambda place: -total[place])[:MOST_PARTS]
        shares = [[float(table.get(place, 0.0)) for place in largest] for table in tables]
        data = [Stack(name, np.array([*one, max(1 - sum(one), 0.0)])) for (name, _), one in zip(groups, shares)]
        names = [self._called(*place) for place in largest]
        gaps = int(self.rows["n"][self.rows["kind"] == BEFORE].sum())
        values: dict[str, Value] = {"n": gaps, "drawn": len(groups), "groups": len(self.parts())}
        said = {name: Message(f"bottleneck.groups.{name}", values).say() for name in ("picture", "axis", "footer")}
        return stacks(data, [*names, Message("bottleneck.groups.rest").say()], title=said["picture"], axis=said["axis"],
                      footer=said["footer"], ax=ax)  # fmt: skip

    def _called(self, kind: str, step: str) -> str:
        return step if kind == BEFORE else Message("bottleneck.kind", {"kind": kind, "step": step}).say()

    def _largest(self, known: NDArray[np.int64]) -> list[Message]:
        """The largest of all, the largest that is ours."""
        whose = self.rows["whose"]
        said = [self._told("bottleneck.top", int(row)) for row in known[:1]]
        if len(known) > 1 and self.rows["rank_high"][known[0]] > 1:
            rivals = [row for row in known[1:] if self.rows["rank_low"][row] == 1][:MOST_NAMED]
            others = Message("bottleneck.rivals", {"steps": self._names(rivals)})
            said += [others] if rivals else []
        if len(known) and whose[known[0]] == STATUTE:
            said.append(Message("bottleneck.law", {"step": str(self.rows["step"][known[0]])}))
        ours = known[np.isin(whose[known].astype(str), (MINE, PARTLY))]
        if len(ours) and ours[0] != known[0]:
            said.append(self._told("bottleneck.ours", int(ours[0])))
        return said

    def _asked(self, known: NDArray[np.int64]) -> list[Message]:
        """The questions in short."""
        large = known[self.rows["share"][known] >= LEAST_BAR]
        whose = self.rows["whose"][large].astype(str)
        said = [self._ruled(int(row)) for row in large[(self.rows["fixed_n"][large] > 0) & (whose != STATUTE)]][:1]
        open_ = large[whose == UNKNOWN]
        if len(open_):
            more = Message("bottleneck.more", {"more": len(open_) - MOST_NAMED})
            values: dict[str, Value] = {"steps": self._names(open_[:MOST_NAMED])}
            values["more"] = more if len(open_) > MOST_NAMED else Message("nothing")
            said.append(Message("bottleneck.whose", {**values, "share": float(self.rows["share"][open_].sum())}))
        return said

    def _moving(self, known: NDArray[np.int64]) -> list[Message]:
        """The largest step that grows, and the largest that shrinks; those that last over nights."""
        said = []
        large = known[self.rows["share"][known] >= LEAST_BAR]
        for word in (RISING, FALLING):
            rows = large[self.rows["trend"][large] == word]
            said += [Message(f"bottleneck.{word}", self._changed(int(row))) for row in rows[:1]]
        nights = [int(row) for row in large if self._mostly_closed(int(row))]
        return [*said, *([Message("bottleneck.nights", {"steps": self._names(nights[:MOST_NAMED])})] if nights else [])]

    def _standing(self, known: NDArray[np.int64]) -> list[Message]:
        """Who is stuck, and the time of cases that are not over."""
        kind, stuck, said = self.rows["kind"], self.rows["stuck"], []
        most = int(np.argmax(np.where(kind == OPEN_AFTER, stuck, -1)))
        if kind[most] == OPEN_AFTER and stuck[most] >= LEAST_STUCK:
            usual = Span(seconds(self.rows["stuck_after"][most]), self.day)
            cases = {"waiting": int(stuck[most]), "open": int(self.rows["n"][most])}
            said.append(Message("bottleneck.stuck", {"step": self._name(most), "p80": usual, **cases}))
        for key, wanted in (("bottleneck.open", OPEN_AFTER), ("bottleneck.dormant", DORMANT_AFTER)):
            part = float(self.rows["share"][kind == wanted].sum())
            said += [Message(key, {"share": part})] if part >= LEAST_BAR else []
        return said

    def _questions(self, row: int) -> list[Message]:
        """What to ask about one row "before"."""
        if self.rows["share"][row] < LEAST_BAR:
            return []
        whose, asked = self.rows["whose"][row], []
        if self.rows["fixed_n"][row] and whose != STATUTE:
            asked.append(self._ruled(row))
        if whose == UNKNOWN:
            share = float(self.rows["share"][row])
            asked.append(Message("bottleneck.ask", {"step": self._name(row), "share": share}))
        return asked

    def _ruled(self, row: int) -> Message:
        values: dict[str, Value] = {"n": int(self.rows["fixed_n"][row]), "events": int(self.rows["n"][row])}
        days = Span(seconds(self.rows["fixed"][row]), self.day)
        return Message("bottleneck.rule", {"step": self._name(row), "days": days, **values})

    def _changed(self, row: int) -> dict[str, Value]:
        size = [abs(float(self.rows[name][row])) for name in ("change", "change_low", "change_high")]
        low, high = sorted(size[1:])
        return {"step": self._name(row), "change": size[0], "low": low, "high": high}

    def _mostly_closed(self, row: int) -> bool:
        """Whether half of these gaps are long by the calendar and next to nothing in working time."""
        worked, whole = self.rows["working_days"][row], self.rows["p50"][row]
        if np.isnan(worked) or np.isnat(whole) or seconds(whole) < HALF_A_DAY:
            return False
        return bool(worked * 8 * 3_600 <= NIGHTS * seconds(whole))

    def _shown_order(self) -> NDArray[np.int64]:
        """By group, then kind, then owner, then as they stand."""
        kind = np.array([KINDS.index(one) for one in self.rows["kind"]])
        owner = np.array([OWNERS.index(one) for one in self.rows["whose"]])
        return np.lexsort((np.where(self.rows["kind"] == BEFORE, owner, 0), kind, self._group_numbers()))

    def _largest_of_groups(self) -> NDArray[np.bool_]:
        """Which rows are among the first of their group before a step."""
        known = np.flatnonzero(self.rows["kind"] == BEFORE)
        group = self._group_numbers()[known]  # rows of a group stand together, largest first
        first = np.searchsorted(group, group)
        largest = np.zeros(len(self), bool)
        largest[known[np.arange(len(known)) - first < SHOWN_OF_GROUPS]] = True
        return largest

    def _group_numbers(self) -> NDArray[np.int64]:
        keys = list(zip(*(self.rows[name] for name in self.groups))) if self.groups else [()] * len(self)
        numbers = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        return np.array([numbers[key] for key in keys], np.int64)

    def _told_as_text(self) -> dict[str, Callable[[int], Message]]:
        return {"likely_place": self._rank, "trend": self._trend}

    def _trend(self, row: int) -> Message:
        word = str(self.rows["trend"][row])
        if not word:
            return Message("nothing")
        size = {name: float(self.rows[name][row]) for name in ("change", "change_low", "change_high")}
        return Message("bottleneck.trend", {"trend": Message(f"bottleneck.word.{word.replace(' ', '_')}"), **size})

    def _rank(self, row: int) -> Message:
        low, high = (int(self.rows[name][row]) for name in ("rank_low", "rank_high"))
        key = "nothing" if not low else "bottleneck.rank.one" if low == high else "bottleneck.rank"
        return Message(key, {"rank_low": low, "rank_high": high})

    def _bar(self, row: int) -> Bar:
        from procmine.draw.charts import Bar

        one = {name: column[row] for name, column in self.rows.items()}
        kind = str(one["kind"])
        label = self._name(row)
        label = label if kind == BEFORE else Message("bottleneck.kind", {"kind": kind, "step": label}).say()
        values: dict[str, Value] = {"share": float(one["share"])}
        key = "bottleneck.share"
        if one["n"] and kind == BEFORE and not np.isnat(one["p50"]):
            key, values = "bottleneck.note", {**values, "p50": Span(seconds(one["p50"]), self.day), "n": int(one["n"])}
        place = Message("bottleneck.place", {"rank": self._rank(row)}) if one["rank_low"] else Message("nothing")
        note = Message(key, {**values, "place": place})
        top = kind == BEFORE and row == int(np.flatnonzero(self.rows["kind"] == BEFORE)[0])
        look, owner = OWNERS.index(one["whose"]), f"owner.{one['whose'].replace(' ', '_')}"
        look, owner = (look, owner) if kind == BEFORE else (len(OWNERS), "owner.open")
        ends = (float(one["share"]), float(one["low"]), float(one["high"]))
        return Bar(label, *ends, note.say(), top, look, Message(owner).say(), float(one["working_share"]))

    def _name(self, row: int) -> str:
        return str(self.rows["step"][row])

    def _names(self, rows: Sequence[int] | NDArray[np.int64]) -> tuple[Message, ...]:
        return tuple(Message("bottleneck.step", {"step": self._name(int(row))}) for row in rows)

    def _dormant(self) -> float:
        """The share of all time since the last step of dormant cases."""
        return float(self.rows["share"][self.rows["kind"] == DORMANT_AFTER].sum())

    def _told(self, key: str, row: int) -> Message:
        one = {name: column[row] for name, column in self.rows.items()}
        values: dict[str, Value] = {"step": str(one["step"]), "n": int(one["n"]), "tenths": 10 * float(one["share"])}
        values = {**values, "p50": Span(seconds(one["p50"]), self.day)} if one["n"] else values
        key = key if one["n"] else f"{key}.unseen"
        active = Message("bottleneck.active", {"tenths": 10 * float(one["share_active"])})
        values["active"] = active if self._dormant() >= MUCH else Message("nothing")
        if np.isnan(one["low"]):
            return Message(key, {**values, "range": Message("bottleneck.no_range")})
        ends = {"low": float(one["low"]), "high": float(one["high"])}
        return Message(key, {**values, "range": Message("bottleneck.range", ends)})
