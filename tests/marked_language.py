"""A language made of English in other letters, by which one sees what is not said in it."""

import re
from string import Formatter

import numpy as np

from procmine.words import ENGLISH, Language

LETTERS = "abcdefghijklmnopqrstuvwxyz"
OTHER = {ord(letter): 0x0561 + place for place, letter in enumerate(LETTERS)}  # Armenian: a font of matplotlib has them
OTHER |= {ord(letter.upper()): 0x0531 + place for place, letter in enumerate(LETTERS)}
WORD = re.compile(r"[A-Za-z]{3,}")


def marked(line: str) -> str:
    """The same in other letters; fields as they are, but for the nouns that a count brings along."""
    parts = []
    for text, field, spec, _ in Formatter().parse(line):
        parts.append(text.translate(OTHER).replace("{", "{{").replace("}", "}}"))
        if field is not None:
            told = spec.translate(OTHER) if spec and "|" in spec else spec
            parts.append(f"{{{field}{':' + told if told else ''}}}")
    return "".join(parts)


def marked_language() -> Language:
    return Language("el", "Marked", {key: marked(line) for key, line in ENGLISH.items()})


def unmarked(texts, known) -> list[str]:
    """Words in plain letters, once what is known (labels, the team's own words) is taken out."""
    left = []
    for text in texts:
        for one in sorted({*known}, key=len, reverse=True):
            text = text.replace(one, " ") if one else text
        left += WORD.findall(text)
    return sorted({*left})


def of_log(log, *more) -> set[str]:
    """What stands in a log: its names and values, and what the plan says in its own words."""
    about = log.about
    names = {
        *about.activities,
        *about.attributes,
        *about.outcomes.values(),
        *about.tags.values(),
        about.title,
        *about.source.values(),
    }
    values = {one for text in log.attributes.values() for one in text.levels.to_pylist() if len(text.levels) < 200}
    pauses = {str(one) for pause in about.clock.get("pauses") or () for one in pause.values()}
    return names | values | pauses | set(about.source) | {*_texts(list(more))}


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple | np.ndarray):
        for one in value:
            yield from _texts(one)
