"""Pages: in one file, escaped, marked, printable, and in plain words."""

import itertools
import re
from html.parser import HTMLParser
from string import Formatter

import numpy as np
import pytest
from logs import build

import procmine
from procmine.draw.process_map import contrast
from procmine.log import LogError
from procmine.publish.brief import brief
from procmine.publish.brief.pictures import drawn, few_ticks
from procmine.publish.demo import demo_page
from procmine.publish.facts import range_of
from procmine.publish.findings import Findings
from procmine.publish.page import Link, Stamp, links, loaded_from_elsewhere, page, paragraph, picture, write_page
from procmine.see.maps import process_map
from procmine.words import ENGLISH, Span

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> & =cmd|calc"
FORBIDDEN = "|".join(
    (
        r"median|\bp\d\d\b|percentile|quantile|confidence|censor|kaplan|aalen|sojourn|clearance rate|directly.follows",
        r"because of the change|\b(the|a) mean\b|\bmean (time|wait)|variance|statistically|significan|bootstrap|cohort",
    )
)


class Seen(HTMLParser):
    """The text above the fold: without style, folded parts, the foot, and what is said to be how we know."""

    def __init__(self):
        super().__init__()
        self.depth, self.said, self.alts, self.tags = [], [], [], []

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        self.tags.append((tag, of))
        if tag not in ("img", "meta", "br", "hr", "link"):
            self.depth.append((tag, of.get("class", "")))
        self.alts += [of["alt"]] if "alt" in of else []

    def handle_endtag(self, tag):
        while self.depth and self.depth.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(tag in ("style", "details", "footer", "title") or "how" in kind.split() for tag, kind in self.depth):
            self.said.append(data)


def seen(html):
    parser = Seen()
    parser.feed(html)
    return parser


def agency(step="Order", n=60, **about):
    """Cases with a long wait before one step; the last tenth is open."""
    first = np.datetime64("2023-01-02")
    rows = []
    for case in range(n):
        start = first + 7 * (case % 40)
        steps = [("Start", start), ("Check", start + 2 + case % 3), (step, start + 60 + case % 25), ("End", start + 90)]
        rows += [(f"case-{case}", name, str(day)) for name, day in steps[: 4 if case < 0.9 * n else 2]]
    return build(rows, cutoff="2024-06-30", ends=["End"], title=f"Permits {step}", tags={step: "our policy"}, **about)


STAMP = Stamp("team", "2024-06-30", {"data_sha256": "abc"})


def test_everything_is_escaped_and_nothing_is_loaded(tmp_path):
    log = agency(HOSTILE, source={"data": HOSTILE})
    for audience in ("team", "agency", "public"):
        html = brief(log, audience=audience, next_steps=[HOSTILE]).html
        assert loaded_from_elsewhere(html) == []
        tags = seen(html).tags
        assert not {"script", "iframe", "object", "link", "base", "form"} & {tag for tag, _ in tags}
        assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
        assert all(attrs["src"].startswith("data:image/png;base64,") for tag, attrs in tags if tag == "img")
        assert "default-src 'none'" in html


@pytest.mark.parametrize(
    "loading",
    [
        '<script src="https://x.org/a.js"></script>',
        "<script>1</script>",
        '<link rel="stylesheet" href="//x.org/a.css">',
        '<img src="http://x.org/a.png" alt="">',
        '<img srcset="a.png 2x" alt="">',
        "<style>@import 'a.css';</style>",
        "<style>p { background: url(https://x.org/a.png) }</style>",
        '<p style="background:url(a.png)">x</p>',
        '<p onclick="x()">x</p>',
        '<a href="javascript:x()">x</a>',
        '<iframe srcdoc="x"></iframe>',
        '<meta http-equiv="refresh" content="0;url=https://x.org">',
        '<svg><image xlink:href="https://x.org/a.png"/></svg>',
        '<form action="https://x.org"></form>',
    ],
)
def test_a_page_that_would_load_something_is_not_written(tmp_path, loading):
    with pytest.raises(ValueError, match="from elsewhere"):
        write_page(tmp_path / "a.html", page("t", [paragraph("x"), loading], STAMP))
    assert list(tmp_path.iterdir()) == []


