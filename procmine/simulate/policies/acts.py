"""Acts: the single things that a policy does, each as plain data that says itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from procmine.calendars import Calendar
from procmine.kernels.blocks import DAY as DAY_IN_MICROSECONDS
from procmine.simulate.policies.takes import Days, Takes, days_of, filter_said, in_days, named, number_of
from procmine.words import Message, Value

Step: TypeAlias = "str | tuple[str, str]"
Tag: TypeAlias = Literal["A", "B", "C", ""]  # "": changes no case
LONGEST_NAME = 200
MOST_PEOPLE, MOST_PERCENT, MOST_TIMES = 1_000, 1_000.0, 100.0
RHYTHMS = ("day", "working day", "week", "2 weeks", "3 weeks", "4 weeks", "month")


class Act:
    """One thing that a policy does. `verb`: the method of Policy and the key in YAML. `tag`: what it takes to know its
    effect: A times and order of steps, B session days and opening hours, C people, numbers of cases and who comes first.
    """

    verb: ClassVar[str]
    tag: ClassVar[Tag] = "A"

    @property
    def steps(self) -> tuple[str, ...]:
        """Those of the log that it names."""
        return ()

    @property
    def said(self) -> Message:
        raise NotImplementedError


@dataclass(frozen=True)
class Delay(Act):
    """`step` takes `days` instead; `leaving`: see `Policy.set_delay`."""

    verb: ClassVar[str] = "set_delay"
    step: Step
    days: Days
    leaving: tuple[str, ...] | None = None
    legal_basis: str | None = None

    def __post_init__(self) -> None:
        put(self, step=step_of(self.step), days=in_days("days", self.days), leaving=names_of("leaving", self.leaving))
        if not isinstance(self.step, str):
            two(*self.step)
        if isinstance(self.days, Takes) and not isinstance(self.step, str):
            raise ValueError("Between two milestones one number of days is set; a range is for a single step.")

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.step,) if isinstance(self.step, str) else self.step

    @property
    def length(self) -> int:
        assert not isinstance(self.days, Takes)
        return round(self.days * DAY_IN_MICROSECONDS)

    @property
    def name(self) -> str:
        return self.step if isinstance(self.step, str) else " → ".join(self.step)

    @property
    def said(self) -> Message:
        if isinstance(self.step, str):
            return Message("policy.delay", {"step": self.step, "time": days_said(self.days)})
        first, second = self.step
        return Message("policy.delay.pair", {"first": first, "second": second, "time": days_said(self.days)})


@dataclass(frozen=True)
class Scale(Act):
    verb: ClassVar[str] = "scale_delay"
    step: str
    by: float

    def __post_init__(self) -> None:
        by = number_of("by", self.by)
        if not 0 <= by <= MOST_TIMES:
            raise ValueError(
                f"by={by:g}: 0.8 means 0.8 times as long as now; from 0 to {MOST_TIMES:g}. To set a time: set_delay."
            )
        put(self, step=name_of("step", self.step), by=by)

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.step,)

    @property
    def said(self) -> Message:
        return Message("policy.scale", {"step": self.step, "by": f"{self.by:g}"})


@dataclass(frozen=True)
class Cap(Act):
    verb: ClassVar[str] = "cap_delay"
    step: str
    days: Days
    leaving: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        put(self, step=name_of("step", self.step), days=in_days("days", self.days))
        put(self, leaving=names_of("leaving", self.leaving))

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.step,)

    @property
    def said(self) -> Message:
        return Message("policy.cap", {"step": self.step, "time": days_said(self.days)})


@dataclass(frozen=True)
class Escalate(Act):
    verb: ClassVar[str] = "escalate"
    step: str
    after: float
    days: Days

    def __post_init__(self) -> None:
        put(self, step=name_of("step", self.step), after=days_of("after", self.after), days=in_days("days", self.days))

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.step,)

    @property
    def said(self) -> Message:
        values: dict[str, Value] = {"step": self.step, "after": days_said(self.after), "time": days_said(self.days)}
        return Message("policy.escalate", values)


@dataclass(frozen=True)
class Session(Act):
    """`on`: weekdays, or days of the month as text ("15", "last", "first thursday")."""

    verb: ClassVar[str] = "session"
    tag: ClassVar[Tag] = "B"
    step: str
    every: str
    on: tuple[str, ...] = ()
    capacity: int | None = None

    def __post_init__(self) -> None:
        put(self, step=name_of("step", self.step), on=names_of("on", self.on) or ())
        if self.every not in RHYTHMS:
            raise ValueError(f"every: {str(self.every)[:40]!r}; there are: {', '.join(RHYTHMS)}.")
        _check_on(self.every, self.on)
        if self.capacity is not None:
            put(self, capacity=whole("capacity", self.capacity, 1, 100_000))

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.step,)

    @property
    def said(self) -> Message:
        values: dict[str, Value] = {"step": self.step, "every": self.every, "on": " and ".join(map(_spoken, self.on))}
        when = Message("policy.session.on" if self.on else "policy.session.every", values)
        if self.capacity is None:
            return when
        return Message("policy.session.seats", {"when": when, "n": self.capacity})


@dataclass(frozen=True)
class Hours(Act):
    """The office's opening hours, for one step or (None) for every step that is done in office hours."""

    verb: ClassVar[str] = "opening_hours"
    tag: ClassVar[Tag] = "B"
    hours: Mapping[str, str]
    step: str | None = None
    holidays: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.hours, Mapping) or not all(isinstance(one, str) for one in self.hours.values()):
            raise ValueError('hours: write them by weekday, as {"monday": "09:00-12:00, 13:00-17:00"}.')
        put(self, hours=dict(self.hours))
        if self.step is not None:
            name_of("step", self.step)
        Calendar(self.hours, holidays=self.holidays)  # its own words for hours that are none

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.hours.items())), self.step, self.holidays))

    @property
    def steps(self) -> tuple[str, ...]:
        return () if self.step is None else (self.step,)

    @property
    def said(self) -> Message:
        days = ", ".join(f"{day} {hours}" for day, hours in self.hours.items())
        key = "policy.hours" if self.step is None else "policy.hours.step"
        return Message(key, {"hours": days, "step": self.step or ""})


