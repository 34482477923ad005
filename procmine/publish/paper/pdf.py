"""PDF: a document set by typst, which checks it for readers that speak (PDF/UA-1); the same bytes for the same document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from procmine.publish.paper.blocks import Paper
from procmine.publish.paper.data import Room, blocks_data
from procmine.publish.paper.fit import End, Setting, cut, fit
from procmine.words import visible

SIZES = {"a4": (595.28, 841.89), "us-letter": (612.0, 792.0)}  # points
ACROSS = 17.0  # millimetres beside the text
ABOVE_AND_BELOW = 43.0
ACROSS_LANDSCAPE = 11.0
TIGHT, GUTTER = 8.0, 7.0  # points: rows of tables with widths, and between their columns
LEAST = 8.5  # points: no other text is smaller
COLOURS: Mapping[str, str] = {
    "ink": "#1b2733",
    "soft": "#4a5763",
    "line": "#c3cbd3",
    "tint": "#f3f6f9",
    "warm": "#fdf1f1",
    "strong": "#8c1015",
    "white": "#ffffff",
}
READ_ON = {"ink": ("white", "tint", "warm"), "soft": ("white", "tint", "warm"), "white": ("strong",)}
FONTS = ("DejaVu Sans", "Last Resort High-Efficiency")
TEMPLATE = "paper.typ"
FOOT_LETTERS = 60  # of the title in the foot of each page


def as_pdf(paper: Paper) -> bytes:
    """Tagged, with title, language and the text of each picture; on exactly `paper.pages` pages if it says so.

    Raises ValueError for a picture without its text, or for what does not fit.
    """
    done: bytes = _compile(paper, fitted(paper), format="pdf", pdf_standards=["ua-1"])
    return done


def as_pictures(paper: Paper, *, dpi: int = 110) -> list[bytes]:
    """Each page as PNG."""
    done = _compile(paper, fitted(paper), format="png", ppi=dpi)
    return done if isinstance(done, list) else [done]


def page_count(paper: Paper) -> int:
    """Of the PDF as it would be."""
    return max(one.page for one in _ends(paper, fitted(paper)))


def fitted(paper: Paper) -> Setting:
    """How the document is set so that it fills its pages."""
    if not paper.title.strip():
        raise ValueError("A document needs a title.")
    return fit(paper, lambda setting: _ends(paper, setting))


def _ends(paper: Paper, setting: Setting) -> Sequence[End]:
    typst = _typst()
    try:
        found = json.loads(_compiler(paper, setting).query("<at>", field="value"))
    except typst.TypstError as error:
        raise _refused(error) from error
    return [End(**one) for one in found]


def _compile(paper: Paper, setting: Setting, **how: Any) -> Any:
    typst = _typst()
    try:
        return _compiler(paper, setting).compile(**how)
    except typst.TypstError as error:
        raise _refused(error) from error


def _refused(error: Exception) -> ValueError:
    said = [str(getattr(error, "message", error)), *getattr(error, "hints", [])]
    return ValueError(f"The document cannot be a PDF that everybody can read: {'; '.join(said)}.")


def _compiler(paper: Paper, setting: Setting) -> Any:
    here = Path(__file__).parent
    data = json.dumps(_data(paper, setting), ensure_ascii=False)
    return _typst().Compiler(
        str(here / TEMPLATE), root=str(here), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"paper": data}
    )


def _typst() -> Any:
    import typst

    return typst


@cache
def _fonts() -> Any:
    """The letters that come with matplotlib, found without loading it: the same on every machine."""
    found = find_spec("matplotlib")
    folder = Path(str(found.origin if found else "")).parent / "mpl-data" / "fonts" / "ttf"
    fonts = _typst().Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    missing = [one for one in FONTS if one not in fonts.families()]
    if missing:
        raise ValueError(f"The letters {missing[0]!r} of matplotlib are not in {folder}: install matplotlib again.")
    return fonts


def _data(paper: Paper, setting: Setting) -> dict[str, Any]:
    room = _room(paper, setting)
    language, _, region = paper.language.partition("-")
    stamp, short = paper.stamp.lines(), replace(paper.stamp, title=cut(paper.stamp.title, FOOT_LETTERS))
    return {
        "title": visible(paper.title),
        "language": language,
        "region": region if len(region) == 2 else None,
        "size": paper.size,
        "landscape": paper.landscape,
        "across": across(paper),
        "tight": TIGHT,
        "gutter": GUTTER,
        "text": setting.text,
        "least": LEAST,
        "fonts": FONTS,
        "colours": COLOURS,
        "mark": room.said(paper.mark, 1.2),
        "audience": room.said(paper.stamp.head),
        "line": room.said(short.lines()[0]),
        "foot": [room.said(one) for one in [*stamp, *paper.foot]],
        "parts": [blocks_data(part, room) for part in setting.parts],
    }


def across(paper: Paper) -> float:
    """Millimetres beside the text."""
    return ACROSS_LANDSCAPE if paper.landscape else ACROSS


def _room(paper: Paper, setting: Setting) -> Room:
    wide, high = SIZES[paper.size][:: -1 if paper.landscape else 1]
    point = 72 / 25.4
    width, height = wide - 2 * across(paper) * point, high - ABOVE_AND_BELOW * point
    return Room(width, height, setting.text, max(LEAST, setting.text - 1), setting.pictures)
