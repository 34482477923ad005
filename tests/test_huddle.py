"""Huddle: what a team reads of its month is counted again here, by hand; nobody is named, nothing is better than it is."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import worlds_briefs as worlds
from click.testing import CliRunner
from logs import DAY, build

import procmine
from procmine.cli import main
from procmine.proof.charts.control import control_chart
from procmine.publish.few import LEAST
from procmine.publish.huddle import _Page
from procmine.publish.paper.blocks import Box, Figures, Heading, Listing, Paragraph, Table
from procmine.publish.this_month import ABOVE, BELOW, TOO_FEW, USUAL, judged, this_month

ROOT = Path(__file__).parents[1]
STEP = "Court order issued"


@cache
def page(**asked):
    plan = worlds.plan() if asked.pop("planned", False) else None
    return procmine.huddle(worlds.sample(), plan=plan, **asked)


def said(huddle):
    """All that stands on the page."""
    found = []
    for block in huddle.paper.blocks:
        if isinstance(block, Heading):
            found.append(block.text)
        elif isinstance(block, Paragraph):
            found += [block.bold, block.text]
        elif isinstance(block, Listing):
            found += block.lines
        elif isinstance(block, Figures):
            found += [text for one in block.numbers for text in (one.number, one.what, one.note)]
        elif isinstance(block, Table):
            found += [block.title, block.note, *block.head, *(cell for line in block.lines for cell in line)]
        elif isinstance(block, Box):
            found += [text for one in block.blocks for text in (one.bold, one.text)]
    return found


def test_the_month_is_counted_by_hand():
    log = worlds.sample()
    codes = {name: log.about.activities.index(name) for name in ("Petition filed", STEP)}
    came = left = open_ = 0
    first, after = (np.datetime64(one, "us").astype(np.int64) for one in ("2026-10-01", "2026-11-01"))
    for case in range(len(log)):
        here = slice(log.offset[case], log.offset[case + 1])
        time, step = log.time[here], log.activity[here]
        begun = time[step == codes["Petition filed"]]
        if not len(begun):
            continue
        done = time[(step == codes[STEP]) & (time >= begun[0])]
        ended = min([*done[:1], *([] if log.open[case] else [log.until[case]])], default=None)
        came += first <= begun[0] < after
        left += ended is not None and first <= ended < after
        open_ += ended is None
    headline = page(step=STEP).headline
    assert headline.startswith(f"In 2026-10, {came} cases came and {left} cases left; {open_} cases were between")
    rows = this_month(log, STEP, None, None).piles.rows
    assert rows["n"].sum() + rows["dormant"].sum() == open_


def test_it_is_judged_as_the_control_chart_does():
    chart = control_chart(worlds.sample(), of="backlog", where={}, start="Petition filed", stop=STEP)
    row = len(chart) - 1
    value, low, high = (chart.rows[name][row] for name in ("value", "limit_low", "limit_high"))
    assert low <= value <= high and judged(chart, row) == USUAL
    assert "within the usual ups and downs" in page(step=STEP).headline


def world(came, work):
    """One desk, cases in order; `work` a week can be done; weeks from 2023-01-02."""
    rows, queue, number = [], [], 0
    for week, (new, done) in enumerate(zip(came, work)):
        day = np.datetime64("2023-01-02") + 7 * week
        for _ in range(new):
            rows.append((f"c{number:05}", "Ask", str(day)))
            queue.append(number)
            number += 1
        for case in queue[:done]:
            rows.append((f"c{case:05}", "Answer", str(day + 4)))
        del queue[:done]
    last = np.datetime64("2023-01-02") + 7 * len(came) - 1
    return build(rows, cutoff=str(last), ends=["Answer"])


def test_a_pile_that_grows_is_not_called_usual_and_a_small_one_is_not_praised():
    rng = np.random.default_rng(3)
    came = rng.poisson(20, 130)
    steady = world(came, came)
    work = came.copy()
    work[118:] = 4
    growing = procmine.huddle(world(came, work), step="Answer")
    assert "more than the usual ups and downs" in growing.headline
    calm = procmine.huddle(steady, step="Answer")
    assert "more than the usual" not in calm.headline
    for one in (growing, calm):
        assert not re.search(r"\b(good|better|well done|improved|success)", " ".join(said(one)), re.IGNORECASE)


def test_words_for_each_way_to_be_judged():
    came = np.random.default_rng(5).poisson(20, 130)
    work = came.copy()
    work[100:104] = 2  # four weeks' work is left, and taken up again in the 16 weeks after
    work[110:126] += 5
    chart = control_chart(world(came, work), of="backlog", where={})
    told = [judged(chart, row) for row in range(len(chart))]
    assert {ABOVE, USUAL} <= set(told)
    for row, one in enumerate(told):
        value, centre = chart.rows["value"][row], chart.rows["centre"][row]
        assert (one == ABOVE) == bool(chart.rules[row] not in ("", "few_crossings") and value > centre)
        assert one != BELOW or value < centre
    few = control_chart(world(came[:30], came[:30]), of="backlog", where={}, kind="xmr")
    assert judged(few, len(few) - 1) == TOO_FEW


def test_half_of_those_waiting_have_waited_so_long():
    log = worlds.sample()
    month = this_month(log, STEP, None, None)
    petition, order = (log.about.activities.index(name) for name in ("Petition filed", STEP))
    waited = []
    for case in np.flatnonzero(log.open & ~log.dormant):
        here = slice(log.offset[case], log.offset[case + 1])
        time, step = log.time[here], log.activity[here]
        begun = time[step == petition]
        if len(begun) and not ((step == order) & (time >= begun[0])).any():
            waited.append((log.about.cutoff - begun[0]) / DAY)
    assert month.piles.rows["n"].sum() == len(waited)
    assert month.half / np.timedelta64(1, "s") / 86_400 == pytest.approx(np.median(waited), abs=1e-4)
    figures = next(block for block in page(step=STEP).paper.blocks if isinstance(block, Figures))
    assert figures.numbers[0].number == f"{len(waited)} cases"
    assert figures.numbers[1].number == f"{np.median(waited):.0f} days"


def test_the_promise_is_that_of_past_months():
    kept = procmine.kept_promises(worlds.sample(), start="Petition filed", stop=STEP).rows
    figures = next(block for block in page(step=STEP).paper.blocks if isinstance(block, Figures))
    assert f"{kept['kept'][-1]} of {kept['cases'][-1]} cases" in figures.numbers[2].note
    assert f"{kept['published'][-1]:.0f} days" in figures.numbers[2].what
    rows = pd.read_csv(ROOT / "event_logs" / "child_support.csv", dtype=str)
    rows["day"] = pd.to_datetime(rows["timestamp"], format="ISO8601", errors="coerce").dt.normalize()
    first = rows[rows["day"] <= "2026-10-31"].groupby(["case_id", "activity"])["day"].first().unstack()
    still = first[[STEP, "Dismissed", "Withdrawn", "First payment received"]].isna().all(axis=1)
    days = (pd.Timestamp("2026-10-31") - first["Petition filed"]).dt.days
    late = int((still & (days > kept["published"][-1])).sum())
    assert late > 0 and f"Open and waiting longer than that, dormant ones too: {late} case" in figures.numbers[2].note


def test_a_promise_of_long_ago_is_not_told():
    """Each wait lasts six years: the only months that are over are old."""
    rows = []
    for case in range(320):
        at = np.datetime64("2012-01-02") + 9 * case
        rows += [(f"c{case:03}", "Ask", str(at)), *([(f"c{case:03}", "Answer", str(at + 2_190))] if case < 60 else [])]
    log = build(rows, cutoff="2019-12-31", ends=["Answer"])
    figures = next(block for block in procmine.huddle(log, step="Answer").paper.blocks if isinstance(block, Figures))
    kept = procmine.kept_promises(log, start="Ask", stop="Answer").rows
    assert not len(kept["month"]) or kept["month"][-1] < "2017-12"
    assert figures.numbers[2].number == "not known"


def test_a_plan_is_held_to_its_own_target():
    plan, log = worlds.plan(), worlds.sample()
    figures = next(block for block in page(planned=True).paper.blocks if isinstance(block, Figures))
    kept, of = map(int, re.match(r"(\d+) of (\d+) cases?; the plan wants 50", figures.numbers[2].note).groups())
    month = re.search(r"\d{4}-\d{2}", figures.numbers[2].what)[0]
    mine = log.where({"office": "North", "contested": "no"})
    petition, order = (mine.about.activities.index(name) for name in ("Petition filed", STEP))
    hits = due = 0
    for case in range(len(mine)):
        here = slice(mine.offset[case], mine.offset[case + 1])
        time, step = mine.time[here], mine.activity[here]
        begun = time[step == petition]
        if len(begun) and str(begun[0].astype("M8[us]").astype("M8[M]")) == month:
            done = time[(step == order) & (time >= begun[0])]
            due += bool(len(done)) or bool(mine.open[case])
            hits += bool(len(done) and (done[0] - begun[0]) / DAY < plan.target.days + 1)
    assert (kept, of) == (hits, due)


def test_a_promise_kept_to_those_who_came_lately_is_told_beside_those_left_waiting():
    """Newest first: all who come are served, and hundreds who came before are not."""
    huddle = procmine.huddle(worlds.artefact()["log"])
    figure = next(block for block in huddle.paper.blocks if isinstance(block, Figures)).numbers[2]
    late = int(re.search(r"Open and waiting longer than that, dormant ones too: (\d+) cases", figure.note)[1])
    assert figure.number == "100 of 100" and 500 < late < 902


@pytest.mark.parametrize("verdict", ["artefact", "too_early", "cannot_judge"])
def test_what_would_flatter_by_the_record_is_not_told(tmp_path, verdict):
    record = (ROOT / "event_logs" / "child_support_changes.yml").read_text(encoding="utf-8")
    (tmp_path / "changes.yml").write_text(record.replace("verdict: improved", f"verdict: {verdict}"), encoding="utf-8")
    lines = worlds.plan().path.read_text(encoding="utf-8").splitlines()
    plan = "\n".join(line for line in lines if not line.startswith("standard:"))  # as worlds.plan()
    (tmp_path / "plan.yml").write_text(
        plan.replace("../event_logs/child_support_changes.yml", "changes.yml"), encoding="utf-8"
    )
    told = procmine.huddle(worlds.sample(), plan=procmine.Plan.read(tmp_path / "plan.yml"))
    figure = next(block for block in told.paper.blocks if isinstance(block, Figures)).numbers[2]
    assert (figure.number, figure.note) == ("not known", "")
    assert not any("on average" in one or "of 100" in one for one in said(told))
    assert sum("what was found of the change is" in one for one in said(told)) == 2


def test_voices_are_counted_by_month():
    log, voice = worlds.sample(), worlds.sample().voice
    month = voice.time.astype("M8[us]").astype("M8[M]")
    n = [int(((voice.case >= 0) & (month == np.datetime64(one))).sum()) for one in ("2026-10", "2026-09")]
    line = next(text for text in said(page(step=STEP)) if "contacts from customers" in text)
    assert line.startswith(f"{n[0]} contacts") and f"the month before {n[1]}," in line
    north = next(text for text in said(page(planned=True)) if "from customers" in text)
    codes = log.where({"office": "North"}).case.codes
    assert north.startswith(f"{int((np.isin(voice.case, codes) & (month == np.datetime64('2026-10'))).sum())} contact")
    assert any("“The phone is quieter on Mondays.”" in text for text in said(page(planned=True)))


def test_without_voices_it_says_how_to_add_them(six):
    told = said(procmine.huddle(six))
    assert any("voice: complaints.csv" in text for text in told)
    assert any("cannot be told" in text for text in told)  # of months so few


def test_empty_lines_to_write_on_or_the_plans_steps():
    table = [block for block in page(step=STEP).paper.blocks if isinstance(block, Table)][-1]
    assert len(table.lines) >= 3 and not any(cell.strip() for line in table.lines for cell in line)
    planned = [block for block in page(planned=True).paper.blocks if isinstance(block, Table)][-1]
    assert [line[0] for line in planned.lines[:2]] == [one.what for one in worlds.plan().next_steps]


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_others_hear_of_no_few(audience):
    for asked in ({"step": STEP}, {"planned": True}, {"step": STEP, "month": "2026-08"}):
        told = said(page(audience=audience, **asked))
        text = "\n".join(told)
        counts = [int(n.replace(",", "")) for n in re.findall(r"\b([\d,]+) (?:cases?|contacts?)\b", text)]
        assert counts and all(n == 0 or (n >= LEAST and n % LEAST == 0) for n in counts)
        assert "Mondays" not in text and "late" not in text.split()
        for block in page(audience=audience, **asked).paper.blocks:
            if isinstance(block, Table) and len(block.numbers):
                assert all(int(line[1].replace(",", "")) >= LEAST for line in block.lines)
        if audience == "public":
            assert not re.search(r"\d{4}-\d{2}-\d{2}", text)


def test_no_person_is_named_even_to_the_team():
    log = worlds.sample()
    people = {name for attribute in log.about.persons for source in (log.attributes, log.event_attributes)
              if attribute in source for name in source[attribute].levels.to_pylist()}  # fmt: skip
    text = "\n".join([*said(page(step=STEP)), *said(page(planned=True))])
    assert people and not [name for name in people if re.search(rf"\b{re.escape(name)}\b", text)]
    assert not set(re.findall(r"[\w-]+", text)) & set(log.case.levels.to_pylist())


def test_a_month_is_told_as_the_data_stood_then():
    then = procmine.huddle(worlds.sample().cut_to("2026-08-31"), step=STEP)
    assert page(step=STEP, month="2026-08").headline == then.headline
    assert then.headline.startswith("In 2026-08")
    for wrong in ("2026-13", "August", "2027-01"):
        with pytest.raises(ValueError, match=r"2026-09|The data end before"):
            procmine.huddle(worlds.sample(), step=STEP, month=wrong)
    with pytest.raises(procmine.LogError):
        procmine.huddle(worlds.sample(), step="Court ordr issued")


def test_one_page_whatever_the_labels(tmp_path):
    from procmine.publish.paper.pdf import page_count

    long = ["<script>alert(1)</script>" + "x" * 280, "=SUM(A1) " + "word " * 60, "\u202e" + "y" * 300]
    rows = []
    for case in range(200):
        at = np.datetime64("2023-01-01") + 3 * case
        rows += [(f"c{case}", name, str(at + 9 * step)) for step, name in enumerate(long)]
    log = build(rows, cutoff="2024-08-31", ends=[long[-1]])
    for one in (procmine.huddle(log), procmine.huddle(log, size="us-letter"), page(step=STEP), page(planned=True)):
        assert page_count(one.paper) == 1
    file = procmine.huddle(log).save(tmp_path / "h.html")
    written = file.read_text(encoding="utf-8")
    assert "<script>alert" not in written and "&lt;script&gt;" in written and "\u202e" not in written


def test_the_question_is_the_same_each_time_and_of_the_step():
    first, second = (
        _Page(page(step=STEP).findings, this_month(worlds.sample(), STEP, None, None)).question for _ in (1, 2)
    )
    assert first == second and first.endswith("?")


def test_the_command_writes_the_page(tmp_path):
    out = tmp_path / "huddle.pdf"
    told = CliRunner().invoke(
        main, ["huddle", str(ROOT / "event_logs" / "child_support.yaml"), "--step", STEP, "-o", str(out)]
    )
    assert told.exit_code == 0, told.output
    assert page(step=STEP).headline in told.output and out.read_bytes().startswith(b"%PDF")
