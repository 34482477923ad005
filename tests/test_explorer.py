"""The live map in a browser: each control does what it says, and its numbers are Python's."""

import json
from itertools import pairwise

import numpy as np
import pytest
from explorer_pages import Live, browser
from logs import build

import procmine
from procmine.asking import ask
from procmine.clocks import CALENDAR_TIME, office_hours
from procmine.see.maps import KeptFlowSummary
from procmine.words import Span, say_span

ARROW = " → "


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def sample():
    return procmine.read("event_logs/child_support.csv")


@pytest.fixture(scope="module")
def saved(tmp_path_factory, office, sample):
    folder = tmp_path_factory.mktemp("maps")
    return {
        "office": procmine.explore(office).save(folder / "office.html"),
        "sample": procmine.explore(sample, change="2025-10-06", where={"office": "North"}).save(folder / "sample.html"),
        "halves": procmine.explore(office, before_after="2023-06-01").save(folder / "halves.html"),
    }


@pytest.fixture
def live(chromium, saved):
    opened = []

    def open_page(name, **how):
        opened.append(Live(chromium, saved[name], **how))
        return opened[-1]

    yield open_page
    for one in opened:
        one.close()


def moves_of(log, clock=CALENDAR_TIME):
    """All moves of Python's own flow: text -> how often, half within, 8 in 10 within, part of all time."""
    rows = procmine.flow(log, clock=clock).rows
    inside = (rows["before"] != "") & (rows["after"] != "")
    columns = [rows[name][inside] for name in ("n", "p50", "p80", "share")]
    names = [f"{one}{ARROW}{two}" for one, two in zip(rows["before"][inside], rows["after"][inside])]
    seconds = [one / np.timedelta64(1, "s") if one.dtype.kind == "m" else one for one in columns]
    return dict(zip(names, np.stack(seconds, axis=1)))


def same_as(page, log, clock=CALENDAR_TIME):
    """Counts and lengths equal, parts of time to the last digits of a float."""
    found, true = page.exact(), moves_of(log, clock)
    assert found.keys() == true.keys() and true
    for name, row in true.items():
        assert found[name][:3] == row[:3].tolist(), name
        assert found[name][3] == pytest.approx(row[3], rel=1e-9)
    boxes = procmine.process_map(log, steps=50).boxes
    steps = page.exact(1)
    here = [[int(boxes[name][row]) for name in ("n", "starts", "ends", "open")] for row in range(len(boxes["step"]))]
    assert {name: one for name, one in steps.items() if one[0]} == dict(zip(boxes["step"], here))


FILTERS = [
    ([], lambda log: log),
    ([("office", "North")], lambda log: log.where({"office": "North"})),
    ([("office", "North"), ("office", "South")], lambda log: log.where({"office": ["North", "South"]})),
    ([("that pass a step", "Order")], lambda log: log.having("Order")),
    ([("that do not pass a step", "Withdrawn")], lambda log: log.not_having("Withdrawn")),
    (
        [("day on which they began", "2022-06-01", "2022-12-31"), ("office", "South")],
        lambda log: log.between("2022-06-01", "2023-01-01").where({"office": "South"}),
    ),
]


def test_filters_give_the_numbers_of_python(live, office):
    page = live("office")
    page.slide("paths", 100)
    page.tab("table")
    for chosen, smaller in FILTERS:
        for one in chosen:
            page.only(*one)
        log = smaller(office)
        same_as(page, log)
        assert f"{len(log):,}" in page.status()
        rows = procmine.process_map(log).rows  # and so does the printed map
        found = page.exact()
        for before, after, n, half, most in zip(*(rows[name] for name in ("before", "after", "n", "p50", "p80"))):
            lengths = [float(one / np.timedelta64(1, "s")) for one in (half, most)]
            assert found[f"{before}{ARROW}{after}"][:3] == [n, *lengths]
        page.clear()


def test_open_cases_are_told_from_finished_ones(live, office):
    page = live("office")
    page.tab("table")
    page.slide("paths", 100)
    for said, open_ in (("still open", True), ("finished", False)):
        page.only("open or finished", said)
        same_as(page, office.take(np.flatnonzero(office.open == open_)))
        page.clear()
    same_as(page, office)


def test_a_filter_taken_away_brings_its_cases_back_and_leaves_the_others(live, office):
    page = live("office")
    page.only("office", "North")
    page.only("that pass a step", "Order")
    assert page.page.locator(".stack li:not(.clear)").all_inner_texts() == ["office: North\n×", "pass Order\n×"]
    page.page.locator(".stack button").first.click()
    assert f"{len(office.having('Order')):,} of 3,000 cases" in page.status()
    page.clear()
    assert page.status().startswith("3,000 cases.") and page.page.locator(".stack").is_hidden()


