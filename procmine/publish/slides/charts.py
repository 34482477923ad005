"""Charts: native ones of PowerPoint, whose numbers are in the workbook behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from procmine.publish.slides.deck import Bars, Lines
from procmine.publish.slides.fitting import one_line
from procmine.publish.slides.sheet import workbook
from procmine.words import visible

FACE = "Arial"
INK = "1A1A1A"
BARS = ("0B3C5D", "7D96A8")  # marked and other: told apart in grey, 3 : 1 on white
LINES = (("595959", "sysDash", 2.5), ("0B3C5D", "solid", 3.5))  # before and since, also told apart by their strokes
FORMATS = {"share": "0%", "count": "#,##0"}
BESIDE = 0.44  # of the width of a chart of bars: for the names
MOST_TICKS = 13  # days written below a chart of lines


def add_bars(shapes: Any, at: Sequence[int], told: Bars, day: datetime) -> None:
    from pptx.enum.chart import XL_CHART_TYPE

    wide = at[2] / 914_400 * BESIDE - 0.35
    labels = [one_line(label, wide, 13, most=2) for label in told.labels]
    data = _data(labels, FORMATS[told.of])
    name = visible(told.name)
    data.add_series(name, list(told.values))
    chart = _added(shapes, XL_CHART_TYPE.BAR_CLUSTERED, at, data, told.alt)
    _plain(chart)
    plot = chart.plots[0]
    plot.gap_width, plot.vary_by_categories = 45, False
    for place in range(len(labels)):
        _filled(plot.series[0].points[place].format.fill, BARS[0 if place == told.marked else 1])
    _labelled(plot, FORMATS[told.of])
    _axes_of_bars(chart)
    _inside(chart, BESIDE, 0.02, 0.96 - BESIDE - 0.06, 0.96)
    chart.part.chart_workbook.update_from_xlsx_blob(workbook(labels, {name: list(told.values)}, day))


def add_lines(shapes: Any, at: Sequence[int], told: Lines, day: datetime) -> None:
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
    from pptx.util import Pt

    names = [one_line(name, at[2] / 914_400 - 1.5, 13) for name in told.lines]
    columns: Mapping[str, Sequence[float | None]] = dict(zip(names, told.lines.values()))
    data = _data(list(told.days), "0")
    for name, values in columns.items():
        data.add_series(name, list(values))
    chart = _added(shapes, XL_CHART_TYPE.LINE, at, data, told.alt)
    _plain(chart)
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.legend.font.size = Pt(13)
    for series, look in zip(chart.plots[0].series, LINES if len(names) > 1 else LINES[1:]):
        _stroke(series, *look)
    _axes_of_lines(chart, told)
    chart.part.chart_workbook.update_from_xlsx_blob(workbook(list(told.days), columns, day))


def ink(color: str) -> Any:
    from pptx.dml import color as colors

    named: Any = colors.RGBColor
    return named.from_string(color)


def node(tag: str, **attributes: str) -> Any:
    """An element of the file's XML, such as a:buChar."""
    from pptx.oxml.xmlchemy import OxmlElement

    made: Any = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(name, value)
    return made


def _data(categories: Sequence[str | float], number_format: str) -> Any:
    from pptx.chart import data

    kind: Any = data.CategoryChartData
    made = kind(number_format=number_format)
    made.categories = categories
    return made


def _added(shapes: Any, kind: Any, at: Sequence[int], data: Any, alt: str) -> Any:
    frame = shapes.add_chart(kind, *at, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", visible(alt))
    frame.name = "Chart"
    return frame.chart


def _plain(chart: Any) -> None:
    """Without a title of its own: the slide has one."""
    from pptx.util import Pt

    chart.has_title, chart.has_legend = False, False
    chart.font.size, chart.font.name = Pt(13), FACE
    chart.font.color.rgb = ink(INK)


def _filled(fill: Any, color: str) -> None:

    fill.solid()
    fill.fore_color.rgb = ink(color)


def _labelled(plot: Any, number: str) -> None:
    from pptx.enum.chart import XL_LABEL_POSITION
    from pptx.util import Pt

    plot.has_data_labels = True
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = number, False
    labels.position, labels.show_value = XL_LABEL_POSITION.OUTSIDE_END, True
    labels.font.size = Pt(13)


def _axes_of_bars(chart: Any) -> None:
    """The largest on top, its number beside each bar instead of an axis."""
    from pptx.enum.chart import XL_TICK_MARK

    names, numbers = chart.category_axis, chart.value_axis
    names.reverse_order = True
    names.major_tick_mark = XL_TICK_MARK.NONE
    names.format.line.fill.background()
    numbers.minimum_scale = 0
    numbers.visible, numbers.has_major_gridlines = False, False


def _axes_of_lines(chart: Any, told: Lines) -> None:
    from pptx.oxml.ns import qn

    days, up = chart.category_axis, chart.value_axis
    up.minimum_scale, up.maximum_scale, up.major_unit = 0, 100, 20
    _faint(up.major_gridlines.format.line)
    for axis, name in ((days, told.across), (up, told.up)):
        axis.has_title = True
        _titled(axis.axis_title, one_line(name, 6.0, 13))
    days.tick_labels.number_format, days.tick_labels.number_format_is_linked = "0", False
    every = max(1, -(-(len(told.days) - 1) // (MOST_TICKS - 1)))
    element = days._element
    for tag in ("c:tickLblSkip", "c:tickMarkSkip"):
        element.find(qn("c:noMultiLvlLbl")).addprevious(node(tag, val=str(every)))
    cross = up._element.find(qn("c:crosses"))
    for old in up._element.findall(qn("c:crossBetween")):
        up._element.remove(old)
    cross.addnext(node("c:crossBetween", val="midCat"))  # the first day stands on the axis


def _titled(title: Any, text: str) -> None:
    from pptx.util import Pt

    frame = title.text_frame
    frame.text = text
    run = frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold = Pt(13), False


def _faint(line: Any) -> None:
    from pptx.util import Pt

    line.width = Pt(0.75)
    line.color.rgb = ink("D0D0D0")


def _stroke(series: Any, color: str, dash: str, points: float) -> None:
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE
    from pptx.util import Pt

    series.smooth = False
    series.marker.style = XL_MARKER_STYLE.NONE
    line = series.format.line
    line.width, line.color.rgb = Pt(points), ink(color)
    line.dash_style = MSO_LINE.SQUARE_DOT if dash == "sysDash" else MSO_LINE.SOLID


def _inside(chart: Any, left: float, top: float, width: float, height: float) -> None:
    """The place of the bars themselves, as parts of the chart, so that names have room to be read."""
    from pptx.oxml.ns import qn

    area = chart._chartSpace.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    layout, manual = node("c:layout"), node("c:manualLayout")
    manual.append(node("c:layoutTarget", val="inner"))
    for name in ("xMode", "yMode"):
        manual.append(node(f"c:{name}", val="edge"))
    for name, value in zip("xywh", (left, top, width, height)):
        manual.append(node(f"c:{name}", val=f"{value:.4f}"))
    layout.append(manual)
    area.insert(0, layout)
