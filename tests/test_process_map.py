"""The process map: what it keeps, what it says it left out, and that nothing on it covers anything."""

import hashlib
import subprocess
import sys
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from logs import build
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from procmine.asking import ask
from procmine.draw.lettering import BLANK, UNKNOWN, clean, width, wrap
from procmine.draw.picture import image_tag, save, style
from procmine.draw.process_map import (
    END,
    OPEN,
    SHADES,
    START,
    Arrow,
    Box,
    MapPicture,
    contrast,
    draw_map,
    draw_map_on,
    legible,
    plan_map,
    shade,
)
from procmine.kernels.partial import merge_all
from procmine.kernels.simplify import Graph, _widest, choose_arrows, choose_steps
from procmine.log import LogError
from procmine.see.flow import flow
from procmine.see.maps import KeptFlowSummary, process_map

HOSTILE = [
    "$x^2$ costs $\\frac{$5",  # read as mathematics it would fail to draw
    "<b>bold</b><script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "a" * 300,
    "line one\nline two\t\x00\x1b[31mred",
    "\u202etxet desrever\u200b",
    "../../etc & \\\\server\\share|x{y}",
    "漢字",
    "   ",
    "\\N \\G %s {0} {steps}",
    "Υποβολή αίτησης",
    "Вынесение судебного решения",
    "Šeimos pajamų įvertinimas",
    "Başvurunun alınması İĞ",
]


def traces(seed=0, cases=60, steps=30, names=None):
    """A log with loops and jumps over many steps; the later in the alphabet the rarer."""
    draw = np.random.default_rng(seed)
    names = names or [f"step {k:02d}" for k in range(steps)]
    rows = []
    for case in range(cases):
        at = 0
        day = np.datetime64("2024-01-01T00:00") + np.timedelta64(case, "D")
        for _ in range(draw.integers(1, 25)):
            rows.append((f"c{case:03d}", names[at], str(day)))
            at = min(int(max(at + draw.integers(-2, 4), 0) * draw.choice([1, 1, 1, 2])), len(names) - 1)
            day += np.timedelta64(int(draw.exponential(3000)) + 1, "m")
    return build(rows, cutoff="2024-12-31", ends=[names[-1]]), pd.DataFrame(rows, columns=["case", "step", "time"])


def graph_of(moves, starts, ends, opens=None, time=None):
    """From {(before, after): n} and counts per step."""
    before, after = (np.array([move[side] for move in moves], np.int64) for side in (0, 1))
    n = np.array(list(moves.values()), np.int64)
    starts, ends = np.array(starts), np.array(ends)
    opens = np.zeros_like(ends) if opens is None else np.array(opens)
    events = starts + np.bincount(after, n, len(starts)).astype(np.int64)
    return Graph(
        events, before, after, n, np.ones(len(n)) if time is None else np.array(time, float), starts, ends, opens
    )


def random_graph(seed, k=8):
    """A graph as cases make it: each step on some case's way."""
    draw = np.random.default_rng(seed)
    moves, starts, ends, opens = {}, np.zeros(k, int), np.zeros(k, int), np.zeros(k, int)
    for _ in range(draw.integers(1, 15)):
        path = draw.integers(0, k, draw.integers(1, 7)).tolist()
        times = int(draw.integers(1, 40))
        starts[path[0]] += times
        (ends if draw.random() < 0.7 else opens)[path[-1]] += times
        for pair in pairwise(path):
            moves[pair] = moves.get(pair, 0) + times
    return graph_of(moves, starts, ends, opens, draw.exponential(1, len(moves)))


# --- simplification ----------------------------------------------------------------------------------------------------


def test_steps_are_chosen_by_events_then_by_code():
    graph = graph_of({(0, 1): 5, (1, 2): 5, (2, 3): 2}, [5, 0, 0, 0], [0, 0, 3, 2], time=[0, 0, 0])
    assert choose_steps(graph, most=2).tolist() == [True, True, False, False]
    assert choose_steps(graph, most=9).tolist() == [True] * 4
    with pytest.raises(ValueError, match="at least one step"):
        choose_steps(graph, most=0)


