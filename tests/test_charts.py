"""Charts: what they draw is what they were given, and nothing is cut off or covered."""

from itertools import combinations

import numpy as np
import pytest

from procmine.draw.charts import Bar, Curve, Line, bars, before_after, curves, monthly
from procmine.draw.picture import SERIES, image_tag, save, style
from procmine.draw.process_map import contrast

HOSTILE = "$x^2$ $\\frac{$ <b> 漢 \n\u202e" + "w" * 200


def texts(axes):
    """Every text that is drawn, with its rectangle in pixels."""
    from matplotlib.text import Text

    with style():
        axes.figure.canvas.draw()
        renderer = axes.figure.canvas.get_renderer()
        beyond = {id(tick.label1) for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_major_ticks()
                  if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())}  # fmt: skip
        every = [one for one in axes.figure.findobj(Text) if id(one) not in beyond]
        found = [one for one in every if one.get_text() and one.get_visible()]
        return [(one.get_text(), one.get_window_extent(renderer)) for one in found]


def check(axes):
    """No text outside the figure, none over another."""
    edge = axes.figure.bbox
    found = texts(axes)
    assert found
    for said, box in found:
        assert edge.x0 - 1 <= box.x0 and box.x1 <= edge.x1 + 1, said
        assert edge.y0 - 1 <= box.y0 and box.y1 <= edge.y1 + 1, said
    for (one, first), (two, second) in combinations(found, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        up = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across <= 1 or up <= 1, (one, two)
    return [said for said, _ in found]


def curve(label, days, share):
    return Curve(label, np.array(days, float), np.array(share, float))


def test_bars_show_values_ranges_and_notes():
    data = [
        Bar("Petition filed → Court order issued", 0.61, 0.57, 0.65, "61% · 4,120 times · half within 72 days", True),
        Bar(HOSTILE, 0.14, 0.11, 0.18, "14% · " + "note " * 40),
        Bar("short", 0.05),
        Bar("", 0.0, note="0%"),
    ]
    axes = bars(data, title="Where the time goes " * 6, axis="share of all time")
    said = check(axes)
    assert [round(patch.get_width(), 2) for patch in axes.patches] == [0.61, 0.14, 0.05, 0.0]
    whiskers = [line.get_xdata().tolist() for line in axes.lines if len(set(line.get_xdata())) == 2]
    assert whiskers == [[0.57, 0.65], [0.11, 0.18]]
    assert any(one.startswith("$x^2$ $\\frac{$ <b> □") for one in said)
    ticks = [one for one in said if one.endswith("%") and one[:-1].replace(".", "").isdigit() and one != "0%"]
    assert all(float(one[:-1]) <= 100 for one in ticks)
    order = [label.get_position()[1] for label in axes.get_yticklabels()]
    assert order == sorted(order) and axes.yaxis_inverted()  # the first stands on top


def test_a_curve_runs_in_steps_from_nothing_to_where_the_data_end():
    axes = curves([curve("all", [1, 4, 9], [0.2, 0.6, 0.6])], axis="finished", across="days")
    check(axes)
    line = next(one for one in axes.lines if len(one.get_xdata()) == 4)
    assert line.get_drawstyle() == "steps-post"
    assert line.get_xdata().tolist() == [0, 1, 4, 9] and line.get_ydata().tolist() == [0, 0.2, 0.6, 0.6]
    dots = [(one.get_xdata()[0], one.get_ydata()[0]) for one in axes.lines if one.get_marker() == "o"]
    assert dots == [(4.0, 0.5)]


def test_half_is_reached_on_the_day_that_it_is():
    assert curve("", [1, 4, 9], [0.2, 0.5, 0.6]).reaches(0.5) == 4
    assert np.isnan(curve("", [1, 4], [0.2, 0.49]).reaches(0.5))
    assert np.isnan(curve("", [], []).reaches(0.5))


def test_a_curve_that_does_not_reach_half_says_so_and_has_no_dot():
    data = [curve("North", [1, 80], [0.3, 0.9]), curve("East", [10, 60], [0.1, 0.3])]
    axes = curves(data, not_reached="half not reached", axis="finished", across="days", title="A title " * 20)
    assert check(axes).count("half not reached") == 1
    assert len([one for one in axes.lines if one.get_marker() == "o"]) == 1


def test_before_and_after_are_joined_by_an_arrow_at_half():
    axes = before_after(curve("before", [10, 72, 200], [0.2, 0.5, 0.9]), curve("after", [2, 9, 60], [0.4, 0.7, 0.8]),
                        gain="63 days sooner", axis="with an order", across="days")  # fmt: skip
    assert "63 days sooner" in check(axes)
    arrows = [one for one in axes.texts if one.arrow_patch is not None]
    assert [(one.xyann[0], one.xy[0]) for one in arrows] == [(72.0, 9.0)]
    never = before_after(curve("before", [10], [0.2]), curve("after", [2], [0.7]), gain="8 days", not_reached="not yet")
    assert "8 days" not in check(never)


def test_bands_are_drawn_where_they_are_given():
    band = Curve("a", np.array([1.0, 5.0]), np.array([0.4, 0.6]), np.array([0.3, 0.5]), np.array([0.5, 0.7]))
    assert len(curves([band]).collections) == 1
    assert not len(curves([curve("a", [1, 5], [0.4, 0.6])]).collections)


def test_months_with_a_gap_and_a_change():
    months = np.arange("2023-11", "2026-09", dtype="M8[M]")
    values = np.linspace(70, 60, len(months))
    values[4] = np.nan
    axes = monthly(months, [Line("North", values, values - 5, values + 5), Line("South", values + 3)], axis="days",
                   change=np.datetime64("2026-03-16"), change_label="order by consent", title="By month")  # fmt: skip
    said = check(axes)
    assert {"North", "South", "order by consent", "By month"} <= set(said)
    march = float(np.datetime64("2026-03").astype("M8[M]").astype(int))
    upright = next(
        one.get_xdata()[0] for one in axes.lines if len(set(one.get_xdata())) == 1 and len(one.get_xdata()) == 2
    )
    assert upright == pytest.approx(march - 0.5 + 15 / 31)
    assert axes.get_ylim()[0] == 0
    named = [one for one in said if one[:2] == "20" and "-" in one]
    assert 2 <= len(named) <= 12 and set(named) <= {str(month) for month in months}
    assert np.isnan(axes.lines[0].get_ydata()[4])


@pytest.mark.parametrize("make", [lambda: bars([]), lambda: curves([]), lambda: monthly(np.empty(0, "M8[M]"), [])])
def test_nothing_to_draw_is_drawn_as_empty_axes(make, tmp_path):
    assert save(make().figure, tmp_path / "nothing.png").stat().st_size > 500


def test_charts_are_drawn_on_axes_of_the_caller():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7), layout="constrained")
    FigureCanvasAgg(figure)
    four = figure.subplots(2, 2).ravel()
    one = curve("a", [1, 5], [0.4, 0.6])
    drawn = [
        bars([Bar("a", 0.4, note="40%")], ax=four[0]),
        curves([one], ax=four[1]),
        before_after(one, one, ax=four[2]),
        monthly(np.array(["2026-01"], "M8[M]"), [Line("a", np.array([3.0]))], ax=four[3]),
    ]
    assert [axes is given for axes, given in zip(drawn, four)] == [True] * 4
    figure.canvas.draw()


def test_series_are_told_apart_without_colour_and_seen_on_white():
    assert len({str(dashes) for _, dashes in SERIES}) == len(SERIES)
    assert min(contrast(color, "#FFFFFF") for color, _ in SERIES) >= 3  # WCAG 2.2, 1.4.11


def test_the_same_chart_is_the_same_file(tmp_path):
    for suffix in (".png", ".svg", ".pdf"):
        files = [
            save(curves([curve("Šeima", [1, 5], [0.4, 0.6])], title="Ė").figure, tmp_path / f"{k}{suffix}")
            for k in "ab"
        ]
        assert files[0].read_bytes() == files[1].read_bytes()


def test_pictures_on_pages_have_words():
    axes = curves([curve("a", [1, 5], [0.4, 0.6])])
    tag = image_tag(axes.figure, 'Half within "5" days <b>')
    assert tag.startswith('<img alt="Half within &quot;5&quot; days &lt;b&gt;"')
