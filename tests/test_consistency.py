"""Consistency: spread between and inside offices, by hand, against theory, and how often equal offices seem to differ."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from logs import DAY, START, build
from scipy.stats import CensoredData, binomtest, ecdf

import procmine
from procmine.about import About
from procmine.find.consistency import _between, _ranks, _shrunk, _spread, consistency
from procmine.log import EventLog, LogError, Text

ONE_DAY = np.timedelta64(1, "D")


def office_log(offices, arrival, length, cutoff, names):
    """Cases of one wait: In at `arrival` (days), Out `length` days later, as seen at `cutoff`."""
    n = len(arrival)
    time = START + np.stack([arrival, arrival + length], axis=1) * DAY
    time = time.astype(np.int64)
    last = START + cutoff * DAY
    kept = time <= last
    offset = np.concatenate(([0], np.cumsum(kept.sum(axis=1))))
    about = About(("In", "Out"), last, ("Out",), "civil", "microsecond", int(time.min()), attributes=("office",))
    place = Text(offices.astype(np.int32), pa.array(names))
    case = Text(np.arange(n, dtype=np.int32), pa.array([str(k) for k in range(n)]))
    step = np.tile(np.array([0, 1], np.uint8), (n, 1))
    until = np.where(kept[:, 1], time[:, 1], last)
    return EventLog(about, step[kept], time[kept], offset, time[:, 0], until, ~kept[:, 1], case, {"office": place})


def made(seed, factors, n=1_200, days=730, sizes=None):
    draw = np.random.default_rng(seed)
    office = draw.choice(len(factors), n, p=sizes)
    arrival = np.sort(draw.uniform(0, days, n))
    length = draw.lognormal(np.log(40), 0.7, n) * np.asarray(factors)[office]
    names = [f"Office {k}" for k in range(len(factors))]
    return office_log(office, arrival, length, days, names), office, arrival, length


def test_quantiles_are_kaplan_meiers_of_another_library():
    log, office, _, _ = made(1, [1.0, 1.5, 1.0])
    rows = consistency(log, "office").frame.set_index("office")
    length = (log.until - log.arrival) / DAY
    for k in range(3):
        here = office == k
        data = CensoredData(uncensored=length[here & ~log.open], right=length[here & log.open])
        curve = ecdf(data).cdf
        for name, p in (("p20", 0.2), ("p50", 0.5), ("p80", 0.8)):
            true = curve.quantiles[np.flatnonzero(curve.probabilities >= p)[0]]
            assert rows.loc[f"Office {k}", name] / ONE_DAY == pytest.approx(true, abs=1e-3)
        assert rows.loc[f"Office {k}", ["n", "open"]].tolist() == [here.sum(), (here & log.open).sum()]
    assert rows["ratio"].iloc[0] == pytest.approx(rows["p80"].iloc[0] / rows["p20"].iloc[0], rel=1e-4)


def test_means_count_only_cases_watched_for_the_horizon():
    log, office, arrival, length = made(2, [1.0, 2.0])
    rows = consistency(log, "office", within=90).frame
    whole = arrival + 90 <= 730 + 1e-9
    for k in range(2):
        here = whole & (office == k)
        assert rows["followed"][k] == here.sum()
        assert rows["mean"][k] / ONE_DAY == pytest.approx(np.minimum(length, 90)[here].mean(), abs=1e-4)
    assert rows["horizon"][0] == 90 * ONE_DAY


def test_the_share_between_is_that_of_an_analysis_of_variance():
    """Where weeks do not matter: 1 - within / (within + between) of a designed difference."""
    log, _, _, length = made(3, [1.0, 2.0], n=8_000)
    answer = consistency(log, "office", within=150)
    y = np.minimum(length, 150)
    half = [np.minimum(length[log.attributes["office"].codes == k], 150) for k in range(2)]
    between = (half[0].mean() - half[1].mean()) ** 2 / 4
    assert answer.differs and answer.rows["p"][0] < 0.01
    assert answer.rows["share_between"][0] == pytest.approx(between / y.var(), rel=0.1)
    assert answer.rows["share_between_low"][0] < between / y.var() < answer.rows["share_between_high"][0]
    assert list(answer.rows["rank_low"]) == list(answer.rows["rank_high"]) == [1, 2]
    assert answer.sentences()[0].startswith("Where a case is handled goes with its time")


def test_equal_offices_keep_all_ranks_and_shrink_to_one_mean():
    log, *_ = made(4, [1.0] * 5)
    rows = consistency(log, "office").rows
    assert set(rows["rank_low"]) == {1} and set(rows["rank_high"]) == {5}
    raw, shrunk = (rows[name] / ONE_DAY for name in ("mean", "shrunk"))
    assert np.ptp(shrunk) < 0.35 * np.ptp(raw)
    assert rows["share_between_low"][0] == 0 and rows["share_between"][0] < 0.02
    assert "no difference between the 5 offices" in consistency(log, "office").sentences()[0]


def shocked(seed, offices=6, weeks=104, factor=None, a_week=30, common=0.15, own=0.15, rho=0.5):
    """Offices alike, but for shocks to weeks: common ones, and each office's own, which last (autocorrelation rho)."""
    draw = np.random.default_rng([seed, 5])
    lasting = np.zeros((weeks, offices))
    level = draw.normal(0, own, offices)
    for k in range(weeks):
        level = rho * level + draw.normal(0, own * np.sqrt(1 - rho**2), offices)
        lasting[k] = level
    shock = np.exp(draw.normal(0, common, weeks)[:, None] + lasting)
    group = draw.choice(offices, weeks * a_week, p=draw.dirichlet(np.full(offices, 5.0)))
    week = np.repeat(np.arange(weeks), a_week)
    length = (
        draw.lognormal(np.log(40), 0.7, len(week)) * shock[week, group] * np.asarray(factor or [1.0] * offices)[group]
    )
    return group, week, np.minimum(length, 120.0)


