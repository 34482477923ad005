"""Languages: catalogues of what users read, one YAML file each, drafts until a native reader has signed them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from procmine.settings import DAY, Field, Settings, SettingsError, load
from procmine.words import ENGLISH, Language

HERE = Path(__file__).parent


class Signed(Settings):
    """Who read the catalogue as a native reader, when, and which words these were (`digest` of them)."""

    by: str
    on: str = Field(pattern=f"^{DAY}$")
    of: str


class Catalogue(Settings):
    """A file of this folder. `words`: key -> sentence, as in procmine/english; nouns after a count have two or four forms."""

    language: str
    name: str
    signed: Signed | None = None
    words: dict[str, str]


def codes() -> tuple[str, ...]:
    """The languages there are, English first."""
    return ("en", *sorted(one.stem for one in HERE.glob("*.yml")))


@cache
def language(code: str) -> Mapping[str, str]:
    """English, or a catalogue by its code; ValueError with those that there are."""
    if code == "en":
        return ENGLISH
    if code not in codes():
        raise ValueError(f"No language {code!r}; there are: {', '.join(codes())}.")
    read = catalogue(code)
    signed = read.signed if read.signed and read.signed.of == digest(read.words) else None
    return Language(code, read.name, read.words, f"{signed.by}, {signed.on}" if signed else "")


def catalogue(code: str) -> Catalogue:
    """As it stands in its file; SettingsError with every place that is not as it should be."""
    name = f"{code}.yml"
    read = Catalogue.check(load((HERE / name).read_text(encoding="utf-8"), name), name)
    unknown = sorted(set(read.words) - set(ENGLISH))
    if unknown:
        raise SettingsError(f"{name}: {len(unknown)} keys that English does not have, first {unknown[0]!r}.")
    return read


def digest(words: Mapping[str, str]) -> str:
    """What a signature stands for: it ends when a word is changed."""
    return sha256(json.dumps(words, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
