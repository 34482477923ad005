"""Rows set aside: written as a workbook to mend, and read again in place of the rows of the source."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from procmine.draw.files import replace_whole
from procmine.draw.workbook import MOST_ROWS, harmless
from procmine.kernels.flow import Ints
from procmine.load.arrays import strings, whole_numbers
from procmine.load.raw import IN_FILE, Places, Raw, file_hash
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from procmine.load.events.table import Given

Key: TypeAlias = "tuple[str, int]"  # a row of the source: its file, and its number there
KEPT = ("kept", "joined")  # the first of the reasons: these rows are in the log
ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # _x0041_ is an A in a workbook
ROWS, SEAL = "rows", "rows_sha256"
FIXED = 4  # columns before those of the source


@dataclass(frozen=True, eq=False)
class Mending:
    """Sources with rows mended by hand: which these are, which are to be left out, and what the log's history says."""

    raws: Sequence[Raw]
    changed: Collection[Key] = frozenset()
    left_out: Collection[Key] = frozenset()
    history: tuple[Message, ...] = ()
    source: Mapping[str, str] = field(default_factory=dict)

    def into(self, given: Given) -> Given:
        """What the user said about the log, with what is known of this."""
        source, history = {**given.source, **self.source}, (*given.history, *self.history)
        return replace(given, left_out=self.left_out, history=history, source=source)


@dataclass
class _Line:
    """A row of the workbook."""

    key: Key
    reasons: list[str]
    text: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)


def write_aside(
    raw: Raw,
    why: NDArray[np.uint8],
    folder: Path,
    *,
    reasons: Sequence[str],
    source: Mapping[str, str],
    mending: Mending | None = None,
) -> Path | None:
    """The rows set aside as NAME.set-aside.xlsx in `folder`; None if there are none.

    `raw` is the table that the log was made of, `why` a place in `reasons` for each of its rows; the workbook holds the
    rows of the sources (`mending.raws`, if they were another table before) as they stood there. With them come those
    mended by hand before, so that the newest workbook holds all of them. A workbook in which somebody has written since
    is not replaced: the new one gets a number. More rows than a sheet holds make a .csv file.
    """
    mending = mending or Mending([raw])
    found = _found(raw, why, reasons, mending)
    if not found:
        return None
    lines = sorted(_lines(found, mending.raws), key=lambda line: line.key)
    names = list(dict.fromkeys(name for one in mending.raws for name in one.table.column_names))
    header = [*(Message(f"aside.column.{name}").say() for name in ("file", "line", "reason", "text")), *names]
    table: list[list[str | int]] = [[_cell(one) for one in header], *(_row(line, names) for line in lines)]
    info = {**_made_from(source, mending.raws), SEAL: _seal(table)}
    folder.mkdir(parents=True, exist_ok=True)
    final = _free(folder, raw.name, ".xlsx" if len(lines) <= MOST_ROWS else ".csv")
    with replace_whole(final) as beside:
        (_write_book if final.suffix == ".xlsx" else _write_text)(table, info, beside)
    return final


def mend(raws: Sequence[Raw], path: Path, source: Mapping[str, str]) -> Mending:
    """The sources with the rows that somebody changed in a workbook of rows set aside (see `write_aside`).

    A cell that nobody touched is what the source says. A row that could not be split into columns is mended by filling
    them. A row whose reason says "leave out" stays aside. LogError where the workbook was made for other data, or has rows
    that these do not have; nothing is taken in part.
    """
    header, rows, info = _read(path)
    _check_made_from(path, info, _made_from(source, raws), source)
    _check_names(path, header, raws)
    given = _keyed(path, rows)
    out = Message("aside.leave_out").say().casefold()
    left = frozenset(key for key, row in given.items() if row[2].strip().casefold() == out)
    mended, changed, known = [], set[Key](), set[Key]()
    for raw in raws:
        here = {key: row for key, row in given.items() if key[0] in _files(raw)}
        one, keys, there = _mended(raw, here, header, path)
        mended.append(one)
        changed |= keys
        known |= there
    strange = [key for key in given if key not in known]
    if strange:
        raise LogError(
            f"{path.name}: {len(strange):,} of its rows are not in the data; the first says line {strange[0][1]:,} of "
            f"{strange[0][0]}. Leave the columns file and line as they were written; new rows belong into the data."
        )
    said = [Message("fixed.mended", {"n": len(changed - left), "file": path.name})] if changed - left else []
    said += [Message("fixed.left_out", {"n": len(left), "file": path.name})] if left else []
    read = {"mended": path.name, "mended_sha256": file_hash(path)}
    return Mending(mended, frozenset(changed - left), left, tuple(said), read)


