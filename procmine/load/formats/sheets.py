"""What a workbook's package tells beside its cells: its kind and size, its epoch, what is hidden, merged or in error."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from procmine.log import LogError

Merged = list[tuple[tuple[int, int], tuple[int, int]]]  # first and last cell (row, column) of each, from 0
BLOCK = 1 << 22
UNPACKED, RATIO = 1 << 30, 200  # an archive that unpacks to more than both of these is a bomb
CELLS, SPARSE = 10_000_000, 20  # a sheet of more cells, of which fewer than one in SPARSE is filled
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
FILLED = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([A-Z]{1,3})(\d{1,7})["'][^>]*(?<!/)>(?!</)""")
ERROR = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?t=["']e["']""")
HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s(?:[^>]*?\s)?hidden=["'](?:1|true)["']""")
HIDDEN_COLUMN = re.compile(rb"""<(?:\w+:)?col\s(?:[^>]*?\s)?hidden=["'](?:1|true)["'][^>]*>""")
NO_VALUE = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*(?:<(?:\w+:)?f[^>]*/>|<(?:\w+:)?f(?:\s[^>]*)?>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
LONGEST = 300  # seconds to try a file in
TRIAL = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))
except (ImportError, ValueError, OSError):
    pass
from python_calamine import CalamineWorkbook
with open(sys.argv[1], "rb") as file:
    book = CalamineWorkbook.from_filelike(file)
    for place in range(len(book.sheet_names)):
        book.get_sheet_by_index(place)
"""


@dataclass
class Facts:
    """Of a sheet: counts of what is hidden, in error, or a formula without its value; `merged` where it is known here."""

    hidden_rows: int = 0
    hidden_columns: int = 0
    errors: int = 0
    uncomputed: int = 0
    merged: Merged | None = None
    unknown: bool = False  # nothing of this can be known of such a file


@dataclass
class Package:
    """A workbook's facts, by the name of the sheet."""

    sheets: dict[str, Facts] = field(default_factory=dict)
    epoch_1904: bool = False
    known: bool = False

    def facts(self, sheet: str) -> Facts:
        return self.sheets.get(sheet, Facts(unknown=not self.known))


def kind_of(path: Path) -> str:
    """What a file is by its first bytes, whatever its name says: zip, ole, html, xml, text, empty or binary."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        return "empty"
    if head.startswith(ZIP):
        return "zip"
    if head.startswith(OLE):
        return "ole"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    if re.search(rb"<(html|table|meta|style)[\s>]|<!doctype html", head, re.IGNORECASE):
        return "html"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "xml"
    old = re.match(rb"\x09[\x00\x02\x04\x08][\x04-\x10]\x00", head)  # Excel 2 to 4, and 5 without its container
    return "text" if not old and not re.search(rb"[\x00-\x08\x0e-\x1f]", head) else "binary"


def open_package(path: Path) -> Package:
    """The facts of a zipped workbook; LogError if it is damaged, would fill the memory, or is protected."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_size(members, path)
            names = {one.filename for one in members}
            if "content.xml" in names:
                return _open_document(archive, path)
            return _office(archive, members, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, LogError):
            raise
        raise LogError(
            f"{path.name} cannot be read as a workbook: it is damaged ({error}). Copy or export it again."
        ) from error


def try_out(path: Path) -> None:
    """Open a binary workbook in a process of its own: over a damaged one the reader may end the whole process."""
    if not sys.executable:
        return
    command = [sys.executable, "-P", "-c", TRIAL, str(path.resolve())]
    quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False, creationflags=quiet)
        broken = done.returncode not in (0, 1) or b"PanicException" in done.stderr
    except subprocess.TimeoutExpired:
        broken = True
    if broken:  # other errors are raised again, and told, when the file is read
        raise LogError(f"{path.name} cannot be read as a workbook: it is damaged. Copy or export it again.")


def _check_size(members: list[zipfile.ZipInfo], path: Path) -> None:
    unpacked, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
    if unpacked > UNPACKED and unpacked > RATIO * max(packed, 1):
        raise LogError(
            f"{path.name} would unpack to {unpacked / 2**30:,.1f} GiB, {unpacked // max(packed, 1):,} times its size: no "
            "spreadsheet program writes such a file. It was not opened. Ask for it as CSV."
        )
    if any(one.flag_bits & 1 for one in members):
        raise LogError(f"{path.name} is protected by a password. Save it without one, or export it as CSV.")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a part, cut where a cell begins, or if there is none, some tag."""
    held = b""
    while block := file.read(BLOCK):
        held += block
        place = next((place for place in (held.rfind(b"<c "), held.rfind(b"<")) if place > 0), len(held))
        yield held[:place]
        held = held[place:]
    yield held


def _office(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], path: Path) -> Package:
    """Of .xlsx and .xlsm; every part is read once, which also proves that none is damaged or larger than it says."""
    parts: dict[str, Facts] = {}
    for one in members:
        with archive.open(one) as file:
            parts[one.filename] = _part(file, path)
    package = Package()
    if "xl/workbook.xml" in parts:
        package.known = True
        book = _xml(archive, "xl/workbook.xml", path)
        package.epoch_1904 = any(_true(one.get("date1904")) for one in book.iter() if _tag(one) == "workbookPr")
        targets = _targets(archive, path) if "xl/_rels/workbook.xml.rels" in parts else {}
        for sheet in (one for one in book.iter() if _tag(one) == "sheet"):
            part = targets.get(next((value for key, value in sheet.attrib.items() if key.endswith("}id")), ""), "")
            package.sheets[sheet.get("name", "")] = parts.get(part, Facts(unknown=True))
    return package


def _part(file: IO[bytes], path: Path) -> Facts:
    found, cells, last, columns = Facts(), 0, 0, set[bytes]()
    for block in _blocks(file):
        _count(block, found)
        filled = FILLED.findall(block)
        if filled:
            cells += len(filled)
            columns |= {column for column, _ in filled}
            last = max(last, *(int(row) for _, row in filled))
    check_box(last * max(map(_number, columns), default=0), cells, path)
    return found


def _count(block: bytes, found: Facts) -> None:
    """What is hidden, in error or without its value; where a word is not there at all, no pattern is tried."""
    if b"hidden=" in block:
        found.hidden_rows += len(HIDDEN_ROW.findall(block))
        found.hidden_columns += sum(_columns(one) for one in HIDDEN_COLUMN.findall(block))
    if b't="e"' in block or b"t='e'" in block:
        found.errors += len(ERROR.findall(block))
    if b"<f" in block or b":f" in block:
        found.uncomputed += sum(not re.search(rb"""t=["']str""", one) for one in NO_VALUE.findall(block))