def test_steps_beside_much_time_are_shown_however_rare():
    moves = {(0, 1): 100, (1, 0): 90, (1, 2): 1, (2, 3): 1, (1, 3): 9}
    graph = graph_of(moves, [10, 0, 0, 0], [0, 0, 0, 10], time=[1, 1, 1, 90, 1])
    assert choose_steps(graph, most=4).all()
    assert choose_steps(graph, most=3)[[2, 3]].sum() == 1  # half of the room at most is for time
    arrows = choose_arrows(graph)
    assert arrows.moves[list(moves).index((2, 3))]


def test_what_must_be_shown_is_shown():
    graph = graph_of({(0, 1): 9, (1, 2): 9, (0, 2): 1, (0, 3): 1}, [10, 0, 0, 0], [0, 0, 10, 0], time=[1, 1, 0, 0])
    assert choose_steps(graph, most=1, must=np.array([3])).tolist() == [False, False, False, True]
    assert choose_arrows(graph, must=np.array([2])).moves[2]


@pytest.mark.parametrize("seed", range(40))
def test_every_step_lies_on_a_way_from_start_to_end(seed):
    graph = random_graph(seed)
    arrows = choose_arrows(graph)
    present = np.flatnonzero(graph.events)
    for sources, near, far in (
        (arrows.starts, graph.before, graph.after),
        (arrows.ends | arrows.opens, graph.after, graph.before),
    ):
        k = len(graph.events)
        gates = np.flatnonzero(sources)
        one = np.concatenate((near[arrows.moves], np.full(len(gates), k)))
        two = np.concatenate((far[arrows.moves], gates))
        reached = breadth_first_order(coo_array((np.ones(len(one)), (one, two)), (k + 1, k + 1)).tocsr(), k)[0]
        assert set(present) <= set(reached.tolist())


def test_a_rare_way_out_of_a_busy_corner_is_shown():
    """Six busy steps use up the room for arrows; two others are busy with each other, and rarely linked to the rest."""
    moves = {(a, b): 1_000 for a in range(6) for b in range(6) if a != b}
    moves |= {(6, 7): 100, (7, 6): 100, (0, 6): 1, (7, 1): 1}
    graph = graph_of(moves, [50, 0, 0, 0, 0, 0, 0, 0], [0, 50, 0, 0, 0, 0, 0, 0], time=np.zeros(len(moves)))
    arrows = choose_arrows(graph)
    shown = {pair for pair, kept in zip(moves, arrows.moves) if kept}
    assert {(0, 6), (6, 7), (7, 1)} <= shown and len(shown) < len(moves)


@pytest.mark.parametrize("seed", range(25))
def test_widest_ways_are_the_widest_of_all(seed):
    graph = random_graph(seed, k=5)
    link = _widest(graph, forward=True)
    n = dict(zip(zip(graph.before.tolist(), graph.after.tolist()), graph.n.tolist()))

    def best(step, seen):
        """By trying every simple path backwards."""
        found = int(graph.starts[step])
        for (before, after), count in n.items():
            if after == step and before not in seen:
                found = max(found, min(count, best(before, seen | {before})))
        return found

    def by_links(step):
        if link[step] < 0:
            return int(graph.starts[step])
        return min(int(graph.n[link[step]]), by_links(int(graph.before[link[step]])))

    for step in np.flatnonzero(graph.events).tolist():
        assert by_links(step) == best(step, {step})


# --- counts against pandas ---------------------------------------------------------------------------------------------


def test_moves_among_kept_steps_as_pandas_counts_them():
    log, frame = traces()
    kept = [name for name in log.about.activities if int(name[-2:]) % 3]
    codes = tuple(log.about.activities.index(name) for name in kept)
    rows = ask(log, KeptFlowSummary(steps=codes)).rows
    frame["time"] = pd.to_datetime(frame["time"])
    frame["place"] = range(len(frame))
    some = frame[frame["step"].isin(kept)].copy()
    for column in ("step", "place", "time"):
        some["last " + column] = some.groupby("case")[column].shift()
    pairs = some.dropna(subset=["last step"])
    gap = (pairs["time"] - pairs["last time"]).dt.total_seconds()
    groups = pairs.assign(gap=gap, near=pairs["place"] - pairs["last place"] == 1).groupby(["last step", "step"])
    told = groups.agg(n=("gap", "size"), direct=("near", "sum"), p50=("gap", "median"))
    move = ~np.isnat(rows["mean"])
    ours = pd.DataFrame({name: column[move] for name, column in rows.items()}).set_index(["before", "after"])
    assert len(ours) == len(told)
    assert (told["n"] == ours["n"].reindex(told.index)).all()
    assert (told["direct"] == ours["direct"].reindex(told.index)).all()
    assert told["direct"].sum() < told["n"].sum()
    p50 = ours["p50"].reindex(told.index).dt.total_seconds()
    assert np.allclose(p50, told["p50"], atol=0.51)


