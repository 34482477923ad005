"""What the live map's file holds: hostile labels do nothing, and others than the team find nobody in it."""

import base64
import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from explorer_pages import Live, browser
from IPython.core.interactiveshell import InteractiveShell
from logs import build

import procmine
from procmine.cli import main
from procmine.clocks import office_hours
from procmine.log import LogError
from procmine.publish import capture
from procmine.publish.explorer.cells import cells_of, splits_of
from procmine.publish.few_coarse import coarse_seconds
from procmine.words import Language, speaking

HOSTILE = [
    "<script>window.stolen = 1</script>",
    '"><img src=x onerror="window.stolen=1">',
    "</script><script>window.stolen=1</script>",
    'O\'Hara & "Söhne" \\ `${window.stolen = 1}`',
    "{name} {n:time|times} {{0}}",
    "شهادة الميلاد",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe\N{ZERO WIDTH SPACE}",
    "🗂️ 👩‍⚖️ decided",
    "a" * 300,
    '=HYPERLINK("http://example.invalid")',
    "]]> <!-- \u2028 -->",
    " ",
    "__proto__",
    "constructor",
]


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


def hostile_log():
    """15 cases that pass all the hostile steps, with hostile offices; numbers of cases are hostile too."""
    rows = [
        (f"{HOSTILE[k % 14]}{k}", step, f"2024-{1 + number // 28:02}-{1 + number % 28:02}")
        for k in range(15)
        for number, step in enumerate(HOSTILE)
    ]
    offices = {f"{HOSTILE[k % 14]}{k}": HOSTILE[k % 3] for k in range(15)}
    return build(rows, cutoff="2024-12-31", ends=[HOSTILE[-1]], attributes={HOSTILE[0]: offices}, title=HOSTILE[2])


def test_hostile_labels_do_nothing_wherever_they_are_shown(chromium, tmp_path):
    path = procmine.explore(hostile_log()).save(tmp_path / "hostile.html")
    page = Live(chromium, path)
    page.slide("paths", 100)
    for tab in ("map", "paths", "table"):
        page.tab(tab)
    page.tab("map")
    page.page.locator(".add button").click()
    for name in range(len(HOSTILE)):
        page.page.locator(f".box[data-step='{name}']").dispatch_event("click")
        assert page.page.locator(".detail h2").inner_text().strip()
    page.page.get_by_text("Find a case").click()
    page.page.locator("#search").fill("<script>")
    page.page.locator(".found button").first.click()
    page.page.get_by_role("button", name="Show its way on the map").click()
    assert page.page.evaluate("window.stolen === undefined && Object.prototype.stolen === undefined")
    assert page.page.locator("script").count() == 2 and page.page.locator("img").count() == 1
    names = page.page.locator(".box > title").all_text_contents()
    assert HOSTILE[0] in names and "gpj.exe" in names and "(no name)" in names
    assert page.page.title() == "</script><script>window.stolen=1</script>"
    page.close()


def test_the_frame_of_a_notebook_runs_alone_and_takes_the_picture_away(chromium, office, tmp_path):
    shown = procmine.explore(office)._repr_mimebundle_()
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!DOCTYPE html><title>n</title>{shown['text/html']}", encoding="utf-8")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(notebook.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("html.live .status").wait_for(timeout=30_000)
    assert frame.locator(".status").inner_text().startswith("3,000 cases.")
    assert page.locator("body > div > img").count() == 0
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts"
    assert shown["text/plain"].startswith("Taking the most frequent move")
    context.close()
    still = re.sub(r"<iframe.*</iframe>", "", shown["text/html"], flags=re.DOTALL)  # what an untrusted notebook keeps
    assert still.startswith("<div><img alt=")


def test_no_sign_of_the_data_can_end_or_begin_an_element():
    held = re.search(r'id="data">(.*?)</script>', procmine.explore(hostile_log()).html, re.DOTALL)[1]
    assert not set(held) & set("<>&\u2028\u2029")
    assert json.loads(held)["names"][0] == HOSTILE[0]