def test_missing_values_can_be_chosen(live, office):
    page = live("office")
    page.only("office", "(missing)")
    none = int((office.attributes["office"].codes < 0).sum())
    assert page.status().startswith(f"{none:,} of 3,000 cases.")


def test_without_a_case_the_map_says_so(live):
    page = live("office")
    page.only("day on which they began", "1990-01-01", "1990-02-01")
    assert page.status() == "No case is left: remove a filter."


def test_hidden_steps_are_passed_over_as_python_does(live, sample):
    page = live("sample")
    page.clear()
    page.slide("steps", 6)
    page.slide("paths", 100)
    page.tab("table")
    codes = np.argsort(-np.bincount(sample.activity), kind="stable")[:6]
    rows = ask(sample, KeptFlowSummary(CALENDAR_TIME, tuple(codes.tolist()))).rows
    inside = (rows["before"] != "") & (rows["after"] != "")
    names = [f"{one}{ARROW}{two}" for one, two in zip(rows["before"][inside], rows["after"][inside])]
    lengths = zip(*(rows[name][inside] / np.timedelta64(1, "s") for name in ("p50", "p80")))
    true = {name: [n, *both] for name, n, both in zip(names, rows["n"][inside].tolist(), lengths)}
    assert {name: row[:3] for name, row in page.exact().items()} == true
    assert np.any(rows["direct"][inside] < rows["n"][inside])  # some steps are indeed passed over
    assert f"{len(sample):,} cases. 6 of 16 steps, " in page.status()


def test_an_arrow_is_broken_where_mostly_a_hidden_step_lies_between(chromium, tmp_path):
    rows = [
        (f"c{k}", step, f"2024-01-0{day}") for k in range(5) for day, step in enumerate("ABC", 1) if k or step != "B"
    ]
    page = Live(chromium, procmine.explore(build(rows, cutoff="2024-02-01", ends=["C"])).save(tmp_path / "abc.html"))
    assert page.page.locator(".arrow.over").count() == 0
    page.slide("steps", 2)
    assert page.page.locator(".arrow.over").evaluate_all("all => all.map(one => one.dataset.key)") == ["0>1"]
    page.close()


def test_steps_stay_where_they_are_while_the_slider_moves(live):
    page = live("office")
    places = "[...document.querySelectorAll('.box')].map(box => box.style.transform)"
    before = page.page.evaluate(places)
    for steps in (3, 2, 1, 4):
        page.slide("steps", steps)
        assert page.page.evaluate(places) == before
        assert page.page.locator(".box.ghost").count() == 4 - steps


def test_the_slider_of_arrows_brings_them_in_one_after_the_other(live):
    page = live("sample")
    seen = []
    for paths in (0, 60, 90, 95, 100):
        page.slide("paths", paths)
        seen.append(set(page.page.evaluate("[...document.querySelectorAll('.arrow')].map(one => one.dataset.key)")))
        carried = int(page.status().split("carry ")[1].split(" ")[0])
        assert carried >= paths
    assert all(one <= two for one, two in pairwise(seen)) and len(seen[0]) < len(seen[-1])


def test_open_hours_are_those_of_python(live, sample):
    page = live("sample")
    page.choose("clock", 1)
    page.slide("paths", 100)
    page.tab("table")
    same_as(page, sample.where({"office": "North"}), office_hours(sample))
    shown = page.page.locator(".table table").first.inner_text()
    assert "working days" in shown


def test_arrows_say_what_is_chosen(live, office):
    page = live("office")
    rows = procmine.flow(office).frame.set_index(["before", "after"]).loc[("Start", "Order")]
    half, most = (say_span(Span(rows[name].total_seconds())) for name in ("p50", "p80"))
    n, share = rows["n"], rows["share"]
    said = {"half": f"{half} · {n:,}×", "most": f"{most} · {n:,}×", "total": f"{share:.0%} · {n:,}×", "count": f"{n:,}"}
    for measure, label in said.items():
        page.choose("measure", measure)
        lines = "all => all.map(one => [...one.querySelectorAll('text')].map(line => line.textContent).join(' · '))"
        assert label in page.page.locator(".label").evaluate_all(lines)


def test_before_and_after_a_day_are_the_cases_begun_then(live, office):
    page = live("halves")
    page.slide("paths", 100)
    page.tab("table")
    for view, log in (
        ("before", office.between("2000-01-01", "2023-06-01")),
        ("after", office.between("2023-06-01", "2100-01-01")),
    ):
        page.choose("view", view)
        same_as(page, log)
    page.tab("map")
    assert "is not said here" in page.page.locator(".legend").inner_text()
    assert not page.page.locator("input[name=view][value=difference]").count()


