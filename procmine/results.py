"""What every result has: rows, what they are about, what they mean, and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.draw.workbook import Sheet, write_workbook
from procmine.words import DAY, ENGLISH, Message, visible

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows: TypeAlias = Mapping[str, NDArray[Any]]
MOST_SHOWN = 15
MOST_GROUPS = 12  # that are told in sentences
LATE_VALUE = "result.late_value"  # a step of a log's history that every result of its groups says first


@dataclass(frozen=True, eq=False)
class Result:
    """An answer: `rows` maps column to array, all of one length; `frame` is the same as a pandas frame, a fresh copy.

    `exact` is False where lengths of time were rounded to a 1% grid; `arguments` are those of the question; `groups` names
    the first columns of the rows, where the question was asked of groups of cases.
    """

    rows: Rows
    about: About
    exact: bool
    arguments: Mapping[str, object]
    groups: tuple[str, ...] = field(default=(), kw_only=True)
    meaning: ClassVar[str]  # key of the definition in the catalogue
    none: ClassVar[str] = "result.empty"  # key of what is said without any row
    none_is_an_answer: ClassVar[bool] = (
        False  # of a search that may find nothing; else a report without rows is refused
    )

    def __post_init__(self) -> None:
        for column in self.rows.values():
            column.flags.writeable = False

    def __len__(self) -> int:
        return len(next(iter(self.rows.values()))) if self.rows else 0

    @property
    def frame(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({name: column.copy() for name, column in self.rows.items()})

    @property
    def definition(self) -> str:
        return Message(self.meaning).say()

    @property
    def day(self) -> float:
        """Seconds in a day of the clock that was used: 8 hours are one working day of an 8-hour office."""
        day: float = getattr(self.arguments.get("clock"), "day", DAY)
        return day

    def findings(self) -> Sequence[Message]:
        """What was found, the answer first; a subclass says it."""
        return ()

    def messages(self) -> Sequence[Message]:
        """The findings, and after them what limits every result of this log."""
        clock: Any = self.arguments.get("clock")
        said = [Message("result.clock", {"clock": clock.said})] if getattr(clock, "counts_work", False) else []
        notes = (
            (self.none, not len(self)),
            ("result.grid", not self.exact),
            ("result.cut", self.about.cut),
            ("result.simulated", self.about.simulated),
        )
        late = [step for step in self.about.history if step.key == LATE_VALUE]
        return [*late, *self._found(), *said, *(Message(key) for key, holds in notes if holds)]

    def _found(self) -> Sequence[Message]:
        """The findings; of groups, what is found in each of the first, with its name in front."""
        if not len(self):
            return ()
        if not self.groups:
            return self.findings()
        told = list(self.parts().items())
        said = [
            Message("result.group", {"group": name, "said": one})
            for name, part in told[:MOST_GROUPS]
            for one in list(part.findings())[:1]
        ]
        more = len(told) - MOST_GROUPS
        return [*said, *([Message("result.more_groups", {"more": more})] if more > 0 else [])]

    def parts(self) -> Mapping[str, Self]:
        """Each group's own result, by the group's name, in the order of the rows."""
        if not self.groups:
            return {"": self}
        keys = list(zip(*(self.rows[name] for name in self.groups)))
        parts: dict[str, Self] = {}
        for key in dict.fromkeys(keys):
            here = np.array([one == key for one in keys])
            rows = {one: column[here] for one, column in self.rows.items() if one not in self.groups}
            name = ", ".join(map(str, key))
            parts[name if name not in parts else " | ".join(map(str, key))] = replace(self, rows=rows, groups=())
        return parts

    def shown(self) -> Rows:
        """The rows that a page or a terminal shows; all are in `rows`."""
        return self.rows

    def sentences(self) -> list[str]:
        return [message.say() for message in self.messages()]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The picture, on axes of its own in print size, or on yours."""
        raise ValueError(f"{type(self).__name__} has no picture; .frame holds its rows, .to_excel writes them.")

    def plot_last(self, ax: Axes | None = None) -> Axes:
        """The last group's picture, with its name in the title: for kinds that cannot draw groups side by side."""
        name, last = list(self.parts().items())[-1]
        axes = last.plot(ax)
        title = axes.get_title(loc="left")
        for text in axes.get_children():
            if getattr(text, "get_text", str)() == title:
                cast("Any", text).set_text(f"{title}: {visible(name)}")
        return axes

    @property
    def pictured(self) -> bool:
        """Whether there is something to draw."""
        return len(self) > 0 and type(self).plot is not Result.plot

    @property
    def alt(self) -> str:
        """The picture in words, for those who cannot see it."""
        return " ".join(self.sentences())

    def image(self) -> str:
        """The picture as an <img> that holds its data, or nothing where there is none."""
        from procmine.draw.picture import image_tag

        return image_tag(cast("Figure", self.plot().figure), self.alt) if self.pictured else ""

    def save(self, path: str | Path) -> Path:
        """Write the picture as .png (300 dpi), .svg or .pdf; replaces `path` when complete."""
        from procmine.draw.picture import save

        return save(cast("Figure", self.plot().figure), path, alt=self.alt)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and text; durations in seconds, times as ISO text."""
        rows = {name: plain(column) for name, column in self.rows.items()}
        said = {"sentences": self.sentences(), "definition": self.definition, "exact": self.exact}
        return {**said, "rows": rows, "about": self.about.to_dict()}

    def sheet(self, title: str = "") -> Sheet:
        """The rows as a sheet of a workbook, with the definition, the sentences and the filters beside it."""
        columns = dict(in_days(name, column, self.day) for name, column in self.rows.items())
        history = [step.say() for step in self.about.history]
        return Sheet(title or type(self).__name__, columns, [self.definition, *self.sentences(), *history])

    def to_excel(self, path: str | Path) -> None:
        """A workbook with a sheet of rows (durations in days) and one of definitions; replaces `path` when complete."""
        write_workbook([self.sheet()], Message("sheet.definitions").say(), Path(path))

    def __str__(self) -> str:
        return "\n".join([*self.sentences(), "", *table(self.shown(), self.day), "", self.definition])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(line)}</p>" for line in self.sentences())
        how = f"<details><summary>{escape(Message('result.how').say())}</summary><p>{escape(self.definition)}</p></details>"
        return f"{said}{self.image()}{html_table(self.shown(), self.day)}{how}"


def timedeltas(seconds: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    """Float seconds as timedelta64[s]; nan, and an end of a range without a bound, as NaT."""
    told = np.isfinite(seconds)
    whole = np.where(told, np.asarray(seconds, np.float64), 0.0).round().astype("m8[s]")
    return np.where(told, whole, np.timedelta64("NaT", "s"))


def days(duration: np.timedelta64) -> float:
    return float(duration / np.timedelta64(1, "D"))


def seconds(duration: np.timedelta64) -> float:
    return float(duration / np.timedelta64(1, "s"))


def plain(column: NDArray[Any]) -> list[Any]:
    """JSON-able: seconds for durations, ISO text for times, None for what is missing."""
    if column.dtype.kind == "m":
        column = column / np.timedelta64(1, "s")
    if column.dtype.kind == "f":
        return [None if np.isnan(value) else value for value in column.tolist()]
    if column.dtype.kind == "M":
        return [None if np.isnat(value) else str(value) for value in column]
    values: list[Any] = column.tolist()
    return values


def _length(value: float, day: float) -> str:
    """Days of the clock; of calendar time less than a day in hours, less than an hour in minutes."""
    units = [(day, "d"), *([(3_600.0, "h"), (60.0, "min")] if day == DAY and value else [])]
    size, unit = next((one for one in units if abs(value) >= 0.95 * one[0]), units[-1])
    return f"{value / size:,.1f}\N{NO-BREAK SPACE}{unit}"


def in_days(name: str, column: NDArray[Any], day: float = DAY) -> tuple[str, NDArray[Any]]:
    """Heading and values for a sheet: lengths of time as numbers of the clock's days, and the heading says so."""
    if column.dtype.kind != "m":
        return heading(name), column
    unit = Message("sheet.days" if day == DAY else "sheet.working_days").say()
    return f"{heading(name)} ({unit})", column / np.timedelta64(1, "s") / day