@dataclass(frozen=True)
class Skip(Act):
    verb: ClassVar[str] = "skip"
    step: str
    chance: float = 1.0

    def __post_init__(self) -> None:
        put(self, step=name_of("step", self.step), chance=chance_of("chance", self.chance))

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.step,)

    @property
    def said(self) -> Message:
        key = "policy.skip" if self.chance == 1 else "policy.skip.some"
        return Message(key, {"step": self.step, "chance": float(self.chance)})


@dataclass(frozen=True)
class Insert(Act):
    """`step` is new to the log."""

    verb: ClassVar[str] = "insert"
    step: str
    after: str
    days: Days = 0.0
    chance: float = 1.0

    def __post_init__(self) -> None:
        put(self, step=name_of("step", self.step), after=name_of("after", self.after))
        put(self, days=in_days("days", self.days), chance=chance_of("chance", self.chance))

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.after,)

    @property
    def said(self) -> Message:
        key = "policy.insert" if self.chance == 1 else "policy.insert.some"
        values: dict[str, Value] = {
            "step": self.step,
            "after": self.after,
            "time": days_said(self.days),
            "chance": float(self.chance),
        }
        return Message(key, values)


@dataclass(frozen=True)
class Reroute(Act):
    verb: ClassVar[str] = "reroute"
    after: str
    to: str
    chance: float

    def __post_init__(self) -> None:
        put(self, after=name_of("after", self.after), to=name_of("to", self.to))
        put(self, chance=chance_of("chance", self.chance))

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.after, self.to)

    @property
    def said(self) -> Message:
        return Message("policy.reroute", {"after": self.after, "to": self.to, "chance": float(self.chance)})


@dataclass(frozen=True)
class Beside(Act):
    """`second` begins when `first` begins, not when it is done."""

    verb: ClassVar[str] = "side_by_side"
    first: str
    second: str

    def __post_init__(self) -> None:
        put(self, first=name_of("first", self.first), second=name_of("second", self.second))
        two(self.first, self.second)

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.first, self.second)

    @property
    def said(self) -> Message:
        return Message("policy.beside", {"first": self.first, "second": self.second})


@dataclass(frozen=True)
class Swap(Act):
    """`step` is done before `before`, after which it comes today."""

    verb: ClassVar[str] = "reorder"
    step: str
    before: str

    def __post_init__(self) -> None:
        put(self, step=name_of("step", self.step), before=name_of("before", self.before))
        two(self.step, self.before)

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.step, self.before)

    @property
    def said(self) -> Message:
        return Message("policy.swap", {"step": self.step, "before": self.before})