def test_links_that_a_reader_must_click_are_allowed_beside_the_page_only():
    listed = links([Link("Bericht <1>", "Ordner mit Leer/é.html", also={"Excel": "a&b.xlsx"})])
    assert 'href="Ordner%20mit%20Leer/%C3%A9.html"' in listed
    assert "Bericht &lt;1&gt;" in listed
    for path in ("https://x.org", "javascript:x()", "/etc/passwd", "file:///x"):
        with pytest.raises(ValueError, match="beside it only"):
            links([Link("x", path)])


def test_a_picture_needs_its_words():
    with pytest.raises(ValueError, match="alt="):
        picture(b"", " ")
    assert 'alt="a &lt;b&gt; &quot;c&quot;"' in picture(b"x", 'a <b> "c"')
    assert "<script" not in picture("<svg><script>1</script></svg>", "drawing")


def test_every_page_says_for_whom_when_and_from_what():
    log = agency(source={"data": "export of Mrs X.csv", "data_sha256": "0123456789abcdef" * 4}, simulated=True)
    said = {audience: brief(log, audience=audience).html for audience in ("team", "agency", "public")}
    plain = {audience: re.sub(r'<span class="date">|</span>', "", html) for audience, html in said.items()}
    for audience, html in plain.items():
        assert '<html lang="en">' in html
        assert ENGLISH[f"audience.{audience}"] in html
        assert "0123456789ab" in html
        assert "simulated, not real" in html
        assert "case-1" not in html
    assert "2024-06-30" in plain["team"]
    assert "2024-06-30" in plain["agency"]
    assert "2024-06-30" not in plain["public"]
    assert "2024-06" in plain["public"]
    assert "Mrs X" not in plain["agency"] + plain["public"]


def test_the_briefs_numbers_are_those_of_the_measures():
    log = agency()
    html = brief(log).html
    rows = procmine.bottlenecks(log).rows
    share = float(rows["share"][0])
    whole = sum(
        (np.datetime64("2024-06-30") - np.datetime64("2023-01-02") - 7 * (case % 40)).astype(int) + 1
        if case >= 54
        else 90
        for case in range(60)
    )
    waits = [58 + case % 25 - case % 3 for case in range(54)]
    assert share == pytest.approx(sum(waits) / whole, rel=1e-3)  # counted by hand
    assert f"Of every 10 days that cases wait, {10 * share:.1f} pass before one step: Order" in html
    assert f"It was reached 54 times; half of the times it took {np.median(waits):.0f} days or longer" in html
    assert "6 cases" in html
    open_for = sorted(
        (np.datetime64("2024-07-01") - np.datetime64("2023-01-02") - 7 * (case % 40)).astype(int)
        for case in range(54, 60)
    )
    assert f"half of them for {np.median(open_for):.0f} days or longer" in html


def test_few_open_cases_are_not_counted_for_others():
    html = brief(agency(), audience="public").html
    assert "a few wait for the end of the case on 2024-06" in html
    assert "6 cases" not in html
    assert "60 cases; those still open are counted as waiting" in html
    assert "Half of the cases are over within" in html  # the six questions are answered all the same


def test_a_brief_of_nothing_is_refused():
    with pytest.raises(LogError, match="No case is left"):
        brief(agency().having("Order").not_having("Order"))
    with pytest.raises(LogError, match="No step"):
        brief(build([("a", "Start", "2024-01-01")], cutoff="2024-02-01", ends=["End"]))


@pytest.mark.parametrize("audience", ["team", "public"])
def test_a_brief_of_no_time_is_refused(audience):
    """All times of a case alike, as after a migration: nothing passes before any step."""
    rows = [(f"c{k}", step, "2024-01-02") for k in range(60) for step in ("Start", "Check", "End")]
    with pytest.raises(LogError, match="No time passes between the steps"):
        brief(build(rows, cutoff="2024-02-01", ends=["End"]), audience=audience)
    waiting = [row for row in rows if row[0] != "c1" or row[1] != "End"]
    with pytest.raises(LogError, match="since the last step of open cases"):
        brief(build(waiting, cutoff="2024-02-01", ends=["End"]), audience=audience)