def test_a_difference_is_coloured_only_where_it_stands_out(live, sample):
    found = procmine.map_difference(sample, change="2025-10-06", where={"office": "North"})
    page = live("sample")
    assert page.page.locator(".stack").inner_text().startswith("office: North")
    page.choose("view", "difference")
    coloured = page.page.locator(".arrow:not(.look-grey)")
    true = [one for one in found.picture.difference.arrows if one.color not in (None, "#A3A9AE")]
    assert coloured.count() == len(true) == 1 and "look-shorter" in coloured.first.get_attribute("class")
    for line in true[0].label.split("\n"):
        assert line in page.page.locator(".arrow.look-shorter title").text_content()
    assert page.page.locator(".arrow").count() == len(found.picture.difference.arrows)
    assert page.page.locator("#explorer-slider-steps").is_disabled()
    assert "This says what is different since then, not why" in page.page.locator(".legend").inner_text()


def test_too_little_to_compare_is_said_and_nothing_coloured(chromium, office, tmp_path):
    path = procmine.explore(office, change="2024-09-01").save(tmp_path / "early.html")
    page = Live(chromium, path)
    said = procmine.map_difference(office, change="2024-09-01").sentences()[0]
    page.choose("view", "difference") if page.page.locator("input[value=difference]").count() else None
    assert page.page.locator("[class*=look-]").count() == 0
    assert said == page.status()
    page.close()


def test_a_step_tells_how_long_who_waits_and_which_paths(live, office):
    page = live("office")
    page.page.locator(".box", has_text="Order").click()
    told = page.page.locator(".detail").inner_text()
    flow = procmine.flow(office).frame
    n = int(flow[(flow["after"] == "Order") & (flow["before"] != "")]["n"].sum())
    here = office.activity == 1
    gaps = office.times().since_previous()[here] / 1e6
    last = office.activity[office.offset[1:] - 1]
    waits = (office.until - office.time[office.offset[1:] - 1])[(last == 1) & office.open] / 1e6
    assert f"{n:,} times, in {n:,} cases" in told
    half, most = (say_span(Span(float(np.round(np.quantile(gaps, one))))) for one in (0.5, 0.8))
    assert f"half within {half}, 8 in 10 within {most}" in told
    since = say_span(Span(float(np.round(np.quantile(waits, 0.5)))))
    assert (
        f"{len(waits)} cases are still open with nothing after Order; half of them have waited {since} so far" in told
    )
    bars = page.page.locator(".histogram rect").evaluate_all(
        "all => all.map(one => Number(one.getAttribute('height')))"
    )
    assert len(bars) == 25 and max(bars) > 0
    assert "Start → Order → End" in told and "What comes next" in told


def test_the_histogram_holds_every_length_once(chromium, tmp_path):
    days = [10] * 10 + [20] * 5 + [49] * 5
    rows = [
        row for k, day in enumerate(days) for row in ((f"c{k}", "A", "2024-01-01"), (f"c{k}", "B", f"2024-02-{20:02}"))
    ]
    rows = [(case, step, when if step == "A" else str(np.datetime64("2024-01-01") + days[int(case[1:])]))
            for case, step, when in rows]  # fmt: skip
    page = Live(chromium, procmine.explore(build(rows, cutoff="2024-12-31", ends=["B"])).save(tmp_path / "few.html"))
    page.page.locator(".box", has_text="B").click()
    bars = page.page.locator(".histogram rect").evaluate_all(
        "all => all.map(one => Number(one.getAttribute('height')))"
    )
    heights = [round(one / max(bars) * 10) for one in bars if one]
    assert heights == [10, 5, 5]
    page.close()


def test_paths_are_the_variants_of_python(live, office):
    page = live("office")
    page.only("office", "North")
    page.tab("paths")
    rows = page.page.locator(".paths tbody tr").evaluate_all(
        "all => all.map(row => [[...row.querySelectorAll('li')].map(one => one.textContent).join(' → '), "
        "...[1, 3].map(at => Number(row.cells[at].dataset.exact))])"
    )
    log = office.where({"office": "North"})
    true = procmine.variants(log).frame
    assert sorted((path, n) for path, n, _ in rows) == sorted(zip(true["variant"], true["n"]))
    assert [n for _, n, _ in rows] == sorted(true["n"], reverse=True)
    cases = log.cases.assign(
        path=log.events.groupby("case")["activity"].agg(ARROW.join).reindex(log.cases["case"]).values
    )
    done = cases[~cases["open"]]
    halves = (done["until"] - done["arrival"]).dt.total_seconds().groupby(done["path"]).median().round()
    assert {path: half for path, _, half in rows if path in halves} == halves.to_dict()
    together = page.page.locator(".paths tbody tr").last.locator("td").nth(2).inner_text()
    assert together == "100%"
    page.page.locator(".paths button").first.click()
    assert page.status().startswith(f"{true['n'].max():,} of 3,000 cases")