def ragged_of(raw: Raw) -> dict[Key, str]:
    """The rows that could not be split into columns."""
    return {(file, number): text for file, number, text in raw.lost()}


def _found(raw: Raw, why: NDArray[np.uint8], reasons: Sequence[str], mending: Mending) -> dict[Key, list[str]]:
    """Why each row of the sources is in the workbook."""
    place = np.flatnonzero(~np.isin(why, [reasons.index(one) for one in KEPT]))
    found: dict[Key, list[str]] = {}
    stood = zip(raw.file_names(place), raw.row_numbers(place).tolist(), raw.column_names(place), why[place].tolist())
    for file, number, column, code in stood:
        said = Message(f"load.reason.{reasons[code]}").say() + (f" ({column})" if column else "")
        known = found.setdefault((file, number), [])
        known += [said] if said not in known else []
    ragged = [key for one in mending.raws for key in ragged_of(one)]
    found |= {key: [Message("load.reason.ragged").say()] for key in ragged}
    mended = Message("load.reason.mended").say()
    found |= {key: [mended] for key in mending.changed if key not in found}
    return found | {key: [Message("aside.leave_out").say()] for key in mending.left_out}


def _lines(found: Mapping[Key, list[str]], raws: Sequence[Raw]) -> Iterator[_Line]:
    """The rows as they stood in the sources."""
    for raw in raws:
        place = raw.rows_of(found)
        columns = {name: _texts(raw.table[name], place) for name in raw.table.column_names}
        for nth, key in enumerate(zip(raw.file_names(place), raw.row_numbers(place).tolist())):
            yield _Line(key, found[key], cells={name: column[nth] for name, column in columns.items()})
        yield from (_Line(key, found[key], text) for key, text in ragged_of(raw).items())


def _texts(column: pa.ChunkedArray, place: Ints) -> list[str]:
    """Some values of a column as text; empty where there is none."""
    import pyarrow as pa

    taken = column.take(whole_numbers(place))
    if pa.types.is_dictionary(taken.type):
        taken = taken.cast(taken.type.value_type)
    return [value or "" for value in taken.cast(pa.string()).to_pylist()]


def _row(line: _Line, names: Sequence[str]) -> list[str | int]:
    said = _cell("; ".join(line.reasons))
    return [
        _cell(line.key[0]),
        line.key[1],
        said,
        _cell(line.text),
        *(_cell(line.cells.get(name, "")) for name in names),
    ]


def _cell(text: str) -> str:
    """Text as it may stand in a cell."""
    return str(harmless(text))


def _uncovered(text: str) -> str:
    """What somebody meant who wrote this into a cell: without the sign that keeps it from being a formula."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) != text[1:] else text


def _made_from(source: Mapping[str, str], raws: Sequence[Raw]) -> dict[str, str]:
    """What tells this version of the data from others: the files' hashes; of a frame, that of its rows."""
    files = {name: value for name, value in source.items() if not name.startswith(("spec", "mended"))}
    return files if any("sha256" in name for name in files) else {ROWS: _hash(raws)}


def _hash(raws: Sequence[Raw]) -> str:
    import pyarrow as pa

    whole = sha256()
    for raw in raws:
        for column in raw.table.itercolumns():
            plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
            for value in plain.cast(pa.string()).to_pylist():
                whole.update(b"\0" if value is None else value.encode() + b"\1")
    return whole.hexdigest()


def _seal(table: Sequence[Sequence[object]]) -> str:
    """A hash of the rows, by which is seen whether somebody has written in them since."""
    whole = sha256()
    for row in table:
        whole.update("\0".join(str(one) for one in row).rstrip("\0").encode() + b"\1")
    return whole.hexdigest()


def _free(folder: Path, name: str, kind: str) -> Path:
    """A name that is free, or whose file holds nothing that a hand has written."""
    stem = f"{name.removesuffix('.gz')}.set-aside"
    numbers: Iterable[str] = (f"-{number}" if number > 1 else "" for number in range(1, 10_000))
    return next(one for one in (folder / f"{stem}{number}{kind}" for number in numbers) if _untouched(one))


def _untouched(path: Path) -> bool:
    if not path.exists():
        return True
    try:
        header, rows, info = _read(path)
    except LogError:
        return False
    return info.get(SEAL) == _seal([header, *rows])


