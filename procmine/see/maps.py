"""Maps: which step follows which, as a picture that fits a page and says what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import ask
from procmine.clocks import CALENDAR_TIME
from procmine.draw.process_map import END, OPEN, START, Arrow, Box, MapPicture, plan_map
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import end_counts, move_counts, moves
from procmine.kernels.simplify import WHOLE, Arrows, Bools, Graph, Ints, choose_arrows, choose_steps
from procmine.log import Clock, EventLog, Log, LogError, codes_of, shown
from procmine.results import Result, Rows, plain, seconds
from procmine.see.flow import PATH, Flow, FlowPart, FlowSummary
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Show = Literal["frequency", "median", "total"]
Mark = str | tuple[str, str]
SHOWS = ("frequency", "median", "total")
FEWER = (None, 16, 12)  # steps tried for a log with too many to show all, until the map can be read on a page
LEGIBLE = 0.88  # of its full size: the smallest letters are then 6.3 points high
MOST_STEPS = 3_000
USUAL = 0.01  # the widest arrow of a map of middle times is the slowest move that this share of the cases make


@dataclass(frozen=True)
class Scope:
    """How much of the log a map shows. A move is from one step shown to the next step shown in the same case."""

    steps: int
    all_steps: int
    events: int
    all_events: int
    moves: int  # that the arrows carry
    all_moves: int
    cases: int  # with at least one of the steps shown
    all_cases: int

    def part(self, name: Literal["steps", "events", "moves", "cases"]) -> float:
        """Rounded down to whole percents, so that what is not whole is never called so."""
        some, whole = getattr(self, name), getattr(self, f"all_{name}")
        return floor(100 * some / whole) / 100 if whole else 1.0


@dataclass(frozen=True, eq=False)
class ProcessMap(Result):
    """One row per move on the map, most frequent first.

    before, after (text); n (int): how often `after` was the next of the steps shown; direct (int): how often it was the
    very next step of the log, the rest passing over steps left out; mean, p50, p80, p95 (timedelta64[s]): elapsed gaps, not
    waiting times; share (0..1) of all time in the cases.
    boxes: one row per step shown: step (text); n (int) events; starts, ends, open (int): cases that begin with it, that
    finished after it, that are still open after it; start_arrow, end_arrow, open_arrow (bool): whether these have an arrow.
    """

    boxes: Rows
    scope: Scope
    show: Show
    mark: Mark | None
    caption: tuple[str, ...] | None = field(
        default=None, kw_only=True
    )  # below the picture, instead of its own paragraphs
    meaning = "define.process_map"

    def __len__(self) -> int:
        """How many steps are shown: a map of one step has no moves."""
        return len(self.boxes["step"])

    def findings(self) -> Sequence[Message]:
        path = Message("map.path", {"path": PATH.join(self.usual_path())})
        return [path, *self._slowest(), *self._left_out()]

    def usual_path(self) -> list[str]:
        """The steps met by taking the most frequent move from each, until most cases stop there or a step comes again."""
        starts = self.boxes["starts"]
        ends = dict(zip(self.boxes["step"], self.boxes["ends"] + self.boxes["open"]))
        path = [str(self.boxes["step"][int(np.argmax(starts))])]
        while True:
            on = np.flatnonzero((self.rows["before"] == path[-1]) & (self.rows["after"] != path[-1]))
            if not len(on) or ends[path[-1]] >= self.rows["n"][on[0]] or self.rows["after"][on[0]] in path:
                return path
            path.append(str(self.rows["after"][on[0]]))

    @property
    def picture(self) -> MapPicture:
        """All that is drawn, as plain data."""
        caption = self.caption
        if caption is None:
            caption = tuple(" ".join(one.say() for one in paragraph) for paragraph in self.captions() if paragraph)
        return MapPicture(self._boxes(), (*self._arrows(), *self._gates()), caption, self.about.title, self._shade)

    def captions(self) -> Sequence[Sequence[Message]]:
        """The paragraphs below the picture: what is shown, what the signs mean, what limits it."""
        there = [self._of(), *self._left_out(), *self._rest()] if len(self) else []
        return there, self._legend(), self._limits()

    @property
    def alt(self) -> str:
        """The picture in words, for those who cannot see it."""
        return " ".join([Message("map.alt", {"steps": self.scope.steps}).say(), *self.sentences()])

    def plot(self, ax: Axes | None = None) -> Axes:
        """The map on axes of its own, in the size in which it should be printed, or (without caption) on yours."""
        from procmine.draw.process_map import draw_map, draw_map_on

        if ax is None:
            return draw_map(self.picture).axes[0]
        draw_map_on(ax, self.picture)
        return ax

    def save(self, path: str | Path) -> Path:
        """Write the picture as .png (300 dpi), .svg or .pdf; replaces `path` when complete."""
        from procmine.draw.picture import save
        from procmine.draw.process_map import draw_map

        return save(draw_map(self.picture), path, alt=self.alt)

    def to_dict(self) -> dict[str, Any]:
        boxes = {name: plain(column) for name, column in self.boxes.items()}
        return {**super().to_dict(), "boxes": boxes, "scope": vars(self.scope)}

    def _repr_html_(self) -> str:
        from html import escape

        from procmine.draw.picture import image_tag
        from procmine.draw.process_map import draw_map

        said = "".join(f"<p>{escape(line)}</p>" for line in self.sentences())
        how = f"<details><summary>{escape(Message('result.how').say())}</summary><p>{escape(self.definition)}</p></details>"
        return f"{image_tag(draw_map(self.picture), self.alt)}{said}{how}"

    @property
    def _shade(self) -> Literal["count", "time"]:
        return "count" if self.show == "frequency" else "time"

    def _slowest(self) -> list[Message]:
        share = self.rows["share"]
        if not len(share) or not share.max() > 0:
            return []
        one = {name: column[int(np.argmax(share))] for name, column in self.rows.items()}
        values: dict[str, Value] = {"before": str(one["before"]), "after": str(one["after"]), "n": int(one["n"])}
        lengths = {name: self._span(one[name]) for name in ("p50", "p80")}
        return [Message("map.slow", {**values, **lengths})]

    def _of(self) -> Message:
        day = str(shown(self.about, np.array([self.about.cutoff]))[0])[:10]
        return Message("log.of", {"cases": self.scope.all_cases, "events": self.scope.all_events, "cutoff": day})

    def _left_out(self) -> list[Message]:
        scope = self.scope
        values: dict[str, Value] = {"steps": scope.steps, "all": scope.all_steps, "events": scope.part("events")}
        without = scope.all_cases - scope.cases
        return [
            Message("map.shown", {**values, "moves": scope.part("moves")}),
            *([Message("map.without", {"cases": without})] if without else []),
        ]

    def _rest(self) -> list[Message]:
        """Of a map of parts of the time: the part that no arrow shows."""
        rest = 1 - float(self.rows["share"].sum())
        return [Message("map.rest", {"rest": rest})] if self.show == "total" and rest >= 0.005 else []

    def _legend(self) -> list[Message]:
        there = (
            ("map.boxes", bool(len(self))),
            (f"map.show.{self.show}", len(self.rows["n"]) > 0),
            ("map.again", bool((self.rows["before"] == self.rows["after"]).any())),
            ("map.over", bool(_passes_over(self.rows).any())),
            ("map.sign.start", bool(self.boxes["start_arrow"].any())),
            ("map.sign.end", bool(self.boxes["end_arrow"].any())),
            ("map.sign.open", bool(self.boxes["open_arrow"].any())),
        )
        return [Message(key) for key, holds in there if holds]

    def _limits(self) -> Sequence[Message]:
        return self.messages()[len(self.findings()) if len(self) else 0 :]

    def _boxes(self) -> tuple[Box, ...]:
        most = max(self.boxes["n"].max(initial=0), 1)
        loops = np.flatnonzero(self.rows["before"] == self.rows["after"]).tolist()
        again = {self.rows["before"][row]: row for row in loops}
        boxes = []
        for step, n in zip(self.boxes["step"], self.boxes["n"]):
            note = Message("map.label.count", {"n": int(n)}).say()
            if step in again:
                note += "\n" + Message("map.label.again", {"label": self._label(again[step], " · ")}).say()
            marked = self.mark in (step, (step, step)) or step in self.about.stages.get(str(self.mark), ())
            boxes.append(Box(step if step.strip() else Message("map.blank").say(), note, float(n / most), marked))
        return tuple(boxes)

    def _arrows(self) -> list[Arrow]:
        place = {step: number for number, step in enumerate(self.boxes["step"])}
        weight, over = self._weights(), _passes_over(self.rows)
        return [
            Arrow(
                place[before],
                place[after],
                self._label(row, "\n"),
                int(self.rows["n"][row]),
                float(weight[row]),
                bool(over[row]),
                self.mark == (before, after),
            )
            for row, (before, after) in enumerate(zip(self.rows["before"], self.rows["after"]))
            if before != after
        ]

    def _gates(self) -> list[Arrow]:
        """The arrows from the start and to the two kinds of end; they are as wide as their count only on a map of counts."""
        most = max(self.rows["n"].max(initial=0), self.boxes["starts"].max(initial=0), 1)
        key = "map.label.count" if self.show == "frequency" else "map.label.times"
        arrows = []
        for gate, count, drawn in ((START, "starts", "start"), (END, "ends", "end"), (OPEN, "open", "open")):
            for box in np.flatnonzero(self.boxes[f"{drawn}_arrow"]).tolist():
                n = int(self.boxes[count][box])
                ends = (gate, box) if gate == START else (box, gate)
                weight = n / most if self.show == "frequency" else 0.0
                arrows.append(Arrow(*ends, Message(key, {"n": n}).say(), n, weight))
        return arrows

    def _weights(self) -> NDArray[np.float64]:
        """How wide each arrow is, 0 to 1."""
        n = self.rows["n"]
        if self.show == "frequency":
            return np.asarray(n / max(n.max(initial=0), self.boxes["starts"].max(initial=0), 1), np.float64)
        if self.show == "total":
            return np.asarray(self.rows["share"] / max(self.rows["share"].max(initial=0), 1e-300), np.float64)
        length = np.nan_to_num(self.rows["p50"] / np.timedelta64(1, "s"))
        usual = length[n >= USUAL * self.scope.all_cases]
        return np.asarray(np.minimum(length / max(usual.max(initial=0), 1.0), 1.0), np.float64)

    def _label(self, row: int, between: str) -> str:
        n = int(self.rows["n"][row])
        if self.show == "frequency":
            return Message("map.label.count", {"n": n}).say()
        times = Message("map.label.times", {"n": n}).say()
        if self.show == "median" and np.isnat(self.rows["p50"][row]):  # not to be told
            return times
        return between.join([(self._long(row) if self.show == "median" else self._part(row)).say(), times])

    def _long(self, row: int) -> Message:
        length = self._span(self.rows["p50"][row])
        if self.about.precision == "day" and length.seconds < DAY:
            return Message("map.label.same_day")
        return Message("map.label.span", {"span": length}) if length.seconds >= 1 else Message("map.label.at_once")

    def _part(self, row: int) -> Message:
        share = float(self.rows["share"][row])
        return Message("map.label.part", {"share": share}) if share >= 0.005 else Message("map.label.little")

    def _span(self, length: np.timedelta64) -> Span:
        return Span(seconds(length), self.day)


@dataclass(frozen=True, eq=False)
class KeptPart(FlowPart):
    direct: NDArray[np.int64]  # per pair: how many of the moves have no step in between


@dataclass(frozen=True)
class KeptFlowSummary(FlowSummary):
    """Flow among some steps only: what comes next once the others are passed over. Clocks still see the whole log."""

    steps: tuple[int, ...] = ()  # codes

    def of(self, log: EventLog) -> KeptPart:
        k = len(log.about.activities)
        wanted = np.isin(np.arange(k), self.steps)
        kept = wanted[log.activity]
        place, offset = np.flatnonzero(kept), np.concatenate(([0], np.cumsum(kept)))[log.offset]
        activity, times = log.activity[place], log.times(self.clock)
        pair, gap = moves(activity, replace(times, time=times.time[place], offset=offset), k)
        return KeptPart(
            Durations.of(pair, gap, k * k),
            *end_counts(activity, offset, log.open, k),
            np.array([(times.until - times.arrival).sum(dtype=np.float64) / SECOND]),
            move_counts(log.activity, log.offset, k) * np.outer(wanted, wanted).ravel(),
        )

    def rows(self, partial: FlowPart, about: About) -> Rows:
        rows = super().rows(partial, about)
        code = {name: number for number, name in enumerate(about.activities)}
        moves = np.flatnonzero(_is_move(rows))
        pair = [
            code[before] * len(code) + code[rows["after"][row]] for row, before in zip(moves, rows["before"][moves])
        ]
        direct = rows["n"].copy()
        if isinstance(partial, KeptPart):
            direct[moves] = partial.direct[np.array(pair, np.int64)]
        return {**rows, "direct": direct}


def process_map(
    log: Log,
    *,
    show: Show = "frequency",
    steps: int | None = None,
    mark: Mark | None = None,
    clock: Clock = CALENDAR_TIME,
) -> ProcessMap:
    """The process as a picture: boxes for steps, arrows for what comes next, drawn by how often, or by how long after.

    show: what arrows tell: "frequency", "median" (half of the moves took at most this long) or "total" (part of all time in
    the cases). The same steps and arrows are shown in each. steps: at most so many boxes; None shows all if there are at
    most 24, else 20, 16 or 12, as can be read on a page: first those beside the moves that take most time, then the most
    frequent. Steps left out are passed over: A -> B then says that B was the next of the steps shown, and the line is broken
    where mostly other steps lay between. mark: a step, or a pair (before, after), to be highlighted; it is always shown.
    """
    if show not in SHOWS:
        raise ValueError(f"show={show!r}: a map shows one of {', '.join(SHOWS)}.")
    if len(log.about.activities) > MOST_STEPS:
        raise LogError(
            f"{len(log.about.activities):,} different steps: a map takes at most {MOST_STEPS:,}. Is the column of steps the "
            "right one? Name another, or group steps as stages in the log's spec."
        )
    marked = _codes_marked(log.about, mark)
    flow = ask(log, FlowSummary(clock))
    whole = _graph(flow.rows, log.about)
    arguments = {"show": show, "steps": steps, "mark": mark, "clock": clock}
    several = steps is None and np.count_nonzero(whole.events) > WHOLE
    for most in FEWER if several else (steps,):
        chosen = choose_steps(whole, most=most, must=marked)
        kept = _flow_of(log, flow, whole, chosen, clock)
        found = _map(kept, whole, arguments)
        if not several or plan_map(replace(found, show="frequency").picture).fit >= LEGIBLE:
            break
    return found


def _flow_of(log: Log, flow: Flow, whole: Graph, steps: Bools, clock: Clock) -> Flow:
    """The flow among these steps, with the column `direct`."""
    if steps.sum() < np.count_nonzero(whole.events):
        return ask(log, KeptFlowSummary(clock, tuple(np.flatnonzero(steps).tolist())))
    return replace(flow, rows={**flow.rows, "direct": flow.rows["n"]})


def _map(flow: Flow, whole: Graph, arguments: dict[str, Any]) -> ProcessMap:
    show, mark = arguments["show"], arguments["mark"]
    graph = _graph(flow.rows, flow.about)
    arrows = choose_arrows(graph, must=_move_marked(graph, flow.about, mark))
    moves = {name: column[_is_move(flow.rows)][arrows.moves] for name, column in flow.rows.items()}
    boxes, scope = _boxes(graph, arrows, flow.about), _scope(whole, graph, arrows)
    return ProcessMap(moves, flow.about, flow.exact, arguments, boxes, scope, show, mark)


def _is_move(rows: Rows) -> Bools:
    """Rows of a flow that are moves, not starts or ends: these have no length."""
    return ~np.isnat(rows["mean"])


def _passes_over(rows: Rows) -> Bools:
    over: Bools = 2 * rows["direct"] < rows["n"]
    return over


def _graph(rows: Rows, about: About) -> Graph:
    """The moves of a flow, in the order of its rows, and the counts of steps that follow from them."""
    code = {name: number for number, name in enumerate(about.activities)}
    move = _is_move(rows)

    def codes(column: str, kind: Bools) -> Ints:
        return np.array([code[name] for name in rows[column][kind]], np.int64)

    def per_step(steps: Ints, counts: Ints) -> Ints:
        return np.bincount(steps, counts, len(code)).astype(np.int64)

    before, after, n = codes("before", move), codes("after", move), rows["n"][move]
    begin, stop = ~move & (rows["before"] == ""), ~move & (rows["after"] == "")
    starts = per_step(codes("after", begin), rows["n"][begin])
    ends = per_step(codes("before", stop), rows["n"][stop])
    events = starts + per_step(after, n)
    return Graph(events, before, after, n, rows["share"][move], starts, ends, events - per_step(before, n) - ends)


def _boxes(graph: Graph, arrows: Arrows, about: About) -> Rows:
    """Shown steps, most frequent first."""
    present = np.flatnonzero(graph.events)
    order = present[np.argsort(-graph.events[present], kind="stable")]
    columns: Mapping[str, NDArray[Any]] = {
        "step": np.array(about.activities, object),
        "n": graph.events,
        "starts": graph.starts,
        "ends": graph.ends,
        "open": graph.opens,
        "start_arrow": arrows.starts,
        "end_arrow": arrows.ends,
        "open_arrow": arrows.opens,
    }
    return {name: column[order] for name, column in columns.items()}


def _scope(whole: Graph, graph: Graph, arrows: Arrows) -> Scope:
    here, there = graph.events > 0, whole.events > 0
    sums = (here, there, graph.events, whole.events, graph.n[arrows.moves], graph.n, graph.starts, whole.starts)
    return Scope(*(int(one.sum()) for one in sums))


def _codes_marked(about: About, mark: Mark | None) -> Ints:
    names = () if mark is None else (mark,) if isinstance(mark, str) else mark
    codes = [codes_of(about, name) for name in names]
    return np.concatenate(codes) if codes else np.empty(0, np.int64)


def _move_marked(graph: Graph, about: About, mark: Mark | None) -> Ints:
    if mark is None or isinstance(mark, str):
        return np.empty(0, np.int64)
    before, after = (codes_of(about, name)[0] for name in mark)
    found = np.flatnonzero((graph.before == before) & (graph.after == after))
    if not len(found):
        next_steps = [about.activities[code] for code in graph.after[graph.before == before][:5]]
        raise LogError(
            f"Nothing goes from {mark[0]!r} to {mark[1]!r} on this map. After {mark[0]!r} comes most often: "
            f"{', '.join(next_steps) or 'nothing'}."
        )
    return found