def test_one_case_is_found_with_its_steps(live, office):
    page = live("office")
    page.page.get_by_text("Find a case").click()
    page.page.locator("#search").fill("case 27")
    assert page.page.locator(".found button").first.inner_text() == "case 27"
    page.page.locator(".found button").first.click()
    told = page.page.locator(".case").inner_text()
    events = office.events[office.events["case"] == "case 27"]
    for step, time in zip(events["activity"], events["time"]):
        assert f"{step}\t{time:%Y-%m-%d %H:%M}" in told
    page.page.get_by_role("button", name="Show its way on the map").click()
    chosen = page.page.locator(".box.chosen .name").all_text_contents()
    assert sorted(chosen) == sorted(set(events["activity"]))


def test_the_replay_shows_the_cases_under_way_on_a_day(live, office):
    page = live("office")
    slider = page.page.locator(".replay input")
    slider.fill("500")
    told = page.page.locator(".when").inner_text()
    low, high = office.arrival.min(), office.until.max()
    now = low + (high - low) * 0.5
    under_way = int(((office.arrival <= now) & (now < office.until)).sum())
    assert told.startswith(f"{np.datetime64(int(now), 'us').astype('M8[D]')}: {under_way:,} cases under way")
    dots = page.page.locator("canvas").evaluate("canvas => canvas.toDataURL()")
    slider.fill("1000")  # whatever moves has arrived
    none = page.page.locator("canvas").evaluate("canvas => canvas.toDataURL()")
    page.slide("steps", 3)  # and another map is not drawn over with the dots of the last
    assert dots != none == page.page.locator("canvas").evaluate("canvas => canvas.toDataURL()")


def test_the_replay_moves_once_a_second_with_less_motion_and_smoothly_otherwise(live):
    for motion, least, most in (("reduce", 0, 3), ("no-preference", 8, 10_000)):
        page = live("office", reduced_motion=motion)
        page.page.locator(".when").evaluate(
            "e => { window.seen = 0; new MutationObserver(() => window.seen++).observe(e, {childList: true}) }"
        )
        page.page.get_by_role("button", name="Play").click()
        page.page.wait_for_timeout(1_800)
        page.page.get_by_role("button", name="Pause").click()
        assert least <= page.page.evaluate("window.seen") <= most
        assert ("once a second" in page.page.locator(".replay").inner_text()) == (motion == "reduce")


def test_zoom_by_buttons_keys_and_wheel_and_drag(live):
    page = live("office")
    world = page.page.locator("svg.map > g")

    def scale():
        return float(world.get_attribute("transform").split("scale(")[1].rstrip(")"))

    first = scale()
    page.page.get_by_role("button", name="Larger").click()
    assert scale() == pytest.approx(first * 1.25, rel=1e-3)
    page.page.get_by_role("button", name="Whole map").click()
    assert scale() == first
    page.page.locator(".box").first.focus()
    page.page.keyboard.press("+")
    assert scale() == pytest.approx(first * 1.25, rel=1e-3)
    page.page.keyboard.press("0")
    box = page.page.locator(".pane").bounding_box()
    page.page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.page.mouse.wheel(0, -200)
    assert scale() > first
    was = world.get_attribute("transform")
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 90, box["y"] + 60, steps=4)
    page.page.mouse.up()
    assert world.get_attribute("transform") != was


def test_a_step_at_the_edge_can_be_clicked_and_the_keys_bring_it_into_sight(live):
    page = live("sample")
    world = page.page.locator("svg.map > g")
    pane = page.page.locator(".pane").bounding_box()
    box = page.page.locator(".box").first.bounding_box()
    page.page.mouse.move(pane["x"] + 20, pane["y"] + 120)
    page.page.mouse.down()
    page.page.mouse.move(pane["x"] + 20, pane["y"] + 120 - (box["y"] - pane["y"] - 4), steps=5)
    page.page.mouse.up()
    was = world.get_attribute("transform")
    page.page.locator(".box").first.click()
    assert page.page.locator(".box.chosen").count() == 1 and world.get_attribute("transform") == was
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("ArrowUp")
    assert world.get_attribute("transform") != was


