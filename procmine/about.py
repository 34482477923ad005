"""About: what is known of a log beyond its events, fixed once at the door and carried by every filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from procmine.words import Message

Axis = Literal["civil", "instant"]
Precision = Literal["day", "microsecond"]
Audience = Literal["team", "agency", "public"]


class LogError(ValueError):
    """The data cannot answer this: says what, how many, what there is and what to do."""


@dataclass(frozen=True)
class About:
    """JSON-able. Times are int64 microseconds on the log's axis; `activities[code]` is an activity's name.

    axis: "instant" = UTC, shown in `zone`; "civil" = wall-clock, because some events are dates only.
    """

    activities: tuple[str, ...]
    cutoff: int  # the last moment that the extract could have seen
    ends: tuple[str, ...]  # activities that finish a case
    axis: Axis
    precision: Precision
    begins: int  # the first arrival in the log
    complete_from: int | None = None  # from here on every case that began is in the log; None: not stated
    zone: str | None = None
    attributes: tuple[str, ...] = ()  # of cases
    event_attributes: tuple[str, ...] = ()
    arrival: str | None = None  # the column that says when a case came in; None: its first event
    persons: tuple[str, ...] = ()  # attributes that name people: never shown as they are
    outcomes: Mapping[str, str] = field(default_factory=dict)  # finishing activity -> how the case ended
    first_steps: tuple[str, ...] = ()  # with which a case begins; empty: not stated
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)  # activity -> who can change it
    calendars: Mapping[str, Any] = field(default_factory=dict)  # opening hours, by name, as in the spec
    calendar_by: str | None = None  # the attribute of cases whose value names the calendar
    clock: Mapping[str, Any] = field(default_factory=dict)  # when the service clock begins, stops and pauses (the spec)
    suspended: Mapping[str, Any] = field(
        default_factory=dict
    )  # `column` of a status, and its `values` that mean on hold
    party: str | None = None  # the attribute of cases that says whose case it is: those of one party share its value
    limits: tuple[Mapping[str, Any], ...] = ()  # within which cases have to be done (the spec)
    dormant_after: int | None = None  # microseconds without an event after which an open case is dormant
    title: str = ""
    audience: Audience = "team"
    source: Mapping[str, str] = field(default_factory=dict)  # files and hashes
    files: tuple[str, ...] = ()  # from which the events came
    notes: tuple[Message, ...] = ()  # what the door has to say
    history: tuple[Message, ...] = ()  # what the filters did, in order
    simulated: bool = False
    every_case: bool = False  # the log holds finished cases only: each ends with its last event, whatever that is
    cut: bool = False  # steps were left out: neighbours in a case need not follow each other directly

    @property
    def filtered(self) -> bool:
        """Whether cases or events were left out by a filter; repairs by the spec are in the history too."""
        return any(not step.key.startswith("fixed.") for step in self.history)

    def after(self, step: Message, *, cut: bool = False) -> About:
        """The same, with one more line of history."""
        return replace(self, history=(*self.history, step), cut=self.cut or cut)

    def to_dict(self) -> dict[str, Any]:
        plain = {one.name: _plain(getattr(self, one.name)) for one in fields(self)}
        return {**plain, **{name: [one.to_dict() for one in getattr(self, name)] for name in ("notes", "history")}}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> About:
        read: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in written.items()
        }
        for name in ("notes", "history"):
            read[name] = tuple(Message.from_dict(one) for one in written[name])
        read["stages"] = {stage: tuple(steps) for stage, steps in written["stages"].items()}
        return cls(**read)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return list(value) if isinstance(value, tuple) else value
