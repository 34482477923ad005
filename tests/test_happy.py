"""The happy path: which it is, who follows it and where others leave it, by hand and with open cases."""

import numpy as np
import pytest
from logs import build

import procmine
from procmine.log import LogError
from procmine.see.happy import happy_path

ONE_DAY = np.timedelta64(1, "D")


def log_of(*cases, cutoff="2024-12-31", **more):
    """Each case is a text of steps, one letter each, ten days apart from 2024-01-01 on; E and X end it."""
    first = np.datetime64("2024-01-01")
    rows = [
        (f"{k:03}", step, str(first + 10 * place)) for k, case in enumerate(cases) for place, step in enumerate(case)
    ]
    return build(rows, cutoff=cutoff, ends=["E", "X"], outcomes={"E": "paid", "X": "denied"}, **more)


CASES = ("ABCE", "ABCE", "ABCE", "ABBCE", "AZBCE", "ABX", "ABX", "ABX", "ABX", "BCE", "ABC", "AZ", "AB")


def test_ways_and_places_by_hand():
    answer = happy_path(log_of(*CASES), outcome="paid")
    assert answer.arguments["path"] == "A → B → C → E"  # not A → B → X, which is more frequent and no good end
    rows = answer.frame
    ways = rows.iloc[:3].set_index("way")
    assert list(ways["cases"]) == [3, 2, 5] and (ways["open"] == 3).all()
    # 3 follow it, 8 have left it, one of them open (AZ); of ABC and AB it is not known. Of those who left, 5 of 8 are over at
    # day 20 in another way, then 2 of 3 at day 40 with extras
    np.testing.assert_allclose(ways["share"], [3 / 11, 8 / 11 * 2 / 7, 8 / 11 * 5 / 7])
    assert list(ways["p50"]) == [30 * ONE_DAY, 40 * ONE_DAY, 20 * ONE_DAY]
    places = rows.iloc[3:].set_index(["left_after", "instead"])
    assert places["cases"].to_dict() == {("B", "X"): 4, ("A", "Z"): 2, ("B", "B"): 1, ("", "B"): 1}
    assert places["open"].to_dict() == {("B", "X"): 0, ("A", "Z"): 1, ("B", "B"): 0, ("", "B"): 0}
    assert places.loc[("B", "X"), "share"] == pytest.approx(4 / 13)
    assert places.loc[("B", "X"), "p50"] == 20 * ONE_DAY
    assert "Most leave it after B: X comes instead (4 cases" in answer.sentences()[-1]


def test_a_case_may_end_early_or_go_on_after_the_path():
    rows = happy_path(log_of("ABE", "ABE", "AE", "ABEE", "AX"), outcome="paid").frame
    assert list(rows["cases"][:3]) == [2, 1, 2]
    places = set(zip(rows["left_after"][3:], rows["instead"][3:]))
    assert places == {("A", "E"), ("E", "E"), ("A", "X")}
    short = happy_path(log_of("AAE", "AAE", "A", cutoff="2024-12-31", every_case=True), outcome="paid").frame
    assert len(short) == 3  # the open one is still on the path


def test_extras_need_a_good_end_and_the_order():
    rows = happy_path(log_of("ABE", "ABE", "BAE", "ABEX", "QAQBQE"), outcome="paid").frame
    assert list(rows["cases"][:3]) == [2, 1, 2]  # BAE has them in another order, ABEX was denied in the end


def test_the_good_end_must_be_named_and_there():
    log = log_of(*CASES)
    with pytest.raises(LogError, match=r"Say which end is a good one.*denied, paid"):
        happy_path(log)
    with pytest.raises(LogError, match=r"No outcome 'won'.*denied, paid"):
        happy_path(log, outcome="won")
    with pytest.raises(LogError, match="there is no path to follow"):
        happy_path(log_of("ABX"), outcome="paid")
    assert happy_path(log, outcome=["paid", "denied"]).arguments["path"] == "A → B → X"
    plain = build([("1", "A", "2024-01-01"), ("1", "B", "2024-01-02")], cutoff="2024-02-01", ends=["B"])
    assert happy_path(plain).rows["cases"][0] == 1


def test_groups_share_one_path_and_people_are_numbers():
    office = {f"{k:03}": "North" if k < 6 else "South" for k in range(len(CASES))}
    log = log_of(*CASES, attributes={"office": office, "clerk": office}, persons=("clerk",))
    answer = happy_path(log, outcome="paid", by=["office"])
    first = answer.frame.groupby("office", sort=False).head(3).groupby("office", sort=False)["cases"].apply(list)
    assert first.to_dict() == {"North": [3, 2, 1], "South": [0, 0, 4]}
    assert answer.groups == ("office",) and answer.sentences()[0].startswith(
        "North: 50% of cases follow the usual path"
    )
    named = happy_path(log, outcome="paid", by=["clerk"])
    assert set(named.rows["clerk"]) == {"person 1", "person 2"} and "North" not in str(named)