def test_a_log_in_parts_gives_the_same_moves():
    log, _ = traces(3)
    question = KeptFlowSummary(steps=tuple(range(0, 20, 2)))
    whole = question.rows(question.of(log), log.about)
    parts = [question.of(log.take(np.arange(first, len(log), 3))) for first in (2, 0, 1)]
    again = question.rows(merge_all(parts), log.about)
    assert all((whole[name] == again[name])[~pd.isna(whole[name])].all() for name in whole)


@pytest.mark.parametrize("steps", [1, 3, 8, 20, None])
def test_what_is_shown_and_what_is_left_out_add_up(steps):
    log, frame = traces(1)
    found = process_map(log, steps=steps)
    names = set(found.boxes["step"])
    kept = frame[frame["step"].isin(names)]
    scope = found.scope
    assert scope.steps == len(names) <= (steps or 20)
    assert (scope.events, scope.all_events) == (len(kept), len(frame)) and found.boxes["n"].sum() == len(kept)
    assert (scope.cases, scope.all_cases) == (kept["case"].nunique(), frame["case"].nunique())
    assert scope.all_moves == scope.events - scope.cases
    assert scope.moves == found.rows["n"].sum() <= scope.all_moves
    assert (found.rows["direct"] <= found.rows["n"]).all()
    for step, n, starts, ends, open_ in zip(*(found.boxes[one] for one in ("step", "n", "starts", "ends", "open"))):
        firsts, lasts = kept.groupby("case")["step"].first(), kept.groupby("case")["step"].last()
        assert n == (kept["step"] == step).sum()
        assert starts == (firsts == step).sum() and ends + open_ == (lasts == step).sum()


def test_all_steps_of_a_small_log_with_the_numbers_of_the_flow(office):
    found, whole = process_map(office), flow(office)
    assert set(found.boxes["step"]) == set(office.about.activities)
    numbers = {pair: (n, share) for *pair, n, share in zip(*(whole.rows[one] for one in ("before", "after", "n", "share")))
               for pair in [tuple(pair)]}  # fmt: skip
    for before, after, n, direct, share in zip(
        *(found.rows[one] for one in ("before", "after", "n", "direct", "share"))
    ):
        assert numbers[before, after] == (n, share) and direct == n


def test_six_events_by_eye(six):
    found = process_map(six)
    moves = dict(zip(zip(found.rows["before"], found.rows["after"]), found.rows["n"]))
    assert moves == {("Start", "Check"): 2, ("Check", "End"): 1, ("Check", "Check"): 1}
    arrows = {(one.before, one.after): one.label for one in found.picture.arrows}
    place = {box.name: number for number, box in enumerate(found.picture.boxes)}
    start, check, end = (place[name] for name in ("Start", "Check", "End"))
    assert arrows == {(START, start): "2", (start, check): "2", (check, end): "1", (end, END): "1", (check, OPEN): "1"}
    assert found.picture.boxes[check].note == "3\n↻ 1"
    assert found.usual_path() == ["Start", "Check"]  # after Check as many are still open as go on
    said = " ".join(found.picture.caption)
    assert "2 cases, 6 events, data up to 2024-01-20." in said and "3 of 3 steps, 100% of events." in said


def test_labels_of_times(six):
    told = {show: process_map(six, show=show).picture for show in ("median", "total")}
    labels = {show: [one.label for one in picture.arrows] for show, picture in told.items()}
    assert "3 days\n2×" in labels["median"]  # Start -> Check took 2 and 4 days
    assert "8 days\n1×" in labels["median"]
    assert "20%\n2×" in labels["total"]  # 2 + 4 of 10 + 20 days: B2 is watched to the end of 20 January
    said = " ".join(told["total"].caption)
    assert "50% of the time is elsewhere" in said  # 15 of 30 days: B2 since 6 January
    assert "elsewhere" not in " ".join(told["median"].caption)


