"""Numbers: one workbook with the headline of every office, for the agency's centre, in which no small cell can be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.workbook import Sheet, write_workbook
from procmine.publish.batch.headline import COUNTS, Figure, Headline
from procmine.publish.batch.manifest import Manifest
from procmine.publish.batch.reason import named
from procmine.publish.few import LEAST, small
from procmine.publish.few_coarse import step_of
from procmine.words import Message

WORKBOOK = "headline.xlsx"
SIDES = 2  # a middle value stands on as many cases below it as above


def write_numbers(manifest: Manifest, folder: Path) -> Path:
    """Replaces the file when complete. No cell is a formula."""
    safe = safe_figures({office: one.figures for office, one in manifest.headlines.items()})
    newest = {office: tuple(one for one in some if one.month == manifest.month) for office, some in safe.items()}
    about = _about(manifest)
    notes = _definitions(newest)
    offices = _sheet(manifest, newest, "headline.sheet", notes)
    write_workbook(
        [about, offices, _sheet(manifest, safe, "headline.sheet.months", [])], _word("what"), folder / WORKBOOK
    )
    return folder / WORKBOOK


def safe_figures(figures: Mapping[str, Sequence[Figure]], least: int = LEAST) -> dict[str, tuple[Figure, ...]]:
    """What may stand side by side: figures of fewer than `least` cases are left out, and others until no total of a month
    gives them away; counts are rounded to `least`, parts to whole percents, days to whole days.

    A part needs `least` on either side of it, a middle value `least` below and above.
    """
    every = [(office, one) for office, some in figures.items() for one in some]
    gone = np.array([one.unit == "days" and one.n < SIDES * least for _, one in every], bool)
    for name in {one.figure for _, one in every if one.unit != "days"}:
        here = np.flatnonzero([one.figure == name for _, one in every])
        told = [every[k] for k in here]
        keys = {"office": np.array([office for office, _ in told], object)}
        keys |= {key: np.array([getattr(one, key) for _, one in told], object) for key in ("month", "of")}
        gone[here] = small(np.array([_side(one, least) for _, one in told], np.int64), keys, least)
    safe: dict[str, list[Figure]] = {office: [] for office in figures}
    for (office, one), left_out in zip(every, gone):
        safe[office].append(_hidden(one) if left_out else _rounded(one, least))
    return {office: tuple(some) for office, some in safe.items()}


def _side(one: Figure, least: int) -> int:
    """How many cases it is of; of a part the smaller side, where that is of few."""
    if one.unit != "share" or one.value is None:
        return one.n
    side = round(min(one.value, 1 - one.value) * one.n)
    return side if 0 < side < least else one.n


def _hidden(one: Figure) -> Figure:
    return replace(one, value=None, low=None, high=None, n=-1)


def _rounded(one: Figure, least: int) -> Figure:
    n = round(one.n / least) * least
    if one.figure in COUNTS:
        return replace(one, value=float(n), n=n)
    step = float(step_of(np.array([one.n]), least)[0]) if one.unit == "share" else 1.0
    value, low, high = (_round(end, step) for end in (one.value, one.low, one.high))
    return replace(one, n=n, value=value, low=low, high=high)


def _round(value: float | None, step: float) -> float | None:
    return None if value is None else round(round(value / step) * step, 2)


def _about(manifest: Manifest) -> Sheet:
    title = Message("headline.sheet.title", {"title": manifest.title, "month": manifest.month}).say()
    audience = "public" if manifest.audience == "public" else "agency"
    lines = [title, Message(f"audience.{audience}").say(), Message("headline.sheet.rules", {"least": LEAST}).say()]
    lines += [
        Message("page.made", {"version": manifest.made_with.get("procmine", ""), "day": manifest.ended[:10]}).say()
    ]
    return Sheet(_word("about"), {_word("about"): np.array(lines, object)}, [])


def _sheet(manifest: Manifest, figures: Mapping[str, Sequence[Figure]], key: str, notes: Sequence[str]) -> Sheet:
    """A row an office and figure; offices by name."""
    order = sorted(figures, key=lambda office: manifest.title_of(office).casefold())
    rows = [_row(manifest, manifest.headlines[office], office, one) for office in order for one in figures[office]]
    names = ("office", "month", "period", "from", "to", "figure", "value", "unit", "low", "high", "n")
    columns: dict[str, NDArray[Any]] = {}
    for place, name in enumerate(names):
        column = [row[place] for row in rows]
        number = name in ("value", "low", "high", "n")
        columns[_word(name)] = np.array(column, np.float64 if number else object)
    return Sheet(Message(key).say(), columns, notes)


def _row(manifest: Manifest, whole: Headline, office: str, one: Figure) -> tuple[Any, ...]:
    newest = one.month == whole.month
    days = (whole.first, whole.last) if newest else ("", "")
    kind = Message(f"headline.kind.{whole.kind}").say()
    numbers = [np.nan if value is None else value for value in (one.value, one.low, one.high)]
    unit = Message(f"headline.unit.{one.unit}").say()
    n = np.nan if one.n < 0 else one.n
    return (manifest.title_of(office), one.month, kind, *days, named(one).say(), numbers[0], unit, *numbers[1:], n)


def _definitions(figures: Mapping[str, Sequence[Figure]]) -> list[str]:
    names = dict.fromkeys(one.figure for some in figures.values() for one in some)
    told = [(named(Figure("", name, "cases", None, 0, of="…")), Message(f"define.headline.{name}")) for name in names]
    return [Message("headline.sheet.definition", {"what": what, "how": how}).say() for what, how in told]


def _word(name: str) -> str:
    return Message(f"headline.sheet.{name}").say()
