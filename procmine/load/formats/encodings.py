"""The encoding of a text: told where the file proves it, else asked for, with what each encoding would make of it."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable

from procmine.log import LogError

MARKS = (  # the longer first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PLAUSIBLE = {  # what agencies in Europe export in, most usual first
    "cp1252": "Western Europe",
    "cp1250": "Central Europe",
    "cp1257": "the Baltic",
    "cp1251": "Cyrillic",
    "cp1253": "Greek",
    "cp1254": "Turkish",
    "cp1255": "Hebrew",
    "cp1256": "Arabic",
    "iso-8859-2": "Central Europe, other than Windows",
    "cp850": "Western Europe, DOS",
    "cp852": "Central Europe, DOS",
    "mac_roman": "old Macintosh",
}
WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
SHOWN = 3  # words in a preview
LONG = 16  # bytes of a word in a preview


def known(encoding: str) -> str:
    """The name by which Python knows an encoding of text; ValueError where it does not."""
    try:
        b"a".decode(encoding, "replace")
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError) as error:
        raise ValueError(f"No encoding is called {encoding!r}; cp1252, cp1257 or utf-8 are such names.") from error


def encoding_of(head: bytes, said: str | None, name: str) -> str:
    """The encoding of a text that begins with `head`: the one it is marked with, the one that was said, or UTF-8."""
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    if said is None:
        if marked is None and b"\0" in head:
            raise LogError(
                f"{name} is not text: it holds zero bytes. Is it a spreadsheet, an archive or a database? If it is text of "
                'another kind, say which: Columns(encoding="utf-16-le").'
            )
        return marked or "utf-8"
    told = known(said)
    if marked is not None and marked.replace("-", "") != re.sub(r"[-_]|sig|[lb]e$", "", told):
        raise LogError(
            f"{name} begins with the mark of {marked} and so is not {said}. Leave out Columns(encoding=...)."
        )
    return told


def bad_words(values: Iterable[bytes], encoding: str) -> list[bytes]:
    """The first few different words that are no text in an encoding."""
    found: dict[bytes, None] = {}
    for value in values:
        for word in WORD.findall(value):
            if word not in found and not _reads(word, encoding):
                found[word] = None
                if len(found) == SHOWN:
                    return list(found)
    return list(found)


def around(block: bytes, at: int) -> bytes:
    """A byte that cannot be read, with one letter on each side, if they are letters: too little to tell a name."""
    begin, end = max(at - 1, 0), at + 2
    return next((one.group() for one in WORD.finditer(block[begin:end]) if one.end() + begin > at), block[at : at + 1])


def short(word: bytes) -> bytes:
    """A word, or the part of a long one about its first letter that is not plain."""
    if len(word) <= LONG:
        return word
    at = next(place for place, one in enumerate(word) if one >= 0x80)
    return word[max(at - LONG // 2, 0) : at + LONG // 2]


def preview(words: list[bytes]) -> str:
    """What each plausible encoding makes of some words, one line each to paste; those that are likely words come first."""
    readings: dict[tuple[str, ...], list[str]] = {}
    for encoding in PLAUSIBLE:
        read = tuple(_read(word, encoding) for word in words)
        if read and all(map(_letters, read)):
            readings.setdefault(read, []).append(encoding)
    ordered = sorted(readings, key=lambda read: sum(map(_odd, read)))
    lines = [f'  {", ".join(read)}: Columns(encoding="{_named(readings[read])}' for read in ordered]
    return "\n".join(lines)


def _named(encodings: list[str]) -> str:
    """The first encoding, closed, with what it is for, and others that read these words alike."""
    others = f"; as {', '.join(encodings[1:])} would" if len(encodings) > 1 else ""
    return f'{encodings[0]}")  ({PLAUSIBLE[encodings[0]]}{others})'


def _reads(word: bytes, encoding: str) -> bool:
    try:
        word.decode(encoding)
    except UnicodeError:
        return False
    return True


def _read(word: bytes, encoding: str) -> str:
    """A word in an encoding; empty where it is no text there."""
    return word.decode(encoding) if _reads(word, encoding) else ""


def _letters(word: str) -> bool:
    """Whether it is made of letters of one script only."""
    return word.isalpha() and len({unicodedata.name(one, "?").split()[0] for one in word if one not in "ªº"}) == 1


def _odd(word: str) -> bool:
    """Whether capitals stand where words have none."""
    return not (word.islower() or word.isupper() or word.istitle() or word == word.lower())