def test_a_day_without_a_date_between_is_said_so():
    rows = [("a", "In", "2024-01-01"), ("a", "Out", "2024-01-01")]
    picture = process_map(build(rows, cutoff="2024-01-02", ends=["Out"]), show="median").picture
    assert [one.label for one in picture.arrows] == ["same day\n1×", "1×", "1×"]


def test_left_out_steps_are_passed_over_and_said():
    rows = [(f"c{k}", step, f"2024-01-{day:02d}") for k in range(9) for step, day in (("A", 1), ("B", 3), ("C", 6))]
    rows = [row for row in rows if row[:2] != ("c0", "B")] + [("c9", "D", "2024-01-04")]
    log = build(rows, cutoff="2024-01-31", ends=["C", "D"])
    found = process_map(log, steps=2, mark=("A", "C"))
    assert found.boxes["step"].tolist() == ["A", "C"]
    assert (found.rows["n"].tolist(), found.rows["direct"].tolist()) == ([9], [1])
    assert [one.dashed for one in found.picture.arrows] == [True, False, False]
    said = " ".join(found.picture.caption)
    assert "2 of 4 steps, 66% of events" in said  # 18 of 27
    assert "1 case has none of these steps." in said and "left out here" in said


def test_the_same_steps_and_arrows_in_every_view():
    log, _ = traces(4)
    views = [process_map(log, show=show) for show in ("frequency", "median", "total")]
    for one, two in combinations(views, 2):
        assert all((one.rows[name] == two.rows[name])[~pd.isna(one.rows[name])].all() for name in one.rows)
        ends = [[(arrow.before, arrow.after, arrow.count) for arrow in view.picture.arrows] for view in (one, two)]
        assert ends[0] == ends[1]


def test_marks(office):
    picture = process_map(office, mark="Order").picture
    assert [box.name for box in picture.boxes if box.marked] == ["Order"]
    picture = process_map(office, mark=("Start", "Order")).picture
    assert sum(arrow.marked for arrow in picture.arrows) == 1 and not any(box.marked for box in picture.boxes)
    stage = process_map(office, mark="Decision").picture
    assert {box.name for box in stage.boxes if box.marked} == {"Order", "End"}
    with pytest.raises(LogError, match="Nothing goes from 'End' to 'Start'"):
        process_map(office, mark=("End", "Start"))
    with pytest.raises(LogError, match=r"No step 'Ordr'.*Did you mean 'Order'"):
        process_map(office, mark="Ordr")
    with pytest.raises(ValueError, match="frequency, median, total"):
        process_map(office, show="mean")  # type: ignore[arg-type]


def test_a_mark_is_on_the_map_even_where_it_is_rare():
    log, _ = traces(2)
    rare = min(log.about.activities, key=lambda name: (log.activity == log.about.activities.index(name)).sum())
    assert rare in process_map(log, steps=4, mark=rare).boxes["step"]


def test_an_empty_log_and_a_single_step():
    log, _ = traces(0)
    none = log.take(np.array([], np.int64))
    found = process_map(none)
    assert found.sentences() == ["There is nothing to show: no case has what is asked for."]
    assert "<img" in found._repr_html_()
    one = process_map(build([("a", "Only", "2024-01-01")], cutoff="2024-01-02", ends=["Only"]))
    assert len(one) == 1 and not len(one.rows["n"])
    assert one.sentences()[0].endswith("Only.") and [a.label for a in one.picture.arrows] == ["1", "1"]


