"""Documents as pages: the same content, harmless, readable on narrow and dark screens, and by those who do not see."""

import re
import shutil
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from papers import HOSTILE, brief, every_block, paper
from test_paper import contrast

import procmine
from procmine.publish.page import loaded_from_elsewhere
from procmine.publish.paper.blocks import Box, Figure, Figures, Folded, Heading, Listing, Paragraph, Picture, Table
from procmine.publish.paper.html import as_html
from procmine.publish.paper.write import write_paper

CSS = files("procmine.publish").joinpath("page.css").read_text(encoding="utf-8")


class Tree(HTMLParser):
    def __init__(self, content):
        super().__init__()
        self.tags, self.said = [], []
        self.feed(content.partition("<body")[2])

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.said.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    def text(self):
        return " ".join("".join(self.said).split())


def test_a_page_says_what_the_pdf_says():
    tree = Tree(as_html(paper(mark="DRAFT", language="fr", foot=["Not an official statistic."])))
    for text in (
        *("DRAFT", "Draft. Not yet seen", "Half of the families", "The lead of all.", "before it was 72", "line two"),
        *("Waits by month.", "2025-10-06", "The answer to it.", "second", "How we know", "By office", "1,201"),
        *("A quiet note.", "Not complete.", "Share = time before", "abc123", "Not an official statistic."),
    ):
        assert text in tree.text(), text
    assert [attrs["alt"] for attrs in tree.all("img")] == ["A line that rises from 1 to 5.", "The same as drawn lines."]
    levels = [int(tag[1]) for tag, _ in tree.tags if re.fullmatch("h[1-6]", tag)]
    assert levels == [1, 2, 2]
    assert {attrs["scope"] for attrs in tree.all("th")} == {"col", "row"}
    assert [attrs["class"] for attrs in tree.all("div") if "box" in attrs.get("class", "")] == [
        *("box draft", "box note", "box warning")
    ]
    assert '<html lang="fr">' in as_html(paper(language="fr"))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_label_is_text(name):
    label = HOSTILE[name]
    table = Table([label], [[label]], title=label, note=label)
    blocks = [Heading(label, 1), Paragraph(label, bold=label), table, Box([Paragraph(label)]), every_block()[4]]
    blocks += [Listing([label]), Figures([Figure(label, label, label)]), Folded(label, [Paragraph(label)])]
    content = as_html(paper(blocks, mark=label, foot=[label]))
    tree = Tree(content)
    assert loaded_from_elsewhere(content) == []
    assert len(tree.all("script")) == 0
    assert len(tree.all("img")) == 1
    assert tree.text().count(" ".join(label.split())) >= 15


def test_a_mark_cannot_end_the_style():
    content = as_html(paper(mark='</style><script>x</script>"} body { display: none'))
    style = content.split("<style>")[1].split("</style>")[0]
    assert "\\3c " in style
    assert "script" not in style.split("@top-center")[1]
    assert Tree(content).all("script") == []


def test_pictures_need_their_text_and_marks_nobody_sees_are_gone():
    with pytest.raises(ValueError, match="cannot see"):
        as_html(paper([Picture(b"\x89PNG", " ")]))
    content = as_html(paper([Paragraph("evil \u202edlrow\x00")]))
    assert "<p>evil dlrow</p>" in content


