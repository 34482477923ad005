"""Slides: numbers that are those of the results, charts that can be edited, and nothing that flatters or names."""

import re
import shutil
import subprocess
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import worlds_briefs as worlds
from click.testing import CliRunner
from logs import build
from openpyxl import load_workbook

import procmine
from procmine.cli import main
from procmine.publish.few import LEAST
from procmine.publish.slides.deck import Bars, Deck, Grid, Lines, Numbers, Place, Slide, Text
from procmine.publish.slides.fitting import fit, one_line
from procmine.publish.slides.powerpoint import as_powerpoint

ROOT = Path(__file__).parents[1]
NAMES = {"changed": worlds.changed, "too_early": worlds.too_early, "artefact": worlds.artefact, "kept": worlds.kept}


@cache
def world(name):
    return NAMES[name]()


@cache
def made(name, audience=None, language=None):
    return procmine.slides(**world(name), audience=audience, language=language)


def opened(one):
    pptx = pytest.importorskip("pptx")
    return pptx.Presentation(BytesIO(one.file))


def charts(presentation):
    return [shape for slide in presentation.slides for shape in slide.shapes if shape.has_chart]


def texts(presentation, *, notes=True):
    """All that is written on the slides, and in their notes."""
    found = []
    for slide in presentation.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                found.append(shape.text_frame.text)
            if shape.has_table:
                found += [cell.text for row in shape.table.rows for cell in row.cells]
        found += [slide.notes_slide.notes_text_frame.text] if notes else []
    return found


