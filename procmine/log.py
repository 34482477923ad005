"""Logs: cases of coded events, and the filters that return a smaller log."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.about import LogError as LogError
from procmine.clocks import CALENDAR_TIME, from_wall, read_day, to_wall
from procmine.kernels.flow import Codes, Ints, Times, cases_of, first_match, last_match, step_match
from procmine.kernels.partial import Partial, merge_all
from procmine.results import Result, Rows
from procmine.words import Message, Span

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

P = TypeVar("P", bound=Partial)
R = TypeVar("R", bound=Result)

NOT_IN_MEMORY = (
    "This needs all cases in memory, and this log is read part by part. Ask it of a sample, which is in memory: "
    "log.sample(cases=100_000, seed=1); or of a part of the log, such as that of one office: log.where(...).sample(...)."
)
CHUNK = 500_000  # events whose scratch arrays stay in the processor's cache, and in memory that is used again
FEW_VALUES, MANY_CASES = 20, 10  # an attribute of few values, each of many cases, tells of no single one
PART = 50_000_000  # events: one sort beats many merges, so only a very large log is cut (to bound scratch memory)


class Clock(Protocol):
    """Reads moments of a log as microseconds run so far, never falling; `day` is the length of its day in seconds.

    `case[i]` is the number of the case of `time[i]`: calendars may differ between cases, pauses depend on their events.
    A clock that reads attributes names them in `columns`, for logs whose parts are read one by one.
    """

    @property
    def said(self) -> Message: ...
    @property
    def day(self) -> float: ...
    def read(self, time: Ints, case: Ints, log: EventLog) -> Ints: ...


class Summary(ABC, Generic[P, R]):
    """A question about cases, frozen and picklable: `of` one part, merge the partials, `rows` of the whole, `result`.

    A summary knows nothing of groups, shards or threads: `of` sees whole cases, `rows` sees one group's partial. It is a
    dataclass, whose fields are the arguments that the result reports.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The attributes, of cases or of events, that `of` reads."""
        return ()

    @property
    def reads(self) -> tuple[str, ...]:
        """`columns`, and those that its clock reads: the attribute that names a calendar, the column of a status."""
        return (*self.columns, *getattr(getattr(self, "clock", None), "columns", ()))

    @property
    def arguments(self) -> Mapping[str, object]:
        return {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]

    @abstractmethod
    def of(self, log: EventLog) -> P: ...
    @abstractmethod
    def rows(self, partial: P, about: About) -> Rows: ...
    @abstractmethod
    def result(self, rows: Rows, about: About, exact: bool) -> R: ...


class Log(Protocol):
    """Whole cases somewhere: in memory, in a folder, on a cluster."""

    @property
    def about(self) -> About: ...
    def parts(self, columns: Sequence[str] = ()) -> Iterator[EventLog]: ...
    def reduce(self, of: Callable[[EventLog], P], columns: Sequence[str]) -> P: ...


@dataclass(frozen=True)
class Text:
    """Text as codes into `levels` (a pyarrow array of strings); -1 is missing."""

    codes: NDArray[np.int32]
    levels: pa.StringArray

    def take(self, place: NDArray[Any] | slice) -> Text:
        return Text(self.codes[place], self.levels)

    def values(self) -> NDArray[np.object_]:
        """An object array of str, None where missing."""
        return np.array([*self.levels.to_pylist(), None], object)[self.codes]

    def among(self, wanted: Collection[str]) -> NDArray[np.bool_]:
        codes = [code for code, level in enumerate(self.levels.to_pylist()) if level in wanted]
        return np.isin(self.codes, codes)


@dataclass(frozen=True, eq=False)
class Origin:
    """Where each event's row stood: its number in its file, and the file (a place in `about.files`; None: the only one)."""

    row: NDArray[np.integer[Any]]
    file: NDArray[np.integer[Any]] | None = None

    def take(self, place: NDArray[Any] | slice) -> Origin:
        return Origin(self.row[place], None if self.file is None else self.file[place])