def check_box(box: int, cells: int, path: Path) -> None:
    """Readers lay a sheet out as a rectangle: one stray cell in the last row and column is billions of cells."""
    if box > CELLS and box > SPARSE * cells:
        raise LogError(
            f"{path.name}: a sheet has {cells:,} filled cells, but they are spread over a rectangle of {box:,}. Some stand "
            "far outside the table (Ctrl+End shows where): delete those rows and columns and save it, or save as CSV."
        )


def _columns(tag: bytes) -> int:
    """How many columns a <col> speaks of."""
    edges = [re.search(rb"""\s%s=["'](\d{1,6})""" % name, tag) for name in (b"min", b"max")]
    return int(edges[1][1]) - int(edges[0][1]) + 1 if edges[0] and edges[1] else 1


def _number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _xml(archive: zipfile.ZipFile, name: str, path: Path) -> ElementTree.Element:
    data = archive.read(name)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise LogError(f"{path.name} cannot be read as a workbook: it declares a document type, which none needs.")
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise LogError(f"{path.name} cannot be read as a workbook: {name} is not sound XML ({error}).") from error


def _targets(archive: zipfile.ZipFile, path: Path) -> dict[str, str]:
    """The part that each relation of a workbook means."""
    found = {}
    for one in _xml(archive, "xl/_rels/workbook.xml.rels", path):
        target = one.get("Target", "")
        found[one.get("Id", "")] = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    return found


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _true(value: str | None) -> bool:
    return value in ("1", "true")


def _open_document(archive: zipfile.ZipFile, path: Path) -> Package:
    """Of .ods: rows and cells may stand for many (`number-rows-repeated`), and say over how many they are merged."""
    walk = _Walk(path)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler, parser.EndElementHandler = walk.begin, walk.end
    parser.StartDoctypeDeclHandler = walk.refuse
    try:
        with archive.open("content.xml") as file:
            while block := file.read(BLOCK):
                parser.Parse(block)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise LogError(f"{path.name} cannot be read as a workbook: it is not sound XML ({error}).") from error
    for one in archive.infolist():  # proves that none is damaged or larger than it says
        with archive.open(one) as file:
            while file.read(BLOCK):
                pass
    return Package(walk.sheets, known=True)


class _Walk:
    """The sheets of a content.xml, cell by cell."""

    def __init__(self, path: Path) -> None:
        self.path, self.sheets = path, dict[str, Facts]()
        self.here = Facts()
        self.row = self.column = self.rows = self.cells = self.last = self.widest = self.depth = 0

    def refuse(self, *_: Any) -> None:
        raise LogError(f"{self.path.name} cannot be read as a workbook: it declares a document type, which none needs.")

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        short = tag.rpartition("}")[2]
        if short not in ("table", "table-row", "table-column", "table-cell", "covered-table-cell"):
            return
        said = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        if short == "table":
            self.here = self.sheets[said.get("name", "")] = Facts(merged=[])
            self.row = self.cells = self.last = self.widest = 0
        elif short == "table-column":
            hidden = said.get("visibility", "visible") != "visible"
            self.here.hidden_columns += hidden * self._count(said, "number-columns-repeated")
        elif short == "table-row":
            self.rows, self.column = self._count(said, "number-rows-repeated"), 0
            self.here.hidden_rows += self.rows * (said.get("visibility", "visible") != "visible")
        else:
            self._cell(said, attributes)

    def _cell(self, said: dict[str, str], attributes: dict[str, str]) -> None:
        often = self._count(said, "number-columns-repeated")
        kinds = [value for name, value in attributes.items() if name.endswith("}value-type")]
        if kinds:
            self.cells += often * self.rows
            self.last, self.widest = self.row + self.rows, max(self.widest, self.column + often)
            self.here.errors += ("error" in kinds) * often * self.rows
            check_box(self.last * self.widest, 0 if often * self.rows > CELLS else self.cells, self.path)
        down, wide = self._count(said, "number-rows-spanned"), self._count(said, "number-columns-spanned")
        if (down > 1 or wide > 1) and self.here.merged is not None:
            self.here.merged.append(((self.row, self.column), (self.row + down - 1, self.column + wide - 1)))
        self.column += often

    def end(self, tag: str) -> None:
        if tag.rpartition("}")[2] == "table-row":
            self.row += self.rows

    @staticmethod
    def _count(said: dict[str, str], name: str) -> int:
        written = said.get(name, "1")
        return min(max(int(written), 1), 1 << 24) if written.isdigit() else 1