@dataclass(frozen=True)
class Staff(Act):
    """`who`: a step that they do, or the name of a group of people found in the log."""

    verb: ClassVar[str] = "staff"
    tag: ClassVar[Tag] = "C"
    who: str
    add: int

    def __post_init__(self) -> None:
        put(self, who=name_of("who", self.who), add=whole("add", self.add, -MOST_PEOPLE, MOST_PEOPLE))
        if not self.add:
            raise ValueError("add=0 changes nothing: write how many people come (2) or go (-1).")

    @property
    def said(self) -> Message:
        return Message("policy.staff" if self.add > 0 else "policy.staff.fewer", {"n": abs(self.add), "who": self.who})


@dataclass(frozen=True)
class Volume(Act):
    verb: ClassVar[str] = "volume"
    tag: ClassVar[Tag] = "C"
    percent: float

    def __post_init__(self) -> None:
        percent = number_of("percent", self.percent)
        if not -100 < percent <= MOST_PERCENT or not percent:
            raise ValueError(
                f"percent={percent:g}: 20 means 20% more cases, -10 means 10% fewer; above -100, at most "
                f"{MOST_PERCENT:g}, not 0."
            )
        put(self, percent=percent)

    @property
    def said(self) -> Message:
        return Message(
            "policy.volume" if self.percent > 0 else "policy.volume.fewer", {"percent": f"{abs(self.percent):g}"}
        )


@dataclass(frozen=True)
class Mix(Act):
    """`shares`: value -> its share of new cases; values not named keep their proportions."""

    verb: ClassVar[str] = "case_mix"
    attribute: str
    shares: Mapping[str, float]

    def __post_init__(self) -> None:
        if not isinstance(self.shares, Mapping) or not self.shares:
            raise ValueError('shares: write value and share of new cases, as {"yes": 0.3}.')
        shares = {name_of("shares", name): chance_of(f"shares of {name}", one) for name, one in self.shares.items()}
        if sum(shares.values()) > 1 + 1e-9:
            raise ValueError(
                f"The shares of {self.attribute!r} add up to {sum(shares.values()):.0%}, more than all cases."
            )
        put(self, attribute=name_of("attribute", self.attribute), shares=shares)

    def __hash__(self) -> int:
        return hash((self.attribute, tuple(sorted(self.shares.items()))))

    @property
    def said(self) -> Message:
        parts = [Message("policy.mix.one", {"value": name, "share": float(one)}) for name, one in self.shares.items()]
        return Message("policy.mix", {"name": self.attribute, "shares": tuple(parts)})


@dataclass(frozen=True)
class Priority(Act):
    """Whose turn comes first: cases with these attributes, or by age."""

    verb: ClassVar[str] = "priority"
    tag: ClassVar[Tag] = "C"
    who: str
    first: Mapping[str, tuple[str, ...]] | None = None
    by_age: Literal["oldest", "newest"] | None = None

    def __post_init__(self) -> None:
        put(self, who=name_of("who", self.who))
        if (self.first is None) == (self.by_age is None):
            raise ValueError(
                'priority: say either which cases come first, first={"kind": "urgent"}, or by_age="oldest".'
            )
        if self.first is not None:
            put(self, first=named(self.first))
        if self.by_age not in (None, "oldest", "newest"):
            raise ValueError(f'by_age={self.by_age!r}: there are "oldest" (case first) and "newest".')

    def __hash__(self) -> int:
        return hash((self.who, str(self.first), self.by_age))

    @property
    def said(self) -> Message:
        if self.first is None:
            return Message(f"policy.priority.{self.by_age}", {"who": self.who})
        return Message("policy.priority", {"who": self.who, "where": filter_said(self.first)})


@dataclass(frozen=True)
class Deadline(Act):
    """`after`: counted from the first time of this step; None: from arrival."""

    verb: ClassVar[str] = "close_after"
    days: float
    after: str | None = None
    ends_as: str = "Closed automatically"

    def __post_init__(self) -> None:
        put(self, days=days_of("days", self.days), ends_as=name_of("ends_as", self.ends_as))
        if not self.days:
            raise ValueError("close_after: days=0 would close every case as it comes; name more days.")
        if self.after is not None:
            name_of("after", self.after)

    @property
    def steps(self) -> tuple[str, ...]:
        return () if self.after is None else (self.after,)

    @property
    def said(self) -> Message:
        values: dict[str, Value] = {"time": days_said(self.days), "step": self.after or "", "end": self.ends_as}
        return Message("policy.deadline" if self.after is None else "policy.deadline.after", values)