def test_keys_walk_the_map_along_its_arrows(live):
    page = live("office")
    page.page.locator(".box[tabindex='0']").focus()

    def here():
        return page.page.evaluate("document.activeElement.querySelector('.name').textContent")

    assert here() == "Start"
    walk = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowRight", "Home", "End"):
        page.page.keyboard.press(key)
        walk.append(here())
    assert walk[:4] == ["Order", "End", "Order", "Start"] and walk[4] != "Order"
    page.page.keyboard.press("Home")
    page.page.keyboard.press("Enter")
    assert page.page.locator(".detail h2").inner_text() == "Start"
    assert page.page.locator(".box.chosen").count() == 1


def test_the_tab_key_reaches_every_control_and_shows_where_it_is(live):
    page = live("sample")
    reached, invisible = [], []
    for _ in range(60):
        page.page.keyboard.press("Tab")
        name, outline = page.page.evaluate(
            """() => { const e = document.activeElement, box = e.classList.contains('box');
            const shown = e.matches('.choice input') ? e.nextSibling : box ? e.querySelector('rect') : e;
            const style = getComputedStyle(shown), name = e.id || e.name || e.className.baseVal;
            return [name || e.getAttribute('aria-label') || e.textContent.slice(0, 20),
                box ? style.strokeDasharray !== 'none' : style.outlineStyle !== 'none'] }"""
        )
        reached.append(name)
        if not outline and name:
            invisible.append(name)
        if name == "Find a case":
            break
    controls = {"explorer-slider-steps", "explorer-slider-paths", "measure", "clock", "view", "Choose cases by"}
    controls |= {"Add filter", "Remove this filter", "tab-map", "Larger", "Play", "Find a case"}
    assert controls <= set(reached), reached
    assert any(name.startswith("box") for name in reached)
    assert not invisible


def test_a_step_chosen_in_the_panel_leads_on(live):
    page = live("office")
    page.page.locator(".box", has_text="Order").click()
    page.page.locator(".detail .ways button", has_text="End").first.click()
    assert page.page.locator(".detail h2").inner_text() == "Order → End"
    assert page.page.evaluate("document.activeElement.id") == "detail"
    page.page.get_by_role("button", name="Close").click()
    assert "Choose a step or an arrow" in page.page.locator(".detail").inner_text()