@pytest.mark.slow
def test_equal_offices_differ_in_at_most_one_log_of_twenty():
    false, naive, share = 0, 0, []
    for seed in range(400):
        group, week, y = shocked(seed)
        found = _between(_spread(group, 6, week, y))
        false, naive = false + (found["p"] <= 0.05), naive + (found["p_cases"] <= 0.05)
        share.append(found["share_between"])
    low, high = binomtest(false, 400).proportion_ci(0.95, method="exact")
    print(
        f"equal offices: {false} of 400 differ ({low:.1%} to {high:.1%}), by cases {naive}; share {np.mean(share):.2%}"
    )
    assert low <= 0.05 and false <= 28 and naive > 60
    assert np.mean(share) < 0.01


@pytest.mark.slow
def test_the_range_of_the_share_holds_the_truth():
    factor = [0.8, 0.9, 1.0, 1.0, 1.1, 1.3]
    group, week, y = shocked(20, weeks=8_000, factor=factor, common=0.1, own=0.1, rho=0.3)
    mean = np.bincount(group, y) / np.bincount(group)
    within = ((y - mean[group]) ** 2).mean()
    true, inside, share, differ = [], [], [], 0
    for seed in range(200):
        group, week, y = shocked(seed + 500, factor=factor, common=0.1, own=0.1, rho=0.3)
        found = _between(_spread(group, 6, week, y))
        part = np.bincount(group) / len(group)
        between = part @ (mean - part @ mean) ** 2
        true.append(between / (between + within))
        inside.append(found["share_between_low"] <= true[-1] <= found["share_between_high"])
        share.append(found["share_between"])
        differ += found["p"] <= 0.05
    print(
        f"share between (true {np.mean(true):.2%}): {np.mean(share):.2%}, {np.mean(inside):.0%} in range, {differ} of 200"
    )
    assert np.mean(share) == pytest.approx(np.mean(true), rel=0.15)
    assert np.mean(inside) >= 0.85 and differ > 180


@pytest.mark.slow
def test_ranks_hold_the_true_ones_and_shrinking_helps():
    for factor, alike in (([0.8, 0.9, 1.0, 1.05, 1.1, 1.3], False), ([0.96, 0.98, 1.0, 1.01, 1.02, 1.05], True)):
        true, hold, raw, better = np.argsort(np.argsort(factor)) + 1, 0, [], []
        exact = np.minimum(np.random.default_rng(0).lognormal(np.log(40), 0.7, (400_000, 1)) * factor, 120).mean(axis=0)
        for seed in range(100):
            group, week, y = shocked(seed + 900, factor=factor, a_week=8, common=0, own=0.05)
            spread = _spread(group, 6, week, y)
            low, high = _ranks(spread)
            hold += bool(((low <= true) & (true <= high)).all())
            raw.append(((spread.mean - exact) ** 2).mean())
            better.append(((_shrunk(spread) - exact) ** 2).mean())
        print(f"true ranks inside in {hold} of 100; squared error {np.mean(raw):.2f}, shrunk {np.mean(better):.2f}")
        assert hold >= 90
        assert np.mean(better) < np.mean(raw) * (0.6 if alike else 1.05)


