"""Readers: a sheet of a catalogue for a native reader, what the reader wrote taken back, and the reader's signature."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import TypeAlias

from procmine.draw.files import replace_whole
from procmine.draw.workbook import FORMULA_STARTS, Sheet, write_workbook
from procmine.languages import HERE, Catalogue, catalogue, codes, digest, language
from procmine.settings import SettingsError
from procmine.words import DAY, ENGLISH, Language, Message, Span, Value

HEAD = ("key", "English", "translation", "as on a page", "better")
DAYS = frozenset(
    ("day", "since", "until", "change", "cutoff", "date", "recorded", "seen", "last", "by", "begin", "end")
)
LENGTHS = frozenset(
    ("p50", "p80", "p90", "half", "mean", "time", "within", "watched", "difference", "saving", "target")
)
LENGTHS |= {"limit", "before", "after", "bound", "visible"}
FORMS = (2, 4)  # one, other; one, few, many, other
FIRST_TOLD = 5
Part: TypeAlias = "tuple[str, str | None, str | None, str | None]"  # of a sentence: text, then a value with its form


@dataclass(frozen=True)
class Translated:
    """How far a language is: sentences that it has of those there are; reviewed: "" while nobody has signed it."""

    code: str
    name: str
    done: int
    reviewed: str
    rooms: Mapping[str, tuple[int, int]]

    @property
    def rest(self) -> Mapping[str, tuple[int, int]]:
        """Rooms of which only a part is translated."""
        return {name: (done, of) for name, (done, of) in self.rooms.items() if 0 < done < of}


def translated(code: str) -> Translated:
    """Of one language; ValueError if there is none by that code."""
    from procmine.english import ROOMS

    spoken = _of(code)
    rooms = {
        room.__name__.rpartition(".")[2]: (sum(key in spoken.words for key in room.WORDS), len(room.WORDS))
        for room in ROOMS
    }
    return Translated(code, spoken.name, len(spoken.words), spoken.reviewed, rooms)


def _of(code: str) -> Language:
    spoken = language(code)
    if not isinstance(spoken, Language):
        raise ValueError(f"English is what the others are translated from; there are: {', '.join(codes()[1:])}.")
    return spoken


# ---- the sheet


def write_sheet(code: str, path: str | Path) -> int:
    """Every sentence of the catalogue in a row of a workbook, with an empty column to write a better one; how many."""
    import numpy as np

    spoken = _of(code)
    keys = sorted(spoken.words)
    lines = [(key, ENGLISH[key], spoken.words[key], example(key, spoken), "") for key in keys]
    columns = {name: np.array([line[place] for line in lines], dtype=object) for place, name in enumerate(HEAD)}
    notes = (Message("languages.sheet.how").say(), Message("languages.sheet.fields").say())
    write_workbook([Sheet(code, columns, notes)], Message("languages.sheet.notes").say(), Path(path))
    return len(keys)


def example(key: str, spoken: Language) -> str:
    """The sentence with values such as a page has."""
    fields = {name: spec or "" for _, name, spec, _ in Formatter().parse(ENGLISH[key]) if name is not None}
    if key.startswith(("span.", "count.")):
        return spoken[key].split("|")[-1].format_map(dict.fromkeys(fields, "5"))
    return Message(key, {name: _such_as(name, spec) for name, spec in fields.items()}).say(spoken)


def _such_as(name: str, spec: str) -> Value:
    if spec.endswith("%"):
        return 0.35
    if spec.endswith(("f", "g")):
        return 12.5
    if spec:
        return 1_234 if spec == "," else 22
    if name in DAYS:
        return "2026-10-31"
    return Span(72 * DAY) if name in LENGTHS else f"<{name}>"


# ---- what the reader wrote


def take_sheet(code: str, path: str | Path) -> tuple[str, ...]:
    """Put what stands under "better" into the catalogue; the keys that changed. SettingsError with all that does not fit.

    A signature ends with the first word that changes.
    """
    spoken = _of(code)
    better = dict(_better(Path(path)))
    wrong = [f"{key}: {why}" for key, (english, said) in better.items() if (why := misfit(key, english, said))]
    if wrong:
        more = f"\n... and {len(wrong) - FIRST_TOLD} more" if len(wrong) > FIRST_TOLD else ""
        raise SettingsError(
            f"{Path(path).name}: nothing was taken, {len(wrong)} of {len(better)} sentences do not fit:\n"
            + "\n".join(wrong[:FIRST_TOLD])
            + more
        )
    new = {key: _ends_of(spoken[key], said) for key, (_, said) in better.items()}
    changed = tuple(key for key, said in new.items() if spoken.words.get(key) != said)
    if changed:
        _write(catalogue(code).model_copy(update={"words": {**spoken.words, **new}}))
    return changed


def misfit(key: str, english: str, said: str) -> str:
    """Why a sentence cannot stand for the English one; "" if it can."""
    if key not in ENGLISH:
        return "no sentence has this key."
    if english != ENGLISH[key]:
        return f"the English one has changed since the sheet was written; now it is {ENGLISH[key]!r}."
    if not said.isprintable():
        return "it holds a line break or a sign that nobody sees; write it in one line."
    try:
        parts = list(Formatter().parse(said))
    except ValueError as error:
        return f"its braces do not fit ({error})."
    return _other_fields(key, parts) or _other_forms(key, parts)


def _other_fields(key: str, parts: Sequence[Part]) -> str:
    asked = {name for _, name, _, _ in Formatter().parse(ENGLISH[key]) if name is not None}
    found = {name for _, name, _, _ in parts if name is not None}
    if asked - found:
        return f"{{{sorted(asked - found)[0]}}} is missing."
    if found - asked:
        return f"{{{sorted(found - asked)[0]}}} is not in the English one."
    return ""


def _other_forms(key: str, parts: Sequence[Part]) -> str:
    asked = {(name, spec or "") for _, name, spec, _ in Formatter().parse(ENGLISH[key]) if name is not None}
    counts = {name for name, spec in asked if spec == "," or "|" in spec}
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if spec and "|" in spec and name in counts:
            if spec.count("|") + 1 not in FORMS:
                return f"{{{name}}} has {spec.count('|') + 1} forms; give two (one|other) or four (one|few|many|other)."
        elif conversion or not ((name, spec) in asked or (spec in ("", ",") and name in counts)):
            return f"{{{name}}} is not written as in English."
    return ""


def _ends_of(before: str, said: str) -> str:
    """With the blanks at its ends that the sentence had: parts of sentences are set together by them."""
    kept = before.strip(" ")
    return before[: before.index(kept)] + said.strip(" ") + before[before.index(kept) + len(kept) :]


def _better(path: Path) -> list[tuple[str, tuple[str, str]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise SettingsError(f"{path.name} cannot be read as an .xlsx workbook: {error}") from error
    lines = [[_text(cell) for cell in line] for line in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    head = lines[0] if lines else []
    if not {"key", "English", "better"} <= set(head):
        raise SettingsError(f"{path.name}: its first sheet needs the columns key, English and better; it has {head}.")
    key, english, better = (head.index(name) for name in ("key", "English", "better"))
    return [(line[key], (line[english], line[better])) for line in lines[1:] if line[better].strip()]


def _text(cell: object) -> str:
    """As it was before a sign was put in front so that no spreadsheet runs it."""
    said = "" if cell is None else str(cell)
    return said[1:] if said[:1] == "'" and said[1:].lstrip(" ").startswith(FORMULA_STARTS) else said


# ---- the signature


def sign(code: str, *, by: str, on: str) -> Translated:
    """Write into the catalogue who read it as a native reader (a role) and when, for the words as they are now."""
    _of(code)
    try:
        date.fromisoformat(on)
    except ValueError as error:
        raise ValueError(f"{on!r} is no day: write it as 2026-12-01.") from error
    read = catalogue(code)
    signed = {"by": by, "on": on, "of": digest(read.words)}
    _write(Catalogue.check({"language": read.language, "name": read.name, "signed": signed, "words": read.words}, code))
    return translated(code)


def _write(read: Catalogue) -> None:
    """One line a sentence; a signature of other words goes."""
    lines = [f"# procmine in {read.name}: a draft until a native reader signs it (docs/languages.md)."]
    lines[0] += " One line a sentence, keys as in procmine/english."
    lines += [f"language: {read.language}", f"name: {read.name}"]
    if read.signed and read.signed.of == digest(read.words):
        lines += ["signed:", *(f"  {name}: {_quoted(said)}" for name, said in read.signed.model_dump().items())]
    lines += ["words:", *(f"  {key}: {_quoted(said)}" for key, said in sorted(read.words.items()))]
    with replace_whole(HERE / f"{read.language}.yml") as beside:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    language.cache_clear()


def _quoted(said: str) -> str:
    return json.dumps(said, ensure_ascii=False)