def test_a_brief_for_others_tells_the_half_of_twenty_at_least():
    with pytest.raises(LogError, match="19 cases"):
        brief(agency(n=19), audience="agency")
    assert "waited" not in brief(agency(n=19)).headline
    usual, rare = (("Start", 0), ("Check", 10), ("End", 20)), (("Start", 0), ("Check", 10), ("Rare", 400), ("End", 401))
    first = np.datetime64("2024-01-01")
    rows = [(f"c{k}", step, str(first + day)) for k in range(60) for step, day in (rare if k < 15 else usual)]
    log = build(rows, cutoff="2025-06-01", ends=["End"])
    assert "one step: Rare" in brief(log).headline
    assert "one step: Rare" not in brief(log, audience="public").headline


@pytest.mark.parametrize("name", ["b.docx", "x.csv", "brief"])
def test_a_brief_is_saved_as_pdf_or_page_only(tmp_path, name):
    with pytest.raises(ValueError, match=r"something\.pdf or something\.html"):
        brief(agency()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    assert brief(agency()).save(tmp_path / "b.HTM").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert brief(agency()).save(tmp_path / "b.PDF").read_bytes().startswith(b"%PDF")


def stopped(n, of=60):
    """Cases that take 4 days before Check and 6 before End; `n` stopped at their start, years ago, and are dormant."""
    first = np.datetime64("2022-01-03")
    rows = [(f"c{k:02}", "Start", str(first + k)) for k in range(of)]
    for k in range(n, of):
        rows += [(f"c{k:02}", "Check", str(first + k + 4)), (f"c{k:02}", "End", str(first + k + 10))]
    return build(rows, cutoff="2025-06-30", ends=["End"], dormant_after=365 * 86_400_000_000)


@pytest.mark.parametrize("audience", ["team", "public"])
def test_where_dormant_cases_have_most_time_the_headline_leaves_them_out(audience):
    written = brief(stopped(20), audience=audience)
    assert written.headline == "Of every 10 days that cases wait, without dormant ones, 6.0 pass before one step: End"
    text = " ".join(seen(written.html).said)
    gone = sum((np.datetime64("2025-07-01") - np.datetime64("2022-01-03") - k).astype(int) for k in range(20))
    assert f"after whose last step {10 * gone / (gone + 400):.1f} of every 10 days have passed" in text  # by hand
    assert "6.0 of 10 days" in text
    assert "The parts told here leave them out" in text
    assert "Check 4.0" in written.html
    assert "without dormant ones" in brief(stopped(12), audience=audience).headline
    none = brief(stopped(0), audience=audience)
    assert "dormant" not in none.headline + " ".join(seen(none.html).said)


def test_a_brief_says_what_is_on_it():
    """No word of a column that it has not; of other steps only if there are; of broken lines where there are."""
    text = " ".join(seen(brief(stopped(5)).html).said)
    assert "share without dormant cases" not in text
    assert "passed over" not in text
    assert "Broken line" not in text
    rows = []
    for k in range(63):  # of the steps between the first and the last, nine that share the cases, some are not drawn
        rows += [(f"c{k:02}", "First", "2024-01-01"), (f"c{k:02}", f"Rare {k % 9}", "2024-01-04")]
        rows += [(f"c{k:02}", "Last", "2024-01-09")]
    text = " ".join(seen(brief(build(rows, cutoff="2024-03-01", ends=["Last"])).html).said)
    assert "8 of 11 steps; the others are passed over" in text
    assert "Broken line: mostly with other steps in between" in text


def test_a_range_with_one_end_says_that_end():
    day = Span(5 * 86_400.0)
    assert range_of(day, None).say() == "likely at least 5 days"
    assert range_of(None, day).say() == "likely at most 5 days"
    assert range_of(None, None).say() == "too few weeks for a range"
    assert range_of(day, Span(6 * 86_400.0)).say() == "likely between 5 days and 6 days"


@pytest.mark.parametrize(
    ("end", "ticks"),
    [(0.13, [0, 0.05, 0.1]), (0.031, [0, 0.01, 0.02, 0.03]), (1.3, [0, 0.5, 1.0]), (0.5, [0, 0.2, 0.4])],
)
def test_the_chart_has_few_whole_ticks(end, ticks):
    assert few_ticks(end) == pytest.approx(ticks)


def test_no_number_below_the_chart_is_cut():
    """The last label lies within the figure, and none on its neighbour."""
    figure = dict(drawn(Findings.of(agency())))["chart"].figure
    figure.canvas.draw()
    boxes = [one.get_window_extent() for one in figure.axes[0].get_xticklabels() if one.get_text()]
    assert len(boxes) >= 2
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))