def test_the_page_forbids_all_that_it_does_not_hold(office):
    html = procmine.explore(office).html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data:"
    assert all(re.fullmatch(r"'sha256-[\w+/=]{44}'", rules[name]) for name in ("script-src", "style-src"))
    code = re.search(r"<script>(.*?)</script>", html, re.DOTALL)[1]
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "innerHTML",
        "outerHTML",
        "document.write",
        "eval(",
        "import(",
        "localStorage",
    ):
        assert word not in code
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!data:)", html)


def test_a_script_that_was_added_does_not_run(chromium, office, tmp_path):
    html = procmine.explore(office).html.replace("</body>", "<script>window.stolen = 1</script></body>")
    path = tmp_path / "changed.html"
    path.write_text(html, encoding="utf-8")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html.live")
    assert page.evaluate("window.stolen") is None
    context.close()


# ---- others than the team

PERSONS = ("Petra Lindqvist", "Jonas Okafor")


@pytest.fixture(scope="module")
def few():
    """400 cases: office South has 4, one case takes a rare step named after a person, a judge is a person."""
    draw = np.random.default_rng(3)
    rows, office, judge, channel = [], {}, {}, {}
    for k in range(400):
        case = f"FILE-{k:04}"
        office[case] = "South" if k < 4 else "Harbor" if k < 17 else ("North", "East")[k % 2]
        judge[case] = PERSONS[k % 2]
        channel[case] = "web" if k % 3 else "paper"
        day = np.datetime64("2024-01-01") + int(draw.integers(0, 300))
        rows += [(case, "Filed", str(day)), (case, "Checked", str(day + int(draw.integers(1, 40))))]
        if k == 7:
            rows.append((case, f"Letter to {PERSONS[0]}", str(day + 41)))
        if k % 9:
            rows.append((case, "Closed", str(day + 60)))
        elif k < 170:
            rows.append((case, "Appealed", str(day + 50)))
    attributes = {"office": office, "judge": judge, "channel": channel}
    return build(rows, cutoff="2025-06-30", ends=["Closed"], attributes=attributes, persons=("judge",), title="Files")


def decoded(html):
    """All text of a file, packed columns included."""
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])
    texts = [html, json.dumps(data, ensure_ascii=False)]

    def walk(one):
        if isinstance(one, dict) and "z" in one:
            texts.append(zlib.decompress(base64.b64decode(one["z"])).decode("latin-1"))
        for inner in one.values() if isinstance(one, dict) else one if isinstance(one, list) else ():
            walk(inner)

    walk(data)
    return data, "\n".join(texts)


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_no_case_no_person_and_no_small_count_is_in_the_file(few, audience):
    split = {"before_after": "2024-06-01"} if audience == "agency" else {}
    data, text = decoded(procmine.explore(few, audience=audience, **split).html)
    assert "rows" not in data and "z" not in json.dumps(data["cells"]["groups"][0]) and data["kind"] == "cells"
    for secret in ("FILE-", *PERSONS, "Petra", "Letter to", "South", "judge"):
        assert secret not in text, secret
    for group in data["cells"]["groups"]:
        counts = [group["cases"], *(n for kind in ("steps", "starts", "ends", "opens") for _, n in group[kind])]
        counts += [move[2] for move in group["moves"]]
        assert counts and all(n % 10 == 0 and n >= 10 for n in counts)
    assert all(path["n"] % 10 == 0 and path["n"] >= 10 for path in data["cells"]["paths"])
    if audience == "public":
        assert len(data["cells"]["groups"]) == 1 and not re.search(r"20\d\d-\d\d-\d\d", json.dumps(data["cells"]))
        shown = re.sub(
            r"<script.*?</script>|<img[^>]*>|<style.*?</style>", "", text.split("\n{", 1)[0], flags=re.DOTALL
        )
        assert not re.search(r"20\d\d-\d\d-\d\d", shown)
    else:
        assert {group["value"] for group in data["cells"]["groups"] if group["attribute"] == "office"} == {
            "North",
            "East",
            "(others)",
        }