def test_time_on_a_clock_that_sees_the_steps_left_out():
    """The clock must read the whole log, whatever the map leaves out: it runs only while a case has had no Pause."""

    class UntilPause:
        day = 86_400.0
        said = None

        def read(self, time, case, log):
            pause = log.about.activities.index("Pause")
            hit = np.flatnonzero(log.activity == pause)
            stop = np.full(len(log), np.iinfo(np.int64).max)
            stop[np.searchsorted(log.offset, hit, side="right") - 1] = log.time[hit]
            return np.minimum(time, stop[case])

    rows = [("a", "In", "2024-01-01"), ("a", "Pause", "2024-01-04"), ("a", "Out", "2024-01-20")]
    rows += [("b", "In", "2024-01-01"), ("b", "Out", "2024-01-04")]
    found = process_map(build(rows, cutoff="2024-01-31", ends=["Out"]), steps=2, clock=UntilPause())
    assert found.boxes["step"].tolist() == ["In", "Out"]
    assert found.rows["p95"].tolist() == [np.timedelta64(3, "D")]


# --- letters -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\t c\x00d", "a b c d"),
        ("", BLANK),
        (" \u200b\n", BLANK),
        ("\u202eabc\u2066", "abc"),
        ("漢", UNKNOWN),
        ("Ž ę ğ Ω ж", "Ž ę ğ Ω ж"),
        ("e\u0301", "é"),
        ("$x$", "$x$"),
    ],
)
def test_clean(text, shown):
    assert clean(text) == shown


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("room", [40.0, 92.0])
def test_lines_are_never_wider_than_their_room(text, room):
    lines = wrap(text, room, 8.0, most=4)
    assert 1 <= len(lines) <= 4
    assert all(width(line, 8.0) <= room for line in lines)
    if not lines[-1].endswith("…"):
        assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")


def test_letters_can_be_read_on_every_shade_and_shades_fall_in_grey():
    fills = [shade(part) for part in np.linspace(0, 1, 201)]
    assert min(contrast(fill, legible(fill)) for fill in fills) >= 4.5
    against_white = [contrast(fill, "#FFFFFF") for fill in fills]
    assert against_white == sorted(against_white)
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)  # WCAG 2.2, definition of contrast ratio
    assert shade(0.0) == SHADES[0] and shade(1.0) == SHADES[-1]


# --- pictures ----------------------------------------------------------------------------------------------------------


def hostile_picture(show="frequency"):
    log, _ = traces(5, cases=40, names=HOSTILE)
    return process_map(log, show=show, mark=HOSTILE[0]).picture