def test_a_brief_is_for_an_audience_that_there_is():
    with pytest.raises(ValueError, match="'everyone'; there are: team, agency, public"):
        brief(agency(), audience="everyone")


def demo(tmp_path, log):
    return demo_page(
        tmp_path / "index.html",
        wait=procmine.time_between(log, "Check", "Order"),
        forecast=procmine.survival(log),
        answers={
            "Where the time goes": procmine.bottlenecks(log),
            "The map": process_map(log),
            "Paths": procmine.variants(log),
        },
        things=["One", "Two", "Three"],
        listed=[Link("Report", "01/01.html", "about", {"Excel": "01/01.xlsx"})],
    )


def test_the_demo_begins_with_the_answer(tmp_path):
    html = demo(tmp_path, agency()).read_text(encoding="utf-8")
    parser = seen(html)
    text = " ".join(" ".join(parser.said).split())
    assert (
        text.index("made up")
        < text.index("Families wait 69 days")
        < text.index("Three things")
        < text.index("Look closer")
    )
    assert loaded_from_elsewhere(html) == []
    assert all(alt.strip() for alt in parser.alts)


def test_no_page_speaks_statistics_above_the_fold(tmp_path):
    log = agency()
    for html in (brief(log).html, brief(log, audience="public").html, demo(tmp_path, log).read_text(encoding="utf-8")):
        parser = seen(html)
        text = " ".join([*parser.said, *parser.alts])
        assert len(text) > 300
        found = [found[0] for found in re.finditer(FORBIDDEN, text, re.IGNORECASE)]
        assert found == []


BELOW = ("define.",)


def test_no_sentence_speaks_statistics():
    said = {key: "".join(one for one, *_ in Formatter().parse(line)) for key, line in ENGLISH.items()}
    found = {key: line for key, line in said.items() if re.search(FORBIDDEN, line, re.IGNORECASE)}
    assert [line for key, line in found.items() if not key.startswith(BELOW)] == []
    assert [key for key in found if key.startswith("define.")]  # the scan finds them where they may stand


def test_colours_can_be_told_from_their_ground_in_light_and_dark():
    schemes = re.findall(r":root \{(.*?)\}", page("t", [], STAMP))
    light, dark = (dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", one)) for one in schemes[:2])
    for named in (light | {"ground": "#ffffff"}, dark):
        for name in ("ink", "soft", "blue", "red"):
            assert contrast(named[name], named["ground"]) >= 4.5, name
        assert contrast(named["ink"], named["tint"]) >= 4.5
        assert contrast(named["red"], named["warm"]) >= 4.5


def test_a_page_replaces_its_file_whole_or_not(tmp_path):
    path = tmp_path / "é brief.html"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(ValueError, match="from elsewhere"):
        write_page(path, page("t", ["<script>1</script>"], STAMP))
    assert path.read_text(encoding="utf-8") == "before"
    brief(agency()).save(path)
    assert "Permits" in path.read_text(encoding="utf-8")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