@dataclass(frozen=True, eq=False)
class Voice:
    """What people said about the cases, one row a contact: complaints, calls, survey scores, notes of staff.

    `case` are codes of the log's `case.levels` (-1: no case named, or one that is not in the source), `time` is on the
    log's axis, `step` a code of `about.activities`: the one named, else the last step of the case before the contact (-1:
    neither). `score` is nan where none was given.
    """

    case: NDArray[np.int32]
    time: Ints
    step: NDArray[np.int32]
    kind: Text
    channel: Text
    reason: Text
    score: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EventLog:
    """A log in memory. Case c owns events `offset[c]:offset[c + 1]`, in order; it may own none after `only_activities`.

    A case is watched from `arrival` to `until`: its last event, or the cutoff while it is `open`. These four are fixed at
    the door; filters take them along. `activity` holds codes of `about.activities`; `time` is each event's end, `start`
    its beginning where that was recorded (else None, or equal to `time`), all int64 microseconds of the log's axis.

    `dated` marks events of which only the date is known, where others have a time of day (None: all alike, see
    `about.precision`): such a time is the day's first moment, or that of the timed event it was placed after. `origin` is
    where the rows stood; None for logs that were not read from a source.
    """

    about: About
    activity: Codes
    time: Ints
    offset: Ints
    arrival: Ints
    until: Ints
    open: NDArray[np.bool_]
    case: Text
    attributes: Mapping[str, Text] = field(default_factory=dict)
    event_attributes: Mapping[str, Text] = field(default_factory=dict)
    start: Ints | None = None
    last: Ints | None = None  # per case, when its last event was; None: its last event here
    dated: NDArray[np.bool_] | None = None
    origin: Origin | None = None
    voice: Voice | None = None  # of all cases of the source, whichever are in the log

    def __len__(self) -> int:
        """How many cases."""
        return len(self.offset) - 1

    @property
    def zone(self) -> str | None:
        """The zone whose wall clock shows these moments; None if they are wall-clock already."""
        return self.about.zone if self.about.axis == "instant" else None

    @property
    def dormant(self) -> NDArray[np.bool_]:
        """Per case: open, and without an event for longer than `about.dormant_after`."""
        limit = self.about.dormant_after
        return np.zeros(len(self), bool) if limit is None else self.open & (self.until - self.last_seen > limit)

    @property
    def last_seen(self) -> Ints:
        """Per case: when its last event was, also where `only_activities` left that event out; without any, its arrival."""
        return self.until - self.times().tail() if self.last is None else self.last

    def times(self, clock: Clock = CALENDAR_TIME) -> Times:
        """All moments as the clock reads them."""
        cases = np.arange(len(self))
        of_event = cases if clock is CALENDAR_TIME else cases_of(self.offset)
        arrival, until = (clock.read(one, cases, self) for one in (self.arrival, self.until))
        return Times(clock.read(self.time, of_event, self), self.offset, arrival, until)

    def parts(self, columns: Sequence[str] = ()) -> Iterator[EventLog]:
        """Views of about `PART` events each; at least one, even of an empty log."""
        return self.views(PART)

    def views(self, events: int) -> Iterator[EventLog]:
        """Whole cases with about so many events at a time, as views; at least one, even of an empty log."""
        edges = np.searchsorted(self.offset, np.arange(events, self.offset[-1], events))
        bounds = np.unique([0, *edges, len(self)])
        for first, last in pairwise(bounds) if len(self) else [(0, 0)]:
            yield self._view(int(first), int(last))

    def reduce(self, of: Callable[[EventLog], P], columns: Sequence[str] = ()) -> P:
        return merge_all(map(of, self.parts()))

    def between(self, first: str, last: str, *, rule: Literal["started", "touching", "inside"] = "started") -> EventLog:
        """Cases that STARTED from `first` up to, not including, `last` (dates).

        "touching" keeps those watched at some time in the period; "inside" those that began and ended in it, which
        selects short cases.
        """
        begin, end = moment(self.about, first), moment(self.about, last)
        if begin >= end:
            raise ValueError(f"Between {first} and {last} lies no time: the first date must come before the last.")
        started = (self.arrival >= begin) & (self.arrival < end)
        touching = (self.arrival < end) & (self.until >= begin)
        rules = {"started": started, "touching": touching, "inside": started & ~self.open & (self.until < end)}
        if rule not in rules:
            raise ValueError(f"No rule {rule!r}; there are: {', '.join(rules)}.")
        return self._keep(rules[rule], Message(f"kept.between.{rule}", {"first": first, "last": last}))

    def where(self, attributes: Mapping[str, str | Sequence[str]]) -> EventLog:
        """Cases whose attributes have the values named, or one of them: `where({"office": ["North", "South"]})`."""
        check_attributes(self.about, attributes, self.about.attributes)
        for name, value in attributes.items():
            text = self.attributes[name]
            levels, codes = text.levels.to_pylist(), text.codes
            cases = np.bincount(codes[codes >= 0], minlength=len(levels))
            check_values(self.about, name, [value] if isinstance(value, str) else value, levels, cases)
        return self._among(attributes)

    def _among(self, attributes: Mapping[str, str | Sequence[str]]) -> EventLog:
        """`where` for a part of a log, in which no case need have a value that the log knows."""
        kept, said = np.ones(len(self), bool), []
        for name, value in attributes.items():
            wanted = [value] if isinstance(value, str) else list(value)
            kept &= self.attributes[name].among(wanted)
            said.append(Message("kept.where.one", {"name": name, "value": ", ".join(wanted)}))
        return self._keep(kept, Message("kept.where", {"what": tuple(said)}))

    def having(self, *steps: str) -> EventLog:
        """Cases in which every one of these steps (or stages) happened."""
        return self._keep(self._has(steps), Message("kept.having", {"steps": ", ".join(steps)}))

    def not_having(self, *steps: str) -> EventLog:
        """Cases in which none of these steps (or stages) happened, so far."""
        none = np.ones(len(self), bool)
        for step in steps:
            none &= ~self._has([step])
        return self._keep(none, Message("kept.not_having", {"steps": ", ".join(steps)}))

    def beginning_with(self, *steps: str) -> EventLog:
        """Cases whose first event is one of these steps (or stages); others have an impossible date, or began otherwise."""
        codes = np.concatenate([codes_of(self.about, step) for step in steps])
        filled = np.flatnonzero(np.diff(self.offset))
        kept = np.zeros(len(self), bool)
        kept[filled] = np.isin(self.activity[self.offset[filled]], codes)
        log = self.take(np.flatnonzero(kept))
        begins = int(log.arrival.min()) if len(log) else self.about.begins
        return replace(log, about=begun(self.about, steps, len(self) - len(log), begins))

    def only_activities(self, names: Sequence[str]) -> EventLog:
        """All cases, with only these steps. The time of steps left out stays in the case, and is shown as such."""
        kept = np.isin(self.activity, np.concatenate([codes_of(self.about, name) for name in names]))
        offset = np.concatenate(([0], np.cumsum(kept)))[self.offset]
        about = self.about.after(Message("kept.only_activities", {"steps": ", ".join(names)}), cut=True)
        return replace(self, about=about, offset=offset, last=self.last_seen, **self._per_event(np.flatnonzero(kept)))

    def by_stages(self) -> EventLog:
        """Every step under the name of its stage (the first that has it), so that offices whose steps differ can be compared.

        Finishing steps, and those in no stage, keep their names; a stage is tagged where all its steps are tagged alike.
        """
        about = self.about
        if not about.stages:
            raise LogError("This log has no stages. Name them in its spec, stages: {Intake: [File, Check]}.")
        stage = {step: name for name, steps in reversed(list(about.stages.items())) for step in steps}
        kept = () if about.every_case else about.ends
        new = [step if step in kept else stage.get(step, step) for step in about.activities]
        names = tuple(dict.fromkeys(new))
        code = np.array([names.index(one) for one in new])
        of = {name: {about.tags.get(step) for step, one in zip(about.activities, new) if one == name} for name in names}
        tags = {name: tag for name, all_tags in of.items() if len(all_tags) == 1 and (tag := next(iter(all_tags)))}
        first = tuple(dict.fromkeys(stage.get(step, step) for step in about.first_steps))
        said = Message("kept.by_stages", {"stages": len(names), "steps": len(new)})
        ends = names if about.every_case else about.ends
        about = replace(about.after(said), activities=names, ends=ends, tags=tags, first_steps=first, stages={})
        return replace(self, about=about, activity=code[self.activity].astype(self.activity.dtype))

    def cut_to(self, cutoff: str) -> EventLog:
        """The log as it stood at the end of the day `cutoff`: later events are gone, cases that went on are open."""
        last = end_of_day(self.about, cutoff)
        if moment(self.about, cutoff) > self.about.cutoff:
            raise ValueError(f"The data end before {cutoff}: a log can only be cut to an earlier day.")
        last = min(last, self.about.cutoff)
        kept = np.flatnonzero(self.time <= last)
        offset = np.searchsorted(kept, self.offset)
        went_on = self.open | (self.until > last)
        cut = replace(self, offset=offset, open=went_on, until=np.minimum(self.until, last), **self._per_event(kept))
        seen = None if self.last is None else np.minimum(self.last, last)
        cut = replace(cut, until=np.where(went_on, last, cut.until), about=replace(self.about, cutoff=last), last=seen)
        return cut._keep(self.arrival <= last, Message("kept.cut_to", {"cutoff": cutoff}))

    def sample(self, *, cases: int, seed: int) -> EventLog:
        """At most so many cases, drawn without replacement."""
        drawn = np.random.default_rng(seed).choice(len(self), min(cases, len(self)), replace=False)
        kept = np.isin(np.arange(len(self)), drawn)
        return self._keep(kept, Message("kept.sample", {"cases": len(drawn), "seed": seed}))

    def with_case_attribute(self, name: str, *, rule: Literal["first", "last"]) -> EventLog:
        """The event attribute `name` also as a case attribute: its first, or its last, value in each case."""
        check_attributes(self.about, [name], self.about.event_attributes)
        text = self.event_attributes[name]
        place = {"first": first_match, "last": last_match}[rule](text.codes >= 0, self.offset)
        codes = np.append(text.codes, np.int32(-1))[place]
        about = replace(self.about, attributes=tuple(dict.fromkeys((*self.about.attributes, name))))
        about = about.after(Message("with.attribute", {"name": name, "rule": Message(f"with.{rule}")}))
        return replace(self, about=about, attributes={**self.attributes, name: Text(codes, text.levels)})

    @property
    def cases(self) -> pd.DataFrame:
        """One row a case, a copy: case, arrival and until (shown in the log's zone), open, dormant, events, attributes."""
        import pandas as pd

        watched = {"arrival": shown(self.about, self.arrival), "until": shown(self.about, self.until)}
        counts = {"open": self.open.copy(), "dormant": self.dormant, "events": np.diff(self.offset)}
        fixed = {"case": self.case.values(), **watched, **counts}
        text = {unlike(name, fixed): one.values() for name, one in self.attributes.items()}
        return pd.DataFrame({**fixed, **text})

    @property
    def events(self) -> pd.DataFrame:
        """One row an event in the order of the log, a copy: case, activity, start if recorded, time, event attributes."""
        import pandas as pd

        started = {} if self.start is None else {"start": shown(self.about, self.start)}
        name = np.array(self.about.activities, object)[self.activity]
        case = self.case.values()[cases_of(self.offset)]
        fixed = {"case": case, "activity": name, **started, "time": shown(self.about, self.time)}
        text = {unlike(one, fixed): values.values() for one, values in self.event_attributes.items()}
        return pd.DataFrame({**fixed, **text})

    def messages(self) -> list[Message]:
        """What this log is: counts, what is open, what the door noted, what the filters did."""
        return told(self.about, len(self), len(self.time), int(self.open.sum()), int(self.dormant.sum()))

    def __str__(self) -> str:
        return "\n".join(message.say() for message in self.messages())

    __repr__ = __str__  # its arrays hold names of cases and values, which no console and no traceback should show

    def _repr_html_(self) -> str:
        """A card that ends with the next calls."""
        return card(self.about, self.messages())

    def take(self, cases: Ints) -> EventLog:
        """These cases in this order; `about` unchanged."""
        length = np.diff(self.offset)[cases]
        offset = np.concatenate(([0], np.cumsum(length)))
        place = np.repeat(self.offset[cases] - offset[:-1], length) + np.arange(offset[-1])
        return replace(self, offset=offset, **self._per_event(place), **self._per_case(cases))

    def _has(self, steps: Sequence[str]) -> NDArray[np.bool_]:
        all_there = np.ones(len(self), bool)
        for step in steps:
            all_there &= step_match(self.activity, self.offset, codes_of(self.about, step)) >= 0
        return all_there

    def _keep(self, kept: NDArray[np.bool_], step: Message) -> EventLog:
        return replace(self.take(np.flatnonzero(kept)), about=self.about.after(step))

    def _view(self, first: int, last: int) -> EventLog:
        offset = self.offset[first : last + 1] - self.offset[first]
        here = slice(*map(int, self.offset[[first, last]]))
        return replace(self, offset=offset, **self._per_event(here), **self._per_case(slice(first, last)))

    def _per_event(self, place: NDArray[Any] | slice) -> dict[str, Any]:
        texts = {name: one.take(place) for name, one in self.event_attributes.items()}
        own = {
            name: None if one is None else one[place] for name, one in (("start", self.start), ("dated", self.dated))
        }
        origin = None if self.origin is None else self.origin.take(place)
        return {
            "activity": self.activity[place],
            "time": self.time[place],
            **own,
            "origin": origin,
            "event_attributes": texts,
        }

    def _per_case(self, place: NDArray[Any] | slice) -> dict[str, Any]:
        texts = {name: one.take(place) for name, one in self.attributes.items()}
        watched = {name: getattr(self, name)[place] for name in ("arrival", "until", "open")}
        watched["last"] = None if self.last is None else self.last[place]
        return {**watched, "case": self.case.take(place), "attributes": texts}