def test_without_scripts_and_in_print_the_picture_stands(live):
    page = live("office", java_script_enabled=False)
    assert page.page.locator("#still img").is_visible() and not page.page.locator("#app").is_visible()
    assert "Scripts are switched off" in page.page.locator("noscript").inner_text()
    page = live("office")
    assert not page.page.locator("#still img").is_visible()
    page.page.emulate_media(media="print")
    assert page.page.locator("#still img").is_visible() and not page.page.locator("#app").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_accessibility_checker_finds_nothing(live, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = live("sample", color_scheme=theme)
    page.page.get_by_text("Find a case").click()
    page.page.locator("#search").fill("1")
    page.page.locator(".found button").first.click()
    page.page.locator(".box").nth(2).click()
    for act in (
        lambda: page.choose("measure", "half"),
        lambda: page.tab("table"),
        lambda: page.tab("paths"),
        lambda: (page.tab("map"), page.choose("view", "difference")),
    ):
        act()
        page.page.wait_for_timeout(350)  # colours fade in
        found = axe.run(page.page)
        assert found.violations_count == 0, found.generate_report()


def test_the_system_s_theme_can_be_turned(live):
    page = live("office", color_scheme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.page.evaluate(colour)
    page.page.get_by_role("button", name="Light").click()
    assert page.page.evaluate(colour) == "rgb(255, 255, 255)" != dark
    page.page.get_by_role("button", name="Dark").click()
    assert page.page.evaluate(colour) == dark


def test_a_large_log_is_told_by_a_stated_sample(chromium, office, tmp_path, monkeypatch):
    monkeypatch.setattr("procmine.publish.explorer.explore.MOST_EVENTS", 1_000)
    made = procmine.explore(office, seed=3)
    page = Live(chromium, made.save(tmp_path / "part.html"))
    drawn = int(page.status().split(" ")[0].replace(",", ""))
    assert drawn == 3_000 * 1_000 // len(office.time)
    assert f"of {drawn} cases drawn by chance from 3,000" in page.page.locator(".sample").inner_text()
    page.slide("paths", 100)
    page.tab("table")
    same_as(page, office.sample(cases=drawn, seed=3))
    page.close()


def test_times_of_half_a_second_round_as_python_does(chromium, tmp_path):
    rows = [("a", "A", "2024-01-01T00:00:00"), ("a", "B", "2024-01-01T00:00:02.500000")]
    rows += [("b", "A", "2024-01-01T00:00:00"), ("b", "B", "2024-01-01T00:00:02.500000")]
    log = build(rows, cutoff="2024-01-02", ends=["B"])
    page = Live(chromium, procmine.explore(log).save(tmp_path / "half.html"))
    page.tab("table")
    same_as(page, log)
    assert page.exact()["A → B"][1] == moves_of(log)["A → B"][1] == 2.0
    page.close()


def test_days_that_are_whole_weeks_apart_are_all_told_apart(chromium, tmp_path):
    """Weeks are packed in one byte each; as days they do not fit one."""
    rows = [(f"c{k}", step, str(np.datetime64("2022-01-03") + 7 * (k % 120))) for k in range(240) for step in "AB"]
    log = build(rows, cutoff="2025-02-01", ends=["B"])
    page = Live(chromium, procmine.explore(log).save(tmp_path / "mondays.html"))
    page.only("day on which they began", "2022-01-03", "2022-01-09")
    assert page.status().startswith("2 of 240 cases")
    page.clear()
    page.only("day on which they began", "2023-06-01", "2024-12-31")
    assert page.status().startswith(f"{len(log.between('2023-06-01', '2025-01-01'))} of 240 cases")
    page.close()


def test_values_that_look_alike_are_told_apart_and_those_of_a_change_are_chosen(chromium, tmp_path):
    hidden = "North\N{ZERO WIDTH SPACE}"
    rows = [
        (f"c{k}", step, str(np.datetime64("2023-01-02") + k + j)) for k in range(600) for j, step in enumerate("AB")
    ]
    offices = {f"c{k}": ("North", hidden, "South")[k % 3 if k < 500 else 0] for k in range(600)}
    log = build(rows, cutoff="2025-12-01", ends=["B"], attributes={"office": offices})
    made = procmine.explore(log, change="2024-01-08", where={"office": hidden})
    page = Live(chromium, made.save(tmp_path / "alike.html"))
    assert page.status().startswith(f"{len(log.where({'office': hidden}))} of 600 cases")
    page.clear()
    for value in ("North", "South"):
        page.only("office", value)
    assert f"{len(log.where({'office': ['North', 'South']}))} of 600 cases" in page.status()
    page.close()


def test_what_is_drawn_anew_hands_the_focus_on(live):
    page = live("office")
    focus = "document.activeElement.id"
    page.page.locator(".box", has_text="Order").click()
    page.page.locator(".detail ol.ways button").first.press("Enter")
    assert page.page.evaluate(focus) == "detail" and page.page.locator(".stack li").count() == 1
    page.page.get_by_role("button", name="Close").click()
    page.tab("paths")
    page.page.locator(".paths button").first.press("Enter")
    assert page.page.evaluate(focus) == "tab-map"


def test_until_something_is_chosen_the_panel_leads_to_where_time_passes(live, office):
    page = live("office")
    rows = procmine.flow(office).frame.sort_values("share", ascending=False)
    rows = rows[(rows["before"] != "") & (rows["after"] != "") & (rows["before"] != rows["after"])]
    rows = rows[rows["share"] > 0].head(6)
    said = [f"{one}{ARROW}{two}" for one, two in zip(rows["before"], rows["after"])]
    assert page.page.locator(".detail .ways button").all_inner_texts() == said
    page.page.locator(".detail .ways button").first.click()
    assert page.page.locator(".detail h2").inner_text() == said[0]


def test_filters_and_what_is_told_stay_in_sight_on_a_tall_map(live):
    page = live("sample")
    page.page.locator(".legend").scroll_into_view_if_needed()
    page.page.mouse.wheel(0, 300)
    page.page.wait_for_function("scrollY > 100")
    for part in (".status", ".stack", ".replay button", ".detail"):
        box = page.page.locator(part).first.bounding_box()
        assert 0 <= box["y"] < 900, part
    page.page.locator(".box", has_text="Order served").click()
    assert page.page.locator(".detail h2").bounding_box()["y"] < 500
    cell = live("sample", viewport={"width": 880, "height": 860})  # of a notebook on a small screen
    cell.page.locator(".box").first.click()
    assert cell.page.locator(".detail h2").bounding_box()["y"] < 400
    low = live("sample", viewport={"width": 320, "height": 256})  # 400 in 100: nothing may cover the page
    assert low.page.locator(".top").evaluate("one => getComputedStyle(one).position") == "static"
    assert low.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    low.page.locator(".box").first.click()
    assert low.page.locator(".detail h2").bounding_box()["y"] < 256


def test_a_drag_that_begins_on_a_step_does_not_choose_it(live):
    page = live("office")
    world = page.page.locator("svg.map > g")
    box = page.page.locator(".box").first.bounding_box()
    before = world.get_attribute("transform")
    page.page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 70, box["y"] + 50, steps=5)
    page.page.mouse.up()
    assert world.get_attribute("transform") != before and not page.page.locator(".box.chosen").count()
    page.page.locator(".box").first.click()
    assert page.page.locator(".box.chosen").count() == 1


def test_two_fingers_change_the_size_and_one_moves_the_page(live):
    page = live("office", has_touch=True)
    assert page.page.locator("svg.map").evaluate("one => getComputedStyle(one).touchAction") == "pan-y"
    send = page.context.new_cdp_session(page.page).send
    box = page.page.locator(".pane").bounding_box()
    x, y = box["x"] + 300, box["y"] + 150
    world = page.page.locator("svg.map > g")

    def fingers(kind, apart):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}] if apart else []
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def scale():
        return float(world.get_attribute("transform").split("scale(")[1].rstrip(")"))

    first = scale()
    fingers("touchStart", 40)
    for apart in (50, 60, 70, 80):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    assert scale() == pytest.approx(2 * first, rel=0.15)
    page.page.touchscreen.tap(x, box["y"] + box["height"] - 5)  # and a finger that was lifted drags nothing
    assert not page.page.locator("svg.dragging").count()