def palettes():
    """The variables of the style: as they are, and those that a dark screen changes."""
    light, dark = re.findall(r":root \{([^}]*)\}", CSS)[:2]
    read = [dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", one)) for one in (light, dark)]
    whole = [{**read[0], **one} for one in read]
    return [
        {name: color if len(color) == 7 else "#" + "".join(2 * one for one in color[1:]) for name, color in one.items()}
        for one in whole
    ]


@pytest.mark.parametrize("which", [0, 1])
def test_text_can_be_read_in_light_and_dark(which):
    colors = palettes()[which]
    pairs = [(text, ground) for text in ("ink", "soft", "blue", "red") for ground in ("ground", "tint", "warm")]
    for text, ground in pairs:
        assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground)
    assert contrast("#ffffff", colors["strong"]) >= 4.5
    assert palettes()[0]["ground"] != palettes()[1]["ground"]
    assert set(re.findall(r"(?<![-\w])color: ([^;}]+)", CSS)) <= {
        *("var(--ink)", "var(--soft)", "var(--blue)", "var(--red)", "inherit", "#fff")
    }


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium is there")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1_280), ("dark", 400)])
def test_a_browser_finds_nothing_wrong(browser, tmp_path, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    table = Table(
        ["label", *(f"column {k}" for k in range(9))], [[label, *"123456789"] for label in HOSTILE.values()], "Wide"
    )
    blocks = [*every_block(), *(Paragraph(label) for label in HOSTILE.values()), table]
    write_paper(paper(blocks, mark="DRAFT"), tmp_path / "a.html")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said, asked = [], []
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))
    page.on("request", lambda one: asked.append(one.url) if not one.url.startswith(("file:", "data:")) else None)
    page.goto((tmp_path / "a.html").as_uri())
    assert (said, asked) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    page.close()


def test_a_line_to_write_on_has_no_head():
    table = Table(["what", "who"], [["Ask", "clerks"], ["\N{NO-BREAK SPACE}" * 9, "\N{NO-BREAK SPACE}"]])
    page = as_html(paper([Heading("T", 1), table]))
    assert page.count('scope="row"') == 1 and page.count("<td") == 3


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages that people get, of the sample and its plans."""
    import worlds_briefs

    log, plan, folder = worlds_briefs.sample(), worlds_briefs.plan(), tmp_path_factory.mktemp("pages")
    made = {
        "brief": procmine.brief(log, plan=plan),
        "plan": procmine.check_plan(log, plan),
        "huddle": procmine.huddle(log, plan=plan),
        "portfolio": procmine.portfolio(plan.path.parent, log=log),
    }
    return {name: one.save(folder / f"{name}.html") for name, one in made.items()}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["brief", "plan", "huddle", "portfolio"])
def test_nothing_is_wrong_with_the_pages_that_people_get(browser, pages, name, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(color_scheme=scheme)
    page.goto(pages[name].as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "wide"), [("plan", False), ("huddle", False), ("portfolio", True)])
def test_printed_pages_lie_as_their_pdf_does(browser, pages, tmp_path, name, wide):
    from papers import facts_of

    page = browser.new_page()
    page.goto(pages[name].as_uri())
    page.pdf(path=str(tmp_path / "a.pdf"), prefer_css_page_size=True)
    page.close()
    facts = facts_of(tmp_path / "a.pdf")
    width, height = (float(one) for one in re.findall(r"[\d.]+", facts["Page size"])[:2])
    assert (width > height) is wide
    assert facts["Pages"] == ("2" if name == "plan" else "1")


@pytest.mark.slow
def test_a_brief_with_its_map_is_printed_on_two_pages(browser, tmp_path):
    import worlds_briefs
    from papers import facts_of

    file = procmine.brief(worlds_briefs.sample()).save(tmp_path / "a.html")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.pdf(path=str(tmp_path / "a.pdf"), prefer_css_page_size=True)
    page.close()
    assert facts_of(tmp_path / "a.pdf")["Pages"] == "2"


@pytest.mark.slow
def test_printed_it_takes_the_same_pages(browser, tmp_path):
    from papers import facts_of

    for size, pixels in (("a4", "A4"), ("us-letter", "Letter")):
        write_paper(brief("Court order issued", size=size), tmp_path / "a.html")
        page = browser.new_page()
        page.goto((tmp_path / "a.html").as_uri())
        page.pdf(path=str(tmp_path / "a.pdf"), format=pixels, prefer_css_page_size=True)
        page.close()
        assert facts_of(tmp_path / "a.pdf")["Pages"] == "2"
