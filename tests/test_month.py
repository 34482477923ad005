"""A month and the place among other offices: counted by hand, as the log stood then, nothing small for others."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from logs import build

import procmine
from procmine.find.service.standards import Standard
from procmine.log import LogError
from procmine.publish.batch.against import against_others
from procmine.publish.month.told import Untold
from procmine.publish.safety import show

ROOT = Path(__file__).parents[1]
SAMPLE = procmine.read(ROOT / "event_logs" / "child_support.yaml")
ENDS = {"ends": ["End"], "outcomes": {"End": "done"}}
HAND = [
    *(("A", "Begin", "2026-08-10"), ("A", "End", "2026-10-09")),
    *(("B", "Begin", "2026-10-01"), ("B", "End", "2026-10-11")),
    *(("C", "Begin", "2026-10-05"), ("C", "Look", "2026-10-06")),  # open
    *(("D", "Begin", "2026-09-01"), ("D", "End", "2026-09-30")),
    ("E", "Begin", "2026-09-20"),  # open
    ("F", "Begin", "2026-11-02"),  # after the month
]


def hand(cutoff="2026-11-10"):
    return build(HAND, cutoff=cutoff, **ENDS)


def counts(told, month="2026-10"):
    rows = told.frame[told.frame["month"] == month].set_index("figure")["value"]
    return tuple(int(rows[name]) for name in ("begun", "finished", "open"))


def monthly(begun, last=0, days=20, by=lambda case: "North"):
    """So many cases on the first day of each month from 2024-01 on, each `days` long; `last` more in the newest month."""
    rows, of = [], {}
    firsts = np.arange(np.datetime64("2024-01"), np.datetime64("2024-01") + len(begun))
    for month, n in zip(firsts, begun):
        for one in range(n + (last if month == firsts[-1] else 0)):
            case, day = f"{month}-{one:03}", month.astype("M8[D]")
            of[case] = by(one)
            rows.append((case, "Begin", str(day)))
            if day + days <= np.datetime64(firsts[-1] + 1, "D") - 1:
                rows.append((case, "End", str(day + days)))
    cutoff = str(np.datetime64(firsts[-1] + 1, "D") - 1)
    return build(rows, cutoff=cutoff, attributes={"office": of}, **ENDS)


# the month


def test_the_last_whole_month_counted_by_hand():
    told = procmine.this_month(hand())
    assert (told.month, told.first, told.last) == ("2026-10", "2026-10-01", "2026-10-31")
    assert counts(told) == (2, 2, 2)  # B, C; A, B; C, E
    assert counts(told, "2026-09") == (2, 1, 2)  # D, E; D; A, E
    assert told.sentences()[0].startswith(
        "In 2026-10, 2 cases came and 2 cases were finished; 2 cases are open at the end of 2026-10"
    )
    assert len(told.log) == 5 and "2026-11-02" not in str(told.log.events["time"].max())  # F is not there yet
    waited = told.frame[(told.frame["month"] == "2026-10") & (told.frame["figure"] == "waited")]["value"].iloc[0]
    assert waited == pytest.approx((27 + 42) / 2)


def test_an_earlier_month_is_told_as_the_log_stood_then():
    told = procmine.this_month(hand(), month="2026-09")
    assert counts(told, "2026-09") == (2, 1, 2)
    assert told.log.open.tolist() == [True, False, True]  # A, D, E: A ended later


def test_a_longer_period_counted_by_hand_and_said():
    told = procmine.this_month(hand(), month="2026-10", first="2026-08-01", last="2026-10-31")
    assert counts(told) == (5, 3, 2)
    said = told.sentences()
    assert said[0] == (
        "In the three months up to 2026-10, 5 cases came and 3 cases were finished; 2 cases are open at the end of 2026-10."
    )
    assert "(2026-08-01 to 2026-10-31)" in said[1]
    assert isinstance(told.chart(), Untold) and not any("usual ups and downs" in one for one in said)
    assert procmine.this_month(hand(), first="2025-11-01", last="2026-10-31").kind == "rolling_year"


@pytest.mark.parametrize(("given", "why"), [
    ({"month": "2026-10", "first": "2026-10-02"}, "2026-08-01 to 2026-10-31"),
    ({"month": "2026-11"}, "data end before 2026-11-30"),
    ({"month": "October"}, "write a month as"),
    ({"last": "soon"}, "write a month as"),
    ({"month": "2020-01"}, "No case had begun"),
])  # fmt: skip
def test_what_is_no_month_is_refused(given, why):
    with pytest.raises(ValueError, match=why):
        procmine.this_month(hand(), **given)


def test_steps_left_out_are_refused():
    with pytest.raises(LogError, match="Steps were left out"):
        procmine.this_month(hand().only_activities(["Begin", "End"]))


def test_the_standard_of_those_whose_limit_passed_in_the_month():
    """Within 30 days, counted by date: passed in October by B (done), D (done) and E (open); by A and C not."""
    asked = Standard("Decision", "arrival", "End", 30, share=80)
    said = procmine.this_month(hand(), standards=asked).sentences()
    assert any(one.startswith("Done in time (Decision): 67% of 3 cases") and "80% are asked for" in one for one in said)


def test_the_pile_stands_out_only_when_it_does():
    calm = [20, 22, 19, 21, 20, 18, 22, 20, 21, 19, 20, 22, 19, 20, 21, 20, 18, 21]
    usual = procmine.this_month(monthly(calm, days=40))
    above = procmine.this_month(monthly(calm, last=100, days=40))
    assert "within the usual ups and downs" in usual.sentences()[0]
    assert "more than the usual ups and downs" in above.sentences()[0]


def test_of_few_months_nothing_is_called_usual():
    assert "too few months" in procmine.this_month(monthly([20] * 6, days=40)).sentences()[0]


def test_voices_are_counted_by_case():
    contacts = pd.read_csv(ROOT / "event_logs" / "child_support_voice.csv")
    day, case = (next(name for name in contacts if word in name.lower()) for word in ("date", "case"))
    known = set(SAMPLE.case.values())
    mine = contacts[contacts[day].astype(str).str.startswith("2026-09") & contacts[case].astype(str).isin(known)]
    told = procmine.this_month(SAMPLE, month="2026-09").frame
    row = told[(told["month"] == "2026-09") & (told["figure"] == "contacted")]
    assert int(row["n"].iloc[0]) == mine[case].nunique() > 20


def test_a_plan_is_told_of_its_office():
    plan = procmine.Plan.read(ROOT / "plans" / "consent_orders_north.yml")
    told = procmine.this_month(SAMPLE, plan=plan.model_copy(update={"standard": None}))
    assert len(told.log) == len(SAMPLE.where({"office": "North"}))
    assert any("the target of the plan" in one for one in told.sentences())


def test_places_are_of_cases_open_in_the_period():
    """In October A, B, C and E were open; D was over: before End lie 60 days of A and 10 of B, before Look 1 of C."""
    rows = procmine.this_month(hand()).places().frame.set_index(["kind", "step"])
    assert rows.loc[("before", "End"), "n"] == 2
    share = rows.loc[("before", "End"), "share"] / rows.loc[("before", "Look"), "share"]
    assert share == pytest.approx(70)


# for others


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_nothing_small_of_a_small_office(audience):
    told = procmine.this_month(hand())
    for one in (told, told.places(), told.waiting(), told.caseload()):
        shown = show(one, audience)
        said = " ".join(shown.sentences)
        assert not re.search(r"\b[1-9] (other )?(case|open)", said), said
    shown = show(told, audience)
    assert "would tell of too few" in shown.sentences[0]
    assert set(shown.rows["told"]) == {"not\N{NO-BREAK SPACE}told"}
    assert set(shown.rows["told_cases"]) == {""}


def test_counts_for_others_are_rounded_and_the_team_has_them_exactly():
    told = procmine.this_month(SAMPLE.where({"office": "North"}))
    exact, agency = told.sentences()[0], show(told, "agency").sentences[0]
    numbers = [int(one) for one in re.findall(r"(\d+) cases", exact)]
    assert [int(one) for one in re.findall(r"(\d+) cases", agency)] == [round(one, -1) for one in numbers]
    assert any(one % 10 for one in numbers)
    assert not re.search(r"\d{4}-\d\d-\d\d", " ".join(show(told, "public").sentences))


def test_who_waits_for_others():
    """30 wait at Begin, 12 at Look and 3 at Ask: the 3 are left out, and the 12, so that no total gives them away."""
    steps = ["Begin"] * 30 + ["Look"] * 12 + ["Ask"] * 3
    rows = []
    for case, step in enumerate(steps):
        rows.append((f"c{case:02}", "Begin", "2026-10-01"))
        rows += [(f"c{case:02}", step, "2026-10-02")] if step != "Begin" else []
    rows += [("z", "Begin", "2026-09-01"), ("z", "End", "2026-09-03")]
    waiting = procmine.waiting_now(build(rows, cutoff="2026-10-31", **ENDS))
    assert [int(one) for one in waiting.rows["n"]] == [30, 12, 3]
    shown = show(waiting, "agency")
    assert list(shown.rows["step"]) == ["Begin"] and list(shown.rows["cases"]) == [30]
    assert set(shown.rows) == {"step", "cases", "since_p50", "age_p50"} and shown.hidden == 2
    assert shown.sentences[0].startswith("More open cases are after Begin than at any other step: 30. Half of these")
    assert shown.picture is None or not shown.picture.pictured  # the picture has a dot for each case


# the place among the others


def six(tmp_path):
    log = monthly([60] * 12, by=lambda case: "ABCDEF"[case % 6])
    found = against_others(log, "office", "2024-12")["A"]
    file = tmp_path / "A.json"
    file.write_text(json.dumps({"office": "A", "month": "2024-12", **found.to_dict()}), encoding="utf-8")
    return log, file


@pytest.mark.parametrize("audience", ["team", "agency"])
def test_the_band_says_what_the_batch_wrote(tmp_path, audience):
    found = against_others(SAMPLE, "office", "2026-10", audience=audience)["North"]
    file = tmp_path / "North.json"
    file.write_text(json.dumps({"office": "North", "month": "2026-10", **found.to_dict()}), encoding="utf-8")
    beside = procmine.against(SAMPLE, file)
    assert len(beside) == 2 and beside.sentences() == [one.say() for one in found.said]
    assert "Of 5 other offices, 0 are clearly faster, 0 about the same and 5 clearly slower." in beside.sentences()
    assert "5 of them" in beside.definition


def test_the_band_for_others_counts_own_cases_in_tens(tmp_path):
    log, file = six(tmp_path)
    assert list(procmine.against(log, file).rows["n"]) == [120, 120]
    written = json.loads(file.read_text(encoding="utf-8"))
    for row in written["rows"]:
        row |= {"n": 123, "own": 20.4}
    file.write_text(json.dumps(written), encoding="utf-8")
    shown = show(procmine.against(log, file), "agency")
    assert list(shown.rows["cases"]) == [120, 120] and "123" not in " ".join(shown.sentences)
    assert shown.rows["own"][0] == np.timedelta64(20, "D") and "20 days here" in shown.sentences[0]


def test_without_a_band_it_says_why(tmp_path):
    log = monthly([60] * 12)
    file = tmp_path / "A.json"
    few = against_others(log, "office", "2024-12")["North"]
    file.write_text(json.dumps({"office": "North", "month": "2024-12", **few.to_dict()}), encoding="utf-8")
    assert procmine.against(log, file).sentences() == [one.say() for one in few.said]
    assert "A batch of all offices" in procmine.against(log).sentences()[0]
    for text in ("{}", "[1]", "no json", '{"rows": [{"measure": "<b>"}], "month": "x", "said": []}'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match="is not what a batch writes"):
            procmine.against(log, file)
