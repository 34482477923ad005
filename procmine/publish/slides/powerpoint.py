"""PowerPoint: a deck as the bytes of a .pptx, the same for the same deck, with native charts and text for screen readers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from procmine.publish.slides.charts import BARS, FACE, INK, add_bars, add_lines, ink, node
from procmine.publish.slides.deck import Bars, Deck, Drawing, Grid, Lines, Numbers, Part, Place, Slide, Text
from procmine.publish.slides.fitting import fit, one_line
from procmine.words import visible

WIDE, HIGH = 13.333, 7.5
EDGE = 0.5
TITLE = Place(EDGE, 0.55, WIDE - 2 * EDGE, 1.15)
MARK = Place(EDGE, 0.16, WIDE - 2 * EDGE, 0.38)
FOOT = Place(EDGE, 6.97, WIDE - 2 * EDGE - 0.8, 0.5)
PAGE = Place(WIDE - EDGE - 0.7, 7.02, 0.7, 0.36)
TITLE_ONLY = "Title Only"  # the layout that is kept of the default template
EMU = 914_400  # in an inch
INSET = 0.08  # inches between a box and its text, on each side
SIZES = {"": (18, 16, 14, 13, 12), "lead": (24, 22, 20, 18, 16), "frame": (16, 14, 13, 12), "small": (13, 12, 11, 10)}
NUMBER_SIZES = ((40, 36, 32, 28, 24, 20, 16), (18, 16, 14, 13, 12, 11), (14, 13, 12, 11, 10))
GREY = "595959"  # 7.0 : 1 on white
CULTURES = {
    "en": "en-GB", "el": "el-GR", "lt": "lt-LT", "ru": "ru-RU", "tr": "tr-TR", "fr": "fr-FR", "es": "es-ES",
}  # fmt: skip
ACCENTS = (BARS[0], "5F7A8C", "8A4B08", "595959", "2F5D3A", "5B3A70")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of an entry in a zip file: the day on which it was made does not change its bytes


def as_powerpoint(deck: Deck) -> bytes:
    """The file. It names nobody as its author, and its dates are that of the data."""
    from pptx import Presentation

    show: Any = Presentation()
    day = datetime.fromisoformat(f"{deck.day}-01"[:10])
    _prepare(show, deck, day)
    layout = next(one for one in show.slide_layouts if one.name == TITLE_ONLY)
    for slide in deck.slides:
        _Sheet(show.slides.add_slide(layout), deck, day).fill(slide)
    _theme(show)
    _languages(show, CULTURES.get(deck.language, deck.language))
    file = BytesIO()
    show.save(file)
    return _same_bytes(file.getvalue())


def _prepare(show: Any, deck: Deck, day: datetime) -> None:
    """16 : 9, one layout, its title where ours stands, and no name of a person in the file."""
    from pptx.opc.constants import RELATIONSHIP_TYPE

    show.slide_width, show.slide_height = round(WIDE * EMU), round(HIGH * EMU)
    show.part._element.sldSz.attrib.pop("type", None)
    for layout in list(show.slide_layouts):
        if layout.name != TITLE_ONLY:
            show.slide_layouts.remove(layout)
    _place(show.slide_master)
    _place(show.slide_layouts[0])
    about = show.core_properties
    about.title, about.language = one_line(deck.title, 20, 18), deck.language
    about.author = about.last_modified_by = about.comments = about.keywords = ""
    about.created = about.modified = day
    about.revision = 1
    kinds = RELATIONSHIP_TYPE
    others = (kinds.THUMBNAIL, kinds.PRINTER_SETTINGS, kinds.EXTENDED_PROPERTIES)  # of the template's own computer
    for kept in (show.part, show.part.package):
        for name in [name for name, link in kept._rels.items() if link.reltype in others]:
            kept._rels.pop(name)


def _place(holder: Any) -> None:
    """The title and the body of a master or layout where ours stand, without date, foot and number: ours say them."""
    for shape in list(holder.placeholders):
        kind = shape.placeholder_format.type.name
        if "TITLE" in kind:
            _at(shape, TITLE)
        elif "BODY" in kind:
            _at(shape, Place(EDGE, 1.8, WIDE - 2 * EDGE, 5.0))
        else:
            shape._element.getparent().remove(shape._element)


class _Sheet:
    """One slide of the file while it is filled."""

    def __init__(self, slide: Any, deck: Deck, day: datetime) -> None:
        self.slide, self.deck, self.day = slide, deck, day

    def fill(self, slide: Slide) -> None:
        """The title first, then the mark, the parts in their order, and the foot: so it is read aloud."""
        title = fit([slide.title], TITLE.width - 2 * INSET, TITLE.height - 2 * INSET, (30, 28, 26, 24, 22, 20))
        self._write(self.slide.shapes.title, title.lines, title.size)
        if self.deck.mark:
            box = self._box(MARK, "mark")
            _border(box, 1.5)
            told = fit([self.deck.mark], MARK.width - 3 * INSET, MARK.height - INSET / 2, (13, 12, 11, 10, 9))
            self._write(box, told.lines, told.size)
        for place, part in slide.parts:
            self._add(place, part)
        foot = one_line(self.deck.foot, FOOT.width - 2 * INSET, 10, most=2)
        self._write(self._box(FOOT, "foot"), [foot], 10, bold=[], color=GREY)
        self._number()
        self.slide.notes_slide.notes_text_frame.text = "\n".join(visible(line) for line in slide.notes)

    def _add(self, place: Place, part: Part) -> None:
        at = [round(one * EMU) for one in (place.left, place.top, place.width, place.height)]
        if isinstance(part, Bars):
            add_bars(self.slide.shapes, at, part, self.day)
        elif isinstance(part, Lines):
            add_lines(self.slide.shapes, at, part, self.day)
        elif isinstance(part, Drawing):
            self._drawing(place, part)
        elif isinstance(part, Numbers):
            self._numbers(place, part)
        elif isinstance(part, Grid):
            self._grid(at, place, part)
        else:
            self._text(place, part)

    def _text(self, place: Place, part: Text) -> None:
        box = self._box(place, "text")
        if part.kind == "frame":
            _border(box, 1.0)
        heading = [part.heading] if part.heading else []
        indent = 0.22 if part.bullets else 0.0
        room = place.width - 2 * INSET - indent
        fitted = fit([*heading, *part.lines], room, place.height - 2 * INSET - 0.05, SIZES[part.kind])
        bold = [*heading, *(visible(one) for one in part.bold)]
        self._write(box, fitted.lines, fitted.size, bold=bold, bullets=part.bullets, heading=bool(heading))

    def _numbers(self, place: Place, part: Numbers) -> None:
        """Side by side, each row of them in letters of one size."""
        wide = place.width / max(len(part.told), 1)
        room, high = wide - 0.2 - 3 * INSET, (0.26 * place.height, 0.35 * place.height, 0.36 * place.height)
        boxes = [
            Place(place.left + column * wide, place.top, wide - 0.2, place.height) for column in range(len(part.told))
        ]
        frames = [self._box(one, "number") for one in boxes]
        for box in frames:
            _border(box, 1.0)
        for row, (told, tall, sizes) in enumerate(zip(zip(*part.told), high, NUMBER_SIZES)):
            size = min(fit([one], room, tall - 0.05, sizes).size for one in told)
            for box, one in zip(frames, told):
                said = fit([one], room, tall - 0.05, (size,)).lines
                color = BARS[0] if row == 0 else INK
                self._line(_frame(box), row, next(iter(said), ""), size, bold=row == 0, color=color)

    def _drawing(self, place: Place, part: Drawing) -> None:
        """As large as it fits, in the middle of its place."""
        from struct import unpack

        wide, high = unpack(">II", part.png[16:24])
        scale = min(place.width / wide, place.height / high)
        left, top = place.left + (place.width - wide * scale) / 2, place.top + (place.height - high * scale) / 2
        at = [round(one * EMU) for one in (left, top, wide * scale, high * scale)]
        shape = self.slide.shapes.add_picture(BytesIO(part.png), *at)
        shape._element.nvPicPr.cNvPr.set("descr", visible(part.alt))
        shape.name = "Picture"

    def _grid(self, at: Sequence[int], place: Place, part: Grid) -> None:
        rows = len(part.lines) + 1
        frame = self.slide.shapes.add_table(rows, len(part.head), *at)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", visible(part.alt))
        table, wide = frame.table, [place.width * one for one in part.widths]
        head, high = 0.42, (place.height - 0.42) / max(rows - 1, 1)
        sizes = (16, 14, 13, 12, 11)
        room = [one - 0.2 for one in wide]
        told = [
            [fit([cell], room[column], high - 0.1, sizes) for column, cell in enumerate(line)] for line in part.lines
        ]
        size = min((cell.size for line in told for cell in line), default=sizes[0])
        for row in range(rows):
            table.rows[row].height = round((head if row == 0 else high) * EMU)
        for column, name in enumerate(part.head):
            table.columns[column].width = round(wide[column] * EMU)
            self._cell(table.cell(0, column), one_line(name, room[column], 14), 14, bold=True)
            for row, line in enumerate(part.lines, 1):
                cell = fit([line[column]], room[column], high - 0.1, (size,))
                self._cell(table.cell(row, column), next(iter(cell.lines), ""), size)

    def _cell(self, cell: Any, text: str, size: int, *, bold: bool = False) -> None:
        self._line(cell.text_frame, 0, text, size, bold=bold, color="FFFFFF" if bold else INK)

    def _number(self) -> None:
        """The number of the slide, as a field that PowerPoint keeps right when slides are moved."""
        box = self._box(PAGE, "number of the slide")
        paragraph = _frame(box).paragraphs[0]._p
        field = node("a:fld", id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}", type="slidenum")
        text = node("a:t")
        text.text = str(len(self.slide.part.package.presentation_part.presentation.slides))
        field.extend((node("a:rPr", sz="1000"), text))
        paragraph.get_or_add_pPr().set("algn", "r")
        paragraph.append(field)

    def _box(self, place: Place, name: str) -> Any:
        at = (round(one * EMU) for one in (place.left, place.top, place.width, place.height))
        box = self.slide.shapes.add_textbox(*at)
        box.name = name.capitalize()
        return box

    def _write(
        self, box: Any, lines: Sequence[str], size: int, *, bold: Sequence[str] | None = None, color: str = INK,
        heading: bool = False, bullets: bool = False,
    ) -> None:  # fmt: skip
        """`bold`: with what each line begins in bold letters; None: all of it."""
        frame = _frame(box)
        for row, line in enumerate(lines):
            start = line if bold is None else bold[row] if row < len(bold) else ""
            start = start if line.startswith(start) else line if start.startswith(line.removesuffix("…")) else ""
            self._line(frame, row, start, size, bold=True, color=color) if start else None
            rest = line[len(start) :]
            self._line(frame, row, rest, size, bold=False, color=color) if rest or not start else None
            if row:
                frame.paragraphs[row].space_before = round(0.4 * size * 12_700)
            if bullets and not (heading and row == 0):
                _bullet(frame.paragraphs[row])

    def _line(self, frame: Any, row: int, text: str, size: int, *, bold: bool, color: str) -> None:
        """Text at the end of a paragraph, which is made if it is not there yet."""
        from pptx.util import Pt

        paragraph = frame.paragraphs[row] if row < len(frame.paragraphs) else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = visible(text)
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = ink(color)


def _frame(box: Any) -> Any:
    """Its text frame, which keeps its size: what is written into it was fitted before."""
    from pptx.enum.text import MSO_AUTO_SIZE, PP_ALIGN

    frame = box.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = round(INSET * EMU)
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    return frame


def _border(box: Any, points: float) -> None:
    from pptx.util import Pt

    box.line.width = Pt(points)
    box.line.color.rgb = ink(GREY)


def _bullet(paragraph: Any) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", "200000")
    properties.set("indent", "-200000")
    properties.append(node("a:buFont", typeface=FACE))
    properties.append(node("a:buChar", char="•"))


def _at(shape: Any, place: Place) -> None:
    shape.left, shape.top = round(place.left * EMU), round(place.top * EMU)
    shape.width, shape.height = round(place.width * EMU), round(place.height * EMU)


def _theme(show: Any) -> None:
    """A font that every office has, and colours that differ in grey; of the slides and of their notes."""
    from pptx.opc.constants import RELATIONSHIP_TYPE

    masters = [show.slide_master.part, show.notes_master.part] if len(show.slides) else [show.slide_master.part]
    for master in masters:
        theme: Any = master.part_related_by(RELATIONSHIP_TYPE.THEME)
        written = theme.blob.decode("utf-8")
        written = re.sub(r'(<a:latin typeface=")Calibri(")', rf"\g<1>{FACE}\g<2>", written)
        for number, color in enumerate(ACCENTS, 1):
            accent = rf"<a:accent{number}>.*?</a:accent{number}>"
            said = f'<a:accent{number}><a:srgbClr val="{color}"/></a:accent{number}>'
            written = re.sub(accent, said, written, flags=re.DOTALL)
        if hasattr(theme, "_element"):
            from pptx.oxml import parse_xml

            theme._element = parse_xml(written.encode("utf-8"))
        else:
            theme._blob = written.encode("utf-8")


def _languages(show: Any, code: str) -> None:
    """Every run of text says its language, so that it is read aloud and spell-checked in it."""
    from pptx.oxml.ns import qn

    for slide in show.slides:
        for tree in (slide.part._element, slide.notes_slide.part._element):
            for run in (*tree.iter(qn("a:r")), *tree.iter(qn("a:fld"))):
                properties = run.find(qn("a:rPr"))
                properties = run.get_or_add_rPr() if properties is None else properties
                properties.set("lang", code)
        for shape in slide.shapes:
            if shape.has_chart:
                for one in shape.chart._chartSpace.iter(qn("a:defRPr"), qn("a:endParaRPr"), qn("a:rPr")):
                    one.set("lang", code)


def _same_bytes(file: bytes) -> bytes:
    """The same parts, none with the time of its making."""
    made = BytesIO()
    with ZipFile(BytesIO(file)) as before, ZipFile(made, "w", ZIP_DEFLATED) as after:
        for entry in before.infolist():
            info = ZipInfo(entry.filename, FIRST_DAY)
            info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
            after.writestr(info, before.read(entry))
    return made.getvalue()
