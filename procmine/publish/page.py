"""Pages: plain HTML in one file that loads nothing, with every text escaped and its audience on top."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NewType

import numpy as np

from procmine.about import About, Audience
from procmine.draw.files import replace_whole
from procmine.log import shown
from procmine.words import Language, Message, spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
Html = NewType("Html", str)  # text that may stand in a page as it is


@dataclass(frozen=True)
class Stamp:
    """What every page says of itself: for whom, data up to which day (text), from which files (name or hash), of what."""

    audience: Audience
    until: str
    source: Mapping[str, str]
    simulated: bool = False
    title: str = ""
    language: str = "en"

    @classmethod
    def of(cls, about: About, audience: Audience | None = None) -> Stamp:
        """For the log's audience unless another is named; a page for the public tells the month only."""
        whom = audience or about.audience
        day = str(shown(about, np.array([about.cutoff]))[0])[:10]
        hashes = {name: one for name, one in about.source.items() if "hash" in name or "sha" in name}
        source = dict(about.source) if whom == "team" else hashes
        return cls(whom, day[:7] if whom == "public" else day, source, about.simulated, about.title)

    @property
    def mark(self) -> str:
        return Message(f"audience.{self.audience}").say()

    @property
    def head(self) -> str:
        """For the top of every page: for whom it is, and that nobody has reviewed its language."""
        speaks = spoken()
        draft = isinstance(speaks, Language) and speaks.draft
        return f"{self.mark} {Message('brief.not_reviewed').say()}" if draft else self.mark

    def lines(self) -> list[str]:
        """The foot of the page."""
        from procmine import __version__

        simulated = [Message("result.simulated").say()] if self.simulated else []
        data = Message("page.data", {"title": self.title or Message("page.untitled").say(), "until": self.until}).say()
        source = "; ".join(f"{name}: {value}" for name, value in self.source.items())
        from_files = [Message("page.source", {"source": source}).say()] if source else []
        made = "" if self.audience == "public" else date.today().isoformat()
        made = made or date.today().isoformat()[:7]
        return [
            data,
            *simulated,
            *from_files,
            Message("page.made", {"version": __version__, "day": made}).say(),
            self.mark,
        ]


def text(words: str) -> Html:
    return Html(escape(words, quote=True))


def flowing(words: str) -> Html:
    """Escaped text in which no date is broken at the end of a line."""
    return Html(DATE.sub(r'<span class="date">\g<0></span>', text(words)))


def paragraph(words: str, kind: str = "") -> Html:
    return Html(f"<p{_class(kind)}>{flowing(words)}</p>")


def heading(words: str, level: int = 2) -> Html:
    return Html(f"<h{level}>{flowing(words)}</h{level}>")


def listing(lines: Sequence[str]) -> Html:
    return Html("<ul>" + "".join(f"<li>{flowing(line)}</li>" for line in lines) + "</ul>") if lines else Html("")


def joined(parts: Sequence[Html], kind: str = "") -> Html:
    """The parts one after the other; within one block if it has a kind."""
    inner = "\n".join(parts)
    return Html(f"<div{_class(kind)}>{inner}</div>") if kind else Html(inner)


def picture(image: Figure | bytes | str, alt: str, *, caption: str = "", across: int = 0) -> Html:
    """A figure, the bytes of a PNG, or the text of an SVG (shown as an image, so that nothing in it can run).

    `across`: of a PNG or SVG, at most so many pixels wide; 0: as many as it has.
    """
    if not alt.strip():
        raise ValueError("A picture needs its text for those who cannot see it: alt='...'.")
    below = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    return Html(f"<figure>{_image(image, alt, across)}{below}</figure>")


def scrolled(table: str, label: str) -> Html:
    """A table that scrolls within the page, also by the keyboard; `label`: what it is, for those who cannot see it."""
    return Html(f'<div class="scroll" role="region" tabindex="0" aria-label="{text(label)}">{table}</div>')


def folded(summary: str, parts: Sequence[Html], *, open: bool = False) -> Html:
    state = " open" if open else ""
    return Html(f"<details{state}><summary>{text(summary)}</summary>{joined(parts, 'how')}</details>")


def how_we_know(lines: Sequence[str]) -> Html:
    """Definitions, filters and notes, folded."""
    return folded(Message("result.how").say(), [paragraph(line) for line in dict.fromkeys(lines) if line])


def figures(numbers: Sequence[tuple[str, str, str]]) -> Html:
    """Large numbers side by side: the number, what it is, and its range or count."""
    said = [
        f'<div><span class="number">{text(number)}</span> <span class="what">{text(what)}</span> '
        f'<span class="range">{flowing(note)}</span></div>'
        for number, what, note in numbers
    ]
    return Html(f'<div class="figures">{"".join(said)}</div>')


@dataclass(frozen=True)
class Link:
    """A file beside the page; `also`: further forms of the same (name -> file)."""

    name: str
    path: str
    about: str = ""
    also: Mapping[str, str] | None = None


