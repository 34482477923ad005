"""Wording: the sentences and signs that the page's own code says, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from procmine.words import ENGLISH, Language, visible

ROOMS = ("explorer.", "span.", "map.label.")


def dictionary(language: Mapping[str, str]) -> dict[str, Any]:
    """The sentences by key, with their blanks; the signs of numbers; the code of the language and the name of its plurals."""
    words = {key: language[key] for key in ENGLISH if key.startswith(ROOMS)}
    if not isinstance(language, Language):
        return {"language": "en", "words": words, "signs": {"group": ",", "decimal": ".", "percent": "{n}%"}}
    group, decimal = (language.marked(sign) for sign in (",", "."))
    percent = language.number(0.5, ".0%").replace("50", "{n}")
    signs = {"group": group, "decimal": decimal, "percent": percent}
    plural = [name for name in ("span.days",) if name in language.words]
    return {"language": visible(language.code), "words": words, "signs": signs, "forms": bool(plural)}