def _write_book(table: Sequence[Sequence[str | int]], info: Mapping[str, str], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(Message("aside.sheet.rows").say())
    sheet.freeze_panes = "E2"
    for column, width in zip("ABCD", (24, 8, 34, 24)):
        sheet.column_dimensions[column].width = width
    heads, cells = ([WriteOnlyCell(sheet) for _ in table[0]] for _ in range(2))
    for head, cell in zip(heads, cells):
        head.font, cell.number_format = Font(bold=True), "@"  # as text: what is typed stays as it was typed
    for place, row in enumerate(table):
        here = cells if place else heads
        for one, value in zip(here, row):
            one.value = ESCAPED.sub("_x005F_", value) if isinstance(value, str) else value
            one.data_type = "s" if isinstance(value, str) else "n"
        sheet.append(here)  # which writes them at once
    _explain(book.create_sheet(Message("aside.sheet.do").say()), info)
    book.save(path)


def _explain(sheet: Any, info: Mapping[str, str]) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 100, 70
    for number in range(1, 7):
        sheet.append([Message(f"aside.do.{number}").say()])
    sheet.append([])
    sheet.append([Message("aside.info").say()])
    for name, value in info.items():
        sheet.append([harmless(name), harmless(value)])


def _write_text(table: Sequence[Sequence[str | int]], info: Mapping[str, str], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([*info.items(), [], *table])


def _read(path: Path) -> tuple[list[str], list[list[str]], dict[str, str]]:
    """Header, rows and information of a workbook of rows set aside."""
    if not path.is_file():
        raise LogError(f"There is no file {path}: name the workbook that set_aside wrote, with its rows mended.")
    sheets = _text_sheets(path) if path.suffix.lower() == ".csv" else _book_sheets(path)
    fixed = [Message(f"aside.column.{name}").say() for name in ("file", "line", "reason", "text")]
    rows = next((rows for rows in sheets if rows and rows[0][:FIXED] == fixed), None)
    if rows is None:
        raise LogError(
            f"{path.name} has no sheet that begins with the columns {', '.join(fixed)}: it is not a workbook of rows set "
            "aside, or its first row was changed."
        )
    info = {row[0]: row[1] for sheet in sheets if sheet is not rows for row in sheet if len(row) > 1 and row[1]}
    header = rows[0]
    while not header[-1]:
        header.pop()
    wide = [(row + [""] * len(header))[: len(header)] for row in rows[1:]]
    return header, [row for row in wide if any(row)], info


def _book_sheets(path: Path) -> list[list[list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        grids = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except (CalamineError, OSError) as error:
        raise LogError(f"{path.name} cannot be read as a workbook: {error}") from error
    return [[[_typed(cell) for cell in row] for row in grid] for grid in grids]


def _typed(cell: Any) -> str:
    """A cell as text; what a spreadsheet made a number or a date is written as this door reads it."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def _text_sheets(path: Path) -> list[list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise LogError(f"{path.name} cannot be read: {error}. Save it as CSV in UTF-8.") from error
    begins = next((place for place, row in enumerate(rows) if not row), -1) + 1
    return [rows[begins:], rows[:begins]]


def _check_made_from(path: Path, info: Mapping[str, str], now: Mapping[str, str], source: Mapping[str, str]) -> None:
    other = [name for name, value in now.items() if info.get(name) != value]
    if not other:
        return
    if not any(name in info for name in now):
        raise LogError(
            f"{path.name} does not say for which data it was made: its sheet {Message('aside.sheet.do').say()!r} is missing "
            "or was changed. Write the rows aside again with set_aside, and mend that workbook."
        )
    data = source.get(other[-1].removesuffix("_sha256"), "the data")
    raise LogError(
        f"{path.name} was made for another version of {data}: line numbers may have moved, so no row was mended. Write the "
        "rows aside again with set_aside, and carry your corrections over."
    )


def _check_names(path: Path, header: Sequence[str], raws: Sequence[Raw]) -> None:
    known = {_cell(name) for raw in raws for name in (*raw.names, *raw.table.column_names)}
    strange = [name for name in header[FIXED:] if name not in known]
    if strange:
        raise LogError(
            f"{path.name}: the data have no column {strange[0]!r}. Leave the names of the columns as they were written."
        )


def _keyed(path: Path, rows: Sequence[list[str]]) -> dict[Key, list[str]]:
    """The rows by where they stood."""
    given: dict[Key, list[str]] = {}
    for place, row in enumerate(rows, 2):
        number = row[1].strip()
        if not number.isdecimal():
            raise LogError(
                f"{path.name}, row {place:,}: the column line must say which line of the data this is. Leave the columns "
                "file and line as they were written; new rows belong into the data."
            )
        key = (_uncovered(row[0]), int(number))
        if key in given:
            raise LogError(f"{path.name}, row {place:,}: line {key[1]:,} of {key[0]} is there twice. Keep one of them.")
        given[key] = row
    return given


def _files(raw: Raw) -> set[str]:
    return {raw.name} if raw.places is None else {raw.name, *raw.places.files}


def _mended(
    raw: Raw, given: Mapping[Key, list[str]], header: Sequence[str], path: Path
) -> tuple[Raw, set[Key], set[Key]]:
    """The source with its mended rows; which rows somebody changed, and which there are."""
    place = raw.rows_of(given)
    keys = list(zip(raw.file_names(place), raw.row_numbers(place).tolist()))
    ragged = {key: text for key, text in ragged_of(raw).items() if key in given}
    own = {_cell(name): name for name in raw.table.column_names}
    columns = {own[name]: at for at, name in enumerate(header) if at >= FIXED and name in own}
    table, changed = raw.table, set[Key]()
    for name, at in columns.items():
        now = [given[key][at] for key in keys]
        other = [nth for nth, (old, new) in enumerate(zip(_texts(table[name], place), now)) if _cell(old) != new]
        if other:
            table = _replaced(table, name, place[other], [_uncovered(now[nth]) for nth in other], path)
            changed |= {keys[nth] for nth in other}
    filled = sorted(key for key in ragged if any(given[key][at] for at in columns.values()))
    mended = replace(raw, table=table)
    mended = _with_rows(
        mended, {key: {n: _uncovered(given[key][at]) for n, at in columns.items()} for key in filled}, path
    )
    return mended, changed | set(filled), {*keys, *ragged}


def _replaced(table: pa.Table, name: str, place: Ints, values: Sequence[str], path: Path) -> pa.Table:
    """The table with other values in some rows of a column."""
    import pyarrow as pa

    column, kind = table[name], table.schema.field(name).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    new = _as(kind, [value or None for value in values], name, path)
    order = np.arange(len(column))
    order[place] = len(column) + np.arange(len(values))
    joined = pa.chunked_array([*column.cast(kind).chunks, new], kind)
    return table.set_column(table.column_names.index(name), name, joined.take(whole_numbers(order)))


def _as(kind: pa.DataType, values: Sequence[str | None], name: str, path: Path) -> pa.Array:
    """What was typed, as the source holds it."""
    import pyarrow as pa

    try:
        return strings(values).cast(kind)
    except pa.ArrowInvalid:  # which says the value: it is not passed on
        what = "a time such as 2026-01-31 14:05" if pa.types.is_temporal(kind) else "a number"
        raise LogError(
            f"{path.name}: in the column {name!r} the data hold {what}, and a mended cell is none."
        ) from None


def _with_rows(raw: Raw, filled: Mapping[Key, Mapping[str, str]], path: Path) -> Raw:
    """The source with rows that could not be split into columns, where they stood."""
    import pyarrow as pa

    if not filled:
        return raw
    kinds = {one.name: one.type for one in raw.table.schema}
    plain = {name: kind.value_type if pa.types.is_dictionary(kind) else kind for name, kind in kinds.items()}
    added = [_as(kind, [row.get(name) or None for row in filled.values()], name, path) for name, kind in plain.items()]
    whole = raw.table.cast(pa.schema(plain)) if plain != kinds else raw.table
    old, places = np.arange(len(raw.table)), raw.places
    files = (raw.name,) if places is None else places.files
    code = np.append(
        np.zeros(len(old), np.int64) if places is None else places.file, [files.index(file) for file, _ in filled]
    ).astype(np.int64)
    number = np.append(raw.row_numbers(old), [number for _, number in filled]).astype(np.int64)
    order = np.lexsort((number, code))

    def grown(table: pa.Table) -> pa.Table:
        nothing = pa.table([pa.nulls(len(filled), one.type) for one in table.schema], table.column_names)
        return pa.concat_tables([table, nothing]).take(whole_numbers(order))

    rest = raw.rest
    table = pa.concat_tables([whole, pa.table(added, raw.table.column_names)]).take(whole_numbers(order))
    split = {files.index(file) * IN_FILE + number for file, number in filled}
    ragged = {key: text for key, text in (raw.ragged or {}).items() if key not in split}
    return replace(
        raw,
        table=table,
        ragged=ragged or None,
        places=Places(files, code[order], number[order]),
        rest=None if rest is None else lambda: grown(rest()),
    )