def links(listed: Sequence[Link]) -> Html:
    """Links to files beside the page; a name with a scheme is refused."""
    lines = []
    for one in listed:
        also = " ".join(f'<a href="{_address(path)}">{text(name)}</a>' for name, path in (one.also or {}).items())
        below = f'<span class="also">{also}</span>' if also else ""
        about = f"<span>{text(one.about)}</span>" if one.about else ""
        lines.append(f'<li><strong><a href="{_address(one.path)}">{text(one.name)}</a></strong>{about}{below}</li>')
    return Html(f'<ul class="links">{"".join(lines)}</ul>')


def broken(reasons: Sequence[str]) -> Html:
    """The red banner of a report that is not complete."""
    said = "".join(paragraph(reason) for reason in reasons)
    return Html(f'<div class="broken" role="alert"><strong>{text(Message("report.broken").say())}</strong>{said}</div>')


def page(
    title: str, parts: Sequence[Html], stamp: Stamp, *, kind: str = "report", foot: Sequence[str] = (), mark: str = ""
) -> str:
    """The whole file. `kind` is the look: "report", "brief", "demo" or "paper a4"; `foot`: more lines for the foot; `mark`:
    stands across the top, and of each page on paper where the browser can do that."""
    footer = "\n".join(paragraph(line) for line in [*stamp.lines(), *foot])
    marked = [Html(f'<p class="draft-mark">{text(mark)}</p>')] if mark else []
    values = {
        "language": text(stamp.language),
        "title": text(title),
        "style": _piece("page.css") + _marked_pages(mark),
        "kind": text(kind),
        "audience": text(stamp.audience),
        "mark": text(stamp.head),
        "body": "\n".join([*marked, *parts]),
        "footer": footer,
    }
    return Template(_piece("page.html")).substitute(values)


def _marked_pages(mark: str) -> str:
    """The mark as a string of CSS: every sign by its number, so that none can end it."""
    if not mark:
        return ""
    content = "".join(f"\\{ord(sign):x} " for sign in mark)
    return (
        f'@page {{ @top-center {{ content: "{content}"; width: 100%; background: #8c1015; color: #fff; font: 700 9pt/1.6 '
        "sans-serif; text-align: center; height: 1.6em; margin-top: 7mm; } }\n"
    )


def write_page(path: Path, content: str) -> Path:
    """UTF-8; whole or not at all. Refuses a page that would load something from elsewhere."""
    loads = loaded_from_elsewhere(content)
    if loads:
        raise ValueError(f"{path.name} would load {len(loads)} thing(s) from elsewhere, first {loads[0]}.")
    with replace_whole(path) as beside:
        beside.write_text(content, encoding="utf-8", newline="\n")
    return path


def loaded_from_elsewhere(content: str) -> list[str]:
    """What a browser would load when the page opens: every address outside the file, scripts, and handlers of events.

    Links that a reader must click are no loads.
    """
    found = _Loads()
    found.feed(content)
    found.close()
    return found.addresses


LOADING = ("src", "srcset", "poster", "background", "action", "formaction", "ping", "data", "manifest", "xlink:href")
HARMLESS_LINKS = ("a", "area")
STYLE_LOADS = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)[^)]*", re.IGNORECASE)


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.addresses: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if tag in ("script", "iframe", "object", "embed", "base", "frame"):
            self.addresses.append(f"<{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, (value or "").strip())

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.addresses += STYLE_LOADS.findall(data)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        loads = name in LOADING or (name == "href" and tag not in HARMLESS_LINKS)
        if loads and value and not value.startswith(("data:", "#")):
            self.addresses.append(value)
        if name.startswith("on") or value.lower().startswith("javascript:"):
            self.addresses.append(f"{name}={value}")
        if name == "style":
            self.addresses += STYLE_LOADS.findall(value)
        if tag == "meta" and value.lower() == "refresh":
            self.addresses.append("<meta refresh>")


def _image(image: Figure | bytes | str, alt: str, across: int) -> str:
    from procmine.draw.picture import image_tag

    if not isinstance(image, bytes | str):
        return image_tag(image, alt)
    data, form = (image.encode(), "svg+xml") if isinstance(image, str) else (image, "png")
    look = f' style="width:{across}px;max-width:100%;height:auto"' if across else ""
    return f'<img alt="{text(alt)}"{look} src="data:image/{form};base64,{base64.b64encode(data).decode("ascii")}">'


def _address(path: str) -> Html:
    """A relative address with its blanks and letters percent-encoded."""
    from urllib.parse import quote, urlsplit

    if urlsplit(path).scheme or path.startswith(("/", "\\")):
        raise ValueError(f"A page links to files beside it only, not to {path!r}.")
    return text(quote(path.replace("\\", "/"), safe="/#"))


def _class(kind: str) -> str:
    return f' class="{text(kind)}"' if kind else ""


def _piece(name: str) -> str:
    return files("procmine.publish").joinpath(name).read_text(encoding="utf-8")