def told(about: About, cases: int, events: int, waiting: int, dormant: int) -> list[Message]:
    """What a log is: counts, what is open, what the door noted, what the filters did."""
    of = Message("log.of", {"cases": cases, "events": events, "cutoff": day_of(about, about.cutoff)})
    none = Message("log.none_open_kept" if about.filtered else "log.none_open")
    said = [of, Message("log.open", {"open": waiting}) if waiting else none]
    if dormant and about.dormant_after is not None:
        said.append(Message("log.dormant", {"dormant": dormant, "after": Span(about.dormant_after / 1e6)}))
    simulated = [Message("result.simulated")] if about.simulated else []
    return [*said, *simulated, *about.notes, *about.history]


def card(about: About, messages: Sequence[Message]) -> str:
    """What a notebook shows of a log; it ends with the next calls."""
    lines = "".join(f"<li>{escape(message.say())}</li>" for message in messages)
    title = f"<b>{escape(about.title)}</b>" if about.title else ""
    calls = "procmine.process_map(log), procmine.bottlenecks(log), procmine.survival(log)"
    return f"{title}<ul>{lines}</ul><p>{escape(Message('log.next', {'calls': calls}).say())}</p>"


def begun(about: About, steps: Sequence[str], out: int, begins: int) -> About:
    """What is known of the cases that begin with these steps, the first of them when it `begins`; `out` others do not."""
    left = Message("kept.left_out", {"n": out})
    about = about.after(Message("kept.beginning_with", {"steps": ", ".join(steps), "out": left}))
    return replace(about, begins=max(begins, about.begins))