def heading(column: str) -> str:
    """What users read above a column."""
    key = f"column.{column}"
    return Message(key).say() if key in ENGLISH else column.replace("_", " ")


def table(rows: Rows, day: float = DAY, most: int = MOST_SHOWN) -> list[str]:
    """The first rows as aligned text; durations in days, shares in percent."""
    cells = [[heading(name), *(cell(name, value, day) for value in column[:most])] for name, column in rows.items()]
    widths = [max(map(len, column)) for column in cells]
    lines = ["  ".join(one.ljust(width) for one, width in zip(line, widths)).rstrip() for line in zip(*cells)]
    more = len(next(iter(rows.values()))) - most if rows else 0
    return [*lines, *([Message("result.more", {"more": more}).say()] if more > 0 else [])]


def html_table(rows: Rows, day: float = DAY, most: int = MOST_SHOWN) -> str:
    """The same as an HTML table; every cell is escaped."""
    head = "".join(f'<th scope="col">{escape(heading(name))}</th>' for name in rows)
    cells = [[escape(cell(name, value, day)) for value in column[:most]] for name, column in rows.items()]
    body = "".join("<tr>" + "".join(f"<td>{one}</td>" for one in line) + "</tr>" for line in zip(*cells))
    more = len(next(iter(rows.values()))) - most if rows else 0
    note = f"<p>{escape(Message('result.more', {'more': more}).say())}</p>" if more > 0 else ""
    return f'<table class="procmine"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}'


SHARES = ("share", "likely", "low", "high")  # columns of parts of one, said in percent


def cell(name: str, value: Any, day: float = DAY) -> str:
    if isinstance(value, np.timedelta64):
        return "-" if np.isnat(value) else _length(seconds(value), day)
    if isinstance(value, np.datetime64):
        return "-" if np.isnat(value) else str(value).replace("T", " ")
    if isinstance(value, float):
        if np.isnan(value):
            return "-"
        return f"{value:.1%}" if name.startswith(SHARES) else f"{value:,.3g}"
    return f"{value:,}" if isinstance(value, int | np.integer) and not isinstance(value, bool) else visible(str(value))
