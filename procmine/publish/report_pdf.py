"""Report as a document: what a notebook shows, in its order, as blocks; the same outputs as on its page, and no others."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from procmine.about import Audience
from procmine.publish.capture import MIME, Handed
from procmine.publish.page import Stamp
from procmine.publish.paper.blocks import Block, Box, Heading, Listing, Paper, Paragraph, Picture, Table
from procmine.publish.paper.flow import LEVELS, each
from procmine.words import Message

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
PICTURES = "pictures"
PICTURE_NAME = re.compile(r"\d{2,}-[a-z0-9-]+\.(png|svg)")
MOST_NAME = 40  # letters of a picture's name


def shown_blocks(notebook: Any, audience: Audience) -> list[Block]:
    """Before the outputs are taken out: text, results, and what else cells showed; the latter for the team only."""
    return [block for cell in notebook.cells for block in _of_cell(cell, audience)]


def report_paper(
    title: str, blocks: Sequence[Block], stamp: Stamp, *, head: str, foot: Sequence[str], problems: Sequence[str]
) -> Paper:
    """The document of a report; one that is not complete says so in a red box on top."""
    broken = [Paragraph(Message("report.broken").say(), "answer"), *(Paragraph(one) for one in problems)]
    top: list[Block] = [Box(broken, "warning")] if problems else []
    about = [Paragraph(head, "about")] if head else []
    return Paper(title, [*top, *about, *blocks], stamp, stamp.language, foot=foot)


def write_pictures(blocks: Sequence[Block], folder: Path) -> None:
    """Each picture as a file of `folder/pictures`, numbered as it is read, named after the heading above it."""
    pictures = list(_named(blocks))
    if pictures:
        (folder / PICTURES).mkdir()
    for number, (name, image) in enumerate(pictures, 1):
        end, content = ("svg", image.encode("utf-8")) if isinstance(image, str) else ("png", image)
        (folder / PICTURES / f"{number:02}-{name}.{end}").write_bytes(content)


def _named(blocks: Sequence[Block]) -> Iterator[tuple[str, bytes | str]]:
    above = ""
    for one in each(blocks):
        if isinstance(one, Heading):
            above = one.text
        if isinstance(one, Picture):
            yield file_name(above), one.image


def file_name(text: str) -> str:
    """Small letters a to z, digits and hyphens: a name that every system takes."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    short = words if len(words) <= MOST_NAME else words[: MOST_NAME + 1].rpartition("-")[0] or words[:MOST_NAME]
    return short or "picture"


def _of_cell(cell: Any, audience: Audience) -> Iterator[Block]:
    if cell.cell_type == "markdown":
        yield from markdown_blocks(cell.source)
    if cell.cell_type == "code":
        for output in cell.outputs:
            yield from _of_output(output, audience)


def _of_output(output: Any, audience: Audience) -> list[Block]:
    """Errors are told on top; warnings are not told."""
    data = output.get("data", {})
    if MIME in data:
        return list(Handed.from_dict(data[MIME]).blocks)
    if output.output_type == "stream":
        return _lines(output.text) if audience == "team" and output.name == "stdout" else []
    if output.output_type == "error":
        return []
    return _of_data(data) if audience == "team" else [Paragraph(Message("safety.withheld").say(), "withheld")]


def _of_data(data: Mapping[str, Any]) -> list[Block]:
    """The richest form that paper can hold."""
    plain = str(data.get("text/plain", ""))
    if "text/html" in data:
        return _lines(html_text(data["text/html"]))
    if "text/markdown" in data:
        return markdown_blocks(data["text/markdown"])
    if "image/svg+xml" in data:
        return [Picture("".join(data["image/svg+xml"]), plain or Message("paper.picture").say())]
    if "image/png" in data:
        return [Picture(base64.b64decode(data["image/png"]), plain or Message("paper.picture").say())]
    return _lines(plain)


def _lines(text: str) -> list[Block]:
    return [Paragraph(line.strip()) for line in ANSI.sub("", text).splitlines() if line.strip()]


def html_text(html: str) -> str:
    """What a page says, without its marks; a block or a row of a table on a line of its own."""
    found = _Text()
    found.feed(html)
    found.close()
    return "".join(found.said)


class _Text(HTMLParser):
    LINES = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "figure")
    SILENT = ("script", "style", "head", "title")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        if tag in self.LINES:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT and self._silent > 0
        if tag in self.LINES or tag in ("td", "th"):
            self.said.append("\n" if tag in self.LINES else "   ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(re.sub(r"\s+", " ", data))


def markdown_blocks(source: str) -> list[Block]:
    """Headings, paragraphs, lists and tables as plain text: no marks, no addresses, no pictures, no HTML."""
    import mistune

    tokens: Any = mistune.create_markdown(renderer=None, plugins=["table"])(source)
    return [block for one in tokens for block in _of_token(one)]


def _of_token(token: Mapping[str, Any]) -> list[Block]:
    kind, inner = token["type"], token.get("children", [])
    if kind == "heading":
        return [Heading(_said(token), LEVELS[min(token["attrs"]["level"], 3) - 1])]
    if kind in ("paragraph", "block_text"):
        return [Paragraph(_said(token))] if _said(token) else []
    if kind == "list":
        return [Listing(_items(token), numbered=bool(token["attrs"]["ordered"]))]
    if kind == "table":
        return [_of_table(inner)]
    if kind == "block_code":
        return _lines(token["raw"])
    return [block for one in inner for block in _of_token(one)] if kind == "block_quote" else []


def _items(listing: Mapping[str, Any]) -> list[str]:
    """One line an item; those of a list within follow the item they belong to."""
    lines = []
    for item in listing["children"]:
        parts = [one for one in item["children"] if one["type"] != "list"]
        lines.append(" ".join(filter(None, map(_said, parts))))
        lines += [line for one in item["children"] if one["type"] == "list" for line in _items(one)]
    return lines


def _of_table(sections: Sequence[Mapping[str, Any]]) -> Table:
    head = sections[0]["children"]
    right = [place for place, one in enumerate(head) if one["attrs"].get("align") == "right"]
    lines = [[_said(one) for one in row["children"]] for part in sections[1:] for row in part["children"]]
    return Table([_said(one) for one in head], lines, numbers=right)


def _said(token: Mapping[str, Any]) -> str:
    if token["type"] in ("softbreak", "linebreak"):
        return " "
    if token["type"] in ("inline_html", "block_html", "blank_line"):
        return ""
    if token["type"] in ("text", "codespan"):
        return unescape(token["raw"]) if token["type"] == "text" else str(token["raw"])
    return str(token.get("raw", "")) or "".join(map(_said, token.get("children", []))).strip()
