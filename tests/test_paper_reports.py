"""Reports on paper: what a notebook shows, in its order, and for others than the team nothing more than its page."""

import base64
import re
from html import unescape

import nbformat
import pytest
from papers import drawing, squeezed, text_of
from test_publish_report import CELLS, LOG, TESTS, failed, made, own_jupyter, write

from procmine.publish.notebooks import ReportError, run_report
from procmine.publish.paper.blocks import Heading, Listing, Paragraph, Picture, Table
from procmine.publish.report_pdf import PICTURE_NAME, file_name, html_text, markdown_blocks, shown_blocks

__all__ = ["failed", "made", "own_jupyter"]  # fixtures
MARKDOWN = """# A *title* with `code` &amp; more

A paragraph with a [link](https://example.org), <b>raw</b> HTML and ![a picture](spy.png)
on two lines.

- one
- two **strong**
  - within

3. third

| office | cases |
|---|--:|
| North & <i>East</i> | 812 |

<div>left out</div>

> said by others

### Further

```
a = 1
```
"""


def test_markdown_becomes_plain_blocks():
    assert markdown_blocks(MARKDOWN) == [
        Heading("A title with code & more", 1),
        Paragraph("A paragraph with a link, raw HTML and a picture on two lines."),
        Listing(["one", "two strong", "within"]),
        Listing(["third"], numbered=True),
        Table(["office", "cases"], [["North & East", "812"]], numbers=[1]),
        Paragraph("said by others"),
        Heading("Further", 3),
        Paragraph("a = 1"),
    ]
    assert markdown_blocks("#set text(red)\n\n$x$ #import") == [Paragraph("#set text(red)"), Paragraph("$x$ #import")]


def test_the_text_of_a_page():
    said = html_text(
        "<style>p {}</style><p>a &lt; <b>b</b></p><script>x()</script><table><tr><td>1</td><td>2</td></tr>"
    )
    assert [" ".join(line.split()) for line in said.splitlines() if line.strip()] == ["a < b", "1 2"]


def test_names_of_files_are_safe_anywhere():
    assert file_name("Where does the time go?") == "where-does-the-time-go"
    assert file_name('CON: <a> "b" | c/d\\e') == "con-a-b-c-d-e"
    assert file_name("Πού πάει ο χρόνος;") == "picture"
    assert len(file_name("word " * 30)) <= 40
    assert not file_name("word " * 30).endswith(("-", "wor"))


def test_the_answers_of_the_page_are_those_of_the_pdf_in_their_order(made):
    for audience in ("team", "public"):
        report = made[audience]
        said = re.findall(r'<p class="answer">(.*?)</p>', report.page.read_text(encoding="utf-8"))
        said = [squeezed(unescape(re.sub(r"<[^>]+>", "", one))) for one in said]
        assert len(said) >= 3
        found = text_of(report.pdf, "-raw")
        places = [found.index(one) for one in said]
        assert places == sorted(places)


def test_each_picture_of_the_page_is_a_file_the_same(made):
    for report in made.values():
        page = report.page.read_text(encoding="utf-8")
        shown = [base64.b64decode(one) for one in re.findall(r'src="data:image/png;base64,([^"]+)"', page)]
        assert [one.read_bytes() for one in report.pictures] == shown
        assert all(PICTURE_NAME.fullmatch(one.name) for one in report.pictures)
    assert len(made["team"].pictures) >= 2


def test_for_others_the_pdf_tells_no_more_than_the_page(made):
    found = text_of(made["public"].pdf, "-raw")
    for secret in ("secret-", "2024-02-20", "python", "cmd|calc", "South27"):
        assert secret not in found, secret
    assert "Forthepublic" in found
    team = text_of(made["team"].pdf, "-raw")
    assert "secret-0" in team  # the frame of cases
    assert "donotforward" in team
    assert squeezed("<script>alert(1)</script><img") in team
    assert squeezed("8 South & <i>East</i>") in team  # what the notebook printed
    for text in ("import procmine", "a warning", "to stderr"):
        assert squeezed(text) not in team


def test_a_broken_report_says_so_first(failed):
    for audience, report in failed.items():
        found = text_of(report.pdf, "-raw")
        assert found.index("Thisreportisnotcomplete") < found.index("Wheredoesthetimego?")
        assert ("alert(1)" in found) == (audience == "team")
        assert "Traceback" not in found
        assert ("before" in found) == (audience == "team")


def output(kind="display_data", **data):
    return nbformat.v4.new_output(kind, data={name.replace("_", "/", 1): value for name, value in data.items()})


def test_what_a_cell_shows_besides_results_is_for_the_team():
    png = base64.b64encode(drawing(1, 1)).decode()
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="one\n\x1b[31mtwo\x1b[0m\n"),
        nbformat.v4.new_output("stream", name="stderr", text="warned"),
        output(image_png=png, text_plain="a chart"),
        output(text_html="<p>bold <b>word</b></p>", text_plain="<HTML>"),
        output(text_markdown="**said**", text_plain="x"),
        output("execute_result", text_plain="7"),
        nbformat.v4.new_output("error", ename="E", evalue="secret", traceback=[]),
    ]
    cell.outputs[5]["execution_count"] = 1
    book = nbformat.v4.new_notebook(cells=[cell])
    shown = shown_blocks(book, "team")
    assert [one.text if isinstance(one, Paragraph) else one.alt for one in shown] == [
        *("one", "two", "a chart", "bold word", "said", "7")
    ]
    assert isinstance(shown[2], Picture)
    others = shown_blocks(book, "agency")
    assert {one.kind for one in others} == {"withheld"}
    assert len(others) == 4


def test_a_picture_that_paper_cannot_hold_is_a_failed_report_that_says_so(tmp_path):
    show = "from IPython.display import display\ndisplay({'image/svg+xml': '<svg no picture', 'text/plain': 'x'}, raw=True)"
    report = run_report(write(tmp_path / "n.ipynb", show), {}, tmp_path / "out")
    assert report.status == "failed"
    assert "PDF" in report.problems[0]
    assert "Thisreportisnotcomplete" in text_of(report.pdf, "-raw")
    assert 'class="broken"' in report.page.read_text(encoding="utf-8")


def test_pictures_are_replaced_with_their_report_and_nothing_else_is(tmp_path):
    notebook = write(tmp_path / "n.ipynb", LOG + "import procmine\nprocmine.bottlenecks(log)")
    report = run_report(notebook, {}, tmp_path / "out")
    assert [one.name for one in report.pictures] == ["01-where-does-the-time-go.png"]
    write(notebook, "'no picture'")
    report = run_report(notebook, {}, tmp_path / "out")
    assert report.pictures == []
    assert not (report.folder / "pictures").exists()
    (report.folder / "pictures").mkdir()
    (report.folder / "pictures" / "holiday.jpg").write_text("mine")
    with pytest.raises(ReportError, match="pictures"):
        run_report(notebook, {}, tmp_path / "out")
    assert (report.folder / "pictures" / "holiday.jpg").read_text() == "mine"


def test_the_same_report_is_the_same_pdf(tmp_path):
    cells = [f"import sys\nsys.path.insert(0, {str(TESTS)!r})", *CELLS[:4]]
    one, two = (run_report(write(tmp_path / "n.ipynb", *cells), {}, tmp_path / name).pdf for name in ("a", "b"))
    assert one.read_bytes() == two.read_bytes()
