"""Repairs that the spec asks for in columns of text: steps renamed or split, values replaced by pseudonyms."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from procmine.load.arrays import numbers, strings, whole_numbers
from procmine.load.columns import persons
from procmine.load.events.watch import listed
from procmine.load.raw import Raw
from procmine.load.text import as_coded, codes_and_levels
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from procmine.load.columns import Columns

SHORTEST = 16  # characters of a key
LENGTH = 16  # characters of a pseudonym: 80 bits, so that a million values have no two alike
TEXT_ONLY = ("activity", "timestamp", "start", "arrival", "order", "lifecycle")


@dataclass(frozen=True, eq=False)
class Repaired:
    """The source with its repairs, and what the log's history says of them."""

    raw: Raw
    history: tuple[Message, ...] = ()


def repaired(raw: Raw, columns: Columns, renames: Mapping[str, str], by: Mapping[str, str]) -> Repaired:
    """Steps renamed, then split by the column that `by` names for each of them, under its new name."""
    if columns.activity is None:
        return Repaired(raw)
    first = renamed(raw, columns.activity, renames) if renames else Repaired(raw)
    then = split(first.raw, columns, by) if by else Repaired(first.raw)
    return Repaired(then.raw, (*first.history, *then.history))


def renamed(raw: Raw, step: str, renames: Mapping[str, str]) -> Repaired:
    """Steps under their new names; LogError if none of the old names is there."""
    coded = as_coded(raw.table[step])
    names = coded.dictionary.to_pylist()
    absent = [old for old in renames if old not in names]
    _check(absent, renames, names, "renames", raw.name)
    count = _counts(coded)
    told = [
        Message("fixed.rename", {"old": old, "new": new, "n": count[names.index(old)]})
        for old, new in renames.items()
        if old in names
    ]
    told += [Message("fixed.rename.absent", {"steps": listed(absent)})] if absent else []
    new = [name if name is None else renames.get(name, name) for name in names]
    return Repaired(_with(raw, step, _relabelled(coded, new)), tuple(told))


def split(raw: Raw, columns: Columns, by: Mapping[str, str]) -> Repaired:
    """One step for each value of a column, "Hearing (first)", where one label means several things."""
    step = str(columns.activity)
    coded = as_coded(raw.table[step])
    codes, none = numbers(coded.indices.cast("int64"))
    names = coded.dictionary.to_pylist()
    absent = [old for old in by if old not in names]
    _check(absent, by, names, "split_steps", raw.name)
    labels, told = list(names), []
    codes[none] = -1
    for label, column in by.items():
        _check_column(raw, columns, label, column)
        if label not in names:
            continue
        here = np.flatnonzero(codes == names.index(label))
        value, levels = codes_and_levels(raw.table[column])
        used = [code for code in range(len(levels)) if np.any(value[here] == code)]
        place = np.full(len(levels) + 1, codes[here[0]] if len(here) else 0)
        place[used] = len(labels) + np.arange(len(used))
        labels += [f"{label} ({levels[code]})" for code in used]
        codes[here] = place[value[here]]
        told.append(Message("fixed.split", {"step": label, "column": column, "n": len(used), "rows": len(here)}))
        empty = int(np.count_nonzero(value[here] < 0))
        told += [Message("fixed.split.empty", {"step": label, "n": empty, "column": column})] if empty else []
    told += [Message("fixed.split.absent", {"steps": listed(absent)})] if absent else []
    return Repaired(_with(raw, step, _dictionary(codes, labels)), tuple(told))


def left_out(steps: Sequence[str], known: Collection[str], rows: int) -> list[Message]:
    """What the history says of steps that are no work; LogError if none of them is there."""
    absent = [step for step in steps if step not in known]
    _check(absent, steps, list(known), "leave_out", "the data")
    there = [step for step in steps if step in known]
    told = [Message("fixed.leave_out", {"steps": listed(there), "n": rows})]
    return told + ([Message("fixed.leave_out.absent", {"steps": listed(absent)})] if absent else [])


