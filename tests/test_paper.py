"""Documents as PDF: what poppler reads in them, what typst's own check says, and that they fit their pages."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from papers import HOSTILE, STAMP, brief, drawing, every_block, facts_of, paper, run, squeezed, text_of

from procmine.publish.paper import pdf
from procmine.publish.paper.blocks import Box, Columns, Heading, Listing, PageEnd, Paper, Paragraph, Picture, Table
from procmine.publish.paper.flow import each, in_order
from procmine.publish.paper.pdf import as_pdf, as_pictures, fitted, page_count
from procmine.publish.paper.stored import read, written
from procmine.publish.paper.write import write_paper


def contrast(one, two):
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05)."""

    def light(color):
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_as_published():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the well-known grey that just fails


@pytest.fixture(scope="module")
def written_pdf(tmp_path_factory):
    path = tmp_path_factory.mktemp("paper") / "a.pdf"
    assert write_paper(paper(mark="DRAFT", language="fr", foot=["Not an official statistic."]), path) == [path]
    return path


def test_the_pdf_has_its_title_its_size_and_says_that_it_is_tagged(written_pdf, tmp_path):
    facts = facts_of(written_pdf)
    assert facts["Title"] == "A <b>brief</b> #title"
    assert facts["Tagged"] == "yes"
    assert facts["Pages"] == "2"
    assert "595" in facts["Page size"] and "A4" in facts["Page size"]
    assert "CreationDate" not in facts
    write_paper(paper(size="us-letter"), tmp_path / "l.pdf")
    assert facts_of(tmp_path / "l.pdf")["Page size"].startswith("612 x 792")


def test_every_text_stands_on_its_page(written_pdf):
    pages = [text_of(written_pdf, "-f", str(page), "-l", str(page)) for page in (1, 2)]
    first = [
        "Draft. Not yet seen",
        "Half of the families",
        "The lead of all.",
        "2 days",
        "before it was 72",
        "line two",
    ]
    first += ["Waits by month.", "2025-10-06", "The answer to it.", "2. second", "1 / 2"]
    second = ["How we know", "By office", "1,201", "Rounded.", "A quiet note.", "Not complete.", "Definitions", "2 / 2"]
    second += ["Share = time before", "abc123", "Not an official statistic.", "Made on"]
    for page, texts in zip(pages, (first, second)):
        for text in ("DRAFT", "For the agency", "Data up to 2026-10-31", *texts):
            assert squeezed(text) in page, text


def test_readers_that_speak_find_headings_lists_tables_and_texts_of_pictures(written_pdf):
    """The tree of tags as poppler reads it."""
    tree = run("pdfinfo", "-struct-text", str(written_pdf))
    kinds = re.findall(r"^ *([A-Z][A-Za-z0-9]*)", tree, re.MULTILINE)
    assert kinds.count("H1") == 1
    assert kinds.count("H2") == 2
    assert kinds.count("L") == 2
    assert kinds.count("LI") == 4
    assert kinds.count("Table") == 1
    assert kinds.count("TH") == 2
    assert kinds.count("TD") == 4
    content = written_pdf.read_bytes()
    assert b"/Lang" in content
    assert b"(fr)" in content
    assert content.count(b"/Alt") == 2
    assert b"pdfuaid" in content or b"pdfuaid:part" in content


def test_typst_refuses_a_picture_without_its_text():
    blocks = [Heading("T", 1), Picture(drawing(2, 1), "x")]
    setting = fitted(paper(blocks))
    data = pdf._data(paper(blocks), setting)
    for part in data["parts"]:
        for one in part:
            if one["kind"] == "picture":
                one["alt"] = None
    here = Path(pdf.__file__).parent
    typst = pdf._typst()
    compiler = typst.Compiler(
        str(here / pdf.TEMPLATE),
        root=str(here),
        font_paths=pdf._fonts(),
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(data)},
    )
    with pytest.raises(typst.TypstError, match="alt"):
        compiler.compile(format="pdf", pdf_standards=["ua-1"])
    for alt in ("", " ", "\u202e"):
        with pytest.raises(ValueError, match="cannot see"):
            as_pdf(paper([Heading("T", 1), Picture(drawing(2, 1), alt)]))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_label_is_text_in_every_place(name, tmp_path):
    label = HOSTILE[name]
    blocks = [
        Heading(label, 1),
        Paragraph(label, bold=label),
        Listing([label]),
        Table([label, "n"], [[label, "1"]], title=label, note=label),
        Box([Paragraph(label)], "note"),
        Picture(drawing(2, 1), label, label),
    ]
    stamp = replace(STAMP, title=label)
    write_paper(Paper(label, blocks, stamp, mark=label, foot=[label]), tmp_path / "a.pdf")
    found = text_of(tmp_path / "a.pdf", "-raw")
    wanted = squeezed(label) if name != "right to left" else "שלום"
    assert found.count(wanted) >= 10, found
    assert facts_of(tmp_path / "a.pdf")["JavaScript"] == "no"