def test_milestones_clocks_and_horizons(tmp_path):
    log = procmine.read("event_logs/child_support.csv").between("2025-10-06", "2026-06-01")
    answer = consistency(log, "office", start="Petition filed", stop="Court order issued")
    rows = answer.frame.set_index("office")
    assert answer.differs and rows.loc["North", "p50"] <= 2 * ONE_DAY  # on paper there since that day
    assert rows.drop("North")["p50"].min() >= 65 * ONE_DAY
    assert rows.loc["North", "rank_high"] == 1 and set(rows.drop("North")["rank_low"]) == {2}
    clock = procmine.WorkingTime(9, 17)
    days = consistency(log, "office", start="Petition filed", stop="Court order issued", clock=clock, within=60)
    assert days.frame.set_index("office")["p50"]["South"] / np.timedelta64(8, "h") == pytest.approx(52, abs=3)
    for order in ("name", "time"):
        axes = answer.plot(order=order)
        names = [label.get_text() for label in axes.get_yticklabels()]
        assert sorted(names) == sorted(rows.index) and (
            names[0] == "North" if order == "time" else names == sorted(names)
        )
    answer.save(tmp_path / "offices.png")
    answer.to_excel(tmp_path / "offices.xlsx")
    assert answer._repr_html_() and answer.to_dict()


def test_no_office_is_named_a_culprit():
    for factors in ([1.0, 1.0, 1.0], [1.0, 1.0, 3.0]):
        log, *_ = made(6, factors)
        said = " ".join(consistency(log, "office").sentences())
        assert "Office" not in said.replace("Offices", "") and "not whom to blame" in said
        for word in ("worst", "best", "slowest", "culprit", "fault"):
            assert word not in said


def test_people_are_not_compared_and_few_are_taken_together():
    rows = [
        (str(k), step, f"2024-01-{day:02}") for k in range(12) for step, day in (("A", 1 + k), ("B", 3 + 2 * k % 9 + k))
    ]
    office = {str(k): "Big" if k < 6 else "Tiny" for k in range(12)}
    who = [f"p{int(case)}" if int(case) < 6 else f"q{int(case) % 2}" for case, _, _ in rows]
    log = build(rows, cutoff="2024-06-01", ends=["B"], attributes={"office": office}, event_attributes={"clerk": who},
                persons=("clerk",))  # fmt: skip
    rows = consistency(log, "office", within=14).frame
    assert list(rows["office"]) == ["(units of fewer than 5 people)", "Big"]
    named = replace(log, about=replace(log.about, persons=("office",)))
    with pytest.raises(LogError, match="names people"):
        consistency(named, "office")


def test_what_cannot_be_compared_is_said():
    log, *_ = made(7, [1.0, 1.0], n=200)
    with pytest.raises(LogError, match=r"No attribute 'court'"):
        consistency(log, "court")
    alone = log.where({"office": "Office 0"})
    with pytest.raises(LogError, match="nothing to compare"):
        consistency(alone, "office")
    with pytest.raises(LogError, match="shorter"):
        consistency(log, "office", within=5_000)
    blank = replace(
        log, attributes={"office": Text(np.where(np.arange(200) % 2, -1, 0).astype(np.int32), pa.array(["A"]))}
    )
    assert set(consistency(blank, "office").rows["office"]) == {"(missing)", "A"}


def test_a_small_office_is_shown_with_a_wide_range():
    log, office, *_ = made(8, [1.0, 1.0, 1.0], sizes=[0.49, 0.49, 0.02])
    answer = consistency(log, "office")
    rows = answer.frame
    assert 0 < rows["followed"][2] < 30 and np.isnat(rows["p50_low"].to_numpy()[2])
    wide = (rows["mean_high"] - rows["mean_low"]) / ONE_DAY
    assert wide[2] > 2 * wide[0]
    assert any("fewer than 30 cases" in line for line in answer.sentences())
    assert (office == 2).sum() == rows["n"][2]


def test_municipalities_side_by_side(shared, tmp_path):
    """Building permits of municipalities 2 and 3 in one log: the middles are those of each alone."""
    parts = []
    for k in (2, 3):
        events = procmine.read(shared / f"bpic15_filtered_T/T_BPIC15_{k}.xes.gz", ends=procmine.EVERY_CASE).events
        events["case"], events["municipality"] = f"{k}-" + events["case"], f"municipality {k}"
        parts.append(events[["case", "activity", "time", "municipality"]])
    pd.concat(parts).to_csv(tmp_path / "both.csv", index=False)
    columns = procmine.Columns(case="case", activity="activity", timestamp="time", attributes=("municipality",))
    log = procmine.read(tmp_path / "both.csv", columns=columns, ends=procmine.EVERY_CASE)
    rows = consistency(log, "municipality", within=180).frame.set_index("office")
    for k, part in zip((2, 3), parts):
        spans = part.groupby("case")["time"].agg(np.ptp)
        assert rows.loc[f"municipality {k}", "n"] == len(spans)
        assert abs(rows.loc[f"municipality {k}", "p50"] - spans.median()) <= pd.Timedelta(days=1)
