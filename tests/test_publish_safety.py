"""Audiences: what leaves the team cannot be turned back into a few cases."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from logs import build

import procmine
from procmine.log import LogError
from procmine.publish.brief import brief
from procmine.publish.capture import MIME, of_result
from procmine.publish.drawn import safe_map
from procmine.publish.few import by_month, may_be_said, rounded, small
from procmine.publish.safety import show
from procmine.see.maps import process_map
from procmine.words import ENGLISH, Message, Span


def offices(counts, **about):
    """So many finished cases in each office, one a day; and a unit for each event."""
    names = [name for name, n in counts.items() for _ in range(n)]
    first = np.datetime64("2024-01-01")
    rows, units = [], []
    for case in range(len(names)):
        rows += [(f"c{case:04}", "Start", str(first + case % 200)), (f"c{case:04}", "End", str(first + case % 200 + 9))]
        units += ["desk", "court"]
    of = {f"c{case:04}": name for case, name in enumerate(names)}
    return build(
        rows, cutoff="2025-03-01", ends=["End"], attributes={"office": of}, event_attributes={"unit": units}, **about
    )


def attack(total, rows):
    """What subtraction gives: all cases less those of the offices that are shown."""
    return total - sum(rows["cases"] if "cases" in rows else rows["n"])


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_subtraction_from_the_total_does_not_give_a_small_office(audience):
    counts = {"North": 200, "South": 60, "East": 35, "West": 4}
    log = offices(counts)
    whole = procmine.cycle_times(log)
    shown = show(procmine.cycle_times(log, by=["office"]), audience)
    assert set(shown.rows["office"]) == {"North", "South"}  # East goes with West, else 299 - 295 = 4
    assert shown.hidden == 2
    left = attack(int(whole.rows["n"][0]), shown.rows)
    assert left >= 30  # 39 in truth, counts being rounded: no office of 4
    assert not any("West" in line or "East" in line for line in shown.sentences)


def test_the_team_sees_all():
    shown = show(procmine.cycle_times(offices({"North": 200, "West": 4}), by=["office"]), "team")
    assert list(shown.rows["n"]) == [200, 4]
    assert shown.hidden == 0


def test_a_log_says_who_it_is_for():
    log = offices({"North": 200, "East": 30, "West": 4}, audience="public")
    assert set(show(procmine.cycle_times(log, by=["office"])).rows["office"]) == {"North"}


@pytest.mark.parametrize("seed", range(20))
def test_no_line_of_a_two_way_table_gives_a_small_cell_away(seed):
    """Whatever is left out of a row or a column of the table is nothing, or two cells of ten cases or more together."""
    draw = np.random.default_rng(seed)
    table = draw.geometric(0.04, (5, 4)) - 1
    keys = {"office": np.repeat(np.arange(5), 4).astype(str), "month": np.tile(np.arange(4), 5).astype(str)}
    gone = small(table.ravel(), keys).reshape(table.shape)
    assert not ((table > 0) & (table < 10) & ~gone).any()
    for line, out in [*zip(table, gone), *zip(table.T, gone.T)]:
        there = out & (line > 0)
        few = line[line > 0]
        if there.any() and len(few) > 1 and few.sum() >= 10:
            assert there.sum() >= 2
            assert line[there].sum() >= 10


def test_the_hidden_cells_allow_many_answers():
    """By trying: other tables with the same totals and the same shown cells exist, in which the small cell differs."""
    table = np.array([[40, 3, 25], [30, 22, 18], [55, 31, 12]])
    keys = {"a": np.repeat(np.arange(3), 3).astype(str), "b": np.tile(np.arange(3), 3).astype(str)}
    gone = small(table.ravel(), keys).reshape(3, 3)
    answers = set()
    for other, across in product([1, 2], [0, 2]):
        if gone[np.ix_([0, other], [1, across])].all():  # moving cases around this rectangle changes no total
            answers |= {
                3 + d
                for d in range(-3, 60)
                if min(table[0, across] - d, table[other, 1] - d, table[other, across] + d) >= 0
            }
    assert gone[0, 1]
    assert len(answers) > 10


def test_staff_and_single_cases_are_refused():
    log = offices({"North": 200, "South": 100}, persons=("office",))
    with pytest.raises(LogError, match="may name people"):
        show(procmine.cycle_times(log, by=["office"]), "public")
    log = offices({"North": 200, "South": 100})
    units = log.event_attributes["unit"]
    log = replace(log, event_attributes={"done by": units}, about=replace(log.about, event_attributes=("done by",)))
    log = log.with_case_attribute("done by", rule="first")
    with pytest.raises(LogError, match="may name people"):
        show(procmine.cycle_times(log, by=["done by"]), "agency")
    result = procmine.cycle_times(log)
    single = replace(result, rows={"case": np.array(["c1"], object), **result.rows})
    with pytest.raises(LogError, match="one row a case"):
        show(single, "agency")


def test_a_length_that_fewer_than_ten_lie_beyond_is_not_told():
    log = offices({"North": 120})
    rows = show(procmine.cycle_times(log), "agency").rows
    assert not np.isnat(rows["p50"][0])
    assert not np.isnat(rows["p80"][0])  # 24 of 120 lie beyond
    assert np.isnat(rows["p95"][0])  # 6 of 120 lie beyond


def test_a_curve_has_no_ends_of_fewer_than_ten_and_a_coarse_grid():
    shown = show(procmine.survival(offices({"North": 120})), "public")
    assert shown.picture is not None
    for rows in (shown.rows, shown.picture.rows):
        assert min(rows["share"].min(), 1 - rows["share"].max()) * 120 >= 10 - 1e-9
    assert len(shown.picture.rows["share"]) < 20
    whole = procmine.survival(offices({"North": 14}))
    assert show(whole, "public").rows["share"].tolist() == []


def test_fewer_than_ten_cases_are_nothing():
    shown = show(procmine.cycle_times(offices({"North": 9})), "agency")
    assert len(shown.rows["n"]) == 0
    assert shown.picture is None
    assert not any(mark in line for line in shown.sentences for mark in ("9 finished", "days"))


def test_counts_are_rounded_and_the_page_says_so():
    shown = show(procmine.cycle_times(offices({"North": 123})), "public")
    assert shown.rows["n"].tolist() == [120]
    assert "120 finished cases" in shown.sentences[0]
    assert ENGLISH["safety.rounded"].format(least=10) in shown.sentences


def test_days_become_months():
    assert by_month("from 2024-03-15 up to 2024-04-02; case 2024-031") == "from 2024-03 up to 2024-04; case 2024-031"
    log = offices({"North": 120}).between("2024-01-03", "2024-12-01")
    shown = show(procmine.cycle_times(log), "public")
    assert "2024-01 up to, not including, 2024-12" in shown.filters[0]
    assert "2024-01-03 up to" in show(procmine.cycle_times(log), "agency").filters[0]


def test_sentences_need_ten_cases_too():
    said = {"n": 9, "p50": Span(86_400.0), "before": "A", "after": "B"}
    assert not may_be_said(Message("flow.top", said))
    assert may_be_said(Message("flow.top", {**said, "n": 20}))
    assert not may_be_said(Message("flow.top", {**said, "n": 19}))  # fewer than ten on one side of the middle
    inside = Message("result.group", {"group": "West", "said": Message("flow.top", said)})
    assert not may_be_said(inside, whole=True)
    assert rounded(inside).values["said"].values["n"] == 10


def test_a_map_has_no_small_count_and_keeps_its_main_path():
    rows = [
        (f"c{case:03}", step, f"2024-01-{day:02}") for case in range(60) for step, day in (("A", 1), ("B", 5), ("C", 9))
    ]
    rows += [("rare1", "A", "2024-01-01"), ("rare1", "X", "2024-01-02"), ("rare1", "C", "2024-01-03")]
    rows += [(f"d{case:03}", "A", "2024-01-01") for case in range(4)]
    drawn = safe_map(process_map(build(rows, cutoff="2024-02-01", ends=["C"])))
    assert set(drawn.boxes["step"]) == {"A", "B", "C"}
    assert list(zip(drawn.rows["before"], drawn.rows["after"])) == [("A", "B"), ("B", "C")]
    assert not drawn.boxes["open_arrow"].any()
    assert drawn.boxes["starts"].max() == 60  # 65 in truth
    assert (drawn.boxes["n"] % 10 == 0).all()
    assert "X" not in " ".join([*drawn.picture.caption, drawn.alt])
    shown = show(process_map(build(rows, cutoff="2024-02-01", ends=["C"])), "public")
    assert set(shown.rows["before"]) == {"A", "B"}


def test_a_sentence_with_few_seen_is_not_said_and_others_are_rounded():
    span = Span(86_400.0)
    seen = {"step": "Order", "time": span, "n": 40}
    assert not may_be_said(Message("forecast.seen", {**seen, "fast": 2}), whole=True)
    assert may_be_said(Message("forecast.seen", {**seen, "fast": 14}), whole=True)
    said = rounded(Message("forecast.seen", {**seen, "fast": 51, "n": 61})).say()
    assert "seen 50 of the 60 times" in said
    assert not may_be_said(Message("forecast.unseen", {**seen, "tenth": span}), whole=True)  # a tenth of 40 is 4
    assert may_be_said(Message("forecast.unseen", {**seen, "n": 100, "tenth": span}), whole=True)


def dormant(n, of=60):
    """Cases of ten days; `n` have stopped after their first step, and nothing has happened for years."""
    rows = [(f"c{k:03}", "Start", str(np.datetime64("2022-01-03") + k)) for k in range(of)]
    rows += [(f"c{k:03}", "End", str(np.datetime64("2022-01-13") + k)) for k in range(n, of)]
    return build(rows, cutoff="2025-06-30", ends=["End"], dormant_after=365 * 86_400_000_000)


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_of_fewer_than_ten_dormant_cases_nothing_is_told(audience):
    for n in (5, 20):
        log = dormant(n)
        assert log.dormant.sum() == n
        shown = show(procmine.bottlenecks(log), audience)
        text = " ".join([*shown.sentences, brief(log, audience=audience).html])
        assert ("dormant cases" in text) == (n == 20)
        assert ("dormant after" in shown.rows["kind"]) == (n == 20)
        assert ("share_active" in shown.rows) == (n == 20)
    assert "dormant cases" in brief(dormant(5)).html


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_shares_are_coarse_or_they_would_tell_the_counts(audience):
    """35 of 60: 0.58333 times 60 is 35 to a case."""
    rows = [(f"c{k}", step, f"2024-01-{day:02}") for k in range(60) for day, step in ((1, "A"), (2, "B"), (3, "C"))]
    rows = [row for row in rows if row[1] != "B" or int(row[0][1:]) < 35]
    result = procmine.variants(build(rows, cutoff="2024-02-01", ends=["C"]))
    assert 35 / 60 in result.rows["share"]
    shown = show(result, audience)
    assert shown.rows["share"].tolist() == [0.6, 0.4]  # of 60 to the nearest twentieth
    assert rounded(Message("bottleneck.range", {"low": 35 / 60, "high": 0.61})).values["low"] == 0.58


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_a_row_of_no_case_is_hidden_as_a_row_of_few(audience):
    log = offices({"North": 200, "South": 60, "West": 12})
    rows = dict(procmine.cycle_times(log, by=["office"]).rows)
    rows["n"] = np.where(rows["office"] == "West", 0, rows["n"])
    shown = show(replace(procmine.cycle_times(log, by=["office"]), rows=rows), audience)
    assert set(shown.rows["office"]) == {"North", "South"}


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_the_check_the_contacts_and_the_written_procedure_are_for_the_team_only(audience):
    """In the sample one contact, with its score, is all that was said at the first payment."""
    folder = Path(__file__).parents[1] / "event_logs"
    log = procmine.read(folder / "child_support.yaml")
    written = procmine.procedure(log, folder / "child_support_procedure.txt")
    for result in (procmine.quality(log), procmine.voice(log), written, procmine.load_report(log)):
        with pytest.raises(LogError, match=f"{type(result).__name__}. is for the team only"):
            show(result, audience)
        page = of_result(result, audience=audience)
        assert not any(mark.isdigit() for mark in page["text/plain"].replace("no fewer than 10 cases", ""))
        assert page[MIME]["tables"] == []
        assert show(result, "team").rows