def test_letters_are_within_the_page(tmp_path):
    """Poppler's boxes of words: a label of 300 letters runs neither over the edge nor over its column."""
    label = "W" * 300
    both = Columns([Paragraph(label), Table(["a", "b"], [[label, label]])], [Listing([label]), Heading(label)])
    write_paper(paper([Heading(label, 1), both, Table([label] * 9, [[label] * 9])]), tmp_path / "a.pdf")
    boxes = run("pdftotext", "-bbox", str(tmp_path / "a.pdf"), "-")
    right = [float(x) for x in re.findall(r'xMax="([\d.]+)"', boxes)]
    assert len(right) > 50
    assert max(right) <= 595.28 - 17 * 72 / 25.4 + 1


@pytest.mark.parametrize("columns", [4, 9])
@pytest.mark.parametrize(
    "head",
    [
        ("Last step", "cases", "half have waited", "longer than 8 in 10 needed"),
        ("step", "MMMMMMMM", "WWWWWWW", "commitment", "Gemeinsame"),
        ("what", "omgekeerde wachttijden", "maximum", "Womöglich"),
    ],
)
def test_heads_of_narrow_columns_do_not_overlap(tmp_path, head, columns):
    head = (3 * head)[:columns]
    table = Table(head, [["Petition filed", *(["61"] * (columns - 1))]] * 2, numbers=tuple(range(1, columns)))
    write_paper(paper([Heading("T", 1), table]), tmp_path / "a.pdf")
    found = run("pdftotext", "-bbox", str(tmp_path / "a.pdf"), "-")
    words = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">', found)
    boxes = np.array(words, float)
    left, above, right, below = boxes.T
    across = (left[:, None] < right - 0.5) & (left < right[:, None] - 0.5)
    down = (above[:, None] < below - 2.5) & (above < below[:, None] - 2.5)
    assert len(boxes) > 20 and (across & down).sum() == len(boxes)  # each with itself alone


def test_marks_that_nobody_sees_are_gone(tmp_path):
    write_paper(paper([Heading("T", 1), Paragraph("evil \u202edlrow\x00 nul\ud800 end")]), tmp_path / "a.pdf")
    assert "evildlrownulend" in text_of(tmp_path / "a.pdf")


def test_the_same_document_is_the_same_file(tmp_path):
    one, two = (as_pdf(paper(mark="DRAFT")) for _ in range(2))
    assert one == two
    assert as_pdf(paper(mark="Draft")) != one


def test_text_can_be_read_on_its_ground():
    for text, grounds in pdf.READ_ON.items():
        for ground in grounds:
            assert contrast(pdf.COLOURS[text], pdf.COLOURS[ground]) >= 4.5, (text, ground)
    template = (Path(pdf.__file__).parent / pdf.TEMPLATE).read_text(encoding="utf-8")
    said = set(re.findall(r"fill: ([a-z]+)\b(?!\()", template)) - {"rgb"}
    assert said <= {"ink", "soft", "white"}  # no other colour of text
    assert "#" not in "".join(re.findall(r'rgb\("([^"]*)"', template))


def test_marks_differ_in_grey():
    """The frame of a warning from that of a note, and the band from the paper."""
    assert contrast(pdf.COLOURS["strong"], pdf.COLOURS["white"]) > 3 * contrast(pdf.COLOURS["line"], "#ffffff")


@pytest.mark.parametrize(
    ("name", "size"), [*((name, "a4") for name in ["short", *HOSTILE]), ("300 with blanks", "us-letter")]
)
def test_two_pages_whatever_the_label(name, size, tmp_path):
    label = HOSTILE.get(name, "Court order issued")
    path = tmp_path / "a.pdf"
    write_paper(brief(label, size=size), path)
    assert facts_of(path)["Pages"] == "2"
    assert "Lastofall." in text_of(path, "-f", "2", "-l", "2")


def test_nothing_goes_where_all_fits():
    setting = fitted(brief("Court order"))
    assert setting.text == 10
    assert len([*each(setting.parts[0])]) == len([*each(brief("Court order").blocks[:4])])


def test_what_may_go_first_goes_first():
    """A page of 10 paragraphs of 6 lines holds them with none of the notes; only as many go as must."""
    block = [Paragraph("word " * 75, spare=k) for k in (0, 7, 0, 5, 0, 6, 0, 0, 0, 0, 0)]
    setting = fitted(paper([Heading("T", 1), *block, PageEnd(), Paragraph("two")], pages=2))
    left = [one.spare for one in each(setting.parts[0]) if isinstance(one, Paragraph)]
    assert left in ([0, 0, 5, 0, 6, 0, 0, 0, 0, 0], [0, 0, 5, 0, 0, 0, 0, 0, 0], [0] * 8)
    assert setting.text == 10
    assert page_count(paper([Heading("T", 1), *block, PageEnd(), Paragraph("two")])) == 3