def unlike(name: str, taken: Collection[str]) -> str:
    """The name, or one like it that is not taken yet."""
    while name in taken:
        name = f"{name} of case"
    return name


def in_memory(log: Log) -> EventLog:
    """The log itself, or a LogError where it is not in memory, for questions that need all its cases at once."""
    if isinstance(log, EventLog):
        return log
    raise LogError(NOT_IN_MEMORY)


def codes_of(about: About, step: str) -> Ints:
    """The codes of an activity, or of all activities of a stage; else an error that names what there is."""
    wanted = about.stages.get(step, (step,)) if step not in about.activities else (step,)
    unknown = [name for name in wanted if name not in about.activities]
    if unknown and step not in about.stages:
        near = get_close_matches(step, about.activities, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise LogError(f"No step {step!r} in this log.{hint} There are: {_listed((*about.activities, *about.stages))}.")
    return np.array([about.activities.index(name) for name in wanted if name in about.activities], np.int64)


def check_attributes(about: About, names: Collection[str], there: Sequence[str]) -> None:
    unknown = [name for name in names if name not in there]
    if not unknown:
        return
    if unknown[0] in about.event_attributes:
        raise LogError(
            f"{unknown[0]!r} belongs to events, not to cases. Choose which value counts: "
            f'log.with_case_attribute({unknown[0]!r}, rule="first") or rule="last".'
        )
    listed = _listed(there) or "none: name them when reading"
    raise LogError(f"No attribute {unknown[0]!r} in this log. There are: {listed}.")


def check_values(about: About, name: str, wanted: Sequence[str], levels: Sequence[str], cases: Ints) -> None:
    """LogError where no case has one of these values; `cases` says of each level how many have it."""
    unknown = [value for value in wanted if value not in levels]
    telling = len(levels) > FEW_VALUES or bool(np.any((cases > 0) & (cases < MANY_CASES)))
    if unknown and (telling or name in about.persons):
        raise LogError(
            f"No case has that value of {name}. Its {len(levels):,} values are not listed, as they may tell who a case is "
            f"about; log.cases[{name!r}] holds them."
        )
    if unknown:
        raise LogError(f"No case has {name} = {unknown[0]!r}. There are: {_listed(levels)}.")


def _listed(names: Sequence[str], most: int = 20) -> str:
    more = f", and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def moment(about: About, day: str) -> int:
    """Where a day begins (or a time of day lies) on the log's axis, in microseconds."""
    wall = read_day(day)
    if about.axis == "instant" and about.zone:
        return from_wall(wall, about.zone)
    return int(wall.astype("M8[us]").astype(np.int64))


def end_of_day(about: About, day: str) -> int:
    """The last microsecond of a day on the log's axis."""
    return moment(about, str(read_day(day).astype("M8[D]") + 1)) - 1


def shown(about: About, time: Ints) -> NDArray[np.datetime64]:
    """Moments as users see them: datetime64[us] on the wall clock of the log's zone."""
    wall = to_wall(time, about.zone) if about.axis == "instant" and about.zone else time
    return wall.astype("M8[us]")


def day_of(about: About, time: int) -> str:
    """The day of a moment of the log, as users see it."""
    return str(shown(about, np.array([time]))[0])[:10]