def test_where_the_system_sets_the_colours_what_is_chosen_can_be_told(live):
    page = live("sample", forced_colors="active")
    paint = "one => { const look = getComputedStyle(one); return [look.backgroundColor, look.color] }"
    for chosen, other in (
        (".choice input:checked + span", ".choice input:not(:checked) + span"),
        ("#tab-map", "#tab-paths"),
    ):
        back, letters = page.page.locator(chosen).first.evaluate(paint)
        assert back != letters and back != page.page.locator(other).first.evaluate(paint)[0]
    fill = page.page.locator(".box rect").first.evaluate("one => getComputedStyle(one).fill")
    text = page.page.locator(".box .name").first.evaluate("one => getComputedStyle(one).fill")
    assert fill != text and fill == page.page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_without_a_case_and_in_the_difference_the_replay_rests(live, sample):
    page = live("sample")
    page.page.locator(".replay input").fill("500")
    dots = """one => { const bare = document.createElement("canvas");
        [bare.width, bare.height] = [one.width, one.height];
        return one.toDataURL() !== bare.toDataURL(); }"""
    assert page.page.locator("canvas").evaluate(dots)
    page.choose("view", "difference")
    assert page.page.locator(".replay input").is_disabled() and not page.page.locator("canvas").evaluate(dots)
    page.page.locator(".box", has_text="Petition filed").click()
    told = page.page.locator(".detail").inner_text()
    assert "of 100" in told and "before and since together" in told
    page.choose("view", "all")
    page.only("day on which they began", "1990-01-01", "1990-02-01")
    assert page.page.locator(".replay input").is_disabled() and not page.page.locator("canvas").evaluate(dots)


STEPS_OF_A_STACK = (
    "Application returned",
    "Documents received",
    "Hearing continued",
    "Court order issued",
    "Withdrawn",
)


def stacked(draw, log):
    """Filters drawn by chance, as the form takes them, and the log that Python makes of the same."""
    chosen, smaller = [], log
    if draw.random() < 0.5:
        levels = log.attributes["office"].levels.to_pylist()
        values = draw.choice(levels, draw.integers(1, 3), replace=False).tolist()
        chosen += [("office", value) for value in values]
        smaller = smaller.where({"office": values})
    for kind, of in (("that pass a step", "having"), ("that do not pass a step", "not_having")):
        for step in draw.choice(STEPS_OF_A_STACK, draw.integers(0, 3), replace=False).tolist():
            chosen.append((kind, step))
            smaller = getattr(smaller, of)(step)
    if draw.random() < 0.5:
        first = np.datetime64("2024-01-01") + int(draw.integers(0, 500))
        last = first + int(draw.integers(30, 400))
        chosen.append(("day on which they began", str(first), str(last)))
        smaller = smaller.between(str(first), str(last + 1))
    if draw.random() < 0.4:
        open_ = bool(draw.random() < 0.5)
        chosen.append(("open or finished", "still open" if open_ else "finished"))
        smaller = smaller.take(np.flatnonzero(smaller.open == open_))
    return [chosen[place] for place in draw.permutation(len(chosen))], smaller