def behind(shape):
    """The workbook of a chart, as a table."""
    sheet = load_workbook(BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_five_slides_and_one_of_questions():
    for name in NAMES:
        show = opened(made(name))
        assert len(show.slides) == 6
        assert round(show.slide_width / show.slide_height, 3) == round(16 / 9, 3)
        assert all(slide.shapes.title.text_frame.text.strip() for slide in show.slides)
        assert all(len(slide.notes_slide.notes_text_frame.text) > 40 for slide in show.slides)


def test_bars_hold_the_shares_of_the_steps():
    show = opened(made("kept"))
    head, *rows = behind(charts(show)[0])
    places = procmine.bottlenecks(worlds.sample()).rows
    before = places["kind"] == "before"
    share = dict(zip(places["step"][before], places["share"][before]))
    assert head[0] is None and len(rows) == 6
    assert rows[0][0] == max(share, key=share.get)
    for step, value in rows:
        assert value == pytest.approx(share[step], abs=1e-12)
    drawn = charts(show)[0].chart.plots[0]
    assert list(drawn.categories) == [row[0] for row in rows]
    np.testing.assert_allclose(drawn.series[0].values, [row[1] for row in rows])


def test_lines_hold_the_curve_by_day():
    show, told = opened(made("changed")), world("changed")["comparison"]
    shape = charts(show)[1]
    head, *rows = behind(shape)
    days = np.array([row[0] for row in rows])
    assert days[0] == 0 and days[-1] <= told.plan.horizon / 86_400e6
    for column, period in enumerate(("before", "after"), 1):
        here = told.curve["period"] == period
        time, share = told.curve["time"][here] / np.timedelta64(1, "D"), told.curve["share"][here]
        by_hand = [100 * max((s for t, s in zip(time, share) if t <= day), default=0.0) for day in days]
        np.testing.assert_allclose([row[column] for row in rows], by_hand, atol=1e-5)
        np.testing.assert_allclose(shape.chart.plots[0].series[column - 1].values, by_hand, atol=1e-5)
    assert "before" in head[1] and "since" in head[2]


def test_bars_of_those_waiting_hold_their_counts():
    rows = behind(charts(opened(made("kept")))[1])[1:]
    now = procmine.waiting_now(worlds.sample()).rows
    count = dict(zip(now["step"], now["n"]))
    assert [row[1] for row in rows] == [count[row[0]] for row in rows] and len(rows) > 2


def test_the_large_numbers_are_the_comparisons():
    told = world("changed")["comparison"]
    (numbers,) = [part for _, part in made("changed").deck.slides[0].parts if isinstance(part, Numbers)]
    half = [round(float(one / np.timedelta64(1, "D"))) for one in told.rows["p50"][:2]]
    assert [re.findall(r"\d+", number)[0] for number, _, _ in numbers.told[:2]] == [str(one) for one in half]
    assert str(int(told.rows["cases"][0])) in numbers.told[0][2]


@pytest.mark.parametrize("name", ["artefact", "too_early"])
def test_what_would_flatter_is_not_said(name):
    one = world(name)["comparison"]
    assert one.verdict.kind == name
    show = opened(made(name))
    told = [line for text in texts(show) for line in text.split("\n")]
    warned = re.compile(r"Do not say|Not to be said|What can we not say\?")
    flattering = re.compile(r"\b(faster|shorter waits|improved|saved|quicker)\b", re.IGNORECASE)
    assert not [line for line in told if flattering.search(line) and not warned.search(line)]
    lines = [part for slide in made(name).deck.slides for _, part in slide.parts if isinstance(part, Lines)]
    assert lines == []
    title = show.slides[0].shapes.title.text_frame.text + show.slides[2].shapes.title.text_frame.text
    assert one.said.page.say() in title


def test_lines_that_differ_by_chance_are_not_drawn():
    """The sample's reminders, of which too few came: of 100, 27 lie above 21 half way, and that could be chance."""
    plan = procmine.Plan.read(ROOT / "plans" / "text_reminders_valley.yml")
    told = procmine.compare(worlds.sample(), change=plan.change_record())
    assert told.verdict.kind == "too_few"
    slide = procmine.slides(worlds.sample(), plan=plan, comparison=told).deck.slides[2]
    assert not any(isinstance(part, Lines) for _, part in slide.parts)
    assert "no more than the usual ups and downs" in str(slide.parts[-1])


@pytest.mark.parametrize("name", ["changed", "kept"])
@pytest.mark.parametrize("audience", ["agency", "public"])
def test_others_see_no_few_and_no_case(name, audience):
    one, show = made(name, audience), opened(made(name, audience))
    log = world(name)["log"]
    said = "\n".join(texts(show))
    counts = [int(n.replace(",", "")) for n in re.findall(r"\b([\d,]+) cases?\b", said) if n.strip(",")]
    assert counts and all(n == 0 or n >= LEAST for n in counts), [n for n in counts if n < LEAST]
    ids = [str(one) for one in log.case.levels.to_pylist()]
    words = set(re.findall(r"[\w-]+", said))
    assert not words & set(ids)
    persons = [str(level) for name in log.about.persons if name in log.attributes
               for level in log.attributes[name].levels.to_pylist()]  # fmt: skip
    assert not [person for person in persons if person in said]
    for shape in charts(show):
        for row in behind(shape)[1:]:
            for value in row[1:]:
                assert value is None or (value >= LEAST and value % LEAST == 0) or round(value, 2) == value
    assert one.deck.day == ("2026-10" if audience == "public" else "2026-10-31")
    if audience == "public":
        assert not re.search(r"\d{4}-\d{2}-\d{2}", said)


def test_each_slide_says_for_whom_and_that_it_is_a_draft():
    for audience in ("team", "agency"):
        for name, draft in (("kept", True), ("changed", False)):
            for slide in opened(made(name, audience)).slides:
                said = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
                assert any(f"For the {audience}" in text for text in said)
                assert any(text.startswith("DRAFT") and text.endswith(".") for text in said) is draft  # and says why


def test_pictures_and_charts_have_text_and_words_their_language():
    show = opened(made("changed"))
    for slide in show.slides:
        for shape in slide.shapes:
            name = shape._element.xpath(".//p:cNvPr")[0]
            if shape.has_chart or shape.has_table or shape.shape_type == 13:
                assert len(name.get("descr") or "") > 20, shape.name
        assert slide.shapes[0] == slide.shapes.title  # read first
        for run in slide.part._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}rPr"):
            assert run.get("lang") == "en-GB"


def test_nobody_is_named_in_the_file_and_its_bytes_are_the_same():
    first = made("kept").file
    assert procmine.slides(**world("kept")).file == first
    about = opened(made("kept")).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert str(about.created).startswith("2026-10-31") and about.modified == about.created
    for name, blob in _members(first):
        assert b"Steve Canny" not in blob and b"Macintosh" not in blob, name
        assert not name.endswith(("thumbnail.jpeg", ".bin")), name


