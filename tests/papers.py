"""Documents for tests, and what other programs say of them."""

import shutil
import subprocess
from io import BytesIO

import pytest

from procmine.draw.picture import new_figure, png, style
from procmine.publish.page import Stamp
from procmine.publish.paper.blocks import (
    Box,
    Columns,
    Figure,
    Figures,
    Folded,
    Heading,
    Listing,
    PageEnd,
    Paper,
    Paragraph,
    Picture,
    Table,
)

STAMP = Stamp("agency", "2026-10-31", {"data_sha256": "abc123"}, title="Child support")
HOSTILE = {
    "script": '<script>alert(1)</script><img src=x onerror="alert(2)">',
    "typst": r"#set text(red) $x$ *b* _i_ `c` @ref <label> \n // x #import 'x' [ ] { }",
    "right to left": "שלום עולם العربية abc 12",
    "emoji": "😀⚖️ court",
    "300 without blanks": "x" * 300,
    "300 with blanks": ("Review of the decision by the second chamber, " * 8)[:300],
    "formula": "=1+1|cmd",
}


def run(*command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} (poppler) is not there")
    return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout


def text_of(path, *more):
    """What poppler reads, without blanks: where a line ends is not of interest."""
    return (
        "".join(run("pdftotext", *more, str(path), "-").split())
        .replace("\u202a", "")
        .replace("\u202b", "")
        .replace("\u202c", "")
    )


def squeezed(text):
    return "".join(text.split())


def facts_of(path):
    lines = [line.partition(":") for line in run("pdfinfo", str(path)).splitlines()]
    return {name.strip(): value.strip() for name, _, value in lines}


def drawing(width=6.5, height=3.0, *, svg=False):
    with style():
        figure = new_figure(width, height)
        figure.subplots().plot([1, 3, 2, 5])
        if not svg:
            return png(figure)
        there = BytesIO()
        figure.savefig(there, format="svg", metadata={"Date": None, "Creator": None})
        return there.getvalue().decode()


def every_block():
    """Each kind of block at least once."""
    return [
        Box([Paragraph("Not yet seen by those who do the step.", bold="Draft.")], "draft"),
        Heading("Half of the families have their order within 2 days", 1),
        Paragraph("The lead of all.", "lead"),
        Figures([Figure("2 days", "until half have it", "before it was 72"), Figure("97 of 100", "in time")]),
        Columns(
            [Heading("What changed"), Listing(["line one", "line two"]), Paragraph("Since 2025-10-06.", "about")],
            [Picture(drawing(3.4, 2.4), "A line that rises from 1 to 5.", "Waits by month.")],
            left=0.55,
        ),
        Paragraph("The answer to it.", "answer"),
        Paragraph("Not shown.", "withheld"),
        Listing(["first", "second"], numbered=True),
        PageEnd(),
        Heading("How we know"),
        Picture(drawing(svg=True), "The same as drawn lines.", width=0.6),
        Table([*("office", "cases")], [["North", "812"], ["South", "1,201"]], "By office", "Rounded.", numbers=(1,)),
        Box([Paragraph("A quiet note.")]),
        Box([Paragraph("Not complete.")], "warning"),
        Folded("Definitions", [Paragraph("Share = time before the step / all waiting.")]),
    ]


def paper(blocks=None, **how):
    return Paper("A <b>brief</b> #title", every_block() if blocks is None else blocks, STAMP, **how)


def brief(label, **how):
    """Two pages, as full as pages are, on which a label stands in each place where labels stand."""
    first = [
        Heading(f"Of every 10 days that cases wait, 3.2 pass before one step: {label}", 1),
        Figures([Figure("2 days", f"until half had {label}", "likely 1 to 3"), Figure("97 of 100", "in time")]),
        Columns(
            [*(Paragraph(f"It is {label}, and some more words that say why.", bold=f"{n}. Where?") for n in range(6))],
            [Picture(drawing(3.4, 4.2), "A map."), Listing([f"{label} took longer {n}" for n in range(6)], least=2)],
        ),
        Paragraph("may go " * 40, spare=2),
    ]
    second = [
        Heading("Evidence"),
        Picture(drawing(), "A curve."),
        Table(["step", "n"], [[label, "1"], [label, "2"]]),
        Listing([f"{n} could be wrong, as {label} was" for n in range(8)], least=3),
        Folded("Definitions", [Paragraph("define " * 80, "how")], spare=1),
        Paragraph("Last of all."),
    ]
    return paper([*first, PageEnd(), *second], pages=2, labels=[label], mark="DRAFT", **how)
