"""Who waits now: by hand, as identities, and beside scipy's curve."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from logs import build
from scipy import stats

import procmine
from procmine.clocks import WorkingTime

DAY = pd.Timedelta(days=1)


def desk():
    """25 finished cases that stayed 1 to 25 days after Open; open ones since 30, 10 and 2 days after Open, 4 days after Ask;
    one without a step for 80 days. Data up to the end of 31 March.
    """
    rows = []
    for k in range(1, 26):
        rows += [(f"f{k:02}", "Open", "2024-02-01"), (f"f{k:02}", "Close", str(np.datetime64("2024-02-01") + k))]
    for name, back in (("a", 30), ("b", 10), ("c", 2), ("sleeps", 80)):
        rows.append((name, "Open", str(np.datetime64("2024-03-31") - back)))
    rows += [("d", "Open", "2024-03-01"), ("d", "Ask", "2024-03-27")]
    places = dict.fromkeys(("a", "b"), "South")
    log = build(rows, cutoff="2024-03-31", ends=["Close"], attributes={"office": places})
    limit = 60 * 86_400_000_000
    return replace(log, about=replace(log.about, dormant_after=limit))


def test_open_cases_by_hand():
    now = procmine.waiting_now(desk())
    rows = now.frame.set_index("step")
    assert list(rows.index) == ["Open", "Ask"] and rows["n"].tolist() == [3, 1] and rows["dormant"].tolist() == [1, 0]
    opened = rows.loc["Open"]
    assert [opened[name].ceil("h") for name in ("since_p50", "since_oldest", "age_p50")] == [
        11 * DAY,
        31 * DAY,
        11 * DAY,
    ]
    asked = rows.loc["Ask"]
    assert asked["since_p50"].ceil("h") == 5 * DAY and asked["age_oldest"].ceil("h") == 31 * DAY
    # 8 in 10 of all that stayed after Open, the 5 open ones and d (26 days) among them
    assert opened["beyond"] == 1 and opened["usual_p80"] < 31 * DAY and asked["beyond"] == 0
    assert pd.isna(asked["usual_p80"])  # nobody has gone on from there
    said = now.sentences()
    assert said[0].startswith("4 cases are waiting now, 3 of them after Open: half of these for at least 11 days")
    assert said[1].startswith("1 case is at a step for longer than 8 in 10 before them, 1 of them after Open")
    assert said[2].startswith("1 further case is open without a step")


def test_the_usual_stay_is_scipys_curve():
    log = desk()
    gone, still = [*range(1, 26), 26], [31, 11, 3, 81]
    curve = stats.ecdf(stats.CensoredData(gone, right=still)).sf
    row = procmine.waiting_now(log).frame.set_index("step").loc["Open"]
    for share, name in ((0.5, "usual_p50"), (0.8, "usual_p80")):
        there = curve.quantiles[np.flatnonzero(curve.probabilities <= 1 - share + 1e-12)[0]]
        assert row[name] == there * DAY


def test_one_row_a_case_longest_first_and_dormant_last():
    cases = procmine.pending_cases(desk())
    assert cases["case"].tolist() == ["a", "b", "d", "c", "sleeps"] and cases["step"].tolist()[2] == "Ask"
    assert cases["waited"].dt.ceil("h").tolist() == [one * DAY for one in (31, 11, 5, 3, 81)]
    assert cases["beyond"].tolist() == [True, False, False, False, True]
    assert cases["dormant"].tolist() == [False] * 4 + [True]
    assert cases["office"].tolist()[:2] == ["South", "South"]
    assert cases["since"][0] == pd.Timestamp("2024-03-01")


def test_groups_are_measured_against_all():
    now = procmine.waiting_now(desk(), by=["office"])
    assert now.groups == ("office",)
    south = now.parts()["South"].frame.set_index("step")
    assert south.loc["Open", "n"] == 2 and south.loc["Open", "beyond"] == 1
    whole = procmine.waiting_now(desk()).frame.set_index("step")
    assert south.loc["Open", "usual_p80"] == whole.loc["Open", "usual_p80"]


def test_open_cases_add_up(office):
    now = procmine.waiting_now(office)
    assert now.rows["n"].sum() + now.rows["dormant"].sum() == office.open.sum()
    assert now.rows["dormant"].sum() == office.dormant.sum()
    cases = procmine.pending_cases(office)
    assert len(cases) == office.open.sum() and (cases["beyond"] & ~cases["dormant"]).sum() == now.rows["beyond"].sum()
    by_office = procmine.waiting_now(office, by=["office"])
    assert by_office.rows["n"].sum() == now.rows["n"].sum()
    # of those that came to a step 2 in 10 stay beyond, so of any day's open ones some do
    assert 0 < now.rows["beyond"].sum() < now.rows["n"].sum()


def test_working_days():
    rows = [("1", "Open", "2024-01-05T16:00"), ("2", "Open", "2024-01-02T09:00"), ("2", "Close", "2024-01-02T10:00")]
    log = build(rows, cutoff="2024-01-08", ends=["Close"])
    row = procmine.waiting_now(log, clock=WorkingTime(9, 17)).frame.iloc[0]
    assert row["since_p50"] == pd.Timedelta(hours=9)  # one hour of Friday, eight of Monday


def test_cases_that_have_no_step_yet_and_cases_that_all_sleep():
    log = desk()
    came = replace(
        log, arrival=np.minimum(log.arrival, log.arrival.min()), about=replace(log.about, arrival="received")
    )
    early = procmine.waiting_now(came.cut_to("2024-02-02"))  # only "sleeps" and those that finish had a step by then
    none = early.frame.set_index("step").loc[""]
    assert none["n"] == 4 and pd.isna(none["usual_p80"])
    slept = log.where({"office": ["South"]})
    asleep = procmine.waiting_now(replace(slept, about=replace(slept.about, dormant_after=1)))
    assert asleep.sentences()[0] == (
        "2 open cases have had no step for so long as to count as dormant; no other case is open."
    )
    only = replace(came, about=replace(came.about, dormant_after=None)).cut_to("2024-01-12").having("Open")
    assert procmine.waiting_now(only).plot() is not None
    nobody = came.cut_to("2024-01-12").not_having("Open")
    said = procmine.waiting_now(nobody).sentences()[0]
    assert "without any step so far: half of these" in said and "after -" not in said
    assert procmine.waiting_now(nobody)._repr_html_()


def test_the_picture_is_drawn():
    axes = procmine.waiting_now(desk()).plot()
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["Open", "Ask"]
    dots = sum(
        len(line.get_xdata()) for line in axes.lines if line.get_marker() in "o^" and line.get_linestyle() == "None"
    )
    assert dots == 4  # the dormant one is left out


def test_what_cannot_be_told_is_refused(office):
    with pytest.raises(procmine.LogError, match="left out"):
        procmine.waiting_now(office.only_activities(["Start"]))
    with pytest.raises(procmine.LogError, match="No case of this log is open"):
        procmine.pending_cases(office.having("End"))