@pytest.mark.slow
def test_thirty_stacks_of_filters_give_the_numbers_of_python(live, sample):
    draw, page, empty = np.random.default_rng(7), live("sample"), 0
    page.clear()
    page.slide("paths", 100)
    for _ in range(30):
        chosen, log = stacked(draw, sample)
        for one in chosen:
            page.only(*one)
        page.choose("clock", clock := int(draw.integers(0, 2)))
        if not len(log):
            assert page.status() == "No case is left: remove a filter."
            empty += 1
        else:
            page.tab("table")
            if procmine.flow(log).rows["n"][procmine.flow(log).rows["before"] != ""].any():
                same_moves(page, log, office_hours(log) if clock else CALENDAR_TIME)
            page.tab("paths")
            counts = "all => all.map(row => Number(row.cells[1].dataset.exact))"
            n = page.page.locator(".paths tbody tr").evaluate_all(counts)
            assert n == sorted(procmine.variants(log).rows["n"].tolist(), reverse=True)[: len(n)], chosen
            page.tab("map")
            page.page.locator(".replay input").fill(str(place := int(draw.integers(1, 1000))))
            low, high = int(log.arrival.min()), int(log.until.max())
            now = low + place / 1000 * (high - low)
            told = page.page.locator(".when").inner_text()
            assert f": {int(((log.arrival <= now) & (now < log.until)).sum()):,} case" in told, (chosen, told)
        page.clear()
    assert empty < 15


def same_moves(page, log, clock):
    found, true = page.exact(), moves_of(log, clock)
    assert found.keys() == true.keys()
    for name, row in true.items():
        assert found[name][:3] == row[:3].tolist(), name
        assert found[name][3] == pytest.approx(row[3], rel=1e-9, abs=1e-12)


def test_the_dots_of_the_replay_are_between_the_steps_that_their_cases_are_between(chromium, tmp_path):
    """One case: a dot on the way from A to B at a quarter and at half of it, then from B to C."""
    rows = [("c", "A", "2024-01-01"), ("c", "B", "2024-01-05"), ("c", "C", "2024-01-09")]
    made = procmine.explore(build(rows, cutoff="2024-02-01", ends=["C"])).save(tmp_path / "one.html")
    page = Live(chromium, made)
    where = """canvas => { const pen = canvas.getContext("2d", { willReadFrequently: true });
        const { data, width } = pen.getImageData(0, 0, canvas.width, canvas.height);
        let [x, y, n] = [0, 0, 0];
        for (let at = 3; at < data.length; at += 4) if (data[at]) {
            x += ((at - 3) / 4) % width; y += Math.floor((at - 3) / 4 / width); n++; }
        return n ? [x / n, y / n] : null; }"""
    lines = """all => all.map(one => { const path = one.querySelector(".line"), to = path.getScreenCTM();
        const pane = document.querySelector(".pane").getBoundingClientRect(), long = path.getTotalLength();
        return [one.dataset.key, [0, 1].map(part => { const at = path.getPointAtLength(part * long).matrixTransform(to);
            return [at.x - pane.x, at.y - pane.y] })] })"""
    ends = dict(page.page.locator(".arrow").evaluate_all(lines))
    for moment, key, part in ((125, "0>1", 0.25), (250, "0>1", 0.5), (750, "1>2", 0.5), (900, "1>2", 0.8)):
        page.page.locator(".replay input").fill(str(moment))
        x, y = page.page.locator("canvas").evaluate(where)
        (x0, y0), (x1, y1) = ends[key]
        assert min(y0, y1) - 2 <= y <= max(y0, y1) + 10 and abs(x - (x0 + x1) / 2) <= 4, (moment, x, y, ends[key])
        assert abs((y - y0) / (y1 - y0) - part) < 0.35, (moment, y, y0, y1)
    page.faults.clear()  # Chromium remarks on reading a canvas
    page.close()


def test_of_many_steps_only_so_many_arrows_are_arranged_and_each_step_keeps_its_own(tmp_path):
    draw = np.random.default_rng(2)
    steps = [f"s{number:02}" for number in range(60)]
    walks = [draw.integers(0, 60, 12) for _ in range(400)] + [np.arange(60)]
    rows = [
        (f"c{case}", steps[step], str(np.datetime64("2024-01-01") + at))
        for case, walk in enumerate(walks)
        for at, step in enumerate(walk.tolist())
    ]
    held = procmine.explore(build(rows, cutoff="2025-01-01", ends=["s59"])).html
    layout = json.loads(held.split('id="data">')[1].split("</script>")[0])["layouts"][-1]
    ends = [way.split(">") for way in layout["routes"]]
    assert layout["upto"] == 60 and len(ends) <= 120
    assert {str(step) for step in range(60)} <= {one for way in ends for one in way}