def _members(file):
    with zipfile.ZipFile(BytesIO(file)) as outer:
        assert {entry.date_time for entry in outer.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in outer.namelist():
            yield name, outer.read(name)
            if name.endswith(".xlsx"):
                with zipfile.ZipFile(BytesIO(outer.read(name))) as inner:
                    yield from ((f"{name}/{one}", inner.read(one)) for one in inner.namelist())


HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://example.invalid","x")',
    "&amp; ' \" ]]>",
    "\u202eright to left \u200f \x07 bell",
    "\N{GRINNING FACE} " + "no blanks" * 30,
    "@SUM(A1)" + "x" * 300,
)


def hostile_log():
    rows = []
    for case in range(60):
        at = np.datetime64("2024-01-01") + 3 * case
        rows += [(f"c{case}", name, str(at + 5 * step)) for step, name in enumerate(HOSTILE)]
    return build(rows, cutoff="2024-12-31", ends=[HOSTILE[-1]])


def test_hostile_labels_stay_text():
    done = procmine.slides(hostile_log())
    show = opened(done)
    said = "\n".join(texts(show))
    assert HOSTILE[2] in said and "=HYPERLINK(" in said  # as they are written
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\u200f]", said)
    for shape in charts(show):
        book = load_workbook(BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"} and not any(cell.hyperlink for cell in cells)
    assert any(str(row[0]).startswith("=HYPERLINK") for row in behind(charts(show)[0]))


def test_texts_fit_their_boxes_whatever_the_labels():
    """Measured again here: no box holds more lines than its height, in the letters of DejaVu, which are wider."""
    from procmine.draw.lettering import clean, wrap

    for done in (procmine.slides(hostile_log()), made("changed")):
        for slide in opened(done).slides:
            for shape in slide.shapes:
                if not shape.has_text_frame or not shape.text_frame.text:
                    continue
                room = shape.width / 12_700 - 0.16 * 72
                tall = 0.0
                for paragraph in shape.text_frame.paragraphs:
                    size = max(run.font.size.pt for run in paragraph.runs) if paragraph.runs else 10
                    tall += len(wrap(clean(paragraph.text), room, size, most=99)) * size * 1.2
                assert tall <= shape.height / 12_700, (shape.name, shape.text_frame.text[:60])


def test_fitting_takes_the_largest_size_and_cuts_at_the_smallest():
    assert fit(["short"], 5, 1, (20, 10)).size == 20
    long = fit(["word " * 200, "second"], 3, 1, (20, 10))
    assert long.size == 10 and long.lines[0].endswith("…") and len(long.lines) == 2
    assert one_line("x" * 500, 2, 12).endswith("…") and len(one_line("x" * 500, 2, 12)) < 60
    assert fit(["\x00\n"], 5, 1, (20,)).lines == []


@pytest.mark.parametrize("color", ["1A1A1A", "0B3C5D", "595959"])
def test_letters_stand_out(color):
    """WCAG 2.2: 4.5 : 1 against white, by its own formula."""
    assert contrast(color, "FFFFFF") >= 4.5


def test_bars_stand_out_and_differ_in_grey():
    from procmine.publish.slides.charts import BARS, LINES

    assert contrast(BARS[1], "FFFFFF") >= 3 and contrast(*BARS) >= 3
    assert len({dash for _, dash, _ in LINES}) == len(LINES)


def contrast(one, two):
    light, dark = sorted(map(_luminance, (one, two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color):
    parts = [int(color[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_next_steps_are_the_plans_with_roles_and_days():
    plan = world("changed")["plan"]
    (grid,) = [part for _, part in made("changed").deck.slides[4].parts if isinstance(part, Grid)]
    assert [line[0] for line in grid.lines if line[0] in {one.what for one in plan.next_steps}]
    for one in plan.next_steps:
        assert [one.what, one.owner, one.by] in [list(line) for line in grid.lines]


def test_likely_questions_are_answered():
    told = "\n".join(texts(opened(made("changed")), notes=False))
    for question in ("Did the change do it?", "Did results change?", "What about those still waiting?",
                     "How many cases is that?", "What can we not say?"):  # fmt: skip
        assert question in told
    assert "it is no proof" in told
    assert "There is no gain to explain" in "\n".join(texts(opened(made("artefact"))))


def test_a_forecast_is_told_as_one():
    policy = procmine.Policy("one day").set_delay("Court order issued", days=1)
    effort = procmine.Effort(draws=20, replications=1, cases=300)
    told = procmine.forecast(procmine.fit(worlds.sample()), policy, seed=1, effort=effort)
    done = procmine.slides(worlds.sample(), forecast=told)
    title = done.deck.slides[2].title
    assert "expects" in title and "one day" in title
    (lines,) = [part for _, part in done.deck.slides[2].parts if isinstance(part, Lines)]
    at = told.curves["days"]
    for name, column in zip(lines.lines.values(), ("today", "with_policy")):
        for day, value in list(zip(lines.days, name))[1:20:5]:
            here = np.flatnonzero(at <= day)[-1]
            assert value == pytest.approx(100 * told.curves[column][here], abs=1e-5)


def test_the_same_deck_says_the_same_in_powerpoint():
    text = Text(["One", "Two"], "Head", bullets=True)
    bars = Bars(["A", "B"], "n", [3, 1], 0, "Bars of A and B", of="count")
    slide = Slide("Title", [(Place(1, 2, 5, 2), text), (Place(6, 2, 6, 4), bars)], ["Note"])
    deck = Deck("Title", [slide], "Foot", "2026-10", mark="DRAFT", language="el")
    file = as_powerpoint(deck)
    assert file == as_powerpoint(deck)
    pptx = pytest.importorskip("pptx")
    show = pptx.Presentation(BytesIO(file))
    frames = [shape.text_frame.text for shape in show.slides[0].shapes if shape.has_text_frame]
    assert frames[:3] == ["Title", "DRAFT", "Head\nOne\nTwo"]
    assert show.core_properties.language == "el"


def test_slides_are_named_as_such(tmp_path):
    with pytest.raises(ValueError, match=r"\.pptx"):
        made("kept").save(tmp_path / "slides.pdf")
    assert list(tmp_path.iterdir()) == []


def test_the_command_compares_for_a_plan(tmp_path):
    out, plan = tmp_path / "deck.pptx", tmp_path / "consent_orders_north.yml"
    lines = (ROOT / "plans" / plan.name).read_text(encoding="utf-8").splitlines()
    own = "\n".join(line for line in lines if not line.startswith("standard:"))  # as worlds.plan()
    plan.write_text(own.replace("../event_logs", (ROOT / "event_logs").as_posix()), encoding="utf-8")
    log = str(ROOT / "event_logs" / "child_support.yaml")
    told = CliRunner().invoke(main, ["slides", log, "--plan", str(plan), "-o", str(out)])
    assert told.exit_code == 0, told.output
    assert "Shorter waits" in told.output and out.read_bytes() == made("changed").file


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_opens_them(tmp_path):
    file = made("changed").save(tmp_path / "deck.pptx")
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf",
               "--outdir", str(tmp_path), str(file)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0 and "rror" not in done.stdout + done.stderr, done.stderr
    pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / "deck.pdf").read_bytes())
    assert len(pages) == 6


@pytest.mark.parametrize("name", ["fines", "receipt"])
def test_real_logs(shared, name):
    told = getattr(worlds, name)(shared)
    show = opened(procmine.slides(**told))
    head, *rows = behind(charts(show)[0])
    places = procmine.bottlenecks(told["log"]).rows
    dormant = places["share"][places["kind"] == "dormant after"].sum() > 0.5  # then they are left out, and that is said
    told_of = places["share_active" if dormant else "share"]
    assert rows[0][1] == pytest.approx(told_of[places["kind"] == "before"].max())
    assert ("without dormant" in head[1]) is bool(dormant)
    (picture,) = [shape for shape in show.slides[1].shapes if hasattr(shape, "image")]
    across = picture.image.size[0] / picture.image.dpi[0]  # inches of the drawing, in which names have 8 points
    assert 8 * picture.width / 914_400 / across >= 7.9
    assert len(show.slides) == 6