def dated(steps: Sequence[str], known: Collection[str], rows: int) -> list[Message]:
    """What the history says of steps of which only the date is taken; LogError if none of them is there."""
    absent = [step for step in steps if step not in known]
    _check(absent, steps, list(known), "by_date", "the data")
    there = [step for step in steps if step in known]
    told = [Message("fixed.by_date", {"steps": listed(there), "n": rows})]
    return told + ([Message("fixed.by_date.absent", {"steps": listed(absent)})] if absent else [])


def pseudonymised(raw: Raw, columns: Sequence[str], pseudonym: Callable[[str], str]) -> Raw:
    """The source with the values of some columns replaced; what is empty stays so.

    Rows that could not be split into columns lose their text, which holds such values too.
    """
    table = raw.table
    for name in columns:
        codes, levels = codes_and_levels(table[name])
        hidden = _dictionary(codes, [pseudonym(level) for level in levels])
        table = table.set_column(table.column_names.index(name), name, hidden)
    return without_text(replace(raw, table=table))


def without_text(raw: Raw) -> Raw:
    """The source without the text of rows that could not be split into columns."""
    said = Message("load.ragged.hidden").say()
    return replace(raw, ragged=dict.fromkeys(raw.ragged, said)) if raw.ragged else raw


def pseudonyms(key_from: str) -> Callable[[str], str]:
    """The pseudonym of a value: HMAC-SHA256 under the key in this environment variable, 16 letters and digits."""
    key = os.environ.get(key_from, "")
    if len(key) < SHORTEST:
        what = "is not set" if not key else f"holds fewer than {SHORTEST} characters"
        raise LogError(
            f"pseudonymise: the environment variable {key_from} {what}. It holds the key of the pseudonyms. Make one with\n"
            '  python -c "import secrets; print(secrets.token_hex(32))"\n'
            f'and set it before the start: export {key_from}="..." (Windows: $env:{key_from} = "..."). Keep it where the '
            "data are kept, and not with the results: with it, names can be looked up again; without it, new data get other "
            "pseudonyms."
        )

    def pseudonym(value: str) -> str:
        made = hmac.new(key.encode(), value.encode(), hashlib.sha256).digest()
        return base64.b32encode(made).decode().lower()[:LENGTH]

    return pseudonym


def _check(absent: Sequence[str], wanted: Collection[str], known: Sequence[str | None], key: str, source: str) -> None:
    if wanted and len(absent) == len(wanted):
        there = listed(sorted(name for name in known if name))
        raise LogError(
            f"{key}: no step in {source} is called {listed(list(absent))}. There are: {there}. Write steps as the data do."
        )


def _check_column(raw: Raw, columns: Columns, label: str, column: str) -> None:
    if column not in raw.table.column_names:
        raise LogError(
            f"split_steps: there is no column {column!r} (for {label!r}). There are: {', '.join(raw.table.column_names)}."
        )
    if persons([column], columns):
        raise LogError(
            f"split_steps: the column {column!r} (for {label!r}) names people, who would stand in the names of steps. "
            "Split by their unit or role."
        )


def _counts(coded: pa.DictionaryArray) -> list[int]:
    codes, none = numbers(coded.indices.cast("int64"))
    found: list[int] = np.bincount(codes[~none], minlength=len(coded.dictionary)).tolist()
    return found


def _relabelled(coded: pa.DictionaryArray, names: Sequence[str | None]) -> pa.DictionaryArray:
    """With other names, of which several may be equal."""
    codes, none = numbers(coded.indices.cast("int64"))
    levels = list(dict.fromkeys(names))
    number = {name: place for place, name in enumerate(levels)}
    place = np.array([number[name] for name in names] or [0], np.int64)
    return _dictionary(np.where(none, -1, place[codes * ~none]), levels)


def _dictionary(codes: np.ndarray[tuple[int], np.dtype[np.int64]], levels: Sequence[str | None]) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(whole_numbers(codes, codes >= 0).cast(pa.int32()), strings(levels))


def _with(raw: Raw, name: str, column: pa.Array) -> Raw:
    table = raw.table
    return replace(raw, table=table.set_column(table.column_names.index(name), name, column))