def test_the_figures_of_the_agency_are_those_of_the_team_rounded(few):
    data, _ = decoded(procmine.explore(few, audience="agency", by=["channel"]).html)
    assert {group["attribute"] for group in data["cells"]["groups"]} == {"", "office", "channel"}
    for group in data["cells"]["groups"]:
        if group["value"] == "(others)":
            continue
        log = few.where({group["attribute"]: group["value"]}) if group["attribute"] else few
        flow = procmine.flow(log).frame.set_index(["before", "after"])
        for one, two, n, half, most, share in group["moves"]:
            row = flow.loc[(data["names"][one], data["names"][two])]
            assert abs(n - row["n"]) <= 5 and share == round(row["share"], 2)
            assert half is None or half == coarse_seconds(np.array([row["p50"].total_seconds()]))[0]
            assert (most is None) == (row["n"] < 50) and (half is None) == (row["n"] < 20)


def test_no_small_cell_is_had_by_subtraction(few):
    """In each line of each table the cells left out are none, or at least two that hold ten cases together."""
    splits = splits_of(few, ())
    cells = cells_of(few, splits)
    groups = cells.written["groups"]
    offices = next(split for split in splits if split.name == "office")
    n = {}
    for step in range(len(few.about.activities)):
        cases = np.unique(np.repeat(np.arange(len(few)), np.diff(few.offset))[few.activity == step])
        n[step] = np.bincount(offices.of[cases], minlength=len(offices.values))
    mine = [group for group in groups if group["attribute"] == "office"]
    shown = np.array([[dict(group["steps"]).get(place, 0) for group in mine] for place in range(len(cells.steps))])
    left_out = 0
    for place, code in enumerate(cells.steps.tolist()):
        gone = (shown[place] == 0) & (n[code] > 0)
        left_out += gone.sum()
        assert not gone.any() or (gone.sum() >= 2 and n[code][gone].sum() >= 10), few.about.activities[code]
    assert left_out  # the test would see a cell that stands alone


def test_the_agency_s_page_has_no_search_no_replay_and_one_attribute_at_a_time(chromium, few, tmp_path):
    page = Live(chromium, procmine.explore(few, audience="agency").save(tmp_path / "agency.html"))
    assert not page.page.locator(".replay, .search, .stack li, .histogram").count()
    choice = page.page.locator("#cells")
    assert choice.locator("option").all_inner_texts()[0] == "all"
    choice.select_option(label="office: North")
    assert "About 190 cases" in page.status()
    page.page.locator(".box").first.click()
    assert "null" not in page.page.locator(".detail").inner_text()
    for tab in ("paths", "table", "map"):
        page.tab(tab)
    page.slide("steps", 1)
    page.slide("paths", 100)
    assert "For the agency" in page.page.locator(".mark").inner_text()
    page.close()


def test_the_public_s_page_opens_and_is_clean(chromium, few, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = Live(chromium, procmine.explore(few, audience="public").save(tmp_path / "public.html"))
    assert "One map, of all cases." in page.page.locator(".filters").inner_text()
    page.page.locator(".box").first.click()
    assert axe.run(page.page).violations_count == 0
    page.close()


def test_what_may_not_leave_the_team_is_refused(few):
    with pytest.raises(LogError, match="chosen by 'judge'"):
        procmine.explore(few.where({"judge": PERSONS[0]}), audience="agency")
    with pytest.raises(LogError, match="for the team only"):
        procmine.explore(few, audience="agency", change="2024-06-01")
    with pytest.raises(LogError, match="one map, of all cases"):
        procmine.explore(few, audience="public", before_after="2024-06-01")
    with pytest.raises(LogError, match="fewer than 10 cases"):
        procmine.explore(few.sample(cases=9, seed=1), audience="public")


def test_the_agency_may_choose_by_units_and_by_what_was_named_for_it(few):
    data, _ = decoded(procmine.explore(few, audience="agency").html)
    assert {group["attribute"] for group in data["cells"]["groups"]} == {"", "office"}
    with pytest.raises(LogError, match="names people"):
        procmine.explore(few, audience="agency", by=["judge"])
    with pytest.raises(LogError, match="There are: office, judge, channel"):
        procmine.explore(few, audience="agency", by=["chanel"])
    with pytest.raises(ValueError, match="the public by nothing"):
        procmine.explore(few, audience="public", by=["channel"])


def test_what_cannot_be_is_refused(few, tmp_path):
    with pytest.raises(ValueError, match="both name a day"):
        procmine.explore(few, change="2024-06-01", before_after="2024-06-01")
    with pytest.raises(ValueError, match="where="):
        procmine.explore(few, where={"office": "North"})
    with pytest.raises(LogError, match="no event"):
        procmine.explore(few.between("1990-01-01", "1991-01-01"))
    with pytest.raises(ValueError, match=r"saved as \.html"):
        procmine.explore(few).save(tmp_path / "map.png")
    assert not list(tmp_path.iterdir())


def test_nobody_is_named_on_the_team_s_page_by_a_filter(few):
    data = json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', procmine.explore(few).html, re.DOTALL)[1]
    )
    assert [one["name"] for one in data["rows"]["attributes"]] == ["office", "channel"]
    assert PERSONS[1] not in json.dumps(data)