def test_text_gets_smaller_before_what_was_found_goes():
    """What is left out is as much as does not fit at 9 points."""
    block, spare = Paragraph("word " * 75), Paragraph("word " * 75, spare=1)
    found = {}
    for more in range(1, 10):
        setting = fitted(paper([Heading("T", 1), *[block] * 7, *[spare] * more, PageEnd(), Paragraph("two")], pages=2))
        found.setdefault(setting.text, []).append(len(setting.parts[0]) - 8 - more)
    assert set(found) == {10, 9.5, 9} or set(found) == {10, 9}
    assert all(left == 0 for size in found if size > 9 for left in found[size]) and min(found[9]) < 0


def test_lines_go_down_to_the_least_and_only_on_the_page_that_is_full():
    long, short = Listing(["word " * 20] * 60, least=5), Listing(["word"] * 9, least=1)
    setting = fitted(paper([Heading("T", 1), long, PageEnd(), short], pages=2))
    assert 5 <= len(setting.parts[0][1].lines) < 60
    assert len(setting.parts[1][0].lines) == 9
    assert setting.text == 9


def test_text_gets_smaller_before_labels_are_cut_and_no_smaller_than_that():
    blocks = [Heading("T", 1), *(Paragraph("word " * 75) for _ in range(9)), PageEnd(), Paragraph("two")]
    sizes = []
    for more in range(4):
        try:
            sizes.append(fitted(paper([blocks[0], *blocks[1:2] * more, *blocks[1:]], pages=2)).text)
        except ValueError:
            sizes.append(0)
    assert sizes == sorted(sizes, reverse=True)
    assert min(size for size in sizes if size) >= 8
    assert any(8 <= size < 10 for size in sizes)


def test_what_does_not_fit_is_named():
    too_much = [Heading("T", 1), *(Paragraph(f"number {k} " * 40) for k in range(60)), PageEnd(), Paragraph("x")]
    with pytest.raises(ValueError, match=r"does not fit on 2 pages.*'number \d+ number.*and \d+ after it"):
        as_pdf(paper(too_much, pages=2))
    with pytest.raises(ValueError, match="fills 1 of 2 pages"):
        as_pdf(paper([Heading("T", 1)], pages=2))
    with pytest.raises(ValueError, match="3 parts"):
        as_pdf(paper([Paragraph("a"), PageEnd(), Paragraph("b"), PageEnd(), Paragraph("c")], pages=2))
    with pytest.raises(ValueError, match="title"):
        as_pdf(Paper(" ", [], STAMP))


def test_headings_pass_over_no_level():
    levels = [one.level for one in in_order([Heading("a", 3), Heading("b", 1), Heading("c", 3), Heading("d", 2)])]
    assert levels == [1, 2, 3, 2]
    inner = in_order([Heading("a", 1), Columns([Heading("b", 3)], [Heading("c", 3)])])
    assert [one.level for one in each(inner) if isinstance(one, Heading)] == [1, 2, 3]


def test_a_table_too_wide_comes_in_several_that_name_their_lines(tmp_path):
    head = ["step", *(f"column number {k}" for k in range(20))]
    lines = [[f"Step {n}", *(f"{n}.{k} days" for k in range(20))] for n in range(3)]
    write_paper(paper([Heading("T", 1), Table(head, lines, numbers=range(1, 21))]), tmp_path / "a.pdf")
    found = text_of(tmp_path / "a.pdf", "-raw")
    for line in lines:
        for value in line[1:]:
            assert squeezed(value) in found
    tables = run("pdfinfo", "-struct", str(tmp_path / "a.pdf")).split().count("Table")
    assert tables >= 2
    assert found.count("Step2") == tables


def test_pictures_of_the_pages(tmp_path):
    pages = as_pictures(paper())
    assert [page[:8] for page in pages] == [b"\x89PNG\r\n\x1a\n"] * 2
    assert len(as_pictures(paper([Heading("T", 1)]))) == 1
    names = [path.name for path in write_paper(paper(), tmp_path / "page.png")]
    assert names == ["page-1.png", "page-2.png"]
    assert (tmp_path / "page-2.png").read_bytes() == pages[1]


def test_a_document_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match="cannot see"):
        write_paper(paper([Picture(drawing(1, 1), "")]), path)
    assert path.read_bytes() == b"before"
    with pytest.raises(ValueError, match=r"\.docx"):
        write_paper(paper(), tmp_path / "a.docx")
    assert [one.name for one in tmp_path.iterdir()] == ["a.pdf"]


def test_a_picture_that_is_none_is_refused():
    with pytest.raises(ValueError, match="PNG"):
        as_pdf(paper([Heading("T", 1), Picture(b"GIF89a", "x")]))


def test_no_system_font_is_used(tmp_path):
    (tmp_path / "a.pdf").write_bytes(as_pdf(paper()))
    fonts = {line.split()[0].partition("+")[2] for line in run("pdffonts", str(tmp_path / "a.pdf")).splitlines()[2:]}
    assert fonts
    assert all(name.startswith(("DejaVuSans", "LastResort")) for name in fonts), fonts


def test_blocks_are_stored_and_read_again():
    blocks = every_block()
    again = read(json.loads(json.dumps(written(blocks))))
    assert as_pdf(paper(again)) == as_pdf(paper(blocks))
    assert [type(one) for one in each(again)] == [type(one) for one in each(blocks)]