@dataclass(frozen=True)
class Cost(Act):
    """Money: once and per year for the policy itself; per day that a case is open; per step each time it is done."""

    verb: ClassVar[str] = "cost"
    tag: ClassVar[Tag] = ""
    once: float = 0.0
    per_year: float = 0.0
    per_case_day: float = 0.0
    per_step: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("once", "per_year", "per_case_day"):
            put(self, **{name: money(name, getattr(self, name))})
        if not isinstance(self.per_step, Mapping):
            raise ValueError('per_step: write step and money each time it is done, as {"Hearing": 240}.')
        put(self, per_step={name_of("per_step", step): money(step, one) for step, one in self.per_step.items()})

    def __hash__(self) -> int:
        return hash((self.once, self.per_year, self.per_case_day, tuple(sorted(self.per_step.items()))))

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(self.per_step)

    @property
    def said(self) -> Message:
        return Message("policy.cost", {"once": f"{self.once:,g}", "year": f"{self.per_year:,g}"})


# In the order in which they are applied to a stay, whatever the order they are written in.
ACTS: Sequence[type[Act]] = (
    *(Hours, Delay, Scale, Escalate, Cap, Session, Skip, Insert, Reroute, Beside, Swap),
    *(Staff, Priority, Volume, Mix, Deadline, Cost),
)
ORDER = {one: place for place, one in enumerate(ACTS)}


def days_said(days: Days) -> Message:
    """As the user wrote them."""
    if isinstance(days, Takes):
        return days.said
    return Message("span.day" if days == 1 else "span.days", {"n": f"{days:g}"})


def put(act: Act, **values: Any) -> None:
    """Into a frozen one, while it is made."""
    for name, value in values.items():
        object.__setattr__(act, name, value)


def name_of(what: str, name: Any) -> str:
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"{what}: {str(name)[:40]!r} is no name; write it as the log has it, in quotes.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"{what}: a name has at most {LONGEST_NAME} letters and no line breaks.")
    return name


def names_of(what: str, names: Any) -> tuple[str, ...] | None:
    if names is None:
        return None
    every = (names,) if isinstance(names, str) else names
    return tuple(name_of(what, one) for one in every)


def step_of(step: Any) -> Step:
    if isinstance(step, str):
        return name_of("step", step)
    if not isinstance(step, Sequence) or len(step) != 2:
        raise ValueError("step: name one step, or two: that at which the time begins and that at which it ends.")
    return name_of("step", step[0]), name_of("step", step[1])


def two(first: str, second: str) -> None:
    if first == second:
        raise ValueError(f"{first!r} is named twice: two different steps are needed.")


def chance_of(name: str, chance: Any) -> float:
    number = number_of(name, chance)
    if not 0 <= number <= 1:
        hint = f" Is {number:g}% meant? Then write {number / 100:g}." if 1 < number <= 100 else ""
        raise ValueError(f"{name}={number:g}: a share lies between 0 (never) and 1 (always).{hint}")
    return number


def whole(name: str, number: Any, least: int, most: int) -> int:
    value = number_of(name, number)
    if value != round(value) or not least <= value <= most:
        raise ValueError(f"{name}={value:g}: a whole number from {least:,} to {most:,} is wanted.")
    return int(value)


def money(name: str, amount: Any) -> float:
    number = number_of(name, amount)
    if not abs(number) <= 1e12:
        raise ValueError(f"{name}: {number:g} is too large to be an amount of money.")
    return number


def _spoken(day: str) -> str:
    """A weekday as people write it; a day of the month with what it is."""
    from procmine.calendars import WEEKDAYS

    place, _, weekday = day.rpartition(" ")
    if weekday in WEEKDAYS:
        return f"{place} {weekday.title()}".strip()
    return f"day {day}" if day.isdigit() else "the last working day"


def _day_of_month(word: str) -> bool:
    from procmine.calendars import WEEKDAYS

    place, _, weekday = word.partition(" ")
    if place in ("first", "second", "third", "fourth", "last") and weekday in WEEKDAYS:
        return True
    return word == "last" or (word.isdigit() and 1 <= int(word) <= 28)


def _check_on(every: str, on: Sequence[str]) -> None:
    from procmine.calendars import WEEKDAYS

    if every in ("day", "working day"):
        if on:
            raise ValueError(f"every {every}: leave `on` out, or say every week on some weekdays.")
        return
    if every == "month":
        wrong = [one for one in on if not _day_of_month(one)]
        if wrong or not on:
            raise ValueError('every month: on="15" (1 to 28), on="last" (working day), or on="first thursday".')
        return
    wrong = [one for one in on if one not in WEEKDAYS]
    if wrong or not on:
        raise ValueError(f"on: {', '.join(wrong) or 'nothing'}; name weekdays: {', '.join(WEEKDAYS)}.")
