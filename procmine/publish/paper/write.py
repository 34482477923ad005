"""Write: a document as the file that its name asks for, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from procmine.draw.files import replace_whole
from procmine.publish.page import write_page
from procmine.publish.paper.blocks import Paper
from procmine.publish.paper.html import as_html
from procmine.publish.paper.pdf import as_pdf, as_pictures

SUFFIXES = (".pdf", ".html", ".htm", ".png")


def write_paper(paper: Paper, path: str | Path) -> list[Path]:
    """.pdf, .html (.htm), or .png: then NAME-1.png, NAME-2.png ..., one a page. The files that were written."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"A document is written as {', '.join(SUFFIXES)}; {path.name!r} ends with {path.suffix!r}.")
    if suffix in (".html", ".htm"):
        return [write_page(path, as_html(paper))]
    if suffix == ".pdf":
        return [_written(path, as_pdf(paper))]
    pages = as_pictures(paper)
    return [_written(path.with_stem(f"{path.stem}-{number}"), page) for number, page in enumerate(pages, 1)]


def _written(path: Path, content: bytes) -> Path:
    with replace_whole(path) as beside:
        beside.write_bytes(content)
    return path
