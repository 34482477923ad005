"""Picture: a figure that comes out the same on every machine, with its text for those who cannot see it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from io import BytesIO
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from procmine.draw.files import replace_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The palette of Okabe and Ito (2008), told apart with any colour vision; with the line styles also in grey.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"
INK, SOFT, FAINT, PAPER = "#1B2733", "#5B6770", "#D5DBE1", "#FFFFFF"
SERIES = ((BLUE, "-"), (RED, (0, (5, 2))), (GREEN, (0, (1.5, 1.5))), (PURPLE, (0, (6, 2, 1.5, 2))), (INK, (0, (9, 3))))

SUFFIXES = (".png", ".svg", ".pdf")
SCREEN_DPI = 144
PRINT_DPI = 300

_LOCK = RLock()  # matplotlib's settings belong to the whole process
_OURS: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelsize": 9,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.hashsalt": "procmine",  # ids in the file do not change from run to run
    "svg.fonttype": "path",  # letters as drawn: the reader's machine may lack the font
    "pdf.fonttype": 42,  # letters as text: may be searched and copied
}
_NOT_OURS = (
    "backend",
    "interactive",
    "toolbar",
    "timezone",
    "tk.",
    "webagg.",
    "docstring.",
    "date.epoch",
    "savefig.dir",
)


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib's own defaults and ours over them, whatever the user has set; the user's come back afterwards."""
    import matplotlib

    with _LOCK:
        defaults = {name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith(_NOT_OURS)}
        settings: Any = {**defaults, **_OURS}
        with matplotlib.rc_context(settings):
            yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure in inches, outside pyplot: nothing keeps it alive, no window opens. Call within `style()`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def reword(figure: Figure, say: Callable[[str], str]) -> None:
    """Every text that is drawn, said otherwise."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if isinstance(text, Text):
            text.set_text(say(text.get_text()))


def png(figure: Figure, dpi: int = SCREEN_DPI) -> bytes:
    return _written(figure, ".png", dpi, "")


def image_tag(figure: Figure, alt: str, dpi: int = SCREEN_DPI) -> str:
    """An <img> that holds its picture and says in `alt` what it shows; shown at print size, never wider than the page."""
    if not alt.strip():
        raise ValueError("A picture on a page needs a text that says what it shows: pass alt=.")
    data = base64.b64encode(png(figure, dpi)).decode("ascii")
    across = round(float(figure.get_size_inches()[0]) * 96)
    look = f"width:{across}px;max-width:100%;height:auto"
    return f'<img alt="{escape(alt, quote=True)}" style="{look}" src="data:image/png;base64,{data}">'


def save(figure: Figure, path: str | Path, *, alt: str = "") -> Path:
    """Write PNG (300 dpi), SVG or PDF, as the suffix says, with `alt` as the file's description; whole or not at all."""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"A picture is saved as {', '.join(SUFFIXES)}; {path.name!r} ends with {path.suffix!r}.")
    with replace_whole(path) as beside:
        beside.write_bytes(_written(figure, path.suffix.lower(), PRINT_DPI, alt))
    return path


def _written(figure: Figure, suffix: str, dpi: int, alt: str) -> bytes:
    """The file's bytes, without date or version, so that the same picture is the same file."""
    meta: dict[str, dict[str, Any]] = {
        ".png": {"Software": None, **({"Description": alt} if alt else {})},
        ".svg": {"Date": None, "Creator": None, **({"Description": alt} if alt else {})},
        ".pdf": {"CreationDate": None, "Creator": None, "Producer": None, **({"Subject": alt} if alt else {})},
    }
    buffer = BytesIO()
    with style():
        figure.savefig(buffer, format=suffix[1:], dpi=dpi, metadata=meta[suffix])
    return buffer.getvalue()