def test_a_report_keeps_the_picture_only(few):
    shown = capture.of_explorer(procmine.explore(few), audience="public")
    assert "<img" in shown["text/html"] and "iframe" not in shown["text/html"] and "FILE-" not in str(shown)
    formatter = InteractiveShell.instance().display_formatter
    capture.install("public")
    try:
        bundle, _ = formatter.format(procmine.explore(few))
    finally:
        InteractiveShell.clear_instance()
    assert bundle["text/html"] == shown["text/html"]


def test_a_page_in_another_language_says_and_counts_in_it(chromium, office, tmp_path):
    words = {
        "explorer.status.all": "{cases:Fall|Fälle}; {steps} von {all:Schritt|Schritten}, {events}, {moves}",
        **{"explorer.measure.half": "Hälfte", "span.days": "{n} Tag|{n} Tage", "explorer.title": "Karte"},
    }
    with speaking(Language("de", "Deutsch", words)):
        made = procmine.explore(office)
    page = Live(chromium, made.save(tmp_path / "de.html"))  # said in the language of its making
    assert page.status().startswith("3.000 Fälle; 4 von 4 Schritten")
    assert page.page.locator("html").get_attribute("lang") == "de" and page.page.title() == "Karte"
    page.choose("measure", "half")
    assert any("58 Tage" in one for one in page.page.locator(".label").all_text_contents())
    page.close()


def test_open_hours_that_not_all_cases_have_are_left_out_and_that_is_said(chromium, few, tmp_path):
    hours = {name: {"monday": "09:00-17:00"} for name in ("North", "East")}
    about = replace(few.about, calendars={name: {"hours": one} for name, one in hours.items()}, calendar_by="office")
    log = replace(few, about=about)
    with pytest.raises(LogError) as why:
        log.times(office_hours(log))
    page = Live(chromium, procmine.explore(log).save(tmp_path / "hours.html"))
    assert not page.page.locator("input[name=clock]").count()
    page.page.get_by_text("How we know").click()
    assert str(why.value) in page.page.locator(".side").inner_text()
    page.close()


def test_the_command_writes_the_page_or_says_why_not(tmp_path):
    log, out = "event_logs/child_support.csv", str(tmp_path / "map.html")
    done = CliRunner().invoke(main, ["explore", log, "--change", "2025-10-06", "--at", "office=North", "-o", out])
    assert done.exit_code == 0 and f"Written: {out}" in done.output
    assert json.loads(re.search(r'id="data">(.*?)</script>', (tmp_path / "map.html").read_text("utf-8"))[1])["change"][
        "drawn"
    ]
    for wrong, why in (
        (["--at", "office=North"], "Which day"),
        (["--change", "2025-10-06", "--before-after", "2025-10-06"], "leave one out"),
        (["--audience", "public", "--before-after", "2025-10-06"], "one map"),
        (["-o", str(tmp_path / "map.png")], "saved as .html"),
    ):
        refused = CliRunner().invoke(main, ["explore", log, *wrong])
        assert refused.exit_code == 2 and why in refused.output, refused.output