def test_cases_begun_before_the_data_are_complete_are_left_out():
    since = int(np.datetime64("2024-01-02", "us").astype(np.int64))
    with pytest.raises(LogError, match="None of the 0 cases"):
        happy_path(log_of(*CASES, complete_from=since), outcome="paid")


def test_open_cases_that_left_the_path_do_not_follow_it():
    """One case of ten has ended, on the path; the nine others began otherwise and wait."""
    answer = happy_path(log_of("ABE", *["ZA"] * 9), outcome="paid")
    np.testing.assert_allclose(answer.rows["share"][:3], [0.1, np.nan, np.nan])
    assert "10% of cases follow the usual path" in answer.sentences()[0] and "extra" not in answer.sentences()[0]
    group = {f"{k:03}": "old" if k < 10 else "new" for k in range(12)}
    new = happy_path(log_of("ABE", *["ZA"] * 9, "AB", "A", attributes={"group": group}), outcome="paid", by=["group"])
    assert "cannot be told yet: 0 cases have ended, 2 are still open" in new.sentences()[0]
    weeks = [(f"{k:02}", "A", str(np.datetime64("2023-01-02") + 7 * k)) for k in range(30)]
    whole = build([*weeks, *((case, "E", day) for case, _, day in weeks)], cutoff="2024-12-31", ends=["E"])
    np.testing.assert_array_equal([happy_path(whole).rows[name][0] for name in ("share", "low", "high")], 1)
    nobody = build([*weeks, ("00", "E", "2023-01-02")], cutoff="2024-12-31", ends=["E"])
    assert np.isnan(happy_path(nobody).rows["share"]).all()  # one has followed it, and 29 may


def test_the_picture_tells_who_begins_otherwise_from_who_ends_early():
    axes = happy_path(log_of("ABE", "ABE", "AE", "BE", every_case=True), outcome="paid").plot()
    labels = [one.get_text() for one in axes.get_yticklabels()]
    assert "begins with B" in labels and "after A: E" in labels and not any("after end" in one for one in labels)


def followers(seed):
    """Half of the cases follow A B E and take 100 days; the others are over at A X after 10; watched for a year."""
    draw = np.random.default_rng(seed)
    first, rows = np.datetime64("2023-01-01"), []
    for k in range(500):
        at, last = int(draw.integers(0, 365)), 365
        slow = draw.random() < 0.5
        steps = (
            [("A", at), ("B", at + 50), ("E", at + 50 + round(draw.gamma(10, 5)))]
            if slow
            else [("A", at), ("X", at + 10)]
        )
        rows += [(f"{k:03}", step, str(first + day)) for step, day in steps if day <= last]
    return build(rows, cutoff=str(first + 365), ends=["E", "X"], outcomes={"E": "paid", "X": "denied"})


@pytest.mark.slow
def test_the_share_counts_open_cases_where_finished_ones_alone_mislead():
    fair, naive, inside, half = [], [], [], []
    for seed in range(30):
        rows = happy_path(followers(seed), outcome="paid").rows
        fair.append(rows["share"][0])
        naive.append(rows["cases"][0] / rows["cases"][:3].sum())
        inside.append(rows["low"][0] <= 0.5 <= rows["high"][0])
        half.append(rows["p50"][0] / ONE_DAY)
    print(f"follows it (true 50%): {np.mean(fair):.1%}, of finished cases alone {np.mean(naive):.1%}")
    assert np.mean(fair) == pytest.approx(0.5, abs=0.015)
    assert np.mean(naive) < 0.47
    assert np.mean(inside) >= 0.8
    assert np.mean(half) == pytest.approx(50 + 48.3, abs=2)  # the middle of a gamma(10, 5) is 48.3


def test_the_sample_has_the_way_its_maker_wrote(tmp_path):
    log = procmine.read("event_logs/child_support.csv")
    answer = happy_path(log, outcome="paid")
    steps = ["Application received", "Application complete", "Case opened", "Other parent located", "Notice served"]
    steps += ["Answer period ended", "Petition filed", "Court order issued", "Order served", "Income withholding sent"]
    assert answer.arguments["path"] == " → ".join([*steps, "First payment received"])
    variants = procmine.variants(log).frame.set_index("variant")
    assert answer.rows["cases"][0] == variants.loc[answer.arguments["path"], "n"]
    top = answer.frame.iloc[3]
    assert (top["left_after"], top["instead"]) == ("Application received", "Application returned")
    returned = log.having("Application returned")
    assert top["cases"] <= len(returned)
    answer.save(tmp_path / "happy.png")
    answer.to_excel(tmp_path / "happy.xlsx")
    assert answer._repr_html_() and answer.to_dict()