def dense_picture(seed, boxes, arrows, label):
    draw = np.random.default_rng(seed)
    names = [" ".join(draw.choice(["check", "application", "documents", "send", "to"], draw.integers(1, 7))) for _ in
             range(boxes)]  # fmt: skip
    pairs = {(int(a), int(b)) for a, b in draw.integers(0, boxes, (arrows, 2)) if a != b}
    gates = [(START, 0), (0, END), (boxes - 1, END), (boxes // 2, OPEN)]
    notes = [f"{n:,}" for n in draw.integers(1, 99_999, boxes)]
    shapes = [Arrow(a, b, label, int(draw.integers(1, 500)), float(draw.random()), bool(draw.integers(2)))
              for a, b in [*sorted(pairs), *gates]]  # fmt: skip
    return MapPicture(tuple(map(Box, names, notes)), tuple(shapes), ("A caption " * 40,), "A title " * 20, "time")


PICTURES = {
    "hostile": hostile_picture,
    "hostile times": lambda: hostile_picture("median"),
    "dense": lambda: dense_picture(1, 20, 45, "1,234"),
    "dense times": lambda: dense_picture(2, 14, 34, "488 days\n57,182×"),
    "chain": lambda: MapPicture(
        tuple(Box(f"Step number {k}", "12") for k in range(9)),
        tuple(Arrow(k, k + 1, "half within 72 days\n12×") for k in range(8)),
    ),
    "wide": lambda: MapPicture(
        tuple(Box(f"Step {k}", "12") for k in range(18)),
        tuple(Arrow(0, k, "123") for k in range(1, 18)),
    ),
}


def rooms(figure):
    """The rectangles of boxes and of texts, in pixels, as the renderer draws them."""
    from matplotlib.patches import FancyBboxPatch

    with style():
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        axes = figure.axes[0]
        boxes = [one.get_window_extent(renderer) for one in axes.patches if isinstance(one, FancyBboxPatch)]
        texts = [(one.get_text(), one.get_window_extent(renderer)) for one in axes.texts if one.get_text()]
    return boxes, texts


def overlap(one, two):
    """Pixels by which two rectangles overlap in both directions."""
    return min(one.x1, two.x1) - max(one.x0, two.x0), min(one.y1, two.y1) - max(one.y0, two.y0)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_covers_anything(name):
    picture = PICTURES[name]()
    figure = draw_map(picture)
    boxes, texts = rooms(figure)
    edge = figure.bbox
    assert len(boxes) == len(picture.boxes)
    assert len(texts) >= len(picture.boxes) + len(picture.arrows)
    for box in boxes:
        assert edge.x0 <= box.x0 and box.x1 <= edge.x1 and edge.y0 <= box.y0 and box.y1 <= edge.y1
    for one, two in combinations(boxes, 2):
        assert min(overlap(one, two)) <= 0
    for said, text in texts:
        assert edge.x0 <= text.x0 and text.x1 <= edge.x1 and edge.y0 <= text.y0 and text.y1 <= edge.y1, said
        around = [box for box in boxes if min(overlap(text, box)) > 1]
        assert len(around) <= 1, said
        if around:  # a name or count: inside its own box
            box = around[0]
            assert (
                box.x0 <= text.x0 + 1 and text.x1 <= box.x1 + 1 and box.y0 <= text.y0 + 1 and text.y1 <= box.y1 + 1
            ), said
    for (said, one), (also, two) in combinations(texts, 2):
        across, up = overlap(one, two)
        assert across <= 1 or up <= 4, (said, also)  # lines of one box may share the room of descenders


def on_bezier(points):
    """By matplotlib's own code."""
    from matplotlib.path import Path

    return (
        Path(points, [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)])
        .interpolated(1)
        .to_polygons(closed_only=False)[0]
    )


@pytest.mark.parametrize("across", [False, True])
def test_arrows_go_from_box_to_label_to_box(across):
    from procmine.draw.process_map import _plan

    picture = dense_picture(3, 12, 30, "12 days\n9×")
    plan = _plan(picture, across, 90.0)
    wide, high = plan.placed.size

    def apart(point, box):
        x, y = plan.placed.boxes[box]
        half = plan.sizes[box]
        return max(abs(point[0] - x) - half[0] / 2, abs(point[1] - y) - half[1] / 2)

    for arrow, route in zip(picture.arrows, plan.placed.routes):
        if arrow.before >= 0:
            assert abs(apart(route.to_label[0], arrow.before)) < 1
        if arrow.after >= 0:
            assert abs(apart(route.onward[-1], arrow.after)) < 1
        for curve in (route.to_label, route.onward):
            assert len(curve) % 3 == 1
            assert all(-1 <= x <= wide + 1 and -1 <= y <= high + 1 for x, y in on_bezier(curve))
        gap = np.array(route.onward[0]) - np.array(route.to_label[-1])
        assert np.abs(gap).max() < 60  # the label itself


def test_small_maps_fit_a_page_and_a_flat_one_turns():
    chain = plan_map(PICTURES["chain"]())
    assert chain.fit >= 1
    wide, high = plan_map(PICTURES["wide"]()).placed.size
    assert high > wide  # 17 steps after one: drawn across, so that they stand below each other


def test_a_map_is_drawn_on_axes_of_the_caller():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 3))
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    draw_map_on(left, PICTURES["dense"]())
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    room = left.get_window_extent(renderer)
    for text in left.texts:
        box = text.get_window_extent(renderer)
        assert room.x0 - 1 <= box.x0 and box.x1 <= room.x1 + 1 and room.y0 - 1 <= box.y0 and box.y1 <= room.y1 + 1
    assert not right.texts


SCRIPT = """
import hashlib, sys, tempfile, pathlib
sys.path[:0] = {path!r}
from test_process_map import traces, HOSTILE
from procmine.see.maps import process_map
import matplotlib
{settings}
log, _ = traces(5, cases=40, names=HOSTILE)
with tempfile.TemporaryDirectory() as folder:
    for suffix in ("png", "svg", "pdf"):
        file = process_map(log, show="median").save(pathlib.Path(folder, "map." + suffix))
        print(hashlib.sha256(file.read_bytes()).hexdigest())
assert "matplotlib.pyplot" not in sys.modules
"""
USERS = "matplotlib.rcParams.update({'font.size': 30, 'savefig.bbox': 'tight', 'text.usetex': True, 'font.family': 'serif'})"


