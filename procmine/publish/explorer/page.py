"""Page: the explorer as one file that runs its own code and nothing else, and that asks for nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from procmine.draw.picture import image_tag
from procmine.publish.page import Stamp
from procmine.words import Message, visible

SCRIPTS = (
    "text",
    "data",
    "count",
    "choose",
    "state",
    "map",
    "detail",
    "controls",
    "paths",
    "table",
    "replay",
    "search",
    "start",
)


def page(written: Mapping[str, Any], stamp: Stamp, picture: str) -> str:
    """`written`: what the code reads; `picture`: an <img> for where scripts are off, and for print."""
    script, style = "\n".join(_piece(f"{name}.js") for name in SCRIPTS), _piece("explorer.css")
    script = f'"use strict";\n(() => {{\n{script}\n}})();\n'
    title = visible(stamp.title) or Message("explorer.title").say()
    return Template(_piece("explorer.html")).substitute(
        language=escape(stamp.language, quote=True),
        script_hash=_hash(script),
        style_hash=_hash(style),
        title=escape(title),
        audience=stamp.audience,
        mark=escape(stamp.head),
        style=style,
        script=script,
        picture=picture,
        data=as_json(written),
        no_script=escape(Message("explorer.no_script").say()),
        foot="".join(f"<p>{escape(line)}</p>" for line in stamp.lines()[:-1]),
    )


def as_json(written: Mapping[str, Any]) -> str:
    """JSON that can stand in a page: no sign of it can end the element or begin another."""
    plain = json.dumps(written, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        plain = plain.replace(sign, f"\\u{ord(sign):04x}")
    return plain


def picture_of(figure: Any, alt: str) -> str:
    """An <img> without a style of its own, which the page's rules would refuse."""
    tag = image_tag(figure, alt)
    before, _, rest = tag.partition(' style="')
    return before + rest.partition('"')[2]


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(content.encode('utf-8')).digest()).decode('ascii')}'"


def _piece(name: str) -> str:
    return files("procmine.publish.explorer").joinpath(name).read_text(encoding="utf-8")
