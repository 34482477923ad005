"""The data check: what is wrong with the data, how many days that matters, and the line that mends it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.find.checks import cases, columns, labels, repeats, rows, times
from procmine.find.checks.look import MINUTE, SECOND, Finding, Look, half
from procmine.kernels.flow import Ints
from procmine.log import EventLog, in_memory
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.survival import SHARES, survival
from procmine.words import Message, Span, Value, say_span

FAMILIES = (rows, times, repeats, labels, cases, columns)
WORDS = ("yes", "no", "on", "off", "true", "false", "null", "y", "n")  # which YAML does not take for text
MOST_ROWS = 5  # that are named in a finding
NOTED = 0.01  # of the headline: smaller differences do not count in the order
# Whose effect nobody can measure: what is not there, orders that a rule gave, times and names that nobody knows better
UNKNOWN = (
    *(
        "finished_only",
        "missing_months",
        "no_events",
        "no_ends",
        "step_months",
        "unknown_steps",
        "late_arrival",
        "ties",
        "ties_dated",
    ),
    *("one_time", "mixed_precision", "clock_skipped", "clock_twice", "broken_steps", "two_things", "two_lengths"),
)
COPIES = ("duplicate", "repeated")  # end when the row that they repeat ends


@dataclass(frozen=True, eq=False)
class Quality(Result):
    """A row is a finding, the one that moves the headline most first, then the most frequent.

    kind (text, a key); what (text, in words); count, of (int) and unit (text: events, cases, rows of the source, columns,
    months, days, neighbours or steps); share (float); rows (text: the first few row numbers in the source, with the file);
    headline (timedelta64[s]): time by which half of all cases had ended, as `survival` has it, NaT: not reached; without:
    the same without the affected cases or events, or after the repair, NaT: not reached, or not measured; effect: the
    difference; todo (text); spec (text): lines for the spec. `found` holds the places of the affected events and cases in
    the log; `headline` says the headline once, with its range.
    """

    meaning = "define.quality"
    none_is_an_answer = True
    found: tuple[Finding, ...] = field(default=(), kw_only=True)
    precision: Sequence[Message] = field(default=(), kw_only=True)
    headline: Sequence[Message] = field(default=(), kw_only=True)

    def findings(self) -> Sequence[Message]:
        return [self._first(), *(self.headline if self.found else ()), *self.precision]

    def _first(self) -> Message:
        if not self.found:
            return Message("quality.nothing", {"checks": len(checks())})
        told = dict(zip("abc", (one.what for one in self.found)))
        more = len(self.found) - len(told)
        rest = Message("quality.and_more", {"more": more}) if more else Message("nothing")
        return Message(f"quality.top.{len(told)}", {**told, "more": rest})

    def messages(self) -> Sequence[Message]:
        """Nothing found is an answer."""
        return [*self.findings(), *(one for one in super().messages() if one.key in ("result.cut", "result.simulated"))]

    def spec_lines(self) -> str:
        """The lines of all findings together, for the spec: read each finding before you paste them."""
        whole: dict[str, Any] = {}
        for one in self.found:
            whole = _joined(whole, one.spec)
        return as_yaml(whole) or f"# {Message('quality.spec.none').say()}"

    def shown(self) -> Rows:
        kept = ("what", "count", "of", "unit", "without", "effect", "todo", "rows")
        return {name: self.rows[name] for name in kept} if self.rows else self.rows

    def blocks(self) -> Iterator[list[str]]:
        """Each finding as lines of text: what, the effect, what to do, where, and the lines for the spec."""
        for place in range(len(self)):
            one = {name: column[place] for name, column in self.rows.items()}
            lines = [f"{place + 1}. {one['what']}", self._weight(place), one["todo"]]
            lines += [one["rows"]] if one["rows"] else []
            yield [*lines, *([Message("quality.spec").say(), *_indented(one["spec"])] if one["spec"] else [])]

    def _weight(self, place: int) -> str:
        """How much of the data a finding is about, and what the headline is without it."""
        one = self.found[place]
        values: dict[str, Value] = {
            "share": _percent(one.count, one.of),
            "of": one.of,
            "unit": self.rows["unit"][place],
        }
        share = [Message("quality.share", values)] if one.of > 1 else []
        return " ".join(message.say() for message in (*share, self._effect(place)))

    def _effect(self, place: int) -> Message:
        """The headline without a finding, in words."""
        headline, without = self.rows["headline"][place], self.rows["without"][place]
        if not measured(self.found[place]):
            apart = self.found[place].unit == "columns" or self.found[place].kind in COPIES
            return Message(f"quality.effect.{'apart' if apart else 'unknown'}")
        if np.isnat(without):
            return Message(f"quality.effect.{'same' if np.isnat(headline) else 'never'}")
        span = Span(seconds(without))
        same = not np.isnat(headline) and say_span(Span(seconds(headline))) == say_span(span)
        return Message("quality.effect.same") if same else Message("quality.effect", {"without": span})

    def __str__(self) -> str:
        said = ["\n   ".join(lines) for lines in self.blocks()]
        return "\n\n".join(["\n".join(self.sentences()), *said, self.definition])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(line)}</p>" for line in self.sentences())
        items = "".join(self._item(place) for place in range(len(self)))
        how = f"<details><summary>{escape(Message('result.how').say())}</summary><p>{escape(self.definition)}</p></details>"
        return f"{said}<ol>{items}</ol>{how}"

    def _item(self, place: int) -> str:
        one = {name: column[place] for name, column in self.rows.items()}
        lines = [self._weight(place), one["todo"], *([one["rows"]] if one["rows"] else [])]
        said = "".join(f"<br>{escape(line)}" for line in lines)
        spec = f"<pre>{escape(one['spec'])}</pre>" if one["spec"] else ""
        return f"<li><b>{escape(one['what'])}</b>{said}{spec}</li>"


def quality(log: EventLog) -> Quality:
    """What is wrong with the data, and what it does to the headline: the time by which half of all cases have ended.

    Each rule, with its numbers, is in `docs/loading.md` and in the docstring of its detector (procmine/find/checks). A
    finding is something to look at, not always a fault: what was done in one go looks like what was entered in one go.
    Rows that the door set aside are findings too; their effect cannot be measured.
    """
    look = Look(in_memory(log))
    found = _told(look, [one for check in checks() for one in check(look)]) if len(look.log.time) else []
    whole = half(look.log)
    without = [half_without(look, one) for one in found]
    order = sorted(range(len(found)), key=lambda place: _rank(found[place], whole, without[place]))
    found, without = [found[place] for place in order], [without[place] for place in order]
    table = _rows(look, found, whole, without)
    headline = _headline(look) if found else ()
    return Quality(table, look.log.about, True, {}, found=tuple(found), precision=_precision(look), headline=headline)


def _headline(look: Look) -> Sequence[Message]:
    """Half of all cases, as `survival` tells it."""
    rows = survival(look.watched(np.arange(len(look.log)))).rows
    one = {name: column[len(SHARES) // 2] for name, column in rows.items()}
    counts: dict[str, Value] = {name: int(one[name]) for name in ("cases", "open")}
    if np.isnat(one["time"]):
        return (Message("quality.headline.never", counts),)
    ends = {name: Span(seconds(one[name])) for name in ("low", "high") if not np.isnat(one[name])}
    key = {0: "no_range", 1: "low", 2: "between"}[len(ends)]
    span = Message(f"quality.headline.{key}", ends)
    return (Message("quality.headline", {**counts, "whole": Span(seconds(one["time"])), "range": span}),)


def checks() -> list[Any]:
    """All detectors, in the order of their families."""
    return [check for family in FAMILIES for check in family.CHECKS]


def _told(look: Look, found: list[Finding]) -> list[Finding]:
    """Without what another finding says better: orders by a rule, where the steps were saved together; a wrong order, where
    that is all that cases whose first step is not first have."""
    kinds = {one.kind: one for one in found}
    said = {"ties"} if kinds.keys() & {"form", "same_moment"} else set()
    if "order" in kinds and "late_first" in kinds:
        late = kinds["late_first"].cases
        known = late is not None and np.isin(look.cases_of(_places(kinds["order"])), late).all()
        said |= {"order"} if known else set()
    return [one for one in found if one.kind not in said]


def _rank(one: Finding, whole: float, without: float) -> tuple[float, int]:
    """A headline that is reached only with a finding, or only without, changes most of all."""
    if measured(one) and np.isnan(whole) != np.isnan(without):
        return (-np.inf, -one.count)
    effect = abs(without - whole)
    return (-effect if effect >= NOTED * whole else 0.0, -one.count)


def measured(one: Finding) -> bool:
    """Whether the headline without a finding can be had: its events or cases are in the log, and their effect is known."""
    there = one.mended is not None or one.events is not None or one.cases is not None
    return there and one.row is None and one.unit in ("events", "cases") and one.kind not in UNKNOWN


def half_without(look: Look, one: Finding) -> float:
    """Seconds by which half of the cases have ended, without what a finding is about; nan: not reached, or not measured."""
    if not measured(one):
        return float("nan")
    every = np.arange(len(look.log))
    if one.mended is not None:
        return half(look.watched(every, until=one.mended[0], open=one.mended[1]))
    if one.without == "cases":
        gone = one.cases if one.cases is not None else look.cases_of(_places(one))
        return half(look.watched(np.setdiff1d(every, gone, assume_unique=True)))
    if one.without == "events":
        return half(_left(look, _places(one)))
    return half(look.watched(every))


def _places(one: Finding) -> Ints:
    return np.empty(0, np.int64) if one.events is None else one.events


def _left(look: Look, events: Ints) -> EventLog:
    """The cases without these events. One that then ends with a finishing step is finished; one that loses its finishing
    step, or all its events, is left out."""
    log = look.log
    kept = np.ones(len(log.time), bool)
    kept[events] = False
    upto = np.concatenate(([0], np.cumsum(kept)))
    offset, place = upto[log.offset], np.flatnonzero(kept)
    there = np.flatnonzero(np.diff(offset) > 0)
    first, last = place[offset[:-1][there]], place[offset[1:][there] - 1]
    begun = log.time if log.start is None else np.minimum(log.start, log.time)
    as_it_was = (first == log.offset[there]) | (log.about.arrival is not None)
    arrival = np.where(as_it_was, log.arrival[there], begun[first])
    cut = last < log.offset[there + 1] - 1
    ends = [code for code, name in enumerate(look.names) if name in log.about.ends or log.about.every_case]
    finished = np.isin(look.step[last], ends)
    until = np.where(cut & finished, log.time[last], log.until[there])
    still_open = log.open[there] & ~(cut & finished)
    known = ~cut | finished | log.open[there]
    changed = {"arrival": arrival, "until": np.maximum(until, arrival), "open": still_open}
    return look.watched(there[known], **{name: column[known] for name, column in changed.items()})


def _rows(look: Look, found: list[Finding], whole: float, without: list[float]) -> Rows:
    headline = timedeltas(np.full(len(found), whole))
    other = timedeltas(np.array(without, np.float64))
    count, of = (np.array([getattr(one, name) for one in found], np.int64) for name in ("count", "of"))
    return {
        "kind": _texts([one.kind for one in found]),
        "what": _texts([one.what.say() for one in found]),
        "count": count,
        "of": of,
        "unit": _texts([Message(f"quality.unit.{one.unit}").say() for one in found]),
        "share": count / np.maximum(of, 1),
        "rows": _texts([where(look.log, one) for one in found]),
        "headline": headline,
        "without": other,
        "effect": other - headline,
        "todo": _texts([one.todo.say() for one in found]),
        "spec": _texts([as_yaml(one.spec) for one in found]),
    }


def _texts(values: list[str]) -> NDArray[np.object_]:
    column = np.empty(len(values), object)
    column[:] = values
    return column


def where(log: EventLog, one: Finding) -> str:
    """The first few rows of a finding in the source; empty where they are not known."""
    about = log.about
    if one.row is not None:
        return _set_aside(one)
    events = one.events
    if events is None and one.cases is not None:
        filled = one.cases[np.diff(log.offset)[one.cases] > 0]
        events = log.offset[filled]
    if events is None or log.origin is None or not len(events):
        return ""
    place = events[:MOST_ROWS]
    number = log.origin.row[place].tolist()
    files = [0] * len(number) if log.origin.file is None else log.origin.file[place].tolist()
    named = {code: about.files[code] if code < len(about.files) else "" for code in dict.fromkeys(files)}
    several = len(about.files) > 1
    said = [f"{row:,} ({named[code]})" if several else f"{row:,}" for row, code in zip(number, files)]
    more = (
        Message("quality.more_rows", {"more": len(events) - len(said)})
        if len(events) > len(said)
        else Message("nothing")
    )
    key = "quality.rows.cases" if one.events is None else "quality.rows"
    alone = "" if several else next(iter(named.values()))
    file = Message("quality.of_file", {"file": alone}) if alone else Message("nothing")
    return Message(key, {"rows": ", ".join(said), "more": more, "file": file}).say()


def _set_aside(one: Finding) -> str:
    """Where the first rows stood that the door set aside."""
    places = one.values.get("places", ())
    more = Message("quality.more", {"more": one.count - len(places)}) if one.count > len(places) else Message("nothing")
    return Message("quality.places", {"places": places, "more": more}).say()


def rows_of(log: EventLog, one: Finding) -> tuple[Ints, Ints]:
    """Row numbers in the source of all events of a finding, and the codes of their files."""
    events = _places(one)
    if log.origin is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    taken = log.origin.take(events)
    file = np.zeros(len(events), np.int64) if taken.file is None else taken.file.astype(np.int64)
    return taken.row.astype(np.int64), file


def _precision(look: Look) -> Sequence[Message]:
    """How exactly times are recorded, where that differs between steps or is no finer than a minute."""
    if not len(look.step):
        return ()
    day = look.log.about.precision == "day"
    dated = ~look.timed
    if day:
        return (Message("quality.precision.day"),)
    by_day = np.flatnonzero((look.share_of(dated) >= 0.99) & (look.happened > 0))
    unit = Message(f"quality.unit.{'minute' if look.unit >= MINUTE else 'second' if look.unit >= SECOND else 'finer'}")
    if len(by_day):
        of = int(np.count_nonzero(look.happened))
        values: dict[str, Value] = {"n": len(by_day), "of": of, "steps": look.named(by_day), "unit": unit}
        return (Message("quality.precision.mixed", values),)
    return (Message("quality.precision", {"unit": unit}),)


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two specs as one: lists and maps are joined, of single values the first stays."""
    whole = dict(one)
    for key, value in other.items():
        held = whole.get(key)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            whole[key] = _joined(held, value)
        elif isinstance(held, list) and isinstance(value, list):
            whole[key] = list(dict.fromkeys([*held, *value]))
        elif held is None:
            whole[key] = value
    return whole


def as_yaml(spec: Mapping[str, Any], indent: str = "") -> str:
    """A spec's keys as lines of YAML; text stands in double quotes, with what cannot be seen written out."""
    lines = []
    for key, value in spec.items():
        name = key if key.isascii() and key.isidentifier() and key.lower() not in WORDS else _scalar(key)
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}:", as_yaml(value, indent + "  ")]
        elif isinstance(value, list):
            lines.append(f"{indent}{name}: [{', '.join(_scalar(one) for one in value)}]")
        else:
            lines.append(f"{indent}{name}: {_scalar(value)}")
    return "\n".join(lines)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=isinstance(value, str) and not value.isprintable())


def _percent(count: int, of: int) -> Message:
    share = count / of
    key = "under" if share < 0.001 else "over" if 0.999 < share < 1 else "some"
    return Message(f"quality.share.{key}", {"share": share})


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