@pytest.mark.slow
def test_the_same_bytes_in_another_process_with_other_settings(tmp_path):
    log, _ = traces(5, cases=40, names=HOSTILE)
    here = []
    for suffix in ("png", "svg", "pdf"):
        file = process_map(log, show="median").save(tmp_path / f"map.{suffix}")
        here.append(hashlib.sha256(file.read_bytes()).hexdigest())
    for seed, settings in (("1", ""), ("2", USERS)):
        code = SCRIPT.format(path=sys.path, settings=settings)
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONHASHSEED": seed})
        assert run.stdout.split() == here, run.stderr


def test_the_users_settings_come_back():
    import matplotlib

    with matplotlib.rc_context({"font.size": 31.0, "axes.grid": True}):
        draw_map(PICTURES["chain"]())
        assert matplotlib.rcParams["font.size"] == 31.0 and matplotlib.rcParams["axes.grid"]


def test_files_are_whole_or_not_there(tmp_path, monkeypatch):
    figure = draw_map(PICTURES["chain"]())
    with pytest.raises(ValueError, match=r"\.png, \.svg, \.pdf"):
        save(figure, tmp_path / "map.gif")
    save(figure, tmp_path / "map.png")
    before = (tmp_path / "map.png").read_bytes()
    assert before.startswith(b"\x89PNG")

    def broken(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(figure, "savefig", broken)
    with pytest.raises(OSError, match="disk full"):
        save(figure, tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["map.png"]


def test_the_page_has_the_picture_in_words():
    log, _ = traces(5, cases=40, names=HOSTILE)
    page = process_map(log)._repr_html_()
    assert 'src="data:image/png;base64,' in page and "<script>" not in page
    assert 'alt="Process map with 14 steps.' in page
    with pytest.raises(ValueError, match="alt="):
        image_tag(draw_map(PICTURES["chain"]()), " ")


# --- real logs ---------------------------------------------------------------------------------------------------------


def test_a_permit_log_of_398_steps_gives_a_page(shared):
    path = "bpic15/BPIC15_1_simod.csv.gz"
    frame = pd.read_csv(shared / path, usecols=["case:concept:name", "concept:name", "time:timestamp"])
    first = frame["case:concept:name"].isin(frame["case:concept:name"].unique()[:150])
    small = frame[first]
    moment = pd.to_datetime(small["time:timestamp"], utc=True, format="ISO8601").dt.tz_localize(None).astype(str)
    log = build(list(zip(small["case:concept:name"].astype(str), small["concept:name"], moment)), cutoff="2016-01-01",
                ends=["01_HOOFD_510_2"])  # fmt: skip
    found = process_map(log)
    assert found.scope.all_steps > 150 and 12 <= found.scope.steps <= 20
    assert len(found.rows["n"]) <= 45
    assert plan_map(found.picture).fit > 0.85
    assert process_map(log, show="median").scope == found.scope
    _, texts = rooms(draw_map(found.picture))
    for (said, one), (also, two) in combinations(texts, 2):
        across, up = overlap(one, two)
        assert across <= 1 or up <= 4, (said, also)


def test_receipt_counts_are_those_of_pm4py(shared):
    pm4py_dfg = pytest.importorskip("pm4py.algo.discovery.dfg.algorithm", reason="pm4py is not installed")
    frame = pd.read_csv(shared / "receipt_coselog" / "receipt.csv.gz")
    columns = frame[["case:concept:name", "concept:name", "time:timestamp"]].copy()
    columns["time:timestamp"] = pd.to_datetime(columns["time:timestamp"], utc=True, format="ISO8601")
    theirs = pm4py_dfg.apply(columns.sort_values(["case:concept:name", "time:timestamp"], kind="stable"))
    moment = columns["time:timestamp"].dt.tz_localize(None).astype(str)
    rows = list(zip(columns["case:concept:name"], columns["concept:name"], moment))
    found = process_map(build(rows, cutoff="2016-01-01", ends=[]), steps=27)
    assert len(found.boxes["step"]) == 27
    for before, after, n in zip(found.rows["before"], found.rows["after"], found.rows["n"]):
        assert theirs[before, after] == n
